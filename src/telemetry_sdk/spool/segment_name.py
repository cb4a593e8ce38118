"""A segment's name holds its account: what it contains, how often it was tried, what became of its records.

    <run>.<number>.<m|e>.<count>.<tries>.<fates>.<state>

One rename is therefore one change of the accounts. `fates` lists what became of the first records, in order, as
`delivered=20,status_400=1`; when all `count` records have one, the state is `end`.
"""

from __future__ import annotations

import os
from time import time

from .._internal.services import ERRORS, METRICS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

OPEN = "open"  # being written, locked by its writer; without a count
WAITING = "wait"
SENDING = "send"
ENDED = "end"
DAMAGED = "bad"  # set aside
DELIVERED = "delivered"
MERGED = "-merged-"  # in the run of a segment that holds those of many runs, between the oldest one's time and a number
LETTERS = {METRICS: "m", ERRORS: "e"}
_SERVICES = {letter: service for service, letter in LETTERS.items()}
_FIELDS = 7


class SegmentName:
    """The name of one segment. Immutable; `changed` returns another name of the same segment.

    `key`: what stays the same through all renames; sorts by age. `settled`: how many of the first records have a fate;
    `waiting`: how many have none yet; `merged`: whether the segment holds those of many runs.
    """

    __slots__ = (
        "count",
        "fates",
        "key",
        "merged",
        "number",
        "run",
        "service",
        "settled",
        "state",
        "text",
        "tries",
        "waiting",
    )

    def __init__(
        self,
        run: str,
        number: int,
        service: str,
        *,
        count: int = 0,
        tries: int = 0,
        fates: Mapping[str, int] | None = None,
        state: str = OPEN,
    ) -> None:
        self.run = run
        self.number = number
        self.service = service
        self.count = count
        self.tries = tries
        self.fates: Mapping[str, int] = fates or {}
        self.state = state
        self.key = (run, number, service)
        self.merged = MERGED in run
        self.settled = sum(self.fates.values())
        self.waiting = count - self.settled
        table = ",".join(f"{fate}={number}" for fate, number in self.fates.items()) or "-"
        self.text = f"{run}.{number:06}.{LETTERS[service]}.{count}.{tries}.{table}.{state}"

    @property
    def identity(self) -> str:
        """The same as a text: the part of the name that no rename changes."""
        return f"{self.run}.{self.number:06}.{LETTERS[self.service]}"

    def changed(self, state: str, *, tries: int | None = None, fates: Mapping[str, int] | None = None) -> SegmentName:
        """Return the name with another state, more tries, further fates."""
        merged = dict(self.fates)
        for fate, number in (fates or {}).items():
            if number:
                merged[fate] = merged.get(fate, 0) + number
        return SegmentName(
            self.run,
            self.number,
            self.service,
            count=self.count,
            tries=self.tries if tries is None else tries,
            fates=merged,
            state=state,
        )

    def ended(self, fate: str) -> SegmentName:
        """Return the name with the same fate for all that waits."""
        return self.changed(ENDED, fates={fate: self.waiting})

    def __str__(self) -> str:
        return self.text


def parse(text: str) -> SegmentName | None:
    """Read a file's name; None if it is no segment's."""
    parts = text.split(".")
    if len(parts) != _FIELDS or parts[2] not in _SERVICES:
        return None
    run, number, letter, count, tries, fates, state = parts
    try:
        table = (
            {} if fates == "-" else {fate: int(many) for fate, many in (item.split("=") for item in fates.split(","))}
        )
        name = SegmentName(
            run, int(number), _SERVICES[letter], count=int(count), tries=int(tries), fates=table, state=state
        )
    except ValueError:
        return None
    return name if name.waiting >= 0 else None


def listed(directory: str) -> list[SegmentName]:
    """Return the segments in a directory, the oldest first; none if it is not there. Raises `OSError`."""
    try:
        texts = os.listdir(directory)
    except (FileNotFoundError, NotADirectoryError):  # no record yet, or deleted
        return []
    names = [name for name in map(parse, texts) if name is not None]
    names.sort(key=_key)
    return names


def rename(directory: str, name: SegmentName, changed: SegmentName) -> None:
    """Give a segment another name. Raises `OSError`, `FileNotFoundError` if it has another one by now."""
    os.rename(os.path.join(directory, name.text), os.path.join(directory, changed.text))


def run_count(directory: str) -> int:
    """Return how many runs wait. Raises `OSError`."""
    return len({name.run for name in listed(directory) if name.state in {OPEN, WAITING}})


def began(run: str) -> float:
    """Return when a run began, in seconds since the epoch; now if its name does not say."""
    try:
        return float(int(run.partition("-")[0], 16))
    except ValueError:
        return time()


def _key(name: SegmentName) -> tuple[str, int, str]:
    return name.key
