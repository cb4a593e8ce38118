"""A client's end: spools what waits, then hands it over, waits for it, or leaves it to the next run."""

from __future__ import annotations

import os
from time import time

from .._internal.clock import monotonic
from ..options import EXIT_TIMEOUT
from ..pipeline.pipeline import IN_FLIGHT
from ..sender import detached_status
from ..spool import segment_name
from ..spool.disk import merge_at_exit
from .detach import DETACH, WAIT, exit_mode, hand_over, why_not_detached, why_not_handed_over

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..pipeline.pipeline import Pipeline
    from .runtime import Runtime

PATIENCE = 5.0  # seconds in which an exit still spools a few records, 20 ms of work, on a busy machine
FEW = 1_000  # records
LONGER = 1.5  # seconds that an exit may take where nothing was delivered for long and no process can be started
OLD = 3_600.0  # seconds
MANY_RUNS = 50
_LEFT: dict[str | None, Runtime] = {}  # by state directory: what a detached sender takes over at the program's end


class ClientExit:
    """Closes the pipeline of a client whose queue is closed."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def close(self, until: float, *, send: bool = True, spool_until: float = 0.0) -> bool:
        """Close until `until` (monotonic seconds); True if nothing that was recorded is lost.

        `send` False: no request is begun here. `spool_until`: when spooling a few records ends at the latest, on a
        busy machine; with more, what is not spooled by `until` is dropped.
        """
        timeout = max(0.0, until - monotonic())
        few = self._runtime.queue.counts()[1] <= FEW
        spool_until = max(until, spool_until) if few else until
        pipeline = self._pipeline(spool_until)
        if pipeline is None:
            return False
        if not pipeline.queue.wakeup.held:
            pipeline.spool_rest(max(0.0, spool_until - monotonic()))
        mode = self._mode(pipeline)
        if mode == WAIT:
            until = self._longer(until)
        timeout, patience = max(timeout, until - monotonic()), max(0.0, spool_until - monotonic())
        if mode == DETACH:  # at the program's end the request in flight gets its time
            timeout = 0.0
        kept = pipeline.close(timeout, send=send and mode == WAIT, until=until, patience=patience)
        if self._runtime.diagnostics.debug:
            from .commentary import log_end

            log_end(self._runtime, pipeline)
        if mode != DETACH:
            self._merge()
        else:
            _LEFT[self._runtime.state_dir.get()] = self._runtime
        return kept

    def _mode(self, pipeline: Pipeline) -> str:
        """Return what happens with the records; what no detached sender can take over is sent here."""
        runtime = self._runtime
        mode, spool = exit_mode(runtime), pipeline.spool.built
        if mode != DETACH or spool is None or not spool.holds_own():
            return mode
        why = why_not_handed_over({**_LEFT, runtime.state_dir.get(): runtime})
        if why:
            detached_status.note_not_started(runtime.state.get(), why)
        return WAIT if why else DETACH

    def end_process(self) -> None:
        """Close a client of a process that ends without `atexit`, and hand over."""
        if not self._runtime.queue.closed:
            self._runtime.queue.close()
            now = monotonic()
            self.close(now + self._runtime.options.exit_timeout, spool_until=now + PATIENCE)
        hand_over_left()

    def _pipeline(self, until: float) -> Pipeline | None:
        try:
            return self._runtime.pipeline.get(max(0.0, until - monotonic()))
        except TimeoutError:  # still being built by a thread that the exit holds up
            return None
        except Exception as error:
            self._runtime.diagnostics.failed(error)
            return None

    def _merge(self) -> None:
        path = self._runtime.state_dir.get()
        if path is not None:
            merge_at_exit(path, self._runtime.state.get())

    def _longer(self, until: float) -> float:
        """Return a later end in local mode, and once in ten minutes where records wait and no process can be started.

        In local mode what a short program records ends in the ledger, too: nobody else ever takes it there.
        """
        if self._runtime.policy.local and until > monotonic():
            return max(until, monotonic() + PATIENCE)
        runtime, why = self._runtime, why_not_detached(self._runtime)
        path = runtime.state_dir.get()
        if path is None or not why or runtime.options.exit_timeout != EXIT_TIMEOUT or not _starved(path):
            return until
        if not detached_status.note_longer_exit(runtime.state.get(), why):
            return until
        return max(until, monotonic() + LONGER)


def hand_over_left(began: float | None = None) -> None:
    """Hand over what the closed clients left, at the process's end: one detached sender for all of them.

    `began`: when the exit began, monotonic seconds. A request that has left gets the rest of the exit's time, two
    thirds of it at least: what becomes of it is not known, and a detached sender would send it again.
    """
    if _LEFT:
        timeout = max(runtime.options.exit_timeout for runtime in _LEFT.values())
        now = monotonic()
        until = max((began or now) + timeout, now + timeout * IN_FLIGHT)
        for pipeline in [runtime.pipeline.built for runtime in _LEFT.values()]:
            if pipeline is not None:
                pipeline.sender.end_request(until, now + PATIENCE)
        hand_over(_LEFT)
        _LEFT.clear()


def forget_left() -> None:
    """In the child of a fork: what the parent's clients left is the parent's."""
    _LEFT.clear()


def _starved(path: str) -> bool:
    """Tell whether the oldest run that waits is over an hour old, or very many wait."""
    try:
        runs = {name.run for name in segment_name.listed(os.path.join(path, "spool")) if name.waiting}
    except OSError:  # no directory of ours: nothing waits on disk
        return False
    return len(runs) >= MANY_RUNS or (bool(runs) and time() - segment_name.began(min(runs)) > OLD)
