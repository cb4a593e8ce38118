"""Truth of values: which ones restrict.

| class | unset, empty | `1 true yes on` | `0 false no off` | anything else |
| --- | --- | --- | --- | --- |
| presence | no | yes | yes, with a warning | yes |
| boolean | no | yes | no | yes |
| flag | no | yes | no | yes, with a warning |

Blanks around a value and its case do not matter.
"""

from __future__ import annotations

from telemetry_sdk._internal.frozen import Frozen

YES = ("1", "true", "yes", "on")
NO = ("0", "false", "no", "off")

UNREADABLE = "?"
"""Stands for a value of which no text can be had: it restricts, as everything unknown does."""


class Truth(Frozen):
    """A row of the table: does a "no" restrict as well, and does any other word earn a warning."""

    name: str
    no_restricts: bool
    other_warns: bool


PRESENCE = Truth(name="presence", no_restricts=True, other_warns=False)
BOOLEAN = Truth(name="boolean", no_restricts=False, other_warns=False)
FLAG = Truth(name="flag", no_restricts=False, other_warns=True)


class Number(str):
    """A JSON number, kept as it was written: neither its size nor its precision can hurt."""

    __slots__ = ()


def judge(text: str, truth: Truth) -> tuple[bool, str]:
    """Return whether a value restricts, and a warning or ""."""
    word = text.strip().lower()
    if not word or word in YES:
        return bool(word), ""
    if word in NO:
        return (
            truth.no_restricts,
            "counts although it says no: presence decides" if truth.no_restricts else "",
        )
    return True, "is not a truth value and counts as set" if truth.other_warns else ""


def text_of(value: object) -> tuple[str, bool]:
    """Return a value's text, and whether it was something else than a string; None is unset, as ""."""
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
