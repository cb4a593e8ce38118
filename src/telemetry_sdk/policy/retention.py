"""How many days local files are kept: `cleanupPeriodDays`, an integer of at least 1."""

from __future__ import annotations

from telemetry_sdk._internal.layers import HOST, HOST_SOURCE, MANAGED, RESTRICT_ONLY, USER

from .settings_file import BROKEN, Number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .findings import Findings
    from .model import HostChoices
    from .settings_file import SettingsFile

DAYS_LIMIT = 36_500
"""A hundred years; larger values are cut, so that no date arithmetic overflows."""


class _UndeterminedError(ValueError):
    """A layer sets the value, but no valid one."""


def retention_days(findings: Findings, files: Sequence[SettingsFile], host: HostChoices) -> int | None:
    """Return the days of the highest layer that sets them; None if undetermined.

    A project may only shorten what the user's settings (or the default) set.
    """
    try:
        managed = _layer(findings, files, MANAGED)
        if managed is None and host.retention_days is not None:
            managed = _days(findings, HOST, HOST_SOURCE, host.retention_days)
        users = _layer(findings, files, USER)
    except _UndeterminedError:
        _project(findings, files, 0)
        return None
    user = findings.profile.retention_days if users is None else users
    project = _project(findings, files, 0 if managed else user)
    return managed or project or user


def _layer(findings: Findings, files: Sequence[SettingsFile], layer: str) -> int | None:
    """Return a trusted layer's days, those of its last file; None where it sets none."""
    days: int | None = None
    for file in files:
        if file.layer == layer:
            if file.state == BROKEN:
                raise _UndeterminedError
            values = file.top.values_of(findings.profile.retention_key)
            found = {_days(findings, layer, file.path, value) for value in values if value is not None}
            if len(found) > 1:
                raise _UndeterminedError
            days = found.pop() if found else days
    return days


def _days(findings: Findings, layer: str, source: str, value: object) -> int:
    """Return the days of a value; warn and raise where it is invalid."""
    days = _integer(value)
    if days is None:
        key = findings.profile.retention_key
        findings.warn(
            f"{key} in {source} ({layer}) must be an integer of at least 1; until it is, no old files are deleted. "
            "To keep no files, turn the feature off instead"
        )
        raise _UndeterminedError
    return days


def _integer(value: object) -> int | None:
    if isinstance(value, Number):
        value = int(value[:8]) if value.isascii() and value.isdigit() else None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        return None
    return min(value, DAYS_LIMIT)


def _project(findings: Findings, files: Sequence[SettingsFile], most: int) -> int | None:
    """Return the fewest days that a project sets, if at most `most`; list the others as ignored."""
    fewest: int | None = None
    key = findings.profile.retention_key
    for file in files:
        if file.layer in RESTRICT_ONLY:
            for value in file.top.values_of(key):
                days = _integer(value)
                if days is None or days > most:
                    findings.ignore(
                        file.layer,
                        file.path,
                        key,
                        "ignored: a project may only shorten what the user's settings set",
                    )
                else:
                    fewest = min(days, fewest or days)
    return fewest
