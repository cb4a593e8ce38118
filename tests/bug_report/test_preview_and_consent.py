"""The preview is the exact bytes, and only it can give consent, to those bytes and that host."""

from __future__ import annotations

import copy
import dataclasses
import hashlib
import pickle
from typing import TYPE_CHECKING, Any

import pytest

from telemetry_sdk.bug_report import Consent, ReportContext, draft
from telemetry_sdk.bug_report.packed import pack
from telemetry_sdk.exceptions import ConsentError

if TYPE_CHECKING:
    from collections.abc import Callable

    from telemetry_sdk.policy import Policy
    from tests.bug_report.conftest import Sender

KEY = "ghp_" + "aB3dE5gH7jK9mN1pQ3sT5vX7zA9cE1gI" + "abcd"


def test_the_preview_shows_what_would_leave(context: ReportContext):
    made = draft(f"It froze {KEY}", context=context, transcript=[{"role": "user", "content": "hi"}])
    preview = made.preview()
    assert preview.content == made.content
    assert preview.sha256 == hashlib.sha256(made.content).hexdigest()
    assert (preview.host, preview.layer) == ("reports.example", "host")
    assert preview.redactions == {"github-token": 1}
    assert [p.name for p in preview.parts if p.included] == [
        "description",
        "environment",
        "recent_errors",
        "conversation",
    ]
    text = str(preview)
    for expected in (
        "Destination: reports.example (set by host)",
        f"{len(made.content):,} bytes, SHA-256 {preview.sha256}",
        "The receiver's terms: not stated",
        "Use: not used for training; kept here at most 30 days",
        "Public: no",
        "conversation: ",
        "git: left out",
        "1 github-token",
        "Patterns can miss secrets",
    ):
        assert expected in text
    assert "It froze" not in repr(preview)


def test_consent_comes_from_a_preview_alone(context: ReportContext):
    consent = draft("It froze", context=context).preview().consent()
    with pytest.raises(ConsentError):
        Consent(consent.report_id, "0" * 64, "evil.example", "host", 0.0, object())
    with pytest.raises((ConsentError, ValueError, TypeError)):
        dataclasses.replace(consent, host="evil.example")  # type: ignore[call-arg]
    with pytest.raises(dataclasses.FrozenInstanceError):
        consent.host = "evil.example"  # type: ignore[misc]
    assert copy.copy(consent) == pickle.loads(pickle.dumps(consent)) == consent


async def test_consent_to_another_draft_is_void(context: ReportContext, sender: Sender):
    made = draft("It froze", context=context, transcript=[{"role": "user", "content": "hi"}])
    consent = made.preview().consent()
    with pytest.raises(ConsentError, match="another report"):
        await sender(made.without("conversation"), consent)
    with pytest.raises(ConsentError, match="another report"):
        await sender(dataclasses.replace(made, packed=pack([made.content.replace(b"froze", b"burnt")])), consent)
    assert sender.receiver.requests() == []


@pytest.mark.parametrize("now", [{"host_now": "evil.example"}, {"layer_now": "environment"}])
async def test_consent_is_void_when_the_destination_changes(
    context: ReportContext, sender: Sender, now: dict[str, str]
):
    made = draft("It froze", context=context)
    with pytest.raises(ConsentError, match="destination changed"):
        await sender(made, **now)  # type: ignore[arg-type]
    assert sender.receiver.requests() == []


@pytest.mark.parametrize("consent", ["yes", True, {"sha256": "x"}])
async def test_anything_else_is_no_consent(context: ReportContext, sender: Sender, consent: Any):
    with pytest.raises(ConsentError, match="preview"):
        await sender(draft("It froze", context=context), consent)
    assert sender.receiver.requests() == []


def test_a_preview_in_local_mode_says_that_nothing_will_be_sent(context: ReportContext, policy: Callable[..., Policy]):
    local = dataclasses.replace(context, policy=policy(TELEMETRY_SDK_MODE="local"))
    words = "Destination: none: TELEMETRY_SDK_MODE=local, nothing will be sent\n"
    assert words in draft("It froze", context=local).preview().render()
    assert words not in draft("It froze", context=context).preview().render()
