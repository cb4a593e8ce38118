"""What strict mode refuses of the arguments of `start()`, which else are ignored or turn a service off.

The commentary of `TELEMETRY_SDK_DEBUG` warns of the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from .._internal.argument_shapes import misfits
from .._internal.layers import HOST
from ..policy.explain import describe_reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..options import Options
    from ..policy import Policy

ENDPOINTS = ("statsig_key", "statsig_url", "sentry_dsn", "bug_report_url", "bug_report_auth")
LISTS = ("off", "opted_out")
CHOICES = {"at_exit": ("detach", "wait", "leave"), "truth": ("presence", "boolean")}


def checked(given: Mapping[str, Any], policy: Policy, options: Options) -> Options:
    """Return the options with the mistakes in the arguments; in strict mode raise `ValueError` that names them all."""
    lines = _misused(given, policy)
    if options.strict and (found := dict.fromkeys((*lines, *_unusable(given, policy, options)))):
        raise ValueError(f"start(): {'; '.join(found)}")
    return options.replace(problems=(*options.problems, *lines))


def _misused(given: Mapping[str, Any], policy: Policy) -> list[str]:
    """Return a line for each argument of another kind, and for each unknown name in one."""
    lines = misfits(given)
    for argument in LISTS:
        value = given[argument]
        names = [value] if isinstance(value, str) else value if isinstance(value, Iterable) else ()
        lines += [unknown_name(argument, name, policy.services) for name in names if name not in policy.services]
    lines += [unknown_name(name, given[name], known) for name, known in CHOICES.items() if given[name] not in known]
    return lines


def _unusable(given: Mapping[str, Any], policy: Policy, options: Options) -> Iterator[str]:
    yield from (problem for problem in options.problems if problem.partition(" ")[0] in given)
    for row in policy.rows:
        for reason in row.reasons:  # a key, DSN or URL that was given and cannot be used
            if reason.layer == HOST and reason.variable in ENDPOINTS and given[reason.variable] and not row.enabled:
                yield describe_reason(reason)


def unknown_name(argument: str, value: object, known: Iterable[str]) -> str:
    """Return a line for a name that is not one of those known, with the one that was meant."""
    names = list(known)
    near = get_close_matches(str(value), names, 1)
    return f"{argument}: {value!r} is unknown, {f'did you mean {near[0]!r}?' if near else f'expected one of {names}'}"
