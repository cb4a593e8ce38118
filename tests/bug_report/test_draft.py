"""A draft holds what the user chose, clean, and is on the disk when the call returns."""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import json
import math
import os
import stat
from typing import TYPE_CHECKING, Any

import pytest

from telemetry_sdk.bug_report import ReportContext, draft, load
from telemetry_sdk.endpoints import resolve_endpoints
from telemetry_sdk.exceptions import BugReportRefused, DraftError
from telemetry_sdk.policy import CLAUDE_CODE, resolve_policy

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from telemetry_sdk.bug_report import BugReportDraft

KEY = "ghp_" + "aB3dE5gH7jK9mN1pQ3sT5vX7zA9cE1gI" + "abcd"


def report_of(made: BugReportDraft) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(made.content)
    return report


def test_the_report_says_what_it_is(context: ReportContext):
    report = report_of(draft("It froze", context=context))
    assert report["description"] == "It froze"
    assert report["schema"] == 1
    assert report["created_at"] == "2026-09-21T14:13:20Z"
    assert report["app"] == {"name": "acme-agent", "version": "1.4.2"}
    assert report["sdk"] == {"name": "telemetry_sdk", "version": "0.1"}
    assert (report["os"], report["terminal"], report["provider"]) == ("linux 6.1", "xterm", "first-party")
    assert report["data_use"] == {"terms": "not stated", "training": False}
    assert report["environment"] == {"arch": "x86_64", "python": "3.11.7"}
    assert report["recent_errors"][0]["exception"]["values"][0]["type"] == "ValueError"


def test_only_what_was_chosen_is_in(context: ReportContext):
    made = draft("It froze", context=context, environment=False, recent_errors=False)
    report = report_of(made)
    optional = {"environment", "recent_errors", "conversation", "older_sessions", "git", "attachments"}
    assert not optional & set(report)
    assert {p.name for p in made.parts if p.included} == {"description"}
    assert {p.name for p in made.parts if not p.included} == optional


def test_every_part_can_be_chosen(context: ReportContext, tmp_path: Path):
    log = tmp_path / "app.log"
    log.write_text("line\n")
    made = draft(
        "It froze",
        context=context,
        transcript=[{"role": "user", "content": "now"}],
        older_sessions=[[{"role": "user", "content": "first"}], [{"role": "user", "content": "second"}]],
        git={"branch": "main", "dirty": True},
        attachments=[log],
    )
    report = report_of(made)
    assert report["conversation"]["messages"] == [{"content": "now", "role": "user"}]
    assert [s["messages"][0]["content"] for s in report["older_sessions"]] == ["first", "second"]
    assert report["git"] == {"branch": "main", "dirty": True}
    assert report["attachments"] == [{"content": "line\n", "encoding": "utf-8", "name": "app.log", "size": 5}]
    listed = {part["name"]: part for part in report["parts"]}
    assert listed["attachments/app.log"]["included"]
    canonical = json.dumps(report["conversation"], sort_keys=True, separators=(",", ":"))
    assert listed["conversation"]["size"] == len(canonical)


@pytest.mark.parametrize("description", ["", "  \n", None, 3])
def test_a_description_is_required(context: ReportContext, description: Any):
    with pytest.raises(DraftError, match="description"):
        draft(description, context=context)


def test_the_draft_is_on_disk_private_and_whole(context: ReportContext, state: Path):
    made = draft("It froze", context=context)
    path = state / "drafts" / f"{made.report_id}.json"
    assert made.path == str(path)
    assert path.read_bytes() == made.content
    assert os.listdir(path.parent) == [path.name]
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert stat.S_IMODE(state.stat().st_mode) == 0o700


def test_secrets_never_reach_the_disk(context: ReportContext, state: Path, tmp_path: Path):
    transcript = tmp_path / "session.jsonl"
    transcript.write_text(
        json.dumps({"role": "user", "content": f"use {KEY}"})
        + "\n"
        + json.dumps({"content": [{"type": "tool_use", "input": {"env": {"DB_PASSWORD": "hunter2"}, KEY: 1}}]})
        + f'\n{{"broken": "{KEY}\n'
    )
    (tmp_path / "x.env").write_text(f"TOKEN={KEY}\nDB_PASSWORD=hunter2\n")
    made = draft(
        f"password is hunter2! and {KEY}",
        context=context,
        transcript=transcript,
        older_sessions=[transcript],
        git={"remote": f"https://bob:{KEY}@github.com/a/b"},
        attachments=[tmp_path / "x.env"],
    )
    for folder, _, names in os.walk(state):
        for name in names:
            text = (tmp_path / folder / name).read_text()
            assert KEY not in text
            assert "hunter2" not in text
    json.loads(made.content)
    assert made.redactions["github-token"] == 9
    assert made.redactions["password"] == 4
    parts = {part.name: dict(part.redactions) for part in made.parts}
    assert parts["description"] == {"github-token": 1, "password": 1}
    assert parts["conversation"] == {"github-token": 3, "password": 1}


