"""Files that the user names: text is searched for secrets, anything else goes as base64, and says so."""

from __future__ import annotations

import base64
import codecs
import os
from typing import IO, TYPE_CHECKING

from telemetry_sdk.exceptions import DraftError
from telemetry_sdk.redaction import redact_secrets

from .canonical import Piece, Remarks, cleaned
from .disk import opened, safe_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def read_attachments(paths: Sequence[str | os.PathLike[str]], room: int, remarks: Remarks) -> dict[str, Piece]:
    """Return `{"content", "encoding", "name", "size"}` by name; at most `room` bytes in all.

    Raises DraftError for what cannot be read or is too large: a file that the user named never goes unsaid.
    """
    if isinstance(paths, str | bytes | os.PathLike):
        raise DraftError("attachments are a list of paths")
    found: dict[str, Piece] = {}
    for name, path in _named(paths):
        with opened(path) as file:
            data = _read(file, name, room)
        room -= len(data)
        content, encoding = _encoded(name, data, remarks)
        record = {"content": content, "encoding": encoding, "name": name, "size": len(data)}
        found[name] = cleaned(record, remarks)
    return found


def _named(paths: Sequence[str | os.PathLike[str]]) -> Iterator[tuple[str, str | os.PathLike[str]]]:
    """Pair each path with a safe name that no other has."""
    taken: set[str] = set()
    for path in paths:
        name = redact_secrets(safe_name(path)).replace(":", "-")  # it names a part, a remark and a file in the bundle
        stem, dot, ending = name.rpartition(".")
        number = 1
        while name in taken:
            number += 1
            name = f"{stem}-{number}{dot}{ending}"
        taken.add(name)
        yield name, path


def _read(file: IO[bytes], name: str, room: int) -> bytes:
    data = file.read(room + 1)
    if len(data) > room:
        raise DraftError(f"{name!r} is too large for a bug report; leave it out, or attach a part of it")
    return data


def _encoded(name: str, data: bytes, remarks: Remarks) -> tuple[str, str]:
    """Return the content as text, and its encoding: `utf-8` (searched for secrets later) or `base64`."""
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = data.decode("utf-16" if wide else "utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" not in text:
        return text, "utf-8"
    remarks[f"attachments that are not text and were not searched for secrets ({name})"] += 1
    return base64.b64encode(data).decode(), "base64"
