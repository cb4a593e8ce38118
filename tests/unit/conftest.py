"""Fixtures of the unit tests: a clock that is set, and each test of a spool on disk and in memory."""

from __future__ import annotations

import pytest

from telemetry_sdk._internal.lazy import Lazy
from telemetry_sdk.policy.watch import SettingsWatch
from telemetry_sdk.runtime.runtime import Setup
from tests.unit.harness import FakeClock, SpoolMaker


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def state_dir(tmp_path):
    path = tmp_path / "app" / "0123456789abcdef"
    path.mkdir(parents=True, mode=0o700)
    return path


@pytest.fixture
def disk(state_dir, clock):
    return SpoolMaker("disk", state_dir, clock)


@pytest.fixture(params=["disk", "memory"])
def maker(request, state_dir, clock):
    """Make spools of both kinds."""
    return SpoolMaker(request.param, state_dir, clock)


@pytest.fixture
def setup(telemetry_mock):
    """What a start resolved, for clients of which each part is still to be built."""
    started = telemetry_mock.start()._runtime
    policy = started.policy.policy
    return Setup(
        options=started.options,
        policy=policy,
        endpoints=started.endpoints,
        profile=started.profile,
        lifts={},
        stored={},
        inputs={},
        watch=Lazy(lambda: SettingsWatch(policy, lambda: policy)),
        transport=telemetry_mock._transport,
    )
