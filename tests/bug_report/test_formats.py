"""Files as they are found: torn, spliced, with holes, in one document; images once, the largest first to go."""

from __future__ import annotations

import base64
import json
import random
from typing import TYPE_CHECKING, Any

import pytest

from telemetry_sdk.bug_report import draft
from telemetry_sdk.exceptions import DraftError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from telemetry_sdk.bug_report import BugReportDraft, ReportContext

KEY = "ghp_" + "aB3dE5gH7jK9mN1pQ3sT5vX7zA9cE1gI" + "abcd"


def messages_of(made: BugReportDraft) -> list[Any]:
    return json.loads(made.content)["conversation"]["messages"]


@pytest.fixture
def read(context: ReportContext, tmp_path: Path) -> Any:
    """Return a function that drafts with a file of these bytes."""

    def drafted(content: bytes, **choices: Any) -> BugReportDraft:
        path = tmp_path / "session"
        path.write_bytes(content)
        return draft("It froze", context=context, transcript=path, **choices)

    return drafted


def lines(*values: Any) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


def user(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


def test_spliced_lines_are_taken_apart_and_torn_ones_kept_as_text(read: Any):
    whole = lines(user("one"))
    made = read(whole + whole.strip() + lines(user("two")) + b'{"role": "user", "content": "to' + lines(user("three")))
    assert messages_of(made) == [
        user("one"),
        user("one"),
        user("two"),
        {"not_json": '{"role": "user", "content": "to'},
        user("three"),
    ]
    assert made.notes == ("lines that are not JSON: 2",)


@pytest.mark.parametrize("hole", [b"\0" * 4096, b"\0"])
def test_holes_of_nul_bytes_go_and_no_message_with_them(read: Any, hole: bytes):
    made = read(lines(user("one")) + hole + lines(user("two")) + b'{"torn": "a' + hole + b"b\n" + lines(user("three")))
    assert messages_of(made) == [user("one"), user("two"), {"not_json": '{"torn": "ab'}, user("three")]
    assert rb"\u0000" not in made.content
    assert f"NUL characters removed: {2 * len(hole)}" in made.notes


@pytest.mark.parametrize("indent", [None, 0, 1, 4])
@pytest.mark.parametrize("around", [None, "messages", "history", "steps"])
def test_one_document_is_read_message_by_message(read: Any, around: str | None, indent: int | None):
    given = [
        user('a "quoted" } ] text'),
        {"role": "assistant", "content": [{"type": "text", "text": "b\\"}]},
        user("c"),
    ]
    whole = given if around is None else {"id": "s", around: given, "usage": {"tokens": [1, 2]}}
    found = messages_of(read(json.dumps(whole, indent=indent).encode()))
    assert found[:3] == given
    assert found[3:] == ([] if around is None else [{"id": "s", around: [], "usage": {"tokens": [1, 2]}}])


def test_a_document_without_messages_is_one_message(read: Any):
    whole = {"question": "why", "tags": [{"name": "a"}]}
    assert messages_of(read(json.dumps(whole, indent=2).encode())) == [whole]


@pytest.mark.parametrize("cut", range(1, 150, 7))
def test_a_torn_document_keeps_what_is_whole(read: Any, cut: int):
    given = [user(f"message {number}") for number in range(10)]
    text = json.dumps({"messages": given}, indent=2).encode()
    found = messages_of(read(text[:-cut]))
    whole = [message for message in found if message in given]
    assert whole == given[: len(whole)]
    assert len(whole) >= 10 - 1 - cut // 40


@pytest.mark.large
def test_a_document_is_read_across_the_pieces_of_the_file(read: Any):
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    given = [user("".join(chance.choices('ab"\\{}[],: \n', k=chance.randint(0, 30_000)))) for _ in range(150)]
    assert messages_of(read(json.dumps({"messages": given}, indent=1).encode())) == [*given, {"messages": []}]


def test_a_database_is_refused_with_what_to_do(read: Any):
    with pytest.raises(DraftError, match="export the session"):
        read(b"SQLite format 3\0" + bytes(100))


def test_plain_text_is_kept_whole_and_without_tool_output_left_out(read: Any):
    text = "It began well.\n\nThen it froze.\n" * 2000
    made = read(text.encode())
    assert len(messages_of(made)) > 1
    assert "".join("".join(m["text"].split()) for m in messages_of(made)) == "".join(text.split())
    filtered = read(text.encode(), without_tool_output=True)
    assert b"froze." not in filtered.content
    assert any("not known to be text" in note for note in filtered.notes)


def test_code_goes_from_a_text_too(read: Any):
    made = read(
        b"User: fix it\n```python\nsecret_code()\n\nUser: not a role here\n```\nthanks\nAssistant: done\n",
        without_code=True,
    )
    assert [m["role"] for m in messages_of(made)] == ["user", "assistant"]
    assert b"secret_code" not in made.content
    assert b"thanks" in made.content


@pytest.mark.large
def test_a_line_that_grows_when_it_is_cleaned_costs_no_other_message(read: Any):
    many = lines(*(user(f"{number} " + "word " * 100) for number in range(2000)))
    for sign in (b"\xff", b"\x01", b"\x01\x02\x7f"):
        made = read(many + sign * (40_000_000 // len(sign)) + b"\n" + lines(user("two")))
        found = messages_of(made)
        assert len(found) == 2002
        assert found[2000] == {"not_json": "\ufffd" * 3}
        assert found[2001] == user("two")


def test_a_message_that_grows_is_replaced_by_a_note(read: Any):
    secret = json.dumps({"a": "x"})[:-1] + "".join(f',"password{n}": "h1nt"' for n in range(3000)) + "}"
    made = read(lines(user("one")) + secret.encode() + b"\n" + lines(user("two")))
    assert messages_of(made) in (
        [user("one"), {"left_out": "a message that grew when it was cleaned"}, user("two")],
        [user("one"), json.loads(secret.replace("h1nt", "[redacted:password]")), user("two")],
    )


def image(chance: random.Random, size: int) -> str:
    return "iVBORw0KGgo" + base64.b64encode(chance.randbytes(size)).decode()


def with_image(text: str, data: str) -> dict[str, Any]:
    source = {"type": "base64", "media_type": "image/png", "data": data}
    return {"role": "user", "content": [{"type": "text", "text": text}, {"type": "image", "source": source}]}


@pytest.mark.parametrize("as_file", [True, False])
def test_identical_images_are_kept_once(context: ReportContext, read: Any, as_file: bool):
    shot = image(random.Random(7), 300_000)
    given = [with_image(f"text {number}", shot) for number in range(60)]
    made = read(lines(*given)) if as_file else draft("It froze", context=context, transcript=given)
    found = messages_of(made)
    assert [m["content"][0]["text"] for m in found] == [f"text {number}" for number in range(60)]
    data = [m["content"][1]["source"]["data"] for m in found]
    assert data[0] == shot
    assert set(data[1:]) == {f"[identical to the earlier base64 data of {len(shot)} characters]"}
    assert "blobs of base64 data that were identical to others, kept once: 59" in made.notes
    assert "blobs of base64 data, which were not searched for secrets: 1" in made.notes


@pytest.mark.large
def test_the_largest_images_go_first_and_no_words(read: Any):
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    sizes = [chance.choice((2_000, 50_000, 400_000)) for _ in range(120)]
    given = [with_image(f"text {number}", image(chance, size)) for number, size in enumerate(sizes)]
    made = read(lines(*given))
    found = messages_of(made)
    assert [m["content"][0]["text"] for m in found] == [f"text {number}" for number in range(120)]
    kept = [size for m, size in zip(found, sizes, strict=True) if m["content"][1]["source"]["data"].startswith("iVBOR")]
    gone = [size for m, size in zip(found, sizes, strict=True) if m["content"][1]["source"]["data"].startswith("[left")]
    assert sorted(kept + gone) == sorted(sizes)
    assert gone
    assert max(kept) <= min(gone)
    assert len(made.packed.body) <= 10 << 20


@pytest.mark.parametrize("name", ["private_key", "data"])
def test_a_key_is_no_image(read: Any, name: str):
    key = "MII" + base64.b64encode(random.Random(3).randbytes(4000)).decode().replace("=", "")
    made = read(lines({"role": "user", name: f"-----BEGIN PRIVATE KEY-----{key}-----END PRIVATE KEY-----"}))
    assert key[100:140].encode() not in made.content


def test_a_long_value_under_a_keys_name_is_no_image(read: Any):
    value = base64.b64encode(random.Random(4).randbytes(24_000)).decode()
    armoured = f"-----BEGIN PGP PRIVATE KEY BLOCK-----{value}-----END PGP PRIVATE KEY BLOCK-----"
    made = read(lines({"role": "user", "private_key": value}, user(armoured), {"role": "user", "data": value}))
    first, second, third = messages_of(made)
    assert first["private_key"].startswith("[redacted:")
    assert value[1000:1040] not in second["content"]
    assert third["data"] == value


def test_what_stands_behind_the_last_message_is_not_read(context: ReportContext):
    def messages() -> Iterator[dict[str, str]]:
        yield from (user(f"text {number}") for number in range(3))
        raise AssertionError("read on")

    made = draft("It froze", context=context, transcript=messages(), cut_after=1)
    assert messages_of(made) == [user("text 0"), user("text 1")]


def test_numbers_of_messages_are_those_of_the_file(read: Any):
    given = lines(*(user(f"text {number}") for number in range(6)))
    shown = read(given, cut_before=1, leave_out=[1, 3]).preview().render()
    assert [line for line in shown.splitlines() if line.startswith("-- message")] == [
        "-- message 2: user --",
        "-- message 4: user --",
        "-- message 5: user --",
    ]
    assert "text 4" in read(given, cut_before=4, cut_after=4).content.decode()


@pytest.mark.parametrize("mark", [{"isMeta": True}, {"sourceToolUseID": "toolu_1"}, {"tool_call_id": "call_1"}])
def test_what_a_tool_hands_over_in_the_users_role_is_tool_output(context: ReportContext, mark: dict[str, Any]):
    messages = [
        {"type": "user", "message": {"role": "user", "content": "asked"}},
        {"type": "user", "message": {"role": "user", "content": [{"type": "text", "text": "handed over"}]}, **mark},
        {"role": "user", "content": "handed over", **mark},
    ]
    made = draft("It froze", context=context, transcript=messages, without_tool_output=True)
    assert b"asked" in made.content
    assert b"handed over" not in made.content
