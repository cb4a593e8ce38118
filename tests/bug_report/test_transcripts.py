"""Transcripts and attachments: read with care, cut where the user says, nothing lost in silence."""

from __future__ import annotations

import base64
import json
import os
import random
from typing import TYPE_CHECKING, Any

import pytest

from telemetry_sdk.bug_report import ReportContext, draft
from telemetry_sdk.bug_report import report as limits
from telemetry_sdk.exceptions import DraftError

if TYPE_CHECKING:
    from pathlib import Path

MESSAGES: list[dict[str, Any]] = [
    {"role": "user", "content": "Fix it:\n```python\nsecret_code()\nmore()\n```\nplease"},
    {
        "role": "assistant",
        "content": [
            {"type": "text", "text": "> ~~~~\n> inner_code()\n> ~~~\n> ~~~~\nDone"},
            {"type": "tool_use", "name": "bash", "input": {"command": "ls"}},
            {"type": "strange", "data": [1, 2.5, None]},
        ],
    },
    {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "1", "content": "tool_said"}]},
    {"type": "user", "message": {"role": "tool", "content": "tool_said"}, "toolUseResult": {"stdout": "tool_said"}},
    {"role": "assistant", "content": "never closed\n```\nsecret_code()"},
]


def conversation(context: ReportContext, transcript: Any, **choices: Any) -> dict[str, Any]:
    made = draft("It froze", context=context, transcript=transcript, **choices)
    found: dict[str, Any] = json.loads(made.content)["conversation"]
    return found


def written(path: Path, lines: list[bytes]) -> Path:
    path.write_bytes(b"\n".join(lines))
    return path


def test_messages_come_as_they_are_from_a_file_and_from_an_iterable(context: ReportContext, tmp_path: Path):
    path = written(tmp_path / "s.jsonl", [json.dumps(m).encode() for m in MESSAGES])
    assert conversation(context, path)["messages"] == MESSAGES
    assert conversation(context, str(path))["messages"] == MESSAGES
    assert conversation(context, iter(MESSAGES))["messages"] == MESSAGES


def test_code_blocks_go_visibly(context: ReportContext):
    found = conversation(context, MESSAGES, without_code=True)
    text = json.dumps(found)
    assert "secret_code" not in text
    assert "inner_code" not in text
    assert found["messages"][0]["content"] == "Fix it:\n[code block left out: 2 lines]\nplease"
    assert found["messages"][1]["content"][0]["text"] == "[code block left out: 2 lines]\nDone"
    assert found["messages"][4]["content"] == "never closed\n[code block left out: 1 lines]\n"
    assert found["messages"][1]["content"][1:] == MESSAGES[1]["content"][1:]
    assert found["notes"] == ["code blocks were left out"]


def test_tool_output_goes_visibly(context: ReportContext):
    found = conversation(context, MESSAGES, without_tool_output=True)
    assert "tool_said" not in json.dumps(found)
    left_out = "not known to be text of user, assistant or system"
    assert found["messages"] == [
        {"role": "user", "content": MESSAGES[0]["content"]},
        {"role": "assistant", "content": MESSAGES[1]["content"][0]["text"]},
        {"role": "user", "left_out": left_out},
        {"role": "tool", "left_out": left_out},
        {"role": "assistant", "content": MESSAGES[4]["content"]},
    ]
    assert found["notes"] == [f"tool output was left out, and all else that is {left_out}"]


def test_what_is_left_out_with_tool_output_is_counted(context: ReportContext):
    made = draft("It froze", context=context, transcript=MESSAGES, without_tool_output=True)
    assert made.notes == ("values left out that are not known to be text of user, assistant or system: 14",)


@pytest.mark.parametrize("choice", ["without_code", "without_tool_output"])
def test_a_line_that_cannot_be_judged_goes_with_what_it_may_hold(context: ReportContext, tmp_path: Path, choice: str):
    path = written(tmp_path / "s.jsonl", [b'{"role": "user", "content": "```\\nsecret_code()'])
    assert "secret_code" not in json.dumps(conversation(context, path, **{choice: True}))


