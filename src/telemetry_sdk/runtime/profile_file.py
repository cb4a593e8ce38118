"""The file with what a sender or a command needs of the policy without the application."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .._internal.diagnostics import Diagnostics
    from .._internal.lazy import Lazy
    from ..policy.stored_profile import StoredProfile


def profile_path(state_dir: str) -> str:
    """Return the file of an application's stored profile, beside its state directories."""
    return os.path.join(os.path.dirname(state_dir), "profile.json")


class StoredProfileFile:
    """Writes the profile of this run; None (nothing is known of the policy): never."""

    def __init__(self, stored: Lazy[StoredProfile] | None, diagnostics: Diagnostics) -> None:
        self._stored = stored
        self._diagnostics = diagnostics

    def store(self, state_dir: str) -> None:
        """Write the file beside a state directory; never raises: without it nothing is sent without the application."""
        if self._stored is None:
            return
        from ..policy.stored_profile import store

        try:
            store(profile_path(state_dir), self._stored.get())
        except OSError as error:
            self._diagnostics.log(f"the profile is not stored: {type(error).__name__}")
