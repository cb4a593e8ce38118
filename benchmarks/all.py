"""All benchmarks one after the other, their lines on standard output, each with the command that printed it.

    python benchmarks/all.py [--quick] [--part cost|delivery] [--chart docs/pictures/host.svg]

`--quick`: fewer runs, small sizes; `cost`: what a host pays; `delivery`: the promises of docs/delivery.md. Exits 1 if a
command does. Nothing else should run meanwhile.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
QUICK = {"host.py": ["--runs", "1", "--seconds", "4"], "growth.py": ["--runs", "1", "--most", "50000"]}
FULL = {"delivery/exit.py": ["--full", "--python", sys.executable]}  # on this interpreter only
COST = (
    "startup",
    "recording",
    "capturing",
    "exiting",
    "command",
    "host",
    "stages",
    "growth",
    "wire",
    "sanitizer",
    "text",
)


def main() -> int:
    """Run each command and print its lines; say at the end which failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--part", choices=("cost", "delivery"))
    parser.add_argument("--chart")
    chosen = parser.parse_args()
    failed: list[str] = []
    delivery = sorted(f"delivery/{path.name}" for path in (HERE / "delivery").glob("[!_]*.py"))
    cost = [f"{name}.py" for name in COST]
    for name in {"cost": cost, "delivery": delivery, None: cost + delivery}[chosen.part]:
        full = FULL.get(name, ["--full"] if name.startswith("delivery/") else [])
        arguments = QUICK.get(name, []) if chosen.quick else full
        if name == "host.py" and chosen.chart:
            arguments = [*arguments, "--chart", chosen.chart]
        done = subprocess.run(
            [sys.executable, str(HERE / name), *arguments], stdout=subprocess.PIPE, text=True, check=False
        )
        for line in done.stdout.splitlines():
            print(json.dumps({"command": name, **json.loads(line)}) if line.startswith("{") else line, flush=True)
        if done.returncode:
            failed.append(name)
    print(json.dumps({"failed": failed}))
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
