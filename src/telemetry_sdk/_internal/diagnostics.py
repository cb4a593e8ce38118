"""Counts the SDK's own failures: silent in production, raised in strict mode, never written to stdout."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..losses import LossReason

REPEATS = 20  # lines that may differ in what they name, such as rejected events


class Diagnostics:
    """The one place that every internal failure is reported to.

    `strict` (tests): a caller's mistake raises where it is made; what failed on the SDK's own threads is raised by the
    next `flush`, by `close`, and by the mock's teardown. `debug`: a running commentary on stderr: what is off and why,
    each answer, each loss with what to do, each failure by its type (its text could hold anything).
    """

    def __init__(self, *, strict: bool = False, debug: bool = False) -> None:
        self.strict = strict
        self.debug = debug
        self.failures = 0
        self._caught: list[BaseException] = []
        self._dropped: dict[str, int] = {}
        self._logged: set[str] = set()

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

    def dropped(self, reason: LossReason, count: int) -> None:
        """Log lost records: the first of a reason, then each time their number has doubled."""
        if self.debug:
            before = self._dropped.get(reason, 0)
            after = self._dropped[reason] = before + count
            if before.bit_length() != after.bit_length():
                self.log(f"dropped: {after} x {reason}: {reason.sentence}")

    def log_once(self, line: str) -> None:
        """Log a line that was not logged before, at most a few."""
        if self.debug and line not in self._logged and len(self._logged) < REPEATS:
            self._logged.add(line)
            self.log(line)

    def log(self, line: str) -> None:
        """Write one line to stderr if `TELEMETRY_SDK_DEBUG` asks for it."""
        if self.debug and sys.stderr is not None:
            try:
                sys.stderr.write(f"telemetry_sdk: {line}\n")
            except (OSError, ValueError):  # stderr is closed
                self.debug = False
