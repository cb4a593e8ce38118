"""Finds variables that look like a misspelt opt-out, for a warning with "did you mean"."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

_SUBJECTS = ("TELEMETRY", "TRACK")
_LONGEST = 80  # characters of a name that is looked at


def near_miss(name: str, switches: Collection[str]) -> str:
    """Return the switch that a variable was probably meant to be, "" if there is none.

    Near is one edit (or another case) away, or TELEMETRY or TRACK beside DISABLE, NO or OPT_OUT.
    """
    if len(name) > _LONGEST:
        return ""
    plain = name.upper().replace("-", "_")
    for switch in switches:
        if abs(len(switch) - len(plain)) <= 1 and (plain == switch or _one_edit(plain, switch)):
            return switch
    words = plain.split("_")
    if "DISABLE" in words or "NO" in words or "_OPT_OUT" in f"_{plain}":
        for subject in _SUBJECTS:
            if subject in words:
                return next((switch for switch in switches if subject in switch), "")
    return ""


def _one_edit(one: str, other: str) -> bool:
    """Whether one character is missing, added or replaced, or two neighbours are swapped."""
    same = 0
    while same < min(len(one), len(other)) and one[same] == other[same]:
        same += 1
    rest, target = one[same:], other[same:]
    swapped = rest[1::-1] + rest[2:]
    return rest[1:] == target[1:] or rest == target[1:] or rest[1:] == target or swapped == target
