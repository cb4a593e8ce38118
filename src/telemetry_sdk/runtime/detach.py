"""At the program's end: chooses what happens with a client's records, and hands them over to a detached sender."""

from __future__ import annotations

import os
import sys
from time import time

from .._internal.clock import monotonic
from .._internal.services import RECORDED
from ..sender import detached_status
from ..sender.hand_over import NO_LOCK, PIPE_LIMIT, HandedDirectory, encode
from ..spool import segment_name
from ..spool.disk import SENDER_LOCK, merge_at_exit
from ..spool.segment_name import SENDING, WAITING
from ..storage.file_lock import FileLock
from . import detached_process
from .detachable import module_directories, obstacle

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .runtime import Runtime

DETACH, WAIT, LEAVE = "detach", "wait", "leave"  # values of `at_exit`
UNSAFE = "a module directory is missing or others may write to it"
TOO_MUCH = "too much to hand over"
SOON = 30.0  # seconds of back-off for which a detached sender would wait


def exit_mode(runtime: Runtime) -> str:
    """Return what happens at a client's end: what the host and the user chose, or less where that cannot be."""
    chosen = runtime.policy.policy.at_exit
    if chosen == LEAVE or runtime.transport is not None or "respx" in sys.modules:
        return LEAVE
    if chosen == WAIT or runtime.options.debug or runtime.policy.local or why_not_detached(runtime):
        return WAIT
    return DETACH


def why_not_detached(runtime: Runtime) -> str:
    """Return why a client cannot hand over its records; "": it can."""
    path, pipeline = runtime.state_dir.get(), runtime.pipeline.built
    spool = pipeline.spool.built if pipeline is not None else None
    if path is None or spool is None or spool.path is None:
        return "state is kept in memory only"
    return obstacle(path) or detached_status.why_none_starts(runtime.state.get().read())


def why_not_handed_over(clients: Mapping[str | None, Runtime]) -> str:
    """Return why one detached sender cannot take over the records of all these clients; "": it can."""
    modules = module_directories()
    if modules is None:
        return UNSAFE
    handed = [runtime.handed.get().replace(services=RECORDED) for runtime in clients.values()]
    return TOO_MUCH if len(encode(handed, modules)) > PIPE_LIMIT else ""


def hand_over(clients: Mapping[str | None, Runtime]) -> list[int] | None:
    """Start one detached sender for all state directories in which something waits; return its process id, if any.

    `clients`: by state directory. None: it could not be started. Never raises.
    """
    locks: list[FileLock] = []
    handed: list[HandedDirectory] = []
    try:
        for path, runtime in clients.items():
            if path is not None and (one := _taken(path, runtime, locks)) is not None:
                handed.append(one)
        return _start([clients[one.path] for one in handed], handed, locks) if handed else []
    except Exception as error:
        for runtime in clients.values():
            runtime.diagnostics.failed(error)
        return None
    finally:
        for lock in locks:
            lock.release()


def _taken(path: str, runtime: Runtime, locks: list[FileLock]) -> HandedDirectory | None:
    """Take a directory's `sender.lock`, add it to `locks` and return what to hand over; None: nothing is."""
    services = tuple(service for service in RECORDED if runtime.policy.is_on(service))
    if not _waits(path, runtime, services):
        merge_at_exit(path, runtime.state.get())
        return None
    lock, index = FileLock(os.path.join(path, SENDER_LOCK)), NO_LOCK
    try:
        locked = lock.acquire()
        at_work = not locked and _is_at_work(runtime)
        locked = locked or (not at_work and lock.acquire())  # our own sender may have let go of it in between
    except OSError as error:  # a directory or a link in its place
        detached_status.note_not_started(runtime.state.get(), f"cannot lock {lock.path}: {error.strerror}")
        return None
    if locked:
        index = len(locks)
        locks.append(lock)
    elif not at_work:
        return None  # another process sends: it looks once more
    return runtime.handed.get().replace(lock=index, services=services)


class ClientStarter:
    """Starts a detached sender for a client that goes on running."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._started: dict[int, str] = {}  # process id -> when the process started

    def start(self) -> bool:
        """Start one for what waits, unless one runs; False if none may be started."""
        clients = {self._runtime.state_dir.get(): self._runtime}
        if exit_mode(self._runtime) != DETACH:
            return False
        self._started = {pid: began for pid, began in self._started.items() if not has_ended(pid, began)}
        started = hand_over(clients)
        if started is None:
            return False
        for pid in started:
            self._started[pid] = start_time(pid)
        return True


def has_ended(pid: int, began: str) -> bool:
    """Take the exit status of a child that has ended, so that no dead process is left in the system's table.

    If the host took it first, its number may be that of another child of the host's.
    """
    try:
        return start_time(pid) != began or os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:  # the host took it
        return True


def start_time(pid: int) -> str:
    """Return when a process started, in ticks since the boot; "" if it is gone or the system does not say."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def _start(clients: list[Runtime], handed: list[HandedDirectory], locks: list[FileLock]) -> list[int] | None:
    states = [client.state.get() for client in clients]
    modules = module_directories()
    data = b"" if modules is None else encode(handed, modules)
    if modules is None or len(data) > PIPE_LIMIT:
        for state in states:
            detached_status.note_not_started(state, UNSAFE if modules is None else TOO_MUCH)
        return None
    for state in states:
        detached_status.note_handed_over(state)
    try:
        return [detached_process.start(data, [lock.descriptor for lock in locks if lock.descriptor is not None])]
    except KeyboardInterrupt:  # nothing was started, and nothing prevents the next one
        for state in states:
            detached_status.forget(state)
        raise
    except OSError as error:  # a limit on processes, no memory
        for state in states:
            detached_status.note_not_started(state, error.strerror or type(error).__name__)
        return None


def _is_at_work(runtime: Runtime) -> bool:
    """Tell whether this process's own sender holds the lock, in the middle of a request for instance."""
    pipeline = runtime.pipeline.built
    return pipeline is not None and pipeline.sender.at_work


def _waits(path: str, runtime: Runtime, services: Sequence[str]) -> bool:
    """Tell whether something of these services waits that may be sent soon."""
    names = segment_name.listed(os.path.join(path, "spool"))
    waiting = {name.service for name in names if name.state in {WAITING, SENDING}}.intersection(services)
    if not waiting:
        return False
    if "backoff" not in runtime.state.get().read():
        return True
    from ..sender.shared_backoff import SharedBackoff

    backoff = SharedBackoff(runtime.state.get(), clock=monotonic, wall=time, rand=lambda: 0.0)  # notes no answer
    backoff.refresh()
    return any(backoff.wait(service) <= SOON for service in waiting)
