"""What a receiver stores: one SQLite connection under one lock."""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager
from threading import Condition
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Generator

_SCHEMA = """
create table if not exists requests (
    id integer primary key, at real not null, service text not null, method text not null, path text not null,
    query text not null, headers text not null, body blob not null, status integer);
create table if not exists records (
    id integer primary key, request integer not null, service text not null, kind text not null,
    key text, head text not null, body blob not null, unique (service, key));
create index if not exists records_request on records (request);
create table if not exists arrivals (
    id integer primary key, request integer not null, record integer, at real not null, service text not null,
    kind text not null, name text not null, line text not null, app text not null, version text not null,
    refused text not null);
create index if not exists arrivals_at on arrivals (at, id);
create index if not exists arrivals_request on arrivals (request);
create table if not exists removals (arrival integer not null, reason text not null, number integer not null);
create index if not exists removals_arrival on removals (arrival);
create table if not exists keys (name text primary key, value text not null);
"""


class Database:
    """In memory, or in a file of mode 0600. Thread-safe; `version` and `changed` say that something changed."""

    def __init__(self, path: str | None = None) -> None:
        self.changed = Condition()
        self.version = 0
        if path is not None:
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self._connection = sqlite3.connect(path or ":memory:", check_same_thread=False, isolation_level=None)
        self._connection.executescript(_SCHEMA)

    @contextmanager
    def transaction(self) -> Generator[sqlite3.Connection]:
        """Hold the lock, and commit what the block changes; nothing if it raises. One within another is part of it."""
        with self.changed:
            if self._connection.in_transaction:
                yield self._connection
                return
            with self._connection:
                self._connection.execute("begin")
                yield self._connection
            self.version += 1
            self.changed.notify_all()

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with self.changed:
            return self._connection.execute(sql, values).fetchall()

    def clear(self) -> None:
        """Delete everything but the keys."""
        with self.transaction() as connection:
            for table in ("requests", "records", "arrivals", "removals"):
                connection.execute(f"delete from {table}")  # noqa: S608 - constants only

    def close(self) -> None:
        """Close the connection."""
        with self.changed:
            self._connection.close()
