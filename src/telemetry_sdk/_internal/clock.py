"""The system's monotonic clock, whatever replaces those of the module `time`, as freezegun does in tests."""

from __future__ import annotations

import sys
import time

if sys.platform == "win32":
    monotonic = time.monotonic
else:

    def monotonic() -> float:
        """Return seconds that never jump; on Linux since the boot."""
        return time.clock_gettime(time.CLOCK_MONOTONIC)
