"""Finds the switch that a misspelt variable was meant to be, for a warning with "did you mean"."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_SUBJECTS = ("TELEMETRY", "TRACK")
_LONGEST = 80  # characters of a name that is looked at


def near_switch(plain: str, switches: Iterable[str]) -> str:
    """Return the switch that a variable, in capitals, was probably meant to be, "" if there is none.

    Near is one edit away, or TELEMETRY or TRACK beside DISABLE, NO or OPT_OUT.
    """
    if len(plain) > _LONGEST:
        return ""
    near = [switch for switch in switches if plain == switch or _one_edit(plain, switch)]
    words = plain.split("_")
    if "DISABLE" in words or "NO" in words or "_OPT_OUT" in f"_{plain}":
        near += [switch for subject in _SUBJECTS if subject in words for switch in switches if subject in switch]
    return near[0] if near else ""


def _one_edit(one: str, other: str) -> bool:
    """Whether one character is missing, added or replaced, or two neighbours are swapped."""
    if one[:2] != other[:2] and one[-2:] != other[-2:]:
        return False  # an edit leaves one of the ends as it is
    same = 0
    while same < min(len(one), len(other)) and one[same] == other[same]:
        same += 1
    rest, target = one[same:], other[same:]
    swapped = rest[1::-1] + rest[2:]
    return rest[1:] == target[1:] or rest == target[1:] or rest[1:] == target or swapped == target