@pytest.mark.parametrize("from_file", [True, False])
def test_all_before_a_message_is_left_out(context: ReportContext, tmp_path: Path, from_file: bool):
    path = written(tmp_path / "s.jsonl", [json.dumps(m).encode() for m in MESSAGES])
    found = conversation(context, path if from_file else MESSAGES, cut_before=3)
    assert found["messages"] == MESSAGES[3:]
    assert found["notes"] == ["messages before number 3 were left out"]


@pytest.mark.parametrize(
    ("content", "kept"),
    [
        ("Fix it:```py\nsecret_code()\n```\nplease", "Fix it:\n[code block left out: 1 lines]\nplease"),
        ("so ~~~\nsecret_code()\n~~~\nplease", "so \n[code block left out: 1 lines]\nplease"),
        ("Run ```secret_code()``` now, or ```more()```\nplease", "Run [code left out] now, or [code left out]\nplease"),
        (
            "Run ```a()``` and ```py\nsecret_code()\n```\nyes",
            "Run [code left out] and \n[code block left out: 1 lines]\nyes",
        ),
        ("a `b` c ~~d~~ e", "a `b` c ~~d~~ e"),
    ],
)
def test_code_goes_wherever_its_fence_stands(context: ReportContext, content: str, kept: str):
    [found] = conversation(context, [{"role": "user", "content": content}], without_code=True)["messages"]
    assert found["content"] == kept


def test_code_goes_where_a_fence_spans_several_texts(context: ReportContext):
    texts = ["look:\n```py\n", "secret_code()\n", "more()\n```\nplease", "thanks"]
    blocks = [{"type": "text", "text": text} for text in texts]
    [one, two] = conversation(
        context, [{"role": "user", "content": blocks}, {"role": "user", "content": texts}], without_code=True
    )["messages"]
    for message in (one, two):
        assert "secret_code" not in json.dumps(message)
        assert "more()" not in json.dumps(message)
    assert [block["type"] for block in one["content"]] == ["text"] * 4
    assert [block["text"] for block in one["content"]][2:] == ["[code block left out: 1 lines]\nplease", "thanks"]
    assert two["content"][2:] == ["[code block left out: 1 lines]\nplease", "thanks"]


@pytest.mark.parametrize("role", ["user", "assistant"])
@pytest.mark.parametrize(
    "fields",
    [
        *({"type": kind} for kind in ("tool_result", "function_call_output", "exec_command_end", "tool")),
        {"recipient": "functions.shell"},
        {"isCompactSummary": True},
    ],
    ids=str,
)
def test_output_of_tools_goes_whatever_role_it_has(context: ReportContext, fields: dict[str, Any], role: str):
    output = {"role": role, "content": "tool_output", **fields}
    nested = {"message": {"role": role, "content": "tool_output"}, **fields}
    messages = [output, nested, {"message": output}, {"role": role, "content": "own words"}]
    if "exec" in str(fields) or "isCompact" in str(fields):  # known where the role stands, and at the message itself
        messages = [output, messages[-1]]
    found = conversation(context, messages, without_tool_output=True)
    assert "tool_output" not in json.dumps(found["messages"])
    assert found["messages"][-1] == {"role": role, "content": "own words"}


def test_all_after_a_message_and_single_messages_are_left_out(context: ReportContext):
    found = conversation(context, MESSAGES, cut_before=1, cut_after=3, leave_out=[2])
    assert found["messages"] == [MESSAGES[1], MESSAGES[3]]
    assert found["notes"] == [
        "messages before number 1 were left out",
        "messages after number 3 were left out",
        "messages were left out: 2",
    ]


@pytest.mark.parametrize("choice", [{"cut_after": 1}, {"cut_before": 4}, {"leave_out": [77]}], ids=str)
def test_a_number_that_names_no_message_is_noted_and_not_claimed_as_left_out(
    context: ReportContext, tmp_path: Path, choice: dict[str, Any]
):
    path = written(tmp_path / "s.txt", [b"one", b"two"])
    made = draft("It froze", context=context, transcript=path, **choice)
    found = json.loads(made.content)["conversation"]
    [name] = choice
    number = 77 if name == "leave_out" else choice[name]
    assert len(found["messages"]) == (name != "cut_before")
    assert found["left_out"] == []
    note = f"no message with the number of {name}={number} was read; messages read: 1, from number 0 on"
    assert found["notes"] == [*(["messages before number 4 were left out"] if name == "cut_before" else []), note]
    assert note in made.preview().render()
    assert made.notes == ("numbers of messages to leave out or to cut at that name no message: 1",)


