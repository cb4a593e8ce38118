"""A model of delivery: processes that record, send and are killed, on a fake clock, disk and network.

Queue, drain, spool and sender are the real ones. What was recorded, acknowledged and received is noted outside of them.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from random import Random
from typing import TYPE_CHECKING

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from telemetry_sdk.losses import OPTED_OUT
from telemetry_sdk.pipeline.drain import LARGEST_SLICE
from telemetry_sdk.policy.current import Revocations
from telemetry_sdk.spool.accounts import directory_counts, discard
from telemetry_sdk.spool.disk import merge_at_exit
from telemetry_sdk.storage.file_lock import release_all
from telemetry_sdk.storage.shared_state import SharedState
from tests.delivery.fake_disk import FakeDisk
from tests.delivery.fake_process import ANSWERS, RUNS, Network, Process, is_kill
from tests.unit.harness import FakeClock, SpoolMaker

if TYPE_CHECKING:
    from collections.abc import Mapping

PROCESSES = 3
DAY = 86_400.0
JUMPS = (-20 * 365 * DAY, -DAY, -8 * DAY, 8 * DAY, 365 * DAY, 9 * 365 * DAY, 20 * 365 * DAY)
TOTALS: Counter[str] = Counter()  # of all runs, to be shown


class Delivery(RuleBasedStateMachine):
    """Every acknowledged id is delivered at least once or counted as dropped; the accounts are exact at each step."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = tempfile.mkdtemp(prefix="delivery-")
        self.disk = FakeDisk(self.directory)
        self._mounted = self.disk.mounted()
        self._mounted.__enter__()
        self.clock = FakeClock()
        self.network = Network(self.disk)
        path = os.path.join(self.directory, "app", "0123456789abcdef")
        self.maker = SpoolMaker("disk", path, self.clock)  # type: ignore[arg-type]  # a path as text serves
        self.state = SharedState(path)
        self.processes: list[Process] = []
        self.gone: list[Process] = []
        self.number = 0
        self.spooled = self.dropped = 0  # records of processes that are gone
        self.acknowledged: set[str] = set()
        self.doubled_at_most = 0
        self.steps = self.fault_ends = 0

    @initialize(seed=st.integers(0, 2**32))
    def begin(self, seed: int) -> None:
        """The first process starts."""
        self.random = Random(seed)
        self.processes.append(self._process())

    def _process(self) -> Process:
        return Process(self.maker, self.network, self.random)

    @precondition(lambda self: len(self.processes) < PROCESSES and self.disk.fault is None)
    @rule()
    def start(self) -> None:
        """Another process starts."""
        self.processes.append(self._process())

    @rule(which=st.integers(0, PROCESSES), count=st.sampled_from([1, 2, 60, 1_000, 3_000]), errors=st.integers(0, 3))
    def record(self, which: int, count: int, errors: int) -> None:
        """A process records events and errors."""
        for process in self._chosen(which):
            for _ in range(count):
                self.number += 1
                process.record("metrics", self.number)
            for _ in range(errors):
                self.number += 1
                process.record("errors", self.number)

    @rule(which=st.integers(0, PROCESSES))
    def flush(self, which: int) -> None:
        """A process flushes to the spool: True acknowledges what its queue still held."""
        for process in self._chosen(which):
            queued = process.queued
            if process.flush():
                self.acknowledged |= queued

    @rule(which=st.integers(0, PROCESSES))
    def drain_a_little(self, which: int) -> None:
        """The writer runs one slice."""
        for process in self._chosen(which):
            process.drain.slice()

    @rule(which=st.integers(0, PROCESSES), answers=st.lists(st.sampled_from(sorted(ANSWERS)), max_size=6))
    def send(self, which: int, answers: list[str]) -> None:
        """A process sends; the server answers as it likes."""
        for process in self._chosen(which):
            self.network.answers = answers.copy()
            process.send()
            self.network.answers = []

    @rule(which=st.integers(0, PROCESSES))
    def deliver(self, which: int) -> None:
        """A process sends, and the server accepts all."""
        self.send(which, [])

    @rule(which=st.integers(0, PROCESSES), answers=st.lists(st.sampled_from(sorted(ANSWERS)), min_size=1, max_size=6))
    def send_later(self, which: int, answers: list[str]) -> None:
        """The same after any wait but a mute of a day."""
        self.clock.advance(4_000.0)
        self.send(which, answers)

    @rule(answer=st.sampled_from(["503", "408", "time-out", "429"]), times=st.integers(2, 7))
    def outage(self, answer: str, times: int) -> None:
        """The server fails for hours."""
        for _ in range(times):
            self.send_later(0, [answer])

    @rule(seconds=st.sampled_from([0.1, 1.0, 31.0, 70.0, 301.0, 4_000.0]))
    def time_passes(self, seconds: float) -> None:
        """Both clocks go on."""
        self.clock.advance(seconds)

    @rule(seconds=st.sampled_from(JUMPS))
    def the_clock_jumps(self, seconds: float) -> None:
        """The wall clock is set."""
        self.clock.jump(seconds)

    @rule(fault=st.sampled_from(["full", "read-only", "forbidden"]), steps=st.integers(1, 5))
    def the_disk_fails(self, fault: str, steps: int) -> None:
        """Changes of the disk fail during the next steps."""
        self.disk.fault = fault
        self.fault_ends = self.steps + steps

    @precondition(lambda self: self.disk.fault is None and len(self.processes) == 1)
    @rule(fault=st.sampled_from(["read-only", "forbidden"]))
    def lose_the_disk_within_a_request(self, fault: str) -> None:
        """What the server has, the same process never sends again, though its fate could not be written."""
        self.network.breaks = fault
        self.send_later(0, [])
        self.disk.fault = self.network.breaks = None
        self.send_later(0, [])

    @precondition(lambda self: self.disk.fault is None)
    @rule(service=st.sampled_from(["metrics", "errors"]), rare=st.integers(0, 9))
    def opt_out(self, service: str, rare: int) -> None:
        """Another process withdraws consent: what waits is dropped, and what these processes still record."""
        if not rare and Revocations(os.path.dirname(self.maker.path), [service]).revoke(service):
            discard(os.path.join(self.maker.path, "spool"), self.state, service, OPTED_OUT)

    @precondition(lambda self: len(self.processes) > 1)
    @rule(which=st.integers(0, PROCESSES))
    def end(self, which: int) -> None:
        """A process ends: it spools what waits and lets go of its run."""
        for process in self._chosen(which):
            self._end(process)

    @precondition(lambda self: self.disk.fault is None)
    @rule(count=st.integers(2, 4), changes=st.one_of(st.none(), st.integers(0, 40)))
    def run_short_commands(self, count: int, changes: int | None) -> None:
        """Programs record a little and end; the last one may be killed within its merge. `changes` as of `kill`."""
        for _ in range(count):
            process = self._process()
            self.processes.append(process)
            self.number += 1
            process.record("metrics", self.number)
            self._end(process)
        with self.disk.dying(changes):
            merge_at_exit(self.maker.path, self.state, max_runs=RUNS)
        release_all()

    def _end(self, process: Process) -> None:
        queued = process.queued
        if process.flush():
            self.acknowledged |= queued
        process.spool.close()
        self._leave(process, process.spooled)

    @rule(which=st.integers(0, PROCESSES), changes=st.one_of(st.none(), st.integers(0, 30)), sends=st.booleans())
    def kill(self, which: int, changes: int | None, sends: bool) -> None:
        """SIGKILL: what was queued is gone, what is on disk stays.

        `changes`: of the disk that the process still makes while it drains, or sends; None: it is within a request.
        """
        for process in self._chosen(which):
            before = self.network.received.total() - process.unsettled
            with self.disk.dying(changes):
                self._run_to_death(process, sends=sends or changes is None)
                spooled = process.spooled
                process.spool.forget()
            release_all()  # no lock of another is held between two rules
            self.doubled_at_most += self.network.received.total() - before
            self._leave(process, spooled)
            unfinished = self._on_disk() - self._spooled()  # the write that the kill interrupted
            assert 0 <= unfinished <= LARGEST_SLICE, unfinished
            self.spooled += unfinished
            if not self.processes:
                self.disk.fault = None
                self.processes.append(self._process())

    def _run_to_death(self, process: Process, *, sends: bool) -> None:
        self.network.kill = self.disk.changes_left is None
        try:
            if sends:
                process.send()
            else:
                process.flush()
        except BaseException as error:
            if not is_kill(error):
                raise
        finally:
            self.network.kill = False

    def _spooled(self) -> int:
        """Return how many records all processes have spooled."""
        return self.spooled + sum(process.spooled for process in self.processes)

    def _on_disk(self) -> int:
        """Return how many records the state directory knows: waiting, delivered and dropped."""
        return sum(sum(table.values()) for table in self._counts().values())

    def _counts(self) -> Mapping[str, Mapping[str, int]]:
        return directory_counts(self.maker.path, self.state)

    def _leave(self, process: Process, spooled: int) -> None:
        self.processes.remove(process)
        self.spooled += spooled
        self.dropped += sum(process.drain.accounts.totals()[1].values())

    def _chosen(self, which: int) -> list[Process]:
        return self.processes[which % len(self.processes) :][:1] if self.processes else []

    @invariant()
    def accounts_are_exact(self) -> None:
        """Of each living process and of the state directory; nothing is sent twice but for a kill or a fault."""
        self.steps += 1
        if self.steps > self.fault_ends:
            self.disk.fault = None
        self._check_accounts()

    def _check_accounts(self) -> None:
        assert [process.balance for process in self.processes] == [0] * len(self.processes)
        assert self._spooled() == self._on_disk(), (self._spooled(), self._counts())
        twice = sum(times - 1 for times in self.network.received.values())
        assert twice <= self.doubled_at_most, (twice, self.doubled_at_most)

    def teardown(self) -> None:
        """The faults end, all processes end, and another sends what waits: nothing that was acknowledged is missing."""
        try:
            if self.processes:
                self._settle_all()
        finally:
            self._mounted.__exit__(None, None, None)
            release_all()
            shutil.rmtree(self.directory, ignore_errors=True)

    def _settle_all(self) -> None:
        self.disk.fault = None
        while self.processes:
            process = self.processes[0]
            process.flush()
            process.spool.close()
            self._leave(process, process.spooled)
        last = self._process()
        self.processes.append(last)
        for _ in range(100):
            last.send()
            counts = last.spool.counts()
            if not sum(counts["waiting"].values()):
                break
            self.clock.advance(DAY / 20)
        assert not sum(counts["waiting"].values()), counts
        self._check_accounts()
        TOTALS.update(
            recorded=self.number, acknowledged=len(self.acknowledged), delivered=self.network.received.total()
        )
        TOTALS.update({f"dropped_{reason}": count for reason, count in counts["dropped"].items()})
        missing = self.acknowledged - self.network.received.keys()
        dropped = sum(counts["dropped"].values()) + self.dropped
        assert len(missing) <= dropped, (sorted(missing)[:5], len(missing), counts["dropped"], self.dropped)


def run_model(examples: int, steps: int, seed: int | None = None) -> None:
    """Run the model; raises what it finds. `seed`: of a run that is repeated."""
    import hypothesis
    from hypothesis.stateful import run_state_machine_as_test

    settings = hypothesis.settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        print_blob=True,
        phases=[hypothesis.Phase.generate],  # an example of some 50 steps says enough; to make it smaller takes minutes
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    run_state_machine_as_test(Delivery if seed is None else hypothesis.seed(seed)(Delivery), settings=settings)
