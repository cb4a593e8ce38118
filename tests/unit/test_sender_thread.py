"""The sender's thread: built when something is due, and nobody waits for it after its end."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from telemetry_sdk._internal.diagnostics import Diagnostics
from telemetry_sdk._internal.future import Future
from telemetry_sdk._internal.lazy import Lazy
from telemetry_sdk.exceptions import TelemetryError
from telemetry_sdk.sender.send_schedule import Flush, Job, SendSchedule
from telemetry_sdk.sender.thread import SenderThread
from tests.unit.harness import idle


class FakeLoop:
    """A loop that counts its calls; `run` may fail."""

    healthy = True

    def __init__(self, error: BaseException | None = None, schedule: SendSchedule | None = None) -> None:
        self.calls: list[object] = []
        self.error = error
        self.schedule = schedule

    def run(self):
        self.calls.append(threading.get_ident())
        if self.error is not None:
            raise self.error
        if self.schedule is not None:
            self.schedule.ended = True

    def wake(self):
        self.calls.append("wake")

    def cancel(self, service):
        self.calls.append(("cancel", service))

    def cancel_job(self, job):
        self.calls.append(("cancel job", job))


class TestSender:
    def sender(self, clock, error=None):
        schedule = SendSchedule(clock=clock.monotonic)
        loop: Any = FakeLoop(error, schedule)
        return SenderThread(schedule, Lazy(lambda: loop), Diagnostics()), loop

    def test_nothing_is_built_while_nothing_is_due(self, clock):
        sender, _ = self.sender(clock)
        sender.end()
        sender.run()
        assert sender._loop.built is None
        assert not sender.started
        assert sender.healthy

    def test_a_record_that_is_due_builds_and_runs_the_loop(self, clock):
        sender, loop = self.sender(clock)
        sender.schedule.add("errors", 1)
        sender.wake()
        sender.run()
        assert len(loop.calls) == 1

    def test_a_flush_starts_the_thread_once(self, clock):
        sender, loop = self.sender(clock)
        flushes = [Flush("server", 5.0, clock.monotonic) for _ in range(3)]
        for flush in flushes:
            sender.flush(flush)
        assert sender.started
        assert all(flush.future.wait(30) for flush in flushes)
        assert [flush.future.result() for flush in flushes] == [False] * 3  # the loop ended without serving them
        threads = {call for call in loop.calls if call != "wake"}
        assert len(threads) == 1
        assert threading.get_ident() not in threads

    def test_a_thread_that_cannot_be_had_is_done_without(self, clock, monkeypatch):
        import _thread

        sender, loop = self.sender(clock)
        sender.schedule.add("errors", 1)
        monkeypatch.setattr(_thread, "start_new_thread", refused)
        sender.start()
        assert loop.calls == [threading.get_ident()]

    def test_a_thread_that_runs_is_not_started_again(self, clock, monkeypatch):
        import _thread

        sender, loop = self.sender(clock)
        sender._start.acquire()
        sender.schedule.add("errors", 1)
        monkeypatch.setattr(_thread, "start_new_thread", refused)
        sender.start()
        assert loop.calls == []

    def test_a_loop_that_fails_lets_nobody_wait(self, clock):
        sender, _ = self.sender(clock, RuntimeError("planted"))
        flush, job = Flush("server", 5.0, clock.monotonic), Job(idle)
        closing = sender.schedule.closing = Future()
        sender.schedule.flushes.append(flush)
        sender.schedule.jobs.append(job)
        sender.run()
        assert flush.future.result() is False
        assert closing.done
        with pytest.raises(TelemetryError, match="ended"):
            job.future.result()
        assert sender._diagnostics.failures == 1

    def test_after_the_end_nothing_is_taken(self, clock):
        sender, _ = self.sender(clock)
        sender.end()
        flush, job = Flush("server", 5.0, clock.monotonic), Job(idle)
        sender.flush(flush)
        sender.submit(job)
        assert flush.future.result() is False
        with pytest.raises(TelemetryError, match="closed"):
            job.future.result()
        assert not sender.started

    def test_a_job_that_has_not_begun_is_taken_back(self, clock):
        sender, loop = self.sender(clock)
        waiting, running = Job(idle), Job(idle)
        sender.schedule.jobs.append(waiting)
        sender.cancel_job(waiting)
        sender.cancel_job(running)
        assert sender.schedule.jobs == []
        sender._loop.get()
        sender.cancel_job(running)
        sender.cancel("metrics")
        assert loop.calls == [("cancel job", running), ("cancel", "metrics")]


def refused(*_):
    raise RuntimeError("can't start new thread")
