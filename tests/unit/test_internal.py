"""Lazy values, diagnostics, frozen values, ids, and losses with their counts."""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
import uuid

import pytest

from telemetry_sdk._internal.diagnostics import Diagnostics
from telemetry_sdk._internal.frozen import Frozen
from telemetry_sdk._internal.ids import EventIds, event_id, new_uuid
from telemetry_sdk._internal.lazy import Lazy
from telemetry_sdk.losses import CLOSED, REASONS, SERVER_STATUS, LossReason, server_refused
from telemetry_sdk.pipeline.drain import Accounts
from tests.unit.concurrency import built_at_once


class TestLazy:
    def test_a_factory_runs_at_the_first_use_and_once(self):
        made = []

        def make():
            made.append(1)
            return made

        lazy = Lazy(make)
        assert lazy.built is None
        assert lazy.get() is lazy.get() is lazy.built
        assert made == [1]

    def test_a_factory_that_failed_runs_again(self):
        results = [ValueError("planted"), 7]

        def make():
            result = results.pop(0)
            if isinstance(result, Exception):
                raise result
            return result

        lazy = Lazy(make)
        with pytest.raises(ValueError, match="planted"):
            lazy.get()
        assert lazy.get() == 7

    def test_many_threads_and_a_signal_handler_get_one_value(self):
        assert len({id(value) for value in built_at_once(object)}) == 1

    def test_a_thread_that_waits_for_the_builder_does_not_build_again(self):
        made: list[int] = []
        release = threading.Event()

        def make():
            made.append(1)
            assert release.wait(30)
            return made

        lazy = Lazy(make)
        threads = [threading.Thread(target=lazy.get) for _ in range(4)]
        for thread in threads:
            thread.start()
        while not all(in_get(thread) for thread in threads):
            pass
        release.set()
        for thread in threads:
            thread.join()
        assert made == [1]

    def test_the_first_complete_value_is_kept(self):
        """A signal handler interrupts the factory and runs it again."""

        def make():
            if not depth:
                depth.append(1)
                inner.append(lazy.get())
            return object()

        depth: list[int] = []
        inner: list[object] = []
        lazy: Lazy[object] = Lazy(make)
        assert lazy.get() is inner[0] is lazy.get()

    def test_an_exiting_thread_waits_for_a_builder_no_longer_than_its_time(self):
        building, release = threading.Event(), threading.Event()

        def make():
            building.set()
            release.wait(30)
            return 7

        lazy = Lazy(make)
        thread = threading.Thread(target=lazy.get)
        thread.start()
        assert building.wait(30)
        with pytest.raises(TimeoutError):
            lazy.get(0.001)
        release.set()
        assert lazy.get(30) == 7
        thread.join()
        assert lazy.get(0) == 7, "a value that is there needs no lock"

    def test_a_forked_child_forgets_the_value(self):
        lazy = Lazy(object)
        first = lazy.get()
        lazy.reset()
        assert lazy.built is None
        assert lazy.get(0) is not first


def in_get(thread):
    """Tell whether a thread is in `Lazy.get`, as the builder or waiting for it."""
    frame = sys._current_frames().get(thread.ident)
    while frame is not None and frame.f_code is not Lazy.get.__code__:
        frame = frame.f_back
    return frame is not None


class TestDiagnostics:
    def test_failures_are_counted_in_silence(self, capsys):
        diagnostics = Diagnostics()
        diagnostics.failed(ValueError("planted"))
        diagnostics.log("line")
        diagnostics.raise_caught()
        assert diagnostics.failures == 1
        assert capsys.readouterr() == ("", "")

    def test_debug_writes_no_text_of_an_error(self, capsys):
        Diagnostics(debug=True).failed(ValueError("planted"))
        assert capsys.readouterr() == ("", "telemetry_sdk: internal failure: ValueError\n")

    @pytest.mark.parametrize("stream", ["closed", None])
    def test_a_stderr_that_is_closed_does_no_harm(self, tmp_path, monkeypatch, stream):
        if stream == "closed":
            stream = (tmp_path / "stderr").open("w")
            stream.close()
        monkeypatch.setattr(sys, "stderr", stream)
        diagnostics = Diagnostics(debug=True)
        diagnostics.failed(ValueError("planted"))
        assert diagnostics.failures == 1

    def test_strict_mode_raises_the_first_failure_once_with_the_others_as_notes(self):
        diagnostics = Diagnostics(strict=True)
        for error in (ValueError("first"), KeyError("second"), OSError("third")):
            diagnostics.failed(error)
        with pytest.raises(ValueError, match="first") as raised:
            diagnostics.raise_caught()
        assert raised.value.__notes__ == ["another failure: KeyError", "another failure: OSError"]
        diagnostics.raise_caught()
        assert diagnostics.failures == 3


