"""What the shared state says of detached senders: handed over, begun, ended; and whether they start here at all."""

from __future__ import annotations

import os
import time

from telemetry_sdk._internal.clock import monotonic
from telemetry_sdk._internal.version import VERSION
from telemetry_sdk.spool.record_format import boot_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from telemetry_sdk.storage.shared_state import SharedState

KEY = "detached"
BEGIN = 5.0  # seconds within which a detached sender begins
LONGER_EXIT = "longer_exit"
TEN_MINUTES = 600.0  # seconds
PAUSE = 86_400.0  # seconds for which none is started after one did not begin


def note_handed_over(state: SharedState) -> bool:
    """Note a hand-over; False if the state could not be written."""
    return state.change(lambda table: table.update({KEY: {**_moment(), "version": VERSION, "namespace": _namespace()}}))


def forget(state: SharedState) -> None:
    """Forget a hand-over that was given up."""
    state.change(lambda table: table.pop(KEY, None))


def note_longer_exit(state: SharedState, why: str) -> bool:
    """Note that an exit takes longer, for no detached sender can be started; False if one did in the last 10 minutes.

    `why`: what is in the way.
    """
    last = state.read().get(LONGER_EXIT)
    if type(last) is dict and 0.0 <= _age(last) < TEN_MINUTES:
        return False
    return state.change(lambda table: table.update({LONGER_EXIT: {**_moment(), "why": why}}))


def note_began(state: SharedState, pid: int) -> None:
    """Note that the detached sender runs."""
    _update(state, {"pid": pid})


def note_ended(state: SharedState, how: str) -> None:
    """Note the end: "" or an error's type and line."""
    _update(state, {"ended": how})


def stops(table: dict[str, Any]) -> int:
    """Return how often `telemetry-sdk send --stop` was called."""
    number = table.get("stops")
    return number if type(number) is int else 0


def stop(state: SharedState) -> bool:
    """Tell a detached sender to end; False if the state could not be written."""
    return state.change(lambda table: table.update(stops=stops(table) + 1))


def problem(table: dict[str, Any]) -> str:
    """Return what to tell of detached senders, from a shared state; "": nothing."""
    longer = table.get(LONGER_EXIT)
    if type(longer) is dict and 0.0 <= _age(longer) < PAUSE:
        why = longer.get("why")
        return f"no background sender can be started: {why}; an exit in ten minutes takes up to 1.5 s to send"
    return why_none_starts(table)


def why_none_starts(table: dict[str, Any]) -> str:
    """Return why no detached sender is started, from a shared state; "": one may be."""
    handed = table.get(KEY)
    if type(handed) is not dict or handed.get("version") != VERSION or not BEGIN < _age(handed) < PAUSE:
        return ""
    if "pid" not in handed:
        if (handed.get("boot"), handed.get("namespace")) != (boot_id(), _namespace()):
            return ""  # the machine went off first, or the container ended
        return f"background sender does not start: {handed.get('error') or 'it did not begin within 5 seconds'}"
    return f"background sender failed: {handed['ended']}" if handed.get("ended") else ""


def note_not_started(state: SharedState, error: str) -> None:
    """Note that the process could not be started."""
    known_at_once = {**_moment(-BEGIN), "version": VERSION, "namespace": _namespace(), "error": error}
    state.change(lambda table: table.update({KEY: known_at_once}))


def _update(state: SharedState, fields: dict[str, Any]) -> None:
    def edit(table: dict[str, Any]) -> None:
        known = table.get(KEY)
        table[KEY] = {**(known if type(known) is dict else {}), **fields}

    state.change(edit)


def _namespace() -> str:
    """Return what names the container that a process ends with; "" where the system does not say."""
    try:
        return os.readlink("/proc/self/ns/pid")
    except OSError:
        return ""


def _moment(later: float = 0.0) -> dict[str, Any]:
    return {"boot": boot_id(), "monotonic": monotonic() + later, "wall": time.time() + later}


def _age(handed: dict[str, Any]) -> float:
    """Return the seconds since a hand-over: by the monotonic clock within a boot."""
    same_boot = handed.get("boot") == boot_id() is not None
    clock, now = ("monotonic", monotonic()) if same_boot else ("wall", time.time())
    moment = handed.get(clock)
    return now - moment if isinstance(moment, float) else 0.0
