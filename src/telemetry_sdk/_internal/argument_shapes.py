"""What kinds of values `start()` takes: names the arguments that made it fail, and those that strict mode refuses."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    Shape = tuple[str, Callable[[Any], bool]]


def _is_a(*types: type) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, types)


def _is_sets(value: object) -> bool:
    return isinstance(value, Mapping) and all(map(_is_a(Iterable), value.values()))


_TEXT: Shape = ("a str", _is_a(str))
_FLAG: Shape = ("True or False", _is_a(bool))
_PATH: Shape = ("a path", _is_a(str, os.PathLike))
_NAMES: Shape = ("names", _is_a(Iterable))
_SETS: Shape = ("a mapping of names to collections", _is_sets)
_CALLABLE: Shape = ("a callable", callable)
_TEXTS = (
    *("app", "version", "statsig_key", "statsig_url", "sentry_dsn", "bug_report_url", "bug_report_terms"),
    *("command", "bug_command", "environment", "user_id", "truth", "provider", "statsig_specs", "statsig_specs_url"),
    *("contact", "at_exit"),
)
SHAPES: dict[str, Shape] = {
    **dict.fromkeys(_TEXTS, _TEXT),
    **dict.fromkeys(("bug_report_auth", "before_send"), _CALLABLE),
    **dict.fromkeys(("tags", "lift_provider_default"), _SETS),
    **dict.fromkeys(("off", "opted_out", "app_modules"), _NAMES),
    **dict.fromkeys(("settings_file", "state_dir"), _PATH),
    **dict.fromkeys(("bind_sentry", "bind_statsig", "ledger", "training_opt_in", "notice"), _FLAG),
    "sample": ("a mapping of event names to numbers", _is_a(Mapping)),
    "profile": (
        "an instance of telemetry_sdk.Profile",
        lambda value: hasattr(value, "switches") and not isinstance(value, type),
    ),
    "retention_days": ("an int", _is_a(int)),
    "exit_timeout": ("a number of seconds", _is_a(int, float)),
    "max_events_per_minute": ("an int", _is_a(int)),
}


def misfits(given: Mapping[str, Any]) -> list[str]:
    """Return a line for each argument of another kind than `start()` takes; None stands for the default."""
    return [
        f"{name}: expected {expected}, got {_kind(given[name])}"
        for name, (expected, accepts) in SHAPES.items()
        if given.get(name) is not None and not _fits(accepts, given[name])
    ]


def _fits(accepts: Callable[[Any], bool], value: object) -> bool:
    try:
        return accepts(value)
    except Exception:  # of a foreign object's own code
        return False


def _kind(value: object) -> str:
    return f"the class {value.__name__}" if isinstance(value, type) else type(value).__name__
