"""The distributions that the application requires, directly or indirectly.

Editable and local-path installs are foreign, and so are other packages of the same environment. Read from
`*.dist-info` by hand: `importlib.metadata` costs 20 ms and may run in the exiting thread.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_BYTES = 1 << 20  # of one METADATA or RECORD file read
MAX_DISTRIBUTIONS = 5_000


def closure(app: Iterable[str]) -> frozenset[str]:
    """Return the top-level modules of all that the application's distributions require, extras left out."""
    found = {name: path for path in _directories() for name in [_name(path)] if name}
    wanted = [name for name, path in found.items() if not _tops(path).isdisjoint(app)]
    seen = set(wanted)
    modules: set[str] = set()
    while wanted:
        path = found.get(wanted.pop())
        if path is None:
            continue
        modules |= set() if _is_local(path) else _tops(path)
        for name in _required(path):
            if name not in seen:
                seen.add(name)
                wanted.append(name)
    return frozenset(modules)


def _directories() -> Iterator[str]:
    """Yield every dist-info directory on the path, the first of a name last (it wins in the dict)."""
    count = 0
    for directory in reversed(sys.path):
        try:
            names = os.listdir(directory or ".")
        except OSError:  # not a directory, or a zip: holds no distribution that could be read
            continue
        for name in names:
            if name.endswith(".dist-info") and count < MAX_DISTRIBUTIONS:
                count += 1
                yield os.path.join(directory, name)


def _name(path: str) -> str:
    return _normal(os.path.basename(path)[: -len(".dist-info")].rpartition("-")[0])


def _normal(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def _lines(path: str, name: str) -> list[str]:
    try:
        with open(os.path.join(path, name), encoding="utf-8", errors="replace") as file:
            return file.read(MAX_BYTES).splitlines()
    except OSError:  # a distribution without that file declares nothing there
        return []


def _required(path: str) -> Iterator[str]:
    for line in _lines(path, "METADATA"):
        if not line:
            return  # the description follows
        key, _, value = line.partition(":")
        if key == "Requires-Dist" and "extra ==" not in value:
            name = value.strip()
            for end, char in enumerate(name):
                if not (char.isalnum() or char in "-_."):
                    name = name[:end]
                    break
            yield _normal(name)


def _tops(path: str) -> set[str]:
    """Return the distribution's top-level modules: the first parts of its files."""
    tops: set[str] = set()
    for line in _lines(path, "RECORD"):
        first, slash, _ = line.partition(",")[0].replace("\\", "/").partition("/")
        if not slash:
            first = first.partition(".")[0] if first.endswith((".py", ".so", ".pyd")) else ""
        if first.isidentifier() and first != "__pycache__":
            tops.add(first)
    if not tops or _is_local(path):
        tops |= {line.strip() for line in _lines(path, "top_level.txt")}
        tops.add(_name(path).replace("-", "_"))
    return tops


def _is_local(path: str) -> bool:
    text = "".join(_lines(path, "direct_url.json"))
    return '"dir_info"' in text or '"file:' in text.replace(" ", "").replace('"url":"file:', '"file:')
