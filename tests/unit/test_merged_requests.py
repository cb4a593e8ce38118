"""Requests of metrics that hold events of several runs: what is shared, what a refusal costs, and the same bytes."""

from __future__ import annotations

import json

import pytest

from telemetry_sdk.egress.response import Response
from telemetry_sdk.encoders import statsig
from telemetry_sdk.losses import OPTED_OUT
from telemetry_sdk.sender.response_policy import TRIES
from telemetry_sdk.spool.batch import SHARED
from tests.unit.harness import METADATA, Sending, event

REFUSED = Response(400, {})


class Runs:
    """Runs of one state directory that have ended; each has a session of its own unless `metadata` says otherwise."""

    def __init__(self, disk):
        self.disk = disk
        self.sessions: list[str] = []

    def leave(self, *payloads, **metadata):
        session = f"{len(self.sessions):08x}-0000-4000-8000-000000000000"
        self.sessions.append(metadata.get("session", session))
        self.disk.metadata.of = lambda _: {**METADATA, "session": session, **metadata}
        spool = self.disk.disk()
        assert spool.append("metrics", payloads) is None
        spool.close()


@pytest.fixture
def runs(disk):
    return Runs(disk)


@pytest.fixture
def sending(disk):
    return Sending(disk)


def bodies(sending):
    return [json.loads(posted.body) for posted in sending.egress.posts]


def numbers(posted):
    """Return the numbers of a request's events."""
    return [one["metadata"]["n"] for one in json.loads(posted.body)["events"]]


def sent(sending):
    """Return the numbers of each request's events."""
    return list(map(numbers, sending.egress.posts))


async def send_all(sending):
    while await sending.send("metrics"):
        sending.clock.advance(sending.batches.backoff.wait("metrics"))


async def test_merged_segments_fill_the_requests_up(disk, runs, sending):
    for first in (0, 600, 1_200):
        for n in range(first, first + 600, 100):
            runs.leave(*map(event, range(n, n + 100)))
        spool = disk.disk(max_runs=1)
        assert spool.lock()
        spool.unlock()
    await send_all(sending)
    found = sent(sending)
    assert list(map(len, found)) == [1_000, 800]
    assert sorted(number for request in found for number in request) == list(range(1_800))
    assert sending.spool.counts()["delivered"] == {"metrics": 1_800}


