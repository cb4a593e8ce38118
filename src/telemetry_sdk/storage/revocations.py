"""Opting out reaches every process of the application: a file for each service that grows by one byte each time.

It lies beside the state directories, so that it is heard whatever endpoints a process has. Its size is the number of
revocations, so that a process that began later, with consent, is not stopped by an old one; and one `stat` is all that
is paid before each drain and each request.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class Revocations:
    """Compares the numbers of now with those of the start."""

    def __init__(self, state_dir: str | None, services: Iterable[str]) -> None:
        application = os.path.dirname(state_dir) if state_dir else None
        self._paths = {name: os.path.join(application, f"revoked-{name}") for name in services} if application else {}
        self._began = {name: _size(path) for name, path in self._paths.items()}

    def revoked(self, service: str) -> bool:
        """Tell whether the service was revoked since this object was made."""
        path = self._paths.get(service)
        return path is not None and _size(path) != self._began[service]

    def revoke(self, service: str) -> bool:
        """Tell every process of the application to stop; False if it could not be written."""
        path = self._paths.get(service)
        if path is None:
            return False
        from . import files

        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
        try:
            files.private_directory(os.path.dirname(path))
            descriptor = os.open(path, flags, 0o600)
            try:
                files.write_all(descriptor, b"-")
            finally:
                os.close(descriptor)
        except OSError:  # this process stops all the same; the caller says that others may not know
            return False
        return True


def _size(path: str) -> int:
    try:
        return os.lstat(path).st_size
    except FileNotFoundError:
        return 0
    except OSError:
        return -1  # cannot be told: differs from what it was, so it counts as revoked
