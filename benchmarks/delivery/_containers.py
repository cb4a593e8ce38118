"""Programs as the first process of a container, or beside a resolver that never answers; both need root on Linux."""

from __future__ import annotations

import socket
import subprocess
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

PID_1 = ("unshare", "--fork", "--kill-child", "--pid", "--mount-proc")
OTHER_FILES = ("unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/resolv.conf && exec "$@"')
NAME_SERVER = "127.83.53.1"  # nobody's


class Containers(NamedTuple):
    """What a command is prefixed with; None: not available here."""

    pid_1: tuple[str, ...] | None
    resolver: tuple[str, ...] | None


@contextmanager
def containers() -> Iterator[Containers]:
    """Find out what is available; keep the name server that takes queries and never answers."""
    with tempfile.NamedTemporaryFile("w") as file, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        file.write(f"nameserver {NAME_SERVER}\noptions timeout:30 attempts:5\n")
        file.flush()
        resolver = (*OTHER_FILES, file.name)
        try:
            silent.bind((NAME_SERVER, 53))
        except OSError:
            resolver = ()
        yield Containers(PID_1 if _works(PID_1) else None, resolver if resolver and _works(resolver) else None)


def _works(prefix: tuple[str, ...]) -> bool:
    try:
        return subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False
