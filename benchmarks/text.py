"""The speed of `redact_secrets` in MB/s, and the time of twice the text over the time of the text.

In processor time of one core: medians of 15 runs. The floor is one pass of one pattern over the text. The attacks are
texts that punish patterns with nested repeats: twice the text may take a little more than twice the time.
"""

from __future__ import annotations

import argparse
import difflib
import inspect
import json
import random
import re
import statistics
import subprocess
import sys
import tarfile
import time
from collections import Counter
from typing import TYPE_CHECKING

from _measure import print_result

from telemetry_sdk.redaction import redact_chunks, redact_secrets

if TYPE_CHECKING:
    from collections.abc import Callable

ATTACKS = (
    "a.",
    "eyJa.eyJ",
    "password=",
    "://a:",
    "Bearer ",
    "\\",
    '\\"',
    " ",
    "\n",
    "key",
    "--token ",
    "%41",
    "\x1b[31m",
    "A-",
    "1",
    "mysql -p -P ",
    "docker login -p",
    "echo a| passwd ",
    "user a on >",
    "pass: -pass ",
    ".login('a',",
    'kty"d":"a',
    "scrypt:1:1:1$a$",
    "sk_a_b_c1",
    "AAAAAAAAAA",
    "AAAAAAAAAAAAAAAAAAAAAb",
    "aB1-msh",
    "a.ey",
    "eyJ" + "a" * 9000 + "..",
    "pk.eyJ",
    "0.Aa.",
    "123456789012345|",
    "1" * 15 + ":a",
    "git&",
    "x-a-key: ",
    ".api.key = a",
    "authorization: a-key ",
    ".v1.a",
    "a_secret_",
    "sc_aaaaa.aaaa.acc-",
    "SG.a.",
    "a1==:",
    "_key=aB3",
    '"password": ',
    "password is ",
    "password ",
    "token\n",
    "a,password,b\n",
    "(a, password) values ('x', 'y'), ",
    'name="password" ',
    "password = [",
    "-us1",
)
RUNS = 15
SIZE = 250_000


def main() -> int:
    """Measure, and tell whether the targets are met."""
    speeds = {
        name: _speed(text) for name, text in (("a transcript", _transcript(0)), ("one with secrets", _transcript(40)))
    }
    for name, (ours, least) in speeds.items():
        print_result(what=f"redact {name}", mb_s=round(ours, 1), floor=round(least, 1))
    ratios = {f"redact {attack!r}": _doubling(redact_secrets, attack, SIZE) for attack in ATTACKS}
    for name, ratio in ratios.items():
        print_result(what=f"{name}: twice the text", times=round(ratio, 2))
    targets = {
        "redact at least 10 MB/s": speeds["a transcript"][0] >= 10,
        "twice the text at most 2.2 times": max(ratios.values()) <= 2.2,
    }
    print_result(targets=targets)
    return 0 if all(targets.values()) else 1


def _least(work: Callable[[], object]) -> float:
    """Return the median processor time in seconds, after one warm-up."""
    took = []
    for _ in range(RUNS + 1):
        began = time.process_time()
        work()
        took.append(time.process_time() - began)
    return statistics.median(took[1:])


def _speed(text: str) -> tuple[float, float]:
    size = len(text.encode()) / 1e6
    chunks = [text[at : at + 65_536] for at in range(0, len(text), 65_536)]
    ours = _least(lambda: sum(map(len, redact_chunks(iter(chunks), Counter()))))
    one = re.compile(r"[A-Za-z0-9_.+/=~$%:-]{16,}")
    return size / ours, size / _least(lambda: one.findall(text))


def _doubling(work: Callable[[str], object], attack: str, size: int) -> float:
    once, twice = attack * (size // len(attack)), attack * (2 * size // len(attack))
    ratios = []
    for _ in range(5):
        began = time.process_time()
        work(once)
        between = time.process_time()
        work(twice)
        ratios.append((time.process_time() - between) / max(between - began, 1e-9))
    return statistics.median(ratios)


def _transcript(secrets: int) -> str:
    """Return two megabytes as an agent writes them: source of the standard library, digests; secrets in some lines."""
    chance = random.Random(7)
    source = [
        line for module in (argparse, difflib, subprocess, tarfile) for line in inspect.getsource(module).split("\n\n")
    ]
    made: list[str] = []
    size = 0
    while size < 2_000_000:
        text = "\n".join(chance.choices(source, k=12)) + f"\ncommit {chance.randbytes(20).hex()} in src/app/main.py\n"
        made.append(json.dumps({"role": "user", "content": text}) + "\n")
        size += len(made[-1])
    for _ in range(secrets):
        made.insert(
            chance.randrange(len(made)), f'{{"content": "export GITHUB_TOKEN=ghp_{chance.randbytes(18).hex()}"}}\n'
        )
    return "".join(made)


if __name__ == "__main__":
    sys.exit(main())
