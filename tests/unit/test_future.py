"""A future wakes whoever waits: a thread by a lock, a task on asyncio or trio; and hurts no maker."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import anyio
import pytest

from telemetry_sdk._internal.future import Future


def in_thread(function, *arguments) -> threading.Thread:
    thread = threading.Thread(target=function, args=arguments)
    thread.start()
    return thread


def waiting(future: Future[int], count: int) -> bool:
    return len(future._wakers) >= count


def test_a_thread_waits_for_a_value():
    future: Future[int] = Future()
    assert future.wait(0) is False
    assert future.wait(-5) is False
    thread = in_thread(future.set, 7)
    assert future.wait(30) is True
    thread.join()
    assert (future.done, future.result(), future.wait(None)) == (True, 7, True)


def test_an_error_is_raised_where_it_is_asked_for():
    future: Future[int] = Future()
    future.fail(KeyError("k"))
    assert future.wait() is True
    with pytest.raises(KeyError):
        future.result()


def test_there_is_no_result_before_it_is_done():
    with pytest.raises(RuntimeError, match="not done"):
        Future().result()


def test_none_is_a_value():
    future: Future[None] = Future()
    assert future.set(None) is True
    assert future.result() is None


def test_it_comes_once_whoever_sets_it():
    future: Future[int] = Future()
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(future.set, range(100)))
    assert won.count(True) == 1
    assert future.result() == won.index(True)
    assert future.fail(ValueError()) is False


def test_many_threads_are_woken_by_one_result():
    future: Future[int] = Future()
    with ThreadPoolExecutor(16) as pool:
        waits = [pool.submit(future.wait, 30) for _ in range(16)]
        while not waiting(future, 16):
            threading.Event().wait(0.001)
        future.set(1)
        assert [wait.result() for wait in waits] == [True] * 16
    assert future._wakers == []


def test_a_wait_that_timed_out_leaves_nothing_behind():
    future: Future[int] = Future()
    for _ in range(10):
        assert future.wait(0.001) is False
    assert future._wakers == []


async def test_a_task_is_woken_from_a_thread():
    future: Future[int] = Future()
    results: list[int] = []

    async def one() -> None:
        assert await future.wait_async()
        results.append(future.result())

    async with anyio.create_task_group() as tasks:
        for _ in range(5):
            tasks.start_soon(one)
        await anyio.wait_all_tasks_blocked()
        assert waiting(future, 5)
        thread = in_thread(future.set, 3)
    thread.join()
    assert results == [3] * 5
    assert future._wakers == []


async def test_a_result_that_is_there_already_needs_no_waking():
    future: Future[int] = Future()
    future.set(3)
    assert await future.wait_async()
    assert future.result() == 3


async def test_a_tasks_wait_raises_the_error():
    future: Future[int] = Future()
    future.fail(KeyError("k"))
    with pytest.raises(KeyError):
        await future.wait_async()
        future.result()


async def test_a_tasks_wait_may_be_cancelled():
    future: Future[int] = Future()
    with anyio.move_on_after(0.01) as scope:
        await future.wait_async()
    assert scope.cancelled_caught
    assert future._wakers == []
    assert future.set(1) is True
    assert await future.wait_async()
    assert future.result() == 1


async def test_a_wait_ends_with_its_timeout_and_starts_no_thread():
    before = threading.active_count(), len(sys._current_frames())
    future: Future[int] = Future()
    assert await future.wait_async(0.01) is False
    assert (threading.active_count(), len(sys._current_frames())) == before
    assert future._wakers == []


async def test_setting_and_waiting_race():
    """Each pair is set by a thread at no particular moment of the wait."""
    for number in range(200):
        future: Future[int] = Future()
        thread = in_thread(future.set, number)
        assert await future.wait_async()
        assert future.result() == number
        thread.join()


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_loop_that_is_gone_does_not_hurt_the_maker(backend):
    future: Future[int] = Future()
    waiter = future.wait_async()

    async def begin() -> None:
        waiter.send(None)  # it waits now, and its loop ends

    anyio.run(begin, backend=backend)
    assert waiting(future, 1)
    assert future.set(1) is True
    assert future.wait(0) is True
    waiter.close()


NOTHING_IMPORTED = """
import sys
before = set(sys.modules)
from telemetry_sdk._internal.future import Future
future = Future()
future.set(1)
assert future.wait(1) and future.result() == 1
heavy = {"typing", "threading", "asyncio", "anyio", "trio", "sniffio", "collections", "functools"}
print(sorted(heavy & (set(sys.modules) - before)))
"""


def test_it_imports_nothing_heavy():
    command = [sys.executable, "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}\n{NOTHING_IMPORTED}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "[]\n", "")
