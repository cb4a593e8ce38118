"""Drafts a report from a large transcript: how long it takes, and how much memory it needs beyond a small one.

Prints one JSON line; exits with 1 if the memory grew by more than 64 MiB, or the newest message is not in the report.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import telemetry_sdk

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_GROWTH = 64  # MiB
FULL, SMALL = 500, 60  # MB
FORMS = ("lines", "document", "text", "iterable")


def write(path: Path, form: str, size: int, seed: int) -> int:
    """Write a transcript of `size` bytes; return the number of its messages."""
    chance = random.Random(seed)
    words = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randint(2, 9))) for _ in range(5000)]
    count = written = 0
    with path.open("w") as file:
        file.write('{\n  "info": {},\n  "messages": [\n' if form == "document" else "")
        while written < size:
            role = "user" if count % 2 == 0 else "assistant"
            text = " ".join(chance.choices(words, k=chance.randint(50, 800)))
            message = {"type": role, "uuid": str(count), "message": {"role": role, "content": f"{count}. {text}"}}
            line = f"{role}: {count}. {text}\n"
            if form != "text":
                line = json.dumps(message) + "\n"
            if form == "document":
                line = json.dumps(message, indent=2) + ",\n"
            written += file.write(line)
            count += 1
        file.write("{}\n]}\n" if form == "document" else "")
    return count


def messages(path: Path) -> Iterator[Any]:
    """Yield the messages of a file, as an application might that has them elsewhere."""
    with path.open() as file:
        yield from map(json.loads, file)


def peak() -> float:
    """Return the largest memory of this process so far, in MiB."""
    divisor = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / divisor


def measure(form: str, size: int, seed: int) -> dict[str, object]:
    """Draft with a transcript of `size` MB."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "session"
        count = write(path, form, size * 1_000_000, seed)
        with telemetry_sdk.start(
            app="acme-agent", version="1", bug_report_url="https://reports.example/", state_dir=folder
        ) as client:
            client.draft_bug_report("warm up", transcript=[{"role": "user", "content": "token ghp_" + "a1B2" * 9}])
            before, begun = peak(), time.monotonic()
            draft = client.draft_bug_report("It froze", transcript=messages(path) if form == "iterable" else path)
            seconds, growth = time.monotonic() - begun, peak() - before
            newest = f"{count - 1}. ".encode() in draft.content
    return {
        "form": form,
        "size_mb": size,
        "messages": count,
        "kept_bytes": draft.size,
        "compressed_bytes": len(draft.packed.body),
        "seconds": round(seconds, 1),
        "growth_mib": round(growth, 1),
        "seed": seed,
        "ok": growth <= MOST_GROWTH and newest,
    }


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help=f"{FULL} MB instead of {SMALL}")
    parser.add_argument("--form", choices=FORMS, default="lines")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    given = parser.parse_args()
    found = measure(given.form, FULL if given.full else SMALL, given.seed)
    print(json.dumps(found))
    return 0 if found["ok"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
