"""Statsig's specs (gates, dynamic configs, layers) as the application ships them: checked before the vendor reads them.

The smallest that works:

    {"time": 1,
     "feature_gates": [{"name": "g", "enabled": true, "rules": [{"passPercentage": 100}]}],
     "dynamic_configs": [{"name": "c", "enabled": true, "rules": [{"passPercentage": 100, "returnValue": {"n": 50}}]}]}
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MAX_SPECS = 4 << 20  # characters or bytes: of a project with thousands of gates
MAX_DEPTH = 32  # levels: a rule's conditions lie at the sixth
LISTS = ("feature_gates", "dynamic_configs", "layer_configs")

# Who made the specs and how the vendor's own client is to send: they have no say here.
# `sdk_configs` could have exposures sampled, `hashed_sdk_key_used` refuses whoever has no secret key.
_FOREIGN = ("hashed_sdk_key_used", "sdk_configs", "sdk_flags", "diagnostics", "has_updates")


class BadSpecsError(Exception):
    """Specs that cannot be used; the message says why, in words of ours."""


def parsed(text: object) -> dict[str, Any]:
    """Return specs from their JSON text (str or bytes); raises `BadSpecsError`."""
    from json import loads

    if not isinstance(text, (str, bytes)):
        raise BadSpecsError("are no text")
    if len(text) > MAX_SPECS:
        raise BadSpecsError(f"are longer than {MAX_SPECS >> 20} MiB")
    try:
        specs = loads(text)
    except (ValueError, RecursionError):
        raise BadSpecsError("are no JSON") from None
    if type(specs) is not dict:
        raise BadSpecsError("are no JSON object")
    time = specs.get("time")
    if type(time) is not int or time < 0:
        raise BadSpecsError("have no time, a whole number")
    if _too_deep(specs):
        raise BadSpecsError(f"are deeper than {MAX_DEPTH} levels")
    for name in LISTS:
        found = specs.get(name, [])
        if type(found) is not list or not all(type(spec) is dict and type(spec.get("name")) is str for spec in found):
            raise BadSpecsError(f"hold {name} that are no list of named objects")
    return {key: value for key, value in specs.items() if key not in _FOREIGN}


def _too_deep(value: object) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        children = (tuple(parent.values()) if type(parent) is dict else parent for parent in level)
        level = [child for some in children for child in some if type(child) in {dict, list}]  # type: ignore[attr-defined]
        if not level:
            return False
    return True
