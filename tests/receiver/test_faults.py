"""Bad days on demand: planned answers, silence, delay; and what is kept meanwhile."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from telemetry_sdk import receiver as receiver_package


def test_a_planned_answer_is_given_n_times(receiver, send):
    receiver.answer_next("metrics", status=503, headers={"Retry-After": "7"}, body="busy", times=2)
    receiver.answer_next("metrics", status=200, headers={"Content-Type": "text/html"}, body=b"<html>")
    event = send.metric()
    answers = [send.metrics(event) for _ in range(4)]
    assert [a.status_code for a in answers] == [503, 503, 200, 202]
    assert (answers[0].headers["Retry-After"], answers[0].text) == ("7", "busy")
    assert answers[2].headers["Content-Type"] == "text/html"
    assert receiver.metrics() == [event]
    assert [request.status for request in receiver.requests()] == [503, 503, 200, 202]
    assert receiver.duplicates()["metrics"] == 0


def test_a_planned_answer_applies_to_its_service_only(receiver, send):
    receiver.answer_next("errors", status=429, headers={"X-Sentry-Rate-Limits": "60::organization"})
    assert send.metrics(send.metric()).status_code == 202
    assert send.bug_report({}).status_code == 200
    answer = send.errors(send.error())
    assert (answer.status_code, answer.headers["X-Sentry-Rate-Limits"]) == (429, "60::organization")


def test_every_answer_has_one_date_and_a_planned_date_is_kept(receiver, send):
    planned = "Fri, 20 Nov 2026 10:00:00 GMT"
    receiver.answer_next("metrics", status=503, headers={"Date": planned})
    assert send.metrics(send.metric()).headers.get_list("Date") == [planned]
    assert len(send.metrics(send.metric()).headers.get_list("Date")) == 1


@pytest.mark.parametrize("stored", [False, True])
def test_a_hanging_service_answers_only_when_released(receiver, send, stored):
    event = send.metric()
    receiver.hang("metrics", stored=stored)
    with ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(send.metrics, event) for _ in range(2)]
        assert receiver.wait_for(requests=2)
        if stored:
            assert receiver.wait_for(metrics=1)
        assert [request.status for request in receiver.requests()] == [None, None]
        assert not any(answer.done() for answer in waiting)
        assert receiver.metrics() == ([event] if stored else [])
        receiver.release()
        assert [answer.result().status_code for answer in waiting] == [202, 202]
    assert receiver.metrics() == [event]
    assert receiver.duplicates()["metrics"] == 1
    assert send.metrics(send.metric()).status_code == 202


def test_a_retry_after_a_stored_hang_is_a_duplicate(receiver, send):
    event = send.error()
    receiver.hang("errors", stored=True)
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(
            f"{receiver.url}/api/1/envelope/",
            content=send.envelope(event),
            headers={"X-Sentry-Auth": f"Sentry sentry_key={receiver.sentry_key}"},
            timeout=0.2,
            trust_env=False,
        )
    assert receiver.wait_for(errors=1)
    receiver.release()
    assert send.errors(event).status_code == 200
    assert receiver.duplicates()["errors"] == 1


def test_closing_aborts_hanging_requests():
    with ThreadPoolExecutor(1) as pool:
        with receiver_package.running() as receiver:
            receiver.hang("metrics")
            receiver.delay("errors", 3600)
            waiting = pool.submit(httpx.post, f"{receiver.statsig_url}/log_event", trust_env=False, timeout=60)
            assert receiver.wait_for(requests=1)
        with pytest.raises(httpx.TransportError):
            waiting.result()


def test_a_delayed_answer_arrives_and_closing_does_not_wait_for_it():
    with ThreadPoolExecutor(1) as pool:
        with receiver_package.running() as receiver:
            receiver.delay("metrics", 0.05)
            assert httpx.post(f"{receiver.statsig_url}/log_event", trust_env=False).status_code == 401
            receiver.delay("metrics", 3600)
            waiting = pool.submit(httpx.post, f"{receiver.statsig_url}/log_event", trust_env=False, timeout=60)
            assert receiver.wait_for(requests=2)
            assert receiver.requests()[1].status is None
        with pytest.raises(httpx.TransportError):
            waiting.result()


def test_clear_removes_what_arrived_and_all_faults(receiver, send):
    event = send.metric()
    send.metrics(event)
    send.metrics(event)
    receiver.answer_next("metrics", status=503)
    receiver.hang("errors")
    receiver.clear()
    assert (receiver.metrics(), receiver.requests(), receiver.duplicates()["metrics"]) == ([], [], 0)
    assert not receiver.wait_for(metrics=1, timeout=0)
    assert send.metrics(event).status_code == 202
    assert send.errors(send.error()).status_code == 200
    assert receiver.metrics() == [event]


def test_wait_for_returns_on_arrival_or_false_at_the_timeout(receiver, send):
    assert receiver.wait_for(metrics=1, timeout=0) is False
    waited = []
    waiter = threading.Thread(target=lambda: waited.append(receiver.wait_for(metrics=2, errors=1, bug_reports=1)))
    waiter.start()
    send.metrics(send.metric(), send.metric())
    send.errors(send.error())
    send.bug_report({})
    waiter.join()
    assert waited == [True]
