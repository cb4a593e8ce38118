"""Chains exception hooks for the first client; restores those not replaced since."""

from __future__ import annotations

import _thread
import sys

from .control_flow import error_behind
from .recorder import FATAL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .recorder import Recorder


SPOOL_TIMEOUT = 0.2  # seconds for a crash to reach the disk while another thread drains
_OWNERS: list[ExceptionHooks] = []  # whose hooks are installed: at most one


class ExceptionHooks:
    """Records uncaught exceptions."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._installed: list[tuple[Any, str, Any, Any]] = []
        self._loops: list[tuple[Any, Any, Any]] = []
        self._bound: Callable[[BaseException, str, str], bool] | None = None
        self._last_before: object = None

    def install(self) -> None:
        """Chain the present hooks, unless another client's are installed."""
        if _OWNERS:
            return
        _OWNERS.append(self)
        self._last_before = _last_exception()
        self._put(sys, "excepthook", self._main_hook)
        self._put(sys, "unraisablehook", self._hook_of_args("unraisablehook"))
        # A module that loads threading later finds there the hook that threading starts with.
        threading = sys.modules.get("threading")
        name = "excepthook" if threading else "_excepthook"
        self._put(threading or _thread, name, self._hook_of_args("threading"))

    def capture_by(self, bound: Callable[[BaseException, str, str], bool]) -> None:
        """Let a bound SDK take uncaught exceptions first, with what its scopes know.

        `bound` takes the exception, the mechanism and the level; it returns False if the SDK is not active any more.
        """
        self._bound = bound

    def remove(self) -> None:
        """Restore the hooks not replaced since; the others find this client off."""
        for loop, handler, before in self._loops:
            if loop.get_exception_handler() is handler:
                loop.set_exception_handler(before)
        self._loops.clear()
        if self not in _OWNERS:
            return
        _OWNERS.remove(self)
        threading = sys.modules.get("threading")
        for owner, name, before, ours in self._installed:
            places = [(owner, name)]
            if owner is _thread and threading is not None:
                places += [(threading, "excepthook"), (threading, "__excepthook__")]
            for where, attribute in places:
                if getattr(where, attribute, None) is ours:
                    setattr(where, attribute, before)
        self._installed.clear()

    def hook_loop(self) -> None:
        """Chain the exception handler of the running asyncio loop, if there is one."""
        asyncio = sys.modules.get("asyncio")
        if asyncio is None or (_OWNERS and self not in _OWNERS):
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return  # trio, or no loop at all
        before = loop.get_exception_handler()

        def handler(loop: Any, context: dict[str, Any]) -> None:
            self.record(context.get("exception"), "asyncio", "error")
            if before is None:
                loop.default_exception_handler(context)
            else:
                before(loop, context)

        loop.set_exception_handler(handler)
        self._loops.append((loop, handler, before))

    def record(self, error: object, mechanism: str, level: str) -> None:
        """Record an exception, or the error behind it, unless it was recorded before; never raises."""
        if not issubclass(type(error), BaseException) or not self._recorder.queue.takes_errors:
            return
        given: Any = error
        found = error_behind(given)
        if found is not None and not self._captured(found, mechanism, level):
            self._recorder.exception(found, level=level, handled=False, mechanism=mechanism, again=False)

    def record_last(self) -> None:
        """Record what ended the program, where a hook that was installed after ours did not pass it on."""
        last = _last_exception()
        if self in _OWNERS and last is not self._last_before:
            self.record(last, "excepthook", FATAL)

    def _captured(self, error: BaseException, mechanism: str, level: str) -> bool:
        """Let a bound SDK take it; it asks the exception for its text, which may raise anything."""
        try:
            return self._bound is not None and self._bound(error, mechanism, level)
        except BaseException as failure:
            self._recorder.diagnostics.failed(failure)
            return False

    def _put(self, owner: Any, name: str, make: Callable[[Any], Any]) -> None:
        before = getattr(owner, name)
        ours = make(before)
        setattr(owner, name, ours)
        self._installed.append((owner, name, before, ours))

    def _main_hook(self, before: Callable[..., Any]) -> Callable[..., Any]:
        def excepthook(kind: type[BaseException], error: BaseException, trace: Any) -> Any:
            self.record(error, "excepthook", FATAL)
            self._recorder.spool_crash(SPOOL_TIMEOUT)
            return before(kind, error, trace)

        return excepthook

    def _hook_of_args(self, mechanism: str) -> Callable[[Any], Any]:
        def make(before: Callable[..., Any]) -> Callable[..., Any]:
            def hook(args: Any) -> Any:
                self.record(args.exc_value, mechanism, "error")
                return before(args)

            return hook

        return make


def _last_exception() -> object:
    """Return the exception that the interpreter last printed, or gave to `sys.excepthook`."""
    return getattr(sys, "last_exc", None) or getattr(sys, "last_value", None)
