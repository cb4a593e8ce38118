"""A completion wakes whoever waits: a thread by a lock, a task on asyncio or trio; and hurts no maker."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import anyio
import pytest

from telemetry_sdk._internal.future import Completion


def in_thread(function, *arguments) -> threading.Thread:
    thread = threading.Thread(target=function, args=arguments)
    thread.start()
    return thread


def waiting(completion: Completion[int], count: int) -> bool:
    return len(completion._wakers) >= count


def test_a_thread_waits_for_a_value():
    completion: Completion[int] = Completion()
    assert completion.wait(0) is False
    assert completion.wait(-5) is False
    thread = in_thread(completion.set, 7)
    assert completion.wait(30) is True
    thread.join()
    assert (completion.done, completion.result(), completion.wait(None)) == (True, 7, True)


def test_an_error_is_raised_where_it_is_asked_for():
    completion: Completion[int] = Completion()
    completion.fail(KeyError("k"))
    assert completion.wait() is True
    with pytest.raises(KeyError):
        completion.result()


def test_there_is_no_result_before_it_is_done():
    with pytest.raises(RuntimeError, match="not done"):
        Completion().result()


def test_none_is_a_value():
    completion: Completion[None] = Completion()
    assert completion.set(None) is True
    assert completion.result() is None


def test_it_comes_once_whoever_sets_it():
    completion: Completion[int] = Completion()
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(completion.set, range(100)))
    assert won.count(True) == 1
    assert completion.result() == won.index(True)
    assert completion.fail(ValueError()) is False


def test_many_threads_are_woken_by_one_result():
    completion: Completion[int] = Completion()
    with ThreadPoolExecutor(16) as pool:
        waits = [pool.submit(completion.wait, 30) for _ in range(16)]
        while not waiting(completion, 16):
            threading.Event().wait(0.001)
        completion.set(1)
        assert [wait.result() for wait in waits] == [True] * 16
    assert completion._wakers == []


def test_a_wait_that_timed_out_leaves_nothing_behind():
    completion: Completion[int] = Completion()
    for _ in range(10):
        assert completion.wait(0.001) is False
    assert completion._wakers == []


async def test_a_task_is_woken_from_a_thread():
    completion: Completion[int] = Completion()
    results: list[int] = []

    async def one() -> None:
        results.append(await completion.wait_async())

    async with anyio.create_task_group() as tasks:
        for _ in range(5):
            tasks.start_soon(one)
        await anyio.wait_all_tasks_blocked()
        assert waiting(completion, 5)
        thread = in_thread(completion.set, 3)
    thread.join()
    assert results == [3] * 5
    assert completion._wakers == []


async def test_a_result_that_is_there_already_needs_no_waking():
    completion: Completion[int] = Completion()
    completion.set(3)
    assert await completion.wait_async() == 3


async def test_a_tasks_wait_raises_the_error():
    completion: Completion[int] = Completion()
    completion.fail(KeyError("k"))
    with pytest.raises(KeyError):
        await completion.wait_async()


async def test_a_tasks_wait_may_be_cancelled():
    completion: Completion[int] = Completion()
    with anyio.move_on_after(0.01) as scope:
        await completion.wait_async()
    assert scope.cancelled_caught
    assert completion._wakers == []
    assert completion.set(1) is True
    assert await completion.wait_async() == 1


async def test_setting_and_waiting_race():
    """Each pair is set by a thread at no particular moment of the wait."""
    for number in range(200):
        completion: Completion[int] = Completion()
        thread = in_thread(completion.set, number)
        assert await completion.wait_async() == number
        thread.join()


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_loop_that_is_gone_does_not_hurt_the_maker(backend):
    completion: Completion[int] = Completion()
    waiter = completion.wait_async()

    async def begin() -> None:
        waiter.send(None)  # it waits now, and its loop ends

    anyio.run(begin, backend=backend)
    assert waiting(completion, 1)
    assert completion.set(1) is True
    assert completion.wait(0) is True
    waiter.close()


NOTHING_IMPORTED = """
import sys
before = set(sys.modules)
from telemetry_sdk._internal.future import Completion
completion = Completion()
completion.set(1)
assert completion.wait(1) and completion.result() == 1
heavy = {"typing", "threading", "asyncio", "anyio", "trio", "sniffio", "collections", "functools"}
print(sorted(heavy & (set(sys.modules) - before)))
"""


def test_it_imports_nothing_heavy():
    command = [sys.executable, "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}\n{NOTHING_IMPORTED}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "[]\n", "")
