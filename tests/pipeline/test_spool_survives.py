"""What is spooled survives kill -9, is adopted by the next run, and is never trusted."""

from __future__ import annotations

import json
import os
import stat
import sys
import uuid

import pytest

import telemetry_sdk
from telemetry_sdk.runtime.recorder import state_dir
from telemetry_sdk.spool import record_format as framing
from telemetry_sdk.spool.disk import Spool
from telemetry_sdk.spool.reader import Store


class Beat(telemetry_sdk.Event, name="beat"):
    n: int


def the_state(base):
    (app,) = os.listdir(base)
    (place,) = os.listdir(os.path.join(base, app))
    return os.path.join(base, app, place)


def runs(state):
    return [name for name in os.listdir(state) if name.endswith(".run")]


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


def test_old_files_are_sent_two_seconds_after_a_start_that_records_nothing(program, receiver):
    receiver.answer_next("metrics", status=500)
    program("client.log_event(Tick(n=1))\nassert client.flush_sync(20, to='spool')\nos._exit(0)")
    receiver.clear()
    done = program("import threading\nthreading.Event().wait(6)")
    assert done.err == ""
    assert receiver.wait_for(metrics=1, timeout=20)


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


def test_a_state_directory_behind_a_link_is_not_used(start, world, receiver):
    target = world / "elsewhere"
    target.mkdir()
    (world / "state" / "acme-agent").mkdir(parents=True)
    client = start(state_dir=world / "state")
    place = state_dir(os.fspath(world / "state"), "acme-agent", client._life.setup.endpoints.identity)
    os.symlink(target, place)
    client.log_event(Beat(n=1))
    assert not client.flush_sync(20, to="server") or receiver.wait_for(metrics=1, timeout=20)
    assert os.listdir(target) == []
    assert receiver.wait_for(metrics=1, timeout=20)


def test_a_place_that_cannot_be_written_means_memory_only(start, world, receiver):
    (world / "state").write_text("a file where a directory should be")
    client = start(state_dir=world / "state")
    client.log_event(Beat(n=1))
    client.capture_exception(ValueError())
    assert client.flush_sync(20)
    assert len(receiver.metrics()) == len(receiver.errors()) == 1


def context():
    return {
        "user": str(uuid.uuid4()),
        "session": str(uuid.uuid4()),
        "app": "acme-agent",
        "app_version": "1",
        "sdk_version": "1",
        "os": "Linux",
        "arch": "x",
        "python": "3",
        "provider": "first-party",
        "environment": None,
    }


def error_context():
    names = ("sdk_version", "os", "os_version", "arch", "python_version")
    return {**dict.fromkeys(names, "1"), **dict.fromkeys(("release", "dist", "environment", "user_id"))}


def event(**changes):
    record = {"id": str(uuid.uuid4()), "time": 1_795_348_137_541, "name": "beat", "value": None, "metadata": {"n": 1}}
    return framing.packed({**record, **changes})


def error(**frame):
    frames = [{"function": "f", "module": "json", "lineno": 1, "in_app": False, **frame}]
    mechanism = {"type": "generic", "handled": True, "exception_id": 0}
    exception = {"type": "ValueError", "module": "builtins", "value": None, "mechanism": mechanism, "frames": frames}
    made = {"id": uuid.uuid4().hex, "time": 1_795_348_137.5, "level": "error", "repeats": 0, "tags": {}}
    return {**made, "exceptions": [exception]}


def plant(state, kind, name, *lines, head=None):
    folder = os.path.join(state, f"{uuid.uuid4().hex}.run", kind)
    os.makedirs(folder, mode=0o700)
    made = context() if kind == "metrics" else error_context()
    data = (framing.header(kind, made) if head is None else head) + b"".join(map(framing.line, lines))
    with open(os.path.join(folder, name), "wb") as file:
        file.write(data)


def test_planted_records_that_are_not_in_the_payload_schema_are_dropped(start, world, receiver):
    client = start(state_dir=world / "state")
    client.log_event(Beat(n=0))
    assert client.flush_sync(20)
    state = the_state(world / "state")
    plant(
        state,
        "metrics",
        "1.seg",
        event(metadata={"n": 7}),
        event(metadata={"n": "/home/planted"}),
        event(metadata={"planted key": 1}),
        event(name="planted name"),
        event(name="unknown_here", metadata={"text": "planted free text"}),
        event(name="unknown_here", metadata={"choice": "token"}),
        b"not json planted",
    )
    plant(state, "errors", "1.err", framing.packed(error(module="/home/planted.py")))
    plant(state, "errors", "1.err", framing.packed(error(vars={"planted": 1})))
    plant(state, "errors", "1.err", framing.packed({**error(), "message": "planted", "extra": {"planted": 1}}))
    receiver.clear()
    client.log_event(Beat(n=1))
    assert client.flush_sync(20)
    assert receiver.wait_for(metrics=3, errors=1, timeout=20)
    wire = b"".join(request.body for request in receiver.requests())
    assert b"planted" not in wire
    assert client.stats()["directory"]["dropped"] == {"not_in_schema": 6, "corrupt": 1}
    assert runs(state) == [client._life.entrance.pipeline.run + ".run"]


