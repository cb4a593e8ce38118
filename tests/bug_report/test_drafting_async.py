"""Drafting beside an event loop, of asyncio and of trio: the loop goes on, and a cancelled draft leaves nothing."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import anyio
import pytest

import telemetry_sdk
from telemetry_sdk.exceptions import DraftError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    Start = Callable[..., telemetry_sdk.TelemetryClient]

pytestmark = pytest.mark.anyio


async def messages(count: int) -> AsyncIterator[dict[str, Any]]:
    for number in range(count):
        await anyio.lowlevel.checkpoint()
        yield {"role": "user", "content": f"message {number}"}


def files(home: Path) -> list[str]:
    return [name for _, _, names in os.walk(home / ".local" / "state") for name in names]


async def test_an_asynchronous_transcript_is_read_whole_and_in_order(start: Start):
    made = await start().draft_bug_report_async(
        "It froze", transcript=messages(300), older_sessions=[messages(2), [{"role": "user", "content": "given"}]]
    )
    report = json.loads(made.content)
    assert [m["content"] for m in report["conversation"]["messages"]] == [f"message {n}" for n in range(300)]
    assert [len(session["messages"]) for session in report["older_sessions"]] == [2, 1]


async def test_the_loop_goes_on_while_a_file_is_read(start: Start, tmp_path: Path):
    path = tmp_path / "session.jsonl"
    path.write_text('{"role": "user", "content": "word"}\n' * 20_000)
    client = start()
    ticks: list[int] = []

    async def tick() -> None:
        while True:
            ticks.append(1)
            await anyio.sleep(0.001)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(tick)
        made = await client.draft_bug_report_async("It froze", transcript=path)
        tasks.cancel_scope.cancel()
    assert len(ticks) > 10
    assert made.path is not None


async def test_a_cancelled_draft_leaves_nothing_and_stops_reading(start: Start, world: Path):
    client = start()
    read: list[int] = []

    async def endless() -> AsyncIterator[dict[str, Any]]:
        while True:
            await anyio.lowlevel.checkpoint()
            read.append(1)
            yield {"role": "user", "content": "hi"}

    with anyio.CancelScope() as scope:
        async with anyio.create_task_group() as tasks:

            async def drafting() -> None:
                await client.draft_bug_report_async("It froze", transcript=endless())

            tasks.start_soon(drafting)
            while len(read) < 200:
                await anyio.lowlevel.checkpoint()
            scope.cancel()
    count = len(read)
    for _ in range(50):
        await anyio.lowlevel.checkpoint()
    assert len(read) <= count + 1
    assert client.drafts() == []
    assert [name for name in files(world) if name.endswith((".json", ".tmp"))] == []


async def test_what_cannot_be_read_raises_as_in_a_synchronous_draft(start: Start, tmp_path: Path):
    with pytest.raises(DraftError, match="cannot be read"):
        await start().draft_bug_report_async("It froze", transcript=tmp_path / "missing")
    with pytest.raises(telemetry_sdk.BugReportRefused):
        await start(off=["bug_reports"]).draft_bug_report_async("It froze")
