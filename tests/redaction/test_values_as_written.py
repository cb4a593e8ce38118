"""Values that look like paths, glued tokens, cookies, braces and numbers are redacted; placeholders and paths stay."""

from __future__ import annotations

import base64
import json
import random
from typing import TYPE_CHECKING

import pytest

from telemetry_sdk.redaction import redact_structure, redact_text

from ..corpus.plants import seed

if TYPE_CHECKING:
    from collections.abc import Callable

A, H = "aB3dE5gH7jK9mN1pQ3sT5vX7zA9cE1gI", "0123456789abcdef"
FORMS = ("AWS_SECRET_ACCESS_KEY={}", "API_SECRET={}", "client_secret: {}\n", "DB_PASSWORD={}", "curl --token {} x")
PATHS = (
    *("/etc/ssl/private", "~/.ssh/id_rsa", "/run/secrets/db_password", "/home/Bob/MyProject2024/AppConfig", "/a/b/c"),
    *("/Users/JaneDoe/Library/Application", "/nix/store/9zk3q5y8r0abc1d2f3g4-openssl-3.0.8", "/tmp/tmpx8k2_a9q"),
    *("/var/folders/zz/zyxvpxvq6csfxvn_n0000000000000/T", "/opt/x86_64-linux-gnu/lib", "~bob/keys", "/dev/stdin"),
    *("/Applications/Xcode.app/Contents/Developer", "/mnt/c/Users/Bob/AppData/Local", "/secrets", "/api/v1/secrets/42"),
    *("/var/run/secrets/kubernetes.io/serviceaccount/token", "/home/me/3f2a1b9c-1d2e-4f5a-9b8c-7d6e5f4a3b2c"),
)


@pytest.mark.large
@pytest.mark.parametrize("size", [12, 18, 24, 32, 48])
@pytest.mark.parametrize("begin", ["/", "~"])
def test_random_values_that_begin_like_a_path_are_redacted(size: int, begin: str):
    number = seed()
    print(f"CORPUS_SEED={number}")
    chance = random.Random(number)
    values = [begin + base64.b64encode(chance.randbytes(size)).decode()[1:] for _ in range(1_000)]
    left = [form for value in values for form in FORMS if value in redact_text(form.format(value))[0]]
    assert len(left) <= 0.02 * len(values) * len(FORMS), left[:5]


@pytest.mark.parametrize("text", ["password=/hunter2!x9#", "DB_PASSWORD=~Xk9-44fo0baR", "DB_PASSWORD=/Xk9$44fo"])
def test_passwords_with_signs_behind_a_slash_are_redacted(text: str):
    assert redact_text(text)[0] == text.partition("=")[0] + "=[redacted:password]"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("form", ["PASSWORD={}", "API_KEY={}", "client_secret: {}\n", "--password {}"])
def test_paths_stay(path: str, form: str):
    text = form.format(path)
    assert redact_text(text) == (text, {})


@pytest.mark.parametrize("value", ["abcd1234", "hunter2x9", A, H + H])
@pytest.mark.parametrize(
    "form",
    [
        "use the token {} for staging",
        "Use token {} to log in",
        "please use token {}.",
        "with the API key '{}' it works",
    ],
)
def test_token_that_a_sentence_uses_is_redacted(form: str, value: str):
    assert redact_text(form.format(value))[0] == form.format("[redacted:secret]")


TOKENS = {
    *("AKIAIOSFODNN7EXAMPL3", f"npm_{A}abcd", f"hf_{A}", f"AIza{A}abc", f"sk_live_{A}", f"glpat-{A[:20]}"),
    *(f"ghp_{A}abcd", f"dop_v1_{H * 4}", f"SG.{A[:22]}.{A}", f"hvs.{A}", f"eyJ{A}.eyJ{A}.{A}", f"sk-proj-{A}"),
}


@pytest.mark.parametrize("token", sorted(TOKENS))
@pytest.mark.parametrize("before", ["x", "key", "Token", "n", "\u00e9", "\u043a\u043b\u044e\u0447"])
def test_token_glued_to_a_letter_is_redacted(token: str, before: str):
    text = f"failed {before}{token} here"
    assert token[-12:] not in redact_text(text)[0]
    assert token[-12:] not in redact_text(json.dumps([text]))[0]


@pytest.mark.parametrize("text", ["risk-management-2024-of-the-north-sea-area", "disk-usage-reporting-tool-version-12"])
def test_words_that_end_like_a_prefix_stay(text: str):
    assert redact_text(text) == (text, {})


