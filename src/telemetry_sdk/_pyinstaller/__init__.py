"""Tells PyInstaller what a frozen application needs of this package (entry point `pyinstaller40`)."""

from __future__ import annotations

import os


def hook_directories() -> list[str]:
    """Return the directory of the hooks, one file for each package."""
    return [os.path.join(os.path.dirname(__file__), "hooks")]
