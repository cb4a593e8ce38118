"""Fingerprints: which errors a server of Sentry's protocol groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DEFAULT = "{{ default }}"  # Sentry's name for its own grouping


def fingerprint(record: Mapping[str, Any]) -> list[str] | None:
    """Return the server's own rule, module and function; without a stack trace, types and error numbers.

    Sentry's rule includes module and function already; other servers' (Bugsink's) take type and message only, which
    would join all errors of a type that have no message.
    """
    stacks = [found["frames"] for found in (*record.get("threads", ()), *record["exceptions"]) if found["frames"]]
    if not stacks:
        return _kinds(record["exceptions"])
    place = _place(stacks[-1])
    return [DEFAULT, *place] if place else None


def _place(frames: Sequence[Mapping[str, Any]]) -> tuple[str, str] | None:
    """Return module and function of the innermost frame that the application owns, or that is known at all.

    No line: the next release would move it.
    """
    known = [(frame["in_app"], frame["module"], frame["function"]) for frame in frames if frame["module"]]
    owned = [(module, function) for in_app, module, function in known if in_app]
    places = owned or [(module, function) for _, module, function in known]
    return places[-1] if places else None


def _kinds(exceptions: Sequence[Mapping[str, Any]]) -> list[str] | None:
    parts: list[str] = []
    for thrown in exceptions:
        errno = thrown["mechanism"].get("errno")
        parts += [thrown["type"], *([errno["name"]] if errno else ())]
    return parts or None
