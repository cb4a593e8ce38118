"""What left this machine: the entries of ledgers, taken apart into what a receiver would store."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING

from telemetry_sdk import ledger
from telemetry_sdk.sender.results import describe_result
from telemetry_sdk.spool.accounts import directory_counts
from telemetry_sdk.storage import files
from telemetry_sdk.storage.shared_state import SharedState

from ..envelope import parse_envelope
from ..errors import Refusal
from ..plain_json import as_list, as_object, parsed
from ..store import RawRequest, ReceivedRecord, ReceiverStore
from ..summary import Summary, of_item, of_metric
from .detail_page import RECEIPT
from .source import PageSource

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from telemetry_sdk.ledger import Entry

FIRST_REFUSAL = 400  # of the HTTP statuses
LOCAL = "not sent: local mode"


class LedgerPage(PageSource):
    """Shows the ledgers of state directories: (application, path) of each."""

    title = "What left this machine"
    introduction = "Every request of metrics and errors with its body, and of each bug report its hash."
    list_title = "Records"
    refused_title = "Refused or not delivered"
    refused_word = "Not delivered"
    empty_text = "No ledger here has an entry."

    def __init__(self, directories: Sequence[tuple[str, str]]) -> None:
        super().__init__(ReceiverStore())
        self._directories = directories
        self._lock = Lock()
        self._seen: object = None
        self._entries: dict[str, tuple[Entry, int]] = {}

    def refresh(self) -> None:
        """Read the ledgers where a file has changed: add what is new, delete what is gone."""
        with self._lock:
            seen = [_file_states(path) for _, path in self._directories]
            if seen == self._seen:
                return
            self._seen = seen
            read = [(app, entry) for app, path in self._directories for entry in ledger.read(path)]
            found = {entry.id: (app, entry) for app, entry in read}
            for name, (entry, number) in list(self._entries.items()):
                if name not in found or found[name][1] != entry:
                    self.store.delete_request(number)
                    del self._entries[name]
            for name, (app, entry) in found.items():
                if name not in self._entries:
                    self._entries[name] = entry, self._add(app, entry)

    def losses(self) -> Mapping[str, int]:
        """Count what was dropped, by reason, of all applications."""
        counts: dict[str, int] = {}
        for _, path in self._directories:
            for reason, number in directory_counts(path, SharedState(path))["dropped"].items():
                counts[reason] = counts.get(reason, 0) + number
        return dict(sorted(counts.items(), key=lambda pair: -pair[1]))

    def _add(self, app: str, entry: Entry) -> int:
        body = (entry.body or "").encode("utf-8", "backslashreplace")
        request = RawRequest(entry.service, "POST", "", "", {"host": entry.host}, body, entry.time, entry.status)
        number = self.store.add_request(request)
        if reason := _failure(entry):
            self.store.refused(number, entry.service, f"{entry.count} to {entry.host}", reason)
        else:
            self.store.add(entry.service, number, [_of_app(record, app) for record in _records(entry, body)])
        return number


def _failure(entry: Entry) -> str:
    """Return why an entry was not delivered; "" if it was, or is kept here on purpose, or has no answer yet."""
    if entry.status is not None and entry.status >= FIRST_REFUSAL:
        return f"the server answered {entry.status}"
    if entry.status is not None or entry.reason in {None, LOCAL}:
        return ""
    return describe_result(str(entry.reason), entry.host)


def _of_app(record: ReceivedRecord, app: str) -> ReceivedRecord:
    """Name the application where the record does not."""
    return record if record.summary.app else replace(record, summary=replace(record.summary, app=app))


def _records(entry: Entry, body: bytes) -> list[ReceivedRecord]:
    """Take a request's body apart; a body that is none of ours is one record."""
    if entry.body is None:
        summary = Summary(f"Bug report {entry.report_id}", f"SHA-256 {entry.sha256}")
        return [ReceivedRecord(RECEIPT, b"", summary=summary)]
    made = list(_events(body)) if entry.service == "metrics" else list(_items(body))
    return made or [ReceivedRecord("body", body, summary=Summary(entry.service))]


def _events(body: bytes) -> Iterator[ReceivedRecord]:
    for event in map(as_object, as_list(as_object(parsed(body)).get("events"))):
        yield ReceivedRecord("event", json.dumps(event, separators=(",", ":")).encode(), summary=of_metric(event))


def _items(body: bytes) -> Iterator[ReceivedRecord]:
    try:
        header, items = parse_envelope(body)
    except Refusal:
        return
    for item in items:
        head = {"envelope": header, "item": item.header}
        yield ReceivedRecord(item.type, item.payload, None, head, of_item(item.type, as_object(parsed(item.payload))))


def _file_states(path: str) -> list[tuple[str, int, int]]:
    """Return name, size and time of change of each file of a ledger."""
    place = os.path.join(path, "sent")
    found: list[tuple[str, int, int]] = []
    for name in files.names(place) if files.is_own_directory(place) else []:
        try:
            status = os.lstat(os.path.join(place, name))
        except OSError:
            continue  # swept meanwhile
        found.append((name, status.st_size, status.st_mtime_ns))
    return found
