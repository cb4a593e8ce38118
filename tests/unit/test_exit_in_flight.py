"""A request in flight at a program's end, in each order: it is withheld, settled, or of unknown fate; never both."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest

from telemetry_sdk._internal.clock import monotonic
from telemetry_sdk._internal.lazy import Lazy
from telemetry_sdk.egress.response import Response
from telemetry_sdk.ledger import Ledger, read
from telemetry_sdk.pipeline.pipeline import Pipeline
from telemetry_sdk.sender.send_loop import ROUNDS
from telemetry_sdk.sender.thread import SenderThread
from tests.unit.harness import Sending

if TYPE_CHECKING:
    from collections.abc import Callable

LONG = 30.0  # seconds; a wait that is over earlier on any machine


held_up = time.sleep  # of the loop's thread, as on a busy machine


class Gate:
    """Holds the sender's event loop until another thread opens it."""

    def __init__(self) -> None:
        self.reached = threading.Event()

    async def pass_through(self) -> None:
        self._loop, self._open = asyncio.get_running_loop(), asyncio.Event()
        self.reached.set()
        await self._open.wait()

    def open(self, rounds: int = 0) -> None:
        """Open it after so many rounds of the loop."""
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._open_after, rounds)

    def _open_after(self, rounds):
        if rounds:
            self._loop.call_soon(self._open_after, rounds - 1)
        else:
            self._open.set()


class HeldEgress:
    """A request stops before it leaves, and before its answer."""

    def __init__(self) -> None:
        self.before, self.answer = Gate(), Gate()
        self.received = 0
        self.order: list[str] = []

    async def post(self, *args: object, leave: Callable[[], object], **options: object) -> Response:
        await self.before.pass_through()
        leave()
        self.received += 1
        await self.answer.pass_through()
        for _ in range(20):  # to read an answer takes some rounds of the loop
            await asyncio.sleep(0)
            held_up(0.002)
        self.order.append("answered")
        return Response(200, {})

    async def aclose(self):
        """Nothing is open."""


class Exit:
    """A sender's thread in the middle of a request, and the thread that ends the program."""

    def __init__(self, disk, tmp_path):
        self.egress = HeldEgress()
        self.ledger_directory = str(tmp_path)
        self.disk = disk
        self.sending = Sending(disk, ledger=Ledger(str(tmp_path), "run"))
        held: Any = self.egress
        self.sending.egress = self.sending.batches._egress = held
        self.loop = self.sending.loop()
        self.sender = SenderThread(self.sending.schedule, Lazy(lambda: self.loop), self.sending.diagnostics)
        self.sender._loop.get()
        self.thread = threading.Thread(target=self.sender.run)

    def begin(self):
        self.sending.record("errors")
        self.thread.start()
        assert self.egress.before.reached.wait(LONG)

    def leave(self):
        self.egress.before.open()
        assert self.egress.answer.reached.wait(LONG)

    def end(self, seconds=LONG):
        self.sender.end()
        self.sender.end_request(monotonic() + seconds, float("inf"))
        self.egress.order.append("ended")

    @contextmanager
    def held_up(self):
        """Keep the sender's thread from all work, as a busy machine does."""
        stopped, go_on = threading.Event(), threading.Event()

        def hold():
            stopped.set()
            go_on.wait(LONG)

        self.loop._call(hold)
        assert stopped.wait(LONG)
        yield go_on
        go_on.set()

    def counts(self):
        counts = self.disk.disk(run=False).counts()
        return counts["waiting"]["errors"], counts["delivered"].get("errors", 0)


@pytest.fixture
def ending(disk, tmp_path):
    ending = Exit(disk, tmp_path)
    yield ending
    for gate in (ending.egress.before, ending.egress.answer):
        if gate.reached.is_set():
            gate.open()
    ending.thread.join(LONG)
    assert not ending.thread.is_alive()


def test_a_request_that_has_not_left_never_leaves(ending):
    ending.begin()
    ending.end()  # waits for nothing
    ending.thread.join(LONG)
    assert ending.egress.received == 0
    assert ending.counts() == (1, 0)
    assert ending.loop.healthy
    assert [entry.reason for entry in read(ending.ledger_directory)] == ["cancelled"]


def test_a_request_that_is_withheld_at_its_last_bytes_never_leaves(ending):
    """The cancellation comes too late: the last look is the sender's own."""
    ending.begin()
    with ending.held_up() as go_on:
        ending.egress.before.open()
        ending.sending.batches.in_flight.withhold()
        go_on.set()
    ending.sender.end()
    ending.thread.join(LONG)
    assert ending.egress.received == 0
    assert ending.counts() == (1, 0)
    assert ending.loop.healthy
    assert [entry.reason for entry in read(ending.ledger_directory)] == ["cancelled"]


def test_a_request_that_has_left_is_settled_when_the_answer_comes(ending):
    ending.begin()
    ending.leave()
    waits = threading.Thread(target=ending.end)
    waits.start()
    ending.egress.answer.open(10 * ROUNDS)
    waits.join(LONG)
    assert ending.egress.order == ["answered", "ended"]
    assert ending.counts() == (0, 1)
    assert ending.egress.received == 1


def test_an_answer_that_is_here_is_read_however_late_the_exit_is(ending):
    ending.begin()
    ending.leave()
    with ending.held_up() as go_on:
        ending.egress.answer.open()
        waits = threading.Thread(target=ending.end, args=[0.0])
        waits.start()
        go_on.set()
    waits.join(LONG)
    assert ending.egress.order == ["answered", "ended"]
    assert ending.counts() == (0, 1)


def test_an_exit_does_not_wait_for_an_answer_beyond_its_time(ending):
    ending.begin()
    ending.leave()
    ending.end(0.0)
    assert ending.counts() == (1, 0)


def test_after_a_failure_an_exit_waits_for_no_answer(ending):
    ending.begin()
    ending.leave()
    ending.loop._batches.backoff._backoffs["metrics"] = type("Failed", (), {"failures": 1})()
    ending.end()
    assert ending.counts() == (1, 0)
    ending.loop._batches.backoff._backoffs.clear()


def test_a_closed_client_of_a_program_that_goes_on_lets_its_request_go_on(ending):
    """Its time is at the program's end: `close()` without time for it waits for nothing and withholds nothing."""
    ending.begin()
    ending.sender._start.acquire()
    Pipeline._end_sender(_pipeline(ending), 0.0, 0.0, send=False, patience=0.0)
    ending.leave()
    ending.egress.answer.open()
    ending.thread.join(LONG)
    assert ending.counts() == (0, 1)


def _pipeline(ending):
    spool = Lazy(lambda: ending.sending.spool)
    spool.get()
    return Pipeline(queue=None, drain=None, processors=None, spool=spool, sender=ending.sender, policy=None)
