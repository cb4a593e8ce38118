"""Checks of the fields of a profile; each message says what to write instead."""

from __future__ import annotations

from telemetry_sdk._internal.layers import LOCAL_PROJECT, PROJECT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def check_switch(switch: Any, truths: type) -> None:
    """Raise ValueError for a wrong field of a switch."""
    owner = f"Switch {switch.variable}"
    check_variable("Switch", switch.variable)
    check_texts(owner, "services", switch.services, empty=False)
    _check_truth(owner, switch.truth, truths)


def check_provider(provider: Any, truths: type, reserved: str) -> None:
    """Raise ValueError for a wrong field of a provider, or the name `reserved`."""
    check_variable("Provider", provider.variable)
    owner = f"Provider {provider.variable}"
    check_text(owner, "name", provider.name)
    if provider.name == reserved:
        raise ValueError(f"{owner}: the name {reserved!r} stands for unknown providers; choose another")
    check_texts(owner, "off", provider.off)
    check_text(owner, "part_of", provider.part_of, empty=True)
    _check_truth(owner, provider.truth, truths)


def check_profile(profile: Any, switches: type, providers: type) -> None:
    """Raise ValueError for a wrong field of a profile."""
    owner = f"profile {profile.name!r}"
    for field in ("name", "first_party", "user_file", "repository_mark", "retention_key"):
        check_text(owner, field, getattr(profile, field))
    for field in ("unknown_provider_prefix", "config_dir_variable"):
        check_text(owner, field, getattr(profile, field), empty=True)
    for field in ("services", "no_providers", "switch_suffixes", "client_certificate", "hints"):
        check_texts(owner, field, getattr(profile, field))
    check_texts(owner, "broken_settings_turn_off", profile.broken_settings_turn_off)
    check_rows(owner, "switches", profile.switches, switches)
    check_rows(owner, "providers", profile.providers, providers)
    for field in ("managed_files", "project_files"):
        check_pairs(owner, field, getattr(profile, field))
    _check_references(owner, profile)


def _check_references(owner: str, profile: Any) -> None:
    rows = [(switch.variable, switch.services) for switch in profile.switches]
    rows += [(provider.variable, provider.off) for provider in profile.providers]
    for name, services in (*rows, ("broken_settings_turn_off", profile.broken_settings_turn_off)):
        for service in services:
            check_choice(owner, name, service, profile.services)
    names = tuple(provider.name for provider in profile.providers)
    for provider in profile.providers:
        check_choice(owner, f"part_of of {provider.variable}", provider.part_of, ("", *names))
    for layer, _ in profile.project_files:
        check_choice(owner, "project_files", layer, (LOCAL_PROJECT, PROJECT))
    days: object = profile.retention_days
    if not isinstance(days, int) or isinstance(days, bool) or days < 1:
        raise ValueError(f"{owner}: retention_days must be an integer of at least 1, got {days!r}")


def _check_truth(owner: str, truth: object, truths: type) -> None:
    if not isinstance(truth, truths):
        raise ValueError(f"{owner}: truth must be PRESENCE or FLAG, got {truth!r}")  # noqa: TRY004 - one error type


def check_text(owner: str, field: str, value: object, *, empty: bool = False) -> None:
    """Raise ValueError unless `value` is a printable string."""
    if not isinstance(value, str) or not (value or empty) or not value.isprintable():
        raise ValueError(f"{owner}: {field} must be a{'' if empty else ' non-empty'} string, got {value!r}")


def check_variable(owner: str, name: object) -> None:
    """Raise ValueError unless `name` can be an environment variable."""
    if not isinstance(name, str) or not name.isascii() or not name.replace("_", "a").isalnum():
        raise ValueError(f"{owner}: variable must be the name of an environment variable (A-Z, 0-9, _), got {name!r}")


def check_texts(owner: str, field: str, value: object, *, empty: bool = True) -> None:
    """Raise ValueError unless `value` is a tuple of non-empty strings."""
    if not isinstance(value, tuple) or not (value or empty) or not all(isinstance(v, str) and v for v in value):
        raise ValueError(f"{owner}: {field} must be a tuple of strings such as ('metrics',), got {value!r}")


def check_pairs(owner: str, field: str, value: object) -> None:
    """Raise ValueError unless `value` is a tuple of pairs of strings."""
    if not isinstance(value, tuple) or not all(_is_pair(pair) for pair in value):
        raise ValueError(f"{owner}: {field} must be a tuple of pairs of strings, got {value!r}")


def check_rows(owner: str, field: str, rows: object, kind: type) -> None:
    """Raise ValueError unless `rows` is a tuple of `kind`, each with a variable of its own."""
    if not isinstance(rows, tuple) or not all(isinstance(row, kind) for row in rows):
        raise ValueError(f"{owner}: {field} must be a tuple of {kind.__name__} values, got {rows!r}")
    seen: set[str] = set()
    for row in rows:
        if row.variable in seen:
            raise ValueError(f"{owner}: {field} lists {row.variable} twice; keep one row")
        seen.add(row.variable)


def check_choice(owner: str, name: str, value: str, known: tuple[str, ...]) -> None:
    """Raise ValueError unless `value` is one of `known`."""
    if value not in known:
        raise ValueError(f"{owner}: {name} names {value!r}, which is unknown; expected one of {', '.join(known)}")


def _is_pair(value: object) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and all(isinstance(item, str) for item in value)  # noqa: PLR2004
