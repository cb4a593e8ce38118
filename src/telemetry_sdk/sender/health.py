"""The health of each service, read from the state that its processes share; needs no ledger."""

from __future__ import annotations

import time
from datetime import datetime
from typing import TYPE_CHECKING, Any

from telemetry_sdk._internal.clock import monotonic
from telemetry_sdk._internal.json_values import table
from telemetry_sdk._internal.services import ERRORS

from .backoff import Backoff
from .results import KEY, describe_result, failures_of, is_success, number, short_result, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SECONDS_SHOWN = 300  # seconds from now within which a time is shown with its seconds
DAYS = {-1: "yesterday", 0: "today", 1: "tomorrow"}


def health(shared: Mapping[str, Any], services: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return the health of each service from a shared state, ready for JSON.

    `last_response`: `time` (seconds since the epoch) and `result` (HTTP status, or one word), None before the first;
    `last_success`: seconds since the epoch, or None; `host`: who answered or was asked; `paused_until`: seconds since
    the epoch, None if requests may be made; `why`: a sentence with the mend, "" while the last request succeeded;
    `failures_in_a_row`; `failures`: how often each kind occurred since the last success.
    """
    return {service: _health(shared, service) for service in services}


def _health(shared: Mapping[str, Any], service: str) -> dict[str, Any]:
    known = table(table(shared.get(KEY)).get(service))
    backoff = Backoff.from_json(table(shared.get("backoff")).get(service), now=monotonic(), wall=time.time())
    wait = backoff.wait(monotonic(), "error" if service == ERRORS else "")
    result, host, success = text(known, "result"), text(known, "host"), number(known, "success")
    return {
        "last_response": {"time": number(known, "time"), "result": result} if result else None,
        "last_success": success or None,
        "host": host or None,
        "paused_until": time.time() + wait if wait else None,
        "why": describe_result(result, host) if result and not is_success(result) else "",
        "failures_in_a_row": backoff.failures,
        "failures": failures_of(known),
    }


def describe_health(health: Mapping[str, Any], now: float | None = None) -> str:
    """Return a health as one line, "" if nothing is known. `now`: seconds since the epoch."""
    now = time.time() if now is None else now
    last, why, paused = health["last_response"], health["why"], health["paused_until"]
    parts: list[str] = []
    if paused is not None:
        parts.append(f"paused until {moment(paused, now)}: {why or 'the server asks to wait'}")
    elif why:
        parts.append(why)
    if last is not None and not why:
        parts.append(f"last answer {last['result']} from {health['host']}, {moment(last['time'], now)}")
    elif last is not None:
        parts.append(f"last tried {moment(last['time'], now)}")
        success = health["last_success"]
        parts.append("no success yet" if success is None else f"last success {moment(success, now)}")
    failures = ", ".join(f"{count} x {short_result(kind)}" for kind, count in health["failures"].items())
    return "; ".join([*parts, f"failures since: {failures}"] if failures else parts)


def moment(seconds: float, now: float) -> str:
    """Return a time for people, in the local zone: "07:52 tomorrow"."""
    try:
        then, today = datetime.fromtimestamp(seconds).astimezone(), datetime.fromtimestamp(now).astimezone().date()
    except (ValueError, OverflowError, OSError):  # a file may hold any number
        return "not known"
    day = DAYS.get((then.date() - today).days)
    clock = "%H:%M:%S" if abs(seconds - now) < SECONDS_SHOWN else "%H:%M"
    return f"{then:{clock}} {day}" if day else f"{then:%Y-%m-%d %H:%M}"
