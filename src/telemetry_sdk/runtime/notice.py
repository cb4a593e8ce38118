"""The first-run notice: what is on, what is sent, to whom, and how to stop it. Shown by the application, never by us.

With `start(notice=True)` nothing is sent, written or given an id until it was shown: records wait in the queue.
"""

from __future__ import annotations

import os

from .._internal.services import BUG_REPORTS, ERRORS, METRICS
from ..storage import files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..options import Options
    from ..policy.current import CurrentPolicy
    from ..queue import Queue

MARKER = "notice-shown"  # a file in the application's directory
CONTENT = {
    METRICS: "usage metrics: names and numbers that the application declares, with a random id",
    ERRORS: "error reports: types, functions and lines of the program's own code",
    BUG_REPORTS: "bug reports, only when you send one, after you have seen it",
}
PROMISE = "No code, no file paths and no text that you type or that programs print is in metrics or error reports."


class Notice:
    """The notice of one application."""

    def __init__(
        self, options: Options, policy: CurrentPolicy, queue: Queue, state_dir: str | None, contact: str | None
    ) -> None:
        self._app = options.app
        self._stop = f"{options.command} opt-out" if options.command else f"telemetry-sdk opt-out --app {options.app}"
        self._policy = policy
        self._queue = queue
        self._state_dir = state_dir
        self._contact = contact  # whom to ask for erasure
        app_dir = os.path.dirname(state_dir) if state_dir else None
        self._marker = os.path.join(app_dir, MARKER) if app_dir else None

    @property
    def shown(self) -> bool:
        """Whether the notice was shown in an earlier run."""
        return self._marker is not None and os.path.exists(self._marker)

    def text(self) -> str | None:
        """Return the notice; None once it was shown, and where everything is off."""
        policy = self._policy.policy
        on = [row for row in policy.rows if row.enabled]
        if not on or self.shown:
            return None
        lines = [f"{self._app} sends:"]
        lines += [
            f"- {CONTENT[row.name]} (to {row.destination or 'an unknown host'})" for row in on if row.name in CONTENT
        ]
        switches = dict(policy.switches)
        names = [switches[row.name] for row in on if row.name in switches]
        lines += [PROMISE, f"To stop: {self._stop}"]
        lines += [f"or set {', '.join(f'{name}=1' for name in dict.fromkeys(names))}"] if names else []
        lines += [f"Questions, erasure: {self._contact}"] if self._contact else []
        return "\n".join(lines) + "\n"

    def mark_shown(self) -> None:
        """Note that the user has seen the notice, and begin to deliver. Where nothing can be kept it is shown again."""
        if self._state_dir is not None and self._marker is not None and not self.shown:
            try:
                files.private_state_directory(self._state_dir)
                os.close(files.create(self._marker))
            except FileExistsError:
                pass  # another process was first
            except OSError as error:
                self._policy.warn(f"the notice will be shown again: {error.strerror or error}")
        self._queue.wakeup.release()
