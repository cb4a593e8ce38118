"""What may still leave, asked again before each drain and each request.

This process's word counts, other processes' and the settings files'. Going off acts at once; nothing here ever
turns a service on.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from ..storage.revocations import Revocations


class Consent:
    """The services that are on; once off, off for the life of the process."""

    def __init__(
        self,
        on: Collection[str],
        revocations: Revocations,
        settings_off: Callable[[], Collection[str]] = frozenset,
        went_off: Callable[[str], None] | None = None,
    ) -> None:
        self._on = set(on)
        self._revocations = revocations
        self._settings_off = settings_off
        self._went_off = went_off

    def __contains__(self, service: str) -> bool:
        """Tell whether the service is on; one `stat` looks for other processes' revocations."""
        if service in self._on and self._revocations.revoked(service):
            self.withdraw(service)
        return service in self._on

    def for_request(self, service: str) -> bool:
        """Tell whether a request of the service may start now: the settings files are looked at as well."""
        if service in self:
            for other in self._settings_off():
                self.withdraw(other)
        return service in self._on

    def withdraw(self, service: str) -> bool:
        """Turn a service off; True if it was on."""
        if service not in self._on:
            return False
        self._on.discard(service)
        if self._went_off is not None:
            self._went_off(service)
        return True
