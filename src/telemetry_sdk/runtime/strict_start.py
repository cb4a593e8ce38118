"""What strict mode refuses of the arguments of `start()`, which else are ignored or turn a service off."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from .._internal.argument_shapes import misfits
from .._internal.layers import HOST
from ..policy.explain import describe_reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ..options import Options
    from ..policy import Policy

ENDPOINTS = ("statsig_key", "statsig_url", "sentry_dsn", "bug_report_url", "bug_report_auth")
LISTS = ("off", "opted_out")
CHOICES = {"at_exit": ("detach", "wait", "leave"), "truth": ("presence", "boolean")}


def refuse_mistakes(given: Mapping[str, Any], policy: Policy, options: Options) -> None:
    """Raise `ValueError` that names every mistake in the arguments."""
    lines = dict.fromkeys((*misfits(given), *_mistakes(given, policy, options)))
    if lines:
        raise ValueError(f"start(): {'; '.join(lines)}")


def _mistakes(given: Mapping[str, Any], policy: Policy, options: Options) -> Iterator[str]:
    yield from (problem for problem in options.problems if problem.partition(" ")[0] in given)
    for row in policy.rows:
        for reason in row.reasons:  # a key, DSN or URL that was given and cannot be used
            if reason.layer == HOST and reason.variable in ENDPOINTS and given[reason.variable] and not row.enabled:
                yield describe_reason(reason)
    for argument in LISTS:
        names = [given[argument]] if isinstance(given[argument], str) else given[argument] or ()
        yield from (_unknown(argument, name, policy.services) for name in names if name not in policy.services)
    for argument, choices in CHOICES.items():
        if given[argument] not in choices:
            yield _unknown(argument, given[argument], choices)


def _unknown(argument: str, value: object, known: Iterable[str]) -> str:
    names = list(known)
    near = get_close_matches(str(value), names, 1)
    return f"{argument}: {value!r} is unknown, {f'did you mean {near[0]!r}?' if near else f'expected one of {names}'}"
