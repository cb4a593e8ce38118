"""docs/delivery.md lists the loss reasons as they are in the code."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

from telemetry_sdk.losses import REASONS, server_refused

ROOT = Path(__file__).parents[2]
SCRIPT = runpy.run_path(str(ROOT / "scripts" / "loss_table.py"))
PAGE = (ROOT / "docs" / "delivery.md").read_text("utf-8")


def test_the_table_is_what_the_script_writes():
    """Else run `.venv/bin/python scripts/loss_table.py`."""
    server_refused(418)
    assert SCRIPT["rendered"](PAGE) == PAGE
    assert SCRIPT["table"]() in PAGE


def test_the_page_lists_exactly_the_reasons():
    table = PAGE.partition(SCRIPT["MARK"])[2].partition("\n\n")[0]
    listed = set(re.findall(r"^\| `(.+?)` \|", table, re.MULTILINE))
    named = {reason for reason in REASONS if not reason.startswith("status_")}
    assert listed == {*named, "status_<code>"}


def test_every_reason_that_the_text_names_exists():
    text = PAGE.partition(SCRIPT["MARK"])[2].partition("\n\n")[2].partition("## Limits")[0]
    named = set(re.findall(r"`([a-z_]+)`", text))
    assert named
    assert named <= REASONS.keys()
