"""Drafts that wait: another process lists, previews, sends, saves and deletes them, whatever is off by then."""

from __future__ import annotations

import os
import time
import uuid
from typing import TYPE_CHECKING, Any

import pytest

import telemetry_sdk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from telemetry_sdk.receiver import Receiver

    Start = Callable[..., telemetry_sdk.TelemetryClient]

DAY = 86_400
OFF = [{"provider": "bedrock"}, {"opted_out": ["bug_reports"]}, {"off": ["bug_reports"]}, {"bug_report_url": None}]


def directory(home: Path) -> Path:
    return home / ".local" / "state" / "telemetry-sdk" / "acme-agent"


def test_another_client_sends_what_one_drafted(start: Start, receiver: Receiver):
    made = start().draft_bug_report("It froze", transcript=[{"role": "user", "content": "hi"}])
    later = start()
    [found] = later.drafts()
    assert (found.content, found.path, found.description) == (made.content, made.path, "It froze")
    assert later.send_bug_report_sync(found, consent=found.preview().consent()).kind == "sent"
    assert [report.content.encode() for report in receiver.bug_reports()] == [made.content]
    assert later.drafts() == []


def test_a_draft_for_other_endpoints_is_previewed_for_those_of_now(start: Start, receiver: Receiver):
    made = start(bug_report_url="https://elsewhere.example/v1").draft_bug_report("It froze")
    later = start()
    [found] = later.drafts()
    assert made.preview().host == "https://elsewhere.example/v1"
    assert found.preview().host == receiver.bug_report_url
    with pytest.raises(telemetry_sdk.ConsentError, match="destination changed"):
        later.send_bug_report_sync(found, consent=made.preview().consent())
    assert receiver.requests() == []
    assert later.send_bug_report_sync(found, consent=found.preview().consent()).kind == "sent"


def test_drafts_are_listed_by_age_and_damaged_or_foreign_files_are_not(start: Start, world: Path):
    client = start()
    made = [client.draft_bug_report(f"number {number}") for number in range(3)]
    for age, draft in enumerate(reversed(made)):
        assert draft.path is not None
        os.utime(draft.path, (time.time() - 60 * age,) * 2)
    folder = os.path.dirname(made[0].path or "")
    for name, content in ((f"{uuid.uuid4()}.json", '{"schema": 1'), ("notes.json", "{}")):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(content)
    os.symlink(made[0].path or "", os.path.join(folder, f"{uuid.uuid4()}.json"))
    assert [draft.description for draft in client.drafts()] == ["number 0", "number 1", "number 2"]


def test_drafts_in_a_linked_directory_are_not_read(start: Start, world: Path):
    made = start().draft_bug_report("It froze")
    folder = os.path.dirname(made.path or "")
    os.rename(folder, world / "moved")
    os.symlink(world / "moved", folder)
    assert start().drafts() == []


@pytest.mark.parametrize("choices", OFF)
def test_existing_drafts_stay_usable_where_bug_reports_are_off(start: Start, world: Path, choices: dict[str, Any]):
    start().draft_bug_report("It froze")
    client = start(**choices)
    assert not client.policy.bug_reports.enabled
    [found] = client.drafts()
    assert "It froze" in found.preview().render()
    assert os.path.exists(found.save())
    outcome = client.send_bug_report_sync(found, consent=found.preview().consent())
    assert outcome.kind == "refused"
    assert outcome.reasons
    assert found.delete()
    assert client.drafts() == []


@pytest.mark.parametrize("choices", [{"provider": "bedrock"}, {"bug_report_url": None}])
def test_a_draft_may_be_saved_where_all_is_off(start: Start, world: Path, choices: dict[str, Any]):
    client = start(statsig_key=None, sentry_dsn=None, **choices)
    assert not any(row.enabled for row in client.policy.rows)
    made = client.draft_bug_report("It froze")
    assert not directory(world).exists()
    path = made.save()
    assert os.path.exists(path)
    assert os.stat(path).st_mode & 0o777 == 0o600
    assert os.stat(os.path.dirname(path)).st_mode & 0o777 == 0o700


def test_a_refusal_lists_only_what_refuses(start: Start):
    client = start(environment="production", off=["bug_reports"])
    with pytest.raises(telemetry_sdk.BugReportRefused) as refused:
        client.draft_bug_report("It froze")
    assert "sends to" not in str(refused.value)
    assert "receiver" not in str(refused.value)
    assert all(reason.kind for reason in refused.value.reasons)


@pytest.mark.parametrize("use", ["drafts", "draft_bug_report"])
def test_old_drafts_of_any_endpoint_are_deleted_by_the_first_use(start: Start, world: Path, use: str):
    made = start(bug_report_url="https://elsewhere.example/v1").draft_bug_report("It froze")
    assert made.path is not None
    os.utime(made.path, (time.time() - 60 * DAY,) * 2)
    client = start()
    assert client.drafts() == [] if use == "drafts" else client.draft_bug_report("Again")
    assert not os.path.exists(made.path)


def test_an_outcome_names_the_command_of_the_application(start: Start, receiver: Receiver):
    client = start(bug_command="acme bug")
    made = client.draft_bug_report("It froze")
    receiver.answer_next("bug_reports", status=401)
    outcome = client.send_bug_report_sync(made, consent=made.preview().consent())
    assert outcome.message.endswith(f"send it again with: acme bug send {made.report_id[:8]}")
