"""Closes the open segments of runs that have ended: a segment that nobody locks has no writer."""

from __future__ import annotations

import os
from time import time

from ..losses import CORRUPT
from ..storage import files
from ..storage.file_lock import try_lock
from . import record_format
from .segment_name import DAMAGED, WAITING, SegmentName, rename

NEW = 5.0  # seconds for which an empty segment is left to its writer: on a busy host it may be locked late
_OPEN: int = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)


def adopt(directory: str, name: SegmentName, *, force: bool = False) -> SegmentName | None:
    """Close a dead writer's open segment; return its new name, None if it lives or nothing is in it.

    `force`: a living writer's too; it notices and begins another. One descriptor is open at a time.
    """
    path = os.path.join(directory, name.text)
    try:
        descriptor = os.open(path, _OPEN)
    except OSError:
        return None  # closed meanwhile, a link, or no descriptor left: the next look adopts it
    try:
        if not force and (_is_new(descriptor) or not try_lock(descriptor, path)):
            return None
        return _closed(directory, name, path)
    except OSError:
        return None  # locks do not work, or the directory is read-only: left as it is
    finally:
        os.close(descriptor)


def _is_new(descriptor: int) -> bool:
    found = os.fstat(descriptor)
    return not found.st_size and abs(time() - found.st_mtime) < NEW


def _closed(directory: str, name: SegmentName, path: str) -> SegmentName | None:
    """Rename an open segment to a closed one; an empty one is deleted, also one without a whole header."""
    try:
        data = files.read(path)
        count = record_format.count(data) if b"\n" in data else 0
    except record_format.NewerSegment:
        return None
    except (files.Untrusted, ValueError, RecursionError):
        damaged = SegmentName(name.run, name.number, name.service, count=1, fates={CORRUPT: 1}, state=DAMAGED)
        rename(directory, name, damaged)
        return None
    if not count:
        files.remove(path)
        return None
    closed = SegmentName(name.run, name.number, name.service, count=count, state=WAITING)
    rename(directory, name, closed)
    return closed
