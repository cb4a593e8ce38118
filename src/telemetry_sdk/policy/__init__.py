"""Policy: what may be sent, and why."""

from __future__ import annotations

from telemetry_sdk._internal.reason import Reason

from .claude_code import CLAUDE_CODE
from .model import FileStatus, HostChoices, Policy, ServicePolicy, Setting
from .profile import Profile
from .resolve import resolve_policy
from .switches import Provider, Switch

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
