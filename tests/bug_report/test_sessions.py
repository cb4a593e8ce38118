"""The sessions that agents write: what is somebody's text stays, what tools returned goes when the user says so."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from telemetry_sdk.bug_report import draft

if TYPE_CHECKING:
    from collections.abc import Callable

    import telemetry_sdk
    from telemetry_sdk.bug_report import BugReportDraft, ReportContext
    from telemetry_sdk.receiver import Receiver

FOLDER = Path(__file__).parent / "sessions"
WRITTEN = sorted(path for path in FOLDER.iterdir() if path.is_file())
REAL = {  # sessions that the agents wrote themselves, with their test models or a server on this machine; their texts
    FOLDER / "real" / name: ["stays: fix the login page", "stays: the port is wrong", *texts]
    for name, texts in {
        "gptme.jsonl": ["stays: I look at the file"],
        "mini_swe_agent.json": ["stays: You are an agent.", "stays: I look at the file"],
        "smolagents.json": ["stays: step 1"],
        "llm.json": ["stays: You are brief.", "stays: and then?"],
        "llm.md": ["stays: You are brief.", "stays: and then?"],
    }.items()
}
SESSIONS = [*WRITTEN, *REAL]
STAYS = re.compile(r"stays: [^\"\\\n]+")


def messages_of(made: BugReportDraft) -> list[Any]:
    return json.loads(made.content)["conversation"]["messages"]


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.name)
def test_without_tool_output_only_the_texts_of_people_and_models_stay(context: ReportContext, path: Path):
    made = draft("It froze", context=context, transcript=path, without_tool_output=True)
    text = json.dumps(messages_of(made), ensure_ascii=False)
    assert set(STAYS.findall(text)) == set(STAYS.findall(path.read_text()))
    assert "goes" not in text
    assert any("not known to be text of user, assistant or system" in note for note in made.notes)


@pytest.mark.parametrize("path", SESSIONS, ids=lambda path: path.name)
def test_all_of_a_session_stays_where_nothing_is_left_out(context: ReportContext, path: Path):
    made = draft("It froze", context=context, transcript=path)
    words = re.findall(r"(?:stays|goes): [\w ]+", path.read_text())
    text = made.content.decode()
    assert [word for word in words if word not in text] == []
    assert made.notes == ()


@pytest.mark.parametrize("path", SESSIONS, ids=lambda path: path.name)
def test_each_text_is_shown_with_its_role(context: ReportContext, path: Path):
    shown = draft("It froze", context=context, transcript=path, without_tool_output=True).preview().render()
    assert re.search(r"-- message \d+: [a-z, ]*(user|human)\b", shown)
    assert "stays: fix the login page" in shown


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("path", SESSIONS, ids=lambda path: path.name)
def test_a_session_reads_the_same_in_every_encoding(context: ReportContext, tmp_path: Path, path: Path, encoding: str):
    expected = messages_of(draft("It froze", context=context, transcript=path))
    (tmp_path / path.name).write_bytes(path.read_text().replace("login", "lögin \u4e2d").encode(encoding))
    found = messages_of(draft("It froze", context=context, transcript=tmp_path / path.name))
    assert json.loads(json.dumps(found, ensure_ascii=False).replace("lögin \u4e2d", "login")) == expected


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_a_session_of_a_real_agent_is_drafted_previewed_and_sent(
    start: Callable[..., telemetry_sdk.TelemetryClient], receiver: Receiver, path: Path
):
    client = start()
    made = client.draft_bug_report("It froze", transcript=path, without_tool_output=True)
    preview = made.preview()
    shown = preview.render()
    assert "stays: fix the login page" in shown
    assert client.send_bug_report_sync(made, consent=preview.consent()).kind == "sent"
    [report] = receiver.bug_reports()
    assert report.content.encode() == preview.content
    assert [text for text in REAL[path] if text not in report.content] == []
    assert "goes" not in report.content
