"""Secrets that several lines, list items or messages hold together are redacted, whatever stands around the lines."""

from __future__ import annotations

import base64
import json
import random
import textwrap

import pytest

from telemetry_sdk.redaction import redact_structure, redact_text

from ..corpus.plants import seed

HEAD, END = "-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----"
MARKS = (
    *("- ", "-", "+", "+ ", "> ", ">> ", "> > ", "| ", "* ", "  - ", "# ", "// ", "1. ", "12 | ", "  12\t", "-   - "),
    *("> -", "+> ", "\u2502 ", "12\u2192", "; ", "-- ", "! ", "< ", "\u2022  ", "[pod/x] ", "INFO: "),
)
HIDDEN = {
    "zero-width space": "\u200b",
    "soft hyphen": "\u00ad",
    "byte order mark": "\ufeff",
    "colour": "\x1b[32m",
    "isolate": "\u2067",
    "variation selector": "\ufe0f",
    "tag": "\U000e0041",
    "one-byte colour": "\x9b32m",
    "link": "\x1b]8;;https://x.example\x07",
}


def key_lines() -> list[str]:
    chance = random.Random(seed())
    body = base64.b64encode(chance.randbytes(566)).decode()
    return [body[at : at + 64] for at in range(0, len(body), 64)]


def left(lines: list[str], clean: object) -> list[str]:
    text = json.dumps(clean)
    return [line for line in lines if line[2:-2] in text]


@pytest.mark.parametrize("sign", HIDDEN.values(), ids=HIDDEN)
@pytest.mark.parametrize("place", ["in the name", "before the name", "in each line", "in the end"])
@pytest.mark.parametrize("depth", [0, 1, 2])
def test_key_with_something_invisible_in_it_is_redacted(sign: str, place: str, depth: int):
    body = key_lines()
    lines = [HEAD, *body, END]
    if place == "in the name":
        lines[0] = HEAD[:14] + sign + HEAD[14:]
    elif place == "before the name":
        lines[0] = sign + HEAD
    elif place == "in the end":
        lines[-1] = END[:9] + sign + END[9:]
    else:
        lines = [line[:9] + sign + line[9:] for line in lines]
    held: object = "\n".join(["before", *lines, "after"])
    for _ in range(depth):
        held = json.dumps({"content": held})
    clean: object = redact_text(str(held))[0]
    for _ in range(depth):
        clean = json.loads(str(clean))["content"]
    assert left(body, str(clean).replace(sign, "")) == []
    assert str(clean).startswith("before\n")
    assert str(clean).endswith("\nafter")


def test_key_with_a_no_break_space_in_its_name_is_redacted():
    body = key_lines()
    clean, _ = redact_text("\n".join([HEAD.replace("RSA ", "RSA\u00a0"), *body, END]))
    assert left(body, clean) == []


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize("depth", [0, 1, 2])
def test_key_in_marked_lines_is_redacted(mark: str, closed: bool, depth: int):
    body = key_lines()
    held: object = "\n".join(mark + line for line in (HEAD, *body, *([END] if closed else [])))
    for _ in range(depth):
        held = json.dumps({"diff": held, "n": 1})
    clean: object = redact_text(str(held))[0]
    for _ in range(depth):
        clean = json.loads(str(clean))["diff"]
    assert left(body, clean) == []


@pytest.mark.parametrize(
    "hold",
    [
        list,
        lambda lines: [line + "\n" for line in lines],
        lambda lines: ["-" + line for line in lines],
        lambda lines: [{"role": "user", "content": line} for line in lines],
        lambda lines: [{"role": "user", "content": [{"type": "text", "text": line}]} for line in lines],
        lambda lines: {str(number): line for number, line in enumerate(lines)},
        lambda lines: ["\n".join(lines[:6]), "\n".join(lines[6:])],
        lambda lines: {"lines": ["cat key", *lines[:-1]]},
        lambda lines: {"a": "\n".join([lines[0][:14] + "\u200b" + lines[0][14:], *lines[1:4]]), "b": lines[4:]},
    ],
)
def test_key_in_neighbouring_strings_is_redacted(hold):
    body = key_lines()
    given = hold([HEAD, *body, END])
    clean, counts = redact_structure(given)
    assert left(body, clean) == []
    assert counts == {"private-key": 1}
    text, _ = redact_text(json.dumps(given))
    assert left(body, json.loads(text)) == []


def test_text_behind_the_name_of_a_key_is_kept():
    text = f"{HEAD} begins a key.\nIt lies in /usr/local/share/keys/server2 and nowhere else.\n{'word ' * 80}"
    assert redact_text(text) == (text, {})
    assert redact_structure([HEAD, "continue", {"path": "/usr/local/share/keys/server2"}])[1] == {}


