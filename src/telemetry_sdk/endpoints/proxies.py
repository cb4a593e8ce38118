"""Proxies: values of the process environment, never of a settings file.

As is customary the lower-case name goes first; `HTTPS_PROXY`, else `ALL_PROXY`, serves https URLs, and plain
http reaches this machine only, which no proxy ever serves. `HTTP_PROXY` is checked all the same: whoever has
set one that cannot be used expects no direct connection. With `REQUEST_METHOD` set (CGI) it is a request's
header in disguise, and ignored.
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
    """The environment's proxies and certificates; `problem` names a variable that cannot be used."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.problem: RefusedError | None = None
        self.ca_file = environ.get("SSL_CERT_FILE") or None
        self._proxy: Proxy | None = None
        self._bypassed = _words(environ)
        for name in ("ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY"):
            variable, value = _look_up(environ, name)
            if value and not (name == "HTTP_PROXY" and environ.get("REQUEST_METHOD")):
                self._take(variable, value, used=name != "HTTP_PROXY")

    def choose(self, url: URL) -> Proxy | None:
        """Return the proxy for a URL, None for a direct connection; raises `RefusedError`."""
        if url.loopback or any(_matches(word, url) for word in self._bypassed):
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
    """Return a proxy; raises `BadURLError`. A value without a scheme is http, as with every other tool."""
    text = value if not isinstance(value, str) or "://" in value else f"http://{value}"
    url = parse_url(text, SCHEMES)
    if url.path not in {"", "/"}:
        raise BadURLError("holds a path")
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
        raise BadURLError("holds credentials with a broken code") from None
    if not decoded.isprintable():
        raise BadURLError("holds credentials with a control character")
    return decoded


def _look_up(environ: Mapping[str, object], name: str) -> tuple[str, object]:
    """Return the variable that speaks, the lower-case one first, and its value; blanks are no value."""
    for variable in (name.lower(), name):
        value = environ.get(variable)
        value = value.strip() if isinstance(value, str) else value
        if value:
            return variable, value
    return name, ""


def _words(environ: Mapping[str, object]) -> list[str]:
    """Return NO_PROXY's words, lower-case."""
    _, value = _look_up(environ, "NO_PROXY")
    return value.lower().replace(",", " ").split() if isinstance(value, str) else []


def _matches(word: str, url: URL) -> bool:
    """Whether a word of NO_PROXY covers a URL: `*`, a name and all below it, an address, a block, a port."""
    if word == "*":
        return True
    if "/" in word:
        return _in_block(url.host, word)
    if word.strip("[]") == url.host:
        return True
    name, colon, port = word.rpartition(":")
    if colon:
        if port != str(url.port):
            return False
        word = name
    word = word.strip("[]").removeprefix("*").removeprefix(".")
    return bool(word) and (url.host == word or url.host.endswith(f".{word}"))


def _in_block(host: str, block: str) -> bool:
    if ":" not in host and not host.rpartition(".")[2].isdigit():
        return False  # a name; whether its address is in the block is the resolver's secret
    import ipaddress

    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(block, strict=False)
    except ValueError:
        return False
