"""A seeded generator of worlds: every layer, every place, every form of a value; real files all of them."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from telemetry_sdk.policy import CLAUDE_CODE, HostChoices, Policy, Profile, resolve_policy

from . import contract_oracle as oracle
from .contract_oracle import ChoiceSource, Given, SettingsSource

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

APP = "acme-agent"
HUGE = "7" * 5000  # more digits than int() takes

SWITCH_VALUES = ("1", "true", "0", "false", "no", "OFF", " 0 ", "", "", "", "  ", "  ", "\t1", "maybe", "Yes")
JSON_VALUES = (None, True, False, 0, 1, 0.5, [], {}, ["1"], "\ud800", HUGE)
PROVIDER_VALUES = ("1", "true", "YES", "0", "0", "false", "", "", "", " ", " ", "maybe", "off", "NO", " on ")
MODES = ("local", "local", "", "remote")
PROXIES = ("http://one.example:3128", "http://two.example:8080", "http://three.example:80")
BROKEN = (
    b"",
    b"{",
    b"[]",
    b"null",
    b'{"env": {"DISABLE_TELEMETRY": "1"}',
    b'{"env": []}',
    b'{"env": "DISABLE_TELEMETRY=1"}',
    b'{"env": {"A": NaN}}',
    b'{"env": {},}',
    b"\xff\xfe{}",
    b'{"env": {"A": "\xff"}}',
    b'{"a":' * 3000,
    b'{"a":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    b'{"a": "' + b"x" * (1 << 20) + b'"}',
    "directory",
    "fifo",
    "nowhere",  # a link to nothing
)
BROKEN_CHOICES = (
    b"",
    b"{",
    b"[]",
    b"{}",
    b'{"v": 2, "off": {}}',
    b'{"v": 1, "off": []}',
    b'{"v": 1, "off": null}',
    b'{"v": 1, "off": {}, "env": null}',
    b'{"v": 1, "off": {}, "env": {}}',
    b'{"v": 1, "off": {}, "cleanupPeriodDays": 3}',
    b'{"v": 1, "off": {}, "\\ud800": 1}',
    b'{"v": ' + HUGE.encode() + b', "off": {}}',
    "directory",
    "fifo",
)


class ContractWorld:
    """One world. `given` is its data for the oracle, `resolve()` what the code says of its files."""

    def __init__(self, random: Random, root: Path) -> None:
        self.random = random
        self.root = root
        self.acme = random.random() < 0.25
        self.profile = Profile.for_app(APP) if self.acme else CLAUDE_CODE
        self.rules = oracle.ACME_AGENT if self.acme else oracle.CLAUDE_CODE
        self.folder = f".{APP}" if self.acme else ".claude"
        self.home = root / "home" / "u"
        self.cwd = self._working_directory()
        self.environ: dict[str, str] = {}
        self.settings_file: Path | None = None
        self.managed = root / "etc" / "managed-settings.json"
        self.focus = self._focus()
        self.given = Given(rules=self.rules, sources=[])
        self._fill()

    def resolve(self) -> Policy:
        host = HostChoices(
            off=self.given.off,
            opted_out=self.given.opted_out,
            lift_provider_default=self.given.lifts,
            retention_days=self.given.retention_days,
            at_exit=self.given.at_exit,
        )
        return resolve_policy(
            self.environ,
            cwd=self.cwd,
            home=self.home,
            managed=self.managed,
            profile=self.profile,
            app=APP,
            settings_file=self.settings_file,
            provider=self.given.provider,
            truth=self.given.truth,
            host=host,
        )

    def describe(self) -> str:
        """Return the world for a failure's message."""
        return "\n".join(
            (
                f"environment {self.environ}",
                *(
                    f"{s.layer} {s.path} {'broken' if s.broken else s.env} {s.days or ''}"
                    for s in self.given.sources[1:]
                ),
                *map(str, self.given.choices),
                *(f"{name} {getattr(self.given, name)}" for name in ("truth", "provider", "lifts", "off", "opted_out")),
            )
        )

    def _focus(self) -> list[str]:
        """Return the few variables that all layers set."""
        unknown = [f"{self.rules.unknown_prefix}NEWCLOUD"] if self.rules.unknown_prefix else []
        providers = [*self.rules.providers, *unknown, *self.rules.no_providers]
        return [*self.random.sample([*self.rules.switches], k=2), *self.random.sample(providers, k=2)]

    def _working_directory(self) -> Path:
        base = self.root / "srv" if self.random.random() < 0.2 else self.home
        cwd = base.joinpath(*("src", "acme", "package", "deep")[: self.random.choice((1, 2, 2, 3, 4))])
        cwd.mkdir(parents=True)
        self.home.mkdir(parents=True, exist_ok=True)
        if self.random.random() < 0.5:
            (self.random.choice((cwd, cwd.parent)) / ".git").mkdir()
        return cwd

    def _fill(self) -> None:
        pick = self.random.random
        self.given.sources.append(SettingsSource("environment", None, self.environ))
        if pick() < 0.5:
            self.environ.update({k: v for k, v in self._env(SWITCH_VALUES).items() if isinstance(v, str)})
        self._user_file()
        if pick() < 0.3:
            self._settings("managed", self.managed)
        for name in self.random.sample(("10-a.json", "20-b.json", "30-c.json"), k=self.random.choice((0, 0, 1, 2))):
            self._settings("managed", self.managed.with_name("managed-settings.d") / name)
        self._project_files()
        if pick() < 0.2:
            self.settings_file = self.root / "named.json"
            self._settings("named", self.settings_file)
        self._choice_files()
        self._host()

    def _user_file(self) -> None:
        pick = self.random.random
        path = self.home / (f".config/{APP}" if self.acme else ".claude") / "settings.json"
        layer = "user"
        if not self.acme and pick() < 0.3:
            kind = self.random.choice(("elsewhere", "elsewhere", "two names", "missing", "relative", "project"))
            folder = {"project": self.cwd / "configuration"}.get(kind, self.root / "configuration")
            self.environ["CLAUDE_CONFIG_DIR"] = "configuration" if kind == "relative" else str(folder)
            self.given.undetermined = kind in {"missing", "relative"}
            path, layer = folder / "settings.json", "project" if kind == "project" else "user"
            if self.given.undetermined:
                return
            folder.mkdir()
            if kind == "two names":
                (self.home / self.folder).symlink_to(folder)
        if pick() < 0.6:
            self._settings(layer, path, linked=pick() < 0.2)

    def _project_files(self) -> None:
        directories = [self.cwd, *self.cwd.parents]
        last = self.home if self.home in directories else self.root / "srv"
        for directory in directories[: directories.index(last) + 1]:
            for layer, name in (("project", "settings.json"), ("local", "settings.local.json")):
                path = directory / self.folder / name
                if self.random.random() < 0.25 and not os.path.lexists(path):
                    if directory == self.home and name == "settings.json":
                        continue  # the user's own
                    leaves = (self.home / self.folder).is_symlink() and directory == self.home
                    self._settings(layer, path, linked=self.random.random() < 0.08, leaves=leaves)

    def _choice_files(self) -> None:
        config = [self.home / ".config"]
        if self.random.random() < 0.3:
            config.append(self.root / "xdg")
            self.environ["XDG_CONFIG_HOME"] = str(config[1])
        for folder in config:
            for path in (folder / "telemetry-sdk" / "choice.json", folder / "telemetry-sdk" / APP / "choice.json"):
                if self.random.random() < 0.12:
                    self._choice(path)

    def _choice(self, path: Path) -> None:
        if self.random.random() < 0.3:
            self._write(path, self.random.choice(BROKEN_CHOICES))
            self.given.choices.append(ChoiceSource(path, broken=True))
            return
        services = self._services()
        self._write(path, json.dumps({"v": 1, "off": dict.fromkeys(services, "2026-01-02T03:04:05Z")}).encode())
        self.given.choices.append(ChoiceSource(path, off=services))

    def _host(self) -> None:
        pick, choice = self.random.random, self.random.choice
        names = [*self.rules.providers.values()]
        if pick() < 0.15:
            self.given.provider = choice([*names, "first-party", "newcloud", "Bedrock"])
        if pick() < 0.5:
            self.given.lifts = {name: self._services() for name in self.random.sample(names, k=choice((1, 2, 3)))}
            both = self.given.lifts.get("bedrock") or self.given.lifts.get("mantle")
            if both and not self.acme:
                self.given.lifts.update(bedrock=both, mantle=both)
        self.given.off = self._services() if pick() < 0.1 else ()
        self.given.opted_out = self._services() if pick() < 0.1 else ()
        self.given.truth = "boolean" if pick() < 0.2 else "presence"
        self.given.at_exit = choice(oracle.AT_EXIT)
        self.given.retention_days = choice((None, None, 3, 45))

    def _services(self) -> tuple[str, ...]:
        return tuple(self.random.sample(oracle.SERVICES, k=self.random.choice((1, 1, 1, 2, 3))))

    def _settings(self, layer: str, path: Path, *, linked: bool = False, leaves: bool = False) -> None:
        """Write a file; `linked`: to outside of the project, which only a user's may be; `leaves`: it is, anyway."""
        source = SettingsSource(layer, path, {})
        self.given.sources.append(source)
        if self.random.random() < 0.05:
            source.broken = True
            self._write(path, self.random.choice(BROKEN))
            return
        source.env = self._env((*SWITCH_VALUES, *JSON_VALUES))
        content: dict[str, Any] = {"env": source.env, "model": "x"}
        if self.random.random() < 0.2:
            source.days = content["cleanupPeriodDays"] = self.random.choice((1, 7, 30, 400))
        target = path
        source.broken = leaves or (linked and layer != "user" and path.parent.name == self.folder)
        if linked:
            target = self.root / "dotfiles" / f"{len(self.given.sources)}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.symlink_to(target)
        self._write(target, self._encode(content))

    def _encode(self, content: dict[str, Any]) -> bytes:
        """Return JSON; the huge number as a number, escapes in names and repeated keys now and then."""
        encoded = json.dumps(content).replace(f'"{HUGE}"', HUGE)
        form = self.random.random()
        if form < 0.1:
            encoded = encoded.replace("DISABLE_", "\\u0044ISABLE_").replace('"env"', '"\\u0065nv"')
        elif form < 0.2 and content["env"]:
            encoded = encoded.replace('"env": {', '"env": {"A": "", "A": null, ', 1)
        return encoded.encode()

    def _write(self, path: Path, content: bytes | str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        if content == "directory":
            path.mkdir()
        elif content == "fifo":
            os.mkfifo(path)
        elif content == "nowhere":
            path.symlink_to(path.with_name("nowhere"))
        elif isinstance(content, bytes):
            path.write_bytes(content)

    def _env(self, values: tuple[Any, ...]) -> dict[str, Any]:
        """Return variables: few and often the same ones in all layers, so that they conflict."""
        pick, choice = self.random.random, self.random.choice
        found: dict[str, Any] = {}
        for name in self.random.sample(self.focus, k=choice((0, 0, 0, 1, 1, 2))):
            is_switch = name in self.rules.switches
            found[name] = choice(values if is_switch or pick() < 0.2 else PROVIDER_VALUES)
        if pick() < 0.04:
            found["TELEMETRY_SDK_MODE"] = choice(MODES)
        if pick() < 0.15:
            found["TELEMETRY_SDK_AT_EXIT"] = choice(oracle.AT_EXIT[:2])
        if pick() < 0.2:
            found["TELEMETRY_SDK_STATSIG_URL"] = f"https://{choice('abc')}.example/v1"
        if pick() < 0.2:
            found["TELEMETRY_SDK_STATSIG_KEY"] = f"client-{choice('abc')}"
        if pick() < 0.2:
            found[choice(("HTTPS_PROXY", "https_proxy", "ALL_PROXY"))] = choice(PROXIES)
        if pick() < 0.04:
            found["NO_PROXY"] = choice(("*", "other.example"))
        if pick() < 0.1:
            found[choice(oracle.FORBIDDEN[3:7])] = "1"
        return found