def test_what_only_the_structure_gives_away_goes_and_what_only_the_text_does(context: ReportContext):
    messages = [
        {"env": [{"name": "DB_PASSWORD", "value": "hunter2"}]},
        {"api_keys": ["hunter2"]},
        {"X-Forwarded-Authorization": "Bearer hunter-two-x"},
    ]
    made = draft("It froze", context=context, transcript=messages)
    assert b"hunter" not in made.content
    assert made.redactions == {"password": 1, "secret": 1, "authorization": 1}


def test_what_json_has_no_type_for_is_named_and_counted(context: ReportContext):
    loop: list[Any] = []
    loop.append(loop)
    message = {"when": object(), 7: b"x", "nan": math.nan, "half": "a\ud800b", "big": 10**5000, "loop": loop}
    made = draft("It froze", context=context, transcript=[message])
    (found,) = report_of(made)["conversation"]["messages"]
    assert found["when"] == "[left out: object]"
    assert found["7"] == "[left out: bytes]"
    assert (found["nan"], found["half"], found["big"]) == ("nan", "a\ufffdb", "[left out: int]")
    assert json.dumps(found["loop"]).count("[cut: too deep]") == 1
    assert set(made.notes) == {
        "values left out because JSON has no such type: 3",
        "texts with lone surrogates, replaced: 1",
        "values cut because they lead back to where they stand, or to another message: 1",
    }


def test_a_draft_cannot_be_changed(context: ReportContext):
    made = draft("It froze", context=context)
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.report_id = ""  # type: ignore[misc]


def test_leaving_a_part_out_is_a_new_draft_in_place_of_the_old_one(context: ReportContext, state: Path, tmp_path: Path):
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(f"{KEY} {name}")
    made = draft(
        "It froze",
        context=context,
        transcript=[{"role": "user", "content": KEY}],
        attachments=[tmp_path / "a.txt", tmp_path / "b.txt"],
    )
    smaller = made.without("conversation", "attachments/a.txt")
    report = report_of(smaller)
    assert smaller.report_id != made.report_id
    assert "conversation" not in report
    assert [a["name"] for a in report["attachments"]] == ["b.txt"]
    assert made.redactions == {"github-token": 3}
    assert smaller.redactions == {"github-token": 1}
    assert os.listdir(state / "drafts") == [f"{smaller.report_id}.json"]
    assert "attachments" not in report_of(smaller.without("attachments"))
    with pytest.raises(DraftError, match="not a part"):
        smaller.without("description")


def test_a_kept_draft_can_be_loaded_and_a_damaged_one_cannot(context: ReportContext):
    made = draft("It froze", context=context, transcript=[{"role": "user", "content": f"é {KEY}"}])
    assert made.path is not None
    again = load(made.path, context=context)
    assert again == made
    with open(made.path, "r+b") as file:
        file.write(b'{ "')
    with pytest.raises(DraftError):
        load(made.path, context=context)
    with pytest.raises(DraftError):
        load(made.path + "x", context=context)


def test_without_a_usable_state_directory_the_draft_stays_in_memory_and_says_so(context: ReportContext, tmp_path: Path):
    nowhere = dataclasses.replace(context, state_dir=None)
    assert draft("It froze", context=nowhere).path is None
    (tmp_path / "file").write_text("")
    blocked = dataclasses.replace(context, state_dir=str(tmp_path / "file"))
    made = draft("It froze", context=blocked)
    assert made.path is None
    assert "in memory only" in str(made.preview())


def test_a_smaller_draft_that_cannot_be_stored_replaces_none(context: ReportContext, state: Path):
    made = draft("It froze", context=context)
    (state / "elsewhere").write_text("")
    blocked = dataclasses.replace(made, context=dataclasses.replace(context, state_dir=str(state / "elsewhere")))
    assert blocked.without("environment").path is None
    assert made.path is not None
    assert load(made.path, context=context).report_id == made.report_id


def test_training_needs_the_users_opt_in_and_the_first_party(context: ReportContext, policy: Callable[..., Any]):
    opted_in = dataclasses.replace(context, training_opt_in=True)
    assert report_of(draft("x", context=opted_in))["data_use"]["training"] is True
    assert "may be used for training" in draft("x", context=opted_in).preview().use
    elsewhere = dataclasses.replace(opted_in, policy=policy(CLAUDE_CODE_USE_BEDROCK="1"), provider="bedrock")
    assert report_of(draft("x", context=elsewhere))["data_use"]["training"] is False


