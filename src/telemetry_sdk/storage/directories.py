"""State directories: `<base>/<app>/<hash of endpoints>/`, private to the user.

<base>/<app>/
revoked-<service>
<hash of endpoints>/
installation-id  state.json  state.lock  sender.lock  spool/  sent/  drafts/
"""

from __future__ import annotations

import os

from . import files

_HEX = frozenset("0123456789abcdef")
LOCAL = "local"  # the state directory of local mode, whatever the endpoints
_HASH = 8  # bytes; twice as many characters


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
    return path if path and files.is_own_directory(path, follow=True) else None


def state_directories(base: str | None, app: str) -> list[str]:
    """Return an application's state directories, whatever their endpoints."""
    parent = application_directory(base, app)
    if parent is None:
        return []
    return [path for name in files.names(parent) if files.is_own_directory(path := os.path.join(parent, name))]


def name_hash(text: str) -> str:
    """Return 16 hexadecimal digits that name `text`."""
    try:
        from _blake2 import blake2s  # hashlib loads OpenSSL: 3 ms
    except ImportError:
        from hashlib import blake2s
    return blake2s(text.encode("utf-8", "surrogatepass"), digest_size=_HASH).hexdigest()
