"""A small world of files: a home, a managed file, a project; real files all of them."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from telemetry_sdk.policy import Policy, current, resolve_policy

if TYPE_CHECKING:
    from pathlib import Path


class World:
    def __init__(self, root: Path) -> None:
        self.home = root / "home" / "u"
        self.project = self.home / "src" / "app"
        self.managed = root / "etc" / "managed-settings.json"
        self.user = self.home / ".claude" / "settings.json"
        self.shared = self.project / ".claude" / "settings.json"
        self.local = self.project / ".claude" / "settings.local.json"
        self.project.mkdir(parents=True)

    def file(self, layer: str) -> Path:
        return {"managed": self.managed, "user": self.user, "project": self.shared, "local": self.local}[layer]

    def write(self, layer: str | Path, content: Any) -> Path:
        path = self.file(layer) if isinstance(layer, str) else layer
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return path

    def env(self, layer: str | Path, **variables: Any) -> Path:
        return self.write(layer, {"env": variables})

    def resolve(self, environ: Any = None, **choices: Any) -> Policy:
        paths = {"cwd": str(self.project), "home": str(self.home), "managed": str(self.managed)}
        return resolve_policy({} if environ is None else environ, **{**paths, **choices})


def states(policy: Policy) -> tuple[bool, bool, bool]:
    """Metrics, errors, bug reports."""
    return policy.metrics.enabled, policy.errors.enabled, policy.bug_reports.enabled


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def home(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Let this process live in the world's home and project."""
    for name in [name for name in os.environ if name.startswith("TELEMETRY_SDK_")]:  # of the plugin: local mode
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(world.home))
    monkeypatch.chdir(world.project)
    return world


@pytest.fixture
def looks_at_every_check(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let clients look at the settings files at every check; else a look is up to a second old."""
    monkeypatch.setattr(current, "LOOK_AGE", 0.0)


@pytest.fixture
def on():
    return states
