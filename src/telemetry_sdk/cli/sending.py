"""Sends what an application left on disk, or says why not."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from telemetry_sdk._internal.diagnostics import Diagnostics
from telemetry_sdk._internal.layers import MODE
from telemetry_sdk._internal.lazy import Lazy
from telemetry_sdk._internal.services import RECORDED
from telemetry_sdk.endpoints.endpoint import BUG_REPORT_URL, SENTRY_DSN, STATSIG_KEY, STATSIG_URL
from telemetry_sdk.policy.current import CurrentPolicy, Revocations
from telemetry_sdk.policy.explain import describe_reason
from telemetry_sdk.policy.updates import combined
from telemetry_sdk.policy.watch import SettingsWatch
from telemetry_sdk.sender.health import health
from telemetry_sdk.storage.files import is_own_directory, state_dir
from telemetry_sdk.storage.shared_state import SharedState

from .applications import NOT_KNOWN, Application
from .state import state_base, states

if TYPE_CHECKING:
    from telemetry_sdk.endpoints import Endpoints
    from telemetry_sdk.policy import Policy
    from telemetry_sdk.sender.directory_sender import SendReport

    from .host import Host

SENT, FAILED, UNKNOWN = 0, 1, 2  # exit codes


@dataclass(frozen=True, slots=True, kw_only=True)
class SendResult:
    """What became of one application's records.

    `outcome`: "sent", "busy" (another process is sending), "failed", "off", "unknown" (an endpoint or the policy is
    not known here) or "nothing" (nothing waits for these endpoints); `problems`: lines for people.
    """

    code: int
    outcome: str
    problems: tuple[str, ...] = ()
    report: SendReport | None = None
    health: dict[str, dict[str, Any]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the result ready for JSON."""
        counts = {} if self.report is None else asdict(self.report)
        counts = {name: dict(counts[name]) for name in ("delivered", "dropped", "waiting") if name in counts}
        return {"outcome": self.outcome, "problems": list(self.problems), **counts, "health": self.health}


NOTHING = SendResult(code=SENT, outcome="nothing")


def send_application(host: Host, application: Application) -> SendResult:
    """Send what one application left for the endpoints that are known here."""
    if application.problem or application.name is None:
        return _unknown_policy(host, application)
    endpoints, policy = application.endpoints()
    if policy.mode or (endpoints.metrics is None and endpoints.errors is None):
        return _not_allowed(application, policy)
    path = state_dir(state_base(host.resolve()), application.name, endpoints.identity)
    if path is None or not is_own_directory(path):
        return _other_endpoints(host, application.name)
    if host.is_application(application.name):
        policy = combined([policy, host.resolve()])
    return _send_directory(application, path, endpoints, policy)


def _waiting(host: Host, app: str | None) -> int:
    """Return how many records of an application wait, for whatever endpoints."""
    found = states(host.resolve(), app) if app else []
    return sum(count for state in found for count in state["waiting"].values())


def _other_endpoints(host: Host, app: str) -> SendResult:
    waiting = _waiting(host, app)
    if not waiting:
        return NOTHING
    where = f"the same {STATSIG_KEY}, {STATSIG_URL}, {SENTRY_DSN} and {BUG_REPORT_URL} are needed as in the application"
    problem = f"{app}: {waiting} records wait for other endpoints: {where}."
    return SendResult(code=UNKNOWN, outcome="unknown", problems=(problem,))


def _unknown_policy(host: Host, application: Application) -> SendResult:
    if not _waiting(host, application.name):
        return NOTHING
    why = f"{application.name}: {NOT_KNOWN} ({application.problem}): nothing is sent"
    problems = (why, "Start the application once, or let it send itself.")
    return SendResult(code=UNKNOWN, outcome="unknown", problems=problems)


def _not_allowed(application: Application, policy: Policy) -> SendResult:
    """Say why nothing is sent: an endpoint is missing, or the policy forbids it."""
    code, outcome, why = SENT, "off", "the policy forbids it"
    if policy.mode:
        why = f"{MODE}={policy.mode}"
    elif any(application.policy.service(name).enabled for name in RECORDED):
        code, outcome = UNKNOWN, "unknown"
        why = f"no endpoint is known here; {STATSIG_KEY} and {SENTRY_DSN} name them"
    rows = [policy.service(name) for name in RECORDED]
    reasons = [f"{row.name}: {'; '.join(describe_reason(reason) for reason in row.reasons)}" for row in rows]
    return SendResult(code=code, outcome=outcome, problems=(f"{application.name}: nothing is sent: {why}.", *reasons))


def _send_directory(application: Application, path: str, endpoints: Endpoints, policy: Policy) -> SendResult:
    from telemetry_sdk.runtime import build

    diagnostics = Diagnostics(debug=bool(application.environ.get("TELEMETRY_SDK_DEBUG")))
    revocations = Revocations(os.path.dirname(path), RECORDED)
    watch = Lazy(lambda: SettingsWatch(application.policy, application.resolve))
    try:
        sent = build.sender(
            path, build.recorded(endpoints), CurrentPolicy(policy, revocations, watch), diagnostics
        ).run()
    except OSError as error:
        return SendResult(code=FAILED, outcome="failed", problems=(f"telemetry-sdk: {error}",))
    if sent.busy:
        return SendResult(code=SENT if sent.healthy else FAILED, outcome="busy", report=sent)
    found = health(SharedState(path).read(), RECORDED)
    outcome, code = ("sent", SENT) if sent.healthy else ("failed", FAILED)
    return SendResult(code=code, outcome=outcome, report=sent, health=found)
