"""How the vendors' packages that the application imported are bound, and which of their clients are not.

A client of theirs that is active with a network of its own is outside of this policy.
"""

from __future__ import annotations

import sys

from .._internal.services import PACKAGES, SENTRY
from ..storage.shared_state import BINDINGS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..storage.shared_state import SharedState

BOUND, OUTSIDE, NOT_BOUND, LATER = "bound", "outside", "not bound", "imported later"


def outside() -> list[str]:
    """Return the packages of which such a client is active. Imports none that the application has not."""
    return [package for package in PACKAGES if package in sys.modules and _is_outside(package)]


def bindings() -> dict[str, str]:
    """Return "bound", "outside", "not bound" or "imported later" for each of the packages that is imported.

    Imports nothing: a package that was imported after `start()` is not looked into.
    """
    return {package: _binding(package) for package in PACKAGES if package in sys.modules}


def stored_bindings(state: SharedState) -> dict[str, str]:
    """Return those of the last run that recorded, whatever a damaged state holds in their place."""
    found = state.read().get(BINDINGS)
    known = (BOUND, OUTSIDE, NOT_BOUND, LATER)  # a tuple: junk may not be hashable
    return {p: found[p] for p in PACKAGES if found.get(p) in known} if type(found) is dict else {}


def _binding(package: str) -> str:
    if f"{__package__}.{'sentry' if package == SENTRY else 'statsig'}" not in sys.modules:
        return LATER
    if _is_outside(package):
        return OUTSIDE
    try:
        return BOUND if _is_bound(package) else NOT_BOUND
    except Exception:  # a version with another inside
        return NOT_BOUND


def _is_bound(package: str) -> bool:
    if package == SENTRY:
        from . import sentry

        return sentry.is_taken()
    from .statsig import BoundServer, current

    return isinstance(current(), BoundServer)


def _is_outside(package: str) -> bool:
    try:
        if package == SENTRY:
            from . import sentry

            return sentry.outside()
        from .statsig_others import active_others

        return active_others() > 0
    except Exception:  # a version with another inside: the policy's warnings say that it is not bound
        return False
