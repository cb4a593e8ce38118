"""A client's accounts, its lifecycle, and the purge of what it left."""

from __future__ import annotations

import os

import pytest

import telemetry_sdk
from telemetry_sdk.losses import OPTED_OUT
from telemetry_sdk.runtime import build
from telemetry_sdk.runtime.lifecycle import Lifecycle
from telemetry_sdk.runtime.purge import discard_services, purge
from telemetry_sdk.runtime.stats import statistics
from tests.unit.harness import error, plant, records

NOTHING = {"delivered": {}, "dropped": {}, "waiting": {"metrics": 0, "errors": 0}}


class Beat(telemetry_sdk.Event, name="runtime_beat"):
    n: int


@pytest.fixture
def runtime(setup):
    return build.client(setup)


@pytest.fixture
def lifecycle(runtime):
    made = Lifecycle(runtime)
    yield made
    made.close()


class TestStatistics:
    def test_a_client_that_recorded_nothing_builds_nothing_to_say_so(self, runtime):
        found = statistics(runtime)
        assert (found["accepted"], found["queued"], found["spooled"], found["dropped"]) == (0, 0, {}, {})
        assert (found["directory"], found["storage"], found["failures"]) == (NOTHING, "disk", 0)
        assert (runtime.pipeline.built, runtime.ledger.built) == (None, None)

    @pytest.mark.telemetry_policy(environ={"TELEMETRY_SDK_STRICT": "0"})
    def test_every_accepted_record_is_counted(self, telemetry_mock):
        client = telemetry_mock.start()
        for n in range(3):
            client.log_event(Beat(n=n))
        client.log_event("nobody_declared_this")
        assert client.flush_sync(30)
        found = client.stats()
        assert (found["accepted"], found["queued"]) == (4, 0)
        assert (found["spooled"], found["dropped"]) == ({"metrics": 3}, {"undeclared_event": 1})
        assert found["directory"] == {**NOTHING, "delivered": {"metrics": 3}}

    def test_a_full_queue_has_its_reason(self, runtime):
        queue = runtime.queue
        limit = queue.events.records.maxlen
        for _ in range(limit + 2):
            queue.events.put(None)
        assert statistics(runtime)["dropped"] == {"queue_full": 2}


def closing(closed, name, error=None):
    """Return what closes an integration: it notes that it ran, and fails with `error`."""

    def close():
        closed.append(name)
        if error is not None:
            raise error

    return close


class TestLifecycle:
    def test_a_client_that_recorded_nothing_closes_without_building_anything(self, runtime, lifecycle):
        assert lifecycle.untouched
        assert lifecycle.close()
        assert (lifecycle.closed, runtime.queue.closed, runtime.pipeline.built) == (True, True, None)
        assert lifecycle.close()

    @pytest.mark.telemetry_policy(environ={"TELEMETRY_SDK_STRICT": "0"})
    def test_integrations_close_with_the_client_the_last_first_and_harm_nobody(self, runtime, lifecycle):
        closed = []
        for name, failure in (("a", None), ("b", ValueError("planted")), ("c", None)):
            lifecycle.attach(closing(closed, name, failure))
        lifecycle.close()
        lifecycle.close()
        assert closed == ["c", "b", "a"]
        assert runtime.diagnostics.failures == 1

    def test_an_integration_closes_with_its_service(self, runtime, lifecycle):
        closed = []
        for service in ("metrics", "errors", None):
            lifecycle.attach(closing(closed, service), service=service)
        runtime.policy.opt_out(["metrics"])
        assert closed == ["metrics"]
        lifecycle.close()
        assert closed == ["metrics", None, "errors"]

    def test_an_opt_out_deletes_what_waits(self, runtime, lifecycle):
        plant(os.path.join(runtime.state_dir.get(), "spool"), count=3)
        assert lifecycle.opt_out(["metrics"], purge_ledger=False) == ("metrics",)
        assert statistics(runtime)["directory"] == {**NOTHING, "dropped": {OPTED_OUT: 3}}
        assert not runtime.queue.takes_metrics
        assert runtime.queue.takes_errors

    def test_a_forked_child_begins_anew(self, runtime, lifecycle):
        runtime.state.get()
        runtime.queue.events.put(None)
        pipeline = runtime.pipeline.get()
        assert pipeline.spool.get().append("metrics", records("metrics", 2)) is None
        lifecycle.after_fork()
        assert (runtime.pipeline.built, runtime.state.built, runtime.queue.empty()) == (None, None, True)
        again = runtime.pipeline.get().spool.get()
        assert again is not pipeline.spool.get()
        assert not again.holds_own()


class TestPurge:
    @pytest.fixture
    def spool(self, disk):
        made = disk.disk()
        made.append("metrics", records("metrics", 3))
        made.append("errors", [error()])
        yield made
        made.close()

    def test_all_of_a_state_directory_goes(self, spool, state_dir):
        for name in ("installation-id", "statsig-specs-0", "drafts/a", "receipts/a", "bundles/a", "sent/a.jsonl"):
            path = state_dir / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(b"x")
        reached, deleted = purge(str(state_dir), ["metrics", "errors"], drafts=True)
        assert (reached, deleted) == (
            True,
            {
                "spool": 4,
                "ledger": 1,
                "installation id": 1,
                "specs": 1,
                "drafts": 1,
                "previews": 0,
                "receipts": 1,
                "bundles": 1,
            },
        )
        assert spool.counts() == {**NOTHING, "dropped": {"purged": 4}}
        assert (state_dir.parent / "revoked-metrics").read_bytes() == b"-"

    def test_a_link_is_not_followed(self, state_dir, tmp_path):
        (tmp_path / "documents").mkdir()
        (tmp_path / "documents" / "thesis").write_bytes(b"x")
        for name in ("drafts", "receipts", "bundles", "spool"):
            os.symlink(tmp_path / "documents", state_dir / name)
        purge(str(state_dir), ["metrics"], drafts=True)
        assert os.listdir(tmp_path / "documents") == ["thesis"]

    def test_a_service_is_discarded_for_all_endpoints(self, spool, state_dir):
        base, app = str(state_dir.parents[1]), state_dir.parent.name
        (state_dir / "installation-id").write_bytes(b"x")
        other = state_dir.parent / "fedcba9876543210"
        plant(str(other / "spool"), count=2)
        discard_services(base, app, ["metrics"])
        assert spool.counts() == {
            "delivered": {},
            "dropped": {OPTED_OUT: 3},
            "waiting": {"metrics": 0, "errors": 1},
        }
        assert not (state_dir / "installation-id").exists()
        assert not (other / "spool").exists(), "nothing waits in it any more"
