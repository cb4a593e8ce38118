"""Attached files: text is searched for secrets, other content is encoded as base64 and noted."""

from __future__ import annotations

import base64
import codecs
from typing import IO, TYPE_CHECKING, cast

from telemetry_sdk.exceptions import DraftError
from telemetry_sdk.redaction import redact_secrets

from .canonical_json import CleanJson, NoteCounts, cleaned
from .report_files import open_regular_file, safe_name

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Sequence


def read_attachments(
    paths: Sequence[str | os.PathLike[str]], max_bytes: int, notes: NoteCounts
) -> dict[str, CleanJson]:
    """Return `{"content", "encoding", "name", "size"}` by name; at most `max_bytes` in total.

    Raises DraftError for a file that cannot be read or is too large: no attachment is left out silently.
    """
    if not isinstance(cast("object", paths), list | tuple):
        raise DraftError("attachments must be a list of paths")
    found: dict[str, CleanJson] = {}
    for name, path in _named(paths):
        with open_regular_file(path) as file:
            data = _read(file, name, max_bytes)
        max_bytes -= len(data)
        content, encoding = _encoded(name, data, notes)
        record = {"content": content, "encoding": encoding, "name": name, "size": len(data)}
        found[name] = cleaned(record, notes)
    return found


def _named(paths: Sequence[str | os.PathLike[str]]) -> Iterator[tuple[str, str | os.PathLike[str]]]:
    """Pair each path with a unique safe name."""
    used: set[str] = set()
    for path in paths:
        name = redact_secrets(safe_name(path)).replace(":", "-")  # used as the name of a part, in a note, and of a file
        stem, dot, extension = name.rpartition(".")
        number = 1
        while name in used:
            number += 1
            name = f"{stem}-{number}{dot}{extension}"
        used.add(name)
        yield name, path


def _read(file: IO[bytes], name: str, max_bytes: int) -> bytes:
    data = file.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise DraftError(f"{name!r} is too large for a bug report: leave it out, or attach a part of it")
    return data


def _encoded(name: str, data: bytes, notes: NoteCounts) -> tuple[str, str]:
    """Return the content as text, and its encoding: `utf-8` or `latin-1` (searched for secrets later), or `base64`."""
    utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if utf16 else ("utf-8", "latin-1"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text, "latin-1" if encoding == "latin-1" else "utf-8"
    notes[f"attachments that are not text and were not searched for secrets ({name})"] += 1
    return base64.b64encode(data).decode(), "base64"
