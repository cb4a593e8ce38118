"""Sending: the policy again, the consent to the very bytes, then at most three tries, and an honest outcome."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from telemetry_sdk.encoders import bug_report as wire
from telemetry_sdk.exceptions import BugReportRefused, ConsentError, NetworkFailure
from telemetry_sdk.sender.rate_limits import retry_after

from .answers import Answer, Verdict, verdict
from .gate import told
from .outcome import Outcome, not_sent, sent
from .preview import Consent

if TYPE_CHECKING:
    from telemetry_sdk.policy import Policy

    from .draft import BugReportDraft

TRIES = 3  # in the foreground: somebody waits
LONGEST_WAIT = 60.0  # seconds before a try; a server that asks for more gets the report another day
BASE, CAP = 1.0, 8.0  # seconds of back-off without the server's word
TIMEOUT = 30.0  # seconds, and a share by size:
SLOWEST = 100_000  # bytes in a second, an uplink of 0.8 Mbit/s

Progress: TypeAlias = Callable[[int, int], None]
"""Called with the bytes sent and the bytes in all."""

Auth: TypeAlias = Callable[[], tuple[str, str]]
"""The name and value of the credential's header, asked at sending only."""


class Post(Protocol):
    """Sends one request: egress, bound to the endpoint. `deadline`: seconds. Raises NetworkFailure."""

    async def __call__(
        self, *, headers: dict[str, str], body: bytes, deadline: float, progress: Progress | None
    ) -> Answer:
        """Return the answer. Raises BugReportRefused if the policy forbids it by now."""
        ...


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
    """Send a draft as its preview showed it, and return what became of it.

    The policy, the host and the layer that names it are those of this moment. Raises ConsentError if the
    consent is not to these bytes for this host. Cancellation leaves the draft on disk as it is.
    """
    service = policy_now.bug_reports
    if not service.enabled or host_now is None:
        why = "Bug reports cannot be sent" if service.enabled else "Bug reports are off"
        return not_sent("refused", f"{why}: {told(service.reasons)}.", draft, service.reasons)
    _check(consent, draft, host_now, layer_now)
    draft = draft.kept()
    try:
        headers = wire.headers(draft.report_id, draft.sha256, _credential(auth))
    except Exception as error:
        return not_sent("failed", f"The credential cannot be used: {_reason(error)}. Nothing was sent.", draft)
    attempts = _Attempts(
        post=post,
        headers=headers,
        body=wire.body(draft.content),
        with_credential=auth is not None,
        sleep=sleep,
        rand=rand,
        clock=draft.context.clock,
        progress=progress,
    )
    try:
        last = await attempts.last()
    except BugReportRefused as refusal:  # turned off between two tries
        return not_sent("refused", f"{refusal}.".capitalize(), draft, refusal.reasons)
    if last.meaning == "sent":
        return sent(draft, host_now, layer_now, last.feedback_id)
    return _waiting(draft, last)


def _waiting(draft: BugReportDraft, last: Verdict) -> Outcome:
    if last.meaning in ("unconfirmed", "failed"):
        return not_sent(last.meaning, last.message, draft)
    return not_sent("saved" if draft.path else "failed", f"Not sent. {last.message}", draft)


def _check(consent: object, draft: BugReportDraft, host: str, layer: str | None) -> None:
    if not isinstance(consent, Consent):
        raise ConsentError("a consent comes from draft.preview().consent()")
    if (consent.report_id, consent.sha256) != (draft.report_id, draft.sha256):
        raise ConsentError("the consent was given to another report: look at this one's preview, and agree again")
    if (consent.host, consent.layer) != (host, layer):
        raise ConsentError("the report would go elsewhere than was agreed to: look at a new preview, and agree again")


def _credential(auth: Auth | None) -> tuple[str, str] | None:
    if auth is None:
        return None
    given: Any = auth()
    return ("", "") if given is None else given  # None is no credential, and no leave to send without one


def _reason(error: Exception) -> str:
    """Name what went wrong; only our own words, for a foreign error may hold the credential."""
    own = isinstance(error, wire.BadCredential)
    return str(error) if own else f"bug_report_auth raised {type(error).__name__}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempts:
    """One request, tried at most three times."""

    post: Post
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    with_credential: bool
    sleep: Callable[[float], Awaitable[object]]
    rand: Callable[[], float]
    clock: Callable[[], float]
    progress: Progress | None

    async def last(self) -> Verdict:
        """Return the verdict that ends it: the first that does, or the last there was."""
        number = 0
        while True:
            judged, wait = await self._one(number)
            number += 1
            if judged.meaning not in {"wait", "retry"} or number == TRIES:
                return judged
            if wait > LONGEST_WAIT:
                return Verdict("retry", f"{judged.message} It asks to wait {wait:.0f} seconds.")
            await self.sleep(wait)

    async def _one(self, number: int) -> tuple[Verdict, float]:
        """Try once; return the verdict, and the seconds to wait before the next try."""
        wait = self.rand() * min(CAP, BASE * 2.0**number)
        deadline = TIMEOUT + len(self.body) / SLOWEST
        try:
            answer = await self.post(
                headers=dict(self.headers), body=self.body, deadline=deadline, progress=self.progress
            )
        except NetworkFailure as failure:
            return Verdict("retry", f"No answer came ({failure})."), wait
        judged = verdict(answer, with_credential=self.with_credential)
        if judged.meaning == "wait":
            told = retry_after(answer.headers, now=self.clock(), rand=lambda: 0.0)
            wait = max(wait, told or 0.0)
        return judged, wait
