"""The interpreter's hooks for what nobody caught: chained, the first client's, given back if they are still ours."""

from __future__ import annotations

import _thread
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..client import TelemetryClient

    Via = Callable[[BaseException, str, str], bool]

CRASH = "fatal"  # the level of what ends a program: it goes before all that waits
PATIENCE = 0.2  # seconds for a crash to reach the disk while another thread is at the drain
_OWNERS: list[Uncaught] = []  # whose the hooks are: at most one


def hook(client: TelemetryClient) -> None:
    """Have a client hear of what nobody caught, until it is closed."""
    uncaught = Uncaught(client)
    uncaught.install()
    life = client._life  # noqa: SLF001
    life.uncaught = uncaught
    life.attached.append(uncaught.remove)


class Uncaught:
    """Takes what nobody caught to a client's queue. `via` is a bound SDK, which adds what its scopes know."""

    def __init__(self, client: TelemetryClient) -> None:
        self._client = client
        self._changed: list[tuple[Any, str, Any, Any]] = []
        self.via: Via | None = None

    def install(self) -> None:
        """Stand before the present hooks, unless another client does."""
        if _OWNERS:
            return
        _OWNERS.append(self)
        self._put(sys, "excepthook", self._of_main)
        self._put(sys, "unraisablehook", self._of_unraisable)
        # Who loads threading later finds there the hook that it starts with.
        threading = sys.modules.get("threading")
        self._put(threading or _thread, "excepthook" if threading else "_excepthook", self._of_thread)

    def remove(self) -> None:
        """Give the hooks back that are still ours; the others find us silent."""
        if self not in _OWNERS:
            return
        _OWNERS.remove(self)
        threading = sys.modules.get("threading")
        for place, name, before, ours in self._changed:
            places = [(place, name)]
            if place is _thread and threading is not None:
                places += [(threading, "excepthook"), (threading, "__excepthook__")]
            for where, attribute in places:
                if getattr(where, attribute, None) is ours:
                    setattr(where, attribute, before)
        self._changed.clear()

    def hook_loop(self) -> Callable[[], None] | None:
        """Stand before the handler of the running asyncio loop, if there is one; return what gives it back."""
        asyncio = sys.modules.get("asyncio")
        if asyncio is None or (_OWNERS and self not in _OWNERS):
            return None
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return None  # trio, or no loop at all
        before = loop.get_exception_handler()

        def handler(loop: Any, context: dict[str, Any]) -> None:
            self.take(context.get("exception"), "asyncio", "error")
            if before is None:
                loop.default_exception_handler(context)
            else:
                before(loop, context)

        def restore() -> None:
            if loop.get_exception_handler() is handler:
                loop.set_exception_handler(before)

        loop.set_exception_handler(handler)
        return restore

    def take(self, error: object, mechanism: str, level: str) -> None:
        """Record an exception unless it was captured before; never raises."""
        client = self._client
        put = client._put_error  # noqa: SLF001 - this module is the client's own
        if put is None or not isinstance(error, BaseException):
            return
        try:
            from .snapshot import captured, is_error

            if not is_error(error) or self._passed_on(error, mechanism, level):
                return
            snapshot = captured(error, level=level, handled=False, mechanism=mechanism, again=False)
            if snapshot is not None:
                put(snapshot, level == CRASH)
        except Exception as failure:
            client._boundary.failed(failure)  # noqa: SLF001

    def _passed_on(self, error: BaseException, mechanism: str, level: str) -> bool:
        """Let a bound SDK have it; it asks the exception for its text, which may raise anything."""
        try:
            return self.via is not None and self.via(error, mechanism, level)
        except BaseException as failure:
            self._client._boundary.failed(failure)  # noqa: SLF001
            return False

    def _put(self, place: Any, name: str, make: Callable[[Any], Any]) -> None:
        before = getattr(place, name)
        ours = make(before)
        setattr(place, name, ours)
        self._changed.append((place, name, before, ours))

    def _of_main(self, before: Callable[..., Any]) -> Callable[..., Any]:
        def excepthook(kind: type[BaseException], error: BaseException, trace: Any) -> Any:
            self.take(error, "excepthook", CRASH)
            self._spool()
            return before(kind, error, trace)

        return excepthook

    def _of_thread(self, before: Callable[..., Any]) -> Callable[..., Any]:
        def excepthook(args: Any) -> Any:
            self.take(args.exc_value, "threading", "error")
            return before(args)

        return excepthook

    def _of_unraisable(self, before: Callable[..., Any]) -> Callable[..., Any]:
        def unraisablehook(args: Any) -> Any:
            self.take(args.exc_value, "unraisablehook", "error")
            return before(args)

        return unraisablehook

    def _spool(self) -> None:
        """Have the crash on disk before anything else is done about it: the process may be killed next."""
        entrance = self._client._life.entrance  # noqa: SLF001
        if entrance is None or not entrance.queue.errors.records:
            return
        try:
            entrance.pipeline.drain_first(PATIENCE)
        except Exception as failure:
            self._client._boundary.failed(failure)  # noqa: SLF001
