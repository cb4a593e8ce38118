"""Policy: what may be sent, and why. It knows consent, and neither callers, data nor the network."""

from __future__ import annotations

from .model import HostChoices, Place, Policy, Reason, ServicePolicy, Setting
from .profile import CLAUDE_CODE, Profile, Provider, Switch
from .resolve import resolve_policy

__all__ = [
    "CLAUDE_CODE",
    "HostChoices",
    "Place",
    "Policy",
    "Profile",
    "Provider",
    "Reason",
    "ServicePolicy",
    "Setting",
    "Switch",
    "resolve_policy",
]
