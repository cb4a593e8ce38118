"""Each answer has its outcome; nothing is called sent that was not; nothing is lost."""

from __future__ import annotations

import dataclasses
import gzip
import json
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from telemetry_sdk.bug_report import ReportContext, draft, load
from telemetry_sdk.exceptions import BugReportRefused, NetworkFailure

if TYPE_CHECKING:
    from collections.abc import Callable

    from telemetry_sdk.bug_report import Outcome
    from tests.bug_report.conftest import Sender


def assert_kept(outcome: Outcome, context: ReportContext) -> None:
    assert outcome.path is not None
    assert load(outcome.path, context=context).report_id in outcome.path
    assert outcome.path in outcome.message
    assert outcome.receipt is None


def read_json(path: str) -> Any:
    return json.loads(Path(path).read_bytes())


async def test_a_report_arrives_byte_for_byte_and_leaves_a_receipt(context: ReportContext, sender: Sender, state: Path):
    made = draft("It froze é\u2028\x7f", context=context, transcript=[{"role": "user", "content": 'a "b" \\ c'}])
    outcome = await sender(made)
    (arrived,) = sender.receiver.bug_reports()
    (request,) = sender.receiver.requests("bug_reports")
    assert outcome.kind == "sent"
    assert arrived.content.encode() == made.content
    assert arrived.idempotency_key == made.report_id
    assert outcome.feedback_id == arrived.feedback_id
    assert request.headers["x-content-sha256"] == made.sha256
    assert request.headers["content-encoding"] == "gzip"
    assert os.listdir(state / "drafts") == []
    assert outcome.path is None
    assert outcome.receipt is not None
    assert outcome.receipt.path is not None
    kept = read_json(outcome.receipt.path)
    assert kept == {
        "feedback_id": outcome.feedback_id,
        "host": "reports.example",
        "layer": "host",
        "report_id": made.report_id,
        "sent_at": 1_790_000_000.0,
        "sha256": made.sha256,
        "size": len(made.content),
    }
    if os.name == "posix":
        assert os.stat(outcome.receipt.path).st_mode & 0o777 == 0o600
    sent, total = sender.progress[-1]
    assert sent == total > 0


async def test_a_second_sending_is_known_by_its_key(context: ReportContext, sender: Sender):
    made = draft("It froze", context=context)
    first = await sender(made)
    second = await sender(made)
    assert (first.kind, second.kind) == ("sent", "sent")
    assert second.feedback_id == first.feedback_id
    assert len(sender.receiver.bug_reports()) == 1


async def test_a_known_key_without_an_id_is_unconfirmed(context: ReportContext, sender: Sender):
    sender.receiver.answer_next("bug_reports", status=409, body="{}")
    outcome = await sender(draft("It froze", context=context))
    assert outcome.kind == "unconfirmed"
    assert_kept(outcome, context)


@pytest.mark.parametrize("body", ["", "{}", '{"feedback_id": ""}', '{"feedback_id": null}', "[1]", "<html>ok</html>"])
async def test_taken_without_an_id_is_unconfirmed(context: ReportContext, sender: Sender, body: str):
    sender.receiver.answer_next("bug_reports", status=200, body=body)
    outcome = await sender(draft("It froze", context=context))
    assert outcome.kind == "unconfirmed"
    assert_kept(outcome, context)


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (401, "", "rejected the credential (401)"),
        (403, '{"error": "no"}', "rejected the credential (403)"),
        (403, '{"error": {"message": "Custom data retention settings are not allowed"}}', "zero data retention"),
        (401, "zero-data-retention organization", "zero data retention"),
        (404, "", "does not accept bug reports"),
        (410, "", "does not accept bug reports"),
        (413, "", "make a smaller one"),
        (400, '{"error": {"message": "bad \\u001b[31mthing\\n\\u202e!"}}', "(400): bad [31mthing !"),
        (422, '{"detail": "' + "x" * 2000 + '"}', "(422): " + "x" * 500 + " The draft"),
        (400, "\x00plain\r\nwords", "(400): plain words"),
        (400, "", "no reason given"),
        (402, '{"message": "pay"}', "(402): pay"),
    ],
)
async def test_a_refusal_is_final_and_says_why(
    context: ReportContext, sender: Sender, status: int, body: str, says: str
):
    sender.receiver.answer_next("bug_reports", status=status, body=body)
    outcome = await sender(draft("It froze", context=context))
    assert outcome.kind == "failed"
    assert says in outcome.message
    assert outcome.message.isprintable()
    assert len(sender.receiver.requests("bug_reports")) == 1
    assert_kept(outcome, context)


