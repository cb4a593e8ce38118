"""The private files of an application, `<base>/<app>/<hash of endpoints>/`.

Directories 0700, files 0600, no link followed, owner and mode checked, atomic replacement.

<base>/<app>/
revoked-<service>
<hash of endpoints>/
installation-id  state.json  state.lock  sender.lock  spool/  sent/  drafts/
"""

from __future__ import annotations

import os
import stat

_NOFOLLOW: int = getattr(os, "O_NOFOLLOW", 0)
_CLOEXEC: int = getattr(os, "O_CLOEXEC", 0)
_BINARY: int = getattr(os, "O_BINARY", 0)
_NONBLOCK: int = getattr(os, "O_NONBLOCK", 0)
_FLAGS = _NOFOLLOW | _CLOEXEC | _BINARY
_HEX = frozenset("0123456789abcdef")
LOCAL = "local"  # the state directory of local mode, whatever the endpoints
_HASH = 8  # bytes; twice as many characters
MAX_READ = 64 << 20  # bytes: beyond any file of ours


class Untrusted(OSError):
    """A place that is not ours alone: another owner, open to others, a link."""


def private_directory(path: str) -> None:
    """Make sure of a directory that only this user can enter; missing parents are made likewise.

    Raises `OSError`; `Untrusted` if it is there but a link, another user's, or open to others and not mended.
    """
    _make_directory(path)
    _check_directory(path, os.lstat(path))


def private_state_directory(path: str) -> None:
    """Make sure of a private state directory, `<base>/<app>/<hash>`, and of the application's directory above it.

    Raises `OSError`; `Untrusted` where one is another user's, open to others and not mended, or in another user's
    home, or where the state directory is a link.
    """
    private_application_directory(os.path.dirname(path))
    private_directory(path)


def private_part(path: str) -> None:
    """Make sure of a private directory within a state directory, and of those above it; raises as they do."""
    private_state_directory(os.path.dirname(path))
    private_directory(path)


def private_application_directory(path: str) -> None:
    """Make sure of an application's directory, `<base>/<app>`.

    It may be a link of the user's own to a directory of the user's own: state that was moved to another disk.
    """
    _refuse_foreign_home(path)
    _make_directory(path)
    link = os.lstat(path)
    if stat.S_ISLNK(link.st_mode) and hasattr(os, "geteuid") and link.st_uid != os.geteuid():
        raise Untrusted(f"another user's link: {path}")
    _check_directory(path, os.stat(path))


def _make_directory(path: str) -> None:
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        return
    except FileNotFoundError:
        _make_directory(os.path.dirname(path))
        try:
            os.mkdir(path, 0o700)  # no second round: /proc has no such file whatever is made above it
        except FileExistsError:
            return


def _check_directory(path: str, found: os.stat_result) -> None:
    if not stat.S_ISDIR(found.st_mode):
        raise Untrusted(f"not a directory: {path}")
    if hasattr(os, "geteuid"):
        if found.st_uid != os.geteuid():
            raise Untrusted(f"another user's: {path}")
        if found.st_mode & 0o077:
            os.chmod(path, 0o700)


def _refuse_foreign_home(path: str) -> None:
    """Refuse to leave root's files in another user's home (sudo keeps HOME)."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return
    while not os.path.exists(path):
        path = os.path.dirname(path)
    if os.stat(path).st_uid != 0:
        raise Untrusted(f"root in another user's directory: {path}")


def is_own_directory(path: str, *, follow: bool = False) -> bool:
    """Tell whether a path is a directory of this user's; a link to one only with `follow`, if it is the user's own."""
    try:
        link = os.lstat(path)
        found = os.stat(path) if follow else link
    except OSError:  # not there
        return False
    ours = not hasattr(os, "geteuid") or link.st_uid == found.st_uid == os.geteuid()
    return stat.S_ISDIR(found.st_mode) and ours


def create(path: str, *, append: bool = False) -> int:
    """Open a new file for writing and return its descriptor; it must not exist."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FLAGS | (os.O_APPEND if append else 0)
    return os.open(path, flags, 0o600)


