"""The client's bug reports: the surroundings of a draft, and its way through the sender to the one exit.

The only calls that raise, and the only ones that load more than an append needs: a user waits for them.
"""

from __future__ import annotations

import os
import random
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio

from .. import bug_report
from .._internal.version import VERSION
from ..exceptions import BugReportRefused, TelemetryError
from ..policy.updates import with_services_off
from ..sanitizer.context import platform
from ..sender.send_schedule import Job

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..egress.client import Egress
    from ..policy import Policy
    from ..runtime.lifecycle import Lifetime
    from . import BugReportDraft, Consent, Outcome

    Progress = Callable[[int, int], None]


def surroundings(policy: Policy, life: Lifetime) -> bug_report.ReportContext:
    """Return what a draft says of the application and the machine."""
    machine = platform()
    options, endpoint = life.setup.options, life.setup.endpoints.bug_reports
    entrance = life.open()
    built = entrance.built
    return bug_report.ReportContext(
        policy=policy,
        host=endpoint.url if endpoint else None,  # the whole address: consent covers it
        layer=endpoint.layer if endpoint else None,
        app=options.app,
        version=options.version,
        sdk_version=VERSION,
        os=f"{machine['os']} {machine['os_version']}",
        arch=machine["arch"],
        python=machine["python"],
        terminal=os.environ.get("TERM_PROGRAM") or os.environ.get("TERM") or "unknown",
        provider=policy.provider,
        state_dir=entrance.state_dir,
        recent_errors=(lambda: list(built.recent_errors)) if built else list,
        training_opt_in=options.training_opt_in,
    )


def _asked(auth: Callable[[], tuple[str, str]]) -> tuple[str, str]:
    """Ask the host for its credential; whatever that raises, the sender lives on."""
    try:
        return auth()
    except Exception:
        raise
    except BaseException as error:
        raise TelemetryError(f"bug_report_auth raised {type(error).__name__}") from None


class Sending:
    """One report on its way: begun on the caller's thread, done on the sender's loop."""

    def __init__(
        self,
        draft: BugReportDraft,
        consent: Consent,
        *,
        policy: Policy,
        life: Lifetime,
        progress: Progress | None,
    ) -> None:
        self._draft = draft
        self._consent = consent
        self._policy = policy
        self._endpoint = life.setup.endpoints.bug_reports
        self._entrance = life.open()
        self._progress = progress
        self._job = Job(self._work)
        if not isinstance(draft, bug_report.BugReportDraft):
            raise TelemetryError("send_bug_report takes what draft_bug_report returned")

    async def outcome(self) -> Outcome:
        """Send, and return what became of it; cancelled, the draft stays as it is."""
        self._entrance.pipeline.submit(self._job)
        try:
            outcome: Outcome = await self._job.completion.wait_async()
        except BaseException:
            self._entrance.pipeline.cancel_job(self._job)
            raise
        return outcome

    def outcome_sync(self) -> Outcome:
        """Do what `outcome` does, in a program without a loop."""
        self._entrance.pipeline.submit(self._job)
        try:
            self._job.completion.wait(None)
            outcome: Outcome = self._job.completion.result()
        except BaseException:
            self._entrance.pipeline.cancel_job(self._job)
            raise
        return outcome

    async def _work(self, egress: Egress) -> Outcome:
        endpoint = self._endpoint
        return await bug_report.send(
            self._draft,
            self._consent,
            policy_now=self._policy_now(),
            auth=partial(_asked, endpoint.auth) if endpoint and endpoint.auth else None,
            post=partial(self._post, egress),
            sleep=anyio.sleep,
            rand=random.random,
            host_now=endpoint.url if endpoint else None,
            layer_now=endpoint.layer if endpoint else None,
            progress=partial(self._told, self._progress) if self._progress else None,
        )

    def _told(self, progress: Progress, sent: int, whole: int) -> None:
        """Tell the host how far it is; what its callback raises is its own and does not fail the report."""
        try:
            progress(sent, whole)
        except BaseException as error:
            self._entrance.boundary.failed(error)

    def _policy_now(self) -> Policy:
        """Return the policy of this moment: what other processes revoked and the settings files count."""
        service = self._policy.bug_reports
        if not service.enabled or self._entrance.pipeline.consent.for_request("bug_reports"):
            return self._policy
        return with_services_off(self._policy, ["bug_reports"])

    async def _post(
        self,
        egress: Egress,
        *,
        headers: dict[str, str],
        body: bytes,
        deadline: float,
        progress: Progress | None,
    ) -> Any:
        endpoint = self._endpoint
        if endpoint is None or not self._entrance.pipeline.consent.for_request("bug_reports"):
            raise BugReportRefused("bug reports are off")
        ledger = self._entrance.pipeline.ledger
        entry = ledger.receipt(host=endpoint.host, sha256=self._draft.sha256, report_id=self._draft.report_id)
        try:
            answer = await egress.post(endpoint, headers=headers, body=body, deadline=deadline, progress=progress)
        except Exception as failure:
            ledger.outcome(entry, reason=str(failure) if isinstance(failure, TelemetryError) else "failed")
            raise
        except BaseException:
            ledger.outcome(entry, reason="cancelled")
            raise
        ledger.outcome(entry, status=answer.status)
        return answer
