"""Bombs, bodies without end, foreign hosts, malformed envelopes: refused, bounded, never a 500."""

from __future__ import annotations

import gzip
import itertools
import socket
import tracemalloc
import zlib

import brotli
import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from telemetry_sdk import receiver as receiver_package
from telemetry_sdk.receiver import Limits
from telemetry_sdk.receiver.body import expand
from telemetry_sdk.receiver.errors import Refusal

MIB = 1024 * 1024


@pytest.fixture(scope="module")
def shared():
    with receiver_package.running() as running, httpx.Client(trust_env=False) as client:
        yield running, client


@pytest.mark.parametrize("encoding", ["gzip", "br"])
def test_a_decompression_bomb_is_refused_in_bounded_memory(encoding):
    zeros = b"\0" * (64 * MIB)
    bomb = gzip.compress(zeros) if encoding == "gzip" else brotli.compress(zeros, quality=1)
    del zeros
    tracemalloc.start()
    try:
        with pytest.raises(Refusal) as refused:
            expand(bomb, encoding, MIB)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert refused.value.status == 413
    assert peak < 8 * MIB


def test_a_decompression_bomb_is_answered_413_by_each_service(send, receiver):
    member = gzip.compress(b"\0" * (8 * MIB))
    bomb = member * 14  # 112 MiB, in several members
    assert send.metrics(content=bomb).status_code == 413
    assert send.errors(content=bomb, Content_Encoding="gzip").status_code == 413
    assert send.bug_report({}, content=bomb).status_code == 413


def test_gzip_of_several_members_is_decompressed():
    assert expand(gzip.compress(b"one ") + gzip.compress(b"two"), "gzip", 100) == b"one two"
    assert expand(gzip.compress(b""), "gzip", 100) == b""
    with pytest.raises(Refusal):
        expand(gzip.compress(b"one ") + b"garbage", "gzip", 100)


@given(st.binary(max_size=2000), st.sampled_from(["gzip", "br"]), st.integers(0, 2000))
def test_a_body_decompresses_to_the_original_or_is_refused(data, encoding, cut):
    wire = gzip.compress(data) if encoding == "gzip" else brotli.compress(data)
    assert expand(wire, encoding, 2000) == data
    shorter = wire[: cut % len(wire)]
    with pytest.raises(Refusal):
        expand(shorter, encoding, 2000)


def test_bodies_over_the_wire_limit_are_cut_off():
    """The sender never ends; the answer comes all the same, and no more than the cap was kept."""
    limits = Limits(metrics_wire=100_000, errors_wire=100_000, bug_reports_wire=100_000)
    with receiver_package.running(limits=limits) as receiver:
        targets = {
            f"{receiver.statsig_url}/log_event": {"STATSIG-API-KEY": receiver.statsig_key},
            f"{receiver.url}/api/1/envelope/": {"X-Sentry-Auth": f"Sentry sentry_key={receiver.sentry_key}"},
            receiver.bug_report_url: {"Authorization": f"Bearer {receiver.bug_report_token}"},
        }
        for url, headers in targets.items():
            with httpx.Client(trust_env=False) as client:
                endless = itertools.repeat(b"x" * 10_000)
                assert client.post(url, content=endless, headers=headers).status_code == 413
        assert [len(request.wire) for request in receiver.requests()] == [100_000] * 3
        assert [request.status for request in receiver.requests()] == [413] * 3


def test_an_endless_body_without_a_key_is_cut_off(send):
    answer = send.metrics(content=itertools.repeat(b"x" * 65536), STATSIG_API_KEY="wrong")
    assert answer.status_code == 401


PATHS = ("/v1/log_event", "/api/1/envelope/", "/v1/bug-reports", "/v1/unknown")


def test_bodies_without_a_key_are_not_kept(tmp_path):
    """60 of 8 MiB: before, all 480 MiB were kept. The file shows all that is kept, refused or not."""
    database = tmp_path / "arrived.db"
    body = b"x" * (8 * MIB)
    with receiver_package.running(database=str(database)) as receiver, httpx.Client(trust_env=False) as client:
        statuses = [client.post(f"{receiver.url}{PATHS[n % 4]}", content=body).status_code for n in range(60)]
        assert sum(len(request.wire) for request in receiver.requests()) == 0
        assert [request.status for request in receiver.requests()] == statuses
    assert set(statuses) == {401, 404}
    assert database.stat().st_size < MIB // 4


def test_no_more_than_100_requests_without_a_key_are_kept(receiver, send, http):
    assert send.metrics(send.metric()).status_code == 202
    for number in range(120):
        http.post(f"{receiver.url}{PATHS[number % 4]}?{number}", content=b"x")
    kept = receiver.requests()
    assert (len(kept), kept[0].status, kept[1].query, kept[-1].query) == (101, 202, "20", "119")
    assert receiver.wait_for(requests=121, timeout=0)


