"""An asyncio agent that calls `sentry_sdk` and `statsig` itself: `start()` binds both, and both route through it.

Its sub-tasks run side by side; one of them fails. A gate chooses how it works, and still answers after an opt-out.
"""

import asyncio
import json
import logging
from typing import Literal

import sentry_sdk
from statsig import StatsigEvent, StatsigUser, statsig

import telemetry_sdk

ALL = {"id": "all", "passPercentage": 100}
SPECS = json.dumps(  # the gates and configs that the application ships
    {
        "time": 1,
        "feature_gates": [{"name": "side_by_side", "enabled": True, "rules": [ALL]}],
        "dynamic_configs": [{"name": "limits", "enabled": True, "rules": [{**ALL, "returnValue": {"tasks": 3}}]}],
    }
)
log = logging.getLogger("agent")
log.addHandler(logging.NullHandler())


class TaskDone(telemetry_sdk.Event, name="task_done"):
    """A task is done."""

    tool: Literal["read", "edit"]
    ok: bool


async def work(number: int) -> None:
    """Do a task; one of them fails."""
    await asyncio.sleep(0)
    if number == 1:
        raise LookupError(f"no file for task {number}")
    statsig.log_event(StatsigEvent(StatsigUser("me"), "task_done", metadata={"tool": "read", "ok": "true"}))


async def agent() -> None:
    """Work as the gates and configs say."""
    user = StatsigUser("me")  # for the evaluation on this machine; nothing of it leaves
    count = statsig.get_config(user, "limits").get("tasks", 1)  # type: ignore[no-untyped-call]
    if statsig.check_gate(user, "side_by_side"):
        results = await asyncio.gather(*(work(number) for number in range(count)), return_exceptions=True)
        for failure in results:
            if isinstance(failure, Exception):
                sentry_sdk.capture_exception(failure)
    log.error("one task of %s has failed", count)  # leaves as the place where it stands, without its words


async def main() -> None:
    """Run the agent, then opt out."""
    client = telemetry_sdk.start(app="acme-agent", version="1.4.2", statsig_specs=SPECS)
    async with client:  # records uncaught errors of this loop, too
        await agent()
        print("delivered:", await client.flush(10), client.stats()["spooled"])
        client.opt_out("metrics", persist=False)
        print("a gate after the opt-out:", statsig.check_gate(StatsigUser("me"), "side_by_side"))


asyncio.run(main())
