"""Two JSON values, path by path: present or not, of which type, of which value."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ABSENT = "absent"
_TYPES = {
    type(None): "null",
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    dict: "object",
    list: "list",
}
# Objects whose keys are data.
OPEN = re.compile(r"modules|extra|.*\.vars")
# Random, of one moment or of one machine: alike if both have the shape.
SHAPES = {
    r"(|.*\.)(event_id|trace_id)": r"[0-9a-f]{32}",
    r"time": r"\d{13}",
    r"(.*\.)?sessionID|statsig-server-session-id": r"[0-9a-f-]{36}",
    r"statsig-client-time": r"\d{13}",
    r"(user\.)?userID": r"[\w-]{6,36}",
    r"length|content-length|statsig-event-count": r"\d+",
    r"host": r"127\.0\.0\.1:\d+",
    r"statsig-api-key": r"(client|secret)-\w+",
    r"x-sentry-auth": r"Sentry sentry_key=[0-9a-f]{32}, sentry_version=7, sentry_client=[a-z.-]+/[\d.]+",
    r"sent_at": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,6}Z",
}
# Of constants only; what holds a digit, a slash or a machine's ways is shown by its type.
_SHOWN = re.compile(r"[^\d/\\]{1,60}")
_SMALL = 10  # an integer of one digit is a place in a chain
_OF_THE_MACHINE = {"accept-encoding"}


@dataclass(frozen=True, order=True)
class Difference:
    """One path on which two sides differ, and what each has there."""

    path: str
    theirs: str
    ours: str


def flat(value: Any, at: str = "") -> dict[str, list[Any]]:
    """Return every path and its values in order; a list's index is no part of a path."""
    found: dict[str, list[Any]] = {}
    for path, leaf in _leaves(value, at):
        found.setdefault(path, []).append(leaf)
    return found


def _leaves(value: Any, at: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value and not OPEN.fullmatch(at):
        for name, inner in value.items():
            yield from _leaves(inner, f"{at}.{name}" if at else name)
    elif isinstance(value, list) and value:
        for inner in value:
            yield from _leaves(inner, f"{at}[]")
    else:
        yield at, value


def differences(theirs: Mapping[str, list[Any]], ours: Mapping[str, list[Any]]) -> Iterator[Difference]:
    """Return where two flat sides differ; equal paths of a shape that neither has are an error."""
    for path in sorted({*theirs, *ours}):
        there, here = theirs.get(path, []), ours.get(path, [])
        kinds = types(there), types(here)
        if kinds[0] != kinds[1]:
            yield Difference(path, *kinds)
        elif not _alike(path, there, here):
            shown = _shown(path, there), _shown(path, here)
            yield Difference(path, *(kinds if None in shown or shown[0] == shown[1] else map(str, shown)))


def types(values: list[Any]) -> str:
    """Name the JSON types of a path's values."""
    return " or ".join(sorted({_TYPES[type(value)] for value in values})) or ABSENT


def _alike(path: str, theirs: list[Any], ours: list[Any]) -> bool:
    for shaped, shape in SHAPES.items():
        if re.fullmatch(shaped, path):
            return all(re.fullmatch(shape, str(value)) for value in (*theirs, *ours))
    return theirs == ours or bool(OPEN.fullmatch(path))


def _shown(path: str, values: list[Any]) -> str | None:
    if path in _OF_THE_MACHINE:
        return None
    text = ", ".join(value if isinstance(value, str) else json.dumps(value) for value in values)
    small = all(type(value) is int and value < _SMALL for value in values)
    return f"`{text}`" if small or _SHOWN.fullmatch(text) else None
