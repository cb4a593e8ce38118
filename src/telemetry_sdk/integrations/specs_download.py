"""A document that is fetched now and then through the same exit: the specs of Statsig's gates, from a trusted endpoint.

Only while metrics are on and something was just recorded: a program that idles, or that has opted out, asks nobody.
The last good answer is kept in the state directory, for the next start and for the application's other processes;
its time is when the endpoint was last asked by any of them.
"""

from __future__ import annotations

import os
import time
from functools import partial
from random import random

from ..exceptions import NetworkFailure
from ..sender.send_schedule import Job
from ..storage import files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ..egress.client import Egress
    from ..egress.response import Answer
    from ..endpoints import Endpoint
    from ..runtime.pipeline import Pipeline

INTERVAL = 600.0  # seconds between two requests of a state directory
DEADLINE = 30.0  # seconds for all of an answer
TAG_LIMIT = 128  # characters of an ETag that is sent back
KEPT, FETCHED = "DATASTORE", "NETWORK"  # as the vendor calls its sources
OUTCOMES = ("used", "unchanged", "refused", "failed", "not_kept")


class Download:
    """Fetches when due, at most `most` bytes. `path`: where the last good answer is kept, None: nowhere.

    `take` judges a text and where it is from, KEPT or FETCHED: "used", "unchanged" (nothing newer) or "refused".
    `counts` says what became of the requests: `failed` without a usable answer, `not_kept` used but not on disk.
    """

    def __init__(self, endpoint: Endpoint, path: str | None, take: Callable[[bytes, str], str], *, most: int) -> None:
        self.counts: dict[str, int] = dict.fromkeys(OUTCOMES, 0)
        self._endpoint = endpoint
        self._path = path
        self._take = take
        self._most = most
        self._tag = ""  # in memory only: kept on disk it would be an id of this installation
        self._seen = 0.0
        self.reset()

    def reset(self) -> None:
        """Begin anew: in the child of a fork what is under way is the parent's."""
        self._job: Job | None = None
        self._next = 0.0

    def begin(self, pipeline: Pipeline) -> None:
        """Have the sender fetch, if it is time; on the writer's thread, after it has drained."""
        now = time.monotonic()
        if now < self._next or (self._job is not None and not self._job.completion.done):
            return
        if "metrics" not in pipeline.consent:
            return
        age = self._age()
        if age is not None and age < INTERVAL:  # another process, or the run before, has just asked
            self._next = now + INTERVAL - age
            self.read()
            return
        self._next = now + INTERVAL
        self._job = Job(partial(self._fetch, pipeline))
        pipeline.submit(self._job)

    def cancel(self, pipeline: Pipeline) -> None:
        """Stop a request that is under way: metrics have gone off."""
        if self._job is not None and not self._job.completion.done:
            pipeline.cancel_job(self._job)
            self._job = None

    def read(self) -> None:
        """Use what an earlier run or another process has kept, unless it was seen already; asks nobody."""
        try:
            changed = os.stat(self._path or "").st_mtime
            if changed != self._seen:
                self._seen = changed
                self._take(files.read(self._path or "", self._most + 1), KEPT)
        except OSError:  # none is kept, or not ours: the shipped ones answer
            return

    async def _fetch(self, pipeline: Pipeline, egress: Egress) -> None:
        if not pipeline.consent.for_request("metrics"):
            return
        ledger, endpoint = pipeline.ledger, self._endpoint
        entry = ledger.attempt(service="specs", host=endpoint.host, content=b"", count=0)
        headers = {"accept": "application/json"} | ({"if-none-match": self._tag} if self._tag else {})
        try:
            answer = await egress.get(endpoint, headers=headers, most=self._most + 1, deadline=DEADLINE)
        except NetworkFailure as failure:
            ledger.outcome(entry, reason=str(failure))
            self.counts["failed"] += 1
            return
        except BaseException:
            ledger.outcome(entry, reason="cancelled")
            raise
        ledger.outcome(entry, status=answer.status)
        self.counts[self._judged(answer, pipeline)] += 1

    def _judged(self, answer: Answer, pipeline: Pipeline) -> str:
        """Return what became of an answer; a bad one changes nothing."""
        if answer.status != 200:  # noqa: PLR2004 - OK
            if answer.status == 304:  # noqa: PLR2004 - not modified
                self._touch()
                return "unchanged"
            self._wait_as_told(answer)
            return "failed"
        outcome = self._take(answer.body, FETCHED)
        if outcome == "used":
            self._keep(answer.body, pipeline)
        elif outcome == "unchanged":
            self._touch()
        if outcome != "refused":
            tag = answer.headers.get("etag", "")
            self._tag = tag if tag.isascii() and tag.isprintable() and len(tag) <= TAG_LIMIT else ""
        return outcome

    def _wait_as_told(self, answer: Answer) -> None:
        from ..sender.rate_limits import retry_after

        told = retry_after(answer.headers, now=time.time(), rand=random)
        self._next = max(self._next, time.monotonic() + (told or 0.0))

    def _keep(self, body: bytes, pipeline: Pipeline) -> None:
        """Replace the file. Where nothing can be kept the answer still counts for this run."""
        try:
            if self._path is not None and pipeline.directory.trusted(pipeline.boundary):
                files.replace(self._path, body)
                self._seen = os.stat(self._path).st_mtime
                return
        except OSError as error:
            pipeline.boundary.say(f"specs are not kept on disk: {type(error).__name__}")
        self.counts["not_kept"] += 1

    def _age(self) -> float | None:
        """Return how long ago, in seconds, any process last had an answer; None: never, or the clock was set back."""
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
