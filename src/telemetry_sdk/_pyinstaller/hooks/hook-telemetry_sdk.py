"""Collects the modules of this package that are imported lazily.

Left out: what needs extras or another tool. An application that imports these has them by its own imports.
"""

from PyInstaller.utils.hooks import collect_submodules

_OPTIONAL = ("_pyinstaller", "cli", "demo", "integrations", "receiver", "testing")


def _is_needed(name: str) -> bool:
    return name.split(".")[1:2] not in [[package] for package in _OPTIONAL]


hiddenimports = collect_submodules("telemetry_sdk", filter=_is_needed)
