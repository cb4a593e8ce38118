"""Write the tables of docs/privacy.md anew: `.venv/bin/python -m tests.payload_schema`."""

from __future__ import annotations

from . import document

document.PAGE.write_text(document.rendered(document.PAGE.read_text(encoding="utf-8")), encoding="utf-8")
