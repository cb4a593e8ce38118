"""`status --connect`: asks each destination for an answer. No record, key or token is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telemetry_sdk.exceptions import NetworkFailure
from telemetry_sdk.sender.results import describe_result

if TYPE_CHECKING:
    from telemetry_sdk.egress.client import Egress
    from telemetry_sdk.endpoints import Endpoint

TIMEOUT = 10.0  # seconds for name, connection, TLS and answer
BODY = 1024  # bytes that are read


def try_connections(endpoints: dict[str, Endpoint]) -> dict[str, tuple[bool, str]]:
    """Return for each service whether its server answered, and a sentence. Any HTTP status of a server is an answer."""
    from telemetry_sdk._internal.event_loop import new_loop
    from telemetry_sdk.egress.client import Egress

    async def all_of_them() -> dict[str, tuple[bool, str]]:
        egress = Egress()
        found = {service: await _try(egress, endpoint) for service, endpoint in endpoints.items()}
        await egress.aclose()
        return found

    loop = new_loop()
    try:
        return loop.run_until_complete(all_of_them())
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


async def _try(egress: Egress, endpoint: Endpoint) -> tuple[bool, str]:
    through = f" through the proxy {endpoint.proxy.url}" if endpoint.proxy is not None else ""
    try:
        response = await egress.get(endpoint, headers={}, most=BODY, deadline=TIMEOUT)
    except NetworkFailure as failure:
        return False, f"{endpoint.host} cannot be reached{through}: {describe_result(str(failure), endpoint.host)}"
    if response.is_html:
        return True, f"{endpoint.host} answered{through} with a page (HTTP {response.status}): is it a network's login?"
    return True, f"{endpoint.host} answered{through} (HTTP {response.status})"
