"""Finds clients of Statsig's package that are none of ours: each has a network of its own."""

from __future__ import annotations

import gc
import threading
from typing import Any

from .statsig import BoundServer, current

THREADS = "Statsig::"  # begins the name of each of the vendor's threads
_VENDOR_SERVER: type[Any] = BoundServer.__mro__[1]


def active_others() -> int:
    """Return how many such clients are active.

    An active one has threads, which bear its name; only where one runs are the instances looked for (some ms).
    """
    installed = is_active_other(current())
    if not any(thread.name.startswith(THREADS) for thread in threading.enumerate()):
        return int(installed)
    referrers = gc.get_referrers(*_classes(_VENDOR_SERVER))
    found = {id(server): server for server in referrers if is_active_other(server)}
    return max(len(found), int(installed))


def is_active_other(server: object) -> bool:
    """Tell whether `server` is a client of the vendor's that was initialized."""
    if not isinstance(server, _VENDOR_SERVER) or isinstance(server, BoundServer):
        return False
    initialized: object = vars(server).get("_initialized")  # `is_initialized` may be a subclass's own
    return initialized is True


def _classes(base: type[Any]) -> list[type[Any]]:
    return [base, *(found for sub in base.__subclasses__() for found in _classes(sub))]
