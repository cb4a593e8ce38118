"""The same agent under each policy, and what is expected of each run."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from telemetry_sdk._internal.services import SERVICES

from . import APP
from .search import Haystack, expanded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from telemetry_sdk.receiver import ReceivedRequest

RECORDED = ("metrics", "errors")

# Kinds of what is searched. Of bug reports only secrets are taken out: the user sends the rest knowingly.
HEADS = "requests: paths and headers"
BODIES, REPORTS = "requests: bodies of metrics and errors", "requests: bodies of bug reports (secrets only)"
SPOOL, LEDGER = "files: spool", "files: ledger"
KEPT, OTHERS = "files: drafts and bundles (secrets only)", "files: state, ids, receipts"
KNOWN = {HEADS: "telemetry-sdk", BODIES: APP, REPORTS: APP, SPOOL: APP, LEDGER: APP}
"""A name that each of these kinds must hold: what is searched is what it is taken for, and not empty."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One run: what the user says, which services that turns off, which keys are not followed.

    `hangs`: the servers of metrics and errors take the request and never answer.
    """

    name: str
    environ: Mapping[str, str] = field(default_factory=dict[str, str])
    user: Mapping[str, str] = field(default_factory=dict[str, str])
    project: Mapping[str, str] = field(default_factory=dict[str, str])
    off: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    hangs: bool = False


def _switch(variable: str, *off: str) -> Scenario:
    return Scenario(variable, environ={variable: "1"}, off=off)


SCENARIOS = (
    Scenario("first party"),
    Scenario("servers that hang", hangs=True),
    _switch("DISABLE_TELEMETRY", "metrics"),
    _switch("DISABLE_ERROR_REPORTING", "errors"),
    _switch("DISABLE_BUG_COMMAND", "bug_reports"),
    _switch("DISABLE_FEEDBACK_COMMAND", "bug_reports"),
    _switch("DO_NOT_TRACK", "metrics", "errors"),
    _switch("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", *SERVICES),
    Scenario("user settings", user={"DISABLE_TELEMETRY": "1"}, off=("metrics",)),
    Scenario(
        "project settings",
        project={"DISABLE_ERROR_REPORTING": "1", "TELEMETRY_SDK_STATSIG_URL": "https://elsewhere.example/v1"},
        off=("errors",),
        ignored=("TELEMETRY_SDK_STATSIG_URL",),
    ),
    _switch("CLAUDE_CODE_USE_BEDROCK", *SERVICES),
    _switch("CLAUDE_CODE_USE_VERTEX", *SERVICES),
    _switch("CLAUDE_CODE_USE_FOUNDRY", *SERVICES),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What became of a run. `told` is what the agent printed (empty if it failed), `log` what it wrote to stderr."""

    scenario: Scenario
    code: int
    told: dict[str, Any]
    log: str
    session: str
    requests: list[ReceivedRequest]
    arrived: Mapping[str, int]
    waiting: Mapping[str, int]
    files: Mapping[str, bytes]

    def recorded(self, service: str) -> int:
        """Return how many records the agent made of a service, whatever the policy; of bug reports one."""
        return 1 if service == "bug_reports" else int(self.told["recorded"][service])

    def haystacks(self) -> Iterator[Haystack]:
        """Yield all that arrived, headers too, and all that was left on disk, names too."""
        for request in self.requests:
            place = f"{self.scenario.name}: a request to {request.path}"
            head = json.dumps([request.method, request.path, request.query, *request.headers.items()])
            report = request.service == "bug_reports"
            yield Haystack(HEADS, place, head.encode())
            yield Haystack(REPORTS if report else BODIES, place, request.body, report)
            yield Haystack("requests: bodies, still compressed", place, request.wire, report)
        for name, content in self.files.items():
            place = f"{self.scenario.name}: the file {name}"
            kind = _kind(name)
            yield Haystack("files: names", place, name.encode())
            yield Haystack(kind, place, expanded(content), kind == KEPT)

    def failed_expectations(self) -> Iterator[str]:
        """Yield a line for each expectation that does not hold."""
        if self.code or not self.told:
            last = self.log.strip().rpartition("\n")[2]
            yield f"the agent ended with {self.code}: {last}"
            return
        yield from self._wrong_policy()
        yield from self._wrong_counts()
        yield from self._wrong_files()

    def _wrong_policy(self) -> Iterator[str]:
        policy = self.told["policy"]
        for service, row in policy["services"].items():
            if row["enabled"] == (service in self.scenario.off):
                yield f"{service} are {'on' if row['enabled'] else 'off'}"
            if not row["reasons"]:
                yield f"{service}: no reason is given"
        ignored = [reason["variable"] for reason in policy["ignored"]]
        if ignored != list(self.scenario.ignored):
            yield f"ignored keys are {ignored}, not {list(self.scenario.ignored)}"

    def _wrong_counts(self) -> Iterator[str]:
        for service in SERVICES:
            made = self.recorded(service)
            on = service not in self.scenario.off
            held = self.scenario.hangs and service in RECORDED
            wanted, kept = (made if on and not held else 0), (made if on and held else 0)
            if self.arrived[service] != wanted or not made:
                yield f"{self.arrived[service]} {service} arrived, not {wanted} (of {made} made)"
            if service in RECORDED and self.waiting[service] != kept:
                yield f"{self.waiting[service]} {service} wait on disk, not {kept}"
            if not on and any(request.service == service for request in self.requests):
                yield f"a request for {service} was made, which are off"
        if any(request.service not in SERVICES for request in self.requests):
            yield "a request went elsewhere"
        outcome, expected = self.told["report"]["outcome"], "refused" if "bug_reports" in self.scenario.off else "sent"
        if outcome != expected:
            yield f"the bug report was {outcome}, not {expected}: {self.told['report']['message']}"
        dropped = sum(self.told["dropped"].values())
        careless = 0 if "metrics" in self.scenario.off else self.told["careless"]
        if dropped != careless and not self.scenario.hangs:  # there it was not waited for, not even on disk
            yield f"{dropped} careless records were dropped, not {careless}"
        if not self.told["flushed"]:
            yield "flush() says that not all was delivered"

    def _wrong_files(self) -> Iterator[str]:
        """Off is silence on disk too: no id without metrics, no file at all of what is off."""
        if "metrics" in self.scenario.off and any(name.endswith("installation-id") for name in self.files):
            yield "an installation id was made although metrics are off"
        others = [name for name in self.files if _kind(name) != KEPT]
        if len(self.scenario.off) == len(SERVICES) and others:
            yield f"files were made although all is off: {others}"


def _kind(name: str) -> str:
    """Return the kind of a file in the state directory."""
    parts = name.split("/")
    if "drafts" in parts or "bundles" in parts:
        return KEPT
    if "sent" in parts:
        return LEDGER
    return SPOOL if any(part.endswith(".run") for part in parts[:-1]) else OTHERS
