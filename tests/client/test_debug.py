"""`TELEMETRY_SDK_DEBUG=1` is a running commentary on stderr; without it nothing is written."""

from __future__ import annotations

import pytest

DEBUG = {"TELEMETRY_SDK_DEBUG": "1"}
REJECTED = """
for n in range(4):
    client.log_event("tick", metadata={"n": "no number"})
client.log_event("tikc")
client.flush_sync(20)
client.close(20)
"""


def lines(done) -> list[str]:
    assert done.code == 0, done.err
    assert all(line.startswith("telemetry_sdk: ") for line in done.err.splitlines()), done.err
    return [line.removeprefix("telemetry_sdk: ") for line in done.err.splitlines()]


def test_a_start_says_what_is_off_and_why_and_what_is_on(program, world):
    found = lines(
        program("", **DEBUG, DISABLE_TELEMETRY="1", TELEMETRY_SDK_BUG_REPORT_URL="", TELEMETRY_SDK_BUG_REPORT_TOKEN="")
    )
    assert found[0] == "acme-agent 1.4.2: profile claude-code, provider first-party"
    assert "metrics: off: process environment: DISABLE_TELEMETRY turns it off" in found
    assert "errors: on, sent to 127.0.0.1" in found
    assert any(line.startswith("bug_reports: off: ") and "no URL is given" in line for line in found), found
    assert any(line.startswith(f"state: {world}") for line in found), found


def test_an_end_says_what_waits(program, receiver):
    assert lines(program("client.log_event(Tick(n=1))\nclient.flush_sync(20)", **DEBUG))[-1] == "closed; nothing waits"
    receiver.hang("metrics")
    found = lines(program("client.log_event(Tick(n=1))", **DEBUG))
    receiver.release()
    assert found[-1] == "closed; on disk: 1 metrics: the next run or `telemetry-sdk send` sends them"


def test_local_mode_is_no_destination(program):
    found = lines(program("", **DEBUG, TELEMETRY_SDK_MODE="local", TELEMETRY_SDK_SENTRY_DSN=""))
    assert "errors: on, local mode: nothing is sent" in found


def test_nothing_is_written_without_it(program):
    assert program(REJECTED).err == ""


def test_a_dropped_record_is_named_with_the_mend(program):
    found = lines(program(REJECTED, **DEBUG))
    assert "event rejected: bad_value: tick.n takes int, not this str" in found
    assert "event rejected: undeclared_event: 'tikc'" in found
    dropped = [line for line in found if line.startswith("dropped: ")]
    assert [line.split(": ")[1] for line in dropped] == [
        "1 x bad_value",
        "2 x bad_value",
        "4 x bad_value",
        "1 x undeclared_event",
    ]
    assert dropped[-1].endswith("declare a subclass of `telemetry_sdk.Event`.")


@pytest.mark.parametrize(
    ("status", "body", "line"),
    [
        (202, b"{}", "metrics: 202 from 127.0.0.1: 1 records delivered"),
        (401, b'{"error": "Invalid SDK key"}', "metrics: 401 from 127.0.0.1 (is the key right?): 1 records kept; no"),
    ],
)
def test_each_answer_is_a_line(program, receiver, status, body, line):
    receiver.answer_next("metrics", status=status, body=body)
    source = """
        client.log_event(Tick(n=1))
        while not client.flush_sync(0.2) and client.stats()["health"]["metrics"]["paused_until"] is None:
            pass
    """
    found = lines(program(source, **DEBUG))
    assert [one for one in found if one.startswith(line)], found


def test_a_state_that_cannot_be_kept_on_disk_is_named(program, world):
    (world / "other").mkdir()
    (world / "other" / "acme-agent").write_text("a file")
    source = "client.log_event(Tick(n=1))\nclient.flush_sync(20)\nprint(client.stats()['problem'])"
    done = program(source, **DEBUG, TELEMETRY_SDK_STATE_DIR=str(world / "other"))
    found = lines(done)
    assert any(line.startswith(f"state is kept in memory only: {world}") for line in found), found
    assert done.out.startswith(f"state is kept in memory only: {world}")


def test_wrong_arguments_are_named(program):
    source = """
        import telemetry_sdk
        telemetry_sdk.start(app="my app", version="1", sentry_dsn="hello", statsig_key="secret-x")
    """
    found = lines(program(source, **DEBUG, TELEMETRY_SDK_STATSIG_KEY="", TELEMETRY_SDK_SENTRY_DSN="", bare=True))
    text = "\n".join(found)
    assert "the application: sentry_dsn: the DSN does not start with https:// or http://" in text
    assert "statsig_key: a secret key of Statsig must not be shipped" in text
    assert "warning: app is ignored" in text


def test_arguments_that_are_ignored_are_warned_of(program):
    source = """
        import telemetry_sdk
        telemetry_sdk.start(app="a", version="1", at_exit="detatch", exit_timeout="1", off=iter(["metrcs"]), contact=5)
    """
    found = [line for line in lines(program(source, **DEBUG, bare=True)) if line.startswith("warning: ")]
    assert found == [
        "warning: contact: expected a str, got int",
        "warning: exit_timeout: expected a number of seconds, got str",
        "warning: at_exit: 'detatch' is unknown, did you mean 'detach'?",
    ]


def test_an_unknown_service_is_warned_of_with_the_one_that_was_meant(program):
    source = 'import telemetry_sdk; telemetry_sdk.start(app="a", version="1", off=("metrcs",))'
    assert "warning: off: 'metrcs' is unknown, did you mean 'metrics'?" in lines(program(source, **DEBUG, bare=True))


def test_a_service_that_goes_off_while_running_is_logged_with_its_reason(program):
    found = lines(program('client.set_provider("bedrock")', **DEBUG))
    assert [line for line in found if line.startswith("metrics: silenced; ") and "set_provider()" in line], found


def test_an_argument_that_failed_the_start_is_named(program):
    source = """
        import telemetry_sdk
        client = telemetry_sdk.start(app="acme-agent", version="1", tags=7)
        print(client.policy.metrics.reasons[0].effect)
    """
    done = program(source, **DEBUG, bare=True)
    assert "start() failed: tags: expected a mapping of names to collections, got int" in done.out
    found = lines(done)
    assert any("tags: expected a mapping of names to collections, got int" in line for line in found)
    assert found[0].startswith("metrics: off: "), found
