"""A small command-line program with gates and errors: `python synchronous_cli.py FILE`; 0 if the file is valid.

Uncaught errors are recorded by the hooks, before the interpreter prints them, and sent by this run or the next.
"""

import json
import sys

import sentry_sdk
from statsig import StatsigUser, statsig

import telemetry_sdk

SPECS = json.dumps(
    {
        "time": 1,
        "feature_gates": [{"name": "strict", "enabled": True, "rules": [{"id": "all", "passPercentage": 100}]}],
        "dynamic_configs": [],
    }
)


class Checked(telemetry_sdk.Event, name="checked"):
    """A file was checked."""

    duration_ms: float
    ok: bool


def check(path: str) -> bool:
    """Tell whether a file is well; raises what reading it raises."""
    with open(path, encoding="utf-8") as file:
        return bool(json.load(file)) or not statsig.check_gate(StatsigUser("me"), "strict")


def main() -> int:
    """Check a file and say so."""
    path = sys.argv[1] if len(sys.argv) > 1 else "no-such-file.json"
    with telemetry_sdk.start(app="acme-check", version="0.3", statsig_specs=SPECS) as client:
        ok = False
        try:
            with client.measure(Checked) as measured:
                ok = check(path)
                measured.set(ok=ok)
        except (OSError, ValueError) as error:
            sentry_sdk.capture_exception(error)  # ENOENT, or line and column: no path, no content
        print("well" if ok else "not well", "- telemetry:", client.flush_sync(10), client.stats()["spooled"])
    return 0 if ok or len(sys.argv) == 1 else 1


sys.exit(main())
