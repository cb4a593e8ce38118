"""Revocations: an opt-out reaches every process of an application, whatever its endpoints.

A file for each service in the application's directory grows by one byte for each revocation. Its size is the number of
revocations, so a process that began later, with consent, is not stopped by an old one. One `stat` before each drain and
each request tells.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class Revocations:
    """Compares today's numbers with those of the start. `app_dir` None: nobody else is told."""

    def __init__(self, app_dir: str | None, services: Iterable[str]) -> None:
        self._paths = {name: os.path.join(app_dir, f"revoked-{name}") for name in services} if app_dir else {}
        self.began = {name: _size(path) for name, path in self._paths.items()}

    def number(self, service: str) -> int:
        """Return how often a service was revoked; -1 if it cannot be read."""
        path = self._paths.get(service)
        return 0 if path is None else _size(path)

    def revoked(self, service: str) -> bool:
        """Tell whether the service was revoked since this object was made."""
        path = self._paths.get(service)
        return path is not None and _size(path) != self.began[service]

    def revoke(self, service: str, *, make_directory: bool = True) -> bool:
        """Tell every process of the application to stop; False if it could not be written.

        Without `make_directory` nothing comes into being where the application has no directory.
        """
        path = self._paths.get(service)
        if path is None or not (make_directory or os.path.isdir(os.path.dirname(path))):
            return False
        from . import files

        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
        try:
            files.private_application_directory(os.path.dirname(path))
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
        return -1  # unreadable: differs from the start's number, so it counts as revoked
