"""The list of what arrived and of what was refused: written with each request, read by the page."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .database import Database
    from .summary import Summary

_BODY = "lower(cast(coalesce((select body from records where id = arrivals.record), '') as text))"
_LIST = "id, at, service, kind, name, line, app, version, refused"
_REMOVED = "(select coalesce(sum(number), 0) from removals where arrival = arrivals.id)"
_STATUS = "(select status from requests where id = arrivals.request)"
NEWEST_FIRST = "order by at desc, id desc"


@dataclass(frozen=True, slots=True)
class ListedArrival:
    """A record that arrived, or a request that was refused.

    `at`: seconds since the epoch; `refused`: the reason, "" if accepted; `removed`: how often the sanitizer removed
    something; `status`: the HTTP status.
    """

    number: int
    at: float
    service: str
    kind: str
    name: str
    line: str
    app: str
    version: str
    refused: str
    removed: int
    status: int | None


@dataclass(frozen=True, slots=True)
class StoredArrival:
    """All that is stored of an arrival: `body` and `head` of the record, and its request as received."""

    listed: ListedArrival
    body: bytes | None
    head: Mapping[str, Any]
    method: str
    path: str
    headers: Mapping[str, str]
    wire: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalFilter:
    """Which arrivals to list: accepted or `refused` ones, of these values ("": any).

    `text`: somewhere in the record, in any case of ASCII letters.
    """

    service: str = ""
    name: str = ""
    app: str = ""
    removed: str = ""
    text: str = ""
    refused: bool = False

    def where(self) -> tuple[str, tuple[Any, ...]]:
        """Return the SQL condition and its values."""
        parts = list(self._parts())
        values = tuple(value for _, found in parts for value in found)
        return " and ".join(condition for condition, _ in parts), values

    def _parts(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        yield ("refused <> ''" if self.refused else "refused = ''"), ()
        for column in ("service", "name", "app"):
            if value := getattr(self, column):
                yield f"{column} = ?", (value,)
        if self.removed:
            yield "exists (select 1 from removals where arrival = arrivals.id and reason = ?)", (self.removed,)
        if self.text:
            lines = "lower(name || ' ' || line || ' ' || app || ' ' || refused)"
            forms = sorted({self.text, _escaped(self.text, ascii_only=True), _escaped(self.text, ascii_only=False)})
            found = [f"instr({lines}, lower(?))", *(f"instr({_BODY}, lower(?))" for _ in forms)]
            yield f"({' or '.join(found)})", (self.text, *forms)


class ArrivalIndex:
    """The arrivals of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self, request: int, record: int | None, labels: tuple[str, str], summary: Summary, refused: str = ""
    ) -> None:
        """List a record (None: a refused request) with its service and kind, and why it was refused."""
        texts = (summary.name, summary.line, summary.app, summary.version, refused)
        with self._database.transaction() as connection:
            number = connection.execute(
                "insert into arrivals (request, record, at, service, kind, name, line, app, version, refused)"
                " values (?, ?, (select at from requests where id = ?), ?, ?, ?, ?, ?, ?, ?)",
                (request, record, request, *labels, *map(_utf8, texts)),
            ).lastrowid
            rows = [(number, _utf8(reason), count) for reason, count in summary.removed.items()]
            connection.executemany("insert into removals values (?, ?, ?)", rows)

    def delete_request(self, request: int) -> None:
        """Delete what is listed of a request."""
        with self._database.transaction() as connection:
            connection.execute(
                "delete from removals where arrival in (select id from arrivals where request = ?)", (request,)
            )
            connection.execute("delete from arrivals where request = ?", (request,))

    def count(self, wanted: ArrivalFilter) -> int:
        """Count what the filter chooses."""
        where, values = wanted.where()
        return int(self._database.rows(f"select count(*) from arrivals where {where}", *values)[0][0])  # noqa: S608

    def newest(self, wanted: ArrivalFilter, limit: int, skip: int = 0) -> list[ListedArrival]:
        """Return what the filter chooses, the newest first."""
        where, values = wanted.where()
        sql = f"select {_LIST}, {_REMOVED}, {_STATUS} from arrivals where {where} {NEWEST_FIRST} limit ? offset ?"  # noqa: S608
        return [ListedArrival(*row) for row in self._database.rows(sql, *values, limit, skip)]

    def get(self, number: int) -> StoredArrival | None:
        """Return one arrival; None if there is none of this number."""
        sql = (
            f"select {_LIST}, {_REMOVED}, {_STATUS},"  # noqa: S608
            " (select body from records where id = record), (select head from records where id = record), request"
            " from arrivals where id = ?"
        )
        for *listed, body, head, request in self._database.rows(sql, number):
            columns = "select method, path, headers, body from requests where id = ?"
            for method, path, headers, wire in self._database.rows(columns, request):
                found = ListedArrival(*listed)
                return StoredArrival(found, body, json.loads(head or "{}"), method, path, json.loads(headers), wire)
        return None

    def beside(self, number: int, wanted: ArrivalFilter) -> tuple[int | None, int | None]:
        """Return the numbers of the next newer and the next older arrival that the filter chooses."""
        where, values = wanted.where()
        found: list[int | None] = []
        for sign, order in ((">", "at, id"), ("<", "at desc, id desc")):
            this = "(select at, id from arrivals where id = ?)"
            sql = f"select id from arrivals where {where} and (at, id) {sign} {this} order by {order} limit 1"  # noqa: S608
            rows = self._database.rows(sql, *values, number)
            found.append(rows[0][0] if rows else None)
        return found[0], found[1]

    def totals(self, column: str) -> list[tuple[str, int]]:
        """Count accepted arrivals by `service`, `name` (of events) or `app`, the most frequent first."""
        where = f"refused = '' and {column} <> ''" + (" and kind = 'event'" if column == "name" else "")
        sql = f"select {column}, count(*) from arrivals where {where} group by 1 order by 2 desc, 1"  # noqa: S608
        return [(name, count) for name, count in self._database.rows(sql)]

    def removed(self) -> list[tuple[str, int]]:
        """Count what the sanitizer removed by reason, the most frequent first."""
        return [*self._database.rows("select reason, sum(number) from removals group by 1 order by 2 desc, 1")]


def _utf8(text: str) -> str:
    """Return a text that SQLite can store: half a surrogate pair, which JSON can hold, as an escape."""
    return text.encode("utf-8", "backslashreplace").decode()


def _escaped(text: str, *, ascii_only: bool) -> str:
    return json.dumps(text, ensure_ascii=ascii_only)[1:-1]
