"""Runs the demonstration and prints what left, what did not, and whether all is as expected."""

from __future__ import annotations

import json
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from .project import PlantedString, plant
from .scenarios import CONTROL_NAMES, SCENARIOS, SERVICES, run_agent
from .search import ENCODERS, Document, StringSearch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .scenarios import AgentRun, Scenario


def show(seed: int, out: TextIO, scenarios: Sequence[Scenario] = SCENARIOS) -> bool:
    """Run the agent under each policy and print the results; True if every expectation holds.

    Raises ModuleNotFoundError without the extra `telemetry-sdk[receiver]`.
    """
    strings = plant(seed)
    print(f"A small agent runs {len(scenarios)} times against a receiver on this machine (seed {seed}).\n", file=out)
    with tempfile.TemporaryDirectory(prefix="telemetry-sdk demo ", ignore_cleanup_errors=True) as root:
        search = StringSearch([*strings.values(), PlantedString("temporary directory", Path(root).name)])
        runs = [run_agent(scenario, strings, Path(root, str(number))) for number, scenario in enumerate(scenarios)]
    print(f"{'what is set':<55} {'metrics':<8} {'errors':<8} {'bug report':<11} as expected", file=out)
    for run in runs:
        recorded, report = run.result.get("recorded", {}), run.result.get("report", {})
        metrics, errors = (f"{run.arrived[name]} of {recorded.get(name)}" for name in SERVICES[:2])
        expected = "NO" if any(run.failures()) else "yes"
        print(f"{run.scenario!s:<55} {metrics:<8} {errors:<8} {report.get('outcome', '-'):<11} {expected}", file=out)
    _print_requests(runs[0], out)
    failed = list(_print_search(search, runs, out))
    failed += [f"{run.scenario}: {line}" for run in runs for line in run.failures()]
    for line in failed:
        print(f"FAILED: {line}", file=out)
    print(f"{len(failed)} expectations failed." if failed else "All expectations hold.", file=out)
    return not failed


def _print_requests(run: AgentRun, out: TextIO) -> None:
    """Print an event, an error and the preview of the bug report."""
    accepted = [request for request in run.requests if request.status in range(200, 300)]
    event = next((request.json()["events"][0] for request in accepted if request.service == "metrics"), None)
    errors = [request.body.splitlines()[2] for request in accepted if request.service == "errors"]
    print(f"\nOne event as it left:\n{json.dumps(event, indent=1)}", file=out)
    redacted = max(errors, key=lambda body: body.count(b"redacted"), default=b"null")
    print(f"\nOne error as it left:\n{json.dumps(json.loads(redacted), indent=1)}", file=out)
    print(f"\nThe bug report as it was previewed:\n{run.result.get('report', {}).get('preview')}", file=out)


def _print_search(search: StringSearch, runs: Sequence[AgentRun], out: TextIO) -> Iterator[str]:
    """Print how often planted strings were found: all in the control, none in what left. Yield what is wrong."""
    print(f"Control: of {search.count} planted strings, found in the agent's own log and transcript:", file=out)
    for name, encode in ENCODERS.items():
        found = len(search.find(Document("control", name, encode(runs[0].uncleaned))))
        print(f"  {name:<26} {found:>8}", file=out)
        if found != search.count:
            yield f"the search finds {found} of {search.count} planted strings in the control, encoded as {name}"
    by_kind: defaultdict[str, list[Document]] = defaultdict(list)
    for document in (document for run in runs for document in run.documents()):
        by_kind[document.kind].append(document)
    print(f"\n{'searched':<28} {'documents':>9} {'bytes':>9} {'found':>6}", file=out)
    for kind, documents in sorted(by_kind.items()):
        findings = [(planted, document) for document in documents for planted in search.find(document)]
        size = sum(len(document.data) for document in documents)
        print(f"{kind:<28} {len(documents):>9,} {size:>9,} {len(findings):>6}", file=out)
        yield from (f"found '{planted.name}' in {document.name} ({kind})" for planted, document in findings)
    for kind, name in CONTROL_NAMES.items():
        if not any(name.encode() in document.data for document in by_kind[kind]):
            yield f"the search reads nothing: {name!r} is not in {kind}"
