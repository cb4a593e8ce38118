"""How many days local files are kept: `cleanupPeriodDays`, an integer of at least 1."""

from __future__ import annotations

from .profile import HOST, LOCAL_PROJECT, MANAGED, PROJECT, USER
from .settings import BROKEN
from .truth import Number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .model import HostChoices
    from .settings import SettingsFile
    from .statements import Statements

DAYS_LIMIT = 36_500
"""A hundred years: more says the same, and no date arithmetic overflows."""


class _UndeterminedError(ValueError):
    """The layer says something, but not what."""


def retention_days(said: Statements, files: list[SettingsFile], host: HostChoices) -> int | None:
    """Return the days of the highest layer that names them; None where they cannot be determined.

    A project may only name fewer days than the user's settings (or the default) do.
    """
    try:
        managed = _layer(said, files, MANAGED)
        if managed is None and host.retention_days is not None:
            managed = _days(said, HOST, "the application", host.retention_days)
        users = _layer(said, files, USER)
    except _UndeterminedError:
        _project(said, files, 0)
        return None
    user = said.profile.retention_days if users is None else users
    project = _project(said, files, 0 if managed else user)
    return managed or project or user


def _layer(said: Statements, files: list[SettingsFile], layer: str) -> int | None:
    """Return a trusted layer's days, None where it names none."""
    found: set[int] = set()
    for file in files:
        if file.layer == layer:
            if file.state == BROKEN:
                raise _UndeterminedError
            values = file.top.values_of(said.profile.retention_key)
            found |= {_days(said, layer, file.path, value) for value in values if value is not None}
    if len(found) > 1:
        raise _UndeterminedError
    return found.pop() if found else None


def _days(said: Statements, layer: str, source: str, value: object) -> int:
    """Return the days that a value names; else warn, and refuse the layer's word."""
    days = _integer(value)
    if days is None:
        key = said.profile.retention_key
        said.warn(
            f"{key} in {source} ({layer}) must be an integer of at least 1; nothing is swept until it is. "
            "To keep nothing, turn keeping off instead"
        )
        raise _UndeterminedError
    return days


def _integer(value: object) -> int | None:
    if isinstance(value, Number):
        value = int(value[:8]) if value.isascii() and value.isdigit() else None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        return None
    return min(value, DAYS_LIMIT)


def _project(said: Statements, files: list[SettingsFile], most: int) -> int | None:
    """Return the fewest days that a project names, if not more than `most`; list the other attempts."""
    fewest: int | None = None
    key = said.profile.retention_key
    for file in files:
        if file.layer in {PROJECT, LOCAL_PROJECT}:
            for value in file.top.values_of(key):
                days = _integer(value)
                if days is None or days > most:
                    said.ignore(
                        file.layer,
                        file.path,
                        key,
                        "ignored: a project may only shorten what the user's settings say",
                    )
                else:
                    fewest = min(days, fewest or days)
    return fewest
