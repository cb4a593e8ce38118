"""The sender's event loop: resolves names in a daemon thread and has no pool that an exit could wait for.

asyncio's own resolver uses pool threads, which the interpreter joins at exit: a resolver that hangs then
holds the whole application (8.4 s measured).
"""

from __future__ import annotations

import _thread
import asyncio
import logging
import selectors
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn

from .clock import monotonic

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from concurrent.futures import Executor

LOOKUPS = 4  # look-ups under way at once; one that hangs keeps its place until it returns

_Address = tuple[Any, Any, int, str, Any]  # as getaddrinfo gives it; the host and port of the last part vary
_Key = tuple[str, int, int, int, int]


_LOGGERS = ("asyncio", "httpcore.connection", "httpcore.http11", "httpcore.proxy", "httpcore.socks")
_QUIET: set[int] = set()  # threads that run a loop of ours


class _QuietThreads(logging.Filter):
    """Keeps our own requests out of the host's logs, which would show our hosts and headers at DEBUG.

    The host's own requests log as before; no level or handler is changed.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        return record.thread not in _QUIET


_FILTER = _QuietThreads()  # one object: adding it again changes nothing


def new_loop() -> asyncio.AbstractEventLoop:
    """Make a loop for the calling thread to run; the host's policy and current loop are not touched."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_FILTER)
    _QUIET.add(_thread.get_ident())
    return SenderEventLoop()


def run(loop: asyncio.AbstractEventLoop, work: Coroutine[None, None, None]) -> None:
    """Run work to its end on a loop made by `new_loop`, and close the loop."""
    try:
        loop.run_until_complete(work)
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())  # of a response that was not read to its end
        loop.close()


class SenderEventLoop(asyncio.SelectorEventLoop):
    """A selector loop without a default executor."""

    def __init__(self) -> None:
        super().__init__(selectors.DefaultSelector())
        self.set_debug(False)  # the host's PYTHONASYNCIODEBUG is not about us, and would log our addresses
        self.set_exception_handler(_ignore)
        self._lookups: dict[_Key, list[asyncio.Future[list[_Address]]]] = {}

    def time(self) -> float:
        """Return the system's monotonic time, whatever replaces that of the module `time`."""
        return monotonic()

    def close(self) -> None:
        """Close the loop; what its thread does afterwards is logged."""
        super().close()
        _QUIET.discard(_thread.get_ident())

    async def getaddrinfo(
        self,
        host: bytes | str | None,
        port: bytes | str | int | None,
        *,
        family: int = 0,
        type: int = 0,  # noqa: A002 - the name is asyncio's
        proto: int = 0,
        flags: int = 0,
    ) -> list[_Address]:
        """Resolve a name; literals and `localhost` without any look-up. Raises socket.gaierror."""
        name = host.decode("ascii") if isinstance(host, bytes) else host or ""
        if not isinstance(port, int):
            raise socket.gaierror(socket.EAI_SERVICE, "a port is a number here")
        found = list(_known(name, family)) or await self._look_up((name, family, type, proto, flags))
        return [(*answer[:4], (answer[4][0], port, *answer[4][2:])) for answer in found]

    async def getnameinfo(self, sockaddr: Any, flags: int = 0) -> NoReturn:  # noqa: ARG002
        """Refuse: nothing here asks for the name of an address."""
        raise socket.gaierror(socket.EAI_FAIL, "no reverse look-up")

    def run_in_executor(  # type: ignore[override]  # typeshed's type variables add nothing here
        self,
        executor: Executor | None,
        func: Callable[..., Any],
        *args: Any,
    ) -> asyncio.Future[Any]:
        """Refuse the default executor, whose threads an exit would wait for."""
        if executor is None:
            raise RuntimeError("the sender's loop has no default executor")
        return super().run_in_executor(executor, func, *args)

    def set_default_executor(self, executor: Any) -> NoReturn:  # noqa: ARG002
        """Refuse, see above."""
        raise RuntimeError("the sender's loop has no default executor")

    async def _look_up(self, key: _Key) -> list[_Address]:
        """Await the look-up of this name, starting one if none is under way."""
        future: asyncio.Future[list[_Address]] = self.create_future()
        if key in self._lookups:
            self._lookups[key].append(future)
            return await future
        if len(self._lookups) >= LOOKUPS:
            raise socket.gaierror(socket.EAI_AGAIN, "too many look-ups hang")
        self._lookups[key] = [future]
        try:
            _thread.start_new_thread(_resolve, (self, key))
        except RuntimeError:  # no more threads, or the interpreter is ending
            del self._lookups[key]
            raise socket.gaierror(socket.EAI_AGAIN, "no thread for the look-up") from None
        return await future

    def resolved(self, key: _Key, found: list[_Address] | None) -> None:
        """Give the answer to all who wait for it, in the loop's thread; None: there is no such name."""
        for future in self._lookups.pop(key, ()):
            if future.done():  # cancelled meanwhile
                continue
            if found is None:
                future.set_exception(socket.gaierror(socket.EAI_NONAME, "no such name"))
            else:
                future.set_result(found)


def _resolve(loop: SenderEventLoop, key: _Key) -> None:
    """Ask the system's resolver, in a thread of its own; what goes wrong is an answer, never an output."""
    name, family, kind, proto, flags = key
    found: list[_Address] | None = None
    with suppress(Exception):  # every failure is the same answer: not resolved
        found = list(socket.getaddrinfo(name, 0, family, kind, proto, flags))
    with suppress(RuntimeError):  # the loop is closed: nobody waits any more
        loop.call_soon_threadsafe(loop.resolved, key, found)


def _known(name: str, family: int) -> Iterator[_Address]:
    """Yield the addresses that need no look-up: a literal's, and loopback for exactly `localhost`."""
    for kind, local in ((socket.AF_INET6, "::1"), (socket.AF_INET, "127.0.0.1")):
        literal = local if name == "localhost" else name
        if family in {socket.AF_UNSPEC, kind} and _is_literal(kind, literal):
            rest = (0, 0) if kind == socket.AF_INET6 else ()
            yield kind, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (literal, 0, *rest)


def _is_literal(family: int, text: str) -> bool:
    try:
        socket.inet_pton(family, text)
    except (OSError, ValueError):
        return False
    return True


def _ignore(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Asyncio's handler would log to the host: a task's failure is counted where it is awaited."""