def test_training_opt_in_counts_under_any_name_of_the_first_party(context: ReportContext, tmp_path: Path):
    profile = CLAUDE_CODE.replace(first_party="acme")
    policy = resolve_policy({}, cwd=tmp_path, home=tmp_path, managed=tmp_path / "none.json", profile=profile)
    policy = resolve_endpoints(policy, {}, bug_report_url="https://reports.example/v1")[1]
    opted_in = dataclasses.replace(context, training_opt_in=True, policy=policy, provider=policy.provider)
    assert report_of(draft("x", context=opted_in))["data_use"] == {"terms": "not stated", "training": True}


@pytest.mark.parametrize("variable", ["DISABLE_BUG_COMMAND", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"])
@pytest.mark.parametrize("more", [{}, {"CLAUDE_CODE_USE_BEDROCK": "1"}])
def test_an_opt_out_refuses_with_every_reason(
    context: ReportContext, policy: Callable[..., Any], state: Path, variable: str, more: dict[str, str]
):
    off = dataclasses.replace(context, policy=policy(**{variable: "1"}, **more))
    with pytest.raises(BugReportRefused) as refused:
        draft("It froze", context=off)
    assert {reason.variable for reason in refused.value.reasons} == {variable, *more}
    assert variable in str(refused.value)
    assert not state.exists()


@pytest.mark.parametrize(
    "environ",
    [
        {"url": None},
        {"url": "http://not-https.example/"},
        {"CLAUDE_CODE_USE_VERTEX": "1"},
        {"CLAUDE_CODE_USE_VERTEX": "1", "CLAUDE_CODE_USE_BEDROCK": "1", "url": None},
        {"HTTPS_PROXY": "ftp://proxy"},
    ],
)
def test_without_an_opt_out_a_draft_can_still_be_saved(
    context: ReportContext, policy: Callable[..., Any], environ: dict[str, Any]
):
    away = dataclasses.replace(context, policy=policy(**environ), host=None, layer=None)
    assert not away.policy.bug_reports.enabled
    made = draft("It froze", context=away)
    assert os.path.exists(made.save())
    assert "only be saved" in str(made.preview())


def test_a_broken_managed_file_refuses_a_draft(context: ReportContext, tmp_path: Path):
    from telemetry_sdk.policy import resolve_policy

    (tmp_path / "managed.json").write_text("{")
    broken = resolve_policy({}, cwd=tmp_path, home=tmp_path, managed=tmp_path / "managed.json")
    with pytest.raises(BugReportRefused):
        draft("It froze", context=dataclasses.replace(context, policy=broken))


def test_errors_print_by_the_public_name():
    assert f"{BugReportRefused.__module__}.{BugReportRefused.__qualname__}" == "telemetry_sdk.BugReportRefused"


def test_the_same_choices_make_the_same_content_but_for_the_id(context: ReportContext):
    first, second = (draft("It froze", context=context, transcript=[{"b": 1, "a": "é"}]) for _ in range(2))
    assert first.content.replace(first.report_id.encode(), b"") == second.content.replace(
        second.report_id.encode(), b""
    )
    assert first.sha256 == hashlib.sha256(first.content).hexdigest()
    assert b'"a":"\xc3\xa9","b":1' in first.content


def test_an_asynchronous_transcript_is_refused_clearly(context: ReportContext):
    async def messages():
        yield {}

    source = messages()
    with pytest.raises(DraftError, match="draft_bug_report_async"):
        draft("It froze", context=context, transcript=source)
    asyncio.run(source.aclose())


@pytest.mark.parametrize(
    ("path", "content", "drafts"),
    [
        ("p/.claude/settings.json", '{"env": {"DISABLE_BUG_COMMAND": "1"}}', True),
        ("p/.claude/settings.json", '{"env": {"CLAUDE_CODE_USE_VERTEX": "1"}}', True),
        (".claude/settings.json", '{"env": {"DISABLE_BUG_COMMAND": "1"}}', False),
        ("none.json", "{", False),
        (".config/telemetry-sdk/choice.json", '{"v": 1, "off": {"bug_reports": "2026-01-31"}}', False),
    ],
)
def test_a_project_forbids_sending_only_and_the_user_the_draft_too(
    context: ReportContext, tmp_path: Path, path: str, content: str, drafts: bool
):
    (tmp_path / "p").mkdir()
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text(content)
    policy = resolve_policy({}, cwd=tmp_path / "p", home=tmp_path, managed=tmp_path / "none.json")
    policy = resolve_endpoints(policy, {}, bug_report_url="https://reports.example/v1")[1]
    assert not policy.bug_reports.enabled
    off = dataclasses.replace(context, policy=policy)
    if drafts:
        assert os.path.exists(draft("It froze", context=off).save())
    else:
        with pytest.raises(BugReportRefused):
            draft("It froze", context=off)
        assert not (tmp_path / "state").exists()
