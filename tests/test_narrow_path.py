"""From `start()` to a receipt: what an application records arrives, and nothing else does."""

from __future__ import annotations

import enum
from typing import Literal

import pytest

import telemetry_sdk


class Kind(enum.Enum):
    FAST = "fast"
    SLOW = "slow"


class ToolUse(telemetry_sdk.Event, name="tool_used"):
    tool: Literal["bash", "edit", "read"]
    duration_ms: float
    ok: bool
    kind: Kind | None = None


class Score(telemetry_sdk.Event, name="score"):
    value: float


class ConfigError(Exception):
    pass


def load(path):
    secret = "sk-planted-secret"
    raise ConfigError(f"cannot read {path} with {secret}")


def test_events_arrive_as_declared(start, receiver):
    client = start()
    client.log_event(ToolUse(tool="bash", duration_ms=12.5, ok=True, kind=Kind.SLOW))
    client.log_event("tool_used", metadata={"tool": "edit", "duration_ms": 3, "ok": False})
    client.log_event("score", value=9.99)
    assert client.flush_sync(20)
    first, second, third = receiver.metrics()
    assert first["eventName"] == "tool_used"
    uuid, session = first["metadata"].pop("event_uuid"), first["metadata"].pop("session_id")
    assert len(uuid) == len(session) == 36
    assert first["metadata"] == {"tool": "bash", "duration_ms": 12.5, "ok": True, "kind": "slow"}
    assert second["metadata"] | {"event_uuid": ""} == {
        "tool": "edit",
        "duration_ms": 3,
        "ok": False,
        "event_uuid": "",
        "session_id": session,
    }
    assert third["value"] == 9.99
    assert first["user"]["custom"].keys() == {
        "app",
        "app_version",
        "sdk_version",
        "os",
        "arch",
        "python",
        "provider",
    }


def test_an_error_arrives_useful_and_clean(start, receiver):
    client = start(app_modules=[__name__])
    try:
        load("/home/planted-user/project/secret_plan.py")
    except ConfigError:
        event_id = client.capture_exception()
    assert client.flush_sync(20)
    (error,) = receiver.errors()
    assert error["event_id"] == event_id
    (value,) = error["exception"]["values"]
    assert (value["type"], value["module"]) == ("ConfigError", __name__)
    assert [frame["function"] for frame in value["stacktrace"]["frames"]] == [
        "test_an_error_arrives_useful_and_clean",
        "load",
    ]
    assert "value" not in value
    wire = b"".join(request.body for request in receiver.requests())
    for planted in (b"planted", b"secret_plan", b"/home", b"cannot read", b"f_locals"):
        assert planted not in wire


def test_measure_fills_duration_and_ok(start, receiver):
    client = start()
    with client.measure(ToolUse, tool="bash"):
        pass
    with pytest.raises(KeyError), client.measure(ToolUse, tool="edit") as measured:
        measured.set(kind=Kind.FAST)
        raise KeyError
    assert client.flush_sync(20)
    good, bad = (event["metadata"] for event in receiver.metrics())
    assert good["ok"] is True
    assert good["duration_ms"] >= 0
    assert (bad["ok"], bad["kind"]) == (False, "fast")


async def test_async_with_flush_and_bug_report(start, receiver):
    async with start() as client:
        client.log_event(ToolUse(tool="read", duration_ms=1.0, ok=True))
        assert await client.flush(20, to="spool")
        assert await client.flush(20)
        draft = client.draft_bug_report("It froze", transcript=[{"role": "user", "content": "hello"}])
        outcome = await client.send_bug_report(draft, consent=draft.preview().consent())
    assert outcome.kind == "sent", outcome
    assert len(receiver.metrics()) == 1
    (report,) = receiver.bug_reports()
    assert report.report["description"] == "It froze"


def test_a_bug_report_without_a_loop(start, receiver):
    client = start()
    draft = client.draft_bug_report("It froze")
    assert client.send_bug_report_sync(draft, consent=draft.preview().consent()).kind == "sent"
    assert len(receiver.bug_reports()) == 1


