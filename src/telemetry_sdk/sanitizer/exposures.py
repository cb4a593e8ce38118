"""Cleans exposures: that a gate, a dynamic config or a layer's parameter was read, and which rule answered.

Only the vendor's own keys, with names from the application's specs (the binding looks them up), flags and reasons.
Nothing of the user who was evaluated.
"""

from __future__ import annotations

from .._internal.shapes import is_token
from ..losses import BAD_EXPOSURE, UNKNOWN_EXPOSURE
from .metrics import EventRejected

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from .._internal.raw_records import Exposure

GATE = "statsig::gate_exposure"
CONFIG = "statsig::config_exposure"
LAYER = "statsig::layer_exposure"
MAX_SECONDARY = 50  # gates that one answer depended on: with their rules below 10 KiB
MAX_VERSION = 20  # digits

_FLAGS = frozenset({"true", "false"})


def exposure_record(exposure: Exposure, metadata: object, *, time_ms: int, event_id: str) -> dict[str, Any]:
    """Return the clean record of an exposure.

    Raises `EventRejected`: a name that is not in the specs, a value that does not have its key's shape.
    """
    if not exposure.known:
        raise EventRejected(UNKNOWN_EXPOSURE, exposure.name)
    clean = {
        key: value
        for key, fits in (*KEYS[exposure.name].items(), *OPTIONAL.items())
        for value in [_of(metadata, key)]
        if type(value) is str and fits(value)
    }
    if not clean.keys() >= KEYS[exposure.name].keys():
        raise EventRejected(BAD_EXPOSURE, exposure.name)
    return {
        "id": event_id,
        "time": time_ms,
        "name": exposure.name,
        "value": None,
        "metadata": clean,
        "secondary": _secondary(_of(metadata, "secondaryExposures")),
    }


def _secondary(found: object) -> list[dict[str, str]]:
    """Return the gates that an answer depended on; any of another shape is left out."""
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
