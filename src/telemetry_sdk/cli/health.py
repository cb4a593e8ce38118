"""The health of each service of an application, over its state directories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from telemetry_sdk._internal.loopback import is_loopback
from telemetry_sdk.sender.health import health
from telemetry_sdk.storage.shared_state import SharedState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def service_health(
    paths: Sequence[str], services: Iterable[str], *, receiver: bool = False
) -> dict[str, dict[str, Any]]:
    """Return the health of each service, as of the state directory with its latest response.

    Unless the development `receiver` is in use, one of loopback counts only where there is no other: after a run with
    it the servers that the application names are of interest.
    """

    def latest(one: dict[str, Any]) -> tuple[bool, float, float]:
        """Sort by the last response; a pause without one counts, too."""
        last = one["last_response"]
        counts = last is not None and (receiver or not is_loopback(one["host"] or ""))
        return (counts, last["time"] if last is not None else 0.0, one["paused_until"] or 0.0)

    found = [health(SharedState(path).read(), services) for path in paths] or [health({}, services)]
    return {service: max((each[service] for each in found), key=latest) for service in services}
