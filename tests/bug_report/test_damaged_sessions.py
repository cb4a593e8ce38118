"""Sessions that are damaged anywhere still make a draft whose JSON parses."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from telemetry_sdk.bug_report import draft

if TYPE_CHECKING:
    from telemetry_sdk.bug_report import ReportContext

FILES = sorted(path for path in (Path(__file__).parent / "sessions").rglob("*") if path.is_file())
PIECES = [
    *(b'"', b"{", b"[", b"]", b"}", b",", b"\\", b"\n", b"\0" * 4096, b"\xff\xfe", b"\xed\xa0\x80", b"\\ud800", b"NaN"),
    *(b"1e999", b"9" * 5000, b"[" * 3000, b'{"a":' * 1500, b"```\n", b"#### ", b"User: "),
]
CHOICES: list[dict[str, bool]] = [{}, {"without_tool_output": True}, {"without_code": True}]
ROUNDS = 300


def damaged(chance: random.Random) -> bytes:
    """Return a session with pieces put in, taken out, cut off or repeated."""
    data = bytearray(chance.choice(FILES).read_bytes())
    for _ in range(chance.randint(1, 10)):
        at = chance.randrange(len(data) + 1)
        way = chance.randrange(4)
        if way == 0:
            data[at:at] = chance.choice(PIECES)
        elif way == 1:
            del data[at : at + chance.randint(1, 200)]
        elif way == 2:
            data[at:at] = chance.choice(FILES).read_bytes()[: chance.randint(1, 500)]
        else:
            del data[max(1, at) :]
    return bytes(data)


@pytest.mark.large
def test_a_damaged_session_makes_a_draft(context: ReportContext, tmp_path: Path):
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    for number in range(ROUNDS):
        path = tmp_path / f"{number}"
        path.write_bytes(damaged(chance))
        choices = chance.choice(CHOICES)
        made = draft("It froze", context=context, transcript=path, **choices)  # type: ignore[arg-type]
        report = json.loads(made.content)
        assert "messages" in report["conversation"]
        assert rb"\u0000" not in made.content
        assert made.preview().render()
        made.delete()
