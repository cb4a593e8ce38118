"""Runs the command line so that it ends with one line and an exit code, never with a traceback."""

from __future__ import annotations

import os
import sys
import traceback
from typing import TYPE_CHECKING, NoReturn

from telemetry_sdk._internal.shapes import printable

if TYPE_CHECKING:
    from collections.abc import Callable

FAILED = 1


def describe_error(error: OSError) -> str:
    """Return what the system refused, and of which file or program."""
    what = error.strerror or str(error)
    return f"{what}: {printable(str(error.filename))}" if error.filename else what


def prepare_streams() -> None:
    """Give closed streams (`>&-`) the null device; let stdout replace what the terminal cannot encode."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - as long as the process lives
    if reconfigure := getattr(sys.stdout, "reconfigure", None):
        reconfigure(errors="replace")  # a path may hold characters that the terminal cannot encode


def run(commands: Callable[[], object]) -> None:
    """Run the commands; exits with 1 and one line on stderr for what they did not expect."""
    try:
        try:
            commands()
        finally:
            sys.stdout.flush()
    except Exception as error:
        _fail(error)


def _fail(error: Exception) -> NoReturn:
    if os.environ.get("TELEMETRY_SDK_DEBUG"):
        traceback.print_exc()
    what = describe_error(error) if isinstance(error, OSError) else f"internal error: {type(error).__name__}"
    hint = "" if isinstance(error, OSError) else " (TELEMETRY_SDK_DEBUG=1 shows where)"
    try:
        sys.stdout.close()
    except OSError:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - what is left in its buffer is lost
    try:
        sys.stderr.write(f"telemetry-sdk: {what}{hint}\n")
        sys.stderr.flush()
    except OSError:
        os._exit(FAILED)
    raise SystemExit(FAILED)
