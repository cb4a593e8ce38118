"""Stores what arrived in SQLite: each request as received, and the records in it."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections import Counter, deque
from dataclasses import dataclass, field, replace
from threading import Condition
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_SCHEMA = """
create table if not exists requests (
    id integer primary key, at real not null, service text not null, method text not null, path text not null,
    query text not null, headers text not null, body blob not null, status integer);
create table if not exists records (
    id integer primary key, request integer not null, service text not null, kind text not null,
    key text, head text not null, body blob not null, unique (service, key));
create table if not exists keys (name text primary key, value text not null);
"""
REFUSED_KEPT = 100  # requests without a valid key: anyone on the machine can send more
MAIN_KINDS = {"metrics": "event", "errors": "event", "bug_reports": "report"}


@dataclass(frozen=True, slots=True)
class ReceivedRecord:
    """A metric event, an item of an envelope, or a bug report.

    `key` identifies duplicates within its service (None: unknown); `head` holds the headers around the body;
    `body` the bytes unchanged.
    """

    kind: str
    body: bytes
    key: str | None = None
    head: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class RawRequest:
    """A request as received: header names in lower case, `body` still compressed, `status` None before the answer."""

    service: str
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    at: float
    status: int | None = None


class ReceiverStore:
    """A thread-safe store: one connection under one lock, in memory or in a file of mode 0600.

    `keep_refused`: requests without a valid key are stored like all others.
    """

    def __init__(self, database: str | None = None, *, keep_refused: bool = False) -> None:
        self.keep_refused = keep_refused
        self._changed = Condition()
        if database is not None:
            os.close(os.open(database, os.O_CREAT | os.O_RDWR, 0o600))
        self._db = sqlite3.connect(database or ":memory:", check_same_thread=False)
        self._db.executescript(_SCHEMA)
        self._counts = self._count_stored()
        self._duplicates: Counter[str] = Counter()
        self._refused: deque[int] = deque()

    def _count_stored(self) -> Counter[str]:
        counts: Counter[str] = Counter()
        for service, kind, count in self._db.execute("select service, kind, count(*) from records group by 1, 2"):
            if MAIN_KINDS.get(service) == kind:
                counts[service] = count
        counts["requests"] = self._db.execute("select count(*) from requests").fetchone()[0]
        return counts

    def key(self, name: str, new: str) -> str:
        """Return the key of this name; where there is none yet, store `new`."""
        with self._changed, self._db:
            self._db.execute("insert into keys values (?, ?) on conflict (name) do nothing", (name, new))
            (value,) = self._db.execute("select value from keys where name = ?", (name,)).fetchone()
            return str(value)

    def add_request(self, request: RawRequest) -> int:
        """Store a request and return its id."""
        row = (
            *(request.at, request.service, request.method, request.path, request.query),
            *(json.dumps(dict(request.headers)), request.body),
        )
        columns = "at, service, method, path, query, headers, body"
        sql = f"insert into requests ({columns}) values (?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - constants only
        with self._changed, self._db:
            number = self._db.execute(sql, row).lastrowid or 0
            self._counts["requests"] += 1
            self._changed.notify_all()
        return number

    def add_refused(self, request: RawRequest) -> int:
        """Store a request that nobody authorized, without its body, and delete the oldest of these."""
        if self.keep_refused:
            return self.add_request(request)
        number = self.add_request(replace(request, body=b""))
        with self._changed, self._db:
            self._refused.append(number)
            if len(self._refused) > REFUSED_KEPT:
                self._db.execute("delete from requests where id = ?", (self._refused.popleft(),))
        return number

    def answered(self, request: int, status: int) -> None:
        """Store the status with which a request was answered."""
        with self._changed, self._db:
            self._db.execute("update requests set status = ? where id = ?", (status, request))

    def add(self, service: str, request: int, records: Iterable[ReceivedRecord]) -> int:
        """Store all records or none; return the number of duplicates (counted, not stored again)."""
        rows = [(request, service, r.kind, r.key, json.dumps(dict(r.head)), r.body) for r in records]
        sql = (
            "insert into records (request, service, kind, key, head, body) values (?, ?, ?, ?, ?, ?)"
            " on conflict (service, key) do nothing"
        )
        new_main = 0
        known = 0
        with self._changed, self._db:
            for row in rows:
                new = self._db.execute(sql, row).rowcount
                known += 1 - new
                new_main += new and row[2] == MAIN_KINDS[service]
            self._counts[service] += new_main
            self._duplicates[service] += known
            self._changed.notify_all()
        return known

    def records(self, service: str, kind: str | None = None, newest: int | None = None) -> list[ReceivedRecord]:
        """Return records in order of arrival; or the `newest` N, newest first."""
        sql = "select kind, body, key, head from records where service = ? and kind = coalesce(?, kind)"
        tail, limit = _tail(newest)
        with self._changed:
            rows = self._db.execute(sql + tail, (service, kind, limit)).fetchall()
        return [ReceivedRecord(kind, body, key, json.loads(head)) for kind, body, key, head in rows]

    def requests(self, newest: int | None = None) -> list[RawRequest]:
        """Return requests in order of arrival; or the `newest` N, newest first."""
        sql = "select service, method, path, query, headers, body, at, status from requests"
        tail, limit = _tail(newest)
        with self._changed:
            rows = self._db.execute(sql + tail, (limit,)).fetchall()
        return [_raw_request(*row) for row in rows]

    def duplicates(self) -> dict[str, int]:
        """Count duplicates by service."""
        with self._changed:
            return {service: self._duplicates[service] for service in MAIN_KINDS}

    def wait_for(self, least: Mapping[str, int], timeout: float | None) -> bool:
        """Block until each count (a service, or `requests`) is reached; False after `timeout` seconds."""
        with self._changed:
            return self._changed.wait_for(
                lambda: all(self._counts[name] >= count for name, count in least.items()), timeout
            )

    def clear(self) -> None:
        """Delete everything."""
        with self._changed, self._db:
            self._db.execute("delete from records")
            self._db.execute("delete from requests")
            self._counts.clear()
            self._duplicates.clear()
            self._refused.clear()

    def close(self) -> None:
        """Close the database."""
        with self._changed:
            self._db.close()


def _raw_request(service: str, method: str, path: str, query: str, headers: str, *rest: Any) -> RawRequest:
    return RawRequest(service, method, path, query, json.loads(headers), *rest)


def _tail(newest: int | None) -> tuple[str, int]:
    return (" order by id limit ?", -1) if newest is None else (" order by id desc limit ?", newest)


def now() -> float:
    """Return the time in Unix seconds."""
    return time.time()


def objects(records: Sequence[ReceivedRecord]) -> list[dict[str, Any]]:
    """Parse the bodies of records that are JSON objects."""
    return [json.loads(record.body) for record in records]
