"""A trio agent that calls `sentry_sdk` and `statsig` itself. The client works the same as under asyncio."""

import json

import sentry_sdk
import trio
from statsig import StatsigUser, statsig

import telemetry_sdk

SPECS = json.dumps(
    {
        "time": 1,
        "feature_gates": [{"name": "careful", "enabled": True, "rules": [{"id": "all", "passPercentage": 100}]}],
        "dynamic_configs": [],
    }
)
LAST = 3  # of the turns, which count from 0


class TurnDone(telemetry_sdk.Event, name="turn_done"):
    """A turn is over."""

    duration_ms: float
    ok: bool


async def turn(client: telemetry_sdk.TelemetryClient, number: int) -> None:
    """Take a turn; one goes wrong."""
    with client.measure(TurnDone):  # fills duration_ms and ok
        await trio.lowlevel.checkpoint()
        if number == LAST and statsig.check_gate(StatsigUser("me"), "careful"):
            raise ValueError(f"turn {number} went wrong")


async def main() -> None:
    """Take four turns side by side."""
    async with telemetry_sdk.start(app="acme-agent", version="1.4.2", statsig_specs=SPECS) as client:
        try:
            async with trio.open_nursery() as nursery:
                for number in range(LAST + 1):
                    nursery.start_soon(turn, client, number)
        except* ValueError as group:
            sentry_sdk.capture_exception(group)  # the group and its members, in one event
        print("delivered:", await client.flush(10), client.stats()["spooled"])


trio.run(main)
