"""Proxies: which one applies to a destination, and what is wrong with those that cannot be used.

`HTTPS_PROXY`, else `ALL_PROXY`, applies to https URLs; plain http goes to loopback only, never through a proxy, so that
`HTTP_PROXY` never applies. An unusable proxy that applies means that nothing is sent, never a direct connection.
"""

from __future__ import annotations

from telemetry_sdk._internal.frozen import Frozen

from .urls import BadURLError, RefusedError, parse_url

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from .certificates import ClientCertificate
    from .network_variables import NetworkVariable

SCHEMES = ("http", "https", "socks5", "socks5h")


class Proxy(Frozen):
    """A proxy.

    `url` is `scheme://host:port`, IPv6 in brackets, and never holds credentials; the scheme is one of http,
    https, socks5, socks5h. `credentials` are user name and password, percent-decoded: what
    `httpx.Proxy(url, auth=credentials)` takes. `client_certificate` is for an https proxy only.
    """

    url: str
    credentials: tuple[str, str] | None = None
    client_certificate: ClientCertificate | None = None

    def __repr__(self) -> str:
        hidden = ", credentials=<hidden>" if self.credentials else ""
        return f"telemetry_sdk.Proxy(url={self.url!r}{hidden})"


class Proxies:
    """The proxies of all layers, by upper-case variable."""

    def __init__(self, variables: Mapping[str, NetworkVariable], *, cgi: bool) -> None:
        self._applying = variables.get("HTTPS_PROXY")
        if self._applying is None or not self._applying.value:
            self._applying = variables.get("ALL_PROXY")
        self._proxy: Proxy | None = None
        self._problems: dict[str, RefusedError] = {}
        self._refused = False
        for name in ("HTTPS_PROXY", "ALL_PROXY", "HTTP_PROXY"):
            variable = variables.get(name)
            # CGI: HTTP_PROXY of the environment may come from a request's header
            if variable is not None and variable.value and not (cgi and name == "HTTP_PROXY"):
                self._take(variable)
        bypass = variables.get("NO_PROXY")
        self._no_proxy = _entries(bypass.value) if bypass else []

    @property
    def problem(self) -> RefusedError | None:
        """What is wrong with the proxy that applies to every destination outside of `NO_PROXY`."""
        return self._problems.get(self._applying.name) if self._applying else None

    def choose(self, host: str, port: int) -> Proxy | None:
        """Return the proxy for a destination, None for a direct connection. Raises `RefusedError`."""
        if any(_matches(entry, host, port) for entry in self._no_proxy):
            return None
        if self.problem:
            self._refused = True
            raise self.problem
        return self._proxy

    def warnings(self) -> list[str]:
        """Return a line for each unusable proxy that kept nothing from being sent."""
        applying = self._applying.name if self._applying and self._refused else ""
        return [
            f"{name} ({error.layer}) cannot be used, it {error}; it applies to no destination"
            for name, error in self._problems.items()
            if name != applying
        ]

    def _take(self, variable: NetworkVariable) -> None:
        try:
            proxy = parse_proxy(variable.value)
        except BadURLError as error:
            refused = RefusedError(variable.name, str(error), layer=variable.layer, source=variable.source)
            self._problems[variable.name] = refused
        else:
            self._proxy = proxy if variable is self._applying else self._proxy


def parse_proxy(value: object) -> Proxy:
    """Return a proxy. Raises `BadURLError`. A value without a scheme is http, as in other tools."""
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


def _entries(value: object) -> list[str]:
    """Return the entries of NO_PROXY, lower-case."""
    return value.lower().replace(",", " ").split() if isinstance(value, str) else []


def _matches(entry: str, host: str, port: int) -> bool:
    """Whether an entry of NO_PROXY covers a destination: `*`, a domain, its subdomains, an address, a block, a port."""
    host = host.removesuffix(".")
    if entry == "*":
        return True
    if "/" in entry:
        return _in_block(host, entry)
    if entry.strip("[]") == host:
        return True
    name, colon, number = entry.rpartition(":")
    if colon:
        if number != str(port):
            return False
        entry = name
    entry = entry.strip("[]").removeprefix("*").removeprefix(".").removesuffix(".")
    return bool(entry) and (host == entry or host.endswith(f".{entry}"))


def _in_block(host: str, block: str) -> bool:
    if ":" not in host and not host.rpartition(".")[2].isdigit():
        return False  # a name: its address is unknown here
    import ipaddress

    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(block, strict=False)
    except ValueError:
        return False
