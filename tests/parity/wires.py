"""What is compared with what: each vendor's client with ours, part by part, scene by scene."""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import capture, programs
from .compare import Difference, differences, flat, types

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .capture import Sent

ROOT = Path(__file__).parents[2]
VENDORS = ("statsig", "statsig-python-core", "sentry-sdk")
EXPOSURES = ("statsig::gate_exposure", "statsig::config_exposure")
FAILURES = ("handled", "chain", "group", "unhandled")

Parts = dict[str, dict[str, Any]]  # part -> scene -> JSON


@functools.cache
def version(package: str) -> str:
    """Return a package's version as the lock has it."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text())
    return next(locked["version"] for locked in lock["package"] if locked["name"] == package)


@functools.cache
def sent(client: str) -> Sent:
    """Run a client once."""
    match client:
        case "our metrics":
            return capture.metrics(programs.OUR_METRICS, least=2)
        case "our errors":
            return capture.errors(programs.OUR_ERRORS, least=4)
        case "statsig":
            return capture.metrics(programs.STATSIG, least=4)
        case "statsig-python-core":
            return capture.metrics(programs.STATSIG_CORE, least=4)
        case _:
            return capture.errors(programs.SENTRY, least=4)


def parts(vendor: str) -> tuple[Parts, Parts]:
    """Return what a vendor's client sent and what ours did."""
    if vendor == "sentry-sdk":
        return _errors(sent(vendor)), _errors(sent("our errors"))
    return _metrics(sent(vendor)), _metrics(sent("our metrics"))


def compared(vendor: str) -> dict[str, dict[Difference, list[str]]]:
    """Return, part by part, each difference and the scenes that have it."""
    theirs, ours = parts(vendor)
    found: dict[str, dict[Difference, list[str]]] = {}
    for part, scenes in theirs.items():
        found[part] = {}
        for scene, value in scenes.items():
            for difference in differences(flat(value), flat(ours[part][scene])):
                found[part].setdefault(difference, []).append(scene)
    return found


def alike(vendor: str) -> dict[str, list[str]]:
    """Return, part by part, each path that is the same in all scenes that have it, with its type."""
    theirs, _ = parts(vendor)
    differing = {part: {difference.path for difference in found} for part, found in compared(vendor).items()}
    kinds: dict[str, dict[str, set[str]]] = {}
    for part, scenes in theirs.items():
        for value in scenes.values():
            for path, values in flat(value).items():
                if path not in differing[part]:
                    kinds.setdefault(part, {}).setdefault(path, set()).add(types(values))
    return {
        part: [f"`{path}` ({' or '.join(sorted(kinds[path]))})" for path in sorted(kinds)]
        for part, kinds in kinds.items()
    }


def exposures(vendor: str) -> dict[str, Mapping[str, list[Any]]]:
    """Return the vendor's own exposure events, flat; our client alone has none."""
    return {event["eventName"]: flat(event) for event in sent(vendor).records if event["eventName"] in EXPOSURES}


def _metrics(sent: Sent) -> Parts:
    with_value, without = [event for event in sent.records if event["eventName"] == "tool_use"]
    body = sent.bodies()[0]
    return {
        "event": {"with a value": with_value, "without": without},
        "body": {"": {name: value for name, value in body.items() if name != "events"}},
        "HTTP headers": {"": dict(sent.requests[0].headers)},
    }


def _errors(sent: Sent) -> Parts:
    return {
        "event": dict(zip(FAILURES, sent.records, strict=True)),
        "envelope header": {"": sent.headers[0]["envelope"]},
        "item header": {"": sent.headers[0]["item"]},
        "HTTP headers": {"": dict(sent.requests[0].headers)},
    }
