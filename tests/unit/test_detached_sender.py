"""When a detached sender looks, waits and ends, on a clock that jumps from step to step."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import anyio
import pytest
import trio
from trio.testing import MockClock

from telemetry_sdk.sender.detached import HOLD, IDLE, LAST_REQUEST, LIFE, LOOK, STOP_LOOK, DetachedSender, together
from telemetry_sdk.sender.send_schedule import SendSchedule


class Directory:
    """A state directory, in seconds since the sender's start: when records come, and what the back-off asks."""

    def __init__(self, *, records=(), left=(), resumes=None, always=False, hangs=False):
        self.schedule = SendSchedule()
        self.records = list(records)
        self.left = list(left)
        self.resumes = resumes
        self.always = always
        self.hangs = hangs
        self.sent: list[float] = []
        self.closed = False

    async def send(self):
        if self.resumes is not None and trio.current_time() < self.resumes:
            return 0
        self.resumes = None
        if self.hangs:
            await anyio.sleep_forever()
        due = [at for at in self.records if at <= trio.current_time()]
        self.records = self.records[len(due) :]
        if due or (self.always and not self.schedule.ended):
            self.sent.append(trio.current_time())
        return len(due) or self.always

    def wait(self):
        return None if self.resumes is None else self.resumes - trio.current_time()

    def let_go(self):
        """Return whether a program left records meanwhile."""
        if not self.left:
            return False
        self.records.append(self.left.pop())
        return True

    async def aclose(self):
        self.closed = True


class Failing(Directory):
    """A directory that cannot be listed after the first look."""

    def wait(self):
        raise OSError("planted")


def test_one_whose_directory_fails_ends_no_other():
    failing, other = Failing(), Directory(records=[3.0])
    directories: Any = (failing, other)

    async def main():
        senders = [DetachedSender(one, lambda: False, clock=trio.current_time) for one in directories]
        with pytest.raises(OSError, match="planted"):
            await together(senders)

    anyio.run(main, backend="trio", backend_options={"clock": MockClock(autojump_threshold=0.0)})
    assert len(other.sent) == 1
    assert failing.closed
    assert other.closed


def life(directory, stop=lambda: False):
    """Run a sender; return when it ended, in seconds after its start."""

    async def main():
        await DetachedSender(directory, stop, clock=trio.current_time).run()
        return trio.current_time()

    ended = anyio.run(main, backend="trio", backend_options={"clock": MockClock(autojump_threshold=0.0)})
    assert directory.closed
    return ended


def test_it_ends_five_seconds_after_the_last_record():
    directory = Directory(records=[0.0, 3.5, 4.0])
    assert life(directory) == pytest.approx(4.0 + IDLE)
    assert directory.sent == [0.0, 4.0], "it looks once a second"


def test_it_ends_before_its_time_is_over_whatever_comes():
    directory = Directory(always=True, left=[0.0] * 100)
    assert HOLD < life(directory) <= LIFE
    assert HOLD <= directory.sent[-1] < LAST_REQUEST
    assert {later - earlier for earlier, later in pairwise(directory.sent)} == {LOOK}


def test_a_request_that_hangs_is_cancelled_at_the_end_of_its_time():
    assert life(Directory(hangs=True)) <= LIFE + STOP_LOOK


@pytest.mark.parametrize("hangs", [True, False])
def test_it_ends_within_a_second_when_it_is_told_to(hangs):
    directory = Directory(hangs=hangs, always=not hangs)
    assert life(directory, stop=lambda: trio.current_time() >= 7.0) <= 8.0


def test_in_back_off_it_stays_if_the_wait_ends_within_its_time():
    directory = Directory(records=[0.0], resumes=HOLD - 5.0)
    assert life(directory) == pytest.approx(HOLD, abs=2 * LOOK)
    assert len(directory.sent) == 1


def test_a_wait_of_less_than_a_look_is_kept_to():
    """After an outage errors go two a second, not one a look."""
    directory = Directory(records=[0.0], resumes=LOOK / 4)
    life(directory)
    assert directory.sent == [LOOK / 4]


def test_in_a_longer_back_off_it_ends_at_once():
    directory = Directory(records=[0.0], resumes=HOLD + 5.0)
    assert life(directory) == 0.0
    assert directory.sent == []


def test_what_a_program_leaves_while_it_lets_go_is_sent():
    directory = Directory(left=[0.0])
    life(directory)
    assert len(directory.sent) == 1