async def test_a_missing_credential_is_named(context: ReportContext, sender: Sender):
    outcome = await sender(draft("It froze", context=context), auth=None)
    assert outcome.kind == "failed"
    assert "the application provides none" in outcome.message
    assert "authorization" not in sender.receiver.requests("bug_reports")[0].headers


@pytest.mark.parametrize("status", [429, 503])
async def test_a_busy_server_is_asked_again_as_it_says(context: ReportContext, sender: Sender, status: int):
    sender.receiver.answer_next("bug_reports", status=status, headers={"Retry-After": "7"}, times=2)
    outcome = await sender(draft("It froze", context=context))
    assert outcome.kind == "sent"
    assert sender.waits == [7.0, 7.0]


async def test_a_busy_server_is_asked_three_times_at_most(context: ReportContext, sender: Sender):
    sender.receiver.answer_next("bug_reports", status=429, headers={"Retry-After": "1"}, times=9)
    outcome = await sender(draft("It froze", context=context))
    assert outcome.kind == "saved"
    assert len(sender.receiver.requests("bug_reports")) == 3
    assert_kept(outcome, context)


async def test_a_long_retry_after_ends_the_attempts(context: ReportContext, sender: Sender):
    sender.receiver.answer_next("bug_reports", status=503, headers={"Retry-After": "3600"})
    outcome = await sender(draft("It froze", context=context))
    assert outcome.kind == "saved"
    assert "3600 seconds" in outcome.message
    assert sender.waits == []
    assert_kept(outcome, context)


@pytest.mark.parametrize("status", [500, 502, 408, 302])
async def test_other_troubles_are_tried_again_with_jitter(context: ReportContext, sender: Sender, status: int):
    sender.receiver.answer_next("bug_reports", status=status, times=2)
    assert (await sender(draft("It froze", context=context))).kind == "sent"
    assert sender.waits == [0.5, 1.0]


async def test_the_outcome_of_a_redirect_says_that_it_is_not_followed(context: ReportContext, sender: Sender):
    sender.receiver.answer_next("bug_reports", status=307, times=3)
    outcome = await sender(draft("It froze", context=context))
    assert outcome.kind == "saved"
    assert "redirects to another address (307), and redirects are not followed" in outcome.message


async def test_without_an_answer_the_report_is_saved(context: ReportContext, sender: Sender):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    outcome = await sender(draft("It froze", context=context), url=f"http://127.0.0.1:{port}/")
    assert outcome.kind == "saved"
    assert "reports.example, or the proxy on the way to it, refused the connection" in outcome.message
    assert len(sender.waits) == 2
    assert_kept(outcome, context)


async def test_a_failure_that_a_second_try_would_meet_again_is_not_tried_again(context: ReportContext, sender: Sender):
    outcome = await sender(draft("It froze", context=context), url=sender.receiver.url.replace("http:", "https:"))
    assert outcome.kind == "saved"
    assert "The request failed: TLS with reports.example failed" in outcome.message
    assert sender.waits == []
    assert_kept(outcome, context)


async def test_memory_is_not_called_saved(context: ReportContext, sender: Sender):
    sender.receiver.answer_next("bug_reports", status=500, times=3)
    outcome = await sender(draft("It froze", context=dataclasses.replace(context, state_dir=None)))
    assert outcome.kind == "failed"
    assert "lost when the program ends" in outcome.message


def _raises() -> Any:
    raise RuntimeError("token abc123")


@pytest.mark.parametrize(
    "auth",
    [
        _raises,
        lambda: ("Authorization", "Bearer abc123\r\nX-Evil: 1"),
        lambda: ("Authorization", "Bearer abc123é"),
        lambda: ("Authorization\n", "abc123"),
        lambda: ("Idempotency-Key", "abc123"),
        lambda: ("Host", "abc123"),
        lambda: ("Authorization", ""),
        lambda: ("Authorization", "abc123" * 5000),
        lambda: "abc123",
        lambda: None,
        lambda: ("Authorization", b"abc123"),
    ],
)
async def test_a_credential_that_cannot_be_used_sends_nothing(context: ReportContext, sender: Sender, auth: Any):
    outcome = await sender(draft("It froze", context=context), auth=auth)
    assert outcome.kind == "failed"
    assert "Nothing was sent" in outcome.message
    assert "abc123" not in outcome.message
    assert sender.receiver.requests() == []
    assert_kept(outcome, context)


