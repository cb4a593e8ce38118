"""The composition root: each of its functions, and each lazy part, gives one instance whoever asks at once."""

from __future__ import annotations

import gc

import pytest

from telemetry_sdk._internal.diagnostics import Diagnostics
from telemetry_sdk._internal.interpreter_load import CROWD
from telemetry_sdk.bug_report.sending import DraftSender
from telemetry_sdk.runtime import build
from telemetry_sdk.runtime.runtime import Runtime
from telemetry_sdk.sender.directory_sender import DirectorySender
from tests.unit.concurrency import at_once, built_at_once

PARTS = ["recorder", "hooks", "pipeline", "ledger", "drafts", "state"]


@pytest.fixture
def runtime(setup):
    return build.client(setup)


def the_one(results, kind):
    assert {type(result) for result in results} == {kind}
    assert len({id(result) for result in results}) == 1
    return results[0]


def test_a_client_is_built_once(setup):
    runtime = the_one(built_at_once(lambda: build.client(setup)), Runtime)
    assert [name for name in PARTS if getattr(runtime, name).built is not None] == []


def test_a_sender_is_built_once(setup, state_dir):
    policy = build.client(setup).policy
    sender = the_one(
        built_at_once(lambda: build.sender(str(state_dir), build.recorded(setup.endpoints), policy, Diagnostics())),
        DirectorySender,
    )
    gc.collect()  # one that a handler interrupted and nobody got leaves nothing open
    assert sender.run().waiting == {"metrics": 0, "errors": 0}


def test_a_draft_sender_is_built_once(setup, runtime):
    the_one(built_at_once(lambda: build.draft_sender(setup, runtime)), DraftSender)


@pytest.mark.parametrize("name", PARTS)
def test_each_part_of_a_client_is_built_once(runtime, name):
    part = getattr(runtime, name)
    assert part.built is None
    assert the_one(at_once(part.get), type(part.get())) is part.built


@pytest.mark.parametrize("name", ["processors", "spool"])
def test_each_part_of_a_pipeline_is_built_once(runtime, name):
    part = getattr(runtime.pipeline.get(), name)
    assert part.built is None
    assert the_one(at_once(part.get), type(part.get())) is part.built
    if name == "spool":
        part.get().close()


def test_a_crowded_queue_is_a_load_of_the_interpreter(runtime):
    """The writer needs it: to load the network's libraries beside it takes long, and their memory comes on top."""
    runtime.queue.wakeup.hold()
    host = runtime.pipeline.get().sender._host
    for n in range(CROWD - 1):
        runtime.queue.put_event("beat", n, None)
    assert not host.load.is_high
    runtime.queue.put_event("beat", CROWD, None)
    assert host.load.is_high
