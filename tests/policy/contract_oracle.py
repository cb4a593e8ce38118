"""An oracle of the policy: what the documented rules demand of a world that is given as data. It reads no file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

SERVICES = ("metrics", "errors", "bug_reports")
ALL = frozenset(SERVICES)
BROKEN = frozenset(("metrics", "errors"))  # what a broken file silences; a managed one or a choice: all
AT_EXIT = ("leave", "wait", "detach")  # the least first
NO = ("0", "false", "no", "off")
LAYERS = ("managed", "host", "local", "project", "named", "user", "environment")  # the highest first
TRUSTED = ("managed", "user", "environment")
RESTRICTED = ("project", "local", "named")

UMBRELLA = "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"
COMMON = {
    "DISABLE_TELEMETRY": ("metrics",),
    "DISABLE_ERROR_REPORTING": ("errors",),
    "DISABLE_BUG_COMMAND": ("bug_reports",),
    "DISABLE_FEEDBACK_COMMAND": ("bug_reports",),
    "DO_NOT_TRACK": ("metrics", "errors"),
}


@dataclass(frozen=True)
class Rules:
    """One application's table, copied from the documentation and not from the code."""

    switches: dict[str, tuple[str, ...]]
    providers: dict[str, str]  # variable -> name
    unknown_prefix: str
    no_providers: tuple[str, ...] = ()
    one_provider: frozenset[str] = frozenset()  # names that are no conflict with each other


CLAUDE_CODE = Rules(
    switches={**COMMON, UMBRELLA: SERVICES},
    providers={
        f"CLAUDE_CODE_USE_{name.upper().replace('-', '_')}": name
        for name in ("bedrock", "vertex", "foundry", "anthropic-aws", "mantle", "anthropic-google-cloud", "gateway")
    },
    unknown_prefix="CLAUDE_CODE_USE_",
    no_providers=tuple(
        f"CLAUDE_CODE_USE_{name}" for name in ("CCR_V2", "COWORK_PLUGINS", "NATIVE_FILE_SEARCH", "POWERSHELL_TOOL")
    ),
    one_provider=frozenset(("bedrock", "mantle")),
)
ACME_AGENT = Rules(
    switches={
        **COMMON,
        "ACME_AGENT_TELEMETRY_DISABLED": ("metrics", "errors"),
        "ACME_AGENT_DISABLE_NONESSENTIAL_TRAFFIC": SERVICES,
    },
    providers={f"ACME_AGENT_USE_{name.upper()}": name for name in ("bedrock", "vertex", "foundry")},
    unknown_prefix="",
)


@dataclass
class SettingsSource:
    """The environment or a settings file. `broken`: it exists and cannot be used."""

    layer: str
    path: Path | None
    env: dict[str, Any]
    broken: bool = False
    days: int | None = None

    @property
    def in_drop_in(self) -> bool:
        return self.path is not None and self.path.parent.name.endswith(".d")


@dataclass
class ChoiceSource:
    path: Path
    off: tuple[str, ...] = ()
    broken: bool = False


@dataclass
class Given:
    """All that decides the policy."""

    rules: Rules
    sources: list[SettingsSource]
    choices: list[ChoiceSource] = field(default_factory=list)
    undetermined: bool = False  # the user's configuration directory is named and does not exist
    truth: str = "presence"
    provider: str | None = None
    lifts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    off: tuple[str, ...] = ()
    opted_out: tuple[str, ...] = ()
    at_exit: str = "detach"
    retention_days: int | None = None

    def readable(self, layers: tuple[str, ...] = LAYERS) -> list[SettingsSource]:
        """Return the sources that can be read, the highest layer first; of managed files the last name goes first."""
        found = [source for source in self.sources if not source.broken and source.layer in layers]
        found.sort(key=lambda source: (source.in_drop_in, str(source.path)), reverse=True)
        return sorted(found, key=lambda source: LAYERS.index(source.layer))

    def values(self, name: str, layers: tuple[str, ...] = LAYERS) -> list[Any]:
        """Return the values of all sources that name a variable, the highest first."""
        return [source.env[name] for source in self.readable(layers) if name in source.env]


def text(value: Any) -> str:
    """Return a value's text as it is judged: without blanks, in lower case; "" for null."""
    if value is None:
        return ""
    return str(value).strip().lower()


def opts_out(name: str, value: Any, truth: str) -> bool:
    judged = text(value)
    if name == "DO_NOT_TRACK" or truth == "boolean":
        return judged not in ("", *NO)
    return judged != ""


def is_true(value: Any) -> bool:
    return text(value) not in ("", *NO)


def opt_outs(given: Given) -> list[tuple[SettingsSource, str, tuple[str, ...]]]:
    """Return every source and variable that opts out, with the services."""
    return [
        (source, name, services)
        for source in given.sources
        if not source.broken
        for name, services in given.rules.switches.items()
        if name in source.env and opts_out(name, source.env[name], given.truth)
    ]


def withdrawn(given: Given) -> frozenset[str]:
    found = set(given.opted_out)
    for source, _, services in opt_outs(given):
        if source.layer not in RESTRICTED:
            found.update(services)
    for choice in given.choices:
        if not choice.broken:
            found.update(choice.off)
    return frozenset(found)


