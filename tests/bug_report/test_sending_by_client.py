"""Sending by a client: bounded in time, by servers that hang and by a host's code that does; causes and words."""

from __future__ import annotations

import json
import math
import threading
from time import monotonic
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from telemetry_sdk.endpoints import Endpoint, Endpoints
from telemetry_sdk.exceptions import BugReportRefused
from telemetry_sdk.options import Options
from telemetry_sdk.policy.watch import SettingsWatch
from telemetry_sdk.runtime.build_drafts import stored_drafts

if TYPE_CHECKING:
    from collections.abc import Callable

    import telemetry_sdk
    from telemetry_sdk.receiver import Receiver

    Start = Callable[..., telemetry_sdk.TelemetryClient]

INTERNAL = ("save()", "draft.", "preview()", "bug_report_", "send_bug_report", "discard", "Exception", "client.")


async def send(client: telemetry_sdk.TelemetryClient, way: str, **choices: Any) -> telemetry_sdk.Outcome:
    made = client.draft_bug_report("It froze")
    consent = made.preview().consent()
    if way == "async":
        return await client.send_bug_report(made, consent=consent, **choices)
    return await anyio.to_thread.run_sync(lambda: client.send_bug_report_sync(made, consent=consent, **choices))


@pytest.mark.parametrize("way", ["async", "sync"])
@pytest.mark.parametrize(
    ("timeout", "error"), [(-1, ValueError), (math.nan, ValueError), (math.inf, ValueError), ("5", TypeError)]
)
async def test_a_timeout_that_is_none_is_refused_before_anything_is_sent(
    start: Start, receiver: Receiver, way: str, timeout: Any, error: type[Exception]
):
    with pytest.raises(error, match="timeout must be"):
        await send(start(), way, timeout=timeout)
    assert receiver.requests() == []


async def test_an_unknown_part_is_named_with_those_that_there_are(start: Start):
    client: Any = start()
    words = r"a bug report has no part 'transcripts'; its parts are transcript, .*without_tool_output$"
    with pytest.raises(TypeError, match=words):
        client.draft_bug_report("It froze", transcripts=[])
    with pytest.raises(TypeError, match=words):
        await client.draft_bug_report_async("It froze", transcripts=[])


@pytest.mark.parametrize("way", ["async", "sync"])
async def test_a_timeout_bounds_the_whole_call_behind_a_server_that_hangs(start: Start, receiver: Receiver, way: str):
    receiver.hang("bug_reports")
    client = start()
    begun = monotonic()
    outcome = await send(client, way, timeout=0.5)
    took = monotonic() - begun
    receiver.release()
    assert (outcome.kind, outcome.cause) == ("saved", "network")
    assert "did not answer within 0.5 seconds" in outcome.message
    assert took >= 0.5
    [kept] = client.drafts()
    assert client.send_bug_report_sync(kept, consent=kept.preview().consent()).kind == "sent"


@pytest.mark.parametrize("way", ["async", "sync"])
async def test_a_timeout_bounds_the_hosts_own_code(start: Start, way: str):
    release = threading.Event()

    def auth() -> tuple[str, str]:
        release.wait()
        return "Authorization", "Bearer x"

    outcome = await send(start(bug_report_auth=auth), way, timeout=0.3)
    release.set()
    assert outcome.kind == "saved"


def test_a_timeout_bounds_a_command_too(start: Start, receiver: Receiver, world: Any):
    client = start()
    client.draft_bug_report("It froze")
    options = Options(
        app="acme-agent",
        version="1",
        tags={},
        sample={},
        app_modules=frozenset(),
        base_dir=str(world / ".local" / "state" / "telemetry-sdk"),
    )
    endpoint = Endpoint(
        service="bug_reports",
        url=receiver.bug_report_url,
        host="127.0.0.1",
        port=receiver.port,
        layer="host",
        loopback=True,
    )
    drafts = stored_drafts(
        options,
        client.policy,
        Endpoints(identity="x", bug_reports=endpoint),
        lambda: SettingsWatch(client.policy, lambda: client.policy),
    )
    receiver.hang("bug_reports")
    [found] = drafts.drafts()
    outcome = drafts.send_bug_report_sync(found, consent=found.preview().consent(), timeout=0.3)
    receiver.release()
    assert (outcome.kind, outcome.cause) == ("saved", "network")
    assert "did not answer within 0.3 seconds" in outcome.message


