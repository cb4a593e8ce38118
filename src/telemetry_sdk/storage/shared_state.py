"""`state.json`: what the processes of a state directory share. Accounts, back-off and rate limits.

Changed under a short lock and replaced atomically.
"""

from __future__ import annotations

import os
import time

from .._internal.clock import monotonic
from . import files
from .file_lock import FileLock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

VERSION = 2
LOCK_TIMEOUT = 1.0  # seconds; a holder works for less than a millisecond, or is stopped
MAX_BYTES = 4 << 20
BINDINGS = "bindings"  # the member that says how the vendors' packages were bound


class SharedState:
    """Reads and changes the state of a state directory; with None, a dict of this process."""

    def __init__(self, state_dir: str | None) -> None:
        self._path = os.path.join(state_dir or "", "state.json")
        self._lock_path = os.path.join(state_dir or "", "state.lock")
        self._memory: dict[str, Any] | None = None if state_dir else {"v": VERSION}

    def read(self) -> dict[str, Any]:
        """Return the state; empty where there is none or it cannot be read."""
        if self._memory is not None:
            return self._memory
        from json import loads

        try:
            state = loads(files.read(self._path, MAX_BYTES))
        except (OSError, ValueError, RecursionError):  # absent or damaged: begin anew
            return {}
        return state if type(state) is dict and state.get("v") == VERSION else {}

    def note(self, member: str, value: Mapping[str, object]) -> None:
        """Set a member, unless it holds the same already."""
        if self.read().get(member, {}) != value:
            self.change(lambda state: state.update({member: dict(value)}))

    def change(self, edit: Callable[[dict[str, Any]], object]) -> bool:
        """Apply `edit` to the state and replace the file, under the lock; False if it could not be written."""
        if self._memory is not None:
            edit(self._memory)
            return True
        from json import dumps

        lock = FileLock(self._lock_path)
        until = monotonic() + LOCK_TIMEOUT
        try:
            while not lock.acquire():
                if monotonic() > until:
                    return False
                time.sleep(0.002)
            state = self.read()
            state["v"] = VERSION
            edit(state)
            files.replace(self._path, dumps(state, separators=(",", ":")).encode(), locked=True)
        except (OSError, ValueError):
            return False
        finally:
            lock.release()
        return True


def add_counts(state: dict[str, Any], name: str, more: Mapping[str, int]) -> None:
    """Add counts to the table `name` of a state."""
    table = state.get(name)
    if type(table) is not dict:
        table = state[name] = {}
    for key, number in more.items():
        old = table.get(key)
        table[key] = (old if type(old) is int else 0) + number


def numbers(table: object) -> dict[str, int]:
    """Return the whole numbers of a table, whatever a damaged state holds in its place."""
    return {key: number for key, number in table.items() if type(number) is int} if type(table) is dict else {}
