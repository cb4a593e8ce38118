"""Secrets over several units: lines of a text, strings of a list, messages, names and what stands beside them."""

from __future__ import annotations

import base64
import json
import random
from typing import TYPE_CHECKING, Any

import pytest

from telemetry_sdk.bug_report import draft
from telemetry_sdk.redaction import redact_secrets, redact_structure

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from telemetry_sdk.bug_report import ReportContext

SECRET = "hV8xQ2mN7pRt4KzW"
KINDS = ["RSA PRIVATE KEY", "PRIVATE KEY", "OPENSSH PRIVATE KEY", "EC PRIVATE KEY", "PGP PRIVATE KEY BLOCK"]
UNITS: dict[str, Callable[[list[str]], Any]] = {
    "text": lambda key: "User: my key\n" + "\n".join(key) + "\nthanks\n",
    "text without its end": lambda key: "User: my key\n" + "\n".join(key[:-1]) + "\n",
    "indented text": lambda key: "User: my key\n" + "\n".join(f"    {line}" for line in key) + "\n",
    "numbered text": lambda key: "User: x\n" + "\n".join(f"{n:6}\t{line}" for n, line in enumerate(key)) + "\n",
    "removed lines of a diff": lambda key: (
        "User: x\n@@ -1,9 +0,0 @@\n" + "\n".join(f"-{line}" for line in key) + "\n+new\n"
    ),
    "added lines of a diff": lambda key: "User: x\n" + "\n".join(f"+{line}" for line in key) + "\n",
    "lines of JSON": lambda key: "\n".join(json.dumps({"n": n, "line": line}) for n, line in enumerate(key)),
    "list of strings": lambda key: [{"role": "user", "content": key}],
    "removed lines in a message": lambda key: [{"role": "user", "content": "\n".join(f"-{line}" for line in key)}],
    "messages": lambda key: [{"role": "user", "content": line} for line in key],
    "iterable of strings": lambda key: key,
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("unit", UNITS)
def test_a_key_over_several_units_leaves_no_line(context: ReportContext, tmp_path: Path, unit: str, kind: str):
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    body = [base64.b64encode(chance.randbytes(size)).decode() for size in (48, 48, 48, 48, 48, 21)]
    given = UNITS[unit]([f"-----BEGIN {kind}-----", *body, f"-----END {kind}-----"])
    if isinstance(given, str):
        (tmp_path / "session").write_text(given)
        given = tmp_path / "session"
    made = draft("It froze", context=context, transcript=given)
    assert [line for line in body if line in made.content.decode()] == []
    assert made.redactions["private-key"] >= 1


@pytest.mark.parametrize(
    "text",
    [
        f"The API key:\n{SECRET}\nbye",
        f"The API key:\n\n{SECRET}\nbye",
        f"The password: |\n  {SECRET}\nbye",
        f"client_secret=\n{SECRET}\nbye",
        f"PWD={{{SECRET}}};Server=x",
        f"Driver={{ODBC Driver 17}};UID=sa;Pwd={{{SECRET};}}}}x}};",
        f"postgres://bob:{SECRET}/a@db.example:5432/x",
        f"postgres://bob:p/{SECRET}@db.example/x",
        f"privkey={SECRET}",
        f"const privKey = '{SECRET}'",
    ],
)
def test_a_value_apart_from_its_name_goes(text: str):
    assert SECRET not in redact_secrets(text)


@pytest.mark.parametrize(
    "messages",
    [
        [("user", "The password is:"), ("user", SECRET)],
        [("assistant", "What is the password?"), ("user", SECRET)],
        [("assistant", "Please give me the API key:"), ("user", f"{SECRET}\nthanks")],
    ],
)
def test_a_value_in_the_message_below_its_name_goes(context: ReportContext, messages: list[tuple[str, str]]):
    given = [{"role": role, "content": text} for role, text in messages]
    assert SECRET.encode() not in draft("It froze", context=context, transcript=given).content


@pytest.mark.parametrize(
    "value",
    [
        {"cookies": {"sid": SECRET}},
        {"cookies": {"sid": [SECRET]}},
        {"cookies": [{"name": "sid", "value": SECRET}]},
        {"jar": [{"name": "sid", "value": SECRET, "domain": "a.example", "path": "/"}]},
        {"password": {"0": SECRET}},
        {"passwords": {1: SECRET}},
        {"tokens": {"1": SECRET}},
        {"tokens": [SECRET]},
        {"privKey": SECRET},
        {"privkey": SECRET},
        {"walletPrivKey": SECRET},
    ],
)
def test_a_value_that_an_object_names_goes(value: Any):
    assert SECRET not in json.dumps(redact_structure(value)[0])


@pytest.mark.parametrize(
    "text",
    [
        "api_key = YOUR_KEY_HERE",
        "expires_in=3600",
        "GITHUB_TOKEN=ghp_xxxxxxxxxxxx",
        "password: ********",
        "secret=${SECRET}",
        "PWD={password};UID={user}",
        "tokens: 12345",
        '{"tokens": ["Hello", " the", " world"]}',
        '{"max_tokens": 4096, "total_tokens": 1234567}',
        "What is the password?\nIt is in the vault.",
        "password:\n\nThe password must have eight characters.",
    ],
)
def test_what_stands_for_a_secret_stays(text: str):
    assert redact_secrets(text) == text
