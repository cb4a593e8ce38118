"""Sends what closed clients of the kit left in their state directories."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from telemetry_sdk._internal.diagnostics import Diagnostics
from telemetry_sdk.runtime import build
from telemetry_sdk.spool.accounts import directory_counts

if TYPE_CHECKING:
    from telemetry_sdk.client import TelemetryClient
    from telemetry_sdk.runtime.runtime import Runtime


def records_wait(runtime: Runtime) -> bool:
    """Tell whether records wait in a client's state directory."""
    path = runtime.state_dir.get()
    if path is None or not os.path.isdir(path):
        return False
    return any(directory_counts(path, runtime.state.get())["waiting"].values())


def send_waiting(runtime: Runtime) -> bool:
    """Send what waits in the state directory of a closed client; False if a living client is sending from it."""
    path = runtime.state_dir.get()
    if path is None or not records_wait(runtime):
        return True
    diagnostics = Diagnostics(strict=runtime.diagnostics.strict)
    sender = build.sender(
        path, build.recorded(runtime.endpoints), runtime.policy, diagnostics, transport=runtime.transport
    )
    with ThreadPoolExecutor(1) as executor:  # in this thread a test's own event loop may run
        report = executor.submit(sender.run).result()
    diagnostics.raise_caught()
    return not report.busy


def is_paused(client: TelemetryClient) -> bool:
    """Tell whether all that waits is of services whose server failed or asked to wait: no answer comes soon."""
    stats = client.stats()
    waiting = [service for service, count in stats["directory"]["waiting"].items() if count]
    paused = all(stats["health"][service]["paused_until"] is not None for service in waiting if stats["health"])
    return bool(waiting) and paused and not stats["queued"]
