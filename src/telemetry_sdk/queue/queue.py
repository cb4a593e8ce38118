"""The queue between the caller and the writer: raw, in memory only, an append each.

The caller only enforces a count; full, the oldest goes, and the difference of two numbers says how many went.
"""

from __future__ import annotations

import _thread
from itertools import count
from time import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable, Mapping
    from typing import Any

    from ..sanitizer.inputs import Item, Snapshot
else:
    from _collections import deque  # the same class, without the package around it

MAX_EVENTS = 90_000  # with the errors 100,000 in all: about 50 MB of small events
MAX_ERRORS = 10_000


class _Line:
    """One class of records: `put` counts, `take` counts, the rest went over the edge."""

    def __init__(self, limit: int) -> None:
        self.records: deque[Any] = deque(maxlen=limit)
        self._numbers = count()
        self._looks = 0
        self.taken = 0

    def put(self, record: object, first: bool = False) -> None:
        if first:
            self.records.appendleft(record)
        else:
            self.records.append(record)
        next(self._numbers)

    def take(self, most: int) -> list[Any]:
        taken: list[Any] = []
        pop = self.records.popleft
        try:
            while len(taken) < most:
                taken.append(pop())
        except IndexError:
            pass  # empty: a thread may have put or dropped meanwhile, so no count is asked first
        self.taken += len(taken)
        return taken

    def accepted(self) -> int:
        """Read the counter; each look advances it by one, and is taken off again."""
        self._looks += 1
        return next(self._numbers) - self._looks + 1


class Queue:
    """Events and errors on their way to the writer; `wake` is called when a record meets an idle writer."""

    def __init__(self, wake: Callable[[bool], None], *, events: int = MAX_EVENTS, errors: int = MAX_ERRORS) -> None:
        self.events = _Line(events)
        self.errors = _Line(errors)
        self.idle = True
        self.wake = wake
        self._looking = _thread.RLock()  # a signal's handler may come in the middle
        self._append = self.events.records.append
        self._number = self.events._numbers.__next__  # noqa: SLF001 - one method call less for each event

    def put_event(self, event: object, value: object, metadata: Mapping[str, object] | None) -> None:
        """Append an event; what `metadata` holds now is what counts."""
        if type(metadata) is dict:
            metadata = metadata.copy()
        self._append((time(), event, value, metadata))
        self._number()
        if self.idle:
            self.wake(False)

    def put_error(self, raw: Snapshot | Item, first: bool = False) -> None:
        """Append an error, or an item of Sentry's SDK, and let the writer know at once. `first`: a crash."""
        self.errors.put(raw, first)
        self.wake(True)

    def empty(self) -> bool:
        """Tell whether nothing waits."""
        return not self.events.records and not self.errors.records

    def counts(self) -> tuple[int, int, int]:
        """Return (accepted, queued, overflowed), exact at rest."""
        with self._looking:
            accepted = taken = queued = 0
            for line in (self.events, self.errors):
                queued += len(line.records)
                taken += line.taken
                accepted += line.accepted()
            return accepted, queued, max(0, accepted - taken - queued)

    def clear(self, kind: str) -> int:
        """Drop all that waits of one kind; return how many."""
        line = self.events if kind == "metrics" else self.errors
        return len(line.take(len(line.records)))
