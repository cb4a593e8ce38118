"""What the search brought, and whether all is as it must be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .runs import KNOWN
from .search import DRESSINGS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .runs import Run
    from .search import Finding, Haystack, Needles


@dataclass(frozen=True, slots=True)
class Control:
    """How many plants the search found in an uncleaned text, dressed so."""

    dressing: str
    found: int


@dataclass(frozen=True, slots=True)
class Searched:
    """All that was searched of one kind; `named`: pieces that hold the name which is known to be there."""

    kind: str
    pieces: int
    size: int
    named: int | None
    findings: tuple[Finding, ...]


def try_search(needles: Needles, run: Run) -> list[Control]:
    """Search what the agent had in its hands: its failures as a logger writes them, and its session."""
    uncleaned = run.log + run.session
    return [Control(name, needles.count(dress(uncleaned))) for name, dress in DRESSINGS.items()]


def search_all(needles: Needles, runs: Sequence[Run]) -> list[Searched]:
    """Search everything that arrived or was left on disk."""
    by_kind: dict[str, list[Haystack]] = {}
    for run in runs:
        for haystack in run.haystacks():
            by_kind.setdefault(haystack.kind, []).append(haystack)
    return [_searched(needles, kind, by_kind[kind]) for kind in sorted(by_kind)]


def _searched(needles: Needles, kind: str, haystacks: Sequence[Haystack]) -> Searched:
    return Searched(
        kind,
        pieces=len(haystacks),
        size=sum(len(haystack.data) for haystack in haystacks),
        named=sum(KNOWN[kind].encode() in haystack.data for haystack in haystacks) if kind in KNOWN else None,
        findings=tuple(needles.find(haystacks)),
    )


def failures(
    needles: Needles, runs: Sequence[Run], controls: Sequence[Control], searched: Sequence[Searched]
) -> Iterator[str]:
    """Yield a line for everything that is not as it must be."""
    for run in runs:
        yield from (f"{run.scenario.name}: {line}" for line in run.failed_expectations())
    for control in controls:
        if control.found != len(needles.plants):
            yield f"the search is blind: uncleaned, {control.dressing}, it finds {control.found}"
    for kind, name in KNOWN.items():
        if not any(found.kind == kind and found.named for found in searched):
            yield f"the search is blind: no {name!r} in {kind}"
    for found in searched:
        for finding in found.findings:
            yield f"{finding.plant.place} ({finding.plant.kind}) is in {found.kind}, {finding.place}"
