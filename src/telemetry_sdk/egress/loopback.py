"""Which hosts plain http may go to."""

from __future__ import annotations

import ipaddress


def is_loopback(host: str) -> bool:
    """Tell whether a host is 127.0.0.0/8, ::1 or exactly `localhost`, which the sender's loop resolves to those."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback and (address.version == 4 or address == ipaddress.IPv6Address("::1"))  # noqa: PLR2004
