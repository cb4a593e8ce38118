"""The sanitized errors of this run and the last one: after a crash it is the next process that reports."""

from __future__ import annotations

import json
import os
import time
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from telemetry_sdk._internal.services import ERRORS
from telemetry_sdk.ledger import read as read_ledger
from telemetry_sdk.pipeline.drain import RECENT_ERRORS
from telemetry_sdk.spool import record_format
from telemetry_sdk.spool.segment_name import DAMAGED, SegmentName, parse
from telemetry_sdk.storage import files
from telemetry_sdk.storage.files import state_directories

if TYPE_CHECKING:
    from collections.abc import Iterator

_RUNS = 2  # whose unsent errors are looked at: this one and the last one
_DAY = 86_400.0  # seconds; errors that were sent longer ago are not recent


def stored_errors(state_dir: str) -> list[dict[str, Any]]:
    """Return the errors that are kept in a state directory, the oldest first: unsent ones, and sent ones of the ledger.

    Unsent ones are records as in the spool, sent ones events as in the ledger; those not older than a day.
    """
    events = [event for event in _sent(state_dir) if isinstance(event.get("event_id"), str)]
    sent = {event["event_id"]: event for event in events}  # once, however often it was tried
    unsent = [record for record in _unsent(os.path.join(state_dir, "spool")) if record.get("id") not in sent]
    return [*sent.values(), *unsent][-RECENT_ERRORS:]


def application_errors(state_dir: str) -> list[dict[str, Any]]:
    """Return the errors in all state directories of the application that this one belongs to."""
    base, app = os.path.split(os.path.dirname(state_dir))
    return [error for path in state_directories(base, app) for error in stored_errors(path)]


def _unsent(directory: str) -> Iterator[dict[str, Any]]:
    """Yield the errors of the newest runs in the spool."""
    by_run: dict[str, list[tuple[float, SegmentName]]] = {}
    for text in files.names(directory) if files.is_own_directory(directory) else ():
        name = parse(text)
        if name is not None and name.service == ERRORS and name.state != DAMAGED:
            by_run.setdefault(name.run, []).append((_modified(os.path.join(directory, text)), name))
    newest = sorted(by_run.values(), key=max)[-_RUNS:]
    for _, name in (pair for segments in newest for pair in sorted(segments, key=lambda pair: pair[1].number)):
        yield from _records(os.path.join(directory, name.text))


def _records(path: str) -> Iterator[dict[str, Any]]:
    try:
        runs = record_format.parse(files.read(path))
    except (OSError, ValueError, RecursionError):  # sent meanwhile, or damaged
        return
    for _, payloads in runs:
        for payload in payloads:
            record = json.loads(payload) if payload is not None else None
            if isinstance(record, dict) and "exceptions" in record:
                yield record


def _sent(state_dir: str) -> Iterator[dict[str, Any]]:
    """Yield the events of the ledger's newest entries."""
    since = time.time() - _DAY
    for entry in read_ledger(state_dir):
        if entry.service == ERRORS and entry.time >= since and entry.body is not None:
            yield from _events(entry.body)


def _events(envelope: str) -> Iterator[dict[str, Any]]:
    lines = envelope.split("\n")
    for head, payload in pairwise(lines):
        if head.startswith('{"type":"event"'):
            try:
                yield json.loads(payload)
            except ValueError:  # torn
                continue


def _modified(path: str) -> float:
    try:
        return os.lstat(path).st_mtime
    except OSError:  # sent since it was listed
        return 0.0
