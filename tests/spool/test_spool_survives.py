"""What is spooled survives kill -9, is adopted by the next run, and is never trusted."""

from __future__ import annotations

import json
import os
import stat
import sys
import uuid

import pytest

import telemetry_sdk
from telemetry_sdk._internal.compact_json import compact
from telemetry_sdk.losses import OPTED_OUT
from telemetry_sdk.spool import record_format, segment_name
from telemetry_sdk.spool.disk import DiskSpool
from telemetry_sdk.spool.quota import Quota
from telemetry_sdk.spool.record_format import RunHeader
from telemetry_sdk.spool.segment_name import DELIVERED, OPEN, WAITING, SegmentName
from telemetry_sdk.storage.files import state_dir
from telemetry_sdk.storage.shared_state import SharedState


class Beat(telemetry_sdk.Event, name="beat"):
    n: int


def the_state(base):
    (app,) = os.listdir(base)
    (place,) = [entry.path for entry in os.scandir(os.path.join(base, app)) if entry.is_dir()]
    return place


def segments(state):
    return segment_name.listed(os.path.join(state, "spool"))


def test_kill_minus_nine_loses_nothing_that_was_spooled(program, receiver, world):
    receiver.hang("metrics")
    receiver.hang("errors")
    killed = program(
        """
        import signal
        for n in range(300):
            client.log_event(Tick(n=n))
        for n in range(3):
            try:
                raise OSError(n + 1, "x")
            except OSError:
                client.capture_exception()
        assert client.flush_sync(20, to="spool")
        os.kill(os.getpid(), signal.SIGKILL)
        """
    )
    assert killed.code == -9
    receiver.release()
    again = program("client.log_event(Tick(n=300))\nassert client.flush_sync(20)\nprint(client.stats()['directory'])")
    assert (again.code, again.err) == (0, "")
    assert receiver.wait_for(metrics=301, errors=3, timeout=20)
    assert {event["metadata"]["n"] for event in receiver.metrics()} == set(range(301))


def test_the_first_record_sends_what_older_runs_left(program, receiver):
    receiver.answer_next("metrics", status=500)
    program("client.log_event(Tick(n=1))\nassert client.flush_sync(20, to='spool')\nos._exit(0)")
    receiver.clear()
    done = program("client.log_event(Tick(n=2))\nassert client.flush_sync(20)")
    assert done.err == ""
    assert receiver.wait_for(metrics=2, timeout=20)


def test_files_are_private(start, world):
    client = start(state_dir=world / "state")
    client.log_event(Beat(n=1))
    client.capture_exception(ValueError())
    assert client.flush_sync(20)
    client.log_event(Beat(n=2))
    assert client.flush_sync(20, to="spool")
    for folder, _, files in os.walk(world / "state" / "acme-agent"):
        assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700 or os.name == "nt"
        for name in files:
            assert stat.S_IMODE(os.stat(os.path.join(folder, name)).st_mode) == 0o600 or os.name == "nt"


def test_a_state_directory_that_is_a_link_is_not_used(start, world, receiver):
    target = world / "elsewhere"
    target.mkdir()
    (world / "state" / "acme-agent").mkdir(parents=True)
    client = start(state_dir=world / "state")
    place = state_dir(os.fspath(world / "state"), "acme-agent", client._runtime.endpoints.identity)
    os.symlink(target, place)
    client.log_event(Beat(n=1))
    assert client.flush_sync(20)
    assert os.listdir(target) == []
    assert receiver.wait_for(metrics=1, timeout=20)
    assert client.stats()["storage"] == "memory"
    assert any("memory only" in warning for warning in client.policy.warnings)


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit")
def test_records_go_through_memory_under_a_limit_on_the_size_of_files(program, receiver):
    done = program(
        """
        import resource
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, 2_000))
        for n in range(50):
            client.log_event(Tick(n=n))
        assert not client.flush_sync(20, to="spool")
        assert client.stats()["problem"], "also while the records are in memory"
        assert client.flush_sync(20)
        print(client.stats()["problem"], client.stats()["dropped"])
        """,
        PYTHONDONTWRITEBYTECODE="1",  # else a module's bytecode would be cut off at the limit, too
    )
    assert (done.code, done.err) == (0, "")
    assert done.out.endswith("cannot be written: File too large {}\n")
    assert len(receiver.metrics()) == 50


