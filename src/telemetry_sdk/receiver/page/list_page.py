"""What the list shows: refused requests, a page of arrivals, and counts to choose by."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from telemetry_sdk.losses import REASONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..arrivals import ListedArrival
    from .list_query import ListQuery
    from .source import PageSource

ROWS = 50  # on a page
REFUSED_ROWS = 5  # above the list
CHOICES = 15  # names that can be chosen
SERVICES = {"metrics": "Metrics", "errors": "Errors", "bug_reports": "Bug reports", "unknown": "Unknown"}
KINDS = {"metrics": "metric", "errors": "error", "bug_reports": "bug report"}  # one of them


@dataclass(frozen=True, slots=True)
class Choice:
    """A link that chooses what is listed, with the number of arrivals behind it."""

    label: str
    number: int
    query: str
    current: bool


@dataclass(frozen=True, slots=True)
class ChoiceGroup:
    """Choices under a heading; `more`: how many are not shown."""

    title: str
    choices: Sequence[Choice]
    more: int


@dataclass(frozen=True, slots=True)
class ListPage:
    """A page of the list: `total` arrivals are chosen, of which it shows `first` to `last`; the queries of others."""

    query: ListQuery
    refused: Sequence[ListedArrival]
    refused_total: int
    rows: Sequence[ListedArrival]
    total: int
    first: int
    last: int
    pages: int
    groups: Sequence[ChoiceGroup]
    losses: Sequence[tuple[str, int, str]]
    duplicates: int


def list_page(source: PageSource, query: ListQuery) -> ListPage:
    """Make the page that a query asks for; beyond the last page it is the last."""
    arrivals = source.store.arrivals
    wanted = query.filter(refused=bool(query.refused))
    total = arrivals.count(wanted)
    pages = max(1, -(-total // ROWS))
    query = replace(query, page=min(query.page, pages))
    skip = (query.page - 1) * ROWS
    rows = arrivals.newest(wanted, ROWS, skip)
    refused = query.filter(refused=True)
    above = [] if query.refused or query.page > 1 else arrivals.newest(refused, REFUSED_ROWS)
    return ListPage(
        query=query,
        refused=above,
        refused_total=arrivals.count(refused),
        rows=rows,
        total=total,
        first=skip + 1 if rows else 0,
        last=skip + len(rows),
        pages=pages,
        groups=[*_groups(source, query)],
        losses=[(reason, number, _sentence(reason)) for reason, number in source.losses().items()],
        duplicates=sum(source.store.duplicates().values()),
    )


def _groups(source: PageSource, query: ListQuery) -> Iterable[ChoiceGroup]:
    arrivals = source.store.arrivals
    services = arrivals.totals("service")
    without = query.chosen(service="", name="", refused="")
    everything = Choice("All", sum(number for _, number in services), without, not query.service)
    by_service = [_choice(query, "service", name, number, SERVICES.get(name, name)) for name, number in services]
    yield ChoiceGroup("Service", [everything, *by_service], 0)
    groups = {"name": ("Name", arrivals.totals("name")), "app": ("Application", arrivals.totals("app"))}
    for field, (title, totals) in {**groups, "removed": ("Removed by the sanitizer", arrivals.removed())}.items():
        if totals:
            choices = [_choice(query, field, name, number, name) for name, number in totals[:CHOICES]]
            yield ChoiceGroup(title, choices, len(totals) - len(choices))


def _choice(query: ListQuery, field: str, value: str, number: int, label: str) -> Choice:
    """Return a link that chooses a value, or if it is chosen, no value."""
    current = getattr(query, field) == value
    return Choice(label, number, query.chosen(**{field: "" if current else value, "refused": ""}), current)


def _sentence(reason: str) -> str:
    return REASONS[reason].sentence if reason in REASONS else ""


def today(at: datetime) -> bool:
    """Tell whether a time is of this day."""
    return at.date() == datetime.now().astimezone().date()


def moment(seconds: float) -> datetime | None:
    """Return a time as this machine's clock shows it; None for a number that is none."""
    try:
        return datetime.fromtimestamp(seconds).astimezone()
    except (ValueError, OverflowError, OSError):
        return None