def test_a_number_behind_the_last_included_message_is_left_out_with_the_others(context: ReportContext):
    found = conversation(context, MESSAGES, cut_after=1, leave_out=[4])
    assert found["notes"] == ["messages after number 1 were left out"]


def test_the_last_message_as_the_last_one_to_include_leaves_out_none(context: ReportContext):
    found = conversation(context, MESSAGES, cut_after=len(MESSAGES) - 1)
    assert (found["messages"], found["notes"]) == (MESSAGES, [])


def test_a_first_message_behind_the_last_one_is_refused(context: ReportContext):
    with pytest.raises(DraftError, match="cut_before must not be above cut_after"):
        draft("It froze", context=context, transcript=MESSAGES, cut_before=3, cut_after=2)


@pytest.mark.parametrize("cut", [-1, "2", 1.5, True])
@pytest.mark.parametrize("name", ["cut_before", "cut_after", "leave_out"])
def test_a_cut_must_be_a_messages_number(context: ReportContext, cut: Any, name: str):
    for value in (cut, (cut,)) if name == "leave_out" else (cut,):
        choice: dict[str, Any] = {name: value}
        with pytest.raises(DraftError, match=name):
            draft("It froze", context=context, transcript=MESSAGES, **choice)


def test_broken_lines_are_kept_as_text_and_counted(context: ReportContext, tmp_path: Path):
    lines = [
        b"\xef\xbb\xbf" + json.dumps({"n": 1}).encode(),
        b'{"torn": "na',
        b"",
        b'{"bad": "\xff\xfe"}',
        b"[" * 3000,
        b"7",
        b'{"n": 1e999}',
        b'{"last": true}',
    ]
    made = draft("It froze", context=context, transcript=written(tmp_path / "s.jsonl", lines))
    messages = json.loads(made.content)["conversation"]["messages"]
    assert messages == [
        {"n": 1},
        {"not_json": '{"torn": "na'},
        {"bad": "\ufffd\ufffd"},
        {"not_json": "[" * 3000},
        7,
        {"n": "inf"},
        {"last": True},
    ]
    assert set(made.notes) == {"lines that are not JSON: 2", "lines with bytes that are not UTF-8, replaced: 1"}


@pytest.mark.parametrize("transcript", [b"x", {"role": "user"}, 7])
def test_what_is_no_transcript_is_refused_clearly(context: ReportContext, transcript: Any):
    with pytest.raises(DraftError, match="JSON Lines"):
        draft("It froze", context=context, transcript=transcript)


IRREGULAR = ["directory", "missing", "nul", *(["link", "fifo", "device"] if os.name == "posix" else [])]


@pytest.mark.parametrize("kind", IRREGULAR)
@pytest.mark.parametrize("use", ["transcript", "attachments", "older_sessions"])
def test_only_regular_files_are_read(context: ReportContext, tmp_path: Path, state: Path, kind: str, use: str):
    path = str(tmp_path / "evil\x1b[31m")
    if kind == "link":
        (tmp_path / "target").write_text("{}")
        os.symlink(tmp_path / "target", path)
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "device":
        path = "/dev/zero"
    elif kind == "directory":
        os.mkdir(path)
    elif kind == "nul":
        path += "\0"
    value: Any = path if use == "transcript" else [path]
    with pytest.raises(DraftError) as refused:
        draft("It froze", context=context, **{use: value})
    assert "\x1b" not in str(refused.value)
    assert not state.exists()


