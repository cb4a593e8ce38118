"""The one boundary: our own failures are counted, silent in production, loud in strict mode. Never on stdout."""

from __future__ import annotations

import sys

TYPE_CHECKING = False


class Boundary:
    """Hears of everything that went wrong inside. `debug`: one line each on stderr, without any text of theirs.

    In strict mode (an application's tests) a caller's mistake raises where it is made, and what failed on
    our own threads is kept in `caught` for whoever closes the client.
    """

    def __init__(self, *, strict: bool = False, debug: bool = False) -> None:
        self.strict = strict
        self.debug = debug
        self.failures = 0
        self.caught: list[BaseException] = []

    def failed(self, error: BaseException) -> None:
        """Count a failure of ours."""
        self.failures += 1
        if self.strict:
            self.caught.append(error)
        self.say(f"internal failure: {type(error).__name__}")

    def say(self, line: str) -> None:
        """Write one line to stderr if the user asked for it (`TELEMETRY_SDK_DEBUG`)."""
        if self.debug and sys.stderr is not None:
            try:
                sys.stderr.write(f"telemetry_sdk: {line}\n")
            except (OSError, ValueError):  # a closed stderr: nobody listens
                self.debug = False
