"""The installation id: a random UUID for metrics only, one for each application, new after every opt-in."""

from __future__ import annotations

import os

from .._internal.ids import new_uuid
from .._internal.shapes import is_uuid
from . import files


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
