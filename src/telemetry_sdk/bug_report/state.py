"""What of an application is on disk, as far as a bug report needs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from telemetry_sdk._internal.lazy import Lazy
    from telemetry_sdk.pipeline.pipeline import Pipeline


class ProfileFile(Protocol):
    """Stores what a command needs of the application's policy, to send a draft without the application."""

    def store(self, state_dir: str) -> bool:
        """Store it beside the state directory; False if it cannot be."""
        ...


@dataclass(frozen=True, slots=True)
class ReportState:
    """`directory`: the state directory, None without one or while all services are off: then a draft is in memory.

    `save_dir`: the state directory of these endpoints in any case, for what the user saves. `profile`: None where the
    application has stored its own.
    """

    directory: str | None
    save_dir: str | None
    profile: ProfileFile | None = None
    pipeline: Lazy[Pipeline] | None = None

    def store_profile(self) -> None:
        """Store the application's profile, so that a command may send the draft by the same policy."""
        if self.profile is not None and self.directory is not None:
            self.profile.store(self.directory)

    def recent_errors(self) -> list[dict[str, Any]]:
        """Return the sanitized errors of this run, the oldest first."""
        pipeline = self.pipeline.built if self.pipeline is not None else None
        return list(pipeline.drain.recent_errors) if pipeline is not None else []
