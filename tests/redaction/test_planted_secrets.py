"""Planted secrets are redacted in any context and encoding, harmless tokens are kept, chunks make no difference."""

from __future__ import annotations

import json
import random
import urllib.parse
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telemetry_sdk.redaction import redact_chunks, redact_secrets, redact_structure, redact_text
from telemetry_sdk.redaction.rules import cloud_tokens, contexts, service_tokens, token_patterns

from ..corpus.contexts import AROUND, HELD, NAMED, PASSWORDS
from ..corpus.harmless import tokens
from ..corpus.plants import seed
from ..corpus.search import plainest
from ..corpus.secrets_made import BODIES, MAKERS

ROUNDS = 1 + settings().max_examples // 50  # 3, or 1 with Hypothesis's profile `fast`


@pytest.fixture(scope="module")
def chance() -> random.Random:
    """Return the chance of this run; `CORPUS_SEED` repeats one."""
    number = seed()
    print(f"CORPUS_SEED={number}")
    return random.Random(number)


def body_of(kind: str, secret: str) -> str:
    """Return the part of a made secret that must be gone."""
    return BODIES[kind](secret) if kind in BODIES else secret[-12:]


def survives(body: str, clean: str) -> bool:
    readable = plainest(clean)
    return plainest(body) in readable or plainest(body) in plainest(urllib.parse.unquote(readable))


def test_tables_hold_at_least_sixty_kinds():
    tables = (cloud_tokens.ROWS, service_tokens.ROWS, contexts.BLOCKS, contexts.ROWS, token_patterns.ROWS)
    assert len({row[0] for table in tables for row in table}) >= 60
    assert len(MAKERS) >= 60


def test_planted_secrets_are_redacted_and_json_parses(chance: random.Random):
    planted, left = 0, []
    for kind, maker in list(MAKERS.items()) * ROUNDS:
        for held, hold in HELD.items():
            secret = maker(chance)
            if "\n" in secret and ("coloured" in held or "invisible" in held):
                continue  # a block of lines: colours do not stand in it
            text = hold(chance.choice(AROUND).format(secret), secret, chance)
            clean, counts = redact_text(text)
            if "json" in held:
                json.loads(clean)
            planted += 1
            if survives(body_of(kind, secret), clean) or not counts:
                left.append((kind, held, text[-200:], clean[-200:]))
    print(f"{planted} planted, {len(left)} left")
    assert len(left) <= 0.005 * planted, left[:3]


def test_named_values_in_any_encoding_are_redacted(chance: random.Random):
    planted, left = 0, []
    for form in NAMED * ROUNDS:
        for held, hold in HELD.items():
            secret = chance.choice(PASSWORDS)
            text = hold(form.format(secret), secret, chance)
            clean = redact_secrets(text)
            if "json" in held:
                json.loads(clean)
            planted += 1
            if survives(secret, clean):
                left.append((form, held, text[-200:], clean[-200:]))
    assert len(left) <= 0.005 * planted, left[:3]


def test_harmless_tokens_are_kept(chance: random.Random):
    harmless = tokens(chance, 3000)
    touched = [token for token in harmless if redact_text(f"see {token} here") != (f"see {token} here", {})]
    print(f"{len(touched)} of {len(harmless)} touched")
    assert len(touched) < 0.005 * len(harmless), touched[:5]


def test_list_of_arguments_is_redacted_by_its_options():
    clean, counts = redact_structure(
        {"args": ["login", "--password", "hunter2", "--max-tokens", "100", "--token", "abcd1234"]}
    )
    assert clean == {
        "args": ["login", "--password", "[redacted:password]", "--max-tokens", "100", "--token", "[redacted:secret]"]
    }
    assert counts == {"password": 1, "secret": 1}


def report(chance: random.Random, lines: int) -> str:
    """Return a long text as a bug report holds it, with secrets here and there."""
    made = []
    for number in range(lines):
        kind = chance.choice(list(MAKERS))
        secret = MAKERS[kind](chance) if chance.random() < 0.05 else tokens(chance, 1)[0]
        line = chance.choice(AROUND).format(secret)
        made.append(json.dumps({"n": number, "content": line}) if chance.random() < 0.7 else line)
    return "\n".join(made)


def test_chunks_give_what_the_whole_text_gives(chance: random.Random):
    """Whatever the borders of the chunks: inside a token, a key block, an escape."""
    text = report(chance, 2500)
    assert len(text) > 200_000
    whole, counts = redact_text(text)
    for _ in range(6):
        cuts = sorted(chance.sample(range(len(text)), chance.choice([1, 7, 300])))
        pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
        found: Counter[str] = Counter()
        assert "".join(redact_chunks(iter(pieces), found)) == whole
        assert dict(found) == counts


@given(
    st.lists(st.text(max_size=5) | st.sampled_from(["password=", "ghp_" + "a1" * 18, "\n", "x" * 9000, '"', "key: "]))
)
def test_any_chunks_give_what_the_whole_text_gives(pieces: list[str]):
    assert "".join(redact_chunks(iter(pieces), Counter())) == redact_secrets("".join(pieces))


def test_last_chunks_are_segmented_like_the_whole_text():
    token = "ghp_" + "a1" * 18
    pieces = ["x" * 9000, token, ":", "\n", token]
    assert "".join(redact_chunks(iter(pieces), Counter())) == redact_secrets("".join(pieces))


def test_endless_line_is_redacted_in_segments():
    text = "lorem, ipsum " * 60_000 + "password=hunter2 " + "x" * 600_000
    pieces = list(redact_chunks(iter([text[at : at + 4096] for at in range(0, len(text), 4096)]), Counter()))
    assert max(map(len, pieces)) <= 262_144 + len("[redacted:password]")
    assert "".join(pieces) == text.replace("hunter2", "[redacted:password]")


def test_key_block_is_not_cut_by_segments(chance: random.Random):
    for before in range(7_800, 8_600, 200):
        block = MAKERS["private key"](chance)
        text = "x" * before + f"\n{block}\nafter\n" + "line\n" * 5000
        clean, counts = redact_text(text)
        assert counts == {"private-key": 1}
        assert clean == text.replace(block, "[redacted:private-key]")


@pytest.mark.parametrize("width", [80, 100, 120])
@pytest.mark.parametrize("depth", [0, 1, 2])
def test_secret_wrapped_by_a_terminal_is_redacted(width: int, depth: int, chance: random.Random):
    """Wherever the width falls into the secret; the lines around stay."""
    for kind in ("github", "aws id"):
        secret = MAKERS[kind](chance)
        cut = chance.randint(6, len(secret) - 6)
        line = f"{'see ' * width}"[: width - cut - 5] + f"KEY={secret} and so on"
        torn = "\n".join(("before", " ", *(line[at : at + width] for at in range(0, len(line), width)), "", "after"))
        held: object = torn
        for _ in range(depth):
            held = json.dumps({"stdout": held})
        clean: object = redact_secrets(str(held))
        for _ in range(depth):
            clean = json.loads(str(clean))["stdout"]
        assert str(clean).startswith("before\n \nsee see")
        assert str(clean).endswith(" and so on\n\nafter")
        assert secret[:cut][-6:] not in str(clean)[-60:]
        assert secret[cut:][:6] not in str(clean)
        assert "[redacted:" in str(clean)
