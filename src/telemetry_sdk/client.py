"""The client: what an application calls. Off is silence, and recording is an append."""

from __future__ import annotations

from .runtime.lifecycle import Lifetime

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType
    from typing import Any, Literal, Self, TypedDict, Unpack

    from ._internal.diagnostics import Boundary
    from .bug_report import BugReportDraft, Consent, Outcome
    from .bug_report.conversation import Transcript
    from .bug_report.sending import Sending
    from .capture.measure import Measure
    from .events import Event
    from .policy import Policy
    from .runtime.lifecycle import Setup

    class Parts(TypedDict, total=False):
        """The parts of a bug report that a user may choose."""

        transcript: Transcript | None
        older_sessions: Sequence[Transcript] | None
        environment: bool
        recent_errors: bool
        git: Mapping[str, Any] | None
        attachments: Sequence[str | os.PathLike[str]]
        cut_before: int | None
        without_code: bool
        without_tool_output: bool

    Level = Literal["fatal", "error", "warning", "info", "debug"]
    Destination = Literal["server", "spool"]

RECORDED = ("metrics", "errors")


class TelemetryClient:
    """Made by `telemetry_sdk.start()`. Only the bug report's calls raise; in strict mode a mistake does, too.

    `policy` says what may be sent, where to, and why. Also a context manager, `with` and `async with`.
    """

    def __init__(self, setup: Setup, boundary: Boundary) -> None:
        self._policy = setup.policy
        self._boundary = boundary
        self._life = Lifetime(setup, boundary, self._bind)
        self._put_event: Callable[[object, object, Mapping[str, object] | None], None] | None = None
        self._put_error: Callable[..., None] | None = None
        if any(setup.policy.service(name).enabled for name in RECORDED):
            self._life.open()
            self._bind()

    @property
    def policy(self) -> Policy:
        """The policy of this moment: what went off meanwhile, here or in another process, is off."""
        return self._life.of_now(self._policy)

    @policy.setter
    def policy(self, policy: Policy) -> None:
        self._policy = policy

    def log_event(
        self, event: Event | str, *, value: float | None = None, metadata: Mapping[str, object] | None = None
    ) -> None:
        """Record a declared event: an instance, or its name with values. An append, whatever the network does."""
        put = self._put_event
        if put is None:
            return
        if self._boundary.strict:
            from .sanitizer.metrics import check

            check(event, value, metadata)
        put(event, value, metadata)

    def measure(self, event: type[Event], /, **fields: object) -> Measure:
        """Return a context manager that records `event` at its end, with `duration_ms` and `ok` filled in."""
        from .capture.measure import Measure

        return Measure(self.log_event, event, fields, self._boundary)

    def capture_exception(
        self,
        exc: BaseException | None = None,
        *,
        level: Level = "error",
        handled: bool = True,
        tags: Mapping[str, str] | None = None,
    ) -> str | None:
        """Record an exception (default: the one being handled); return its event id, or None if it is not.

        Types, functions, modules and lines of known code leave, and the literals of a message; no source, no local.
        """
        put = self._put_error
        if put is None:
            return None
        try:
            from .capture.snapshot import captured, current

            error = current() if exc is None else exc
            snapshot = captured(error, level=level, handled=handled, tags=tags)
            if snapshot is not None:
                put(snapshot)
        except Exception as failure:
            self._boundary.failed(failure)
            return None
        return None if snapshot is None else snapshot.id

    def draft_bug_report(self, description: str, **parts: Unpack[Parts]) -> BugReportDraft:
        """Make a draft for the user to look at; nothing is sent. See `telemetry_sdk.bug_report.draft` for the parts.

        Raises `BugReportRefused` with all reasons where the policy forbids it, `DraftError` for a part that cannot
        be read or a blank description.
        """
        from .bug_report import draft
        from .bug_report.sending import surroundings

        context = surroundings(self.policy, self._life)
        return draft(description, context=context, **parts)

    async def send_bug_report(
        self, draft: BugReportDraft, *, consent: Consent, progress: Callable[[int, int], None] | None = None
    ) -> Outcome:
        """Send a draft as its preview showed it: sent, unconfirmed, saved, refused or failed.

        `progress` is called with the bytes sent and the bytes in all, on the sender's thread. Raises
        `ConsentError` if the consent is not to these bytes for this host. May be cancelled: the draft stays.
        """
        return await self._sending(draft, consent, progress).outcome()

    def send_bug_report_sync(
        self, draft: BugReportDraft, *, consent: Consent, progress: Callable[[int, int], None] | None = None
    ) -> Outcome:
        """Do what `send_bug_report` does, in a program without a loop."""
        return self._sending(draft, consent, progress).outcome_sync()

    async def flush(self, timeout: float = 5.0, to: Destination = "server") -> bool:
        """Wait, at most `timeout` seconds, until all is delivered (`to="spool"`: on disk); True when it was."""
        from ._internal.waiting import bounded

        return await bounded(self._life.flushing(timeout, to), timeout)

    def flush_sync(self, timeout: float = 5.0, to: Destination = "server") -> bool:
        """Do what `flush` does, in a program without a loop."""
        completion = self._life.flushing(timeout, to)
        return completion.wait(timeout) and completion.result()

    def opt_out(self, *services: str, persist: bool = False, purge_ledger: bool = False) -> None:
        """Turn services off at once (default: all): stop, cancel, purge, tell other processes.

        `persist` writes the opt-out to the user's choice file as well. Raises `ValueError` for a service that does
        not exist, `OSError` if it cannot be written; recording has stopped by then.
        """
        from .policy.updates import with_opt_out

        policy = with_opt_out(self.policy, services)
        chosen = services or tuple(policy.services)
        self._life.withdraw(chosen, purge_ledger=purge_ledger)
        self.policy = policy
        if persist:
            from .policy.choice import opt_out

            opt_out(chosen, app=self._life.setup.options.app, profile=self._life.setup.profile)

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._life.closed

    def stats(self) -> dict[str, Any]:
        """Return the accounts: records accepted, queued, spooled, dropped by reason; delivered, waiting."""
        from .runtime.stats import statistics

        return statistics(self._life.entrance, self._boundary)

    def close(self, timeout: float | None = None) -> bool:
        """Spool what waits, give a request in flight its time (default 0.3 s in all); True if nothing is lost."""
        return self._life.close(timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._life.left_by(error)
        self.close()

    async def __aenter__(self) -> Self:
        self._life.hook_loop()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._life.left_by(error)
        entrance = self._life.entrance
        if entrance is None or entrance.untouched:
            self.close()  # nothing to wait for
            return
        from ._internal.waiting import in_thread

        await in_thread(self.close)

    def __repr__(self) -> str:
        on = [row.name for row in self.policy.rows if row.enabled]
        return f"<telemetry_sdk.TelemetryClient app={self._life.setup.options.app!r} on={on}>"

    def _sending(self, draft: BugReportDraft, consent: Consent, progress: Callable[[int, int], None] | None) -> Sending:
        from .bug_report.sending import Sending

        return Sending(draft, consent, policy=self.policy, life=self._life, progress=progress)

    def _bind(self) -> None:
        """Point the recording calls at the queue; a service that is off has none."""
        entrance = self._life.entrance
        if entrance is None or self._life.closed:
            self._put_event = self._put_error = None
        else:
            self._put_event = entrance.queue.put_event if entrance.accepts("metrics") else None
            self._put_error = entrance.queue.put_error if entrance.accepts("errors") else None
        if self._put_error is None and self._life.errors_off is not None:
            end, self._life.errors_off = self._life.errors_off, None
            end()
