"""Proxies of the process environment, never of a settings file.

The lower-case name takes precedence. `HTTPS_PROXY`, else `ALL_PROXY`, applies to https URLs; plain http goes to
loopback only, never through a proxy. `HTTP_PROXY` is checked too: whoever sets an unusable one expects no direct
connection. With `REQUEST_METHOD` set (CGI) it is ignored, since it may come from a request's header.
"""

from __future__ import annotations

from .urls import BadURLError, parse_url
from .values import Proxy, RefusedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from .urls import URL

SCHEMES = ("http", "https", "socks5", "socks5h")


class Proxies:
    """The environment's proxies and certificates; `problem`: a variable that cannot be used."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.problem: RefusedError | None = None
        self.ca_file = environ.get("SSL_CERT_FILE") or None
        self._proxy: Proxy | None = None
        self._no_proxy_entries = _no_proxy(environ)
        for name in ("ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY"):
            variable, value = _look_up(environ, name)
            if value and not (name == "HTTP_PROXY" and environ.get("REQUEST_METHOD")):
                self._take(variable, value, used=name != "HTTP_PROXY")

    def choose(self, url: URL) -> Proxy | None:
        """Return the proxy for a URL, None for a direct connection; raises `RefusedError`."""
        if url.loopback or any(_matches(entry, url) for entry in self._no_proxy_entries):
            return None
        if self.problem:
            raise self.problem
        return self._proxy

    def _take(self, variable: str, value: object, *, used: bool) -> None:
        try:
            proxy = parse_proxy(value)
        except BadURLError as error:
            self.problem = RefusedError(variable, str(error))
        else:
            self._proxy = proxy if used else self._proxy


def parse_proxy(value: object) -> Proxy:
    """Return a proxy; raises `BadURLError`. A value without a scheme is http, as in other tools."""
    text = value if not isinstance(value, str) or "://" in value else f"http://{value}"
    url = parse_url(text, SCHEMES)
    if url.path not in {"", "/"}:
        raise BadURLError("has a path")
    host = f"[{url.host}]" if ":" in url.host else url.host
    return Proxy(url=f"{url.scheme}://{host}:{url.port}", credentials=_credentials(url.userinfo))


def _credentials(userinfo: str | None) -> tuple[str, str] | None:
    if userinfo is None:
        return None
    user, _, password = userinfo.partition(":")
    return _decoded(user), _decoded(password)


def _decoded(text: str) -> str:
    """Decode percent codes (UTF-8)."""
    first, *codes = text.split("%")
    data = first.encode()
    try:
        for code in codes:
            data += bytes((int(code[:2].ljust(2, "-"), 16),)) + code[2:].encode()
        decoded = data.decode()
    except ValueError:
        raise BadURLError("has credentials with a broken percent code") from None
    if not decoded.isprintable():
        raise BadURLError("has credentials with a control character")
    return decoded


def _look_up(environ: Mapping[str, object], name: str) -> tuple[str, object]:
    """Return the variable that is set, lower-case first, and its value; a blank value is unset."""
    for variable in (name.lower(), name):
        value = environ.get(variable)
        value = value.strip() if isinstance(value, str) else value
        if value:
            return variable, value
    return name, ""


def _no_proxy(environ: Mapping[str, object]) -> list[str]:
    """Return the entries of NO_PROXY, lower-case."""
    _, value = _look_up(environ, "NO_PROXY")
    return value.lower().replace(",", " ").split() if isinstance(value, str) else []


def _matches(entry: str, url: URL) -> bool:
    """Whether an entry of NO_PROXY covers a URL: `*`, a domain and its subdomains, an address, a CIDR block, a port."""
    if entry == "*":
        return True
    if "/" in entry:
        return _in_block(url.host, entry)
    if entry.strip("[]") == url.host:
        return True
    name, colon, port = entry.rpartition(":")
    if colon:
        if port != str(url.port):
            return False
        entry = name
    entry = entry.strip("[]").removeprefix("*").removeprefix(".")
    return bool(entry) and (url.host == entry or url.host.endswith(f".{entry}"))


def _in_block(host: str, block: str) -> bool:
    if ":" not in host and not host.rpartition(".")[2].isdigit():
        return False  # a name: its address is unknown here
    import ipaddress

    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(block, strict=False)
    except ValueError:
        return False
