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
    "gaierror": "dns",
    "OSError": "connect",
    "InvalidURL": "refused",
    "_Refused": "refused",
}


def failure_word(error: Exception) -> str:
    """Name what went wrong: a cause deep in the chain (a name, a certificate) says more than its outside."""
    words = [word for word in map(_own_word, _causes(error)) if word]
    for telling in ("dns", "tls"):
        if telling in words:
            return telling
    return words[0] if words else "failed"


def _own_word(error: BaseException) -> str:
    return next((_WORDS[base.__name__] for base in type(error).__mro__ if base.__name__ in _WORDS), "")


def _causes(error: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = error
    for _ in range(16):  # a chain of causes can be a ring
        if link is None:
            return
        yield link
        link = link.__cause__ or link.__context__