@pytest.fixture
def moved(world):
    """Move an application's state to another disk: its directory is a link of the user's own."""
    (world / "disk" / "acme-agent").mkdir(parents=True)
    (world / "state").mkdir()
    (world / "state" / "acme-agent").symlink_to(world / "disk" / "acme-agent")
    return world / "state"


def test_an_applications_directory_may_be_a_link_of_the_users_own(start, moved, world, receiver):
    receiver.hang("metrics")
    client = start(state_dir=moved)
    client.log_event(Beat(n=1))
    assert client.flush_sync(20, to="spool")
    assert client.stats()["storage"] == "disk"
    assert list((world / "disk").rglob("*.m.*"))
    start(state_dir=moved, bug_report_url=None, bug_report_auth=None).opt_out("metrics")
    receiver.release()
    assert [path for path in (world / "disk").rglob("*.m.*") if path.name.endswith((".open", ".wait"))] == []
    assert list((world / "disk").rglob("installation-id")) == []
    assert client.policy.metrics.enabled is False, "the other process hears of it"


@pytest.mark.skipif(os.name == "nt", reason="POSIX modes")
def test_missing_parents_are_private_whatever_the_umask_is(program, world):
    """Under umask 0 they were open to everybody."""
    done = program("os.umask(0)\nclient.log_event(Tick(n=1))\nassert client.flush_sync(20, to='spool')")
    assert done.err == ""
    for path in (world / ".local", world / ".local" / "state", world / ".local" / "state" / "telemetry-sdk"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700


def test_a_lock_that_cannot_be_taken_is_explained(start, world):
    client = start(state_dir=world / "state")
    client.log_event(Beat(n=1))
    assert client.flush_sync(20, to="spool")
    os.mkdir(os.path.join(the_state(world / "state"), "sender.lock"))
    assert not client.flush_sync(0.5)
    assert "sender.lock" in client.stats()["problem"]


def test_a_place_that_cannot_be_written_means_memory_only(start, world, receiver):
    (world / "state").write_text("a file where a directory should be")
    client = start(state_dir=world / "state")
    client.log_event(Beat(n=1))
    client.capture_exception(ValueError())
    assert client.flush_sync(20)
    assert len(receiver.metrics()) == len(receiver.errors()) == 1


METADATA = {
    "user": str(uuid.uuid4()),
    "session": str(uuid.uuid4()),
    "app": "acme-agent",
    "app_version": "1",
    "sdk_version": "1",
    "os": "Linux",
    "os_version": "6.1",
    "arch": "x",
    "python": "3",
    "python_version": "3",
    "provider": "first-party",
    "environment": None,
    "release": None,
    "dist": None,
    "user_id": None,
}


class Metadata:
    provider = "first-party"

    def of(self, service):
        return METADATA


HEADER = RunHeader(Metadata(), revocations={}, ledger=True)


def event(**changes):
    record = {"id": str(uuid.uuid4()), "time": 1_795_348_137_541, "name": "beat", "value": None, "metadata": {"n": 1}}
    return compact({**record, **changes})


def error(**frame):
    frames = [{"function": "f", "module": "json", "lineno": 1, "in_app": False, **frame}]
    thrown = {
        "type": "ValueError",
        "module": "builtins",
        "value": None,
        "mechanism": {"type": "generic", "handled": True, "exception_id": 0},
        "frames": frames,
    }
    return {
        "id": uuid.uuid4().hex,
        "time": 1_795_348_137.5,
        "level": "error",
        "exceptions": [thrown],
        "tags": {},
        "repeats": 0,
    }


def plant(state, service, *lines, head=None, count=None, kind=WAITING):
    """Write a segment of a run that is not ours."""
    name = SegmentName(f"0-{uuid.uuid4().hex}", 1, service, count=len(lines) if count is None else count, state=kind)
    data = (HEADER.line(service) if head is None else head) + b"".join(map(record_format.line, lines))
    with open(os.path.join(state, "spool", str(name)), "wb") as file:
        file.write(data)


def test_planted_records_are_held_against_the_payload_schema(start, world, receiver):
    client = start(state_dir=world / "state")
    client.log_event(Beat(n=0))
    assert client.flush_sync(20)
    state = the_state(world / "state")
    plant(
        state,
        "metrics",
        event(metadata={"n": 7}),
        event(metadata={"n": "/home/planted"}),
        event(name="planted name"),
        event(name="unknown_here", metadata={"text": "planted free text"}),
        event(name="unknown_here", metadata={"choice": "token"}),
        b"not json planted",
    )
    plant(state, "errors", compact({**error(), "message": "planted"}))
    plant(state, "errors", compact(error(module="/home/planted.py")))
    plant(state, "errors", compact({**error(vars={"planted": 1}), "extra": {"planted": 1}}))
    receiver.clear()
    client.log_event(Beat(n=1))
    assert client.flush_sync(20)
    assert receiver.wait_for(metrics=3, errors=1, timeout=20)
    wire = b"".join(request.body for request in receiver.requests())
    assert b"planted" not in wire
    assert client.stats()["directory"]["dropped"] == {"not_in_schema": 5, "corrupt": 1}
    assert segments(state) == []


def test_what_is_no_record_at_all_is_dropped_and_counted(start, world, receiver):
    client = start(state_dir=world / "state")
    client.log_event(Beat(n=0))
    assert client.flush_sync(20)
    state = the_state(world / "state")
    plant(state, "metrics", b'{"planted": 1}')
    plant(state, "errors", b'"planted"')
    client.log_event(Beat(n=1))
    assert client.flush_sync(20)
    assert sum(client.stats()["directory"]["dropped"].values()) == 2
    assert client.stats()["failures"] == 2, "the encoder says that they are none of ours"
    assert segments(state) == []
    client._runtime.diagnostics.failures = 0


def test_torn_damaged_and_newer_segments(start, world, receiver):
    client = start(state_dir=world / "state")
    client.log_event(Beat(n=0))
    assert client.flush_sync(20)
    state = the_state(world / "state")
    head = HEADER.line("metrics")
    whole, damaged = record_format.line(event()), record_format.line(event())
    plant(state, "metrics", head=head + whole + damaged[:-9], kind=OPEN)
    whole = record_format.line(event())
    plant(state, "metrics", head=head + damaged[:40] + b"X" + damaged[41:] + whole, count=2)
    plant(state, "metrics", head=b"no header at all\n", count=1)
    newer = record_format.line(json.dumps({"v": 99, "kind": "metrics", "context": {}}).encode())
    plant(state, "metrics", head=newer + whole, count=1)
    receiver.clear()
    client.log_event(Beat(n=1))
    assert client.flush_sync(20)
    assert receiver.wait_for(metrics=3, timeout=20)
    assert client.stats()["directory"]["dropped"] == {"corrupt": 2}
    left = sorted(name.state for name in segments(state))
    assert left == ["bad", WAITING], "a newer release's segment waits for that release"


def test_a_segment_that_cannot_be_read_is_left_and_stops_no_other(start, world, receiver):
    client = start(state_dir=world / "state")
    client.log_event(Beat(n=0))
    assert client.flush_sync(20)
    state = the_state(world / "state")
    name = SegmentName("0-0", 1, "metrics", count=1, state=WAITING)
    path = os.path.join(state, "spool", str(name))
    os.symlink("elsewhere", path)  # stands for EIO and EACCES, which a test under root cannot have
    plant(state, "metrics", event(), count=1)
    receiver.clear()
    client.log_event(Beat(n=1))
    assert client.flush_sync(20)
    assert receiver.wait_for(metrics=2, timeout=20)
    assert client.stats()["problem"].startswith(f"{path} cannot be read: ")
    assert client.stats()["directory"]["waiting"] == {"errors": 0, "metrics": 1}


@pytest.fixture
def spool(world):
    """A run's spool in a state directory of its own."""
    state = os.fspath(world / "state")
    os.mkdir(state, 0o700)
    made = DiskSpool(state, SharedState(state), HEADER)
    yield made
    made.close()


def another(spool):
    """Return the spool as a sender of another process sees it."""
    return DiskSpool(spool.path, SharedState(spool.path), None)


def test_a_live_writer_keeps_its_open_segment(spool):
    assert spool.append("metrics", [event()]) is None
    sender = another(spool)
    assert sender.lock()
    assert sender.take("metrics", 1000) is None
    assert sender.counts()["waiting"] == {"errors": 0, "metrics": 1}
    spool.close()
    batch = sender.take("metrics", 1000)
    assert len(batch.payloads) == 1
    sender.settle(batch, [[DELIVERED]])
    sender.unlock()
    assert sender.counts() == {"delivered": {"metrics": 1}, "dropped": {}, "waiting": {"errors": 0, "metrics": 0}}
    assert segments(spool.path) == []


def test_a_dead_writers_open_segment_is_adopted(spool):
    assert spool.append("metrics", [event(), event()]) is None
    spool.forget()  # its lock is gone, as after a kill
    sender = another(spool)
    assert sender.lock()
    assert len(sender.take("metrics", 1000).payloads) == 2
    sender.unlock()


def test_records_without_a_fate_wait_again_and_tries_are_counted_per_segment(spool):
    for _ in range(3):
        assert spool.append("errors", [event()]) is None
    sender = another(spool)
    assert sender.lock()
    batch = sender.take("errors", 1)
    sender.settle(batch, [[]], tried=1)
    assert [name.tries for name in segments(spool.path)] == [1, 0, 0]
    assert sender.take("errors", 1).segments[0].tries == 1
    sender.unlock()


def test_a_segment_may_be_settled_in_parts(spool):
    assert spool.append("metrics", [event(), event(), event()]) is None
    spool.close()
    sender = another(spool)
    assert sender.lock()
    batch = sender.take("metrics", 1000)
    sender.settle(batch, [[DELIVERED, "status_400"]])
    assert sender.counts() == {
        "delivered": {"metrics": 1},
        "dropped": {"status_400": 1},
        "waiting": {"errors": 0, "metrics": 1},
    }
    rest = sender.take("metrics", 1000)
    assert rest.payloads == batch.payloads[2:]
    sender.settle(rest, [[DELIVERED]])
    sender.unlock()
    assert sender.counts()["delivered"] == {"metrics": 2}
    assert segments(spool.path) == []


def test_a_fold_that_is_interrupted_counts_nothing_twice(spool):
    """Killed after the state was written, before the segment was deleted."""
    assert spool.append("errors", [event()]) is None
    sender = another(spool)
    assert sender.lock()
    sender.settle(sender.take("errors", 1), [[DELIVERED]])
    (name,) = segments(spool.path)
    path = os.path.join(spool.directory, str(name))
    with open(path, "rb") as file:
        kept = file.read()
    sender.unlock()
    with open(path, "wb") as file:
        file.write(kept)
    assert sender.counts()["delivered"] == {"errors": 1}
    assert sender.lock()
    sender.unlock()
    assert sender.counts()["delivered"] == {"errors": 1}
    assert segments(spool.path) == []


@pytest.mark.skipif(sys.platform == "win32", reason="no fork there")
def test_a_forked_child_has_a_run_of_its_own(program, receiver):
    done = program(
        """
        client.log_event(Tick(n=1))
        assert client.flush_sync(20, to="spool")
        client.log_event(Tick(n=2))
        import warnings
        warnings.simplefilter("ignore")  # newer Pythons warn of every fork with threads
        child = os.fork()
        client.log_event(Tick(n=3 if child else 4))
        ok = client.flush_sync(20)
        if child:
            _, status = os.waitpid(child, 0)
            ok = ok and status == 0
        sys.exit(0 if ok else 1)
        """
    )
    assert (done.code, done.err) == (0, "")
    assert sorted(event["metadata"]["n"] for event in receiver.metrics()) == [1, 2, 3, 4]


def test_the_quota_holds_and_the_oldest_metrics_go_first(spool):
    spool._writer._quota = Quota(spool.directory, spool.state, max_bytes=1 << 20)
    payloads = [event(metadata={"n": n}) for n in range(100)]
    put = 0
    for _ in range(120):
        assert spool.append("metrics", payloads) is None
        put += len(payloads)
    allocated = sum(entry.stat().st_blocks * 512 for entry in os.scandir(spool.directory))
    assert allocated <= (1 << 20) + (256 << 10)
    counts = spool.counts()
    assert counts["dropped"]["spool_full"] == put - counts["waiting"]["metrics"] > 0
    waiting = [name.number for name in segments(spool.path) if name.state == WAITING]
    ended = [name.number for name in segments(spool.path) if name.state == "end"]
    assert max(ended) < min(waiting)


def test_what_a_sender_holds_is_not_evicted(spool):
    spool._writer._quota = quota = Quota(spool.directory, spool.state)
    assert spool.append("metrics", [event()]) is None
    spool.close()
    sender = another(spool)
    assert sender.lock()
    assert sender.take("metrics", 1000) is not None
    assert quota.evict(1 << 20) == 0
    sender.unlock()


def test_a_segment_recorded_before_an_opt_out_is_dropped_by_any_sender(start, world, receiver):
    """The opt-out of another run, whose deletion did not reach this segment."""
    client = start(state_dir=world / "state")
    client.log_event(Beat(n=0))
    assert client.flush_sync(20)
    state = the_state(world / "state")
    client.close()
    (world / "state" / "acme-agent" / "revoked-metrics").write_bytes(b"-")
    plant(state, "metrics", event())
    receiver.clear()
    again = start(state_dir=world / "state")
    again.log_event(Beat(n=1))
    assert again.flush_sync(20)
    assert [sent["metadata"]["n"] for sent in receiver.metrics()] == [1]
    assert again.stats()["directory"]["dropped"] == {OPTED_OUT: 1}


def test_two_clients_that_make_the_directory_at_once_are_both_on_disk(start, world):
    for turn in range(10):
        clients = [start(state_dir=world / f"state{turn}", app="both") for _ in range(3)]
        for client in clients:
            client.log_event(Beat(n=turn))
        assert all(client.flush_sync(20, to="spool") for client in clients)
        assert {client.stats()["storage"] for client in clients} == {"disk"}


def test_an_opt_out_follows_no_link(start, world):
    documents = world / "documents" / "spool"
    documents.mkdir(parents=True)
    thesis = documents / str(SegmentName("thesis", 1, "metrics", count=1, state=WAITING))
    thesis.write_text("ten years of work")
    app = world / "state" / "acme-agent"
    (app / "0123456789abcdef").mkdir(parents=True)
    (app / "0123456789abcdef" / "spool").symlink_to(documents)
    (app / "0123456789abcdee").symlink_to(documents.parent)
    start(state_dir=world / "state", off="errors").opt_out()
    telemetry_sdk.start(app="acme-agent", version="1", state_dir=world / "state")
    os.environ["DISABLE_TELEMETRY"] = "1"
    try:
        telemetry_sdk.start(app="acme-agent", version="1", state_dir=world / "state")
    finally:
        del os.environ["DISABLE_TELEMETRY"]
    assert thesis.read_text() == "ten years of work"


@pytest.mark.skipif(sys.platform == "win32", reason="no fork there")
def test_a_forked_child_holds_no_lock_of_its_parents(program, receiver):
    """The fork falls into a request; then the parent must still be able to send."""
    receiver.delay("errors", 0.4)
    done = program(
        """
        import threading, warnings
        warnings.simplefilter("ignore")
        client.capture_exception(ValueError())
        client.flush_sync(0.3)
        child = os.fork()
        if not child:
            threading.Event().wait(20)
            os._exit(0)
        ok = client.flush_sync(15)
        client.capture_exception(KeyError())
        ok = ok and client.flush_sync(15)
        os.kill(child, 9)
        os.waitpid(child, 0)
        sys.exit(0 if ok else 1)
        """
    )
    assert (done.code, done.err) == (0, "")
    assert len(receiver.errors()) == 2
