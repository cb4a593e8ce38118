"""The local record of all that was sent: the body of each request, written before its first byte is sent.

JSON lines in `<state directory>/sent/<date>-<run>.<part>.jsonl`: one for the attempt, one for its outcome. No
headers, no keys; of bug reports only the hash. The sender never reads it.
"""

from __future__ import annotations

import os
import stat
import time

from telemetry_sdk._internal.frozen import Frozen

from ._internal.services import METRICS
from .storage import files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

DAYS = 7  # that entries are kept at most
LONGEST = 64 << 20  # bytes of a line that is read: beyond any body of ours
PARTS = 4  # a file is closed at this part of the cap, so that the oldest can go while the newest stays
_NOFOLLOW: int = getattr(os, "O_NOFOLLOW", 0)
_FLAGS: int = _NOFOLLOW | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)


_BODY = b',"json":'  # before a body that is JSON: the rest of its line; `bytes` says how long it is
_KINDS: dict[str, type | tuple[type, ...]] = {
    "id": str,
    "time": (int, float),
    "service": str,
    "host": str,
    "count": int,
    "body": str,
    "sha256": str,
    "report_id": str,
    "status": int,
    "reason": str,
}


class Entry(Frozen):
    """One attempted request, or a bug report's receipt, and its outcome if that was written.

    `time`: seconds since the epoch; `count`: records in it; `body`: as text, None for a bug report; `status`:
    the HTTP status; `reason`: one word where there was none.
    """

    id: str
    time: float
    service: str
    host: str
    count: int = 0
    body: str | None = None
    sha256: str | None = None
    report_id: str | None = None
    status: int | None = None
    reason: str | None = None