async def test_the_policy_is_asked_again_at_sending(context: ReportContext, sender: Sender, policy: Callable[..., Any]):
    made = draft("It froze", context=context)
    off = policy(DISABLE_BUG_COMMAND="1", CLAUDE_CODE_USE_BEDROCK="1")
    outcome = await sender(made, policy_now=off)
    assert outcome.kind == "refused"
    assert {reason.variable for reason in outcome.reasons} == {"DISABLE_BUG_COMMAND", "CLAUDE_CODE_USE_BEDROCK"}
    assert "DISABLE_BUG_COMMAND" in outcome.message
    assert sender.receiver.requests() == []
    assert_kept(outcome, context)


async def test_without_an_address_sending_is_refused(
    context: ReportContext, sender: Sender, policy: Callable[..., Any]
):
    away = dataclasses.replace(context, policy=policy(None), host=None, layer=None)
    outcome = await sender(draft("It froze", context=away), policy_now=policy(None))
    assert outcome.kind == "refused"
    assert "no URL is given" in outcome.message


async def test_an_opt_out_between_two_tries_ends_it(context: ReportContext, sender: Sender):
    tries: list[int] = []

    async def post(*_: object) -> Any:
        tries.append(1)
        if len(tries) > 1:
            raise BugReportRefused("bug reports are off")
        raise NetworkFailure("timeout")

    outcome = await sender(draft("It froze", context=context), post=post)
    assert outcome.kind == "refused"
    assert_kept(outcome, context)


async def test_cancelling_leaves_a_valid_draft(context: ReportContext, sender: Sender):
    sender.receiver.hang("bug_reports")
    made = draft("It froze", context=context, transcript=[{"role": "user", "content": "hi"}])
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(sender, made)
        await anyio.to_thread.run_sync(lambda: sender.receiver.wait_for(requests=1))
        tasks.cancel_scope.cancel()
    sender.receiver.release()
    assert made.path is not None
    again = load(made.path, context=context)
    assert again == made
    assert (await sender(again)).kind == "sent"


async def test_a_draft_that_was_swept_meanwhile_is_kept_again_before_it_leaves(context: ReportContext, sender: Sender):
    made = draft("It froze", context=context)
    assert made.delete()
    sender.receiver.answer_next("bug_reports", status=400)
    assert_kept(await sender(made), context)


async def test_the_deadline_grows_with_the_size(context: ReportContext, sender: Sender):
    seen: list[tuple[float, int]] = []

    async def post(_headers: dict[str, str], body: bytes, deadline: float, _progress: object) -> Any:
        seen.append((deadline, len(body)))
        raise NetworkFailure("timeout")

    small, large = draft("x", context=context), draft("x", context=context, transcript=[os.urandom(200_000).hex()])
    for made in (small, large):
        await sender(made, post=post)
    for deadline, size in seen:
        assert deadline == 30 + size / 100_000
    assert seen[0][0] < 31 < seen[-1][0]


def test_the_body_is_the_content_as_one_json_string(context: ReportContext):
    from telemetry_sdk.encoders import bug_report as wire

    content = draft('It "froze" é', context=context).content
    for cuts in ([], [1], [7, 8, 9], list(range(len(content)))):
        encoder = wire.BodyEncoder()
        for begin, end in zip([0, *cuts], [*cuts, len(content)], strict=True):
            encoder.add(content[begin:end])
        body = encoder.finish()
        assert json.loads(gzip.decompress(body)) == {"content": content.decode()}
        assert encoder.expanded == len(gzip.decompress(body))
        assert b"".join(wire.content_of(body)) == content
    assert wire.headers("id", "hash", None) == {
        "Content-Type": "application/json",
        "Content-Encoding": "gzip",
        "Idempotency-Key": "id",
        "X-Content-SHA256": "hash",
    }
