"""Names what went wrong with a request: one word, never a text that could hold a host or a path."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# The exceptions of httpx and httpcore bear the same names.
_WORDS = {
    "TimeoutException": "timeout",
    "TimeoutError": "timeout",
    "ConnectError": "connect",
    "ProxyError": "proxy",
    "ProtocolError": "protocol",
    "ResponseLimitError": "protocol",
    "NetworkError": "closed",
    "SSLError": "tls",
    "SSLCertVerificationError": "certificate",
    "gaierror": "dns",
    "ConnectionRefusedError": "connection_refused",
    "OSError": "connect",
    "InvalidURL": "refused",
    "_Refused": "refused",
}


# Where OpenSSL's verification ends in a certificate that is not trusted here (X509_V_ERR_...).
_UNKNOWN_ISSUER = frozenset((18, 19, 20, 21))
_TELLING = ("dns", "issuer", "certificate", "tls", "proxy_login", "connection_refused")


def failure_word(error: Exception) -> str:
    """Name what went wrong: a cause deep in the chain (a name, a certificate) says more than its outside."""
    words = [word for word in map(_own_word, _causes(error)) if word]
    for telling in _TELLING:
        if telling in words:
            return telling
    return words[0] if words else "failed"


def _own_word(error: BaseException) -> str:
    word = next((_WORDS[base.__name__] for base in type(error).__mro__ if base.__name__ in _WORDS), "")
    if word == "certificate" and getattr(error, "verify_code", 0) in _UNKNOWN_ISSUER:
        return "issuer"
    return "proxy_login" if word == "proxy" and str(error).startswith("407") else word


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the chain of causes; of a group (one error for each address) all members."""
    links: list[BaseException] = [error]
    for _ in range(16):  # a chain of causes can be a ring
        if not links:
            return
        link = links.pop(0)
        yield link
        links += link.exceptions if isinstance(link, BaseExceptionGroup) else ()
        if (cause := link.__cause__ or link.__context__) is not None:
            links.append(cause)