COOKIES = [
    {"name": "session", "value": "abc123def456", "domain": "x.example", "path": "/", "httpOnly": True},
    {"value": "abc123def456", "name": "sid", "secure": True, "httpOnly": False},
    {"name": "sid", "value": "abc123def456", "sameSite": "Lax"},
    {"httpOnly": True, "name": "sid", "value": "abc123def456"},
    {"name": "sid", "value": "abc123def456", "expirationDate": 1, "hostOnly": True, "storeId": "0"},
    {"cookies": {"sid": "abc123def456"}},
    {"set-cookie": ["sid=abc123def456; Path=/"]},
]
ONLY_PARSED = [
    {"cookies": [{"name": "sid", "value": "abc123def456"}]},
    {"cookie": {"sid": "abc123def456"}},
    {"name": "a", "value": "abc123def456", "domain": ".x.example", "path": "/", "expires": 1},
    {"passwords": {1: "abc123def456"}},
]
NUMBERED = [{"password": {"0": "abc123def456"}}, {"secret": {"1": "abc123def456"}}, {"privKey": "abc123def456"}]


@pytest.mark.parametrize("value", [*COOKIES, *ONLY_PARSED, *NUMBERED])
def test_values_of_an_object_that_is_named_are_redacted(value):
    clean, counts = redact_structure(value)
    assert "abc123" not in str(clean)
    assert counts


@pytest.mark.parametrize("value", [*COOKIES, *NUMBERED])
@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("depth", [1, 2])
def test_values_of_an_object_that_is_named_are_redacted_in_text(value, indent: int | None, depth: int):
    text = json.dumps(value, indent=indent)
    clean: object = redact_text(text if depth == 1 else json.dumps({"x": text}))[0]
    assert "abc123" not in str(clean)
    for _ in range(depth - 1):
        clean = json.loads(str(clean))["x"]
    json.loads(str(clean))


def test_objects_that_are_no_cookies_stay():
    value = {
        "cookies": {"theme": "dark"},
        "fields": [{"name": "sid", "value": "abc123def456"}],
        "max_tokens": 12345678901,
    }
    assert redact_structure(value) == (value, {})


def test_long_numbers_of_secrets_are_redacted():
    assert redact_structure({"api_key": 48392018473625})[0] == {"api_key": "[redacted:secret]"}
    assert redact_text('{"api_key": 48392018473625}')[0] == '{"api_key": "[redacted:secret]"}'
    kept = {"api_key": 4839, "cache_key": 48392018473625, "num_tokens": 48392018473625}
    assert redact_structure(kept) == (kept, {})
    assert redact_text(json.dumps(kept)) == (json.dumps(kept), {})


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("postgres://bob:pa/ss9@db.local:5432/x", "pa/ss9"),
        ("mysql://root:a/b+c==@127.0.0.1/db", "a/b+c=="),
        ("redis://:x/y9z@cache:6379/0", "x/y9z"),
        ("https://bob:sl/ash@example.com/", "sl/ash"),
        ("DRIVER={ODBC Driver 17};SERVER=h;UID=bob;PWD={hun;ter2};", "hun;ter2"),
        ("Driver={x};PWD={hunter2x9}", "hunter2x9"),
        ("PWD={p}}w;9};UID=a", "w;9"),
        ("Pwd={a=b;c 9};Server=x", "a=b;c"),
    ],
)
def test_passwords_in_urls_and_connection_strings_are_redacted(text: str, gone: str):
    assert gone not in redact_text(text)[0]
    assert gone not in json.loads(redact_text(json.dumps([text]))[0])[0]


@pytest.mark.parametrize(
    "text",
    [
        *("API_KEY=YOUR_KEY_HERE", "api_key: YOUR_API_KEY_HERE", "token=<YOUR_TOKEN>", "token expires_in=3600"),
        *('{"token_type": "bearer", "expires_in": 3600}', "API_KEY=your-key-here", "SECRET_KEY=change-me-please"),
        *("PASSWORD=INSERT_PASSWORD_HERE", "API_KEY=my-api-key-here", "PWD={password};", "PWD={};"),
        *("https://example.com:8080/path@2x/img.png", f"docker pull reg:5000/x@sha256:{H * 4}", "git@github.com:a/b"),
        *("use the token bucket algorithm for limits", "the token count2 is used", "https://h:8443/a@b.c"),
    ],
)
def test_placeholders_and_addresses_stay(text: str):
    assert redact_text(text) == (text, {})


@pytest.mark.parametrize("encode", [json.dumps, lambda value: json.dumps(json.dumps(value)), repr])
@pytest.mark.parametrize("name", ["secrets", "secret", "password", "passwords"])
@pytest.mark.parametrize("keys", [("0", "1"), ("0", "value"), ("value", "1")])
def test_every_value_of_an_object_under_a_secrets_name_goes_in_a_text_as_in_a_structure(
    name: str, keys: tuple[str, str], encode: Callable[[object], str]
):
    value = {name: dict(zip(keys, ("sommer2024", "winterkalt"), strict=True)), "theme": "winterkalt"}
    text = redact_text(encode(value))[0]
    assert "sommer2024" not in text
    assert text.count("winterkalt") == 1
    assert redact_structure(value)[1] == {name.rstrip("s"): 2}
