"""The gate for exposures: that a gate, a dynamic config or a layer's parameter was asked, and which rule answered.

What may leave is closed: the vendor's own keys, with names that stand in the application's specs (the binding looks
them up; a name made at run time is an unknown one), flags, and reasons. Nothing of the user that was asked for.
"""

from __future__ import annotations

from .._internal.shapes import is_token, is_uuid
from ..losses import BAD_EXPOSURE, UNKNOWN_EXPOSURE
from .metrics import MAX_TIME, Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

GATE = "statsig::gate_exposure"
CONFIG = "statsig::config_exposure"
LAYER = "statsig::layer_exposure"
MAX_SECONDARY = 50  # gates that one answer stood on: with their rules below 10 KiB
MAX_VERSION = 20  # digits

_FLAGS = frozenset({"true", "false"})


class Exposure:
    """What the queue holds for an exposure, beside its metadata. `known`: all its names stand in the specs."""

    __slots__ = ("known", "name")

    def __init__(self, name: str, *, known: bool) -> None:
        self.name = name
        self.known = known


def record(exposure: Exposure, metadata: object, *, time_ms: int, event_id: str) -> dict[str, Any]:
    """Return the clean record of an exposure. Raises `Refused`: a name that is not in the specs, an odd shape."""
    if not exposure.known:
        raise Refused(UNKNOWN_EXPOSURE, exposure.name)
    made = _rebuilt(event_id, time_ms, exposure.name, metadata, _of(metadata, "secondaryExposures"))
    if made is None:
        raise Refused(BAD_EXPOSURE, exposure.name)
    return made


def is_exposure(record: object) -> bool:
    """Tell whether a record from the spool bears an exposure's name."""
    name = _of(record, "name")
    return type(name) is str and name in KEYS


def clean(record: dict[str, Any]) -> dict[str, Any] | None:
    """Rebuild an exposure that was read from disk by its closed keys and their shapes, or return None. Idempotent."""
    event_id, time = record.get("id"), record.get("time")
    if not is_uuid(event_id) or type(time) is not int or not 0 < time < MAX_TIME:
        return None
    return _rebuilt(str(event_id), time, record["name"], record.get("metadata"), record.get("secondary"))


def _rebuilt(event_id: str, time_ms: int, name: str, metadata: object, secondary: object) -> dict[str, Any] | None:
    needed = KEYS[name]
    if type(metadata) is not dict:
        return None
    clean: dict[str, str] = {}
    for key, fits in (*needed.items(), *OPTIONAL.items()):
        value = metadata.get(key)
        if type(value) is str and fits(value):
            clean[key] = value
        elif key in needed:
            return None
    return {
        "id": event_id,
        "time": time_ms,
        "name": name,
        "value": None,
        "metadata": clean,
        "secondary": _secondary(secondary),
    }


def _secondary(found: object) -> list[dict[str, str]]:
    """Return the gates that an answer stood on; one of an odd shape is left out."""
    clean: list[dict[str, str]] = []
    for given in found[:MAX_SECONDARY] if type(found) is list else ():
        values = {key: _of(given, key) for key in KEYS[GATE]}
        if all(type(value) is str and KEYS[GATE][key](value) for key, value in values.items()):
            clean.append({key: str(value) for key, value in values.items()})
    return clean


def _of(table: object, key: str) -> object:
    return table.get(key) if type(table) is dict else None


def _is_flag(text: str) -> bool:
    return text in _FLAGS


def _is_version(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= MAX_VERSION


def _is_token_or_empty(text: str) -> bool:
    return not text or is_token(text)


# The vendor's keys: its server takes them for exposures by these.
KEYS: Mapping[str, Mapping[str, Callable[[str], bool]]] = {
    GATE: {"gate": is_token, "gateValue": _is_flag, "ruleID": _is_token_or_empty},
    CONFIG: {"config": is_token, "ruleID": _is_token_or_empty, "rulePassed": _is_flag},
    LAYER: {
        "config": is_token,
        "ruleID": _is_token_or_empty,
        "allocatedExperiment": _is_token_or_empty,
        "parameterName": is_token,
        "isExplicitParameter": _is_flag,
    },
}
OPTIONAL: Mapping[str, Callable[[str], bool]] = {
    "configVersion": _is_version,
    "isManualExposure": _is_flag,
    "overrideConfigName": is_token,
    "reason": is_token,
}
