"""Runs the model of delivery (tests/delivery/model.py) on a fake clock, disk and network.

    python benchmarks/delivery/model.py [--full]

2,000 steps, or 100,000: every acknowledged id is delivered at least once or counted as dropped, and the accounts are
exact at each step.
"""

from __future__ import annotations

import sys
import time
import traceback
from pathlib import Path

from _shared import is_full, report

sys.path.insert(0, str(Path(__file__).parents[2]))
SMALL, FULL = (40, 50), (1_000, 100)  # runs, steps of each


def main() -> int:
    """Run the model, and report."""
    from tests.delivery.model import TOTALS, run_model

    full = is_full(__doc__)
    runs, steps = FULL if full else SMALL
    seed = int(time.time())
    broken = []
    try:
        run_model(runs, steps, seed)
    except BaseException:  # with the steps that led to it
        traceback.print_exc()
        broken = ["see the traceback above"]
    return report("model", full=full, broken=broken, steps=runs * steps, seed=seed, **TOTALS)


if __name__ == "__main__":
    raise SystemExit(main())
