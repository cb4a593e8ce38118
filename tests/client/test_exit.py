"""Exit is bounded, and what was recorded is sent or waits on disk; asserted at ten times the bound of 300 ms."""

from __future__ import annotations

import sys
import textwrap
import time

import pytest

import telemetry_sdk


class ExitBeat(telemetry_sdk.Event, name="exit_beat"):
    """An event without fields."""


TEN_TIMES = 3.0  # seconds
RECORD = """
for n in range(20):
    client.log_event(Tick(n=n))
try:
    1 / 0
except ZeroDivisionError:
    client.capture_exception()
"""
DELIVER = """
client.log_event(Tick(n=99))  # a client without records has no sender
assert client.flush_sync(20)
"""


def delivered(receiver):
    """Return what arrived of RECORD: the events' numbers in order, the errors' types."""
    numbers = sorted(int(event["metadata"]["n"]) for event in receiver.metrics())
    return [n for n in numbers if n != 99], [error["exception"]["values"][0]["type"] for error in receiver.errors()]


def test_every_record_of_a_program_that_returns_at_once_is_delivered(program, receiver):
    """What did not leave within the exit's 300 ms is on disk; the next run delivers it."""
    done = program(RECORD)
    assert (done.code, done.out, done.err) == (0, "", "")
    assert program(DELIVER).code == 0
    assert delivered(receiver) == (list(range(20)), ["ZeroDivisionError"])


def test_a_host_that_has_emptied_its_search_path_loses_nothing(program, receiver):
    done = program(f"sys.path[:] = []\n{RECORD}assert sys.path == []")
    assert (done.code, done.out, done.err) == (0, "", "")
    assert program(DELIVER).code == 0
    assert delivered(receiver) == (list(range(20)), ["ZeroDivisionError"])


def test_a_container_that_returns_at_once_delivers_everything_in_its_own_time(program, receiver):
    """Without a state directory that persists, a host lets the exit take up to five seconds."""
    source = """
    import telemetry_sdk
    class Tick(telemetry_sdk.Event, name="tick"):
        n: int
    client = telemetry_sdk.start(app="acme-agent", version="1.4.2", exit_timeout=5)
    """
    done = program(textwrap.dedent(source) + RECORD, bare=True)
    assert (done.code, done.out, done.err) == (0, "", "")
    assert receiver.wait_for(metrics=20, errors=1, timeout=0.0)


@pytest.mark.parametrize("how", ["hang", "503", "refused", "resolver"])
def test_exit_is_bounded_whatever_the_network_does(program, receiver, how, unused_port):
    environ = {}
    head = ""
    if how == "hang":
        receiver.hang("metrics")
        receiver.hang("errors")
    elif how == "503":
        receiver.answer_next("metrics", status=503, times=100)
        receiver.answer_next("errors", status=503, times=100)
    elif how == "refused":
        environ["TELEMETRY_SDK_STATSIG_URL"] = f"http://127.0.0.1:{unused_port}/v1"
        environ["TELEMETRY_SDK_SENTRY_DSN"] = f"http://key@127.0.0.1:{unused_port}/1"
    else:
        environ["TELEMETRY_SDK_STATSIG_URL"] = "https://telemetry.invalid/v1"
        environ["TELEMETRY_SDK_SENTRY_DSN"] = "https://key@telemetry.invalid/1"
        head = "import socket, threading\nsocket.getaddrinfo = lambda *a, **k: threading.Event().wait()\n"
    source = f"{head}{RECORD}client.flush_sync(0.5)\nprint(time.time(), flush=True)\n"
    done = program(source, **environ)
    ended = time.time()
    assert (done.code, done.err) == (0, "")
    assert ended - float(done.out) < TEN_TIMES
    receiver.release()


def test_what_a_server_did_not_answer_is_delivered_by_the_next_run(program, receiver):
    receiver.hang("metrics")
    receiver.hang("errors")
    first = program(RECORD)
    assert (first.code, first.err) == (0, "")
    assert delivered(receiver) == ([], [])
    receiver.release()
    second = program(DELIVER)
    assert (second.code, second.err) == (0, "")
    assert delivered(receiver) == (list(range(20)), ["ZeroDivisionError"])


