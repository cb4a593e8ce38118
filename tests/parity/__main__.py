"""Writes docs/wire.md anew."""

from __future__ import annotations

from .document import COMMITTED, render

COMMITTED.write_text(render(), encoding="utf-8")
