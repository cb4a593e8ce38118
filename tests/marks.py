"""Marks the tests that start a process or a server: `integration`. All others run in this process alone."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

    import pytest

FOLDERS = frozenset(("bugsink", "parity", "receiver", "relay", "silence", "wheel"))
WITHOUT_FILES = frozenset(("redaction",))  # folders in which only processes write files
FIXTURES = frozenset(("receiver", "serve", "bugsink", "untouched_bugsink", "sender", "program", "corpus"))
NAMES = frozenset(("subprocess", "multiprocessing", "running"))  # a module that imports one of these starts something
EVENTS = frozenset(("subprocess.Popen", "os.posix_spawn", "os.fork", "os.system", "socket.bind"))
_state = {"forbidden": False}


def is_integration(item: pytest.Item) -> bool:
    """Return whether a test uses a server or a process: by its folder, its fixtures, what its module imports."""
    module: ModuleType | None = getattr(item, "module", None)
    return (
        item.path.parent.name in FOLDERS
        or not FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))
        or not NAMES.isdisjoint(vars(module or sys))
    )


def writes_no_files(item: pytest.Item) -> bool:
    """Return whether a test can share its home with others."""
    return item.path.parent.name in WITHOUT_FILES and item.get_closest_marker("integration") is None


def forbid(*, processes_and_servers: bool) -> None:
    """Let every process and every bound socket raise, or no longer."""
    _state["forbidden"] = processes_and_servers


def _audit(event: str, _arguments: tuple[object, ...]) -> None:
    if _state["forbidden"] and event in EVENTS:
        raise AssertionError(f"{event} in a test that is not marked `integration` (tests/marks.py)")


sys.addaudithook(_audit)