class Ledger:
    """Writes the entries of one run. `directory`: the state directory; None turns it off.

    Nothing here raises: what could not be written is counted in `failures`, and `incomplete_since` holds the
    wall time of the first time. `wall`: seconds since the epoch.
    """

    def __init__(
        self,
        directory: str | None,
        run: str,
        *,
        days: int = DAYS,
        max_bytes: int = 20 << 20,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.failures = 0
        self.incomplete_since: float | None = None
        self._place = None if directory is None else os.path.join(directory, "sent")
        self._run = run
        self._wall = wall
        self._days = days
        self._max_bytes = max_bytes
        self._part = 0
        self._torn = False

    def attempt(self, *, service: str, host: str, content: bytes, count: int) -> str:
        """Write what is about to leave (`content`: not compressed yet); return the entry's id."""
        fields = {"service": service, "host": host, "count": count}
        if service == METRICS:  # one line of JSON already: not encoded a second time
            return self._entry({**fields, "bytes": len(content)}, content)
        return self._entry({**fields, "body": content.decode(errors="replace")})

    def receipt(self, *, host: str, sha256: str, report_id: str) -> str:
        """Write that a bug report is about to leave, never its text; return the entry's id."""
        return self._entry({"service": "bug_reports", "host": host, "sha256": sha256, "report_id": report_id})

    def outcome(self, entry: str | None, *, status: int | None = None, reason: str | None = None) -> None:
        """Write the outcome of an entry: the HTTP status, or one word; nothing without an entry."""
        if entry is not None:
            self._write({"outcome": entry, "status": status, "reason": reason})

    def sweep(self) -> None:
        """Delete what is older than the days, and the oldest beyond the bytes (the clock may lie)."""
        if self._place is not None:
            _sweep(self._place, self._wall() - self._days * 86_400, self._max_bytes)

    def _entry(self, fields: dict[str, Any], content: bytes = b"") -> str:
        entry = os.urandom(8).hex()
        self._write({"id": entry, "time": self._wall(), **fields}, content)
        return entry

    def _write(self, line: dict[str, Any], content: bytes = b"") -> None:
        if self._place is None:
            return
        try:
            self._append(self._place, line, content)
        except (OSError, ValueError):
            self.failures += 1
            if self.incomplete_since is None:
                self.incomplete_since = self._wall()

    def _append(self, place: str, line: dict[str, Any], content: bytes) -> None:
        from ._internal.compact_json import compact

        text = compact(line)
        parts = (text[:-1] + _BODY, content, b"}\n") if content else (text + b"\n",)
        day = time.strftime("%Y-%m-%d", time.gmtime(self._wall()))
        files.private_part(place)
        descriptor = files.open_to_append(os.path.join(place, f"{day}-{self._run}.{self._part:04}.jsonl"))
        try:
            start = b"\n" if self._torn else b""  # closes a line that was cut short
            self._torn = True
            for part in (start, *parts):  # one after another: a body may have half a megabyte
                files.write_all(descriptor, part)
            self._torn = False
            size = os.fstat(descriptor).st_size
        finally:
            os.close(descriptor)
        if size >= self._max_bytes // PARTS:
            self._part += 1
            self.sweep()


def read(directory: str) -> Iterator[Entry]:
    """Yield the entries under a state directory with their outcomes, oldest day first; skip torn lines."""
    place = os.path.join(directory, "sent")
    outcomes = {str(line["outcome"]): line for line in _lines(place, b'{"outcome"') if "outcome" in line}
    for line in _lines(place, b'{"id"'):
        outcome = outcomes.get(str(line.get("id")), {})
        made = _entry({**line, "status": outcome.get("status"), "reason": outcome.get("reason")})
        if made is not None:
            yield made


def purge(directory: str) -> int:
    """Delete the whole ledger under a state directory; return the number of files that went."""
    place = os.path.join(directory, "sent")
    return sum(files.remove(os.path.join(place, name)) for name in _names(place))


def _entry(fields: dict[str, Any]) -> Entry | None:
    """Make an entry of a line; None if a field is missing or of another type."""
    known = {name: fields[name] for name in _KINDS if fields.get(name) is not None}
    if not all(isinstance(value, _KINDS[name]) for name, value in known.items()):
        return None
    if not known.keys() >= {"id", "time", "service", "host"}:
        return None
    return Entry(**known)


def _lines(place: str, start: bytes) -> Iterator[dict[str, Any]]:
    """Yield the whole lines that begin so, of all files."""
    from json import loads

    for name in _names(place):
        for line in _raw_lines(os.path.join(place, name)):
            if line.startswith(start):
                head, mark, body = line.partition(_BODY)
                try:
                    value = loads(head + b"}" if mark else line)
                except (ValueError, RecursionError):
                    continue  # torn
                if not isinstance(value, dict) or (mark and value.get("bytes") != len(body) - len(b"}\n")):
                    continue
                yield {**value, "body": body[:-2].decode(errors="replace")} if mark else value


def _raw_lines(path: str) -> Iterator[bytes]:
    try:
        descriptor = os.open(path, os.O_RDONLY | _FLAGS)
    except OSError:
        return  # swept meanwhile, or a link
    with open(descriptor, "rb") as file:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            yield from iter(lambda: file.readline(LONGEST), b"")


def _sweep(place: str, oldest: float, most: int) -> None:
    day = time.strftime("%Y-%m-%d", time.gmtime(oldest))
    found = sorted((name[: len(day)], *_age_and_size(place, name), name) for name in _names(place))
    total = sum(size for _, _, size, _ in found)
    for date, changed, size, name in found:
        if date < day or changed < oldest or total > most:
            files.remove(os.path.join(place, name))
            total -= size


def _age_and_size(place: str, name: str) -> tuple[float, int]:
    try:
        status = os.lstat(os.path.join(place, name))
    except OSError:
        return 0.0, 0  # gone meanwhile
    return status.st_mtime, status.st_size


def _names(place: str) -> list[str]:
    """Return the ledger's files; none where the directory is a link or another user's."""
    return [name for name in files.names(place) if name.endswith(".jsonl")] if files.is_own_directory(place) else []
