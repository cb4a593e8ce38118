"""Whether a process can outlive this one and deliver what it leaves, and which module directories it needs."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NEEDED = ("telemetry_sdk", "httpx", "httpcore", "h11", "anyio", "idna", "certifi", "truststore")
OPTIONAL = ("sniffio", "typing_extensions", "exceptiongroup", "socksio")
INITIAL_NAMESPACE = "pid:[4026531836]"  # PROC_PID_INIT_INO of Linux
MEMORY_FILE_SYSTEMS = {"tmpfs", "ramfs"}


def obstacle(state_dir: str) -> str:
    """Return why no detached sender can be started here; "": one can be."""
    executable = sys.executable or ""
    if sys.platform == "win32" or not hasattr(os, "posix_spawn"):
        return "not on this system"
    if getattr(sys, "frozen", False) or not os.path.basename(executable).startswith("python"):
        return "the application is frozen or embedded"
    if not os.access(executable, os.X_OK):
        return "the interpreter is gone"
    if not os.path.isfile(__file__):
        return "the package is not installed as plain files"
    return _namespace_obstacle(state_dir)


def module_directories() -> list[str] | None:
    """Return the directories of this package and of what it needs; None if one is missing or others may write to it."""
    found: dict[str, None] = {}
    for name in NEEDED:
        directory = _directory_of(name)
        if directory is None:
            return None
        found[directory] = None
    for name in OPTIONAL:
        directory = _directory_of(name)
        if directory is not None:
            found[directory] = None
    return list(found) if all(map(_is_safe, found)) else None


def _directory_of(name: str) -> str | None:
    for path in _search_path():
        if os.path.isfile(os.path.join(path, name, "__init__.py")) or os.path.isfile(os.path.join(path, f"{name}.py")):
            return path
    return None


def _search_path() -> Iterator[str]:
    yield os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    entries: Sequence[object] = sys.path  # anything at all: the interpreter ignores what is no text
    yield from (path for path in entries if isinstance(path, str) and os.path.isabs(path))


def _is_safe(path: str) -> bool:
    """Tell whether a directory is this user's or root's, and writable by nobody else.

    A group of the user's own, of the same number as the user, is the user.
    """
    found = os.stat(path)
    user = os.geteuid()
    own_group = found.st_gid == os.getegid() == user
    return found.st_uid in {0, user} and not found.st_mode & (0o002 if own_group else 0o022)


def _namespace_obstacle(state_dir: str) -> str:
    """Return why a process would not outlive this one: a container ends with its first process, and its files too."""
    try:
        if os.readlink("/proc/self/ns/pid") == INITIAL_NAMESPACE:
            return ""
    except OSError:  # another system than Linux
        return ""
    if os.getpid() == 1 or os.getppid() in {0, 1}:
        return "the container ends with this program"
    return "the state directory is in memory" if _file_system(state_dir) in MEMORY_FILE_SYSTEMS else ""


def _file_system(path: str) -> str:
    """Return the type of the file system that holds a path."""
    device = os.stat(path).st_dev
    wanted = f"{os.major(device)}:{os.minor(device)}"
    with open("/proc/self/mountinfo", encoding="utf-8", errors="replace") as mounts:
        for line in mounts:
            fields, _, rest = line.partition(" - ")
            if fields.split(" ")[2] == wanted:
                return rest.split(" ")[0]
    return ""
