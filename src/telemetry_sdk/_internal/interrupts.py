"""Ctrl-C: a program that it ends is ended by the signal, whatever our threads load meanwhile.

The interpreter notes that code was interrupted, and forgets it when any thread runs code from text, as a module that
makes a named tuple or a dataclass does: it would exit with 1 (CPython's `run_eval_code_obj`, 3.11 to 3.14).
"""

from __future__ import annotations

import contextlib
import sys

from .clock import monotonic
from .imports import IMPORTS

LONGEST = 0.05  # seconds: the longest import of one module


def end_by_interrupt() -> None:
    """Let our threads load nothing more, and have the interpreter note the interrupt again.

    Not in a session with a prompt, which went on after the interrupt.
    """
    if hasattr(sys, "ps1"):
        return
    IMPORTS.acquire(monotonic() + LONGEST)  # and never released: the process ends
    with contextlib.suppress(KeyboardInterrupt):
        exec("raise KeyboardInterrupt")  # noqa: S102 - a constant; only text is noted
