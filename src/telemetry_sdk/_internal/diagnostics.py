"""Counts the SDK's own failures: silent in production, raised in strict mode, never written to stdout."""

from __future__ import annotations

import sys

TYPE_CHECKING = False


class Diagnostics:
    """The one place that every internal failure is reported to.

    `strict` (tests): a caller's mistake raises where it is made; what failed on the SDK's own threads is raised by the
    next `flush`, by `close`, and by the mock's teardown. `debug`: one line each on stderr, without any text of theirs.
    """

    def __init__(self, *, strict: bool = False, debug: bool = False) -> None:
        self.strict = strict
        self.debug = debug
        self.failures = 0
        self._caught: list[BaseException] = []

    def failed(self, error: BaseException) -> None:
        """Count a failure."""
        self.failures += 1
        if self.strict:
            self._caught.append(error)
        self.log(f"internal failure: {type(error).__name__}")

    def raise_caught(self) -> None:
        """Raise the first failure since the last call (strict mode); the others follow as its notes."""
        caught, self._caught = self._caught, []
        if caught:
            for other in caught[1:]:
                caught[0].add_note(f"another failure: {type(other).__name__}")
            raise caught[0]

    def log(self, line: str) -> None:
        """Write one line to stderr if `TELEMETRY_SDK_DEBUG` asks for it."""
        if self.debug and sys.stderr is not None:
            try:
                sys.stderr.write(f"telemetry_sdk: {line}\n")
            except (OSError, ValueError):  # stderr is closed
                self.debug = False
