"""A client's life: what it was set up with, its way out once there is one, fork and exit."""

from __future__ import annotations

import atexit
import os
import sys
from _weakref import ref
from time import monotonic

from .._internal.frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from typing import Any

    from .._internal.diagnostics import Boundary
    from .._internal.future import Completion
    from ..capture.hooks import ExceptionHooks
    from ..endpoints import Endpoints
    from ..options import Options
    from ..policy import Policy, Profile
    from .recorder import Entrance

BEFOREHAND = (
    "telemetry_sdk.capture.measure",
    "telemetry_sdk.capture.snapshot",
)  # whoever records imports nothing of ours


EXIT_SWITCH = 0.0005  # seconds: at the end the host's busy threads must not hold each of our steps up for 5 ms
LEAST = 0.03  # seconds that a client has at exit to spool what waits, however many closed before it
_EXIT: dict[str, float] = {}  # the registry of the exit's deadline


class Setup(Frozen):
    """What a start resolved. `settings_off` looks at the settings files again; `transport` is for tests."""

    options: Options
    policy: Policy
    endpoints: Endpoints
    profile: Profile
    settings_off: Callable[[], Collection[str]]
    transport: Callable[[], Any] | None = None


class Lifetime:
    """Opens the way out when something may leave, renews it after a fork, closes it at exit.

    `changed` is called whenever the queue is another one, or a service has gone off.
    """

    def __init__(self, setup: Setup, boundary: Boundary, changed: Callable[[], None]) -> None:
        self.setup = setup
        self.boundary = boundary
        self.entrance: Entrance | None = None
        self.closed = False
        self.attached: list[Callable[[], object]] = []  # what ends with the client: bindings, hooks
        self.uncaught: ExceptionHooks | None = None
        self.errors_off: Callable[[], object] | None = None  # ends what collects errors beside the client
        self._changed = changed

    def open(self) -> Entrance:
        """Return the way out, built at the first call; still no thread and no file."""
        if self.entrance is None:
            for module in BEFOREHAND:
                __import__(module)
            from .recorder import Entrance

            setup = self.setup
            self.entrance = Entrance(
                setup.options,
                setup.endpoints,
                self.boundary,
                services=[row.name for row in setup.policy.rows if row.enabled],
                settings_off=setup.settings_off,
                provider=setup.policy.provider,
                retention_days=setup.policy.retention_days,
                transport=setup.transport,
                changed=self._changed,
                sweep=_sweep,
            )
            self._register()
        return self.entrance

    def hook_loop(self) -> None:
        """Hear of what nobody caught on the running asyncio loop, until the client is closed."""
        restore = self.uncaught.hook_loop() if self.uncaught is not None and not self.closed else None
        if restore is not None:
            self.attached.append(restore)

    def left_by(self, error: BaseException | None) -> None:
        """Record an error that leaves the client's own block: when a hook hears of it, the client is closed."""
        if self.uncaught is not None and not self.closed:
            self.uncaught.take(error, "generic", "error")

    def flushing(self, timeout: float, to: str) -> Completion[bool]:
        """Begin a flush; at once complete where there is nothing to flush."""
        from .._internal.future import Completion

        completion: Completion[bool] = Completion()
        if self.entrance is None or self.closed:
            completion.set(True)
        else:
            self.entrance.flush(to, timeout, completion)
        return completion

    def withdraw(self, services: Sequence[str], *, purge_ledger: bool) -> None:
        """Stop services here and in every process of the application, and delete what waits of them."""
        policy = self.setup.policy
        if self.entrance is None and not any(policy.service(name).enabled for name in services):
            return
        entrance = self.open()
        for name in services:
            entrance.pipeline.withdraw(name)
        from ..storage.directories import erase, places

        place = self.setup.options.base_dir, self.setup.options.app
        erase(*place, services)
        if purge_ledger:
            from ..ledger import purge

            for path in places(*place):
                purge(path)

    def of_now(self, policy: Policy) -> Policy:
        """Return the policy with the services off that went off meanwhile: opted out elsewhere, or by settings."""
        entrance = self.entrance
        if entrance is None:
            return policy
        gone = [row.name for row in policy.rows if row.enabled and not entrance.accepts(row.name)]
        if not gone:
            return policy
        from ..policy.opting_out import gone_off

        return gone_off(policy, gone)

    def close(self, timeout: float | None = None, *, send: bool = True) -> bool:
        """Close within `timeout` seconds; True if nothing that was recorded is lost. `send` False: only to the disk."""
        self._detach()
        self.closed = True
        self._changed()  # nothing is taken any more: the drain has an end
        if self.entrance is None:
            return True
        atexit.unregister(self._at_exit)
        return self.entrance.close(self.setup.options.exit_timeout if timeout is None else timeout, send)

    def _detach(self) -> None:
        """End what stands in other packages, the last first: what they still hold is recorded."""
        while self.attached:
            try:
                self.attached.pop()()
            except Exception as error:
                self.boundary.failed(error)

    def _at_exit(self) -> None:
        """Close at the interpreter's end: all clients of a process share the time of the first."""
        timeout = self.setup.options.exit_timeout
        until = _EXIT.setdefault("until", monotonic() + timeout)
        interval = sys.getswitchinterval()
        sys.setswitchinterval(min(interval, EXIT_SWITCH))
        try:
            # After Ctrl-C nothing is loaded any more: it would change how the interpreter tells of the interrupt.
            interrupted = getattr(sys, "last_type", None) is KeyboardInterrupt
            self.close(min(timeout, max(LEAST, until - monotonic())), send=not interrupted)
        finally:
            sys.setswitchinterval(interval)

    def _register(self) -> None:
        atexit.register(self._at_exit)
        if hasattr(os, "register_at_fork"):
            me = ref(self)  # a registration cannot be taken back: it must not keep a closed client alive
            os.register_at_fork(after_in_child=lambda: _renew(me()))

    def renew(self) -> None:
        """After a fork, in the child."""
        if self.entrance is not None and not self.closed:
            self.entrance.after_fork()
            self._changed()


def _renew(lifetime: Lifetime | None) -> None:
    if lifetime is not None:
        lifetime.renew()


def _sweep(state_dir: str, days: int) -> None:
    """Delete what bug reports left on this machine longer than `days` days ago; on the sender's thread."""
    for name in ("drafts", "receipts", "bundles"):
        directory = os.path.join(state_dir, name)
        if os.path.isdir(directory):
            from ..bug_report import sweep

            sweep(directory, days)
