"""Makes a client's drafts and sends them over the sender's event loop to the one exit.

The only calls that raise, and the only ones that load more than an append needs: a user waits for them.
"""

from __future__ import annotations

import os
import random
from dataclasses import replace
from functools import partial
from threading import TIMEOUT_MAX
from typing import TYPE_CHECKING, Any, cast

import anyio

from telemetry_sdk._internal.services import BUG_REPORTS
from telemetry_sdk._internal.version import VERSION
from telemetry_sdk.bug_report import BugReportDraft, ReportContext, draft, send
from telemetry_sdk.exceptions import BugReportRefused, TelemetryError
from telemetry_sdk.sanitizer.run_metadata import platform
from telemetry_sdk.sender.send_schedule import Job

from .availability import describe, refusals
from .context import NOT_STATED
from .drafting import draft_in_thread
from .send import kept
from .store import DraftFile, damaged_files, draft_files, load_drafts

if TYPE_CHECKING:
    from collections.abc import Callable

    from telemetry_sdk._internal.diagnostics import Diagnostics
    from telemetry_sdk._internal.lazy import Lazy
    from telemetry_sdk.bug_report import Consent, Outcome
    from telemetry_sdk.egress.client import Egress
    from telemetry_sdk.egress.response import Response
    from telemetry_sdk.endpoints import Endpoint
    from telemetry_sdk.ledger import Ledger
    from telemetry_sdk.options import Options
    from telemetry_sdk.policy.current import CurrentPolicy
    from telemetry_sdk.sender.thread import SenderThread

    from .foreground import ForegroundLoop
    from .github_issue import GitHubIssue
    from .state import ReportState

    Progress = Callable[[int, int], None]


TIMEOUT = 60.0  # seconds for the whole of a sending: a user waits for it


