"""Which hosts are certainly this machine: plain http may go to those only. Imports nothing, for a start pays for it."""

from __future__ import annotations

BYTES = frozenset(map(str, range(256)))  # as they stand in a canonical IPv4 address


def is_loopback(host: str) -> bool:
    """Tell whether a host is in 127.0.0.0/8, ::1 or exactly `localhost`, which the sender's loop resolves to those."""
    quad = host.split(".")
    return host in {"localhost", "::1"} or (quad[0] == "127" and len(quad) == 4 and BYTES.issuperset(quad))  # noqa: PLR2004
