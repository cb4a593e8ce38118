"""The response policy, rate limits and back-off."""

from __future__ import annotations

import json
import math
import random
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry_sdk.egress.response import Response
from telemetry_sdk.exceptions import NetworkFailure
from telemetry_sdk.losses import TOO_LARGE, server_refused
from telemetry_sdk.sender.backoff import FAILURES, RECOVERY, START, Backoff, cap, full_jitter, spaced
from telemetry_sdk.sender.rate_limits import DAY, rate_limits, retry_after
from telemetry_sdk.sender.response_policy import Decision, decide
from telemetry_sdk.sender.shared_backoff import PACES
from telemetry_sdk.spool.record_format import boot_id

NOW = 1_795_348_137.0
HTML = {"content-type": "text/html"}


def none() -> float:
    return 0.0


def half() -> float:
    return 0.5


def decision_on(vendor, status, *, headers=None, body=b"", single=False, rand=none) -> Decision:
    return decide(vendor, Response(status, headers or {}, body), single=single, now=NOW, rand=rand)


def server_error(status, delay) -> Decision:
    reason = server_refused(status)
    return Decision("keep", reason, reason, delay=delay, failed=True, tried=True)


@pytest.mark.parametrize("vendor", ["sentry", "statsig"])
@pytest.mark.parametrize(
    ("status", "headers", "body", "expected"),
    [
        (200, {}, b"{}", Decision("done", "delivered")),
        (202, {}, b'{"success":true}', Decision("done", "delivered")),
        (204, {}, b"", Decision("done", "delivered")),
        (200, HTML, b"<p>Log in", Decision("keep", "captive_portal", failed=True)),
        (200, {}, b" <!doctype html>", Decision("keep", "captive_portal", failed=True)),
        (302, {}, b"", Decision("keep", "redirect", failed=True)),
        (307, {}, b"", Decision("keep", "redirect", failed=True)),
        (101, {}, b"", Decision("keep", "protocol", failed=True)),
        (999, {}, b"", Decision("keep", "protocol", failed=True)),
        (401, {}, b"no", Decision("keep", "proxy_refused", failed=True)),
        (403, HTML, b"<p>Blocked", Decision("keep", "proxy_refused", failed=True)),
        (403, {}, b'{"policy":"blocked"}', Decision("keep", "proxy_refused", failed=True)),
        (413, {}, b"", None),
        (429, {}, b"", Decision("keep", "rate_limited", delay=90.0)),
        (429, {"retry-after": "600"}, b"", Decision("keep", "rate_limited", delay=630.0)),
        (429, {"retry-after": "1"}, b"", Decision("keep", "rate_limited", delay=90.0)),
        (408, {}, b"", server_error(408, 0.0)),
        (
            500,
            HTML,
            b"<p>oops",
            server_error(500, 0.0),
        ),
        (
            503,
            {"retry-after": "120"},
            b"",
            server_error(503, 150.0),
        ),
        (400, {}, b"", Decision("drop", "status_400", server_refused(400))),
        (404, {}, b"", Decision("drop", "status_404", server_refused(404))),
        (422, {}, b"", Decision("drop", "status_422", server_refused(422))),
    ],
)
def test_every_answer_has_its_decision(vendor, status, headers, body, expected):
    decision = decision_on(vendor, status, headers=headers, body=body, rand=half)
    if status == 413:
        expected = Decision("drop" if vendor == "sentry" else "halve", TOO_LARGE, TOO_LARGE)
    assert decision == expected


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize(
    ("vendor", "body"),
    [
        ("sentry", b'{"detail":"event submission rejected with_reason: ProjectId"}'),
        ("statsig", b'{"success":false,"error":"Invalid SDK key"}'),
    ],
)
def test_the_vendors_own_refusal_mutes_it_for_a_day(vendor, body, status):
    assert decision_on(vendor, status, body=body) == Decision("mute", "refused", delay=DAY)


def test_a_single_event_that_is_too_large_is_dropped():
    assert decision_on("statsig", 413, single=True) == Decision("drop", TOO_LARGE, TOO_LARGE)


