"""The state directory: where it is, what waits in it, what is deleted from it.

<base>/<app>/
    revoked-<service>
    <hash of endpoints>/
        installation-id  state.json  state.lock  sender.lock
        <run>.lock  <run>.run/{errors,metrics}/...  sent/  drafts/
"""

from __future__ import annotations

import os

from . import files
from .shared_state import SharedState

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from typing import Any

    from .._internal.diagnostics import Boundary
    from ..pipeline.interfaces import Keeps


class StateDirectory:
    """The places of one application and one set of endpoints. `path` None: nothing is kept on disk."""

    def __init__(self, path: str | None) -> None:
        self.path = path
        self.state = SharedState(path)

    def make_spool(self, contexts: Callable[[str], Mapping[str, Any] | None], boundary: Boundary) -> Keeps:
        """Make this run's spool: on disk, or in memory where the place cannot be trusted."""
        from ..spool.disk import Spool
        from ..spool.memory import MemorySpool

        if self.trusted(boundary):
            spool = Spool(self.path or "", contexts)
            try:
                spool.open()
            except OSError as error:
                self._give_up(error, boundary)
            else:
                return spool
        return MemorySpool(contexts)

    def trusted(self, boundary: Boundary) -> bool:
        """Make sure of the directory; where it cannot be ours alone, nothing is kept on disk from now on."""
        if self.path is not None:
            try:
                _not_anothers_home(self.path)
                files.private_directory(self.path)
            except OSError as error:
                self._give_up(error, boundary)
        return self.path is not None

    def _give_up(self, error: OSError, boundary: Boundary) -> None:
        self.path = None
        self.state = SharedState(None)
        boundary.say(f"nothing is kept on disk: {type(error).__name__} {error.errno or ''}".rstrip())

    def waiting(self, spool: Keeps | None) -> Mapping[str, int]:
        """Return how many records of each kind wait, of all runs."""
        from ..spool.memory import MemorySpool
        from ..spool.reader import Store

        if isinstance(spool, MemorySpool):
            return spool.waiting()
        return Store(self.path, lost=lambda _reason, _count: None).waiting() if self.path else {}

    def any_waiting(self) -> bool:
        """Tell cheaply whether any run has left a file."""
        return any(True for _ in self._files(("errors", "metrics")))

    def purge(self, service: str) -> int:
        """Delete what waits of a service (and the id, for metrics); return how many files went."""
        if self.path is None or not files.is_own_directory(self.path):
            return 0
        counted = sum(files.remove(path) for path in list(self._files((service,))))
        if service == "metrics":
            files.remove(os.path.join(self.path, "installation-id"))
        return counted

    def _files(self, kinds: Collection[str]) -> Iterator[str]:
        """Yield the files that wait of some kinds, of all runs."""
        for run in files.names(self.path) if self.path else ():
            directory = os.path.join(self.path or "", run)
            if run.endswith(".run") and files.is_own_directory(directory):
                for kind in kinds:
                    place = os.path.join(directory, kind)
                    for name in files.names(place) if files.is_own_directory(place) else ():
                        if name.endswith((".err", ".open", ".seg")):
                            yield os.path.join(place, name)


def erase(base: str | None, app: str, services: Collection[str]) -> None:
    """Delete what an application left of services that the user has turned off, for whatever endpoints."""
    for path in places(base, app):
        for service in services:
            StateDirectory(path).purge(service)
        _tidy(path)


def places(base: str | None, app: str) -> list[str]:
    """Return an application's state directories, whatever endpoints they are of."""
    app_dir = os.path.join(base, app) if base and app else ""
    if not app_dir or not files.is_own_directory(app_dir):
        return []
    return [path for name in files.names(app_dir) if files.is_own_directory(path := os.path.join(app_dir, name))]


def _tidy(path: str) -> None:
    """Remove the run directories that nobody owns and that hold nothing."""
    from ..spool.reader import Store

    store = Store(path, lost=lambda _reason, _count: None)
    if any(name.endswith(".run") for name in files.names(path)) and not store.any_waiting():
        store.adopt()
        store.sweep()


def _not_anothers_home(path: str) -> None:
    """Refuse to leave root's files in another user's home (sudo keeps HOME)."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return
    while not os.path.exists(path):
        path = os.path.dirname(path)
    if os.stat(path).st_uid != 0:
        raise files.Untrusted(f"root in another user's place: {path}")
