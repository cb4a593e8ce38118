"""docs/policy.md names every switch and file, docs/configuration.md our variables, and none that does not exist."""

from __future__ import annotations

import re
from pathlib import Path

from telemetry_sdk import CLAUDE_CODE
from telemetry_sdk._internal.layers import MANAGED_ONLY, NETWORK, NOT_READ, OWN_VARIABLES
from telemetry_sdk._internal.services import SERVICES

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "policy.md").read_text("utf-8")
WORDS = {service: service.replace("_", " ") for service in SERVICES}


def test_every_switch_stands_with_the_services_that_it_turns_off():
    for switch in CLAUDE_CODE.switches:
        named = ", ".join(WORDS[service] for service in switch.services)
        assert f"| `{switch.variable}` | {named} |" in PAGE
    for provider in CLAUDE_CODE.providers:
        assert f"`{provider.variable}`" in PAGE


def test_every_file_stands():
    paths = [path for _, path in (*CLAUDE_CODE.managed_files, *CLAUDE_CODE.project_files)]
    for path in (*paths, f"~/{CLAUDE_CODE.user_file}"):
        assert f"`{path}`" in PAGE


def test_the_variables_are_those_that_are_read():
    switches = {row.variable for row in CLAUDE_CODE.switches} | {row.variable for row in CLAUDE_CODE.providers}
    named = set(re.findall(r"`([A-Z][A-Z_]+)`", PAGE)) - {CLAUDE_CODE.unknown_provider_prefix}
    configured = set(re.findall(r"`(TELEMETRY_SDK_[A-Z_]+)`", (DOCS / "configuration.md").read_text("utf-8")))
    network = {*NETWORK, *NOT_READ, *CLAUDE_CODE.client_certificate, CLAUDE_CODE.config_dir_variable}
    assert named | configured == {*switches, *OWN_VARIABLES, *network, *MANAGED_ONLY}
