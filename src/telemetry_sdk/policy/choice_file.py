"""The user's own choice: `choice.json`, `{"v": 1, "off": {"metrics": "2026-01-31"}}`. It can only turn off."""

from __future__ import annotations

from telemetry_sdk._internal.layers import BROKEN, CHOICE, SILENCED, WITHDRAWN, Reason

from .directories import lies_in
from .settings_file import Pairs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .findings import Findings
    from .settings_file import SettingsFile

VERSION = 1
_DATE = 10  # characters: YYYY-MM-DD


def add_choice(findings: Findings, file: SettingsFile, project_directories: Sequence[str]) -> None:
    """Add a choice file that exists. A broken one turns all services off; one in the project deletes nothing."""
    problem = file.problem or choice_problem(file.top)
    if problem:
        findings.warn(f"{file.path} {problem}: all services are off; correct or delete it")
        effect = f"off: the file {problem}"
        reason = Reason(layer=CHOICE, source=file.path, variable="", effect=effect, kind=BROKEN)
        findings.turn_off(findings.profile.services, reason)
        return
    kind = SILENCED if lies_in(file.path, project_directories) else WITHDRAWN
    for service, date in services_off(file.top).items():
        when = f" on {date}" if _is_date(date) else ""
        reason = Reason(layer=CHOICE, source=file.path, variable="", effect=f"off: opted out{when}", kind=kind)
        findings.turn_off((service,), reason)


def choice_problem(members: Pairs) -> str:
    """Return what is wrong with a choice file's content, "" if nothing is."""
    versions = [value for name, value in members if name == "v"]
    offs = [value for name, value in members if name == "off"]
    if any(name not in {"v", "off"} for name, _ in members):
        return 'has members other than "v" and "off"'
    if versions != [str(VERSION)]:
        return f'must have "v": {VERSION}'
    if not all(isinstance(off, Pairs) and all(isinstance(date, str) for _, date in off) for off in offs):
        return 'must have "off": {service: date}'
    return ""


def services_off(members: Pairs) -> dict[str, str]:
    """Return the services that a choice file turns off, each with its date."""
    return {name: date for off in members.values_of("off") for name, date in off}


def _is_date(text: str) -> bool:
    return len(text) == _DATE and text.isascii() and text.replace("-", "").isdigit()
