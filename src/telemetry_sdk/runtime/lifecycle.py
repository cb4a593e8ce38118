"""A client's lifecycle after its start: fork, exit, closing, opting out."""

from __future__ import annotations

import atexit
import os
import sys
from _weakref import ref

from .._internal.clock import monotonic
from .._internal.search_path import SavedSearchPath
from .._internal.switch_interval import SWITCH_INTERVAL, ShortSwitchInterval
from ..options import seconds
from ..policy.current import ON, WITHDRAWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .runtime import Runtime


EXIT_SWITCH = 0.0005  # seconds: at the end the host's busy threads must not delay each of our steps by 5 ms
LEAST = 0.03  # seconds that a client has at exit to spool what waits, however many closed before it
_EXIT: dict[str, float] = {}  # when the exit began: all clients share its time
CLIENT_EXIT = "telemetry_sdk.runtime.client_exit"
_SEARCH_PATH: list[SavedSearchPath] = []  # of the first client: then the hand-over is registered


class Lifecycle:
    """Registers exit and fork for a client with a service on; closes it once."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._attached: list[tuple[Callable[[], object], str | None]] = []
        self._kept = True
        runtime.policy.listeners.append(self)
        self._off = not runtime.policy.any_on
        if self._off:
            atexit.register(self._at_exit)
        else:
            self._register()

    @property
    def closed(self) -> bool:
        """Whether the client was closed."""
        return self._runtime.queue.closed

    def attach(self, close: Callable[[], object], *, service: str | None = None) -> None:
        """Call an integration's `close` with the client's, or when `service` is turned off."""
        self._attached.append((close, service))

    def service_changed(self, service: str, state: str) -> None:
        """Stop or resume a service wherever records of it are; delete what waits where consent was withdrawn.

        What was recorded before a silence is still spooled, and sent by whoever may.
        """
        runtime = self._runtime
        if runtime.diagnostics.debug:
            from .commentary import log_change

            log_change(runtime, service, state)
        if state == ON:
            runtime.queue.accept(service)
            return
        runtime.queue.refuse(service)
        pipeline = runtime.pipeline.built
        if pipeline is not None:
            pipeline.sender.cancel(service)
        if state == WITHDRAWN:
            if pipeline is not None:
                pipeline.withdraw(service)
            from .purge import discard_services

            discard_services(runtime.options.base_dir, runtime.options.app, [service])
        self._detach(lambda of: of == service)

    def opt_out(self, services: Sequence[str], *, purge_ledger: bool) -> tuple[str, ...]:
        """Stop services here and in every process of the application, and delete what waits; return their names."""
        options = self._runtime.options
        chosen = self._runtime.policy.opt_out(services)
        if purge_ledger:
            from .purge import purge_ledgers

            purge_ledgers(options.base_dir, options.app)
        return chosen

    def close(self, timeout: float | None = None) -> bool:
        """Close within `timeout` seconds; True if nothing that was recorded is lost.

        In strict mode raises what failed on the SDK's own threads.
        """
        options = self._runtime.options
        time_left = seconds(timeout, options.exit_timeout, strict=options.strict)
        return self._close(monotonic() + time_left, patient=timeout is None)

    def _close(self, until: float, *, send: bool = True, patient: bool = True) -> bool:
        """Close until `until` (monotonic seconds). `send` False: no request is begun in this process.

        `patient`: on a busy machine what waits is spooled all the same.
        """
        runtime = self._runtime
        if not self.closed:
            self._detach(lambda _: True)
            hooks = runtime.hooks.built
            if hooks is not None:
                hooks.remove()
            runtime.queue.close()
            atexit.unregister(self._at_exit)
            if self._off:
                self._sweep()
            if not self.untouched:
                self._kept = self._close_pipeline(until, send=send, patient=patient)
        runtime.diagnostics.raise_caught()
        return self._kept

    @property
    def untouched(self) -> bool:
        """Whether nothing was recorded and nothing was built: there is nothing to wait for."""
        runtime = self._runtime
        return runtime.pipeline.built is None and runtime.queue.empty() and not runtime.queue.wakeup.started

    def after_fork(self) -> None:
        """In the child: new locks, an empty queue, a new run; the parent's files and threads are the parent's."""
        from ..storage.file_lock import release_all

        runtime = self._runtime
        pipeline = runtime.pipeline.built
        spool = pipeline.spool.built if pipeline is not None else None
        if spool is not None:
            spool.forget()
        release_all()
        for lazy in (runtime.pipeline, runtime.ledger, runtime.drafts, runtime.state):
            lazy.reset()
        runtime.queue.reset()

    def _close_pipeline(self, until: float, *, send: bool, patient: bool) -> bool:
        try:
            from .client_exit import PATIENCE, ClientExit
        except ImportError as error:  # the package was deleted meanwhile: spool without it
            self._runtime.diagnostics.failed(error)
            pipeline = self._runtime.pipeline.built
            return pipeline is not None and pipeline.close(max(0.0, until - monotonic()), send=False)

        spool_until = _EXIT.get("began", monotonic()) + PATIENCE if patient else until
        return ClientExit(self._runtime).close(until, send=send, spool_until=spool_until)

    def _sweep(self) -> None:
        """Delete what is too old once a day: where all is off, no sender does."""
        options, days = self._runtime.options, self._runtime.policy.policy.retention_days
        if options.base_dir and os.path.isdir(os.path.join(options.base_dir, options.app)):
            from .purge import sweep_application

            sweep_application(options.base_dir, options.app, days)

    def _detach(self, chosen: Callable[[str | None], bool]) -> None:
        """Close integrations, the last first: what they still hold is recorded."""
        closing = [pair for pair in reversed(self._attached) if chosen(pair[1])]
        self._attached = [pair for pair in self._attached if pair not in closing]
        for close, _ in closing:
            try:
                close()
            except Exception as error:
                self._runtime.diagnostics.failed(error)

    def _at_exit(self) -> None:
        """Close at the interpreter's end: all clients of a process share the time of the first."""
        timeout = self._runtime.options.exit_timeout
        began = _EXIT.setdefault("began", monotonic())
        with ShortSwitchInterval(EXIT_SWITCH), _SEARCH_PATH[0] if _SEARCH_PATH else SavedSearchPath():
            # After Ctrl-C nothing is loaded any more: it would change how the interpreter reports the interrupt.
            interrupted = _interrupted()
            hooks = self._runtime.hooks.built
            if hooks is not None and not interrupted:
                hooks.record_last()
            until = monotonic() + min(timeout, max(LEAST, began + timeout - monotonic()))
            try:
                self._close(until, send=not interrupted)
            except KeyboardInterrupt:  # the interpreter would show our traceback and go on: spool once more
                self._close_pipeline(monotonic() + timeout, send=False, patient=False)

    def _register(self) -> None:
        self._runtime.recorder.get()  # so that recording imports nothing
        if not _SEARCH_PATH:
            _SEARCH_PATH.append(SavedSearchPath())
            atexit.register(_hand_over)  # runs after the clients, which are registered later
        atexit.register(self._at_exit)
        if hasattr(os, "register_at_fork"):
            me = ref(self)  # a registration cannot be taken back: it must not keep a closed client alive
            os.register_at_fork(after_in_child=lambda: _after_fork(me()))


def _interrupted() -> bool:
    """Tell whether Ctrl-C ended the program."""
    return getattr(sys, "last_type", None) is KeyboardInterrupt


def _hand_over() -> None:
    """Hand over what the closed clients left; nothing is loaded where none left anything.

    Ctrl-C ends the hand-over: the interpreter would show our traceback and go on. What waits is on disk.
    """
    client_exit = sys.modules.get(CLIENT_EXIT)
    if client_exit is not None:
        try:
            with _SEARCH_PATH[0]:
                client_exit.hand_over_left(_EXIT.get("began"))
        except KeyboardInterrupt:
            return
    if _interrupted():
        from .._internal.interrupts import end_by_interrupt

        end_by_interrupt()


def _after_fork(lifecycle: Lifecycle | None) -> None:
    SWITCH_INTERVAL.after_fork()
    client_exit = sys.modules.get(CLIENT_EXIT)
    if client_exit is not None:
        client_exit.forget_left()
    if lifecycle is not None and not lifecycle.closed:
        lifecycle.after_fork()