async def test_a_request_holds_the_events_of_many_runs_each_with_its_session(runs, sending):
    for n in range(200):
        runs.leave(*[event(5 * n + i) for i in range(5)])
    await send_all(sending)
    (body,) = bodies(sending)
    assert sorted(sent(sending)[0]) == list(range(1_000))
    for one in body["events"]:
        assert one["metadata"]["session_id"] == runs.sessions[one["metadata"]["n"] // 5]
    assert body["statsigMetadata"]["sessionID"] in runs.sessions
    (posted,) = sending.egress.posts
    assert posted.headers["statsig-server-session-id"] == body["statsigMetadata"]["sessionID"]
    assert sending.spool.counts()["delivered"] == {"metrics": 1_000}


async def test_events_of_one_session_have_it_in_body_and_header(runs, sending):
    for n in range(3):
        runs.leave(event(n), session=METADATA["session"])
    await send_all(sending)
    (body,) = bodies(sending)
    assert body["statsigMetadata"]["sessionID"] == METADATA["session"]


async def test_runs_of_other_versions_and_environments_share_a_request(runs, sending):
    for n, name in enumerate(("app_version", "environment", "provider", "arch", "os", "app")):
        runs.leave(event(n), **{name: "other"})
    await send_all(sending)
    (body,) = bodies(sending)
    users = {one["metadata"]["n"]: one["user"] for one in body["events"]}
    assert users[0]["custom"]["app_version"] == "other"
    assert users[1]["statsigEnvironment"] == {"tier": "other"}
    assert users[2]["custom"]["provider"] == "other"


@pytest.mark.parametrize("name", SHARED)
async def test_runs_of_another_user_or_with_another_head_have_a_request_of_their_own(runs, sending, name):
    other = "7f1c3a52-5a7e-4c8e-9d0e-1f2a3b4c5d6e" if name == "user" else "9.9"
    for n in range(6):
        runs.leave(event(n), **({name: other} if n % 2 else {}))
    await send_all(sending)
    assert sorted(map(sorted, sent(sending))) == [[0, 2, 4], [1, 3, 5]]


def test_what_a_request_has_once_is_shared():
    """Else one run's metadata would be sent as another's."""
    other = dict.fromkeys(METADATA, "other") | {name: METADATA[name] for name in (*SHARED, "session")}
    assert statsig.request_metadata(other) == statsig.request_metadata(METADATA)  # type: ignore[arg-type]


async def test_the_bytes_are_the_same_whoever_sends(runs, disk):
    for n in range(20):
        runs.leave(event(n))
    first = Sending(disk, Response(503, {}))
    await first.send("metrics")
    disk.clock.advance(200)
    second = Sending(disk)
    await second.send("metrics")
    assert first.egress.posts[0].body == second.egress.posts[0].body
    name = "statsig-server-session-id"
    assert first.egress.posts[0].headers[name] == second.egress.posts[0].headers[name]


async def test_the_session_of_the_request_is_not_always_the_first_runs(runs, sending):
    chosen = set()
    for n in range(40):
        for _ in range(3):
            runs.leave(event(n))
        await send_all(sending)
        body = bodies(sending)[-1]
        first = body["events"][0]["metadata"]["session_id"]
        chosen.add(body["statsigMetadata"]["sessionID"] == first)
    assert chosen == {True, False}


@pytest.mark.parametrize("bad", [0, 7, 99, 199])
async def test_a_refused_request_is_bisected_and_only_the_bad_run_is_dropped(runs, sending, bad):
    for n in range(200):
        runs.leave(event(n), event(1_000 + n))

    def answer():
        return REFUSED if bad in numbers(sending.egress.posts[-1]) else Response(202, {})

    sending.egress.script = [answer] * 100
    await send_all(sending)
    counts = sending.spool.counts()
    assert (counts["delivered"], counts["dropped"]) == ({"metrics": 398}, {"status_400": 2})
    assert len(sending.egress.posts) <= 30


async def test_after_a_refusal_requests_grow_again(runs, sending):
    for n in range(64):
        runs.leave(event(n))

    def answer():
        return REFUSED if sent(sending)[0][0] in sent(sending)[-1] else Response(202, {})

    sending.egress.script = [answer] * 100
    await send_all(sending)
    assert list(map(len, sent(sending))) == [64, 32, 16, 8, 4, 2, 1, 1, 2, 4, 8, 16, 32]


async def test_tries_are_those_of_the_records_that_failed(runs, sending):
    """A run that waited through four failures is dropped at the fifth; one that came later is not."""
    runs.leave(event(1))
    sending.egress.script = [Response(503, {})] * TRIES
    for _ in range(TRIES - 1):
        await sending.send("metrics")
        sending.clock.advance(sending.batches.backoff.wait("metrics"))
    runs.leave(event(2))
    await sending.send("metrics")
    counts = sending.spool.counts()
    assert (counts["dropped"], counts["waiting"]["metrics"]) == ({"status_503": 1}, 1)
    assert sending.egress.posts[-1].headers["statsig-retry"] == str(TRIES - 1)


async def test_runs_of_before_a_revocation_are_dropped_and_the_others_sent(runs, sending, disk, tmp_path):
    runs.leave(event(1))
    (tmp_path / "app" / "revoked-metrics").write_bytes(b"-")
    sending = Sending(disk)
    header = disk.header()
    header._revocations = {"metrics": 1}
    disk.header = lambda: header
    runs.leave(event(2))
    await send_all(sending)
    assert sent(sending) == [[2]]
    assert sending.spool.counts()["dropped"] == {OPTED_OUT: 1}
