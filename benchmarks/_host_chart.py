"""Draws the lines of benchmarks/host.py (JSON on stdin) as a chart: `<file>`. Runs in the peers' environment."""

from __future__ import annotations

import json
import sys
from typing import Any

SHOWN = {
    "lag_p99_ms": "loop lag, p99 (ms)",
    "longest_ms": "longest stall (ms)",
    "cpu_ms_per_1000": "CPU for 1,000 events (ms)",
    "rss_mib": "memory (MiB)",
    "exit_ms": "exit (ms)",
}


def main() -> None:
    """Draw one panel for each figure; a bar for each subject, a shade for each rate."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "telemetry_sdk"
    from matplotlib import pyplot as plt

    lines: list[dict[str, Any]] = json.load(sys.stdin)
    subjects = list(dict.fromkeys(line["subject"] for line in lines))
    rates = sorted({line["events_a_second"] for line in lines})
    figure, panels = plt.subplots(1, len(SHOWN), figsize=(18, 0.6 + 0.55 * len(subjects)), sharey=True)
    height = 0.8 / len(rates)
    for panel, (key, title) in zip(panels, SHOWN.items(), strict=True):
        for number, rate in enumerate(rates):
            values = {line["subject"]: line[key]["median"] for line in lines if line["events_a_second"] == rate}
            at = [index + number * height for index in range(len(subjects))]
            panel.barh(at, [values.get(name, 0.0) for name in subjects], height, label=f"{rate} events/s")
        panel.set_title(title, fontsize=9)
        panel.set_xscale("symlog")
        panel.set_yticks([index + 0.4 - height / 2 for index in range(len(subjects))], subjects)
    panels[0].invert_yaxis()
    panels[-1].legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(sys.argv[1], metadata={"Date": None})


if __name__ == "__main__":
    main()
