"""The processors in their order: throttle, sample, `before_send`, sanitizer."""

from __future__ import annotations

import random
from json import loads

import pytest

import telemetry_sdk
from telemetry_sdk._internal.diagnostics import Diagnostics
from telemetry_sdk._internal.lazy import Lazy
from telemetry_sdk._internal.raw_records import Exposure, Item, VendorEvent
from telemetry_sdk.capture.snapshot import captured
from telemetry_sdk.events import with_fields
from telemetry_sdk.losses import BEFORE_SEND, BEFORE_SEND_FAILED, SAMPLED, THROTTLED, UNDECLARED_EVENT
from telemetry_sdk.options import Options
from telemetry_sdk.pipeline.processors import MAX_KINDS, MINUTE, SAME_ERROR, ErrorThrottle, EventThrottle, Processors
from telemetry_sdk.sanitizer.code.modules import KnownModules

GATE = "statsig::gate_exposure"
GATE_METADATA = {"gate": "g", "gateValue": "true", "ruleID": "r"}


class Pulse(telemetry_sdk.Event, name="processed"):
    n: int


class Made(Processors):
    """Processors on a fake clock, for the choices of a host."""

    def __init__(self, clock, *, per_minute=None, **choices):
        options = Options(
            **{
                "app": "acme-agent",
                "version": "1",
                "tags": {"mode": frozenset(("a", "b"))},
                "sample": {},
                "app_modules": frozenset(("tests",)),
                **choices,
            }
        )
        self.diagnostics = Diagnostics()
        modules = Lazy(lambda: KnownModules(options.app_modules, None))
        super().__init__(
            options,
            modules,
            ErrorThrottle(clock.monotonic),
            EventThrottle(per_minute, clock.monotonic),
            self.diagnostics,
        )


@pytest.fixture
def make(clock):
    return lambda **choices: Made(clock, **choices)


def event(event=None, value=None, metadata=None):
    named, fields = with_fields(Pulse(n=1) if event is None else event, metadata)
    return 1_795_348_137.0, named, value, fields


def snapshot(error=None, *, handled=True, tags=None):
    try:
        raise error or ValueError("planted")
    except Exception as raised:
        return captured(raised, level="error", handled=handled, tags=tags, mechanism="generic", again=True)


def sentry_event(**fields):
    return Item("event", {"level": "error", "exception": {"values": [{"type": "ValueError"}]}, **fields})


class TestErrorThrottle:
    def test_the_same_error_passes_five_times_a_minute_and_the_next_carries_the_rest(self, clock):
        throttle = ErrorThrottle(clock.monotonic)
        assert [throttle.admit("a") for _ in range(SAME_ERROR + 3)] == [0] * SAME_ERROR + [None] * 3
        assert throttle.admit("b") == 0
        clock.advance(MINUTE - 1)
        assert throttle.admit("a") is None
        clock.advance(1)
        assert [throttle.admit("a") for _ in range(2)] == [4, 0]

    def test_what_nobody_carried_is_counted_once(self, clock):
        throttle = ErrorThrottle(clock.monotonic)
        for _ in range(SAME_ERROR + 3):
            throttle.admit("a")
        assert (throttle.take_held(), throttle.take_held()) == (3, 0)

    def test_kinds_that_are_forgotten_still_count(self, clock):
        throttle = ErrorThrottle(clock.monotonic)
        for _ in range(SAME_ERROR + 2):
            throttle.admit("first")
        for n in range(MAX_KINDS):
            throttle.admit(n)
        assert len(throttle._seen) == MAX_KINDS
        assert throttle.admit("first") == 0
        assert throttle.take_held() == 2


class TestEventThrottle:
    def test_a_minutes_events_may_come_at_once_and_then_evenly(self, clock):
        throttle = EventThrottle(60, clock.monotonic)
        assert [throttle.admit() for _ in range(61)] == [True] * 60 + [False]
        clock.advance(2)
        assert [throttle.admit() for _ in range(3)] == [True, True, False]

    def test_what_is_left_of_a_minute_is_not_saved_up(self, clock):
        throttle = EventThrottle(60, clock.monotonic)
        clock.advance(3_600)
        assert sum(throttle.admit() for _ in range(100)) == 60

    def test_there_may_be_no_throttle(self, clock):
        throttle = EventThrottle(None, clock.monotonic)
        assert all(throttle.admit() for _ in range(1_000))