def test_attachments_have_safe_names_of_their_own(context: ReportContext, tmp_path: Path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.log").write_text(folder)
    (tmp_path / "we\nird\u202e.txt").write_text("é")
    (tmp_path / "pic.png").write_bytes(b"\x89PNG\x00\xff")
    (tmp_path / "wide.txt").write_bytes("DB_PASSWORD=hunter2".encode("utf-16"))
    (tmp_path / "west.txt").write_bytes("Schlüssel: DB_PASSWORD=hunter2".encode("latin-1"))
    names = ["a/x.log", "b/x.log", "we\nird\u202e.txt", "pic.png", "wide.txt", "west.txt"]
    made = draft("It froze", context=context, attachments=[tmp_path / name for name in names])
    found = {a["name"]: a for a in json.loads(made.content)["attachments"]}
    assert list(found) == ["x.log", "x-2.log", "we_ird_.txt", "pic.png", "wide.txt", "west.txt"]
    assert (found["x.log"]["content"], found["x-2.log"]["content"]) == ("a", "b")
    assert base64.b64decode(found["pic.png"]["content"]) == b"\x89PNG\x00\xff"
    assert found["pic.png"]["encoding"] == "base64"
    assert found["wide.txt"]["content"] == "DB_PASSWORD=[redacted:password]"
    assert found["west.txt"]["content"] == "Schlüssel: DB_PASSWORD=[redacted:password]"
    assert found["west.txt"]["encoding"] == "latin-1"
    assert any("pic.png" in note and "not searched" in note for note in made.notes)


def test_a_string_is_not_a_list_of_attachments(context: ReportContext):
    with pytest.raises(DraftError, match="list"):
        draft("It froze", context=context, attachments="/etc/hostname")


@pytest.mark.large
def test_over_the_expanded_limit_the_oldest_messages_go(context: ReportContext, tmp_path: Path):
    path = tmp_path / "s.jsonl"
    with path.open("w") as file:
        for number in range(60):
            file.write(json.dumps({"n": number, "text": "x" * 1_000_000}) + "\n")
    made = draft("The whole description", context=context, transcript=path)
    report = json.loads(made.content)
    kept = [message["n"] for message in report["conversation"]["messages"]]
    assert kept == list(range(kept[0], 60))
    assert 45 < len(kept) < 53
    assert report["conversation"]["notes"] == [
        f"the {60 - len(kept)} oldest messages were left out: the report would be too large"
    ]
    assert report["description"] == "The whole description"
    assert made.packed.expanded <= limits.MAX_EXPANDED
    assert made.packed.expanded == len(json.dumps({"content": made.content.decode()}, ensure_ascii=False).encode())


@pytest.mark.large
def test_over_the_compressed_limit_the_oldest_session_goes_first(context: ReportContext):
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)

    def noise(count: int) -> list[dict[str, Any]]:
        return [{"n": n, "words": " ".join(chance.randbytes(8).hex() for _ in range(60_000))} for n in range(count)]

    made = draft("It froze", context=context, transcript=noise(10), older_sessions=[noise(1), noise(12)])
    report = json.loads(made.content)
    kept = [[m["n"] for m in session["messages"]] for session in report["older_sessions"]]
    assert kept[0] == []
    assert kept[1] == list(range(12 - len(kept[1]), 12))
    assert 0 < len(kept[1]) < 12
    assert [m["n"] for m in report["conversation"]["messages"]] == list(range(10))
    assert "oldest messages were left out" in report["older_sessions"][0]["notes"][0]
    assert len(made.packed.body) <= limits.MAX_COMPRESSED


@pytest.mark.large
def test_what_cannot_fit_is_refused_with_its_name(context: ReportContext, tmp_path: Path):
    (tmp_path / "noise.bin").write_bytes(os.urandom(10_600_000))
    with pytest.raises(DraftError, match="too large"):
        draft("It froze", context=context, attachments=[tmp_path / "noise.bin"])
    with open(tmp_path / "huge.log", "wb") as file:
        file.truncate(limits.MAX_EXPANDED + 1)
    with pytest.raises(DraftError, match=r"huge\.log"):
        draft("It froze", context=context, attachments=[tmp_path / "huge.log"])


def test_one_line_over_the_limit_goes_visibly(context: ReportContext, tmp_path: Path):
    path = tmp_path / "s.jsonl"
    with path.open("w") as file:
        file.write('{"x": "' + "y" * (limits.MAX_EXPANDED + 5) + '"}\n{"n": 2}')
    made = draft("It froze", context=context, transcript=path)
    messages = json.loads(made.content)["conversation"]["messages"]
    assert messages == [{"left_out": "a line over the size limit"}, {"n": 2}]
    assert made.notes == ("lines left out because each exceeds the size limit: 1",)
