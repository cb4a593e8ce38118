"""A strict URL parser (importing `urllib.parse` takes longer than the whole start).

https only; plain http to a literal of 127.0.0.0/8, `[::1]` or exactly `localhost`. Unusual URLs are refused,
because parsers disagree about them.
"""

from __future__ import annotations

from telemetry_sdk._internal.frozen import Frozen
from telemetry_sdk._internal.loopback import BYTES, is_loopback

URL_LIMIT = 2_048
PORTS = {"https": 443, "http": 80, "socks5": 1080, "socks5h": 1080}

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_DIGITS = "0123456789"
_HEX = frozenset("0123456789abcdefABCDEF")
_LABEL = frozenset(_LETTERS + _DIGITS + "-_")
_PATH = frozenset(_LETTERS + _LETTERS.upper() + _DIGITS + "-._~!$&'()*+,;=:@/%")


class BadURLError(ValueError):
    """A URL that is refused. The message gives the reason and no part of the URL."""


class RefusedError(ValueError):
    """A value that cannot be used. Holds its variable and the reason, never the value."""

    def __init__(self, variable: str, why: str, *, layer: str = "", source: str = "") -> None:
        super().__init__(why)
        self.variable = variable
        self.layer = layer
        self.source = source


class URL(Frozen):
    """A validated URL. `host` is lower-case, without brackets; `path` is "" or starts with "/"."""

    scheme: str
    host: str
    port: int
    path: str
    userinfo: str | None = None

    @property
    def loopback(self) -> bool:
        """Whether the host is certainly this machine."""
        return is_loopback(self.host)

    @property
    def origin(self) -> str:
        """`scheme://host[:port]`, brackets around IPv6, the port only if it is not the scheme's default."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"


def parse_endpoint(text: object, *, userinfo: bool = False) -> URL:
    """Return an endpoint's URL; raises `BadURLError`. Only a DSN has a user part."""
    url = parse_url(text, ("https", "http"))
    if (url.userinfo is not None) != userinfo:
        raise BadURLError("has no key" if userinfo else "has a user name; credentials do not belong into it")
    if url.scheme == "http" and not url.loopback:
        raise BadURLError("is not https (plain http is allowed to loopback only)")
    return url


def parse_url(text: object, schemes: tuple[str, ...]) -> URL:
    """Return the parts of `scheme://[userinfo@]host[:port][/path]`; raises `BadURLError`."""
    if not isinstance(text, str) or not text:
        raise BadURLError("is not a string" if text != "" else "is empty")
    if len(text) > URL_LIMIT:
        raise BadURLError(f"is longer than {URL_LIMIT} characters")
    if not text.isascii() or not text.isprintable() or " " in text:
        raise BadURLError("has a space, a control character or a character that is not ASCII")
    scheme, colon, rest = text.partition("://")
    scheme = scheme.lower()
    if not colon or scheme not in schemes:
        raise BadURLError(f"does not start with {' or '.join(f'{s}://' for s in schemes)}")
    if "?" in rest or "#" in rest:
        raise BadURLError("has a query or a fragment")
    authority, slash, path = rest.partition("/")
    userinfo, at, location = authority.rpartition("@")
    host, port = _host_and_port(location, PORTS[scheme])
    _check_path(path)
    return URL(scheme=scheme, host=host, port=port, path=slash + path, userinfo=userinfo if at else None)


def _host_and_port(location: str, default: int) -> tuple[str, int]:
    if location.startswith("["):
        inner, closed, after = location[1:].partition("]")
        if not closed or (after and not after.startswith(":")):
            raise BadURLError("has an invalid IPv6 address")
        host, colon, port = _ipv6(inner), after[:1], after[1:]
    else:
        name, colon, port = location.partition(":")
        host = _name(name.lower())
    if not colon:
        return host, default
    if not port.isdigit() or port.startswith("0") or len(port) > 5 or int(port) > 0xFFFF:  # noqa: PLR2004 - five digits
        raise BadURLError("has an invalid port")
    return host, int(port)


def _ipv6(text: str) -> str:
    """Return an IPv6 address in its canonical form."""
    if not text or not _HEX.issuperset(text.replace(":", "").replace(".", "")):
        raise BadURLError("has an invalid IPv6 address")
    from _socket import AF_INET6, inet_ntop, inet_pton

    try:
        return inet_ntop(AF_INET6, inet_pton(AF_INET6, text))
    except (OSError, ValueError):
        raise BadURLError("has an invalid IPv6 address") from None


def _name(host: str) -> str:
    """Validate a host name or a dotted quad; numbers in any other form are refused.

    As RFC 1123, and with underscores and a trailing dot, which resolvers accept.
    """
    labels = host.removesuffix(".").split(".")
    if not host or len(host) > 253:  # noqa: PLR2004 - the DNS limit
        raise BadURLError("has no host, or a host that is too long")
    for label in labels:
        if not 0 < len(label) < 64 or not _LABEL.issuperset(label) or label[0] == "-" or label[-1] == "-":  # noqa: PLR2004 - the DNS limit
            raise BadURLError("has a host that is not a plain DNS name")
    last = labels[-1]
    if (last.isdigit() or last.startswith("0x")) and not (_is_quad(labels) and host[-1] != "."):
        raise BadURLError("has an IP address in an unusual form")
    return host


def _is_quad(labels: list[str]) -> bool:
    return len(labels) == 4 and BYTES.issuperset(labels)  # noqa: PLR2004 - IPv4


def _check_path(path: str) -> None:
    if not _PATH.issuperset(path):
        raise BadURLError("has a path with a character that must be encoded")
    for code in path.split("%")[1:]:
        digits = code[:2].lower()
        if len(digits) != 2 or not _HEX.issuperset(digits) or digits[0] in "01" or digits == "7f":  # noqa: PLR2004
            raise BadURLError("has a path with an invalid percent code, or that of a control character")
    segments = path.lower().replace("%2e", ".").split("/")
    if "." in segments or ".." in segments:
        raise BadURLError('has a path with "." or ".." segments')
