"""Names of the layers that a policy is resolved from."""

from __future__ import annotations

MANAGED = "managed settings"
HOST = "host"
HOST_FILE = "host-named settings"
LOCAL_PROJECT = "local project settings"
PROJECT = "project settings"
CHOICE = "user's choice"
USER = "user settings"
ENVIRONMENT = "environment"
DEFAULT = "default"
LAYERS = (MANAGED, HOST, HOST_FILE, LOCAL_PROJECT, PROJECT, CHOICE, USER, ENVIRONMENT, DEFAULT)
"""Highest first: for explaining, and for values that are not opt-outs. Opt-outs of all layers are united."""

RESTRICT_ONLY = frozenset((PROJECT, LOCAL_PROJECT, HOST_FILE))
"""Files that a repository or a flag can name: they turn off, and delete nothing."""
