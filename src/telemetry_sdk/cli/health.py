"""The health of a service: the ledger's last response, and the back-off that the processes share."""

from __future__ import annotations

import os
import time
from datetime import datetime
from typing import TYPE_CHECKING, Any

from telemetry_sdk._internal.clock import monotonic
from telemetry_sdk._internal.services import ERRORS
from telemetry_sdk._internal.shapes import NAME_LIMIT
from telemetry_sdk.ledger import read
from telemetry_sdk.sender.backoff import Backoff
from telemetry_sdk.storage.files import is_own_directory
from telemetry_sdk.storage.shared_state import SharedState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from telemetry_sdk.ledger import Entry

SENTENCES = {
    "401": "401: is the key right?",
    "403": "403: is the key right?",
    "429": "429: the server asks to wait",
    "refused": "the server refuses the key: is it right?",
    "rate_limited": "the server asks to wait",
    "dns": "the host's name was not resolved",
    "connect": "the connection was refused or not made",
    "proxy": "the proxy failed: does it ask for a login (407)?",
    "proxy_refused": "a proxy refused the request",
    "captive_portal": "a network's login page answered",
    "tls": "TLS failed: is the certificate's issuer trusted here?",
    "timeout": "no answer in time",
    "closed": "the connection was closed",
    "protocol": "the answer was not HTTP",
}
_SUCCESS = range(200, 300)
_UNKNOWN = "not known"


def service_health(paths: Sequence[str], services: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return the health of each service over the state directories of an application, ready for JSON.

    `last_response`: `time` (seconds since the epoch) and `result` (HTTP status, or one word), None if the ledger has
    none; `paused_until`: seconds since the epoch, None if requests may be made; `why`: a sentence, "" while the last
    request succeeded; `failures_in_a_row`; `failures`: how often each result that is no success stands in the ledger.
    """
    entries = list(_entries(paths))
    return {service: _health(paths, service, [e for e in entries if e[0] == service]) for service in services}


def describe_health(health: dict[str, Any]) -> str:
    """Return the health as one line, "" if nothing is known."""
    parts: list[str] = []
    last = health["last_response"]
    if last is not None:
        parts.append(f"last response {last['result']} ({_moment(last['time'])})")
    if health["paused_until"] is not None:
        parts.append(f"paused until {_moment(health['paused_until'])}")
    parts += [health["why"]] if health["why"] else []
    if health["failures_in_a_row"]:
        parts.append(f"{health['failures_in_a_row']} failures in a row")
    failures = ", ".join(f"{count} {result}" for result, count in health["failures"].items())
    return "; ".join([*parts, f"failures in the ledger: {failures}"] if failures else parts)


def explained(result: str) -> str:
    """Return what a result means, for people."""
    return SENTENCES.get(result, result)


def _health(paths: Sequence[str], service: str, entries: list[tuple[str, float, str]]) -> dict[str, Any]:
    backoffs = [_shared_backoff(path, service) for path in paths]
    wait, failures, why = max(backoffs, default=(0.0, 0, ""))
    last = max(entries, key=lambda entry: entry[1], default=None)
    if last is not None and not _succeeded(last[2]):
        why = last[2]
    table: dict[str, int] = {}
    for _, _, result in entries:
        if not _succeeded(result):
            table[result] = table.get(result, 0) + 1
    return {
        "last_response": None if last is None else {"time": last[1], "result": last[2]},
        "paused_until": time.time() + wait if wait else None,
        "why": explained(why[:NAME_LIMIT]),
        "failures_in_a_row": failures,
        "failures": table,
    }


def _shared_backoff(path: str, service: str) -> tuple[float, int, str]:
    """Return the seconds until requests may be made, the failures in a row, and why, as `state.json` has them."""
    table = SharedState(path).read().get("backoff")
    found: object = table.get(service) if isinstance(table, dict) else None
    backoff = Backoff.from_json(found, now=monotonic(), wall=time.time())
    why = found.get("why") if isinstance(found, dict) else None
    wait = backoff.wait(monotonic(), "error" if service == ERRORS else "")
    return wait, backoff.failures, why if isinstance(why, str) and (wait or backoff.failures) else ""


def _entries(paths: Sequence[str]) -> Iterator[tuple[str, float, str]]:
    """Yield service, time and result of the ledger's entries that have an outcome."""
    for path in paths:
        for entry in read(path) if is_own_directory(os.path.join(path, "sent")) else ():
            if result := _result(entry):
                yield entry.service, entry.time, result


def _result(entry: Entry) -> str:
    return str(entry.status) if entry.status else entry.reason or ""


def _succeeded(result: str) -> bool:
    return result.isdigit() and int(result) in _SUCCESS


def _moment(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds).astimezone().isoformat(sep=" ", timespec="seconds")
    except (ValueError, OverflowError, OSError):  # a file may hold any number
        return _UNKNOWN
