"""Which errors a server of Sentry's protocol is to show as one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .sentry import ErrorRecord, Frame, Thrown

DEFAULT = "{{ default }}"  # Sentry's word for what it would do without a fingerprint


def fingerprint(record: ErrorRecord) -> list[str] | None:
    """Group by the server's own rule and the place; without a stack trace, by type and error number.

    Sentry's rule knows the place, and the addition splits no group of its; other servers' (Bugsink's) look at type
    and message alone, and no two errors without a message would ever be told apart.
    """
    if record["fingerprint"]:
        return list(record["fingerprint"])
    stacks = [found["frames"] for found in (*record.get("threads", ()), *record["exceptions"]) if found["frames"]]
    if not stacks:
        return _kinds(record["exceptions"])
    place = _place(stacks[-1])
    return [DEFAULT, *place] if place else None


def _place(frames: Sequence[Frame]) -> tuple[str, str] | None:
    """Return module and function of the innermost frame that the application owns, or that is known at all.

    No line: the next release would move it.
    """
    known = [(frame["in_app"], frame["module"], frame["function"]) for frame in frames if frame["module"]]
    owned = [(module, function) for in_app, module, function in known if in_app]
    places = owned or [(module, function) for _, module, function in known]
    return places[-1] if places else None


def _kinds(exceptions: Sequence[Thrown]) -> list[str] | None:
    parts: list[str] = []
    for thrown in exceptions:
        errno = thrown["mechanism"].get("errno")
        parts += [thrown["type"], *([errno["name"]] if errno else ())]
    return parts or None