@pytest.mark.parametrize("status", [408, 500, 503, 599])
def test_a_server_error_counts_as_a_try(status):
    decision = decision_on("sentry", status)
    assert (decision.action, decision.tried, decision.reason) == ("keep", True, f"status_{status}")


def test_a_network_failure_is_no_try_and_drops_nothing():
    decision = decide("sentry", NetworkFailure("dns"), single=True, now=NOW, rand=half)
    assert decision == Decision("keep", "dns", failed=True)


def test_sentrys_limits_are_read_on_every_answer_and_only_sentrys():
    headers = {"x-sentry-rate-limits": "60:error:organization"}
    assert decision_on("sentry", 200, headers=headers, rand=half) == Decision(
        "done", "delivered", limits={"error": 90.0}
    )
    assert decision_on("sentry", 429, headers=headers) == Decision("keep", "rate_limited", limits={"error": 60.0})
    assert decision_on("statsig", 429, headers=headers) == Decision("keep", "rate_limited", delay=60.0)
    other = {"x-sentry-rate-limits": "60:session:organization"}
    assert decision_on("sentry", 429, headers=other) == Decision(
        "keep", "rate_limited", delay=60.0, limits={"session": 60.0}
    )


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", {}),
        (" , ,", {}),
        ("60::organization", {"": 60.0}),
        ("60", {"": 60.0}),
        ("60:default;error:organization:quota", {"default": 60.0, "error": 60.0}),
        ("60:error:key, 2700:ERROR;profile:org", {"error": 2700.0}),
        ("2700:error:key,60:error:key", {"error": 2700.0}),
        ("60:transaction;span;whatever:org", {}),
        ("31536000000::org", {"": DAY}),
        ("99999999999999999999999999:error:org", {"error": 60.0}),
        ("soon:error:org", {"error": 60.0}),
        ("-5:error:org", {"error": 60.0}),
        ("nan:error", {"error": 60.0}),
        ("1.5:error", {"error": 1.5}),
        ("garbage", {"": 60.0}),
        ("60:error:org:quota, 70:session:org:other quota:names", {"error": 60.0, "session": 70.0}),
    ],
)
def test_rate_limits(header, expected):
    assert rate_limits(header, none) == expected


def date(seconds: float) -> str:
    return format_datetime(datetime.fromtimestamp(seconds, UTC), usegmt=True)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": " 7 "}, 7.0),
        ({"retry-after": "1.25"}, 1.25),
        ({"retry-after": "99999999"}, DAY),
        ({"retry-after": "٣"}, 60.0),
        ({"retry-after": "1e3"}, 60.0),
        ({"retry-after": "-1"}, 60.0),
        ({"retry-after": ""}, 60.0),
        ({"retry-after": "inf"}, 60.0),
        ({"retry-after": "7, 8"}, 60.0),
        ({"retry-after": date(NOW + 30)}, 30.0),
        ({"retry-after": date(NOW - 30)}, 0.0),
        ({"retry-after": date(NOW + 30), "date": date(NOW + 10)}, 20.0),
        ({"retry-after": date(90.0), "date": date(30.0)}, 60.0),
        ({"retry-after": date(NOW + 30), "date": "yesterday"}, 30.0),
        ({"retry-after": "Fri, 31 Dec 9999 23:59:59 GMT"}, DAY),
        ({"retry-after": "Fri, 31 Dec 0001 23:59:59 +9999"}, 60.0),
    ],
)
def test_retry_after(headers, expected):
    assert retry_after(headers, now=NOW, rand=none) == expected


def test_up_to_a_minute_is_added_at_random():
    assert retry_after({"retry-after": "10"}, now=NOW, rand=half) == 40.0
    assert rate_limits("10:error", half) == {"error": 40.0}
    assert retry_after({"retry-after": "86399"}, now=NOW, rand=half) == DAY


fractions = st.floats(0, 1, exclude_max=True)
texts = st.text() | st.text("0123456789.:;, -+eErordflt\x00٣") | st.floats().map(str) | st.datetimes().map(str)


