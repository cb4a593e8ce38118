"""Names of the layers that a policy is resolved from."""

from __future__ import annotations

MANAGED = "managed settings"
HOST = "host"
LOCAL_PROJECT = "local project settings"
PROJECT = "project settings"
USER = "user settings"
ENVIRONMENT = "environment"
DEFAULT = "default"
LAYERS = (MANAGED, HOST, LOCAL_PROJECT, PROJECT, USER, ENVIRONMENT, DEFAULT)
"""Highest first: for explaining, and for values that are not opt-outs. Opt-outs of all layers are united."""

PROJECT_LAYERS = frozenset((PROJECT, LOCAL_PROJECT))
"""Layers that a repository can carry: they may only restrict."""
