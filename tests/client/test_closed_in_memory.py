"""Closing a client that nothing can keep on disk: `close()` is True only if all was sent."""

from __future__ import annotations

import os
import sys

import pytest

import telemetry_sdk


class Kept(telemetry_sdk.Event, name="kept_in_memory"):
    """An event without fields."""


@pytest.fixture
def in_memory(start, world):
    """Start clients whose state directory cannot be made."""
    (world / "state").write_text("a file where a directory should be")
    return lambda **choices: start(state_dir=world / "state", **choices)


@pytest.fixture
def no_disk(program, world):
    """Run programs whose state directory cannot be made."""
    (world / "other").mkdir()
    (world / "other" / "acme-agent").write_text("a file")
    return lambda source, **environ: program(source, TELEMETRY_SDK_STATE_DIR=str(world / "other"), **environ)


def spool_counts(client):
    """Return the accounts of the spool: what waits in all, what was delivered, what was dropped."""
    counts = client.stats()["directory"]
    return sum(counts["waiting"].values()), dict(counts["delivered"]), dict(counts["dropped"])


def test_a_close_that_sends_all_is_true(no_disk, receiver):
    done = no_disk(
        """
        client.log_event(Tick(n=1))
        client.capture_exception(ValueError())
        assert client.flush_sync(20)
        client.log_event(Tick(n=2))
        assert client.close(5)
        assert client.stats()["directory"] == {
            "waiting": {"metrics": 0, "errors": 0}, "delivered": {"metrics": 2, "errors": 1}, "dropped": {}
        }
        """
    )
    assert (done.code, done.err) == (0, "")
    assert len(receiver.metrics()) == 2


def test_what_no_server_answered_in_time_is_lost_and_told(in_memory, receiver):
    """A request is in flight; its answer comes later and counts nothing twice."""
    receiver.hang("metrics", stored=True)
    client = in_memory()
    client.log_event(Kept())
    assert not client.flush_sync(0.1, to="spool")
    while not receiver.metrics():
        client.flush_sync(0.05)
    client.log_event(Kept())
    assert client.close(0.01) is False
    assert client.close() is False
    assert spool_counts(client) == (0, {}, {"closed": 2})
    receiver.release()
    client.log_event(Kept())
    assert client.stats()["dropped"] == {"closed": 1}, "recorded after the close"
    assert spool_counts(client) == (0, {}, {"closed": 2})


def test_a_client_that_may_not_send_at_its_end_loses_it(in_memory):
    client = in_memory(at_exit="leave")
    client.capture_exception(ValueError())
    assert client.close() is False
    assert spool_counts(client) == (0, {}, {"closed": 1})


def test_what_the_user_withdrew_is_no_loss(in_memory, receiver):
    receiver.hang("errors")
    client = in_memory()
    client.capture_exception(ValueError())
    assert not client.flush_sync(0.1)
    client.opt_out(persist=False)
    assert client.close()
    assert spool_counts(client) == (0, {}, {"opted_out": 1})
    receiver.release()


@pytest.mark.anyio
async def test_the_end_of_async_with_counts_it(in_memory):
    async with in_memory(at_exit="leave") as client:
        client.log_event(Kept())
    assert client.close() is False
    assert spool_counts(client) == (0, {}, {"closed": 1})


def test_under_debug_it_is_logged(no_disk):
    done = no_disk("client.log_event(Tick(n=1))", TELEMETRY_SDK_DEBUG="1", TELEMETRY_SDK_AT_EXIT="leave")
    assert done.code == 0
    assert "lost: 1 records that were in memory only" in done.err


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit")
def test_what_a_full_limit_kept_in_memory_is_lost_and_what_is_on_disk_waits(program):
    """The directory can no longer be written while the program runs."""
    done = program(
        """
        import resource
        client.log_event(Tick(n=1))
        assert client.flush_sync(20, to="spool")
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
        client.log_event(Tick(n=2))
        client.log_event(Tick(n=3))
        kept = client.close()
        counts = client.stats()["directory"]
        print(kept, counts["waiting"]["metrics"], counts["dropped"])
        """,
        PYTHONDONTWRITEBYTECODE="1",
        TELEMETRY_SDK_AT_EXIT="leave",
    )
    assert (done.code, done.err) == (0, "")
    assert done.out == "False 1 {'closed': 2}\n"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_the_child_of_a_fork_loses_only_its_own(no_disk):
    done = no_disk(
        """
        client.log_event(Tick(n=1))
        assert not client.flush_sync(20, to="spool")
        if child := os.fork():
            assert os.waitpid(child, 0)[1] == 0
            print(client.close(), client.stats()["directory"]["dropped"])
        else:
            assert client.close()
            os._exit(0)
        """,
        TELEMETRY_SDK_AT_EXIT="leave",
    )
    assert (done.code, done.out, done.err) == (0, "False {'closed': 1}\n", "")