@pytest.mark.parametrize(
    ("status", "body", "kind", "cause"),
    [
        (200, "{}", "unconfirmed", ""),
        (401, "", "failed", "credential"),
        (403, "zero data retention", "failed", "zero_data_retention"),
        (404, "", "failed", "endpoint_gone"),
        (410, "", "failed", "endpoint_gone"),
        (409, "{}", "unconfirmed", ""),
        (413, "", "failed", "too_large"),
        (400, "no", "failed", "rejected"),
        (422, "no", "failed", "rejected"),
    ],
)
async def test_every_answer_has_its_cause_and_words_for_the_user(
    start: Start, receiver: Receiver, status: int, body: str, kind: str, cause: str
):
    client = start()
    receiver.answer_next("bug_reports", status=status, body=body)
    outcome = await send(client, "async")
    assert (outcome.kind, outcome.cause) == (kind, cause)
    assert [word for word in INTERNAL if word in outcome.message] == []
    [kept] = client.drafts()
    final = cause in {"zero_data_retention", "endpoint_gone", "too_large", "rejected"}
    assert outcome.message.endswith(f"telemetry-sdk bug {'save' if final else 'send'} {kept.short_id}")


async def test_a_refusal_names_the_file_and_the_variable_that_refuse(start: Start, world: Any):
    client = start()
    made = client.draft_bug_report("It froze")
    consent = made.preview().consent()
    settings = world / ".claude" / "settings.json"
    settings.parent.mkdir()
    settings.write_text('{"env": {"DISABLE_FEEDBACK_COMMAND": "1"}}')
    outcome = await start().send_bug_report(made, consent=consent)
    assert (outcome.kind, outcome.cause) == ("refused", "policy")
    assert str(settings) in outcome.message
    assert "DISABLE_FEEDBACK_COMMAND" in outcome.message
    assert "sends to" not in outcome.message
    assert outcome.message.endswith(f"bug save {made.short_id}")


@pytest.mark.parametrize(
    ("variable", "drafts_go_on"),
    [("DISABLE_BUG_COMMAND", False), ("DISABLE_FEEDBACK_COMMAND", False), ("CLAUDE_CODE_USE_BEDROCK", True)],
)
async def test_a_file_written_between_preview_and_sending_refuses_at_once(
    start: Start, receiver: Receiver, world: Any, variable: str, drafts_go_on: bool
):
    client = start()
    made = client.draft_bug_report("It froze")
    consent = made.preview().consent()
    settings = world / ".claude" / "settings.json"
    settings.parent.mkdir()
    settings.write_text(json.dumps({"env": {variable: "1"}}))
    outcome = await client.send_bug_report(made, consent=consent)
    assert outcome.kind == "refused"
    [reason] = outcome.reasons
    assert (reason.source, reason.variable) == (str(settings), variable)
    assert "off: off" not in outcome.message
    assert receiver.requests("bug_reports") == []
    if drafts_go_on:
        again = client.draft_bug_report("It froze again")
        assert (again.path is not None, again.preview().host) == (True, None)
    else:
        with pytest.raises(BugReportRefused, match=variable):
            client.draft_bug_report("It froze again")


async def test_local_mode_is_named_as_it_is_written(start: Start, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TELEMETRY_SDK_MODE", "local")
    outcome = await send(start(), "async")
    assert outcome.kind == "refused"
    assert "TELEMETRY_SDK_MODE=local" in outcome.message


async def test_consent_revoked_between_preview_and_sending_sends_nothing(start: Start, receiver: Receiver):
    client = start()
    made = client.draft_bug_report("It froze")
    consent = made.preview().consent()
    client.opt_out("bug_reports", persist=False)
    outcome = await client.send_bug_report(made, consent=consent)
    assert outcome.kind == "refused"
    assert receiver.requests("bug_reports") == []
    assert [draft.report_id for draft in client.drafts()] == [made.report_id]


def test_a_kill_while_the_report_is_sent_leaves_a_valid_draft(
    program: Callable[..., Any], start: Start, receiver: Receiver
):
    receiver.hang("bug_reports")
    done = program("""
        draft = client.draft_bug_report("It froze", transcript=[{"role": "user", "content": "hi"}])
        kill = lambda sent, total: os.kill(os.getpid(), 9)
        client.send_bug_report_sync(draft, consent=draft.preview().consent(), progress=kill)
    """)
    receiver.release()
    assert done.code == -9
    client = start()
    [kept] = client.drafts()
    assert client.send_bug_report_sync(kept, consent=kept.preview().consent()).kind == "sent"