class DraftSender:
    """An application's bug reports. `state`: what of it is on disk; `runner`: where requests are made."""

    def __init__(
        self,
        options: Options,
        endpoint: Endpoint | None,
        policy: CurrentPolicy,
        runner: Lazy[SenderThread] | Lazy[ForegroundLoop],
        ledger: Lazy[Ledger],
        diagnostics: Diagnostics,
        state: ReportState,
    ) -> None:
        self._options = options
        self._endpoint = endpoint
        self._policy = policy
        self._runner = runner
        self._ledger = ledger
        self._diagnostics = diagnostics
        self._state = state

    def drafts(self) -> list[BugReportDraft]:
        """Return the stored drafts of the application, the oldest first; the policy is not asked."""
        found = draft_files(self._options.base_dir, self._options.app)
        return load_drafts(found, self._context()) if found else []

    def damaged_drafts(self) -> list[DraftFile]:
        """Return the files of drafts that cannot be read, the oldest first."""
        found = draft_files(self._options.base_dir, self._options.app)
        return damaged_files(found, self._context()) if found else []

    def draft_bug_report(self, description: str, **parts: Any) -> BugReportDraft:
        """Make a draft; raises `BugReportRefused` and `DraftError`."""
        return self._draft(self._context(), {"description": description, **parts})

    async def draft_bug_report_async(self, description: str, **parts: Any) -> BugReportDraft:
        """Do what `draft_bug_report` does, in a thread; transcripts may be asynchronous iterables."""
        return await draft_in_thread(self._draft, self._context(), {"description": description, **parts})

    def public_issue(self, draft: BugReportDraft, title: str | None = None) -> GitHubIssue:
        """Return the public GitHub issue for a draft, to be shown whole; raises DraftError and BugReportRefused."""
        from .github_issue import make_issue  # a report rarely needs it

        return make_issue(replace(draft, context=self._context()), title)

    def _draft(self, context: ReportContext, parts: dict[str, Any]) -> BugReportDraft:
        known = draft.__kwdefaults__ or {}
        if unknown := sorted(parts.keys() - known.keys() - {"description"}):
            raise TypeError(f"a bug report has no part {unknown[0]!r}; its parts are {', '.join(known)}")
        made = draft(context=context, **parts)
        if made.path is not None:
            self._state.store_profile()
        return made

    async def send_bug_report(
        self,
        draft: BugReportDraft,
        *,
        consent: Consent,
        progress: Progress | None = None,
        timeout: float = TIMEOUT,
    ) -> Outcome:
        """Send a draft and return the outcome, after `timeout` seconds at most; cancelled, the draft stays as it is."""
        job = self._submit(draft, consent, progress, timeout)
        try:
            done = await job.future.wait_async(timeout)
            return self._outcome(draft, job, done=done, timeout=timeout)
        except BaseException:
            self._runner.get().cancel_job(job)
            raise

    def send_bug_report_sync(
        self, draft: BugReportDraft, *, consent: Consent, progress: Progress | None = None, timeout: float = TIMEOUT
    ) -> Outcome:
        """Do what `send_bug_report` does, in a program without a loop."""
        job = self._submit(draft, consent, progress, timeout)
        try:
            done = job.future.wait(timeout)
            return self._outcome(draft, job, done=done, timeout=timeout)
        except BaseException:
            self._runner.get().cancel_job(job)
            raise

    def _outcome(self, report: BugReportDraft, job: Job, *, done: bool, timeout: float) -> Outcome:
        """Return a job's result; one that is not done is cancelled: its thread may hang in the host's code."""
        if done:
            outcome: Outcome = job.future.result()
            return outcome
        self._runner.get().cancel_job(job)
        return _timed_out(report, timeout)

    def _submit(self, report: BugReportDraft, consent: Consent, progress: Progress | None, timeout: float) -> Job:
        if not isinstance(cast("object", report), BugReportDraft):
            raise TelemetryError("only a draft of a bug report can be sent")
        _check_timeout(timeout)
        job = Job(partial(self._work, report, consent, progress, timeout))
        self._runner.get().submit(job)
        return job

    def _context(self) -> ReportContext:
        """Return what a draft contains about the application and the machine."""
        self._policy.check(BUG_REPORTS, fresh=True)
        machine = platform()
        options, policy = self._options, self._policy.policy
        endpoint = self._endpoint if policy.bug_reports.enabled else None
        return ReportContext(
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
            state_dir=self._state.directory,
            save_dir=self._state.save_dir,
            recent_errors=self._state.recent_errors,
            terms=options.bug_report_terms or NOT_STATED,
            command=options.bug_command,
            repository=options.github_repository,
            training_opt_in=options.training_opt_in,
        )

    async def _work(
        self, report: BugReportDraft, consent: Consent, progress: Progress | None, timeout: float, egress: Egress
    ) -> Outcome:
        with anyio.move_on_after(timeout):
            return await self._send(report, consent, progress, egress)
        return _timed_out(report, timeout)

    async def _send(
        self, report: BugReportDraft, consent: Consent, progress: Progress | None, egress: Egress
    ) -> Outcome:
        endpoint = self._endpoint
        self._policy.check(BUG_REPORTS, fresh=True)
        return await send(
            report,
            consent,
            policy_now=self._policy.policy,
            auth=partial(_credential, endpoint.auth) if endpoint and endpoint.auth else None,
            post=partial(self._post, report, egress),
            sleep=anyio.sleep,
            rand=random.random,
            host_now=endpoint.url if endpoint else None,
            layer_now=endpoint.layer if endpoint else None,
            progress=partial(self._report_progress, progress) if progress else None,
        )

    def _report_progress(self, progress: Progress, sent: int, total: int) -> None:
        """Call the host's callback; what it raises does not fail the report."""
        try:
            progress(sent, total)
        except BaseException as error:
            self._diagnostics.failed(error)

    async def _post(
        self,
        report: BugReportDraft,
        egress: Egress,
        headers: dict[str, str],
        body: bytes,
        deadline: float,
        progress: Progress | None,
    ) -> Response:
        endpoint = self._endpoint
        if endpoint is None or not self._policy.check(BUG_REPORTS):
            refusing = refusals(self._policy.policy.bug_reports.reasons)
            raise BugReportRefused(f"bug reports are off: {describe(refusing)}", refusing)
        if self._policy.local:
            raise BugReportRefused("not sent: TELEMETRY_SDK_MODE=local")
        ledger = self._ledger.get()
        entry = ledger.receipt(host=endpoint.host, sha256=report.sha256, report_id=report.report_id)
        try:
            response = await egress.post(endpoint, headers=headers, body=body, deadline=deadline, progress=progress)
        except Exception as failure:
            reason = str(failure) if isinstance(failure, TelemetryError) else "failed"
            ledger.outcome(entry, reason=reason)
            self._state.note_result(reason, endpoint.host)
            raise
        except BaseException:
            ledger.outcome(entry, reason="cancelled")
            raise
        ledger.outcome(entry, status=response.status)
        self._state.note_result(str(response.status), endpoint.host)
        return response


def _check_timeout(timeout: object) -> None:
    if isinstance(timeout, bool) or not isinstance(timeout, int | float):
        raise TypeError(f"timeout must be a number of seconds, not {type(timeout).__name__}")
    if not 0 <= timeout <= TIMEOUT_MAX:  # also of NaN
        raise ValueError(f"timeout must be 0 or more seconds, and finite, not {timeout}")


def _timed_out(report: BugReportDraft, timeout: float) -> Outcome:
    return kept(report, f"The server did not answer within {timeout:g} seconds.", "network")


def _credential(auth: Callable[[], tuple[str, str]]) -> tuple[str, str]:
    """Ask the host for its credential; whatever that raises, the sender lives on."""
    try:
        return auth()
    except Exception:
        raise
    except BaseException as error:
        raise TelemetryError(f"bug_report_auth raised {type(error).__name__}") from None
