"""The installation id: a random UUID for metrics only, one for each application, new after every opt-in."""

from __future__ import annotations

import os

from .._internal.shapes import is_uuid
from . import files


def new_uuid() -> str:
    """Return a random UUID of version 4."""
    raw = bytearray(os.urandom(16))
    raw[6] = raw[6] & 0x0F | 0x40
    raw[8] = raw[8] & 0x3F | 0x80
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def installation_id(state_dir: str) -> str | None:
    """Read the id, or make one; None where it can neither be read nor kept."""
    path = os.path.join(state_dir, "installation-id")
    try:
        for _ in range(3):  # another process may make it, or an opt-out delete it, between two steps
            found = _read(path)
            if found is not None:
                return found
            files.private_directory(state_dir)
            made = new_uuid()
            if files.create_whole(path, made.encode("ascii")):
                return made
    except OSError:  # a place where nothing can be kept: without an id no metric leaves
        return None
    return None


def _read(path: str) -> str | None:
    try:
        text = files.read(path, 64).decode("ascii", "replace").strip()
    except FileNotFoundError:
        return None
    if is_uuid(text):
        return text
    files.remove(path)  # damaged: an id is random, a new one serves as well
    return None
