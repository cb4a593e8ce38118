"""What an error's record implies: the value of an exception without a message template, and the fingerprint."""

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


def from_details(details: Mapping[str, Any], errno: Mapping[str, Any] | None) -> str | None:
    """Return an exception's details, else its system error's name, as one line; None where there are none."""
    words = [word for word in (_position(details), _process(details), _named(details), _counted(details)) if word]
    if errno is not None and not words:
        words.append(errno["name"])
    return ", ".join(words) or None


def _position(details: Mapping[str, Any]) -> str | None:
    if "line" not in details:
        return None
    return f"line {details['line']}" + (f" column {details['column']}" if "column" in details else "")


def _process(details: Mapping[str, Any]) -> str | None:
    code = details.get("returncode")
    if code is None:
        return None
    if code >= 0:
        return f"exit status {code}"
    from signal import Signals

    try:
        return Signals(-code).name
    except ValueError:  # no signal of this system
        return f"signal {-code}"


def _named(details: Mapping[str, Any]) -> str | None:
    if "status" in details:
        return f"HTTP {details['status']}"
    codec = details.get("codec")
    return f"codec {codec}" if codec else details.get("ssl") or details.get("lookup")


def _counted(details: Mapping[str, Any]) -> str | None:
    count = details.get("errors")
    if count is None:
        return None
    kinds = ", ".join(details.get("kinds", ()))
    return f"{count} {'error' if count == 1 else 'errors'}" + (f": {kinds}" if kinds else "")
