"""The client: what an application calls. Off is silence, and recording is an append."""

from __future__ import annotations

import sys

from ._internal.clock import monotonic
from ._internal.imports import PATIENCE, load
from .options import FLUSH_TIMEOUT, seconds

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import AsyncIterable, Callable, Mapping, Sequence
    from types import TracebackType
    from typing import Any, Literal, Self, TypedDict, Unpack

    from .bug_report import BugReportDraft, Consent, Outcome
    from .bug_report.github_issue import GitHubIssue
    from .bug_report.store import DraftFile
    from .bug_report.transcripts.source import Transcript
    from .capture.recorder import Measure
    from .events import Event
    from .policy import Policy
    from .runtime.lifecycle import Lifecycle
    from .runtime.runtime import Runtime

    class Parts(TypedDict, total=False):
        """The parts of a bug report that a user may choose."""

        transcript: Transcript | None
        older_sessions: Sequence[Transcript] | None
        environment: bool
        recent_errors: bool
        git: Mapping[str, Any] | None
        attachments: Sequence[str | os.PathLike[str]]
        cut_before: int | None
        cut_after: int | None
        leave_out: Sequence[int]
        without_code: bool
        without_tool_output: bool

    class AsyncParts(Parts, total=False):
        """The same, with transcripts that may be asynchronous iterables."""

        transcript: Transcript | AsyncIterable[Any] | None  # type: ignore[misc]  # wider than in a synchronous draft
        older_sessions: Sequence[Transcript | AsyncIterable[Any]] | None  # type: ignore[misc]

    Level = Literal["fatal", "error", "warning", "info", "debug"]
    Destination = Literal["server", "spool"]


