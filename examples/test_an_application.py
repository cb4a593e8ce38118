"""An application's tests: `telemetry_mock` starts its client, and nothing leaves the machine."""

from typing import Any, Literal

import pytest

import telemetry_sdk


class ToolUse(telemetry_sdk.Event, name="tool_use"):
    """A tool was used."""

    tool: Literal["bash", "edit"]
    ok: bool


def run_agent(client: telemetry_sdk.TelemetryClient) -> None:
    """Stand for the application."""
    client.log_event(ToolUse(tool="bash", ok=True))
    try:
        raise ValueError("a secret")
    except ValueError:
        client.capture_exception()


def test_the_agent_reports_its_tools(telemetry_mock: Any) -> None:
    """What arrived is decoded."""
    run_agent(telemetry_mock.start(app="acme-agent", version="1.4.2"))
    assert telemetry_mock.metrics == [ToolUse(tool="bash", ok=True)]
    assert "a secret" not in str(telemetry_mock.errors)


async def test_a_bug_report_is_sent(telemetry_mock: Any) -> None:
    """On asyncio and on trio."""
    client = telemetry_mock.start(app="acme-agent", version="1.4.2")
    draft = client.draft_bug_report("It froze")
    outcome = await client.send_bug_report(draft, consent=draft.preview().consent())
    assert outcome.kind == "sent"
    assert telemetry_mock.bug_reports[0].description == "It froze"


@pytest.mark.telemetry_policy("DISABLE_TELEMETRY")
def test_an_opt_out_silences_the_agent(telemetry_mock: Any) -> None:
    """The shell's variables are ignored; the marker sets the test's own."""
    run_agent(telemetry_mock.start(app="acme-agent", version="1.4.2"))
    assert telemetry_mock.metrics == []
    assert len(telemetry_mock.errors) == 1
