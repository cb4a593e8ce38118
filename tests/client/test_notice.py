"""The first-run notice: nothing is sent, written or given an id before it was shown."""

from __future__ import annotations

import pytest

import telemetry_sdk


class Greeting(telemetry_sdk.Event, name="greeting"):
    n: int


def files(state):
    return [path for path in state.rglob("*") if path.is_file()]


def test_nothing_is_sent_or_written_before_the_notice_was_shown(start, world, receiver):
    client = start(state_dir=world / "state", notice=True, contact="privacy@acme.example")
    client.log_event(Greeting(n=1))
    client.capture_exception(ValueError())
    assert not client.flush_sync(1)
    assert (files(world / "state"), receiver.requests()) == ([], [])
    text = client.notice()
    for part in ("acme-agent sends:", "127.0.0.1", "DISABLE_TELEMETRY=1", "opt-out --app acme-agent", "privacy@acme"):
        assert part in text
    client.notice_shown()
    assert client.flush_sync(20)
    assert (len(receiver.metrics()), len(receiver.errors())) == (1, 1)
    assert client.notice() is None


@pytest.mark.parametrize("notice", ["We collect metrics", 1, lambda: None, None])
def test_a_notice_that_is_no_bool_counts_as_one_and_warns(start, world, receiver, notice):
    client = start(state_dir=world / "state", notice=notice)
    client.log_event(Greeting(n=1))
    assert not client.flush_sync(1)
    assert receiver.requests() == []
    assert "notice is taken as True: expected True or False" in client.policy.warnings


def test_the_notice_names_the_command_as_the_application_mounts_it(start, world):
    client = start(state_dir=world / "state", notice=True, command="acme telemetry")
    assert "To stop: acme telemetry opt-out\n" in client.notice()
    assert client.draft_bug_report("It froze").context.command == "acme telemetry bug"


def test_a_shown_notice_is_not_shown_again(start, world, receiver):
    start(state_dir=world / "state", notice=True).notice_shown()
    again = start(state_dir=world / "state", notice=True)
    assert again.notice() is None
    again.log_event(Greeting(n=1))
    assert again.flush_sync(20)
    assert len(receiver.metrics()) == 1


def test_what_was_recorded_before_the_notice_is_dropped_and_counted_at_the_end(start, world, receiver):
    client = start(state_dir=world / "state", notice=True)
    client.log_event(Greeting(n=1))
    client.capture_exception(ValueError())
    assert not client.close()
    assert client.stats()["dropped"] == {"no_notice": 2}
    assert (files(world / "state"), receiver.requests()) == ([], [])


def test_there_is_no_notice_where_everything_is_off(start, monkeypatch):
    monkeypatch.setenv("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1")
    assert start(notice=True).notice() is None


def test_get_client_returns_the_client_of_the_last_start(start):
    first, last = start(), start(app="another")
    assert telemetry_sdk.get_client() is last
    assert telemetry_sdk.get_client() is not first


def test_get_client_before_any_start_is_off(program):
    done = program(
        """
        import telemetry_sdk
        client = telemetry_sdk.get_client()
        print([row.enabled for row in client.policy.rows], client is telemetry_sdk.get_client())
        """,
        bare=True,
    )
    assert (done.out, done.err) == ("[False, False, False] True\n", "")
