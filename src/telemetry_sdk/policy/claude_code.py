"""The default profile: the switches, providers and settings files of Claude Code."""

from __future__ import annotations

from telemetry_sdk._internal.services import SERVICES

from .layers import LOCAL_PROJECT, PROJECT
from .profile import HINTS, Profile
from .switches import COMMON_SWITCHES, Provider, Switch

CLAUDE_CODE = Profile(
    name="claude-code",
    switches=(*COMMON_SWITCHES, Switch(variable="CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", services=SERVICES)),
    providers=(
        Provider(name="bedrock", variable="CLAUDE_CODE_USE_BEDROCK"),
        Provider(name="vertex", variable="CLAUDE_CODE_USE_VERTEX"),
        Provider(name="foundry", variable="CLAUDE_CODE_USE_FOUNDRY"),
        Provider(name="anthropic-aws", variable="CLAUDE_CODE_USE_ANTHROPIC_AWS"),
        Provider(name="mantle", variable="CLAUDE_CODE_USE_MANTLE", part_of="bedrock"),
        Provider(name="anthropic-google-cloud", variable="CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD"),
        Provider(name="gateway", variable="CLAUDE_CODE_USE_GATEWAY"),
    ),
    unknown_provider_prefix="CLAUDE_CODE_USE_",
    no_providers=(
        "CLAUDE_CODE_USE_CCR_V2",
        "CLAUDE_CODE_USE_COWORK_PLUGINS",
        "CLAUDE_CODE_USE_NATIVE_FILE_SEARCH",
        "CLAUDE_CODE_USE_POWERSHELL_TOOL",
    ),
    managed_files=(
        ("darwin", "/Library/Application Support/ClaudeCode/managed-settings.json"),
        ("darwin", "/Library/Managed Preferences/{user}/com.anthropic.claudecode.plist"),
        ("darwin", "/Library/Managed Preferences/com.anthropic.claudecode.plist"),
        ("win32", "C:\\Program Files\\ClaudeCode\\managed-settings.json"),
        ("win32", "HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\ClaudeCode"),
        ("win32", "HKEY_CURRENT_USER\\SOFTWARE\\Policies\\ClaudeCode"),
        ("", "/etc/claude-code/managed-settings.json"),
    ),
    user_file=".claude/settings.json",
    config_dir_variable="CLAUDE_CONFIG_DIR",
    project_files=(
        (LOCAL_PROJECT, ".claude/settings.local.json"),
        (PROJECT, ".claude/settings.json"),
    ),
    client_certificate=(
        "CLAUDE_CODE_CLIENT_CERT",
        "CLAUDE_CODE_CLIENT_KEY",
        "CLAUDE_CODE_CLIENT_KEY_PASSPHRASE",
    ),
    hints=(*HINTS, "CLAUDE_CODE_USE_"),
)
