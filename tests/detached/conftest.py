"""Fixtures of the detached sender's tests; they look into `/proc`."""

from __future__ import annotations

import contextlib
import os
import signal
from typing import TYPE_CHECKING, Any

import pytest

from tests.detached.background import Background, is_running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def background(world: Path, program: Callable[..., Any]) -> Iterator[Background]:
    """Return what runs programs and watches; the last detached sender ends with the test."""
    found = Background(world, program)
    yield found
    with contextlib.suppress(OSError, AssertionError):
        pid = found.status().get("pid")
        if pid and is_running(pid):
            os.kill(pid, signal.SIGKILL)
