"""Sends a report: checks policy and consent again, then makes at most three attempts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit

from telemetry_sdk.encoders import bug_report as wire
from telemetry_sdk.exceptions import BugReportRefused, ConsentError, NetworkFailure
from telemetry_sdk.sender.rate_limits import retry_after
from telemetry_sdk.sender.results import describe_result

from .availability import describe, refusals
from .outcome import Outcome, not_sent, sent
from .preview import Consent
from .response_handling import AttemptResult, Cause, interpret

if TYPE_CHECKING:
    from telemetry_sdk.egress.response import Response
    from telemetry_sdk.policy import Policy

    from .drafts import BugReportDraft

MAX_ATTEMPTS = 3  # in the foreground, where a user waits
MAX_WAIT = 60.0  # seconds between attempts; when the server asks for more, the draft is kept
BASE, CAP = 1.0, 8.0  # seconds of back-off where the server names no delay
TIMEOUT = 30.0  # seconds, plus the time that the body takes at this rate:
MIN_RATE = 100_000  # bytes per second, an uplink of 0.8 Mbit/s
_LASTING = frozenset(("proxy_login", "issuer", "certificate", "tls", "refused"))  # a second try meets them again

Progress: TypeAlias = Callable[[int, int], None]
"""Called with the bytes sent and the total."""

Auth: TypeAlias = Callable[[], tuple[str, str]]
"""The name and value of the credential's header, called only when sending."""


Post: TypeAlias = "Callable[[dict[str, str], bytes, float, Progress | None], Awaitable[Response]]"
"""Sends headers and a body through egress, within a deadline in seconds, and reports the progress.

Raises NetworkFailure, and BugReportRefused if the policy forbids it meanwhile.
"""


async def send(
    draft: BugReportDraft,
    consent: Consent,
    *,
    policy_now: Policy,
    auth: Auth | None,
    post: Post,
    sleep: Callable[[float], Awaitable[object]],
    rand: Callable[[], float],
    host_now: str | None,
    layer_now: str | None,
    progress: Progress | None = None,
) -> Outcome:
    """Send a draft exactly as previewed, and return the outcome.

    `policy_now`, `host_now` and `layer_now` are the current ones. Raises ConsentError if the consent is not for
    these bytes and this host. Cancellation leaves the draft on disk unchanged.
    """
    service = policy_now.bug_reports
    if not service.enabled or host_now is None:
        why = "Bug reports cannot be sent" if service.enabled else "Bug reports are off"
        refusing = refusals(service.reasons)
        return not_sent("refused", f"{why}: {describe(refusing)}.", draft, "policy", refusing)
    _check_consent(consent, draft, host_now, layer_now)
    draft = draft.stored()
    try:
        headers = wire.headers(draft.report_id, draft.sha256, _credential(auth))
    except Exception as error:
        words = f"The credential cannot be used: {_describe_auth_error(error)}. Nothing was sent."
        return not_sent("failed", words, draft, "credential")
    attempts = _Attempts(
        post=post,
        headers=headers,
        body=draft.packed.body,
        host=urlsplit(host_now).hostname or host_now,
        with_credential=auth is not None,
        sleep=sleep,
        rand=rand,
        clock=draft.context.clock,
        progress=progress,
    )
    try:
        last = await attempts.last()
    except BugReportRefused as refusal:  # turned off between two attempts
        return not_sent("refused", f"{str(refusal)[:1].upper()}{str(refusal)[1:]}.", draft, "policy", refusal.reasons)
    if last.kind == "sent":
        return sent(draft, host_now, layer_now, last.feedback_id)
    return _not_delivered(draft, last)


def _not_delivered(draft: BugReportDraft, last: AttemptResult) -> Outcome:
    if last.kind in ("unconfirmed", "failed"):
        return not_sent(last.kind, last.message, draft, last.cause)
    return kept(draft, last.message, last.cause)


def kept(draft: BugReportDraft, message: str, cause: Cause) -> Outcome:
    """Return the outcome of a report that may be sent later."""
    return not_sent("saved" if draft.path else "failed", f"Not sent. {message}", draft, cause)


def _check_consent(consent: object, draft: BugReportDraft, host: str, layer: str | None) -> None:
    if not isinstance(consent, Consent):
        raise ConsentError("consent must come from draft.preview().consent()")
    if (consent.report_id, consent.sha256) != (draft.report_id, draft.sha256):
        raise ConsentError("the consent is for another report: preview this one and consent again")
    if (consent.host, consent.layer) != (host, layer):
        raise ConsentError("the destination changed since the consent: preview the report and consent again")


def _credential(auth: Auth | None) -> tuple[str, str] | None:
    if auth is None:
        return None
    given: Any = auth()
    return ("", "") if given is None else given  # None is not a credential, nor permission to send without one


def _describe_auth_error(error: Exception) -> str:
    """Describe the error without its text: a foreign error may hold the credential."""
    own = isinstance(error, wire.BadCredential)
    return str(error) if own else f"bug_report_auth raised {type(error).__name__}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempts:
    """One request, attempted at most `MAX_ATTEMPTS` times."""

    post: Post
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    host: str
    with_credential: bool
    sleep: Callable[[float], Awaitable[object]]
    rand: Callable[[], float]
    clock: Callable[[], float]
    progress: Progress | None

    async def last(self) -> AttemptResult:
        """Return the first final result, or the last one."""
        number = 0
        while True:
            result, wait = await self._attempt(number)
            number += 1
            if result.kind not in {"wait", "retry"} or number == MAX_ATTEMPTS:
                return result
            if wait > MAX_WAIT:
                return AttemptResult(
                    "retry", f"{result.message} It asks for a delay of {wait:.0f} seconds.", result.cause
                )
            await self.sleep(wait)

    async def _attempt(self, number: int) -> tuple[AttemptResult, float]:
        """Attempt once; return the result, and the seconds to wait before the next attempt."""
        wait = self.rand() * min(CAP, BASE * 2.0**number)
        deadline = TIMEOUT + len(self.body) / MIN_RATE
        try:
            response = await self.post(dict(self.headers), self.body, deadline, self.progress)
        except NetworkFailure as failure:
            word = str(failure)
            words = f"The request failed: {describe_result(word, self.host)}."
            return AttemptResult("not_reached" if word in _LASTING else "retry", words, "network"), wait
        result = interpret(response, with_credential=self.with_credential)
        if result.kind == "wait":
            asked = retry_after(response.headers, now=self.clock(), rand=lambda: 0.0)
            wait = max(wait, asked or 0.0)
        return result, wait
