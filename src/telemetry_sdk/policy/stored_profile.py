"""What a sender needs of the policy without the application, as a file beside the state or through a pipe.

It holds no endpoint, no credential and no path to write to.
"""

from __future__ import annotations

import os
import stat

from telemetry_sdk._internal.frozen import Frozen

from .profile import BOOLEAN, CLAUDE_CODE, FLAG, PRESENCE, Profile, Provider, Switch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

SIZE_LIMIT = 256 << 10  # bytes; a profile has about 2 KiB
UMBRELLA_SUFFIX = "_DISABLE_NONESSENTIAL_TRAFFIC"

_TRUTHS = {truth.name: truth for truth in (PRESENCE, BOOLEAN, FLAG)}
_TEXTS = (
    "name",
    "first_party",
    "unknown_provider_prefix",
    "user_file",
    "config_dir_variable",
    "repository_mark",
    "retention_key",
)
_LISTS = ("services", "no_providers", "switch_suffixes", "client_certificate", "broken_settings_turn_off", "hints")
_PAIRS = ("managed_files", "project_files")
_MEMBERS = frozenset(
    ("v", "profile", "truth", "provider", "lift_provider_default", "settings_file", "version", "contact")
)
_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


class StoredProfile(Frozen):
    """The application's profile and its choices that a policy depends on.

    `version`: the application's; `contact`: whom its users ask for erasure.
    """

    profile: Profile
    truth: str = "presence"
    provider: str | None = None
    lift_provider_default: Mapping[str, tuple[str, ...]]
    settings_file: str | None = None
    version: str
    contact: str | None = None

    def store(self, state_dir: str) -> bool:
        """Write the file beside a state directory; False if it cannot be: nothing is sent without the application."""
        try:
            store(profile_path(state_dir), self)
        except OSError:
            return False
        return True


def profile_path(state_dir: str) -> str:
    """Return the file of an application's stored profile, beside its state directories."""
    return os.path.join(os.path.dirname(state_dir), "profile.json")


def store(path: str, stored: StoredProfile) -> None:
    """Write the file atomically, 0600, unless it holds the same already. Raises OSError."""
    from telemetry_sdk.storage.files import replace

    data = dumps(stored)
    if not _holds(path, data):
        replace(path, data)


def _holds(path: str, data: bytes) -> bool:
    try:
        return _read(path) == data
    except (OSError, ValueError):  # missing or unusable
        return False


def load(path: str) -> StoredProfile:
    """Return what was stored.

    Raises OSError if the file cannot be read, and ValueError if it is not a regular file of this user with mode 0600,
    or holds anything but a profile.
    """
    return loads(_read(path))


def dumps(stored: StoredProfile) -> bytes:
    """Return the JSON text."""
    from json import dumps as json_dumps

    profile = stored.profile
    fields: dict[str, Any] = {name: getattr(profile, name) for name in (*_TEXTS, *_LISTS, *_PAIRS, "retention_days")}
    fields["switches"] = [
        {"variable": row.variable, "services": row.services, "truth": row.truth.name} for row in profile.switches
    ]
    fields["providers"] = [
        {"name": p.name, "variable": p.variable, "off": p.off, "truth": p.truth.name, "part_of": p.part_of}
        for p in profile.providers
    ]
    whole = {
        "v": 1,
        "profile": fields,
        "truth": stored.truth,
        "provider": stored.provider,
        "lift_provider_default": {name: list(services) for name, services in stored.lift_provider_default.items()},
        "settings_file": stored.settings_file,
        "version": stored.version,
        "contact": stored.contact,
    }
    return json_dumps(whole, sort_keys=True).encode()


def loads(data: bytes) -> StoredProfile:
    """Return the value of a JSON text of at most 256 KiB. Raises ValueError for anything but a profile."""
    from json import loads as json_loads

    if len(data) > SIZE_LIMIT:
        raise ValueError(f"is larger than {SIZE_LIMIT >> 10} KiB")
    try:
        whole = json_loads(data)
        if set(whole) != _MEMBERS:
            raise ValueError("has other members than a stored profile")
        return _stored(whole)
    except (TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError("is not a stored profile") from error


def with_known_switches(profile: Profile) -> Profile:
    """Return the profile with the switches and managed places that every command obeys, whatever is stored."""
    rows = {switch.variable: switch for switch in CLAUDE_CODE.switches}
    for switch in profile.switches:
        known = rows.get(switch.variable)
        if known is None:
            rows[switch.variable] = switch
        else:
            truth = PRESENCE if PRESENCE in {known.truth, switch.truth} else known.truth
            rows[switch.variable] = switch.replace(services=_union(known.services, switch.services), truth=truth)
    return profile.replace(
        services=_union(CLAUDE_CODE.services, profile.services),
        switches=tuple(rows.values()),
        switch_suffixes=_union(profile.switch_suffixes, (UMBRELLA_SUFFIX,)),
        managed_files=_union(profile.managed_files, CLAUDE_CODE.managed_files),
        broken_settings_turn_off=_union(profile.broken_settings_turn_off, CLAUDE_CODE.broken_settings_turn_off),
    )


def _union(first: tuple[Any, ...], second: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys((*first, *second)))


def _read(path: str) -> bytes:
    """Return the bytes of a regular file of this user's own, 0600, one more than the limit at most."""
    descriptor = os.open(path, _FLAGS)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise ValueError("is not a regular file")
        if hasattr(os, "geteuid") and (found.st_uid != os.geteuid() or found.st_mode & 0o077):
            raise ValueError("is not a file of this user alone (mode 0600)")
        data = b""
        while len(data) <= SIZE_LIMIT and (piece := os.read(descriptor, SIZE_LIMIT + 1 - len(data))):
            data += piece
    finally:
        os.close(descriptor)
    return data


def _stored(whole: dict[str, Any]) -> StoredProfile:
    optional = [whole[name] or "" for name in ("provider", "settings_file", "contact")]
    texts = [whole["truth"], whole["version"], *optional]
    if whole["v"] != 1 or not all(isinstance(text, str) for text in texts):
        raise ValueError("is not a stored profile")
    return StoredProfile(
        profile=_profile(whole["profile"]),
        truth=whole["truth"],
        provider=whole["provider"],
        lift_provider_default={name: _texts(services) for name, services in whole["lift_provider_default"].items()},
        settings_file=whole["settings_file"],
        version=whole["version"],
        contact=whole["contact"],
    )


def _profile(fields: dict[str, Any]) -> Profile:
    """Return the profile; its own checks refuse wrong values."""
    switches = tuple(
        Switch(variable=row["variable"], services=_texts(row["services"]), truth=_TRUTHS[row["truth"]])
        for row in _list(fields["switches"])
    )
    providers = tuple(
        Provider(
            name=row["name"],
            variable=row["variable"],
            off=_texts(row["off"]),
            truth=_TRUTHS[row["truth"]],
            part_of=row["part_of"],
        )
        for row in _list(fields["providers"])
    )
    plain = {name: fields[name] for name in (*_TEXTS, "retention_days")}
    lists = {name: _texts(fields[name]) for name in _LISTS}
    pairs = {name: tuple(_texts(pair) for pair in _list(fields[name])) for name in _PAIRS}
    return Profile(switches=switches, providers=providers, **plain, **lists, **pairs)


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not all(isinstance(item, str) for item in _list(value)):
        raise TypeError
    return tuple(_list(value))
