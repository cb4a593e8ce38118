"""A report holds the errors of this run and of the last one, whether they were sent or not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests import commands

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import telemetry_sdk
    from telemetry_sdk.receiver import Receiver

    Start = Callable[..., telemetry_sdk.TelemetryClient]

CRASHES = """
def fail():
    raise LookupError("no such user", "".join(["ann", "@", "example.com"]))
fail()
"""


def errors_of(made: Any) -> list[dict[str, Any]]:
    return json.loads(made.content)["recent_errors"]


def types_of(made: Any) -> list[str]:
    found: list[str] = []
    for error in errors_of(made):
        exceptions = error["exceptions"] if "exceptions" in error else error["exception"]["values"]
        found.append(exceptions[-1]["type"])
    return found


def captured(client: telemetry_sdk.TelemetryClient, error: Exception) -> None:
    try:
        raise error
    except type(error) as caught:
        client.capture_exception(caught)


def test_an_error_captured_just_now_is_in_the_report(start: Start):
    client = start()
    captured(client, ZeroDivisionError())
    assert types_of(client.draft_bug_report("It froze")) == ["ZeroDivisionError"]


def test_a_crash_that_was_not_sent_is_reported_by_the_next_process(
    program: Callable[..., Any], start: Start, receiver: Receiver
):
    receiver.hang("errors")
    assert program(CRASHES).code == 1
    client = start()
    captured(client, KeyError())
    made = client.draft_bug_report("It crashed")
    receiver.release()
    assert types_of(made) == ["LookupError", "KeyError"]
    assert b"ann@example.com" not in made.content


def test_a_crash_that_was_sent_is_reported_once_by_the_next_process(
    program: Callable[..., Any], start: Start, receiver: Receiver
):
    program("""
        try:
            {}[1]
        except KeyError:
            client.capture_exception()
        assert client.flush_sync(20)
    """)
    assert len(receiver.errors()) == 1
    assert types_of(start().draft_bug_report("It crashed")) == ["KeyError"]


def test_a_command_reports_the_crash_of_a_program(
    program: Callable[..., Any], receiver: Receiver, environment: dict[str, str], world: Path
):
    receiver.hang("errors")
    assert program(CRASHES).code == 1
    elsewhere = {**environment, "TELEMETRY_SDK_BUG_REPORT_URL": "https://elsewhere.example/"}
    done = commands.as_process(["bug", "new", "It crashed"], elsewhere, world / "work")
    receiver.release()
    assert "LookupError" in done.stdout


def test_the_user_leaves_errors_out(start: Start):
    client = start()
    captured(client, ZeroDivisionError())
    assert "recent_errors" not in json.loads(client.draft_bug_report("It froze", recent_errors=False).content)


def test_an_error_that_was_tried_twice_is_reported_once(program: Callable[..., Any], start: Start, world: Path):
    """The ledger has an entry for each try."""
    program("client.capture_exception(KeyError())\nassert client.flush_sync(20)")
    [entries] = (world / ".local" / "state" / "telemetry-sdk" / "acme-agent").glob("*/sent/*.jsonl")
    entries.write_text(entries.read_text() * 2)
    assert types_of(start().draft_bug_report("It crashed")) == ["KeyError"]