def test_a_context_that_is_not_in_the_payload_schema_drops_its_records(start, world, receiver):
    client = start(state_dir=world / "state")
    client.log_event(Beat(n=0))
    assert client.flush_sync(20)
    state = the_state(world / "state")
    for change in ({"session": "/home/planted"}, {"user": "planted@example.org"}, {"app": "planted words"}):
        head = framing.header("metrics", {**context(), **change})
        plant(state, "metrics", "1.seg", head=head + framing.line(event()))
    head = framing.header("errors", {**error_context(), "release": "/home/planted"})
    plant(state, "errors", "1.err", head=head + framing.line(framing.packed(error())))
    receiver.clear()
    client.log_event(Beat(n=1))
    assert client.flush_sync(20)
    assert receiver.wait_for(metrics=1, timeout=20)
    assert b"planted" not in b"".join(request.body for request in receiver.requests())
    assert client.stats()["directory"]["dropped"] == {"not_in_schema": 4}


def test_a_record_that_cannot_be_encoded_is_dropped_and_the_others_are_sent(program, world, receiver):
    source = """
        pipeline = client._life.entrance.pipeline
        with pipeline.drain.lock:
            spool = pipeline.drain.ready()
            for payload in (b'{"planted": 1}', b'"planted"'):
                assert spool.put_events([payload]) is None
                assert spool.put_error(payload) is None
        client.log_event(Tick(n=1))
        assert client.flush_sync(20)
        print((client.stats()["directory"]["dropped"], client.stats()["failures"]))
    """
    done = program(source)
    assert (done.code, done.out) == (0, "({'encoder_failed': 4}, 4)\n"), done.err
    assert len(receiver.metrics()) == 1
    assert b"planted" not in b"".join(request.body for request in receiver.requests())


def test_torn_damaged_and_newer_files(start, world, receiver):
    client = start(state_dir=world / "state")
    client.log_event(Beat(n=0))
    assert client.flush_sync(20)
    state = the_state(world / "state")
    head = framing.header("metrics", context())
    whole, damaged = framing.line(event()), framing.line(event())
    plant(state, "metrics", "1.open", head=head + whole + damaged[:-9])
    whole = framing.line(event())
    plant(state, "metrics", "1.seg", head=head + damaged[:40] + b"X" + damaged[41:] + whole)
    plant(state, "metrics", "1.seg", head=b"no header at all\n")
    newer = framing.line(json.dumps({"v": 99, "kind": "metrics", "context": {}}).encode())
    plant(state, "metrics", "1.seg", head=newer + whole)
    receiver.clear()
    client.log_event(Beat(n=1))
    assert client.flush_sync(20)
    assert receiver.wait_for(metrics=3, timeout=20)
    assert client.stats()["directory"]["dropped"] == {"corrupt": 2}
    left = [name for name in runs(state) if os.listdir(os.path.join(state, name, "metrics")) == ["1.seg"]]
    assert len(left) == 1, "a newer release's file waits for that release"


def test_a_live_owner_keeps_its_open_segment(world):
    state = os.fspath(world / "state")
    os.mkdir(state, 0o700)
    owner = Spool(state, lambda _kind: context())
    owner.open()
    assert owner.put_events([event()]) is None
    stranger = Store(state, lost=lambda _reason, _count: None)
    assert list(stranger.parcels("metrics")) == []
    assert stranger.waiting() == {"errors": 0, "metrics": 1}
    owner.rotate()
    (parcel,) = stranger.parcels("metrics")
    assert len(parcel.payloads) == 1
    owner.close()
    stranger.remove([parcel])
    stranger.adopt()
    stranger.sweep()
    assert not [name for name in os.listdir(state) if name.endswith((".run", ".lock"))]


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


def test_the_caps_hold_and_the_oldest_metrics_go_first(world):
    from telemetry_sdk.spool.quota import Room

    state = os.fspath(world / "state")
    os.mkdir(state, 0o700)
    spool = Spool(state, lambda _kind: context())
    spool._room = Room(state, cap=1 << 20)
    spool.open()
    payloads = [event(metadata={"n": n}) for n in range(100)]
    put = 0
    for _ in range(120):
        assert spool.put_events(payloads) is None
        put += len(payloads)
    allocated = sum(
        os.lstat(os.path.join(folder, name)).st_blocks * 512
        for folder, _, names in os.walk(state)
        for name in names
        if not name.endswith(".lock")
    )
    assert allocated <= (1 << 20) + (256 << 10)
    spool.rotate()
    store = Store(state, own=spool.run, lost=lambda _reason, _count: None)
    waiting = store.waiting()["metrics"]
    assert spool.take_evicted() == put - waiting > 0
    spool.close()


def test_two_clients_that_make_the_directory_at_once_are_both_on_disk(start, world):
    for turn in range(10):
        clients = [start(state_dir=world / f"state{turn}", app="both") for _ in range(3)]
        for client in clients:
            client.log_event(Beat(n=turn))
        assert all(client.flush_sync(20, to="spool") for client in clients)
        assert {client.stats()["storage"] for client in clients} == {"disk"}


def test_an_opt_out_follows_no_link(start, world):
    documents = world / "documents"
    documents.mkdir()
    (documents / "thesis.seg").write_text("ten years of work")
    app = world / "state" / "acme-agent"
    (app / "0123456789abcdef" / "x.run").mkdir(parents=True)
    (app / "0123456789abcdef" / "x.run" / "metrics").symlink_to(documents)
    (app / "0123456789abcdee").mkdir()
    (app / "0123456789abcdee" / "y.run").symlink_to(documents.parent)
    start(state_dir=world / "state", off="errors").opt_out()
    telemetry_sdk.start(app="acme-agent", version="1", state_dir=world / "state")
    os.environ["DISABLE_TELEMETRY"] = "1"
    try:
        telemetry_sdk.start(app="acme-agent", version="1", state_dir=world / "state")
    finally:
        del os.environ["DISABLE_TELEMETRY"]
    assert (documents / "thesis.seg").read_text() == "ten years of work"


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
