"""Chains exception hooks for the first client; restores those not replaced since."""

from __future__ import annotations

import _thread
import sys

from .control_flow import error_behind
from .snapshot import captured

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    from ..sanitizer.inputs import Snapshot

    BoundCapture = Callable[[BaseException, str, str], bool]

    class ErrorRecorder(Protocol):
        """A client, as the hooks use it."""

        @property
        def put(self) -> Callable[[Snapshot, bool], None] | None:
            """Return what appends an error to the queue, a crash first; None while errors are off."""
            ...

        def spool_first(self, timeout: float) -> None:
            """Write the error that waits first to the disk, on this thread, within `timeout` seconds."""
            ...

        def failed(self, error: BaseException) -> None:
            """Count a failure of the SDK."""
            ...


CRASH = "fatal"  # the level of an error that ends the program: it is spooled before all others
SPOOL_TIMEOUT = 0.2  # seconds for a crash to reach the disk while another thread drains
_OWNERS: list[ExceptionHooks] = []  # whose the hooks are: at most one


def hook(client: Any) -> None:
    """Record uncaught exceptions with a client until it is closed."""
    hooks = ExceptionHooks(_ClientErrors(client))
    hooks.install()
    life = client._life  # noqa: SLF001
    life.uncaught = hooks
    life.attached.append(hooks.remove)


class ExceptionHooks:
    """Records uncaught exceptions. `bound`: a bound SDK's capture, which adds what its scopes hold."""

    def __init__(self, recorder: ErrorRecorder) -> None:
        self._recorder = recorder
        self._changed: list[tuple[Any, str, Any, Any]] = []
        self.bound: BoundCapture | None = None

    def install(self) -> None:
        """Put our hooks before the present ones, unless another client has done so."""
        if _OWNERS:
            return
        _OWNERS.append(self)
        self._put(sys, "excepthook", self._excepthook)
        self._put(sys, "unraisablehook", self._hook_of_args("unraisablehook"))
        # A later import of threading starts with the hook that it finds in _thread.
        threading = sys.modules.get("threading")
        name = "excepthook" if threading else "_excepthook"
        self._put(threading or _thread, name, self._hook_of_args("threading"))

    def remove(self) -> None:
        """Restore the hooks that are still ours; the others stay and record nothing."""
        if self not in _OWNERS:
            return
        _OWNERS.remove(self)
        threading = sys.modules.get("threading")
        for module, name, before, ours in self._changed:
            changed = [(module, name)]
            if module is _thread and threading is not None:
                changed += [(threading, "excepthook"), (threading, "__excepthook__")]
            for owner, attribute in changed:
                if getattr(owner, attribute, None) is ours:
                    setattr(owner, attribute, before)
        self._changed.clear()

    def hook_loop(self) -> Callable[[], None] | None:
        """Chain the running asyncio loop's exception handler; return what restores it, None without such a loop."""
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
        """Record an exception, or the error behind it, unless it was captured before; never raises."""
        put = self._recorder.put
        if put is None or not issubclass(type(error), BaseException):
            return
        try:
            given: Any = error
            found = error_behind(given)
            if found is None or self._taken_by_bound(found, mechanism, level):
                return
            snapshot = captured(found, level=level, handled=False, mechanism=mechanism, again=False)
            if snapshot is not None:
                put(snapshot, level == CRASH)
        except Exception as failure:
            self._recorder.failed(failure)

    def _taken_by_bound(self, error: BaseException, mechanism: str, level: str) -> bool:
        """Give an error to the bound SDK, which asks the exception for its text: that may raise anything."""
        try:
            return self.bound is not None and self.bound(error, mechanism, level)
        except BaseException as failure:
            self._recorder.failed(failure)
            return False

    def _put(self, module: Any, name: str, make: Callable[[Any], Any]) -> None:
        before = getattr(module, name)
        ours = make(before)
        setattr(module, name, ours)
        self._changed.append((module, name, before, ours))

    def _excepthook(self, before: Callable[..., Any]) -> Callable[..., Any]:
        def excepthook(kind: type[BaseException], error: BaseException, trace: Any) -> Any:
            self.take(error, "excepthook", CRASH)
            self._spool_crash()
            return before(kind, error, trace)

        return excepthook

    def _hook_of_args(self, mechanism: str) -> Callable[[Any], Any]:
        def make(before: Callable[..., Any]) -> Callable[..., Any]:
            def hook(args: Any) -> Any:
                self.take(args.exc_value, mechanism, "error")
                return before(args)

            return hook

        return make

    def _spool_crash(self) -> None:
        """Write the crash to the disk before the other hooks run: the process may be killed next."""
        try:
            self._recorder.spool_first(SPOOL_TIMEOUT)
        except Exception as failure:
            self._recorder.failed(failure)


class _ClientErrors:
    """The errors of a client."""

    def __init__(self, client: Any) -> None:
        self._client = client

    @property
    def put(self) -> Callable[[Snapshot, bool], None] | None:
        put: Callable[[Snapshot, bool], None] | None = self._client._put_error  # noqa: SLF001
        return put

    def spool_first(self, timeout: float) -> None:
        entrance = self._client._life.entrance  # noqa: SLF001
        if entrance is not None and entrance.queue.errors.records:
            entrance.pipeline.drain_first(timeout)

    def failed(self, error: BaseException) -> None:
        self._client._boundary.failed(error)  # noqa: SLF001