@given(header=texts, date_header=texts, fraction=fractions)
def test_no_header_breaks_or_mutes_us(header, date_header, fraction):
    headers = {"retry-after": header, "date": date_header, "x-sentry-rate-limits": header}
    for status in (200, 429, 503):
        decision = decision_on("sentry", status, headers=headers, rand=lambda: fraction)
        assert 0 <= decision.delay <= DAY
        assert all(0 <= seconds <= DAY for seconds in decision.limits.values())
    seconds = retry_after(headers, now=NOW, rand=lambda: fraction)
    assert seconds is not None
    assert 0 <= seconds <= DAY


@given(failures=st.integers(-5, 10**9), outage=st.floats(0, 300), fraction=fractions)
def test_back_off_is_full_jitter(failures, outage, fraction):
    highest = min(30.0, 5.0 * 2 ** min(max(failures, 0), 30))
    assert full_jitter(failures, outage, lambda: fraction) == pytest.approx(highest * fraction)


@pytest.mark.parametrize(("outage", "seconds"), [(0, 30), (300, 30), (600, 60), (1_800, 180), (3_000, 300), (1e6, 300)])
def test_the_longest_back_off_grows_with_the_outage(outage, seconds):
    assert cap(outage) == seconds


@given(outage=st.floats(0, 1e7), fraction=fractions)
def test_a_probe_waits_for_half_the_longest_back_off_at_least(outage, fraction):
    assert cap(outage) / 2 <= spaced(outage, lambda: fraction) <= cap(outage)


FAILED = Decision("keep", "dns", failed=True)
BUSY = Decision("keep", "status_503", server_refused(503), failed=True, tried=True)
DONE = Decision("done", "delivered")


def after(state: Backoff, *decisions: Decision, now: float = 0.0, rand=none) -> Backoff:
    for each in decisions:
        state = state.after(each, now=now, rand=rand, pace=PACES["metrics"])
    return state


def test_a_new_schedule_waits_for_nothing():
    assert Backoff().wait(0.0) == Backoff().wait(1e9, "error") == 0.0


def test_five_failures_open_the_circuit_and_an_answer_closes_it_gently():
    state = after(Backoff(), *[FAILED] * (FAILURES - 1), rand=half)
    assert (state.probing, state.wait(0.0)) == (False, 15.0)
    state = after(state, FAILED)
    assert (state.probing, state.wait(0.0)) == (True, 15.0)
    state = after(state, DONE, now=100.0, rand=half)
    assert (state.probing, state.wait(100.0)) == (False, START / 2)
    state = after(state, DONE, now=130.0)
    assert state.wait(130.0) == PACES["metrics"] == 10.0
    assert after(state, DONE, now=100.0 + RECOVERY).wait(100.0 + RECOVERY) == 0.0


def test_an_outage_of_a_minute_ends_gently_however_few_requests_failed():
    state = after(Backoff(), FAILED, BUSY)
    assert after(state, DONE, now=59.0, rand=half).wait(59.0) == 0.0
    assert after(state, DONE, now=60.0, rand=half).wait(60.0) == START / 2


@given(st.lists(st.sampled_from([FAILED, BUSY]), min_size=1, max_size=40), fractions)
def test_an_outage_of_up_to_five_minutes_is_over_within_one_or_two(answers, fraction):
    """The last wait and the random start: 60 s after a network failure, 120 s after a server error."""
    now, state = 0.0, Backoff()
    for answer in answers:
        state = after(state, answer, now=now, rand=lambda: fraction)
        assert state.wait(now) + START <= (120.0 if answer is BUSY else 60.0)
        now += state.wait(now)
        if now > 300.0:
            break


@given(st.lists(fractions, min_size=4, max_size=4))
def test_five_tries_take_longer_than_five_minutes(jitter):
    now, state = 0.0, Backoff()
    for fraction in jitter:
        state = after(state, BUSY, now=now, rand=lambda each=fraction: each)
        assert state.wait(now) >= 60.0
        now += state.wait(now)
    assert now >= 300.0


def test_an_answer_between_failures_starts_the_count_anew():
    state = after(Backoff(), *[FAILED] * 4, DONE, *[FAILED] * 4)
    assert not state.probing
    assert after(state, FAILED, now=299.0).since == 0.0


