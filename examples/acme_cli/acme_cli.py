"""A small command line with telemetry: its client at the top of the module, its events, its commands."""

from __future__ import annotations

import sys
from typing import Literal

import telemetry_sdk


class Counted(telemetry_sdk.Event, name="counted"):
    """A file was counted."""

    kind: Literal["lines", "words"]
    ok: bool
    duration_ms: float


def main(arguments: list[str] | None = None) -> int:
    """Count the lines of a file; return the exit code."""
    with telemetry_sdk.start(app="acme-cli", version="0.1", statsig_key="client-acme") as client:
        if client.notice() is not None:
            client.notice_shown()
        (path,) = sys.argv[1:] if arguments is None else arguments
        try:
            print(count(path))
        except OSError as error:
            client.capture_exception(error)
            return 1
        return 0


def count(path: str) -> int:
    """Count the lines of a file; the client is the one that `main` started."""
    with telemetry_sdk.get_client().measure(Counted, kind="lines"), open(path, encoding="utf-8") as file:
        return sum(1 for _ in file)


if __name__ == "__main__":
    sys.exit(main())