def test_records_after_a_bug_report_and_after_an_opt_out_travel_too(start, receiver):
    client = start()
    draft = client.draft_bug_report("It froze")
    assert client.send_bug_report_sync(draft, consent=draft.preview().consent()).kind == "sent"
    client.log_event("score", value=1)
    assert client.flush_sync(20)
    assert len(receiver.metrics()) == 1
    other = start(app="other")
    other.opt_out("errors")
    other.log_event("score", value=2)
    assert other.flush_sync(20)
    assert len(receiver.metrics()) == 2


def test_two_clients_do_not_disturb_each_other(start, receiver):
    one, two = start(app="one"), start(app="two")
    one.log_event("score", value=1)
    two.log_event("score", value=2)
    one.opt_out("metrics")
    assert two.flush_sync(20)
    assert [event["user"]["custom"]["app"] for event in receiver.metrics()] == ["two"]
    two.close()
    assert one.policy.metrics.enabled is False
    assert one.policy.errors.enabled is True


def test_strict_mode_raises_where_the_mistake_is(start, monkeypatch):
    monkeypatch.setenv("TELEMETRY_SDK_STRICT", "1")
    client = start()
    with pytest.raises(telemetry_sdk.EventError, match="undeclared_event"):
        client.log_event("nobody_declared_this")
    with pytest.raises(telemetry_sdk.EventError, match="undeclared_field"):
        client.log_event("score", value=1, metadata={"path": "/etc/passwd"})
    with pytest.raises(telemetry_sdk.EventError, match="bad_value"):
        client.log_event(ToolUse(tool="rm -rf /", duration_ms=1, ok=True))  # type: ignore[arg-type]


def test_in_production_mistakes_are_counted_by_reason(start, receiver):
    client = start()
    client.log_event("nobody_declared_this")
    client.log_event("score", metadata={"path": "/etc/passwd"})
    client.log_event("score", value="free text")
    client.log_event(ToolUse(tool="bash"))  # type: ignore[call-arg]
    client.log_event(object(), metadata=object())
    client.log_event("score", metadata=[1])
    client.log_event("score", value=1)
    assert client.flush_sync(20)
    stats = client.stats()
    assert stats["dropped"] == {
        "undeclared_event": 2,
        "undeclared_field": 1,
        "bad_value": 1,
        "missing_field": 1,
        "bad_metadata": 1,
    }
    assert stats["accepted"] == 7
    assert stats["spooled"] == {"metrics": 1}
    assert len(receiver.metrics()) == 1


@pytest.mark.parametrize(
    "body",
    [
        "name='Upper'",
        "name='x', field='text: str'",
        "name='x', field='text: object'",
        "name='x', field='choice: Literal[\"a b\"]'",
        "name='x', field='choice: Literal[\"a/b\"]'",
        "name='x', field='both: int | str'",
        "name='x', field='gone: Missing'",
    ],
)
def test_what_could_carry_free_text_cannot_be_declared(body):
    name, _, field = body.partition(", field=")
    source = f"import telemetry_sdk\nfrom typing import Literal\nclass X(telemetry_sdk.Event, {name}):\n    "
    source += field.strip("'") or "pass"
    with pytest.raises(TypeError):
        exec(compile(source, "declaring", "exec"), {"__name__": "declaring"})


@pytest.mark.parametrize(
    "wrong",
    [
        {"profile": None},
        {"off": None},
        {"off": 3},
        {"tags": 3},
        {"tags": {"channel": 3}},
        {"sample": "all"},
        {"app": None},
        {"app": "../../etc"},
        {"app": "planted name"},
        {"version": "/home/planted"},
        {"state_dir": 3},
        {"app_modules": 3},
        {"exit_timeout": "soon"},
        {"max_events_per_minute": "many"},
        {"environment": "planted name"},
        {"user_id": "planted@example.com"},
        {"before_send": 3},
        {"statsig_key": object()},
    ],
    ids=repr,
)
def test_a_start_never_raises_and_nothing_wrong_leaves(receiver, wrong, world):
    given = {
        "app": "acme",
        "version": "1",
        "statsig_key": receiver.statsig_key,
        "statsig_url": receiver.statsig_url,
        "sentry_dsn": receiver.sentry_dsn,
    }
    with telemetry_sdk.start(**{**given, **wrong}) as client:
        client.log_event("score", value=1)
        client.capture_exception(ValueError("planted"))
        client.flush_sync(20)
        assert client.stats()["queued"] == 0
        client.policy.explain()
    assert b"planted" not in b"".join(request.wire + request.body for request in receiver.requests())
