"""The header of a run's segments: what any sender needs of the run, whichever process it runs in."""

from __future__ import annotations

import os
from time import monotonic, time

from . import record_format

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, Protocol

    class Metadata(Protocol):
        """What a run's records have in common."""

        @property
        def provider(self) -> str:
            """The provider's name now."""
            ...

        def of(self, service: str) -> Mapping[str, Any] | None:
            """Return the clean metadata; None where metrics have no id to go by."""
            ...


MAX_AGE = 7 * 86_400.0  # seconds
CLOCK_DIFFERENCE = 86_400.0  # seconds that the two clocks of an older boot's segment may differ
_BOOT_ID = "/proc/sys/kernel/random/boot_id"


class RunHeader:
    """Makes a header line when a segment is made: the installation id may be new after an opt-in.

    `clock`: monotonic seconds; `wall`: seconds since the epoch.
    """

    def __init__(
        self,
        metadata: Metadata,
        *,
        revocations: Mapping[str, int],
        ledger: bool,
        clock: Callable[[], float] = monotonic,
        wall: Callable[[], float] = time,
    ) -> None:
        self._metadata = metadata
        self._revocations = revocations
        self._ledger = ledger
        self._boot = boot_id()
        self._clock = clock
        self._wall = wall

    @property
    def provider(self) -> str:
        """The provider's name now: a segment holds records of one provider."""
        return self._metadata.provider

    def line(self, service: str) -> bytes | None:
        """Return the first line of a segment; None where the service has no metadata."""
        fields = self.fields(service)
        return None if fields is None else record_format.header(fields)

    def fields(self, service: str) -> dict[str, Any] | None:
        """Return the header of a segment; None where the service has no metadata."""
        metadata = self._metadata.of(service)
        if metadata is None:
            return None
        return {
            "service": service,
            "metadata": metadata,
            "revocations": self._revocations.get(service, 0),
            "ledger": self._ledger,
            "boot": self._boot,
            "monotonic": self._clock(),
            "wall": self._wall(),
        }


def expired(
    header: Mapping[str, Any],
    changed: float,
    *,
    clock: Callable[[], float] = monotonic,
    wall: Callable[[], float] = time,
) -> bool:
    """Tell whether a segment is older than 7 days. `changed`: its file's time, seconds since the epoch.

    A segment of this boot is aged by the monotonic clock, an older one only where two clocks agree: one that jumped
    ages nothing.
    """
    made, stamp = header.get("monotonic"), header.get("wall")
    if type(made) is float and header.get("boot") == boot_id() is not None:
        return clock() - made > MAX_AGE
    if type(stamp) is not float or abs(stamp - changed) > CLOCK_DIFFERENCE:
        return False
    return wall() - max(stamp, changed) > MAX_AGE


def boot_id() -> str | None:
    """Return what names this boot of the machine; None where the system does not say."""
    try:
        descriptor = os.open(_BOOT_ID, os.O_RDONLY)
    except OSError:  # another system
        return None
    try:
        return os.read(descriptor, 64).strip().decode("utf-8", "replace")
    finally:
        os.close(descriptor)
