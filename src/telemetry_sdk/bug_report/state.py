"""What of an application is on disk, as far as a bug report needs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from telemetry_sdk._internal.services import BUG_REPORTS
from telemetry_sdk.pipeline.drain import RECENT_ERRORS
from telemetry_sdk.sender.results import note_result
from telemetry_sdk.storage.shared_state import SharedState

from .recent_errors import application_errors

if TYPE_CHECKING:
    from telemetry_sdk._internal.lazy import Lazy
    from telemetry_sdk.capture.recorder import Recorder
    from telemetry_sdk.pipeline.pipeline import Pipeline
    from telemetry_sdk.policy.stored_profile import StoredProfile


_DRAINING = 1.0  # seconds, at most, until what was captured just now is sanitized


@dataclass(frozen=True, slots=True)
class ReportState:
    """`directory`: the state directory, None without one or while all services are off: then a draft is in memory.

    `save_dir`: the state directory of these endpoints in any case, for what the user saves. `profile`: None where the
    application has stored its own.
    """

    directory: str | None
    save_dir: str | None
    profile: StoredProfile | None = None
    pipeline: Lazy[Pipeline] | None = None
    recorder: Lazy[Recorder] | None = None

    def store_profile(self) -> None:
        """Store the application's profile, so that a command may send the draft by the same policy."""
        if self.profile is not None and self.directory is not None:
            self.profile.store(self.directory)

    def note_result(self, result: str, host: str) -> None:
        """Keep the result of a request (HTTP status, or one word) for `status` and `stats()`."""
        if self.directory is not None:
            note_result(SharedState(self.directory), BUG_REPORTS, result, host)

    def recent_errors(self) -> list[dict[str, Any]]:
        """Return the sanitized errors of this run and the last one, the oldest first."""
        if self.recorder is not None:
            self.recorder.get().flush_sync("spool", _DRAINING)
        pipeline = self.pipeline.built if self.pipeline is not None else None
        own = list(pipeline.drain.recent_errors) if pipeline is not None else []
        known = {record["id"] for record in own}
        stored = application_errors(self.directory) if self.directory is not None else []
        others = [error for error in stored if not known & {error.get("id"), error.get("event_id")}]
        return [*others, *own][-RECENT_ERRORS:]