@pytest.mark.parametrize("mark", ["", "- ", "+", "-", "> ", "> > ", "| "])
@pytest.mark.parametrize("value", ["hunter2x9", "aB3dE5gH7jK9mN1pQ3sT5vX7zA9cE1gI"])
@pytest.mark.parametrize(
    "lines",
    [
        ("password:", "  <>"),
        ("password:", "<>"),
        ("api_key:", "  <>"),
        ("the password is:", "<>"),
        ("DB_PASSWORD=", "<>"),
    ],
)
@pytest.mark.parametrize("depth", [0, 1])
def test_value_on_the_line_below_its_name_is_redacted(mark: str, value: str, lines: tuple[str, str], depth: int):
    held: object = "\n".join(mark + line.replace("<>", value) for line in ("first", *lines, "last"))
    if depth:
        held = json.dumps({"diff": held})
    clean = redact_text(str(held))[0]
    assert value not in clean
    shown = json.loads(clean)["diff"] if depth else clean
    assert shown.splitlines()[0] == f"{mark}first"
    assert shown.splitlines()[-1] == f"{mark}last"


@pytest.mark.parametrize(
    "given",
    [
        ["password:", "<>"],
        ["my password=", "<>"],
        ["the password is", "<>"],
        ["-password", "<>"],
        [{"role": "user", "content": "The password is:"}, {"role": "user", "content": "<>"}],
        [{"role": "a", "content": [{"text": "password:"}]}, {"role": "b", "content": [{"text": "<>\nthanks"}]}],
    ],
)
def test_value_in_the_string_behind_its_name_is_redacted(given):
    text = json.dumps(given).replace("<>", "hunter2x9")
    clean, _ = redact_structure(json.loads(text))
    assert json.loads(json.dumps(clean).replace("[redacted:password]", "<>")) == given


def test_coloured_name_and_the_value_below_are_redacted():
    text = "\x1b[1mpassword\x1b[0m:\n  \x1b[32mhunter2x9\x1b[0m\nnext"
    assert "hunter2x9" not in redact_text(text)[0]
    assert redact_text("\x1b[1mtitle\x1b[0m:\n  word2\n") == ("\x1b[1mtitle\x1b[0m:\n  word2\n", {})


@pytest.mark.parametrize("depth", [0, 1, 2])
@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("export DB_PASSWORD=hunt\\\ner2x9 && run", ("hunt", "er2x9")),
        (
            "curl -H 'X: 1' \\\n  -H 'Authorization: Bearer abcd1234\\\nefgh5678ijkl' \\\n  https://x",
            ("abcd1234", "efgh5678"),
        ),
        ("TOKEN=ghp_aB3dE5gH7jK9\\\nmN1pQ3sT5vX7zA9cE1gI", ("aB3dE5gH", "zA9cE1gI")),
    ],
)
def test_value_that_a_backslash_continues_is_redacted(text: str, gone: tuple[str, ...], depth: int):
    held: object = text
    for _ in range(depth):
        held = json.dumps({"command": held})
    clean: object = redact_text(str(held))[0]
    for _ in range(depth):
        clean = json.loads(str(clean))["command"]
    assert [part for part in gone if part in str(clean)] == []


@pytest.mark.parametrize("key", ["\\u0070assword", "p\\u0061ssw\\u006Frd", "\\u0061pi_key", "client\\u005fsecret"])
@pytest.mark.parametrize("depth", [0, 1])
def test_key_with_escaped_letters_is_read(key: str, depth: int):
    held = f'{{"{key}": "hunter2x9", "n": "\\u0041 b"}}'
    if depth:
        held = json.dumps({"body": held})
    clean = json.loads(redact_text(held)[0])
    shown = json.loads(clean["body"]) if depth else clean
    assert "hunter2x9" not in str(shown)
    assert shown["n"] == "A b"


def test_escaped_letters_elsewhere_stay():
    text = '{"a": "\\u0041 b", "max_tokens": 100}'
    assert redact_text(text) == (text, {})


@pytest.mark.parametrize("width", [64, 76])
@pytest.mark.parametrize("size", [150, 609, 1192])
def test_a_key_in_base64_on_several_lines_goes_whole(width: int, size: int):
    rand = random.Random(size)
    body = textwrap.fill(base64.b64encode(rand.randbytes(size)).decode(), 64)
    key = f"-----BEGIN RSA PRIVATE KEY-----\n{body}\n-----END RSA PRIVATE KEY-----\n"
    lines = textwrap.wrap(base64.b64encode(key.encode()).decode(), width)
    text = "\n".join(lines)
    for clean in (
        redact_text(f"key: {text}\nand then the deploy froze")[0],
        redact_text(json.dumps({"x": text}))[0],
        redact_text(json.dumps(lines))[0],
        str(redact_structure([*lines, "and then the deploy froze"])[0]),
    ):
        assert not [line for line in lines if line in clean]
    assert str(redact_structure([*lines, "and then the deploy froze"])[0]).endswith("'and then the deploy froze']")
    assert redact_text(f"{text}\nand then the deploy froze")[0].endswith("]\nand then the deploy froze")
