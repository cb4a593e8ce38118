"""The entrance: all of a client's way out that a start pays for. A queue, and who will empty it.

The pipeline behind it is loaded and built at the first record, on the writer's thread (at exit, if it never ran,
on the exiting one).
"""

from __future__ import annotations

import _thread
import os
import sys
from time import monotonic, sleep

from ..queue.queue import Queue
from ..storage.revocations import Revocations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from typing import Any

    from .._internal.diagnostics import Boundary
    from .._internal.future import Completion
    from ..endpoints import Endpoints
    from ..integrations.specs_download import Download
    from ..options import Options
    from .pipeline import Pipeline

SPECS = "statsig-specs-"  # begins the name of the file that keeps them
OLD_FILES = 2.0  # seconds after the start until what an earlier run left is sent


class Entrance:
    """Takes records at once; builds the pipeline when there is something for it to do. Never raises."""

    def __init__(
        self,
        options: Options,
        endpoints: Endpoints,
        boundary: Boundary,
        *,
        services: Collection[str],
        settings_off: Callable[[], Collection[str]],
        provider: str,
        retention_days: int | None,
        changed: Callable[[], None],
        sweep: Callable[[str, int], None],
        transport: Callable[[], Any] | None = None,
    ) -> None:
        self.options = options
        self.endpoints = endpoints
        self.boundary = boundary
        self.services = services
        self.settings_off = settings_off
        self.provider = provider
        self.retention_days = retention_days
        self.changed = changed
        self.sweep = sweep
        self.transport = transport
        self.state_dir = state_dir(options.base_dir, options.app, endpoints.identity)
        self.revocations = Revocations(self.state_dir, services)
        self.specs: Download | None = None  # fetched while metrics are on, if a binding asks for it
        self._renew()
        if self.state_dir is not None and self._sends() and has_runs(self.state_dir):
            _know_the_main_thread()
            _thread.start_new_thread(self._send_old, (self._building,))

    def _sends(self) -> bool:
        return "metrics" in self.services or "errors" in self.services

    def _renew(self) -> None:
        self.queue = Queue(self._wake)
        self.closed = False
        self._pipeline: Pipeline | None = None
        self._building = _thread.RLock()  # a signal's handler may come in the middle
        self._started = _thread.allocate_lock()

    @property
    def pipeline(self) -> Pipeline:
        """The stations behind the queue, built at the first call."""
        with self._building:
            if self._pipeline is None:
                from .pipeline import Pipeline

                made = Pipeline(self)
                if self._pipeline is None:  # a signal's handler may have made one
                    self._pipeline = made
            return self._pipeline

    @property
    def built(self) -> Pipeline | None:
        """The stations, if they were built."""
        return self._pipeline

    @property
    def untouched(self) -> bool:
        """Whether nothing was recorded and nothing was built: there is nothing to flush or to close."""
        return self._pipeline is None and self.queue.empty() and not self._started.locked()

    def accepts(self, service: str) -> bool:
        """Tell whether records of a service are still taken."""
        pipeline = self._pipeline
        if pipeline is None:
            return service in self.services and not self.revocations.revoked(service)
        return service in pipeline.consent

    def flush(self, to: str, timeout: float, completion: Completion[bool]) -> None:
        """Complete with True when all that was recorded is on disk (`to="spool"`) or delivered ("server")."""
        if self._pipeline is None and self.queue.empty():
            completion.set(True)
        else:
            self.pipeline.flush(to, timeout, completion)

    def close(self, timeout: float, send: bool = True) -> bool:
        """Let what waits be spooled and (`send`) sent within `timeout` seconds; True if nothing is lost."""
        until = monotonic() + timeout
        self.closed = True
        if self.untouched:
            return True
        return self.pipeline.close(max(0.0, until - monotonic()), send)

    def after_fork(self) -> None:
        """In the child: new locks, an empty queue, a new run; the parent's files and threads are the parent's."""
        parent = self._pipeline
        if parent is not None:
            parent.forget()
        if self.specs is not None:
            self.specs.reset()
        self._renew()

    def _wake(self, urgent: bool) -> None:
        """Start the writer's thread at the first record, later wake it; from any thread, never waits."""
        if not self._started.acquire(blocking=False):
            if self._pipeline is not None:
                self._pipeline.writer.wake(urgent)
            return
        self.queue.idle = False
        try:
            _know_the_main_thread()
            _thread.start_new_thread(self._run, ())
        except RuntimeError:  # no thread to be had now: the next record tries again, the exit drains
            self.queue.idle = True
            self._started.release()

    def _run(self) -> None:
        try:
            self.pipeline.writer.run()
        except BaseException as error:  # nothing of ours reaches the host's stderr
            self.boundary.failed(error)

    def _send_old(self, mine: object) -> None:
        """Send what an earlier run left, once the application's own start is over."""
        sleep(OLD_FILES)
        try:
            if not self.closed and self._building is mine:
                self.pipeline.send_old()
        except BaseException as error:
            self.boundary.failed(error)


def _know_the_main_thread() -> None:
    """Load threading before the sender does: until Python 3.13 it takes whoever loads it for the main thread.

    Nothing to do where the application has threads, a loop or a log already; else 4 ms, once, at its first record.
    """
    if sys.version_info < (3, 13) and "threading" not in sys.modules:
        __import__("threading")


def state_dir(base: str | None, app: str, identity: str) -> str | None:
    """Return `<base>/<app>/<hash of endpoints>`; None where nothing can be kept."""
    return os.path.join(base, app, _hashed(identity)) if base and app else None


def specs_file(directory: str, url: str) -> str:
    """Return where the specs of a URL are kept: another URL's are never mistaken for them."""
    return os.path.join(directory, f"{SPECS}{_hashed(url)}.json")


def has_runs(path: str) -> bool:
    """Tell whether some run has left a directory."""
    try:
        return any(name.endswith(".run") for name in os.listdir(path))
    except OSError:  # no state yet
        return False


def _hashed(identity: str) -> str:
    try:
        from _blake2 import blake2s  # hashlib loads OpenSSL: 3 ms
    except ImportError:
        from hashlib import blake2s
    return blake2s(identity.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
