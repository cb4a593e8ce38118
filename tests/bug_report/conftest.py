"""A bug report's surroundings: a policy that is really resolved, a state directory, a real exit to a real receiver."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import anyio
import anyio.lowlevel
import pytest

from telemetry_sdk import bug_report
from telemetry_sdk.egress.client import Egress
from telemetry_sdk.endpoints import Endpoint
from telemetry_sdk.endpoints.resolve import resolve_endpoints
from telemetry_sdk.policy import resolve_policy

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from telemetry_sdk.egress.response import Response
    from telemetry_sdk.policy import Policy
    from telemetry_sdk.receiver import Receiver

URL = "https://reports.example/v1"
NOW = 1_790_000_000.0


@pytest.fixture
def policy(tmp_path: Path) -> Callable[..., Policy]:
    """Resolve a policy from an environment, with or without an address for bug reports."""

    def resolved(url: str | None = URL, **environ: str) -> Policy:
        found = resolve_policy(environ, cwd=tmp_path, home=tmp_path, managed=tmp_path / "none.json")
        return resolve_endpoints(found, environ, bug_report_url=url)[1]

    return resolved


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def context(policy: Callable[..., Policy], state: Path) -> bug_report.ReportContext:
    return bug_report.ReportContext(
        policy=policy(),
        host="reports.example",
        layer="host",
        app="acme-agent",
        version="1.4.2",
        sdk_version="0.1",
        os="linux 6.1",
        arch="x86_64",
        python="3.11.7",
        terminal="xterm",
        provider="first-party",
        state_dir=str(state),
        recent_errors=lambda: [{"exception": {"values": [{"type": "ValueError"}]}}],
        clock=lambda: NOW,
    )


@dataclasses.dataclass
class Sender:
    """Sends drafts to the receiver by the real exit; every choice can be overridden."""

    receiver: Receiver
    policy: Policy
    waits: list[float] = dataclasses.field(default_factory=list)
    progress: list[tuple[int, int]] = dataclasses.field(default_factory=list)

    def auth(self) -> tuple[str, str]:
        return "Authorization", f"Bearer {self.receiver.bug_report_token}"

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        await anyio.lowlevel.checkpoint()

    async def __call__(
        self, draft: bug_report.BugReportDraft, consent: bug_report.Consent | None = None, **choices: Any
    ) -> bug_report.Outcome:
        egress = Egress()
        endpoint = Endpoint(
            service="bug_reports",
            url=choices.pop("url", self.receiver.bug_report_url),
            host="127.0.0.1",
            port=self.receiver.port,
            layer="host",
            loopback=True,
        )

        async def post(headers: dict[str, str], body: bytes, deadline: float, progress: Any) -> Response:
            return await egress.post(endpoint, headers=headers, body=body, deadline=deadline, progress=progress)

        settings: dict[str, Any] = {
            "policy_now": self.policy,
            "auth": self.auth,
            "post": post,
            "sleep": self.sleep,
            "rand": lambda: 0.5,
            "host_now": draft.context.host,
            "layer_now": draft.context.layer,
            "progress": lambda sent, total: self.progress.append((sent, total)),
        }
        try:
            given = draft.preview().consent() if consent is None else consent
            return await bug_report.send(draft, given, **{**settings, **choices})
        finally:
            await egress.aclose()


@pytest.fixture
def sender(receiver: Receiver, policy: Callable[..., Policy]) -> Sender:
    return Sender(receiver, policy())
