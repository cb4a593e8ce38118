"""Applications that run in other projects' servers."""

from __future__ import annotations

from pathlib import Path

PROGRAMS = Path(__file__).parent
