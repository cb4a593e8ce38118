"""Nothing that was accepted is without a name: accepted = queued + spooled + dropped, exact at rest."""

from __future__ import annotations

import threading

import telemetry_sdk
from telemetry_sdk.capture.snapshot import take_snapshot
from telemetry_sdk.pipeline.processors import MINUTE, SAME_ERROR, ErrorThrottle, EventThrottle
from telemetry_sdk.queue import Queue, WakeUp

THREADS = 50


class Knock(telemetry_sdk.Event, name="knock"):
    n: int


def balanced(stats):
    return stats["accepted"] == stats["queued"] + sum(stats["spooled"].values()) + sum(stats["dropped"].values())


def in_threads(work):
    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_fifty_threads(start, receiver):
    client = start()

    def work():
        for n in range(200):
            client.log_event(Knock(n=n))
            client.log_event("nobody_declared_this")

    in_threads(work)
    assert client.flush_sync(30)
    stats = client.stats()
    assert stats["accepted"] == THREADS * 400
    assert stats["spooled"] == {"metrics": THREADS * 200}
    assert stats["dropped"] == {"undeclared_event": THREADS * 200}
    assert balanced(stats)
    assert stats["directory"]["delivered"] == {"metrics": THREADS * 200}
    assert receiver.wait_for(metrics=THREADS * 200, timeout=20)
    assert receiver.duplicates() == {"metrics": 0, "errors": 0, "bug_reports": 0}


class Reader:
    """Counts its starts; the queue stays as it is."""

    def __init__(self):
        self.runs = 0

    def prepare(self):
        pass

    def run(self):
        self.runs += 1


def queue_of(**limits):
    return Queue(WakeUp(Reader()), ["metrics", "errors"], **limits)


def test_a_full_queue_drops_the_oldest_and_counts_them():
    queue = queue_of(events=10, errors=3)
    for n in range(25):
        queue.put_event("knock", n, None)
    for _ in range(5):
        queue.put_error(None)
    assert queue.counts() == (30, 13, 17)
    assert queue.counts() == (30, 13, 17), "looking does not count"
    assert [value for _, _, value, _ in queue.events.take(100)] == list(range(15, 25))
    assert queue.counts() == (30, 3, 17)
    assert queue.clear("errors") == 3
    assert queue.counts() == (30, 0, 17)


def test_a_queue_starts_its_reader_once_and_an_error_is_urgent():
    queue = queue_of()
    queue.put_event("knock", 1, None)
    assert queue.wakeup.started
    assert not queue.wakeup.urgent
    queue.put_error(None)
    assert queue.wakeup.urgent


def test_a_queue_counts_anew_after_a_fork():
    queue = queue_of(events=2)
    for n in range(5):
        queue.put_event("knock", n, None)
    assert queue.counts() == (5, 2, 3)
    queue.reset()
    assert queue.counts() == (0, 0, 0)
    queue.put_event("knock", 1, None)
    assert queue.counts() == (1, 1, 0)


def test_a_queue_refuses_services_that_are_off_and_everything_once_closed():
    queue = queue_of()
    queue.refuse("metrics")
    queue.put_event("knock", 1, None)
    queue.put_error("error")
    assert queue.counts() == (1, 1, 0)
    queue.close()
    queue.put_error("error")
    assert queue.counts() == (1, 1, 0)


def test_a_queue_is_exact_under_many_threads():
    queue = queue_of(events=1000)
    in_threads(lambda: [queue.put_event("knock", n, None) for n in range(1000)])
    assert queue.counts() == (THREADS * 1000, 1000, THREADS * 1000 - 1000)


def test_metadata_is_what_it_was_when_recorded(start, receiver):
    client = start()
    metadata = {"n": 1}
    client.log_event("knock", metadata=metadata)
    metadata["n"] = 2
    assert client.flush_sync(20)
    assert receiver.metrics()[0]["metadata"]["n"] == 1


def raised(n):
    try:
        raise KeyError(n)
    except KeyError as error:
        return error


def test_the_same_error_passes_five_times_a_minute_and_carries_the_rest(start, receiver):
    client = start(app_modules=[__name__])
    for n in range(SAME_ERROR + 3):
        client.capture_exception(raised(n))
    client.capture_exception(ValueError("another"))
    assert client.flush_sync(20)
    assert client.stats()["dropped"] == {"throttled": 3}
    assert len(receiver.errors()) == SAME_ERROR + 1
    now = [0.0]
    throttle = ErrorThrottle(lambda: now[0])
    assert [throttle.admit("k") for _ in range(SAME_ERROR + 3)] == [0] * SAME_ERROR + [None] * 3
    now[0] = MINUTE
    assert throttle.admit("k") == 3
    assert throttle.admit("k") == 0


def test_events_are_throttled_over_a_minute():
    now = [0.0]
    throttle = EventThrottle(60, lambda: now[0])
    assert sum(throttle.admit() for _ in range(100)) == 60
    now[0] = 10.0
    assert sum(throttle.admit() for _ in range(100)) == 10
    unlimited = EventThrottle(None, lambda: now[0])
    assert all(unlimited.admit() for _ in range(100_000))


def test_before_send_may_change_and_drop_but_not_add(start, receiver):
    def before_send(record):
        if record["kind"] == "error":
            return None
        if record["metadata"].get("n") == 1:
            return {**record, "metadata": {"n": 10}}
        if record["metadata"].get("n") == 2:
            return {**record, "metadata": {"n": 2, "text": "planted"}}
        raise RuntimeError

    client = start(before_send=before_send)
    for n in (1, 2, 3):
        client.log_event(Knock(n=n))
    client.capture_exception(ValueError())
    client.flush_sync(20)
    assert [event["metadata"]["n"] for event in receiver.metrics()] == [10]
    stats = client.stats()
    assert stats["dropped"] == {"undeclared_field": 1, "before_send": 1, "before_send_failed": 1}
    assert balanced(stats)
    client._runtime.diagnostics.failures = 0  # the host's own hook failed, as this test wants


def test_sampling_keeps_a_share_and_counts_the_rest(start, receiver):
    client = start(sample={"knock": 0.0})
    client.log_event(Knock(n=1))
    client.flush_sync(20)
    assert client.stats()["dropped"] == {"sampled": 1}
    assert receiver.metrics() == []


def test_nothing_but_exceptions_is_captured(start):
    client = start()
    assert client.capture_exception() is None
    for foreign in (KeyboardInterrupt(), SystemExit(1), GeneratorExit(), "text", object()):
        assert client.capture_exception(foreign) is None
    assert client.stats()["accepted"] == 0


def test_a_snapshot_keeps_no_exception_alive():
    class Watched(Exception):
        gone = False

        def __del__(self):
            Watched.gone = True

    def capture():
        local = ["planted"]
        try:
            raise Watched(local)
        except Watched as error:
            return take_snapshot(error)

    snapshot = capture()
    assert Watched.gone
    assert len(snapshot.exceptions) == 1


def test_the_same_instance_that_is_captured_again_is_counted_again(start, world):
    client = start(state_dir=world / "state")
    error = ValueError()
    for _ in range(3):
        assert client.capture_exception(error)
    assert client.flush_sync(20, to="spool")
    stats = client.stats()
    assert (stats["accepted"], stats["spooled"]) == (3, {"errors": 3})