def test_the_exit_of_a_silent_client_starts_nothing(program):
    done = program("import threading, sys; print(threading.active_count(), 'asyncio' in sys.modules)")
    assert (done.out.strip(), done.err, done.code) == ("1 False", "", 0)


def test_close_is_idempotent_and_later_records_go_nowhere(start, receiver):
    client = start()
    assert client.close()
    assert client.close()
    client.log_event("tick", value=1)
    assert client.capture_exception(ValueError()) is None
    assert client.flush_sync(1)
    assert receiver.requests() == []


def test_many_clients_and_busy_threads_share_one_exit(program, receiver):
    receiver.hang("metrics")
    source = """
    import threading
    more = [telemetry_sdk.start(app="acme-agent", version="1.4.2") for _ in range(7)]
    def log():
        while True:
            client.log_event(Tick(n=1))
            more[0].log_event(Tick(n=1))
    for one in more:
        one.log_event(Tick(n=1))
        one.flush_sync(5, to="spool")
    for _ in range(3):
        threading.Thread(target=log, daemon=True).start()
    print(time.time(), flush=True)
    """
    done = program(textwrap.dedent(source))
    ended = time.time()
    assert (done.code, done.err) == (0, "")
    assert ended - float(done.out) < TEN_TIMES
    receiver.release()


def test_a_handler_that_interrupts_a_call_may_call_too(program):
    source = """
    import signal
    def handler(*_):
        client.log_event(Tick(n=1)); client.stats(); client.flush_sync(0.01)
    handler()  # what it needs is loaded
    signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
    until = time.monotonic() + 1
    while time.monotonic() < until:
        client.stats(); client.log_event(Tick(n=2))
    signal.setitimer(signal.ITIMER_REAL, 0)
    """
    done = program(textwrap.dedent(source))
    assert (done.code, done.err) == (0, "")


SLOW_MODULE = """
import signal, threading
from telemetry_sdk._internal.imports import IMPORTS, load
threading.Thread(target=load, args=("slow_module",), daemon=True).start()
while IMPORTS.acquire(0.0):
    IMPORTS.release()
signal.raise_signal(signal.SIGUSR1)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no such signal")
def test_a_handler_that_interrupts_an_import_which_our_thread_waits_for_does_not_hang(program, world):
    """The thread holds the import lock, and goes on only when the handler has returned."""
    (world / "work" / "slow_module.py").write_text(SLOW_MODULE)
    done = program("""
        import signal
        def handle(*_):
            print(client.stats(), client.flush_sync(0.2))
        signal.signal(signal.SIGUSR1, handle)
        import slow_module
        client.log_event(Tick(n=1))
        print(client.flush_sync(20), client.stats()["accepted"])
    """)
    problem = {"problem": "the accounts cannot be read now: another thread is still importing"}
    assert done.out.splitlines() == [f"{problem} False", "True 1"]


@pytest.mark.parametrize(("value", "arrived"), [("wait", 2), ("leave", 1)])
def test_the_user_may_have_the_exit_send_nothing(program, receiver, value, arrived):
    """After a good request an exit sends what waits, unless TELEMETRY_SDK_AT_EXIT=leave: then it is on disk."""
    source = """
    client = telemetry_sdk.start(app="acme-agent", version="1.4.2", exit_timeout=5.0)
    client.log_event(Tick(n=1))
    assert client.flush_sync(20)
    client.log_event(Tick(n=2))
    assert client.close()
    print(client.stats()["directory"]["waiting"]["metrics"])
    """
    done = program(textwrap.dedent(source), TELEMETRY_SDK_AT_EXIT=value)
    assert (done.out.strip(), done.err, done.code) == (str(2 - arrived), "", 0)
    assert len(receiver.metrics()) == arrived