def open_to_append(path: str) -> int:
    """Open a file of this user's for appending, made if need be; raises `OSError` for a link, a device, another's."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | _FLAGS | _NONBLOCK, 0o600)
    found = os.fstat(descriptor)
    foreign = hasattr(os, "geteuid") and (found.st_uid != os.geteuid() or found.st_mode & 0o077)
    if foreign or not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
        os.close(descriptor)
        raise Untrusted(f"not a file of this user's alone: {path}")
    return descriptor


def write_all(descriptor: int, data: bytes) -> None:
    """Write every byte, or raise."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def replace(path: str, data: bytes, *, locked: bool = False) -> None:
    """Replace a file's content atomically (rename survives kill -9).

    `locked`: nobody else writes it now; what a kill left beside it is deleted.
    """
    if locked:
        remove(f"{path}.tmp")
    spare = _spare(path, data, f"{path}.tmp" if locked else None)
    try:
        os.replace(spare, path)
    except BaseException:
        remove(spare)
        raise


def create_whole(path: str, data: bytes) -> bool:
    """Make a file whole or not at all; False if there is one already."""
    spare = _spare(path, data)
    try:
        if os.name == "nt":
            os.rename(spare, path)  # refuses to replace there
        else:
            os.link(spare, path)
    except FileExistsError:
        return False
    finally:
        remove(spare)
    return True


def _spare(path: str, data: bytes, name: str | None = None) -> str:
    """Write a whole file beside `path`, under a name of its own; return it. Nothing is left if that fails."""
    spare = name or f"{path}.{os.getpid():x}-{os.urandom(4).hex()}.tmp"
    descriptor = create(spare)
    try:
        try:
            write_all(descriptor, data)
        finally:
            os.close(descriptor)
    except BaseException:
        remove(spare)
        raise
    return spare


def read(path: str, most: int = MAX_READ) -> bytes:
    """Read a private regular file; raises `OSError`, `Untrusted` for a link, a device, or another user's file."""
    descriptor = os.open(path, os.O_RDONLY | _FLAGS | _NONBLOCK)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or (hasattr(os, "geteuid") and found.st_uid != os.geteuid()):
            raise Untrusted(f"not a file of this user's: {path}")
        parts: list[bytes] = []
        while most > 0:
            part = os.read(descriptor, min(most, 1 << 20))
            if not part:
                break
            parts.append(part)
            most -= len(part)
        return b"".join(parts)
    finally:
        os.close(descriptor)


def remove(path: str) -> bool:
    """Delete a file; tell whether it is gone by this call."""
    try:
        os.unlink(path)
    except OSError:  # already gone, or not ours to delete: the caller counts
        return False
    return True


def sweep_spares(directory: str, before: float) -> None:
    """Delete what killed writers left in a directory before a time, in seconds since the epoch."""
    for name in names(directory):
        path = os.path.join(directory, name)
        if name.endswith(".tmp") and os.path.lexists(path) and os.lstat(path).st_mtime < before:
            remove(path)


def names(path: str) -> list[str]:
    """Return the sorted names in a directory; none if it cannot be read."""
    try:
        return sorted(os.listdir(path))
    except OSError:  # not there: nothing waits
        return []


def state_dir(base: str | None, app: str, endpoints: str, *, local: bool = False) -> str | None:
    """Return the state directory of an application and its endpoints (`Endpoints.identity`); None: nowhere.

    Local mode has a directory of its own, which no other run or sender reads.
    """
    return os.path.join(base, app, LOCAL if local else name_hash(endpoints)) if base and app else None


def is_state_directory(path: str) -> bool:
    """Tell whether a directory has the name of a state directory and is no link."""
    name = os.path.basename(path)
    known = name == LOCAL or (len(name) == 2 * _HASH and _HEX.issuperset(name))
    return known and not os.path.islink(path)


def application_directory(base: str | None, app: str) -> str | None:
    """Return `<base>/<app>` if it is a directory of this user's, or this user's link to one; else None."""
    path = os.path.join(base, app) if base and app else ""
    return path if path and is_own_directory(path, follow=True) else None


def state_directories(base: str | None, app: str) -> list[str]:
    """Return an application's state directories, whatever their endpoints."""
    parent = application_directory(base, app)
    if parent is None:
        return []
    return [path for name in names(parent) if is_own_directory(path := os.path.join(parent, name))]


def name_hash(text: str) -> str:
    """Return 16 hexadecimal digits that name `text`."""
    try:
        from _blake2 import blake2s  # hashlib loads OpenSSL: 3 ms
    except ImportError:
        from hashlib import blake2s
    return blake2s(text.encode("utf-8", "surrogatepass"), digest_size=_HASH).hexdigest()