class TelemetryClient:
    """Made by `telemetry_sdk.start()`. Only `opt_out` and the bug report's calls raise; in strict mode mistakes do.

    `policy` says what may be sent, where to, and why. Also a context manager, `with` and `async with`. What is recorded
    after `close` is dropped and counted as `closed`.
    """

    def __init__(self, runtime: Runtime, lifecycle: Lifecycle) -> None:
        self._runtime = runtime
        self._lifecycle = lifecycle
        self._queue = runtime.queue
        self._strict = runtime.diagnostics.strict

    @property
    def policy(self) -> Policy:
        """The current policy, including services disabled since start(), here or in another process."""
        return self._runtime.policy.policy

    def log_event(
        self, event: Event | str, *, value: float | None = None, metadata: Mapping[str, object] | None = None
    ) -> None:
        """Record a declared event: an instance, or its name with values. An append, whatever the network does."""
        queue = self._queue
        if queue.takes_metrics or queue.closed:
            if self._strict:
                self._runtime.recorder.get().event(event, value, metadata)
            else:
                queue.put_event(event, value, metadata)

    def measure(self, event: type[Event] | str, /, **fields: object) -> Measure:
        """Return a context manager that records `event`, a class or its name, with `duration_ms` and `ok` filled in."""
        from .capture.recorder import Measure

        return Measure(self._runtime.recorder.get(), event, fields)

    def capture_exception(
        self,
        exc: BaseException | None = None,
        *,
        level: Level = "error",
        handled: bool = True,
        tags: Mapping[str, str] | None = None,
    ) -> str | None:
        """Record an exception (default: the one being handled); return its event id, or None if it is not recorded.

        Types, functions, modules and lines of known code are sent, and the literals of a message; no source, no local.
        """
        if not self._queue.takes_errors:
            if self._queue.closed:
                self._queue.put_error(exc)  # counts it
            return None
        error = sys.exc_info()[1] if exc is None else exc
        if self._strict:
            from .capture.strict_errors import check_error

            check_error(error, level, tags, self._runtime.options.tags)
        return self._runtime.recorder.get().exception(error, level=level, handled=handled, tags=tags)

    def draft_bug_report(self, description: str, **parts: Unpack[Parts]) -> BugReportDraft:
        """Make a draft for the user to look at; nothing is sent. See `telemetry_sdk.bug_report.draft` for the parts.

        Raises `BugReportRefused` with all reasons where the policy forbids it, `DraftError` for a part that cannot
        be read or a blank description.
        """
        return self._runtime.drafts.get().draft_bug_report(description, **parts)

    async def draft_bug_report_async(self, description: str, **parts: Unpack[AsyncParts]) -> BugReportDraft:
        """Do what `draft_bug_report` does, in a thread beside the event loop; transcripts may be asynchronous.

        Under asyncio and trio. May be cancelled: nothing of the draft is left.
        """
        return await self._runtime.drafts.get().draft_bug_report_async(description, **parts)

    def drafts(self) -> list[BugReportDraft]:
        """Return the drafts that wait on disk, the oldest first: to be sent again, saved or deleted.

        Of the whole application, whatever endpoints they were made for; a preview shows where one would be sent now.
        They stay usable where the policy turns bug reports off.
        """
        return self._runtime.drafts.get().drafts()

    def damaged_drafts(self) -> list[DraftFile]:
        """Return the files of drafts that cannot be read; each has a `path`, and `delete()`."""
        return self._runtime.drafts.get().damaged_drafts()

    def public_issue(self, draft: BugReportDraft, title: str | None = None) -> GitHubIssue:
        """Return a public GitHub issue for a draft, to be shown whole (`render()`); nothing is sent or opened.

        It holds the title (default: the beginning of the description), the description, recent errors, environment and
        versions, never the conversation. `issue.url(issue.consent_to_public())` is the filled form. Raises
        `DraftError` where no repository is named, `BugReportRefused` where bug reports are off.
        """
        return self._runtime.drafts.get().public_issue(draft, title)

    async def send_bug_report(
        self,
        draft: BugReportDraft,
        *,
        consent: Consent,
        progress: Callable[[int, int], None] | None = None,
        timeout: float = 60.0,
    ) -> Outcome:
        """Send a draft as its preview showed it, within `timeout` seconds: sent, unconfirmed, saved, refused or failed.

        `progress` is called with the bytes sent and the bytes in all, on the sender's thread. Raises
        `ConsentError` if the consent is not to these bytes for this host. May be cancelled: the draft stays.
        """
        sender = self._runtime.drafts.get()
        return await sender.send_bug_report(draft, consent=consent, progress=progress, timeout=timeout)

    def send_bug_report_sync(
        self,
        draft: BugReportDraft,
        *,
        consent: Consent,
        progress: Callable[[int, int], None] | None = None,
        timeout: float = 60.0,
    ) -> Outcome:
        """Do what `send_bug_report` does, in a program without a loop."""
        sender = self._runtime.drafts.get()
        return sender.send_bug_report_sync(draft, consent=consent, progress=progress, timeout=timeout)

    async def flush(self, timeout: float = FLUSH_TIMEOUT, to: Destination = "server") -> bool:
        """Wait, at most `timeout` seconds, until nothing of this run waits (`to="spool"`: until all is on disk).

        True when that is so; records that were dropped are in `stats()`.

        In strict mode raises what failed on the SDK's own threads.
        """
        timeout = seconds(timeout, FLUSH_TIMEOUT, strict=self._strict)
        future = self._runtime.recorder.get().flush(to, timeout)
        done = future is not None and await future.wait_async(timeout) and future.result()
        self._runtime.diagnostics.raise_caught()
        return done

    def flush_sync(self, timeout: float = FLUSH_TIMEOUT, to: Destination = "server") -> bool:
        """Do what `flush` does, in a program without a loop."""
        timeout = seconds(timeout, FLUSH_TIMEOUT, strict=self._strict)
        done = self._runtime.recorder.get().flush_sync(to, timeout)
        self._runtime.diagnostics.raise_caught()
        return done

    def set_provider(self, name: str) -> None:
        """Note that the application now uses another model's provider. It may only turn services off."""
        self._runtime.policy.set_provider(name, self._runtime.profile, self._runtime.lifts)

    def opt_out(self, *services: str, persist: bool = True, purge_ledger: bool = False) -> None:
        """Turn services off at once (default: all): stop, cancel, purge, stop other processes.

        `persist`: until `telemetry-sdk opt-in`, in the user's choice file; False: until the next start. Raises
        `ValueError` for a service that does not exist, `OSError` if the choice cannot be stored; recording has
        stopped by then.
        """
        chosen = self._lifecycle.opt_out(services, purge_ledger=purge_ledger)
        if persist:
            runtime = self._runtime
            if not runtime.options.app:
                raise OSError("the choice cannot be stored: the application has no usable name")
            from .policy.choice import opt_out

            inputs = runtime.inputs.get()
            environ, home = inputs.get("environ"), inputs.get("home")
            opt_out(chosen, app=runtime.options.app, environ=environ, home=home, profile=runtime.profile)

    def notice(self) -> str | None:
        """Return the first-run notice for the user (what is on, what is sent, how to stop); None once shown."""
        return self._runtime.notice.get().text()

    def notice_shown(self) -> None:
        """Note that the user has seen the notice; with `start(notice=True)` delivery begins now."""
        self._runtime.notice.get().mark_shown()

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._lifecycle.closed

    def stats(self) -> dict[str, Any]:
        """Return the accounts: records accepted, queued, spooled, dropped by reason; delivered, waiting.

        In a signal handler that interrupts an import there may be a `problem` only.
        """
        try:
            load("telemetry_sdk.runtime.stats", monotonic() + PATIENCE)
            from .runtime.stats import statistics

            return statistics(self._runtime)
        except (ImportError, TimeoutError) as error:
            return {"problem": f"the accounts cannot be read now: {error}"}

    def close(self, timeout: float | None = None) -> bool:
        """Spool what waits, give a request in flight its time (default 0.3 s in all); True if none of it is lost.

        What only memory holds is lost if it is not sent by then. Dropped records are in `stats()`.
        """
        return self._lifecycle.close(timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._record_exit(error)
        self.close()

    async def __aenter__(self) -> Self:
        if self._queue.takes_errors:
            self._runtime.hooks.get().hook_loop()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._record_exit(error)
        if self._lifecycle.untouched:
            self.close()  # nothing to wait for
            return
        from ._internal.waiting import in_thread

        await in_thread(self.close)

    def _record_exit(self, error: BaseException | None) -> None:
        """Record the error that ends a `with` block."""
        if error is not None and self._queue.takes_errors:
            self._runtime.hooks.get().record(error, "generic", "error")

    def __repr__(self) -> str:
        on = [row.name for row in self.policy.rows if row.enabled]
        state = "closed" if self.closed else f"on={on}"
        return f"<telemetry_sdk.TelemetryClient app={self._runtime.options.app!r} {state}>"
