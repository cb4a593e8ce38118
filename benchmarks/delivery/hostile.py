"""Records hostile objects: no exception reaches the caller, none of their code runs, every record is accounted for.

    python benchmarks/delivery/hostile.py [--full]

2,000 cases, or 100,000; the seed is in the result.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from typing import Any

from _shared import bound, environment, is_full, report

CASES, FULL_CASES = 2_000, 100_000
SLOWEST = bound(1.0)  # seconds of one call: an append
CALLED: list[str] = []
DUNDERS = (
    *("__repr__", "__str__", "__bytes__", "__format__", "__iter__", "__next__", "__len__", "__bool__", "__hash__"),
    *("__eq__", "__lt__", "__int__", "__float__", "__index__", "__getitem__", "__contains__", "__call__", "__reduce__"),
    *("__getattr__", "__dir__", "__reversed__", "__abs__", "__add__", "__radd__", "__fspath__", "__await__"),
)


def trap(name: str) -> Any:
    """Return a method that notes that it was called, and raises."""

    def called(*_: Any, **__: Any) -> Any:
        CALLED.append(name)
        raise SystemExit(name)

    return called


def trapped(base: type, *without: str) -> type:
    """Return a class whose methods are traps."""
    methods = {name: trap(f"{base.__name__}.{name}") for name in DUNDERS if name not in without}
    return type(f"Trapped{base.__name__}", (base,), methods)


TRAPS = [trapped(base) for base in (object, str, int, float, dict, list, tuple, bytes, set)]
TRAPPED_ERROR = trapped(ValueError, "__call__", "__reduce__")
EVIL_NAME = type("evil\n" * 50, (Exception,), {"__module__": "../../etc/passwd"})
PLAIN: tuple[Any, ...] = (
    *(None, True, 0, -1, 10**400, 1.5, float("nan"), float("inf"), "", "a" * 100_000, "\ud800", "\x00", b"\xff"),
    *("sk-live-" + "a" * 40, "/home/anna/secret.txt", object(), type, len, range(10**9), memoryview(b"a"), Ellipsis),
)


def hostile(chance: random.Random, depth: int = 0) -> Any:
    """Return an object that nobody should touch carelessly."""
    kinds = (*(plain, plain, trapped_object), *(list_of, dict_of, cycle, deep, error) * (depth < 4))
    return chance.choice(kinds)(chance, depth)


def plain(chance: random.Random, _: int) -> Any:
    """Return a value of the language, perhaps an enormous one."""
    return chance.choice(PLAIN)


def trapped_object(chance: random.Random, _: int) -> Any:
    """Return an object whose every method is a trap."""
    return chance.choice(TRAPS)()


def list_of(chance: random.Random, depth: int) -> Any:
    """Return a list or a tuple."""
    return chance.choice([list, tuple])(hostile(chance, depth + 1) for _ in range(chance.randrange(6)))


def dict_of(chance: random.Random, depth: int) -> Any:
    """Return a dict with keys of all kinds."""
    return {chance.choice(["n", "", "a" * 5_000, 1, None, (1,)]): hostile(chance, depth + 1) for _ in range(4)}


def cycle(_: random.Random, __: int) -> Any:
    """Return a list that contains itself."""
    made: list[Any] = []
    made.append(made)
    return made


def deep(chance: random.Random, _: int) -> Any:
    """Return nested lists."""
    made: Any = None
    for _ in range(chance.choice([10, 5_000])):
        made = [made]
    return made


def error(chance: random.Random, depth: int = 0) -> BaseException:
    """Return an exception with hostile arguments, causes and groups."""
    arguments = [hostile(chance, depth + 2) for _ in range(chance.randrange(3))]
    made: BaseException = chance.choice([ValueError, TRAPPED_ERROR, EVIL_NAME, KeyError])(*arguments)
    if chance.random() < 0.2:
        made.__cause__ = made
    if chance.random() < 0.2:
        made.__context__ = error(chance, depth + 1) if depth < 4 else None
    if chance.random() < 0.2:
        made = BaseExceptionGroup("a group", [made, ValueError()])
    if chance.random() < 0.5:
        return raised(made)
    return made


def raised(made: BaseException) -> BaseException:
    """Return an exception with a traceback."""
    try:
        raise made  # noqa: TRY301 - what is wanted
    except BaseException as caught:
        return caught


def main() -> int:
    """Record all cases, and report."""
    full = is_full(__doc__)
    cases, seed = FULL_CASES if full else CASES, int(time.time())
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(
            environment(home),
            HOME=home,
            TELEMETRY_SDK_STATE_DIR=f"{home}/state",
            TELEMETRY_SDK_STATSIG_KEY="client-key",
            TELEMETRY_SDK_SENTRY_DSN="http://key@127.0.0.1:9/1",
            TELEMETRY_SDK_STATSIG_URL="http://127.0.0.1:9/v1",
        )
        broken, stats = _recorded(random.Random(seed), cases)
    figures = {"spooled": stats["spooled"], "dropped": stats["dropped"]}
    return report("hostile", full=full, broken=broken, cases=cases, seed=seed, **figures)


def _recorded(chance: random.Random, cases: int) -> tuple[list[str], dict[str, Any]]:
    import telemetry_sdk

    class Tick(telemetry_sdk.Event, name="tick"):
        n: int
        ok: bool = True

    client: Any = telemetry_sdk.start(app="acme-agent", version="1.4.2", max_events_per_minute=None)
    calls = (
        lambda a, b: client.log_event("tick", value=a, metadata=b),
        lambda a, b: client.log_event(_event(Tick, a, b)),
        lambda a, _: client.log_event(a),
        lambda a, b: client.capture_exception(error(chance), tags=a, level=b),
        lambda a, _: client.capture_exception(a),
        lambda a, b: client.capture_exception(error(chance), tags={"n": a, "text": b}),
    )
    broken: list[str] = []
    for case in range(cases):
        first, second = hostile(chance), hostile(chance)
        CALLED.clear()
        began = time.monotonic()
        try:
            chance.choice(calls)(first, second)
        except BaseException as found:
            broken.append(f"case {case}: {type(found).__name__} was raised")
        if time.monotonic() - began > SLOWEST:
            broken.append(f"case {case}: {time.monotonic() - began:.1f} s")
        if case % 200 == 199 and not client.flush_sync(60, to="spool"):
            broken.append(f"case {case}: not flushed")
        broken += [f"case {case}: {name} was called" for name in CALLED]
    client.flush_sync(60, to="spool")
    stats = client.stats()
    if stats["failures"]:
        broken.append(f"{stats['failures']} internal failures")
    if stats["accepted"] != stats["queued"] + sum(stats["spooled"].values()) + sum(stats["dropped"].values()):
        broken.append("accepted is not queued + spooled + dropped")
    client.close(0)
    return broken, stats


def _event(declared: Any, first: Any, second: Any) -> Any:
    event = declared(n=1)
    event.__dict__.update(n=first, ok=second)
    return event


if __name__ == "__main__":
    sys.setrecursionlimit(3_000)
    raise SystemExit(main())
