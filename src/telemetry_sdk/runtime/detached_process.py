"""Starts the detached sender as a process of its own, without a fork: it takes locks and secrets as descriptors."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FIRST = 3  # the pipe's descriptor in the new process; the locks follow
VARIABLES = ("SYSTEMROOT", "TEMP", "HOME", "USERPROFILE", "LANG", "LD_LIBRARY_PATH")
BOOTSTRAP = """\
import os, signal, sys
os.umask(0o77)
os.chdir("/")
os.nice(5)
signal.alarm(65)
import json, select, time, zlib
pipe, *locks = map(int, sys.argv[1:])
until, data = time.monotonic() + 5, b""
while select.select([pipe], [], [], max(0, until - time.monotonic()))[0]:
    piece = os.read(pipe, 65536)
    if not piece:
        break
    data += piece
else:
    sys.exit()
os.close(pipe)
handed = json.loads(zlib.decompress(data))
at = next((n for n, path in enumerate(sys.path) if path.endswith("-packages")), len(sys.path))
sys.path[at:at] = handed["modules"]
from telemetry_sdk.runtime.detached_main import main
main(handed, locks)
"""


def start(data: bytes, locks: Sequence[int]) -> int:
    """Start the process and return its id. `data` must fit into a pipe. Raises OSError.

    `locks`: descriptors of locked files; the locks hold while either process has them open.
    """
    reader, writer = os.pipe()
    try:
        try:
            os.write(writer, data)
        finally:
            os.close(writer)  # before the start: nobody else keeps the pipe open
        return _spawn([reader, *locks])
    finally:
        os.close(reader)


def _spawn(descriptors: Sequence[int]) -> int:
    from signal import SIGALRM, SIGINT, SIGTERM

    targets = range(FIRST, FIRST + len(descriptors))
    arguments = [sys.executable, "-I", "-c", BOOTSTRAP]
    environ = {name: value for name, value in os.environ.items() if name in VARIABLES or name.startswith("DYLD_")}
    try:
        copies = list(_copies(descriptors, targets.stop))
        try:
            actions = [*_closed(targets), *_null_streams(), *_moved(copies, targets)]
            return os.posix_spawn(
                sys.executable,
                [*arguments, *map(str, targets)],
                environ,
                file_actions=actions,
                setsid=True,
                setsigmask=(),
                setsigdef=(SIGALRM, SIGINT, SIGTERM),  # whatever the program ignores or blocks
            )
        finally:
            for copy in copies:
                os.close(copy)
    except NotImplementedError:  # a system without setsid at the spawn
        return _popen(arguments, descriptors, environ)


def _copies(descriptors: Sequence[int], least: int) -> Iterator[int]:
    """Copy descriptors to numbers from `least` on, so that none of them is a target."""
    import fcntl

    for descriptor in descriptors:
        yield fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, least)


def _closed(kept: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Close what the program left open for its children, so that nobody waits for the end of a pipe of ours."""
    for name in os.listdir("/proc/self/fd" if os.path.isdir("/proc/self/fd") else "/dev/fd"):
        descriptor = int(name)
        try:
            if descriptor >= FIRST and descriptor not in kept and os.get_inheritable(descriptor):
                yield os.POSIX_SPAWN_CLOSE, descriptor
        except OSError:  # the listing's own
            continue


def _null_streams() -> Iterator[tuple[object, ...]]:
    yield os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDWR, 0
    yield os.POSIX_SPAWN_DUP2, 0, 1
    yield os.POSIX_SPAWN_DUP2, 0, 2


def _moved(copies: Sequence[int], targets: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    for copy, target in zip(copies, targets, strict=True):
        yield os.POSIX_SPAWN_DUP2, copy, target


def _popen(arguments: Sequence[str], descriptors: Sequence[int], environ: dict[str, str]) -> int:
    import subprocess

    process = subprocess.Popen(  # noqa: S603 - our own interpreter and constant
        [*arguments, *map(str, descriptors)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=descriptors,
        start_new_session=True,
        env=environ,
    )
    process.returncode = 0  # never waited for: it outlives this program
    return process.pid
