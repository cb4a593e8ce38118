"""The installation id: a random UUID for metrics only, one for each application, new after every opt-in."""

from __future__ import annotations

import os

from .._internal.ids import new_uuid
from .._internal.shapes import is_uuid
from . import files


class InstallationId:
    """Reads the id of a state directory, or makes one. Where none can be kept, one lives as long as the process."""

    def __init__(self, state_dir: str | None) -> None:
        self._state_dir = state_dir
        self._path = os.path.join(state_dir or "", "installation-id")
        self._unkept = new_uuid()

    def get(self) -> str:
        """Return the id; asked again for each segment, since an opt-out deletes it."""
        if self._state_dir is None:
            return self._unkept
        try:
            for _ in range(3):  # another process may make it, or an opt-out delete it, between two steps
                kept = self._read()
                if kept is not None:
                    return kept
                made = new_uuid()
                if files.create_whole(self._path, made.encode("ascii")):
                    return made
        except OSError:  # nothing can be kept here
            return self._unkept
        return self._unkept

    def _read(self) -> str | None:
        try:
            text = files.read(self._path, 64).decode("ascii", "replace").strip()
        except FileNotFoundError:
            return None
        if is_uuid(text):
            return text
        files.remove(self._path)  # damaged: an id is random, a new one serves as well
        return None