def test_rate_limits_hold_their_category_and_the_longest_wins():
    state = after(
        Backoff(),
        Decision("done", "delivered", limits={"error": 60.0, "session": 5.0}),
        Decision("done", "delivered", limits={"error": 10.0}),
    )
    assert (state.wait(0.0, "error"), state.wait(0.0, "session"), state.wait(0.0)) == (60.0, 5.0, 0.0)
    everything = after(state, Decision("done", "delivered", limits={"": 90.0}))
    assert (everything.wait(0.0, "error"), everything.wait(0.0)) == (90.0, 90.0)
    assert after(state, DONE, now=61.0).limits == {}


clocks = st.floats(-1e12, 1e12)
decisions = st.sampled_from(
    [
        FAILED,
        DONE,
        Decision("mute", "refused", delay=DAY),
        Decision("keep", "rate_limited", delay=DAY),
        Decision("done", "delivered", limits={"error": DAY, "": 5.0}),
    ],
)


def shared(state: Backoff, *, saved: tuple[float, float], read: tuple[float, float], boot: object = ...) -> Backoff:
    """Through state.json into another process, or another boot; each moment is (monotonic, wall)."""
    found = json.loads(json.dumps(state.to_json(now=saved[0], wall=saved[1])))
    if boot is not ...:
        found["boot"] = boot
    return Backoff.from_json(found, now=read[0], wall=read[1])


@given(st.lists(decisions, max_size=12), clocks, clocks, st.floats(0, 1e9), st.floats(0, 1e5), fractions)
def test_a_wait_outlives_every_jump_of_the_wall_clock(answers, wall, jumped, now, passed, fraction):
    state = after(Backoff(), *answers, now=now, rand=lambda: fraction)
    read = shared(state, saved=(now, wall), read=(now + passed, jumped))
    for category in ("", "error", "session"):
        left = max(0.0, state.wait(now, category) - passed)
        assert read.wait(now + passed, category) == pytest.approx(left, abs=1e-3)
        assert state.wait(now, category) <= DAY
    assert read.failures == state.failures


@given(st.lists(decisions, max_size=12), clocks, clocks, st.floats(0, 1e9), st.floats(0, 1e9), fractions)
def test_no_clock_jump_over_a_boot_mutes_longer_than_was_left(answers, wall, jumped, now, other, fraction):
    state = after(Backoff(), *answers, now=now, rand=lambda: fraction)
    read = shared(state, saved=(now, wall), read=(other, jumped), boot="another")
    for category in ("", "error", "session"):
        assert 0 <= read.wait(other, category) <= state.wait(now, category) + 1e-3


def test_what_is_left_of_a_wait_is_shared():
    state = after(Backoff(), Decision("keep", "rate_limited", delay=100.0), now=5000.0)
    for boot, now in (("another", 7.0), (None, 7.0), (boot_id(), 5040.0)):
        assert shared(state, saved=(5000.0, NOW), read=(now, NOW + 40), boot=boot).wait(now) == pytest.approx(60.0)
    assert shared(state, saved=(5000.0, NOW), read=(7.0, NOW + 101), boot="another").wait(7.0) == 0.0
    assert shared(state, saved=(5000.0, NOW), read=(7.0, NOW - 2), boot="another").wait(7.0) == pytest.approx(100.0)


def test_the_length_of_an_outage_is_shared():
    state = after(Backoff(), FAILED, now=5000.0)
    assert shared(state, saved=(5060.0, NOW), read=(5100.0, NOW)).since == pytest.approx(5000.0)
    assert shared(state, saved=(5060.0, NOW), read=(40.0, NOW + 40), boot="another").since == pytest.approx(-60.0)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(
    anything
    | st.dictionaries(st.sampled_from(["saved", "monotonic", "failures", "wait", "slow", "outage", "limits"]), anything)
    | st.fixed_dictionaries({"saved": anything, "limits": st.dictionaries(st.sampled_from(["", "error"]), anything)}),
    st.floats(0, 1e9),
    clocks,
)
def test_any_file_is_readable(data, now, wall):
    state = Backoff.from_json(data, now=now, wall=wall)
    assert 0 <= state.wait(now, "error") <= DAY
    assert math.isfinite(state.not_before)
    assert state.after(DONE, now=now, rand=random.random, pace=1.0)
