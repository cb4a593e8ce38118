"""Reads `Retry-After` and `X-Sentry-Rate-Limits` so that no value can break or mute the client.

The vendor's own parser overflows on some values and is muted until the year 3026 by others. Here an
unreadable value means 60 s, and none lasts longer than 24 h.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime
    from typing import TypeAlias

    Rand: TypeAlias = Callable[[], float]  # as random.random: 0 <= x < 1

MINUTE = 60.0
DAY = 86_400.0
OURS = frozenset({"", "default", "error", "session", "internal"})  # Sentry's categories that we send; "" is all
ITEMS = 64  # of a header of rate limits: Sentry has some twenty categories

_NUMBER = re.compile(r"[0-9]{1,20}(\.[0-9]{0,20})?")
_LONGEST_DATE = 64  # characters; an HTTP date has 29


def retry_after(headers: Mapping[str, str], *, now: float, rand: Rand) -> float | None:
    """Read `Retry-After` (seconds, fractions, a date against the server's `Date`); seconds, None if absent.

    `now`: wall time, used when the server sent no `Date`. Up to 60 s at random are added.
    """
    text = headers.get("retry-after")
    if text is None:
        return None
    seconds_asked = _seconds(text)
    if seconds_asked is None:
        seconds_asked = _until(text, headers.get("date", ""), now)
    return _spread(MINUTE if seconds_asked is None else seconds_asked, rand)


def rate_limits(header: str, rand: Rand) -> dict[str, float]:
    """Read `X-Sentry-Rate-Limits`: seconds by category, the longest of each; "" stands for all categories.

    `60:error;session:organization:quota_text, 2700::key`; scope and quota text are ignored, and so are
    categories that we never send. Up to 60 s at random are added.
    """
    limits: dict[str, float] = {}
    for seconds, category in _limits(header):
        limits[category] = max(limits.get(category, 0.0), seconds)
    return {category: _spread(seconds, rand) for category, seconds in limits.items()}


def _limits(header: str) -> Iterator[tuple[float, str]]:
    for item in header.split(",", ITEMS)[:ITEMS]:
        if not item.strip():
            continue
        number, _, rest = item.partition(":")
        seconds_asked = _seconds(number)
        for category in rest.partition(":")[0].split(";"):
            if category.strip().lower() in OURS:
                yield MINUTE if seconds_asked is None else seconds_asked, category.strip().lower()


def _seconds(text: str) -> float | None:
    text = text.strip()
    return float(text) if _NUMBER.fullmatch(text) else None


def _until(text: str, date: str, now: float) -> float | None:
    then = _timestamp(text)
    if then is None:
        return None
    server = _timestamp(date)
    return max(0.0, then - (now if server is None else server))


def _timestamp(text: str) -> float | None:
    """Seconds since the epoch of an HTTP date; `parsedate_to_datetime` raises many things on garbage."""
    if len(text) > _LONGEST_DATE:
        return None
    import email.utils  # loads socket, which reading a health does not need
    from datetime import UTC

    try:
        moment: datetime = email.utils.parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _spread(seconds: float, rand: Rand) -> float:
    return min(seconds + rand() * MINUTE, DAY)
