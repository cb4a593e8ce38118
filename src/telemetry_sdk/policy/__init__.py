"""Policy: what may be sent, and why."""

from __future__ import annotations

from telemetry_sdk._internal.layers import Reason

from .model import FileStatus, HostChoices, Policy, ServicePolicy, Setting
from .profile import CLAUDE_CODE, Profile, Provider, Switch
from .resolve import resolve_policy

__all__ = [
    "CLAUDE_CODE",
    "FileStatus",
    "HostChoices",
    "Policy",
    "Profile",
    "Provider",
    "Reason",
    "ServicePolicy",
    "Setting",
    "Switch",
    "resolve_policy",
]
