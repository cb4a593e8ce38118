"""The sender's loop: a resolver that hangs harms nobody, and no pool of threads ever comes to be."""

from __future__ import annotations

import asyncio
import glob
import itertools
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import threading
from typing import TYPE_CHECKING, Any

import anyio
import pytest

import telemetry_sdk
from telemetry_sdk._internal.event_loop import LOOKUPS

if TYPE_CHECKING:
    from collections.abc import Iterator


def interpreters() -> Iterator[str]:
    """Yield this interpreter and, of every other version that is on this machine and runs, one."""
    yield sys.executable
    for minor in (11, 12, 13, 14):
        name = f"python3.{minor}"
        places = [shutil.which(name), *glob.glob(os.path.expanduser(f"~/.pyenv/versions/*/bin/{name}"))]
        runs = (place for place in places if place and minor != sys.version_info.minor and _runs(place))
        yield from itertools.islice(runs, 1)


def _runs(executable: str) -> bool:
    return subprocess.run([executable, "-c", ""], capture_output=True, check=False).returncode == 0


class Resolver:
    """The system's resolver, hanging until it is released."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.entered = threading.Semaphore(0)
        self.released = threading.Event()

    def __call__(self, host: str, port: int, *rest: object) -> list[object]:
        self.asked.append(host)
        self.entered.release()
        if not self.released.wait(30):
            raise TimeoutError
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Resolver]:
    made = Resolver()
    monkeypatch.setattr(socket, "getaddrinfo", made)
    yield made
    made.released.set()


def resolve(host: str | bytes, **options: Any) -> Any:
    return asyncio.get_running_loop().getaddrinfo(host, 443, type=socket.SOCK_STREAM, **options)


V4 = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 443))
V6 = (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", 443, 0, 0))


@pytest.mark.parametrize(
    ("host", "options", "expected"),
    [
        ("localhost", {}, [V6, V4]),
        (b"localhost", {"family": socket.AF_INET}, [V4]),
        ("127.0.0.1", {}, [V4]),
        ("::1", {}, [V6]),
    ],
)
def test_loopback_and_literals_need_no_look_up(run, resolver, host, options, expected):
    async def ask() -> Any:
        return await resolve(host, **options)

    assert run(ask()) == expected
    assert resolver.asked == []


@pytest.mark.parametrize("host", ["LOCALHOST", "localhost.", "localhost.example", "127.1", "2130706433"])
def test_only_exactly_localhost_is_ours(run, resolver, host):
    resolver.released.set()

    async def ask() -> Any:
        return await resolve(host)

    run(ask())
    assert resolver.asked == [host]


def test_callers_share_a_look_up_and_may_leave_it(run, resolver):
    async def ask() -> list[Any]:
        found: list[Any] = []

        async def one() -> None:
            found.append(await resolve("a.example"))

        with anyio.move_on_after(0.05) as left:
            await one()
        assert left.cancelled_caught
        async with anyio.create_task_group() as tasks:
            for _ in range(3):
                tasks.start_soon(one)
            await anyio.wait_all_tasks_blocked()
            resolver.released.set()
        return found

    assert run(ask()) == [[V4]] * 3
    assert resolver.asked == ["a.example"]


def test_hanging_look_ups_are_bounded(run, resolver):
    async def ask() -> str:
        async with anyio.create_task_group() as tasks:
            for number in range(LOOKUPS):
                tasks.start_soon(resolve, f"{number}.example")
            await anyio.wait_all_tasks_blocked()
            assert all(resolver.entered.acquire(timeout=30) for _ in range(LOOKUPS))
            with pytest.raises(socket.gaierror) as refused:
                await resolve("one-too-many.example")
            tasks.cancel_scope.cancel()
        return str(refused.value)

    assert "hang" in run(ask())
    assert "one-too-many.example" not in resolver.asked


def test_a_failed_look_up_is_a_gaierror_and_asked_again(run, monkeypatch):
    asked: list[object] = []

    def no(*args: object) -> object:
        asked.append(args)
        raise UnicodeError("label too long")  # the standard library's resolver raises this as well

    monkeypatch.setattr(socket, "getaddrinfo", no)

    async def ask() -> None:
        for _ in range(2):
            with pytest.raises(socket.gaierror):
                await resolve("a.example")

    run(ask())
    assert len(asked) == 2


def test_there_is_no_default_executor(run):
    async def ask() -> None:
        with pytest.raises(RuntimeError, match="executor"):
            await asyncio.to_thread(print)
        with pytest.raises(RuntimeError, match="executor"):
            asyncio.get_running_loop().set_default_executor(None)
        with pytest.raises(socket.gaierror):
            await asyncio.get_running_loop().getnameinfo(("127.0.0.1", 80))

    before = threading.active_count()
    run(ask())
    assert threading.active_count() == before


def python(executable: str, code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program with every warning an error; packages of this interpreter are visible to all."""
    source = telemetry_sdk.__path__[0].removesuffix("telemetry_sdk")
    packages = sysconfig.get_paths()["purelib"]
    path = f"import sys; sys.path[:0] = [{source!r}, {packages!r}]\n"
    command = [executable, "-X", "dev", "-W", "error", "-c", path + code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


SENDER = """
import _thread, socket, threading
in_resolver = threading.Event()
def hang(*args):
    in_resolver.set()
    threading.Event().wait()
def sender(url, host):
    from telemetry_sdk.egress.client import Egress
    from telemetry_sdk._internal.event_loop import new_loop
    from telemetry_sdk.endpoints import Endpoint
    endpoint = Endpoint(service="metrics", url=url, host=host, port=1, layer="host")
    loop = new_loop()
    loop.run_until_complete(Egress().post(endpoint, headers={}, body=b"x", deadline=600))
"""

EXIT_IN_RESOLVER = (
    SENDER
    + """
socket.getaddrinfo = hang
_thread.start_new_thread(sender, ("https://nowhere.example/", "nowhere.example"))
assert in_resolver.wait(30)
"""
)

EXIT_IN_FLIGHT = (
    SENDER
    + """
server = socket.create_server(("127.0.0.1", 0))
_thread.start_new_thread(sender, (f"http://127.0.0.1:{server.getsockname()[1]}/", "127.0.0.1"))
server.settimeout(30)
connection = server.accept()[0]
assert connection.recv(9)
connection.detach(), server.detach()  # open until the process is gone
"""
)

CLOSE_DURING_LOOK_UP = """
import asyncio, socket, threading, time
from telemetry_sdk._internal.event_loop import new_loop
entered, release, left = threading.Event(), threading.Event(), threading.Event()
def hang(*args):
    entered.set()
    release.wait()
    left.set()
    return []
socket.getaddrinfo = hang
async def main():
    task = asyncio.get_running_loop().create_task(asyncio.get_running_loop().getaddrinfo("a.example", 1))
    while not entered.is_set():
        await asyncio.sleep(0.001)
    task.cancel()
    await asyncio.wait([task])
loop = new_loop()
loop.run_until_complete(main())
loop.close()
release.set()
assert left.wait(30)
while len(sys._current_frames()) > 1:  # until the resolver's thread has ended, too
    time.sleep(0.001)
"""

FOREIGN_POLICY = """
import asyncio, threading, warnings
warnings.simplefilter("ignore")
class Policy(asyncio.DefaultEventLoopPolicy):
    def _no(self, *args): raise AssertionError("the host's policy was used")
    new_event_loop = get_event_loop = set_event_loop = _no
asyncio.set_event_loop_policy(Policy())
from telemetry_sdk._internal.event_loop import new_loop
done = []
def run():
    import anyio
    async def main():
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(anyio.sleep, 0.01)
        done.append(True)
    loop = new_loop()
    loop.run_until_complete(main())
    loop.close()
thread = threading.Thread(target=run); thread.start(); thread.join()
assert done == [True]
"""


@pytest.mark.parametrize("executable", list(interpreters()))
@pytest.mark.parametrize(
    "program",
    [EXIT_IN_RESOLVER, EXIT_IN_FLIGHT, CLOSE_DURING_LOOK_UP, FOREIGN_POLICY],
    ids=["exit in the resolver", "exit in flight", "close during a look-up", "the host's policy"],
)
def test_an_end_is_silent_and_nobody_is_waited_for(executable, program):
    done = python(executable, program)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
