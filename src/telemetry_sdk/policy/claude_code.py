"""The default profile: the switches, providers and settings files of Claude Code."""

from __future__ import annotations

from telemetry_sdk._internal.services import BUG_REPORTS, ERRORS, METRICS, SERVICES

from .layers import LOCAL_PROJECT, PROJECT
from .profile import Profile, Provider, Switch
from .truth import FLAG

CLAUDE_CODE = Profile(
    name="claude-code",
    switches=(
        Switch(variable="DISABLE_TELEMETRY", services=(METRICS,)),
        Switch(variable="DISABLE_ERROR_REPORTING", services=(ERRORS,)),
        Switch(variable="DISABLE_BUG_COMMAND", services=(BUG_REPORTS,)),
        Switch(variable="DISABLE_FEEDBACK_COMMAND", services=(BUG_REPORTS,)),
        Switch(variable="CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", services=SERVICES),
        Switch(variable="DO_NOT_TRACK", services=(METRICS, ERRORS), truth=FLAG),
    ),
    providers=(
        Provider(name="bedrock", variable="CLAUDE_CODE_USE_BEDROCK"),
        Provider(name="vertex", variable="CLAUDE_CODE_USE_VERTEX"),
        Provider(name="foundry", variable="CLAUDE_CODE_USE_FOUNDRY"),
    ),
    managed_files=(
        ("darwin", "/Library/Application Support/ClaudeCode/managed-settings.json"),
        ("win32", "C:\\Program Files\\ClaudeCode\\managed-settings.json"),
        ("", "/etc/claude-code/managed-settings.json"),
    ),
    user_file=".claude/settings.json",
    project_files=(
        (LOCAL_PROJECT, ".claude/settings.local.json"),
        (PROJECT, ".claude/settings.json"),
    ),
    hints=(
        "TELEMETRY",
        "ERROR_REPORT",
        "BUG_COMMAND",
        "BUG_REPORT",
        "FEEDBACK",
        "NONESSENTIAL",
        "DO_NOT_TRACK",
        "CLAUDE_CODE_USE_",
        "CLEANUPPERIOD",
        "STATSIG",
        "SENTRY",
    ),
)
