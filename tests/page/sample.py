"""An agent's telemetry for a page to show: events, errors, a bug report with a conversation, refused requests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal

import httpx

import telemetry_sdk

if TYPE_CHECKING:
    from telemetry_sdk.receiver import Receiver

KEY = "sk-ant-api03-" + "aB3dE6gH9jK2" * 8 + "mnopqrs-AA"
TRANSCRIPT = [
    {"role": "system", "content": "You are a coding agent."},
    {"role": "user", "content": f"Run the tests with ANTHROPIC_API_KEY={KEY} and mend what fails."},
    {
        "role": "assistant",
        "content": [
            {"type": "text", "text": "I start with the suite:\n\n```console\n$ pytest -x -q\n```"},
            {"type": "tool_use", "name": "bash", "input": {"command": "pytest -x -q"}},
        ],
    },
    {"role": "tool", "content": "1 failed, 41 passed in 3.2s"},
    {"role": "assistant", "content": "One test fails: the parser drops the last line of a file without a line break."},
    {"role": "user", "content": "Mend the parser, not the test."},
]


class SampleToolUse(telemetry_sdk.Event, name="tool_run"):
    tool: Literal["bash", "edit", "read"]
    duration_ms: float
    ok: bool


class SampleTurn(telemetry_sdk.Event, name="model_turn"):
    tokens: int
    cached: bool


def read_settings(name: str) -> dict[str, str]:
    try:
        with open(name, encoding="utf-8") as file:
            return json.load(file)
    except OSError as error:
        raise ValueError(f"settings {name} cannot be read") from error


def send_sample(receiver: Receiver, turns: int = 40) -> None:
    """Send it all through a real client, and some requests that are refused."""
    with telemetry_sdk.start(
        app="acme-agent",
        version="1.4.2",
        statsig_url=receiver.statsig_url,
        statsig_key=receiver.statsig_key,
        sentry_dsn=receiver.sentry_dsn,
        bug_report_url=receiver.bug_report_url,
        bug_report_auth=lambda: ("Authorization", f"Bearer {receiver.bug_report_token}"),
    ) as client:
        _record(client, turns)
        draft = client.draft_bug_report("The last line of my file is lost after an edit", transcript=TRANSCRIPT)
        client.send_bug_report_sync(draft, consent=draft.preview().consent())
        assert client.flush_sync(30)
    send_refused(receiver)


def _record(client: telemetry_sdk.TelemetryClient, turns: int) -> None:
    tools: tuple[Literal["bash", "edit", "read"], ...] = ("bash", "edit", "read")
    for number in range(turns):
        client.log_event(SampleToolUse(tool=tools[number % 3], duration_ms=12.5 + number * 7.25, ok=number % 7 != 3))
        if number % 4 == 0:
            client.log_event(SampleTurn(tokens=1_200 + 311 * number, cached=number % 8 == 0))
    try:
        read_settings("/home/jane/acme/settings.json")
    except ValueError as error:
        client.capture_exception(error)
    try:
        dict[str, str]()["missing"]
    except KeyError as error:
        client.capture_exception(error)


def send_refused(receiver: Receiver) -> None:
    event = {"user": {"userID": "u"}, "eventName": "tool_use", "time": "yesterday"}
    url, key = f"{receiver.statsig_url}/log_event", receiver.statsig_key
    with httpx.Client(trust_env=False) as http:
        http.post(url, json={"events": [event]}, headers={"STATSIG-API-KEY": key})
        http.post(url, json={"events": []}, headers={"STATSIG-API-KEY": "client-wrong"})
        http.post(f"{receiver.url}/v2/log_event", json={})
