"""The exit, by what the host chose, what the server does, how and when the program ends, its loop, and where it runs.

    python benchmarks/delivery/exit.py [--full] [--at-once N] [--runs N] [--only REGEX] [--python PATH ...]

Each run records 20 events and an error, and ends. For each cell one line, as soon as it is measured: what arrived
within 10 s, what lies on disk, what is lost (together what was recorded, but for what is there twice: arrived, and on
disk because no answer came), and the median cost in ms over the same program without us, run in pairs. Lost is 0 but
for `os._exit` and SIGTERM, which cut off what was recorded less than 50 ms (errors) or 1 s (events) before; nothing is
there twice but by those, by a slow server, and where the exit gave a request its 200 ms for the answer. Exit code
and stderr are what they are without us. The last line is the summary; cells that cannot be measured here are
`left_out`.

--full: each cell 10 times, on every supported interpreter on PATH, in an environment with trio and rich and in one
without. Costs are judged with --full and one run at a time.
"""

from __future__ import annotations

import argparse
import json
import re
import signal
import statistics
import sys
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import _exit_cells
from _containers import Containers, containers
from _exit_cells import Cell
from _exit_runs import measure
from _interpreters import Interpreter, described, made, running
from _shared import report

COUNTS = ("arrived", "on_disk", "lost", "twice")
AT_ONCE_COST = 100.0  # ms: an exit that hands over or leaves, with no request in flight
WAITING_COST = 400.0  # ms: `exit_timeout` and a machine's own delays


class Table:
    """Measures cells and prints each; what is broken and what is left out."""

    def __init__(self, runs: int, found: Containers, *, judges_cost: bool) -> None:
        self.broken: list[str] = []
        self.left_out: list[str] = []
        self.lines: list[tuple[Cell, dict[str, Any]]] = []
        self._runs = runs
        self._containers = found
        self._judges_cost = judges_cost

    def add(self, cell: Cell, interpreter: Interpreter) -> None:
        """Measure a cell and print its line."""
        line: dict[str, Any] = {"cell": str(cell), "python": str(interpreter)}
        prefix = self._prefix(cell)
        if prefix is None:
            self.left_out.append(str(cell))
            print(json.dumps({**line, "left_out": "needs root and `unshare`"}), flush=True)
            return
        pauses = [cell.pause(run, self._runs) for run in range(self._runs)]
        outcomes = [measure(cell, (*prefix, interpreter.path), pause) for pause in pauses]
        line["recorded"] = sum(cell.recorded.values()) * self._runs
        line |= {name: sum(getattr(outcome, name) for outcome in outcomes) for name in COUNTS}
        line["cost_ms"] = round(statistics.median(outcome.cost for outcome in outcomes), 1)
        problems = list(dict.fromkeys(problem for outcome in outcomes for problem in outcome.problems))
        problems += self._cost_problem(cell, line["cost_ms"])
        self.broken += [f"{cell}, {interpreter}: {problem}" for problem in problems]
        self.lines.append((cell, line))
        print(json.dumps({**line, **({"broken": problems} if problems else {}), "ok": not problems}), flush=True)

    def summary(self) -> dict[str, Any]:
        """Return the counts and the median cost by `at_exit` and server."""
        groups: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        for cell, line in self.lines:
            groups[f"{cell.at_exit}, {cell.server}"].append(line)
        return {
            name: {
                **{count: sum(line[count] for line in lines) for count in ("recorded", *COUNTS)},
                "cost_ms": round(statistics.median(line["cost_ms"] for line in lines), 1),
            }
            for name, lines in groups.items()
        }

    def _prefix(self, cell: Cell) -> tuple[str, ...] | None:
        if cell.pid_1:
            return self._containers.pid_1
        return self._containers.resolver if cell.server == "resolver hangs" else ()

    def _cost_problem(self, cell: Cell, cost: float) -> list[str]:
        waits = cell.at_exit == "wait" or cell.pid_1 or cell.moment == "first imports"
        most = WAITING_COST if waits else AT_ONCE_COST
        return [f"costs {cost} ms, more than {most:.0f}"] if self._judges_cost and cost > most else []


def chosen(interpreter: Interpreter, only: str, *, full: bool) -> list[Cell]:
    """Return the cells to measure with an interpreter; a loop that is not installed there is left out."""
    full_size = _exit_cells.whole if interpreter.extras else _exit_cells.without_extras
    cells = full_size() if full else _exit_cells.small()
    return [
        cell for cell in cells if re.search(only, str(cell)) and (cell.loop != "trio" or "trio" in interpreter.extras)
    ]


def arguments() -> argparse.Namespace:
    """Read the arguments."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="the full size")
    parser.add_argument("--at-once", type=int, default=1, help="cells measured side by side; costs are honest with 1")
    parser.add_argument("--runs", type=int, help="runs of a cell: 1; with --full 10")
    parser.add_argument("--only", default="", help="cells whose name this regular expression finds")
    parser.add_argument("--python", action="append", default=[], help="an interpreter with this package installed")
    return parser.parse_args()


def main() -> int:
    """Measure all cells."""
    given = arguments()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored by what a script starts in the background
    runs = given.runs or (10 if given.full else 1)
    if given.python:
        interpreters = [described(path) for path in given.python]
    else:
        interpreters = list(made()) if given.full else [running()]
    with containers() as found, ThreadPoolExecutor(given.at_once) as pool:
        table = Table(runs, found, judges_cost=given.full and given.at_once == 1)
        cells = [(cell, one) for one in interpreters for cell in chosen(one, given.only, full=given.full)]
        for _ in pool.map(lambda pair: table.add(*pair), cells):
            pass
    return report(
        "exit",
        full=given.full,
        broken=table.broken,
        runs=runs,
        costs="measured one at a time" if given.at_once == 1 else f"measured {given.at_once} side by side",
        interpreters=list(map(str, interpreters)),
        cells=len(cells),
        left_out=table.left_out,
        table=table.summary(),
    )


if __name__ == "__main__":
    sys.exit(main())
