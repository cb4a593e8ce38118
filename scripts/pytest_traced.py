"""Runs pytest so that coverage sees every thread: `threading.settrace` misses those of `_thread.start_new_thread`."""

from __future__ import annotations

import _thread
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

_start_new_thread = _thread.start_new_thread


def _start_traced(function: Callable[..., object], args: tuple[Any, ...], kwargs: dict[str, Any] | None = None) -> int:
    def traced() -> None:
        sys.settrace(threading.gettrace())
        function(*args, **(kwargs or {}))

    return _start_new_thread(traced, ())


if __name__ == "__main__":
    _thread.start_new_thread = _start_traced
    sys.exit(pytest.main(sys.argv[1:]))
