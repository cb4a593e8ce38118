"""Stores what arrived: each request as received, and the records in it."""

from __future__ import annotations

import json
import time
from collections import Counter, deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from .arrivals import ArrivalIndex
from .database import Database
from .summary import Summary

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

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
    summary: Summary = field(default_factory=Summary)


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
    """A thread-safe store over a database.

    `keep_refused`: requests without a valid key are stored like all others. `arrivals`: the list of what arrived.
    """

    def __init__(self, database: str | None = None, *, keep_refused: bool = False) -> None:
        self.keep_refused = keep_refused
        self.database = Database(database)
        self.arrivals = ArrivalIndex(self.database)
        self._counts = self._count_stored()
        self._duplicates: Counter[str] = Counter()
        self._refused: deque[int] = deque()

    def _count_stored(self) -> Counter[str]:
        counts: Counter[str] = Counter()
        for service, kind, count in self.database.rows("select service, kind, count(*) from records group by 1, 2"):
            if MAIN_KINDS.get(service) == kind:
                counts[service] = count
        counts["requests"] = self.database.rows("select count(*) from requests")[0][0]
        return counts

    def key(self, name: str, new: str) -> str:
        """Return the key of this name; where there is none yet, store `new`."""
        with self.database.transaction() as connection:
            connection.execute("insert into keys values (?, ?) on conflict (name) do nothing", (name, new))
            (value,) = connection.execute("select value from keys where name = ?", (name,)).fetchone()
            return str(value)

    def add_request(self, request: RawRequest) -> int:
        """Store a request and return its id."""
        row = (
            *(request.at, request.service, request.method, request.path, request.query),
            *(json.dumps(dict(request.headers)), request.body, request.status),
        )
        columns = "at, service, method, path, query, headers, body, status"
        sql = f"insert into requests ({columns}) values (?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - constants only
        with self.database.transaction() as connection:
            number = connection.execute(sql, row).lastrowid or 0
            self._counts["requests"] += 1
        return number

    def add_unauthorized(self, request: RawRequest) -> int:
        """Store a request that nobody authorized, without its body, and delete the oldest of these."""
        if self.keep_refused:
            return self.add_request(request)
        number = self.add_request(replace(request, body=b""))
        with self.database.transaction() as connection:
            self._refused.append(number)
            if len(self._refused) > REFUSED_KEPT:
                oldest = self._refused.popleft()
                connection.execute("delete from requests where id = ?", (oldest,))
                self.arrivals.delete_request(oldest)
        return number

    def answered(self, request: int, status: int) -> None:
        """Store the status with which a request was answered."""
        with self.database.transaction() as connection:
            connection.execute("update requests set status = ? where id = ?", (status, request))

    def refused(self, request: int, service: str, title: str, reason: str) -> None:
        """List a request as refused; `title`: its method and path."""
        self.arrivals.add(request, None, (service, "request"), Summary(title), reason)

    def delete_request(self, request: int) -> None:
        """Delete a request with all that was in it."""
        with self.database.transaction() as connection:
            connection.execute("delete from requests where id = ?", (request,))
            connection.execute("delete from records where request = ?", (request,))
            self.arrivals.delete_request(request)

    def add(self, service: str, request: int, records: Iterable[ReceivedRecord]) -> int:
        """Store all records or none; return the number of duplicates (counted, not stored again)."""
        sql = (
            "insert into records (request, service, kind, key, head, body) values (?, ?, ?, ?, ?, ?)"
            " on conflict (service, key) do nothing"
        )
        new_main = 0
        known = 0
        with self.database.transaction() as connection:
            for r in records:
                row = (request, service, r.kind, r.key, json.dumps(dict(r.head)), r.body)
                added = connection.execute(sql, row)
                known += 1 - added.rowcount
                new_main += added.rowcount and r.kind == MAIN_KINDS.get(service)
                if added.rowcount:
                    self.arrivals.add(request, added.lastrowid, (service, r.kind), r.summary)
            self._counts[service] += new_main
            self._duplicates[service] += known
        return known

    def records(self, service: str, kind: str | None = None) -> list[ReceivedRecord]:
        """Return records in order of arrival."""
        sql = "select kind, body, key, head from records where service = ? and kind = coalesce(?, kind) order by id"
        rows = self.database.rows(sql, service, kind)
        return [ReceivedRecord(kind, body, key, json.loads(head)) for kind, body, key, head in rows]

    def requests(self) -> list[RawRequest]:
        """Return requests in order of arrival."""
        columns = "service, method, path, query, headers, body, at, status"
        rows = self.database.rows(f"select {columns} from requests order by id")  # noqa: S608 - constants only
        return [_raw_request(*row) for row in rows]

    def duplicates(self) -> dict[str, int]:
        """Count duplicates by service."""
        with self.database.changed:
            return {service: self._duplicates[service] for service in MAIN_KINDS}

    def wait_for(self, least: Mapping[str, int], timeout: float | None) -> bool:
        """Block until each count (a service, or `requests`) is reached; False after `timeout` seconds."""
        with self.database.changed:
            return self.database.changed.wait_for(
                lambda: all(self._counts[name] >= count for name, count in least.items()), timeout
            )

    def clear(self) -> None:
        """Delete everything."""
        with self.database.changed:
            self.database.clear()
            self._counts.clear()
            self._duplicates.clear()
            self._refused.clear()

    def close(self) -> None:
        """Close the database."""
        self.database.close()


def _raw_request(service: str, method: str, path: str, query: str, headers: str, *rest: Any) -> RawRequest:
    return RawRequest(service, method, path, query, json.loads(headers), *rest)


def now() -> float:
    """Return the time in Unix seconds."""
    return time.time()


def objects(records: Sequence[ReceivedRecord]) -> list[dict[str, Any]]:
    """Parse the bodies of records that are JSON objects."""
    return [json.loads(record.body) for record in records]
