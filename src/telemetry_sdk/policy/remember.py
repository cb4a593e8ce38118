"""Writing an opt-out to the user's settings, so that it holds at the next start. The one writer of settings."""

from __future__ import annotations

import os

from .layers import USER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from .model import Policy
    from .profile import Profile


def remember(policy: Policy, profile: Profile, services: Iterable[str]) -> str:
    """Add a switch for each service to the `env` of the user's settings file; return the file's path.

    All else in the file stays. Raises `OSError` if there is no such place or it cannot be written, and
    `ValueError` if the file is there but is not a JSON object, or names a member twice (rewriting would lose one,
    an opt-out perhaps): it is not overwritten.
    """
    path = next((file.path for file in policy.files if file.layer == USER), None)
    if path is None:
        raise OSError("there is no user settings file to write to")
    real = os.path.realpath(path)  # people keep their settings behind links
    settings = _read(real)
    env = settings.setdefault("env", {})
    if type(env) is not dict:
        raise ValueError(f"{path}: env is not an object")
    for service in services:
        env[_variable(profile, service)] = "1"
    _write(real, settings)
    return path


def _variable(profile: Profile, service: str) -> str:
    """Return the switch that turns off this service and as little else as possible."""
    fitting = [switch for switch in profile.switches if service in switch.services]
    if not fitting:
        raise ValueError(f"no switch turns {service} off")
    return min(fitting, key=lambda switch: len(switch.services)).variable


def _read(path: str) -> dict[str, Any]:
    from json import loads

    try:
        with open(path, encoding="utf-8-sig") as file:
            settings = loads(file.read(), object_pairs_hook=_object)
    except FileNotFoundError:
        return {}
    if type(settings) is not dict:
        raise ValueError(f"{path}: not a JSON object")
    return settings


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is named twice in the user's settings file")
    return members


def _write(path: str, settings: dict[str, Any]) -> None:
    from json import dumps

    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    spare = f"{path}.{os.getpid():x}-{os.urandom(4).hex()}.tmp"
    mode = os.stat(path).st_mode & 0o777 if os.path.exists(path) else 0o600
    descriptor = os.open(spare, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(dumps(settings, indent=2, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(spare, path)
    except BaseException:
        os.unlink(spare)
        raise
