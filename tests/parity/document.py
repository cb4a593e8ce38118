"""docs/wire.md: what was compared, where it differs and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import wires
from .compare import types
from .reasons import REASONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .compare import Difference

COMMITTED = wires.ROOT / "docs" / "wire.md"
HEAD = """# The wires, compared

The vendors' own clients and ours record the same events and fail in the same places, in processes of their own, against
the embedded receiver. This is where what they send differs, path by path, and why; all else is alike. Values that are
random, of the moment or of the machine are compared by their shape, others by themselves.

Made by `.venv/bin/python -m tests.parity`; `tests/parity` fails where this is no longer so.
"""


def render() -> str:
    """Run every client and write the document."""
    return "\n".join([HEAD, *(line for vendor in wires.VENDORS for line in _section(vendor))])


def reason(vendor: str, part: str, path: str) -> str | None:
    """Find the reason of a difference, or None."""
    found = [why for pattern, why in REASONS[vendor][part].items() if matches(pattern, path)]
    return found[0] if found else None


def matches(pattern: str, path: str) -> bool:
    """Tell whether a reason's path, perhaps with a star at its end, is that of a difference."""
    return path.startswith(pattern[:-1]) if pattern.endswith("*") else path == pattern


def _section(vendor: str) -> Iterator[str]:
    yield f"## {vendor} {wires.version(vendor)}\n"
    alike = wires.alike(vendor)
    for part, found in wires.compared(vendor).items():
        yield f"### {vendor}: {part}\n"
        yield "| path | theirs | ours | where | reason |"
        yield "| --- | --- | --- | --- | --- |"
        everywhere = len(wires.parts(vendor)[0][part])
        for difference, scenes in sorted(found.items()):
            yield _row(difference, "everywhere" if len(scenes) == everywhere else ", ".join(scenes), vendor, part)
        yield f"\nAlike: {', '.join(alike[part])}.\n"
    if vendor != "sentry-sdk":
        yield from _exposures(vendor)


def _row(difference: Difference, where: str, vendor: str, part: str) -> str:
    why = reason(vendor, part, difference.path) or "**none**"
    return f"| `{difference.path}` | {difference.theirs} | {difference.ours} | {where} | {why} |"


def _exposures(vendor: str) -> Iterator[str]:
    yield f"### {vendor}: exposures, which our client sends where the package is bound\n"
    for name, paths in sorted(wires.exposures(vendor).items()):
        listed = ", ".join(f"`{path}` ({types(values)})" for path, values in sorted(paths.items()))
        yield f"- `{name}`: {listed}"
    yield ""