def off(given: Given) -> frozenset[str]:
    """Return all services that are off, for whatever reason."""
    found = set(withdrawn(given)) | set(given.off)
    for _, _, services in opt_outs(given):
        found.update(services)
    for source in given.sources:
        if source.broken:
            found.update(ALL if source.layer == "managed" else BROKEN)
    if any(choice.broken for choice in given.choices):
        found.update(ALL)
    if given.undetermined:
        found.update(BROKEN)
    if any(text(value) not in ("", "local") for value in given.values("TELEMETRY_SDK_MODE")):
        found.update(ALL)
    return frozenset(found | turned_off_by_providers(given))


def named_providers(given: Given) -> tuple[set[str], set[str]]:
    """Return the names of the known providers, and the variables of unknown ones, that sources turn on."""
    rules, known, unknown = given.rules, set[str](), set[str]()
    for source in given.sources:
        for name, value in ({} if source.broken else source.env).items():
            if not is_true(value) or (source.layer == "environment" and _is_cancelled(given, name)):
                continue
            if name in rules.providers:
                known.add(rules.providers[name])
            elif rules.unknown_prefix and name.startswith(rules.unknown_prefix) and name not in rules.no_providers:
                unknown.add(name)
    return known, unknown


def _is_cancelled(given: Given, name: str) -> bool:
    """Only the empty string or null of the user's or a managed file cancels a provider of the shell."""
    return any(value in ("", None) for value in given.values(name, ("managed", "user")))


def is_conflict(given: Given) -> bool:
    known, _ = named_providers(given)
    return len(known) > 1 and not known <= given.rules.one_provider


def turned_off_by_providers(given: Given) -> frozenset[str]:
    known, unknown = named_providers(given)
    table = set(given.rules.providers.values())
    host = set() if given.provider in (None, "first-party") else {given.provider}
    if unknown or host - table or is_conflict(given):
        return ALL
    return frozenset(name for name in ALL for p in known | host if name not in given.lifts.get(p, ()))


def provider(given: Given) -> str:
    """Return the provider's name: what the host knows goes first, a known one before an unknown one."""
    known, unknown = named_providers(given)
    if is_conflict(given):
        return "conflict"
    if given.provider not in (None, "first-party"):
        return given.provider if given.provider in given.rules.providers.values() else "other"
    return min(known, default="other" if unknown else "first-party")  # Bedrock and Mantle are Bedrock


def mode(given: Given) -> str:
    """Return "local" if a source asks for it; the empty string of another layer never lifts it."""
    return "local" if any(text(value) == "local" for value in given.values("TELEMETRY_SDK_MODE")) else ""


def at_exit(given: Given) -> str:
    """Return the least that the host and any source choose."""
    chosen = [value for value in given.values("TELEMETRY_SDK_AT_EXIT") if value in AT_EXIT]
    return min((*chosen, given.at_exit), key=AT_EXIT.index)


def retention(given: Given) -> tuple[int, int]:
    """Return the shortest and the longest retention that the rules allow, in days."""
    managed, user, restricted = (
        [source.days for source in given.readable(layers) if source.days is not None]
        for layers in (("managed",), ("user",), RESTRICTED)
    )
    longest = (managed or [days for days in (given.retention_days,) if days] or user or [30])[0]
    return min(longest, *restricted, longest), longest


FORBIDDEN = (  # to a project's, a local and a host-named file: ignored and listed
    "TELEMETRY_SDK_STATSIG_URL",
    "TELEMETRY_SDK_STATSIG_KEY",
    "TELEMETRY_SDK_SENTRY_DSN",
    "TELEMETRY_SDK_BUG_REPORT_URL",
    "TELEMETRY_SDK_STATE_DIR",
    "TELEMETRY_SDK_DEBUG",
    "TELEMETRY_SDK_STRICT",
    "HTTPS_PROXY",
    "https_proxy",
    "ALL_PROXY",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "NODE_EXTRA_CA_CERTS",
)


def statsig_address(given: Given, host: dict[str, str]) -> tuple[str, str] | None:
    """Return base and key of the highest layer that names either; None where it names no key."""
    for layer in ("managed", "host", "user", "environment"):
        if layer == "host":
            url, key = host.get("statsig_url"), host.get("statsig_key")
        else:
            url, key = (
                next((value for value in given.values(name, (layer,))), None)
                for name in ("TELEMETRY_SDK_STATSIG_URL", "TELEMETRY_SDK_STATSIG_KEY")
            )
        if url or key:
            return ((url or "https://events.statsigapi.net/v1"), key) if key else None
    return None


def proxy_host(given: Given) -> str | None:
    """Return the proxy of a destination that no NO_PROXY of these worlds but "*" covers. None: a direct connection."""
    names = ("HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")

    def value(layers: tuple[str, ...], name: str) -> str | None:
        """Return the value of the highest layer; within it the lower case goes first."""
        found = (v for layer in layers for n in (name.lower(), name) for v in given.values(n, (layer,)))
        return next(found, None)

    managed = any(value(("managed",), name) is not None for name in names)
    https, every, none = (value(("managed",) if managed else ("user", "environment"), name) for name in names)
    return None if none == "*" else https or every
