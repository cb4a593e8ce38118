"""What the processes of a state directory share: accounts and the schedule of sending, in `state.json`.

Changed under a short lock, replaced atomically. Exact after a kill: a batch is first written down as done, then
its files are deleted; a file whose name stands in `done` is deleted without being counted again.
"""

from __future__ import annotations

import os
import time

from ..spool.record_format import packed
from . import files
from .file_lock import FileLock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

PATIENCE = 1.0  # seconds for the short lock; its holder works for less than a millisecond, or is stopped
MAX_BYTES = 4 << 20


class SharedState:
    """Reads and changes `state.json` of a state directory; only its senders and writers do. None: in memory."""

    def __init__(self, state_dir: str | None) -> None:
        self._path = os.path.join(state_dir or "", "state.json")
        self._lock_path = os.path.join(state_dir or "", "state.lock")
        self._memory: dict[str, Any] | None = None if state_dir else {"v": 1}

    def read(self) -> dict[str, Any]:
        """Return the state; an empty one where there is none or it cannot be read."""
        if self._memory is not None:
            return self._memory
        from json import loads

        try:
            state = loads(files.read(self._path, MAX_BYTES))
        except (OSError, ValueError, RecursionError):  # absent or damaged: begin anew
            return {}
        return state if type(state) is dict and state.get("v") == 1 else {}

    def change(self, how: Callable[[dict[str, Any]], None]) -> bool:
        """Apply `how` to the state under the lock and replace the file; False if it could not be written."""
        if self._memory is not None:
            how(self._memory)
            return True
        lock = FileLock(self._lock_path)
        until = time.monotonic() + PATIENCE
        try:
            while not lock.acquire():
                if time.monotonic() > until:
                    return False
                time.sleep(0.002)
            state = self.read()
            state["v"] = 1
            how(state)
            files.replace(self._path, packed(state))
        except (OSError, ValueError):
            return False
        finally:
            lock.release()
        return True

    def settle(self, names: Sequence[str], kind: str, *, delivered: int, dropped: Mapping[str, int]) -> bool:
        """Write down a batch's end: files by name, records delivered, records dropped by reason."""

        def how(state: dict[str, Any]) -> None:
            count(state, "delivered", {kind: delivered})
            count(state, "dropped", dropped)
            done = state.get("done")
            known = done if type(done) is list else []
            state["done"] = [*known, *names][-256:]

        return self.change(how)


def count(state: dict[str, Any], name: str, more: Mapping[str, int]) -> None:
    """Add counts to a table of the state."""
    table = state.get(name)
    if type(table) is not dict:
        table = state[name] = {}
    for key, number in more.items():
        if number:
            old = table.get(key)
            table[key] = (old if type(old) is int else 0) + number
