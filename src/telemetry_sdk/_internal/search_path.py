"""The module search path as it was at the start, for an exit that still has modules to load."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any


class SavedSearchPath:
    """`with saved:` directories that the host took out of `sys.path` since are searched again, after all others.

    Its own list is not changed, and is back afterwards.
    """

    def __init__(self) -> None:
        self._saved = sys.path.copy()
        self._before: Any = None  # the host may put anything there

    def __enter__(self) -> None:
        self._before = sys.path
        kept = list(self._before) if isinstance(self._before, list) else []
        sys.path = [*kept, *(path for path in self._saved if path not in kept)]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        sys.path = self._before
