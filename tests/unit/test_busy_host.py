"""What is due is handed over where the host's threads hold the interpreter."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

from telemetry_sdk._internal.interpreter_load import LOOKS, STAYS, InterpreterLoad
from telemetry_sdk._internal.lazy import Lazy
from telemetry_sdk._internal.switch_interval import SWITCH_INTERVAL, ShortSwitchInterval
from telemetry_sdk.sender.busy_host import SWITCH, BusyHost
from telemetry_sdk.sender.send_schedule import CADENCE, Flush
from tests.unit.harness import Sending, SpoolMaker


class Starter:
    """Another process that sends at once what waits, or may not be started."""

    def __init__(self, sending, *, may_start=True, delivers=True):
        self.sending = sending
        self.may_start = may_start
        self.delivers = delivers
        self.starts = 0

    def start(self):
        self.starts += self.may_start
        if self.may_start and self.delivers:
            self.sending.spool.discard("metrics", "delivered")
            self.sending.spool.discard("errors", "delivered")
        return self.may_start


@pytest.fixture
def sending(disk):
    return Sending(disk)


def host(sending, starter):
    return BusyHost(
        load=InterpreterLoad((), lambda: True, sending.clock.monotonic),
        schedule=sending.schedule,
        spool=Lazy(lambda: sending.spool),
        start_detached=starter.start,
    )


def test_what_is_due_is_handed_over_and_waits_no_more(sending):
    sending.record("errors")
    flush = Flush("server", 30.0, sending.clock.monotonic)
    sending.schedule.flushes.append(flush)
    starter = Starter(sending)
    assert host(sending, starter).hand_over()
    assert starter.starts == 1
    assert flush.future.wait(0)
    assert sending.schedule.delay("errors", 0.0) is None


def test_what_the_other_process_has_not_sent_yet_goes_on_waiting(sending):
    sending.record("errors")
    sending.schedule.flushes.append(Flush("server", 30.0, sending.clock.monotonic))
    assert host(sending, Starter(sending, delivers=False)).hand_over()
    assert len(sending.schedule.flushes) == 1
    assert sending.schedule.delay("errors", 0.0) > 0.0


def test_the_open_segment_is_handed_over_when_it_is_due(sending):
    sending.record("metrics", 3)
    sending.clock.advance(60.0)
    assert host(sending, Starter(sending, delivers=False)).hand_over()
    assert sending.spool.open_count == 0


def test_a_segment_that_is_not_full_is_handed_over_once_in_a_cadence(sending):
    """While the other process always has something left to send, what waits is never all gone."""
    sending.record("metrics", 3)
    sending.clock.advance(CADENCE)
    busy = host(sending, Starter(sending, delivers=False))
    assert busy.hand_over()
    sending.record("metrics", 2)
    sending.clock.advance(CADENCE - 1.0)
    assert busy.hand_over()
    assert sending.spool.open_count == 2
    sending.clock.advance(1.0)
    assert busy.hand_over()
    assert sending.spool.open_count == 0


def test_a_host_sends_itself_where_no_process_may_be_started(sending):
    sending.record("errors")
    assert not host(sending, Starter(sending, may_start=False)).hand_over()


def test_a_busy_host_counts_as_busy_for_a_while(sending):
    answers = iter([True] * LOOKS + [False] * LOOKS)
    load = InterpreterLoad((), lambda: next(answers), sending.clock.monotonic)
    assert load.is_high
    sending.clock.advance(STAYS - 1.0)
    assert load.is_high
    sending.clock.advance(2.0)
    assert not load.is_high


@pytest.mark.parametrize(("held", "busy"), [(3, True), (2, False)])
def test_a_host_is_busy_where_its_threads_hold_the_interpreter_at_most_looks(held, busy):
    """A thread may end its turn, or the switch interval be shortened, just at one of the looks."""
    looks = iter([False] * (LOOKS - held) + [True] * held)
    assert InterpreterLoad((), lambda: next(looks)).is_high is busy


def test_a_look_at_the_host_is_by_the_hosts_own_switch_interval():
    """While the writer shortens it, a computing thread keeps the interpreter less long than a look asks for."""
    before, seen = sys.getswitchinterval(), []

    def look():
        seen.append(sys.getswitchinterval())
        return False

    with ShortSwitchInterval(0.0001):
        assert not InterpreterLoad((), look).is_high
        assert sys.getswitchinterval() == pytest.approx(0.0001)
    assert seen == [pytest.approx(before)] * LOOKS
    assert sys.getswitchinterval() == pytest.approx(before)


def test_a_hand_over_gets_the_interpreter_back_soon(sending):
    """It makes some hundred system calls, beside threads that keep the interpreter for a whole switch interval."""
    before, seen = sys.getswitchinterval(), []

    class Noting(Starter):
        def start(self):
            seen.append(sys.getswitchinterval())
            return super().start()

    assert host(sending, Noting(sending)).hand_over()
    assert seen == [pytest.approx(SWITCH)]
    assert sys.getswitchinterval() == pytest.approx(before)


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="no way to hold a process up")
def test_a_process_that_others_keep_from_running_is_no_busy_host():
    source = """
from telemetry_sdk._internal.interpreter_load import interpreter_is_held
print(flush=True)
print([interpreter_is_held() for _ in range(200)].count(True))
"""
    with subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        child.stdout.readline()
        while child.poll() is None:
            child.send_signal(signal.SIGSTOP)
            time.sleep(0.01)  # as long as others run
            child.send_signal(signal.SIGCONT)
            time.sleep(0.005)
        assert child.stdout.read() == "0\n"


def test_records_in_memory_are_never_handed_over(state_dir, clock):
    sending = Sending(SpoolMaker("memory", state_dir, clock))
    sending.record("errors")
    assert not host(sending, Starter(sending)).hand_over()


def test_a_switch_interval_is_restored_unless_the_host_changed_it():
    before = sys.getswitchinterval()
    try:
        with ShortSwitchInterval(0.0001):
            assert sys.getswitchinterval() == pytest.approx(0.0001)
        assert sys.getswitchinterval() == pytest.approx(before)
        with ShortSwitchInterval(0.0001):
            sys.setswitchinterval(0.02)
        assert sys.getswitchinterval() == pytest.approx(0.02)
    finally:
        sys.setswitchinterval(before)


def test_a_switch_interval_that_several_threads_want_is_the_shortest_and_restored_after_the_last():
    before = sys.getswitchinterval()
    first, second = ShortSwitchInterval(0.0005), ShortSwitchInterval(0.0001)
    try:
        first.__enter__()
        second.__enter__()
        first.__exit__(None, None, None)  # the one that came first ends first
        assert sys.getswitchinterval() == pytest.approx(0.0001)
        second.__exit__(None, None, None)
        assert sys.getswitchinterval() == pytest.approx(before)
    finally:
        sys.setswitchinterval(before)


def test_the_child_of_a_fork_gets_the_hosts_switch_interval_back():
    before = sys.getswitchinterval()
    with ShortSwitchInterval(0.0001):
        SWITCH_INTERVAL.after_fork()  # what the child runs, whichever thread forked
        assert sys.getswitchinterval() == pytest.approx(before)
    assert sys.getswitchinterval() == pytest.approx(before)
