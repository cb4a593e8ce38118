"""Random worlds of settings against an oracle that is written from the documented rules alone.

A failure prints its seed; `world_of(seed, directory)` makes the same world again.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from telemetry_sdk.policy import HostChoices, resolve_policy

if TYPE_CHECKING:
    from pathlib import Path

M, E, B = "metrics", "errors", "bug_reports"
ALL = frozenset((M, E, B))
BROKEN = "broken"
BATCHES, WORLDS = 15, 20

PRESENCE = {
    "DISABLE_TELEMETRY": {M},
    "DISABLE_ERROR_REPORTING": {E},
    "DISABLE_BUG_COMMAND": {B},
    "DISABLE_FEEDBACK_COMMAND": {B},
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": {M, E, B},
}
FLAGS = {"DO_NOT_TRACK": {M, E}}
LISTED = {
    "BEDROCK": "bedrock",
    "VERTEX": "vertex",
    "FOUNDRY": "foundry",
    "ANTHROPIC_AWS": "anthropic-aws",
    "MANTLE": "mantle",
    "ANTHROPIC_GOOGLE_CLOUD": "anthropic-google-cloud",
    "GATEWAY": "gateway",
}
PROVIDERS = {f"CLAUDE_CODE_USE_{suffix}": name for suffix, name in LISTED.items()}
UNKNOWN = ("CLAUDE_CODE_USE_MOON", "CLAUDE_CODE_USE_X9")
NONE = ("CLAUDE_CODE_USE_CCR_V2", "CLAUDE_CODE_USE_POWERSHELL_TOOL")
MODE = "TELEMETRY_SDK_MODE"
TEXTS = ("", " ", "1", "true", " YES ", "on", "0", "false", "no", "OFF", "banana")
ODD = (None, True, False, 0, 1, 7)
EMPTY, YES, NO = {""}, {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}


@dataclass
class Made:
    """A world: what each layer holds (variables, BROKEN, or None: no file), and what the caller gives."""

    environ: dict[str, str] = field(default_factory=dict)
    files: dict[str, Any] = field(default_factory=dict)
    choices: dict[str, Any] = field(default_factory=dict)
    config: str = ""
    host: HostChoices = field(default_factory=HostChoices)
    provider: str | None = None
    truth: str = "presence"
    given: dict[str, Any] = field(default_factory=dict)


def variables(rng: random.Random, values: tuple[object, ...]) -> dict[str, Any]:
    names = (*PRESENCE, *FLAGS, *rng.sample(sorted(PROVIDERS), 2), *UNKNOWN, *NONE, MODE, "EDITOR")
    chosen = rng.sample(names, rng.choice((0, 0, 1, 1, 2, 3)))
    return {
        name: rng.choice(("", "local", "local", "remote")) if name == MODE else rng.choice(values) for name in chosen
    }


def settings(rng: random.Random) -> Any:
    return rng.choice((None, None, None, BROKEN, *(variables(rng, (*TEXTS, *ODD)) for _ in range(4))))


def some(rng: random.Random, of: tuple[str, ...] = (M, E, B)) -> tuple[str, ...]:
    return tuple(rng.sample(of, rng.choice((0, 0, 0, 1, 2))))


def choice(rng: random.Random) -> Any:
    return rng.choice((None, None, None, None, BROKEN, some(rng), some(rng)))


def world_of(seed: int, root: Path) -> Made:
    rng = random.Random(seed)
    home = root / "home"
    parents = [home / "a" / "b", home / "a"]
    made = Made(environ=variables(rng, TEXTS), config=rng.choice(("", "", "", "dir", "relative", "missing")))
    paths = {
        "managed": root / "etc" / "managed-settings.json",
        "managed 1": root / "etc" / "managed-settings.d" / "10.json",
        "managed 2": root / "etc" / "managed-settings.d" / "20.json",
        "user": home / ".claude" / "settings.json",
        "config": root / "config" / "settings.json",
        "project 1": parents[0] / ".claude" / "settings.json",
        "project 2": parents[0] / ".claude" / "settings.local.json",
        "project 3": parents[1] / ".claude" / "settings.json",
        "project 4": home / ".claude" / "settings.local.json",
        "flag": root / "flag.json",
    }
    made.files = {name: settings(rng) for name in paths}
    parents[0].mkdir(parents=True)
    (root / "config").mkdir()
    for name, path in paths.items():
        write(path, None if made.files[name] is None else {"env": made.files[name]}, made.files[name] == BROKEN)
    for name in ("", "acme/"):
        made.choices[name] = choice(rng)
        off = made.choices[name]
        document = None if off is None else {"v": 1, "off": dict.fromkeys(off, "2026-01-31")}
        write(home / ".config" / "telemetry-sdk" / f"{name}choice.json", document, off == BROKEN)
    directory = {"dir": str(root / "config"), "relative": "config", "missing": str(root / "none")}.get(made.config)
    made.environ |= {"CLAUDE_CONFIG_DIR": directory} if directory else {}
    lifts = {name: some(rng) for name in rng.sample(sorted(LISTED.values()), 3)}
    made.host = HostChoices(off=some(rng), opted_out=some(rng), lift_provider_default=lifts)
    made.provider = rng.choice((None, None, None, "first-party", "vertex", "bedrock", "moon"))
    made.truth = rng.choice(("presence", "presence", "boolean"))
    made.given = {"cwd": parents[0], "home": home, "managed": paths["managed"], "app": "acme"}
    if made.files["flag"] is not None:
        made.given["settings_file"] = paths["flag"]
    return made


def write(path: Path, document: Any, broken: bool) -> None:
    if document is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{" if broken else json.dumps(document))


# The oracle


def text(value: object) -> str:
    return "" if value is None else str(value).strip().lower()


def counts(name: str, value: object, truth: str) -> bool:
    found = text(value)
    if found in EMPTY | YES:
        return found in YES
    return found not in NO or (name in PRESENCE and truth == "presence")


def layers(made: Made) -> list[tuple[str, Any]]:
    """Return (kind, content): managed, user, environment, project."""
    found = [("managed", made.files[name]) for name in ("managed", "managed 1", "managed 2")]
    user = {"": "user", "dir": "config"}.get(made.config)
    found.append(("user", made.files[user] if user else BROKEN))
    if made.config:
        found.append(("project", made.files["user"]))
    found += [("project", made.files[f"project {number}"]) for number in (1, 2, 3, 4)]
    found.append(("project", made.files["flag"]))
    found.append(("environment", made.environ))
    return [(kind, content) for kind, content in found if content is not None]


def expected(made: Made) -> tuple[set[str], set[str], str, str]:
    """Return withdrawn, silenced, the provider, the mode."""
    withdrawn, silenced, mode = set(made.host.opted_out), set(made.host.off), ""
    named: set[str] = set()
    cancelled = {
        name
        for kind, content in layers(made)
        if kind in {"managed", "user"} and content != BROKEN
        for name, value in content.items()
        if value is None or value == ""
    }
    for kind, content in layers(made):
        if content == BROKEN:
            silenced |= ALL if kind == "managed" else {M, E}
            continue
        for name, value in content.items():
            if name == MODE:
                mode = "local" if text(value) == "local" else mode
                silenced |= ALL if text(value) not in {"", "local"} else set()
            elif name in PRESENCE | FLAGS and counts(name, value, made.truth):
                (silenced if kind == "project" else withdrawn).update({**PRESENCE, **FLAGS}[name])
            elif (name in PROVIDERS or name in UNKNOWN) and counts(name, value, made.truth):
                named |= set() if kind == "environment" and name in cancelled else {name}
    for off in made.choices.values():
        if off == BROKEN:
            silenced |= ALL
        elif off:
            withdrawn |= set(off)
    provider, off_by_provider = third_party(made, named)
    return withdrawn, (silenced | off_by_provider) - withdrawn, provider, mode


def third_party(made: Made, named: set[str]) -> tuple[str, set[str]]:
    """Return the provider's name, and what is off with it."""
    names = {PROVIDERS[name] for name in named if name in PROVIDERS}
    if {"bedrock", "mantle"} <= names:
        names -= {"mantle"}
    if len(names) > 1:
        return "conflict", set(ALL)
    off: set[str] = set()
    for name in names:
        off |= ALL - set(made.host.lift_provider_default.get(name, ()))
    if named - set(PROVIDERS):
        off |= ALL
    provider = names.pop() if names else "other" if named else "first-party"
    if made.provider in {None, "first-party"}:
        return provider, off
    if made.provider not in LISTED.values():
        return "other", set(ALL)
    return made.provider, off | (ALL - set(made.host.lift_provider_default.get(made.provider, ())))


@pytest.mark.parametrize("batch", range(BATCHES))
def test_every_world_resolves_as_the_rules_say(tmp_path, batch):
    outcomes = set()
    for seed in range(batch * WORLDS, (batch + 1) * WORLDS):
        made = world_of(seed, tmp_path / str(seed))
        policy = resolve_policy(made.environ, host=made.host, provider=made.provider, truth=made.truth, **made.given)
        found = set(policy.withdrawn), set(policy.silenced), policy.provider, policy.mode
        assert found == expected(made), f"seed {seed}: {made}\n{policy.explain()}"
        assert policy.to_json()["withdrawn"] == list(policy.withdrawn)
        assert all(row.reasons for row in policy.rows)
        outcomes.add((len(policy.withdrawn), len(policy.silenced)))
    assert len(outcomes) > 3, "the worlds differ"
