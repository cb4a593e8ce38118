"""Statsig's own package, bound: with metrics off its gates answer and nobody hears of it; on, only we are heard."""

from __future__ import annotations

import pytest

SPECS = (
    '{"time": 1, "feature_gates": [{"name": "g", "enabled": true, "rules": [{"passPercentage": 100}]}],'
    ' "dynamic_configs": [{"name": "c", "enabled": true, "rules": [{"passPercentage": 100, "returnValue": {"n": 5}}]}]}'
)
CHOICES = f"{{'bind_statsig': True, 'statsig_specs': '{SPECS}'}}"
EVERY_CALL = """
    from statsig import StatsigEvent, StatsigOptions, StatsigUser, statsig
    user = StatsigUser("planted")
    def every_call():
        statsig.initialize("secret-planted", StatsigOptions(api="https://side-door.example/v1"))
        for n in range(20):
            assert statsig.check_gate(user, "g")
            assert statsig.get_config(user, "c").get("n") == 5
            assert statsig.get_experiment(user, "c").get("n") == 5
            statsig.get_layer(user, "l").get("n")
            statsig.manually_log_gate_exposure(user, "g")
            statsig.log_event(StatsigEvent(user, "tick", metadata={"n": n}))
        statsig.flush()
        statsig.shutdown()
    every_call()
"""


KINDS = ("network", "process", "thread", "change")


@pytest.fixture
def assert_silent(watched):
    """Judge by what `import statsig` does by itself: urllib3 looks, by a socket that sends nothing, for IPv6."""
    alone = watched("import statsig")

    def assert_as_silent(done):
        assert {kind: done.seen(kind) for kind in KINDS} == {kind: alone.seen(kind) for kind in KINDS}
        assert len(alone.seen("network")) <= 2
        assert done.seen("tasks") == [1]
        assert done.packets in (None, [])
        assert done.names in (None, [])
        assert done.changed == set()
        assert (done.code, done.out, done.err) == (0, "", "")

    return assert_as_silent


@pytest.mark.parametrize("variable", ["DISABLE_TELEMETRY", "CLAUDE_CODE_USE_BEDROCK", "DO_NOT_TRACK"])
def test_bound_gates_answer_silently_while_off(started, assert_silent, variable):
    done = started(EVERY_CALL + "    client.close()\n    every_call()", choices=CHOICES, **{variable: "1"})
    assert_silent(done)
    assert done.imported("statsig")
    assert done.imported("httpx", "anyio") == []


def test_a_failure_inside_statsig_is_silent(started, assert_silent):
    circle = SPECS.replace('"rules": [', '"rules": [{"conditions": [{"type": "pass_gate", "targetValue": "g"}]}, ', 1)
    source = EVERY_CALL.replace('assert statsig.check_gate(user, "g")', 'assert not statsig.check_gate(user, "g")')
    done = started(
        source + "    assert client.stats()['failures'] > 0\n    client.close()",
        choices=CHOICES.replace(SPECS, circle),
        DISABLE_TELEMETRY="1",
    )
    assert_silent(done)


def test_bound_statsig_is_silent_until_the_first_record(started, assert_silent):
    done = started(
        """
    from statsig import StatsigUser, statsig
    statsig.initialize("secret-planted")
    statsig.get_experiment_groups("c")
    assert statsig.evaluate_all(StatsigUser("planted"))["feature_gates"]["g"]["value"]
    assert client.stats()["accepted"] == 0
    client.close()
    """,
        choices=CHOICES,
    )
    assert_silent(done)


def test_bound_statsig_sends_through_our_exit_only(started):
    """The one address that anybody asks for is the endpoint's, in the whole process, the vendor's side doors tried."""
    choices = CHOICES.replace("{", "{'statsig_url': 'http://127.0.0.1:9/v1', ", 1)
    done = started(EVERY_CALL + "    client.flush_sync(1)\n    every_call()\n    client.close()", choices=choices)
    asked = [what for what in done.seen("network") if what.startswith("socket.connect")]
    assert asked
    assert all("('127.0.0.1', 9)" in what for what in asked), asked
    assert done.names in (None, [])
    assert (done.code, done.out, done.err) == (0, "", "")
