"""No planted string survives the sanitizer, wherever in an event or an exception it stands."""

from __future__ import annotations

import base64
import json
import random
import string

import pytest

from telemetry_sdk.privacy import clean_exception, clean_sentry_item

from ...corpus.plants import RARE, seed
from .templates import EXCEPTIONS, ITEMS

ROUNDS = 8
TYPES = {"session": "session", "report": "client_report"}


def planted(chance: random.Random) -> str:
    """Return a string of one of the kinds that a program holds: a path, a word, a name, a token, text in any script."""
    word = "".join(chance.choices(string.ascii_lowercase, k=9))
    return chance.choice(
        (
            f"/home/{word}/{chance.choice(RARE)}.py",
            f"C:\\Users\\{word}",
            word,
            f"{word}_{chance.choice(RARE)}",
            word.title(),
            f"{word}.{chance.choice(RARE)}",
            f"{word}@{chance.choice(RARE)}.example",
            base64.b64encode(chance.randbytes(24)).decode(),
            chance.randbytes(16).hex(),
            f"\u043a\u043b\u044e\u0447{word}",
            f"{word}\x00\n\u202e{word}",
        )
    )


def needles(text: str) -> list[str]:
    """Return how the string would stand in JSON: whole, and its longest part of letters and digits."""
    parts = "".join(c if c.isascii() and c.isalnum() else " " for c in text).split()
    return [json.dumps(text)[1:-1], max(parts, key=len)]


@pytest.fixture(scope="module")
def chance() -> random.Random:
    """Return the chance of this run; `CORPUS_SEED` repeats one."""
    number = seed()
    print(f"CORPUS_SEED={number}")
    return random.Random(number)


def test_there_are_fifty_templates_and_three_hundred_strings():
    assert len(ITEMS) + len(EXCEPTIONS) >= 50
    assert (len(ITEMS) + len(EXCEPTIONS)) * ROUNDS >= 300


@pytest.mark.parametrize("template", ITEMS)
def test_no_string_of_an_item_survives(template: str, chance: random.Random):
    for _ in range(ROUNDS):
        text = planted(chance)
        kind = TYPES.get(template, "event")
        clean = clean_sentry_item(kind, ITEMS[template](text), app_modules=["acme_app"])
        if template in {"event id", "trace ids"} and set(text) <= set("0123456789abcdef") and len(text) == 32:
            continue  # hexadecimal digits of an id's length are an id
        shown = json.dumps(clean)
        assert [needle for needle in needles(text) if needle in shown] == [], text
        if clean is not None:
            assert clean_sentry_item(kind, clean, app_modules=["acme_app"]) == clean


@pytest.mark.parametrize("template", EXCEPTIONS)
def test_no_string_of_an_exception_survives(template: str, chance: random.Random):
    for _ in range(ROUNDS):
        text = planted(chance)
        shown = json.dumps(clean_exception(EXCEPTIONS[template](text), app_modules=["acme_app"]))
        assert [needle for needle in needles(text) if needle in shown] == [], text


def test_the_attack_finds_a_string_that_stays():
    assert [needle for needle in needles("json.decoder") if needle in json.dumps({"module": "json.decoder"})]
