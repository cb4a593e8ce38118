"""Flushing starts no thread for a waiter, and a client whose parts cannot be built harms nobody."""

from __future__ import annotations

import sys
import threading

import anyio
import httpx
import pytest

import telemetry_sdk
from telemetry_sdk._internal.future import Future
from telemetry_sdk._internal.imports import IMPORTS, load
from telemetry_sdk._internal.lazy import Lazy
from telemetry_sdk.losses import SPOOL_FULL
from telemetry_sdk.runtime import build
from telemetry_sdk.runtime.lifecycle import Lifecycle


class Beat(telemetry_sdk.Event, name="flush_beat"):
    n: int


@pytest.fixture
def silent_server(telemetry_mock):
    """Answer no request until the test ends."""
    release: Future[None] = Future()
    asked: Future[None] = Future()

    async def wait(_):
        asked.set(None)
        await release.wait_async()
        return httpx.Response(202, json={"success": True})

    telemetry_mock.router.post("https://events.statsigapi.net/v1/log_event").mock(side_effect=wait)
    yield asked
    release.set(None)


async def test_cancelled_flushes_start_no_thread(telemetry_mock, silent_server):
    client = telemetry_mock.start()
    client.log_event(Beat(n=1))
    begun = []

    async def one():
        begun.append(1)
        await client.flush(60)

    scope = anyio.CancelScope()
    with scope:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(one)
            assert await silent_server.wait_async(30)  # writer and sender run
            before = set(sys._current_frames())
            for _ in range(50):
                tasks.start_soon(one)
            await anyio.wait_all_tasks_blocked()
            while_waiting = set(sys._current_frames())
            scope.cancel()
    assert scope.cancelled_caught
    assert while_waiting <= before
    assert set(sys._current_frames()) <= before
    assert len(begun) == 51


class PlantedError(Exception):
    """Why a part cannot be built."""


def fail():
    raise PlantedError


@pytest.fixture
def unbuilt(setup):
    """A client with a record, whose pipeline cannot be built."""
    runtime = build.client(setup)
    runtime.recorder.get().pipeline = pipeline = Lazy(fail)
    runtime = runtime.replace(pipeline=pipeline)
    runtime.queue.events.put(None)
    client = telemetry_sdk.TelemetryClient(runtime, Lifecycle(runtime))
    yield client
    client.close()


@pytest.mark.telemetry_policy(environ={"TELEMETRY_SDK_STRICT": "0"})
@pytest.mark.parametrize("to", ["spool", "server"])
async def test_a_pipeline_that_cannot_be_built_makes_a_flush_false(unbuilt, to):
    assert not unbuilt.flush_sync(1, to=to)
    assert not await unbuilt.flush(1, to=to)
    assert unbuilt.stats()["failures"] == 2


@pytest.mark.telemetry_policy(environ={"TELEMETRY_SDK_STRICT": "0"})
def test_a_pipeline_that_cannot_be_built_makes_close_false(unbuilt):
    assert not unbuilt.close()
    assert not unbuilt.close()
    assert unbuilt.closed
    assert unbuilt.stats()["failures"] == 1


@pytest.mark.telemetry_policy(environ={"TELEMETRY_SDK_STRICT": "0"})
def test_a_flush_after_a_loss_waits_for_the_delivery_of_the_rest(telemetry_mock, silent_server):
    """A program that is frozen, or ends, after its flush."""
    client = telemetry_mock.start()
    spool = client._runtime.pipeline.get().spool.get()
    keep, failed = spool.append, Future()

    def fail_once(service, payloads):
        spool.append = keep
        failed.set(len(payloads))
        return SPOOL_FULL

    spool.append = fail_once
    client.log_event(Beat(n=1))
    assert failed.wait(30)
    client.log_event(Beat(n=2))
    flush = client._runtime.recorder.get().flush("server", 30)
    assert silent_server.wait(30)
    assert not flush.done
    assert (failed.result(), client.stats()["dropped"]) == (1, {"spool_full": 1})


def test_what_is_loaded_waits_for_no_import_of_another_thread():
    """A flush runs on the host's event loop, and the sender imports for a while."""
    taken, release = Future[None](), Future[None]()

    def hold():
        with IMPORTS:
            taken.set(None)
            release.wait(30)

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert taken.wait(30)
        assert load("telemetry_sdk.sender.send_schedule", 0.0)
        with pytest.raises(TimeoutError):
            load("telemetry_sdk.not_there", 0.0)
    finally:
        release.set(None)
        thread.join()