def test_bodies_without_a_key_are_kept_on_demand(http):
    with receiver_package.running(keep_refused=True) as receiver:
        statuses = [http.post(f"{receiver.url}{path}", content=b"x" * MIB).status_code for path in PATHS[:3]]
        assert [(request.status, len(request.wire)) for request in receiver.requests()] == [(401, MIB)] * 3
    assert statuses == [401] * 3


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:{port}", "null", ""])
@pytest.mark.parametrize("path", [*PATHS, "/telemetry-sdk/challenge", "/"])
def test_a_web_page_is_refused(receiver, http, origin, path):
    """Whatever key it has: a page may guess, and a browser sends to loopback for it."""
    headers = {
        "Origin": origin.format(port=receiver.port),
        "STATSIG-API-KEY": receiver.statsig_key,
        "X-Sentry-Auth": f"Sentry sentry_key={receiver.sentry_key}",
        "Authorization": f"Bearer {receiver.bug_report_token}",
    }
    for method in ("POST", "GET", "OPTIONS"):
        answer = http.request(method, f"{receiver.url}{path}", content=b"{}", headers=headers)
        assert (answer.status_code, "access-control-allow-origin" in answer.headers) == (403, False)
    assert receiver.requests() == []


def test_a_body_of_a_web_page_is_not_read(receiver, http):
    answer = http.post(f"{receiver.url}/v1/log_event", content=b"x" * (8 * MIB), headers={"Origin": "null"})
    assert answer.status_code == 403
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:{port}", "2130706433:{port}", ""],
)
def test_a_foreign_host_header_is_refused_first(receiver, send, http, host):
    name = host.format(port=receiver.port)
    assert send.metrics(send.metric(), Host=name).status_code == 421
    assert http.get(receiver.page_url, headers={"Host": name}).status_code == 421
    assert receiver.requests() == []


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "localhost:{port}", "LOCALHOST:{port}", "[::1]:{port}"])
def test_every_name_of_loopback_is_accepted(receiver, send, host):
    assert send.metrics(send.metric(), Host=host.format(port=receiver.port)).status_code == 202


def test_the_receiver_listens_on_loopback_only(receiver):
    own = {str(info[4][0]) for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    for address in [a for a in own if not a.startswith("127.")]:
        with pytest.raises(OSError), socket.create_connection((address, receiver.port), timeout=2):
            pass
    with socket.create_connection(("127.0.0.1", receiver.port), timeout=5):
        pass


def test_unknown_paths_and_methods_are_answered_and_stored(receiver, http):
    assert http.post(f"{receiver.url}/v1/sdk_exception", json={}).status_code == 404
    assert http.get(f"{receiver.statsig_url}/log_event").status_code == 405
    assert [(r.service, r.status) for r in receiver.requests()] == [("unknown", 404), ("unknown", 405)]


def test_a_client_that_disconnects_within_a_body_does_no_harm(receiver, send):
    head = f"POST /v1/log_event HTTP/1.1\r\nHost: 127.0.0.1:{receiver.port}\r\nContent-Length: 100\r\n\r\n"
    with socket.create_connection(("127.0.0.1", receiver.port)) as client:
        client.sendall(head.encode() + b"half")
    assert send.metrics(send.metric()).status_code == 202
    assert len(receiver.requests()) == 1


def _post(shared, content, encoding):
    receiver, client = shared
    headers = {"X-Sentry-Auth": f"Sentry sentry_key={receiver.sentry_key}", "Content-Encoding": encoding}
    return client.post(f"{receiver.url}/api/1/envelope/", content=content, headers=headers)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_FIELDS = [
    "event_id",
    "timestamp",
    "level",
    "platform",
    "exception",
    "tags",
    "release",
    "threads",
    "breadcrumbs",
]
_EVENT = st.dictionaries(st.sampled_from(_FIELDS), _JSON | st.fixed_dictionaries({"values": st.lists(_JSON)}))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pieces=st.lists(
        st.sampled_from([b"{}", b"\n", b'{"type":"event"}', b'{"type":"event","length":2}', b"\xff", b"["])
        | st.binary(max_size=12),
        max_size=12,
    ),
    packed=st.booleans(),
)
def test_malformed_envelopes_are_answered_never_500(shared, pieces, packed):
    content = b"".join(pieces)
    wire = zlib.compress(content, wbits=31) if packed else content
    answer = _post(shared, wire, "gzip" if packed else "identity")
    assert answer.status_code in {200, 400}
    assert answer.headers["content-type"] == "application/json"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(event=_EVENT)
def test_strange_events_are_answered_never_500(shared, send_strange, event):
    base = {"event_id": "0" * 32, "timestamp": 1}
    answer = _post(shared, send_strange({**base, **event}), "identity")
    assert answer.status_code in {200, 400}
    assert answer.status_code == 200 or answer.json()["detail"]


@pytest.fixture
def send_strange():
    import json

    return lambda event: b'{}\n{"type":"event"}\n' + json.dumps(event).encode() + b"\n"
