"""The tables of docs/privacy.md, made from the payload schema."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from telemetry_sdk.sanitizer import payload_schema

if TYPE_CHECKING:
    from telemetry_sdk.sanitizer.schema_check import Fields, Kind

PAGE = Path(__file__).parents[2] / "docs" / "privacy.md"
TABLES: dict[str, Fields] = {
    "metrics": payload_schema.METRICS,
    "errors": payload_schema.ERRORS,
    "sessions": payload_schema.SESSIONS,
    "client reports": payload_schema.REPORTS,
}
_PLACE = re.compile(r"(<!-- (?P<name>[a-z ]+), from the payload schema -->\n)(?:\|.*\n)*")


def rendered(page: str) -> str:
    """Return the page with every table made anew, each after its mark."""
    return _PLACE.sub(lambda found: found[1] + table(TABLES[found["name"]]), page)


def table(fields: Fields) -> str:
    """Return a table of fields."""
    rows = [f"| `{path}` | {_kind(kind)} | {meaning} |" for path, (kind, meaning) in fields.items()]
    return "\n".join(("| field | holds | |", "| --- | --- | --- |", *rows, ""))


def _kind(kind: Kind) -> str:
    return kind.name if kind.choices is None else ", ".join(f"`{choice}`" for choice in sorted(kind.choices))
