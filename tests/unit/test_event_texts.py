"""Events whose text the regular expression matches: as if they were parsed, checked and encoded.

A blank behind a text keeps the expression from matching it, and changes nothing else.
"""

from __future__ import annotations

import json
import math
import os
import random
import string
from typing import Any

import pytest

from telemetry_sdk._internal import shapes
from telemetry_sdk._internal.compact_json import compact
from telemetry_sdk.encoders.statsig import _PLAIN, EventEncoder
from tests.unit.harness import METADATA, START

CASES = 10_000
METADATA_OF_A_RUN: Any = {
    **METADATA,
    "session": "11111111-8b86-4011-b42d-00c04fc964ff",
    "user": "6f9619ff-8b86-4011-b42d-00c04fc964ff",
}
KEYS = ["tool", "ok", "n", "duration_ms", "a.b", "x" * 64, "y" * 65, "Tool", "event_uuid", "session_id", "_x", "", "é"]
VALUES = [
    "bash",
    "x" * 64,
    "x" * 65,
    "a b",
    "a/b",
    'a"b',
    "\u00e9",
    "",
    "-x",
    "a:b+c",
    True,
    False,
    None,
    0,
    -0.0,
    7,
    -12,
    10**15 - 1,
    10**15,
    1 << 53,
    0.1,
    1e22,
    1e-7,
    12345678901234567890.5,
    [],
    {},
    {"a": 1},
]
NAMES = ["tool_use", "tick", "a.b", "statsig::gate_exposure", "Tick", "", "x" * 65, 7, None]
TIMES = [int(START * 1000), 0, -1, 4_102_444_800_000, 4_102_444_799_999, 1.5, "1", True]
BYTES = [bytes([letter]) for letter in b'"{}[]:,. \\\t0179aeEz-+nulltruefalse\x00\xff']


@pytest.fixture
def chance():
    seed = int.from_bytes(os.urandom(4))
    print(f"seed {seed}")
    return random.Random(seed)


def encoded(encoder, text):
    """Return what an encoder makes of a text, parsed; "corrupt" or the type of what it raises."""
    try:
        made = encoder.encode(text)
    except (json.JSONDecodeError, UnicodeDecodeError):
        return "corrupt"
    except Exception as error:
        return type(error)
    return None if made is None else json.loads(made)


def record(chance):
    """Return a record, most parts of which are as the sanitizer makes them."""

    def one(usual, others):
        return usual if chance.random() < 0.9 else chance.choice(others)

    count = chance.choice([0, 1, 3, 8, 27, 28, 29, 31, 120])
    fields = {one(f"k{n}", KEYS): one(chance.choice(["bash", True, n, n / 8]), VALUES) for n in range(count)}
    made = {
        "id": one("22222222-8b86-4011-b42d-00c04fc964ff", ["2" * 36, "x", 7]),
        "time": one(int(START * 1000), TIMES),
        "name": one("tool_use", NAMES),
        "value": one(None, VALUES),
        "metadata": fields,
    }
    if chance.random() < 0.02:
        made.pop(chance.choice(list(made)))
    if chance.random() < 0.02:
        made[chance.choice(["extra", "secondary"])] = chance.choice(VALUES)
    return made


def damaged(chance, text):
    """Return a text with a few of its bytes changed, or a part of it doubled or moved."""
    data = bytearray(text)
    for _ in range(chance.choice([0, 0, 1, 1, 2, 4])):
        at, kind = chance.randrange(len(data)), chance.randrange(4)
        if kind == 0:
            data[at : at + 1] = chance.choice(BYTES)
        elif kind == 1:
            data[at:at] = chance.choice(BYTES)
        elif kind == 2:
            del data[at : at + chance.randrange(1, 5)]
        else:
            to = min(len(data), at + chance.randrange(1, 40))
            data[at:at] = data[at:to]
    return bytes(data)


def test_a_text_that_matches_is_encoded_as_one_that_is_parsed(chance):
    encoder, matched, refused = EventEncoder(METADATA_OF_A_RUN), 0, 0
    for _ in range(CASES):
        text = compact(record(chance))
        text = damaged(chance, text) if chance.random() < 0.7 else text
        found = encoded(encoder, text)
        assert found == encoded(encoder, text + b" "), text
        matched += _PLAIN.fullmatch(text) is not None
        refused += not isinstance(found, dict)
    assert matched > CASES // 20, "the control: many match"
    assert refused > CASES // 20, "and many may not be sent"


def test_a_whole_record_has_equal_bytes_either_way(chance):
    encoder = EventEncoder(METADATA_OF_A_RUN)
    for count in range(40):
        fields = {f"k{n}": chance.choice(["bash", True, False, n, -n, n / 8]) for n in range(count)}
        text = compact(
            {
                "id": "22222222-8b86-4011-b42d-00c04fc964ff",
                "time": int(START * 1000),
                "name": "tool_use",
                "value": chance.choice([None, 0, 1.5, -3]),
                "metadata": fields,
            }
        )
        assert encoder.encode(text) == encoder.encode(text + b" ")


def test_a_run_whose_metadata_is_refused_sends_nothing():
    text = compact(
        {
            "id": "22222222-8b86-4011-b42d-00c04fc964ff",
            "time": int(START * 1000),
            "name": "tool_use",
            "value": None,
            "metadata": {},
        }
    )
    assert EventEncoder(METADATA_OF_A_RUN).encode(text)
    for changes in ({"session": 'x","a":"'}, {"app": "a b"}):
        refused: Any = METADATA_OF_A_RUN | changes
        assert EventEncoder(refused).encode(text) is None


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        (shapes.NAME_PATTERN, shapes.is_name),
        (shapes.CHOICE_PATTERN, shapes.is_token),
        (shapes.UUID_PATTERN, shapes.is_uuid),
    ],
)
def test_a_shape_and_its_pattern_take_the_same_strings(chance, pattern, fits):
    import re

    letters = string.ascii_letters + string.digits + "_.:+-/ \né"
    uuid = "22222222-8b86-4011-b42d-00c04fc964ff"
    for _ in range(20_000):
        made = "".join(chance.choices(letters, k=chance.choice([0, 1, 2, 5, 63, 64, 65])))
        at = chance.randrange(36)
        for text in (made, made.lower(), uuid[:at] + chance.choice(letters) + uuid[at + chance.randrange(2) :]):
            assert (re.fullmatch(pattern, text) is not None) is fits(text), text


def test_a_number_that_its_pattern_takes_is_one_that_may_be_sent(chance):
    import re

    found = 0
    for _ in range(20_000):
        text = "".join(chance.choices("0123456789.-+eE", k=chance.choice([1, 2, 5, 14, 17, 33])))
        if re.fullmatch(shapes.NUMBER_PATTERN, text):
            found += 1
            assert shapes.is_number(json.loads(text))
            assert math.isfinite(float(text))
    assert found
