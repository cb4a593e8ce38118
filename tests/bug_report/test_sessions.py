"""The sessions that agents write: what is somebody's text stays, what tools returned goes when the user says so."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from telemetry_sdk.bug_report import draft

if TYPE_CHECKING:
    from telemetry_sdk.bug_report import BugReportDraft, ReportContext

SESSIONS = sorted((Path(__file__).parent / "sessions").iterdir())
STAYS = re.compile(r"stays: [^\"\\\n]+")


def messages_of(made: BugReportDraft) -> list[Any]:
    return json.loads(made.content)["conversation"]["messages"]


@pytest.mark.parametrize("path", SESSIONS, ids=lambda path: path.name)
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
    assert re.search(r"-- message \d+: (system, )?(user|human) --", shown)
    assert "stays: fix the login page" in shown


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("path", SESSIONS, ids=lambda path: path.name)
def test_a_session_reads_the_same_in_every_encoding(context: ReportContext, tmp_path: Path, path: Path, encoding: str):
    expected = messages_of(draft("It froze", context=context, transcript=path))
    (tmp_path / path.name).write_bytes(path.read_text().replace("login", "lögin \u4e2d").encode(encoding))
    found = messages_of(draft("It froze", context=context, transcript=tmp_path / path.name))
    assert json.loads(json.dumps(found, ensure_ascii=False).replace("lögin \u4e2d", "login")) == expected