class TestEvents:
    def test_an_event_becomes_a_clean_record_with_an_id(self, make):
        processors = make()
        first, second = loads(processors.event(event())), loads(processors.event(event()))
        assert (first["name"], first["metadata"], first["time"]) == ("processed", {"n": 1}, 1_795_348_137_000)
        assert first["id"] != second["id"]

    def test_one_that_nobody_declared_is_dropped(self, make):
        assert make().event(event("nobody_declared_this")) == UNDECLARED_EVENT

    def test_too_many_are_throttled_before_the_hook_sees_them(self, make, clock):
        seen = []

        def hook(record):
            seen.append(record)
            return record

        processors = make(per_minute=1, before_send=hook)
        assert type(processors.event(event())) is bytes
        assert processors.event(event()) == THROTTLED
        assert len(seen) == 1

    def test_a_sample_keeps_its_share(self, make):
        seed = 20_260_726
        print(f"seed {seed}")
        random.seed(seed)
        processors = make(sample={"processed": 0.25, "other": 0.0})
        kept = [processors.event(event()) for _ in range(2_000)]
        assert 400 < sum(type(record) is bytes for record in kept) < 600
        assert {record for record in kept if type(record) is not bytes} == {SAMPLED}

    @pytest.mark.parametrize(
        "raw",
        [
            event(),
            event("processed", None, {"n": 1}),
            event(VendorEvent("processed"), None, {"n": "1"}),
            event(Exposure(GATE, known=True), None, GATE_METADATA),
        ],
    )
    def test_a_sample_goes_by_the_name_of_every_kind_of_event(self, make, raw):
        assert make(sample={"processed": 0.0, GATE: 0.0}).event(raw) == SAMPLED
        assert type(make(sample={"processed": 1.0}).event(raw)) is bytes

    @pytest.mark.parametrize(
        "raw", [event(), event("processed", None, {"n": 1}), event(VendorEvent("processed"), None, {"n": 1})]
    )
    def test_the_hook_sees_and_changes_every_kind_of_event(self, make, raw):
        seen = []

        def hook(record):
            seen.append(record)
            return {**record, "metadata": {"n": 2}}

        assert loads(make(before_send=hook).event(raw))["metadata"] == {"n": 2}
        assert seen == [{"kind": "event", "name": "processed", "value": None, "metadata": {"n": 1}}]

    @pytest.mark.parametrize("answer", [None, "text", 1])
    def test_the_hook_may_drop_an_event(self, make, answer):
        assert make(before_send=lambda _: answer).event(event()) == BEFORE_SEND

    def test_an_exposure_can_be_dropped_not_changed(self, make):
        raw = event(Exposure(GATE, known=True), None, GATE_METADATA)
        assert make(before_send=lambda _: None).event(raw) == BEFORE_SEND
        emptied = make(before_send=lambda record: record["metadata"].clear() or {"name": "processed"})
        changed = loads(emptied.event(raw))
        assert (changed["name"], changed["metadata"]) == (GATE, GATE_METADATA)

    @pytest.mark.parametrize("error", [ValueError, SystemExit, KeyboardInterrupt])
    def test_a_hook_that_fails_drops_the_event(self, make, error):
        def hook(_):
            raise error("planted")

        processors = make(before_send=hook)
        assert processors.event(event()) == BEFORE_SEND_FAILED
        assert processors.diagnostics.failures == 1


class TestErrors:
    def test_an_exception_becomes_a_clean_record(self, make):
        record = make().error(snapshot(tags={"mode": "a"}))
        assert record["exceptions"][0]["type"] == "ValueError"
        assert (record["tags"], record["repeats"]) == ({"mode": "a"}, 0)

    def test_the_same_exception_is_throttled_and_carried_by_the_next(self, make, clock):
        processors = make()
        made = [processors.error(snapshot()) for _ in range(SAME_ERROR + 2)]
        assert made[SAME_ERROR:] == [THROTTLED] * 2
        assert type(processors.error(snapshot(KeyError("planted")))) is dict
        clock.advance(MINUTE)
        assert processors.error(snapshot())["repeats"] == 2
        assert processors.throttled_errors() == 0

    def test_the_hook_changes_level_tags_and_handled(self, make):
        def hook(record):
            assert record == {"kind": "error", "level": "error", "handled": True, "tags": {"mode": "a"}}
            return {"level": "warning", "handled": False, "tags": {"mode": "b"}}

        record = make(before_send=hook).error(snapshot(tags={"mode": "a"}))
        assert (record["level"], record["tags"]) == ("warning", {"mode": "b"})
        assert record["exceptions"][0]["mechanism"]["handled"] is False

    def test_the_hook_may_drop_an_error(self, make):
        assert make(before_send=lambda _: None).error(snapshot()) == BEFORE_SEND
        assert make(before_send=lambda _: None).error(sentry_event()) == BEFORE_SEND

    def test_an_item_of_sentrys_sdk_takes_the_same_steps(self, make):
        processors = make(before_send=lambda record: {**record, "level": "info"})
        made = [processors.error(sentry_event()) for _ in range(SAME_ERROR + 1)]
        assert made[-1] == THROTTLED
        assert (type(made[0]), made[0]["level"]) == (dict, "info")

    def test_an_item_that_is_no_event_goes_to_the_sanitizer_alone(self, make):
        assert make(before_send=lambda _: None).error(Item("attachment", {})) == "unknown_item"
