"""Writes the table of loss reasons in docs/delivery.md: `.venv/bin/python scripts/loss_table.py`."""

from __future__ import annotations

import re
from pathlib import Path

from telemetry_sdk.losses import REASONS, SERVER_STATUS

PAGE = Path(__file__).parents[1] / "docs" / "delivery.md"
MARK = "<!-- loss reasons, from telemetry_sdk.losses -->\n"
_TABLE = re.compile(re.escape(MARK) + r"(?:\|.*\n)*")


def rendered(page: str) -> str:
    """Return the page with its table made anew, after its mark."""
    return _TABLE.sub(lambda _: MARK + table(), page)


def table() -> str:
    """Return the reasons in their order, each with its sentence; those of HTTP statuses share one row."""
    named = [reason for reason in REASONS.values() if not reason.startswith(SERVER_STATUS)]
    rows = [f"| `{reason}` | {reason.sentence} |" for reason in named]
    status = f"| `{SERVER_STATUS}<code>` | The server answered with this HTTP status, finally. |"
    return "\n".join(("| reason | meaning |", "| --- | --- |", *rows, status, ""))


if __name__ == "__main__":
    PAGE.write_text(rendered(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
