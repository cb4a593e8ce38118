"""Downloads the specs of Statsig's gates from a trusted endpoint, through the one exit.

Only while metrics are on and something was just recorded: a program that idles or has opted out sends no request. The
last good response is kept in the state directory, for the next start and for the application's other processes; its
time is when any of them last asked the endpoint.
"""

from __future__ import annotations

import os
import time
from random import random

from .._internal.services import METRICS
from ..exceptions import NetworkFailure
from ..policy.current import ON
from ..sender.send_schedule import Job
from ..storage import files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .._internal.lazy import Lazy
    from ..capture.recorder import Recorder
    from ..egress.client import Egress
    from ..egress.response import Response
    from ..endpoints import Endpoint
    from ..ledger import Ledger
    from ..sender.thread import SenderThread


INTERVAL = 600.0  # seconds between two requests of a state directory
DEADLINE = 30.0  # seconds for a whole response
TAG_LIMIT = 128  # characters of an ETag that is sent back
KEPT, FETCHED = "DATASTORE", "NETWORK"  # as the vendor calls its sources
OUTCOMES = ("used", "unchanged", "refused", "failed", "not_kept")


class SpecsDownload:
    """Fetches when due, at most `most` bytes. `path`: where the last good response is kept, None: nowhere.

    `use` takes specs and their source, KEPT or FETCHED; it returns "used", "unchanged" (nothing newer) or "refused".
    `counts`: requests by outcome; `failed`: no usable response; `not_kept`: used, but not written to disk.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        path: str | None,
        use: Callable[[bytes, str], str],
        recorder: Recorder,
        ledger: Lazy[Ledger],
        *,
        most: int,
    ) -> None:
        self.counts: dict[str, int] = dict.fromkeys(OUTCOMES, 0)
        self._endpoint = endpoint
        self._path = path
        self._use = use
        self._recorder = recorder
        self._ledger = ledger
        self._most = most
        self._tag = ""  # in memory only: kept on disk it would be an id of this installation
        self._seen = 0.0
        self._next = 0.0
        self._job: tuple[SenderThread, Job] | None = None

    def drained(self) -> None:
        """Have the sender fetch, if it is time; on the writer's thread."""
        now = time.monotonic()
        if now < self._next or self._running() is not None or not self._recorder.policy.is_on(METRICS):
            return
        age = self._age()
        if age is not None and age < INTERVAL:  # another process, or the run before, has just asked
            self._next = now + INTERVAL - age
            self.read()
            return
        self._next = now + INTERVAL
        sender, job = self._recorder.pipeline.get().sender, Job(self._fetch)
        self._job = sender, job
        sender.submit(job)

    def service_changed(self, service: str, state: str) -> None:
        """Cancel a running request when metrics are turned off."""
        running = self._running()
        if service == METRICS and state != ON and running is not None:
            sender, job = running
            sender.cancel_job(job)

    def read(self) -> None:
        """Use what an earlier run or another process has kept, unless it was read already; no request."""
        try:
            changed = os.stat(self._path or "").st_mtime
            if changed != self._seen:
                self._seen = changed
                self._use(files.read(self._path or "", self._most + 1), KEPT)
        except OSError:  # none is kept, or it is not the user's: the shipped specs answer
            return

    def _running(self) -> tuple[SenderThread, Job] | None:
        """Return the request that is running in this process; a parent's is none, in the child of a fork."""
        if self._job is None or self._job[1].future.done:
            return None
        pipeline = self._recorder.pipeline.built
        return self._job if pipeline is not None and pipeline.sender is self._job[0] else None

    async def _fetch(self, egress: Egress) -> None:
        if not self._recorder.policy.check(METRICS):
            return
        ledger, endpoint = self._ledger.get(), self._endpoint
        entry = ledger.attempt(service="specs", host=endpoint.host, content=b"", count=0)
        headers = {"accept": "application/json"} | ({"if-none-match": self._tag} if self._tag else {})
        try:
            response = await egress.get(endpoint, headers=headers, most=self._most + 1, deadline=DEADLINE)
        except NetworkFailure as failure:
            ledger.outcome(entry, reason=str(failure))
            self.counts["failed"] += 1
            return
        except BaseException:
            ledger.outcome(entry, reason="cancelled")
            raise
        ledger.outcome(entry, status=response.status)
        self.counts[self._outcome(response)] += 1

    def _outcome(self, response: Response) -> str:
        """Return the outcome of a response; a bad one changes nothing."""
        if response.status != 200:  # noqa: PLR2004 - OK
            if response.status == 304:  # noqa: PLR2004 - not modified
                self._touch()
                return "unchanged"
            self._postpone(response)
            return "failed"
        outcome = self._use(response.body, FETCHED)
        if outcome == "used":
            self._keep(response.body)
        elif outcome == "unchanged":
            self._touch()
        if outcome != "refused":
            tag = response.headers.get("etag", "")
            self._tag = tag if tag.isascii() and tag.isprintable() and len(tag) <= TAG_LIMIT else ""
        return outcome

    def _postpone(self, response: Response) -> None:
        from ..sender.rate_limits import retry_after

        wait = retry_after(response.headers, now=time.time(), rand=random)
        self._next = max(self._next, time.monotonic() + (wait or 0.0))

    def _keep(self, body: bytes) -> None:
        """Replace the file. Where nothing can be kept the response still counts for this run."""
        try:
            if self._path is not None:
                files.private_state_directory(os.path.dirname(self._path))
                files.replace(self._path, body)
                self._seen = os.stat(self._path).st_mtime
                return
        except OSError as error:
            self._recorder.diagnostics.log(f"specs are not kept on disk: {type(error).__name__}")
        self.counts["not_kept"] += 1

    def _age(self) -> float | None:
        """Return how long ago, in seconds, any process last had a response; None: never, or the clock was set back."""
        try:
            age = time.time() - os.stat(self._path or "").st_mtime
        except OSError:  # none is kept
            return None
        return age if age >= 0 else None

    def _touch(self) -> None:
        try:
            if self._path is not None:
                os.utime(self._path)
                self._seen = os.stat(self._path).st_mtime
        except OSError:  # gone meanwhile: the next start asks
            self._seen = 0.0
