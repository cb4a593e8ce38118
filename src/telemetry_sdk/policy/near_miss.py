"""Finds variables that look like a misspelt opt-out, for a warning with "did you mean"."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_SUBJECTS = ("TELEMETRY", "TRACK")
_LONGEST = 80  # characters of a name that is looked at


class NearMisses:
    """The switches of a profile, by length: every variable of the environment is compared at each start."""

    def __init__(self, switches: Iterable[str]) -> None:
        self._switches = tuple(switches)
        self._near: dict[int, list[str]] = {}
        for switch in self._switches:
            for length in (len(switch) - 1, len(switch), len(switch) + 1):
                self._near.setdefault(length, []).append(switch)

    def find(self, name: str) -> str:
        """Return the switch that a variable was probably meant to be, "" if there is none.

        Near is one edit (or another case) away, or TELEMETRY or TRACK beside DISABLE, NO or OPT_OUT.
        """
        plain = name[: _LONGEST + 1].upper().replace("-", "_")
        for switch in self._near.get(len(plain), ()):
            if plain == switch or _one_edit(plain, switch):
                return switch
        return self._by_words(plain) if any(subject in plain for subject in _SUBJECTS) else ""

    def _by_words(self, plain: str) -> str:
        words = plain.split("_")
        if len(plain) <= _LONGEST and ("DISABLE" in words or "NO" in words or "_OPT_OUT" in f"_{plain}"):
            for subject in _SUBJECTS:
                if subject in words:
                    return next((switch for switch in self._switches if subject in switch), "")
        return ""


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
