"""What the detached sender runs: takes over the locks, resolves the policy anew, sends, and notes how it ended."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from telemetry_sdk._internal.diagnostics import Diagnostics
from telemetry_sdk._internal.lazy import Lazy
from telemetry_sdk._internal.services import RECORDED
from telemetry_sdk._internal.version import VERSION
from telemetry_sdk.policy.current import WITHDRAWN, CurrentPolicy, Revocations
from telemetry_sdk.policy.updates import with_services_off
from telemetry_sdk.policy.watch import SettingsWatch
from telemetry_sdk.runtime.purge import discard_services, sweep_state
from telemetry_sdk.sender import detached_status
from telemetry_sdk.sender.hand_over import NO_LOCK, decode
from telemetry_sdk.spool.disk import SENDER_LOCK
from telemetry_sdk.storage.file_lock import FileLock
from telemetry_sdk.storage.shared_state import SharedState

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from telemetry_sdk.sender.directory_sender import DirectorySender
    from telemetry_sdk.sender.hand_over import HandedDirectory


def main(handed: dict[str, Any], locks: Sequence[int]) -> None:
    """Serve what was handed over. `locks`: descriptors of the locked `sender.lock`s, in the order of directories."""
    if handed["version"] != VERSION:
        return  # a package of another version came in its place: it leaves all to the next run
    directories = decode(handed["directories"])
    states = [SharedState(one.path) for one in directories]
    for state in states:
        detached_status.note_began(state, os.getpid())
    end = ""
    try:
        _serve([HandedSender(one, state, locks) for one, state in zip(directories, states, strict=True)])
    except BaseException as error:
        end = _description(error)
    for one, state in zip(directories, states, strict=True):
        if os.path.isdir(one.path):  # else nothing is made anew
            detached_status.note_ended(state, end)


class HandedSender:
    """The sender of one handed-over directory."""

    def __init__(self, handed: HandedDirectory, state: SharedState, locks: Sequence[int]) -> None:
        self._handed = handed
        self._state = state
        self._stops = detached_status.stops(state.read())
        lock = None if handed.lock == NO_LOCK else locks[handed.lock]
        self._lock = FileLock(os.path.join(handed.path, SENDER_LOCK), lock)
        app_dir = os.path.dirname(handed.path)
        self._revocations = Revocations(app_dir, RECORDED, began=handed.revocations)

    def build(self) -> DirectorySender | None:
        """Return the sender; None if nothing may be sent any more. Here the network's libraries are loaded."""
        resolved = self._handed.policy.resolve()
        self._discard(resolved.withdrawn)
        sweep_state(*os.path.split(os.path.dirname(self._handed.path)), self._handed.retention_days)
        policy = with_services_off(resolved, [name for name in RECORDED if name not in self._handed.services])
        if policy.mode or not any(policy.service(name).enabled for name in RECORDED):
            return None
        from .build import sender

        watch = Lazy(lambda: SettingsWatch(resolved, self._handed.policy.resolve))
        current = CurrentPolicy(policy, self._revocations, watch)
        current.listeners.append(self)
        return sender(
            self._handed.path,
            self._handed.endpoints,
            current,
            Diagnostics(),
            lock=self._lock,
            ledger_days=self._handed.ledger_days,
        )

    def stopped(self) -> bool:
        """Tell whether it is to end: an opt-out, a purge, `send --stop`, or its files are gone."""
        return (
            any(map(self._revocations.revoked, RECORDED))
            or not os.path.isdir(self._handed.path)
            or not os.path.exists(sys.executable)
            or detached_status.stops(self._state.read()) != self._stops
        )

    def service_changed(self, service: str, state: str) -> None:
        """Delete what waits of a service to which a settings file withdrew consent meanwhile."""
        if state == WITHDRAWN:
            self._discard([service])

    def _discard(self, services: Collection[str]) -> None:
        base, app = os.path.split(os.path.dirname(self._handed.path))
        if services:
            discard_services(base, app, services)


def _serve(handed: Sequence[HandedSender]) -> None:
    built = [(sender, one.stopped) for one in handed if not one.stopped() and (sender := one.build()) is not None]
    if not built:
        return
    from telemetry_sdk.sender.detached import DetachedSender, serve

    serve([DetachedSender(sender, stopped) for sender, stopped in built])


def _description(error: BaseException) -> str:
    """Return an error's type and our own line, no text of it: it may name anything."""
    trace, line = error.__traceback__, ""
    while trace is not None:
        name = trace.tb_frame.f_globals.get("__name__", "")
        if name.startswith("telemetry_sdk."):
            line = f" in {name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(error).__name__}{line}"