class Base(Frozen):
    first: int
    second: str = "x"


class Derived(Base):
    third: int = 3


class TestFrozen:
    def test_values_and_defaults(self):
        value = Derived(first=1)
        assert (value.first, value.second, value.third) == (1, "x", 3)
        assert repr(value) == "telemetry_sdk.Derived(first=1, second='x', third=3)"

    @pytest.mark.parametrize("values", [{}, {"second": "y"}, {"first": 1, "fourth": 4}])
    def test_a_missing_or_unknown_field_raises(self, values):
        with pytest.raises(TypeError, match=r"first|fourth"):
            Derived(**values)

    def test_nothing_can_be_changed(self):
        value = Base(first=1)
        with pytest.raises(AttributeError, match="immutable"):
            value.first = 2  # type: ignore[misc]
        with pytest.raises(AttributeError, match="immutable"):
            del value.first
        changed = value.replace(first=2)
        assert (value.first, changed.first, changed.second) == (1, 2, "x")

    def test_equal_values_are_equal_and_hash_alike(self):
        assert Base(first=1) == Base(first=1, second="x")
        assert hash(Base(first=1)) == hash(Base(first=1))
        assert Base(first=1) != Base(first=2)
        assert Base(first=1) != Derived(first=1)


class TestIds:
    def test_ids_are_random_uuids_of_version_4(self):
        for made in (uuid.UUID(hex=event_id()), uuid.UUID(new_uuid())):
            assert (made.version, made.variant) == (4, uuid.RFC_4122)
        assert re.fullmatch(r"[0-9a-f]{32}", event_id())
        assert len({event_id() for _ in range(1_000)}) == 1_000


class TestLosses:
    def test_every_reason_has_a_sentence(self):
        server_refused(418)
        for name, reason in REASONS.items():
            assert re.fullmatch(r"[a-z]+(_[a-z]+|_\d+)*", name)
            assert re.fullmatch(r"[A-Z`].+\.", reason.sentence)
            assert reason == name

    def test_sentences_differ(self):
        assert len({reason.sentence for reason in REASONS.values()}) == len(REASONS)

    def test_a_servers_refusal_is_one_reason_for_each_status(self):
        assert server_refused(400) is server_refused(400)
        assert (server_refused(400), type(server_refused(404))) == (SERVER_STATUS + "400", LossReason)

    def test_counts_add_up(self):
        accounts = Accounts(Diagnostics())
        accounts.spooled("metrics", 3)
        accounts.spooled("metrics")
        accounts.dropped(CLOSED, 2)
        accounts.dropped(CLOSED)
        accounts.dropped(server_refused(400), 0)
        spooled, dropped = accounts.totals()
        assert (spooled, dropped) == ({"metrics": 4}, {CLOSED: 3})
        accounts.spooled("errors")
        assert spooled == {"metrics": 4}, "a copy"

    def test_a_signal_handler_may_count_while_its_thread_counts(self):
        accounts = Accounts(Diagnostics())
        previous = signal.signal(signal.SIGUSR1, lambda *_: accounts.dropped(CLOSED))
        try:
            with accounts._lock:
                signal.raise_signal(signal.SIGUSR1)
        finally:
            signal.signal(signal.SIGUSR1, previous)
        assert accounts.totals()[1] == {CLOSED: 1}


def test_event_ids_are_unique_uuids_without_a_system_call_that_gives_the_interpreter_away(monkeypatch):
    ids = EventIds()
    first = ids.next()
    monkeypatch.setattr(os, "urandom", None)
    others = [ids.next() for _ in range(1_000)]
    assert len({first, *others}) == 1_001
    assert {str(uuid.UUID(text)) for text in others} == set(others)


def test_event_ids_begin_anew_in_the_child_of_a_fork(monkeypatch):
    ids = EventIds()
    before = ids.next()
    monkeypatch.setattr(os, "getpid", lambda: -1)
    after = ids.next()
    assert before[:24] != after[:24]
