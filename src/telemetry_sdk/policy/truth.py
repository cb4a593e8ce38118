"""Which values of a switch or provider variable restrict.

| class | unset, empty | `1 true yes on` | `0 false no off` | anything else |
| --- | --- | --- | --- | --- |
| presence | no | yes | yes, with a warning | yes |
| boolean | no | yes | no | yes |
| flag | no | yes | no | yes, with a warning |

Case and surrounding whitespace do not matter.
"""

from __future__ import annotations

from telemetry_sdk._internal.frozen import Frozen

YES = ("1", "true", "yes", "on")
NO = ("0", "false", "no", "off")

UNREADABLE = "?"
"""Stands for a value without a text form: it restricts, like every unknown value."""


class Truth(Frozen):
    """A row of the table: whether a "no" restricts too, and whether any other word causes a warning."""

    name: str
    no_restricts: bool
    other_warns: bool


PRESENCE = Truth(name="presence", no_restricts=True, other_warns=False)
BOOLEAN = Truth(name="boolean", no_restricts=False, other_warns=False)
FLAG = Truth(name="flag", no_restricts=False, other_warns=True)


class Number(str):
    """A JSON number as written, so that its size and precision do not matter."""

    __slots__ = ()


def restricts(text: str, truth: Truth) -> tuple[bool, str]:
    """Return whether a value restricts, and a warning or ""."""
    word = text.strip().lower()
    if not word or word in YES:
        return bool(word), ""
    if word in NO:
        return (
            truth.no_restricts,
            "still opts out: presence decides, unset it to opt in" if truth.no_restricts else "",
        )
    return True, "is not a boolean and counts as set" if truth.other_warns else ""


def text_of(value: object) -> tuple[str, bool]:
    """Return a value's text, and whether it was not a string; None is unset, like ""."""
    if value is None:
        return "", False
    if isinstance(value, str):
        return str(value), isinstance(value, Number)
    if isinstance(value, bool):
        return ("true" if value else "false"), True
    if isinstance(value, bytes):
        return value.decode("ascii", "replace"), True
    if isinstance(value, int) and value in {0, 1}:
        return ("1" if value else "0"), True
    return UNREADABLE, True
