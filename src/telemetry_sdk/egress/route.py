"""The route to an endpoint: its proxy and certificates. Equal routes share connections."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .tls import TrustedCertificates

if TYPE_CHECKING:
    from telemetry_sdk.endpoints import Endpoint
    from telemetry_sdk.endpoints.certificates import ClientCertificate
    from telemetry_sdk.endpoints.proxies import Proxy


@dataclass(frozen=True, slots=True)
class Route:
    """`client_certificate` is offered to the endpoint; an https proxy has its own."""

    scheme: str
    proxy: Proxy | None
    trusted: TrustedCertificates
    client_certificate: ClientCertificate | None


def route_to(endpoint: Endpoint, scheme: str) -> Route:
    """Return the route to an endpoint."""
    trusted = TrustedCertificates(endpoint.ca_file, endpoint.ca_dir, endpoint.extra_ca_file)
    return Route(scheme, endpoint.proxy, trusted, endpoint.client_certificate)


def is_loopback(host: str) -> bool:
    """Whether a host is 127.0.0.0/8, ::1 or exactly `localhost`, which the sender's loop resolves to those."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback and (address.version == 4 or address == ipaddress.IPv6Address("::1"))  # noqa: PLR2004
