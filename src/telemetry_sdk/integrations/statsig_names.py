"""Whether an exposure's names stand in the specs in use: a name made at run time could say anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from telemetry_sdk.sanitizer.exposures import CONFIG, GATE

if TYPE_CHECKING:
    from collections.abc import Mapping

    Spec = Mapping[str, Any]

NO_RULE = (None, "", "default", "disabled", "error", "override")


def knows(store: Any, name: str, metadata: Mapping[str, Any]) -> bool:
    """Tell whether the specs hold every name of an exposure: what was asked, its override, experiment, parameter."""
    find = store.get_gate if name == GATE else store.get_config if name == CONFIG else store.get_layer
    spec = find(metadata.get("gate" if name == GATE else "config", ""))
    named = metadata.get("overrideConfigName")
    override = find(named) if named is not None else None
    if spec is None or (named is not None and override is None):
        return False
    if not _knows_rule(store, metadata.get("ruleID"), spec, override):
        return False
    return name in {GATE, CONFIG} or _knows_parameter(store, spec, metadata)


def known_gates(store: Any, secondary: list[Any]) -> list[Any]:
    """Return those of an answer's secondary exposures whose gates stand in the specs."""
    return [
        row
        for row in secondary
        if type(row) is dict and _knows_rule(store, row.get("ruleID"), store.get_gate(row.get("gate", "")))
    ]


def parameters(*specs: Spec | None) -> set[object]:
    """Return the names of a layer's parameters, as its spec and its experiment's give them values."""
    found: set[object] = set()
    for spec in specs:
        if spec is not None:
            values = [spec.get("defaultValue"), *(rule.get("returnValue") for rule in spec.get("rules", []))]
            found.update(*(value for value in values if type(value) is dict))
    return found


def _knows_rule(store: Any, rule: object, *specs: Spec | None) -> bool:
    """Tell whether a rule is the specs', an experiment's that they hand over to, or none, in the package's words.

    An object of the package that the application makes itself can bear any text as its rule.
    """
    asked = [spec for spec in specs if spec is not None]
    rules = [row for spec in asked for row in spec.get("rules", [])]
    for row in list(rules):
        experiment = store.get_config(row.get("configDelegate") or "")
        rules += experiment.get("rules", []) if experiment is not None else []
    return bool(asked) and (rule in NO_RULE or any(row.get("id") == rule for row in rules))


def _knows_parameter(store: Any, layer: Spec, metadata: Mapping[str, Any]) -> bool:
    allocated = metadata.get("allocatedExperiment")
    experiment = store.get_config(allocated) if allocated else None
    if allocated and experiment is None:
        return False
    delegates = [store.get_config(rule.get("configDelegate") or "") for rule in layer.get("rules", [])]
    return metadata.get("parameterName") in parameters(layer, experiment, *delegates)
