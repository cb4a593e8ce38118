"""What the application tells Statsig's package leaves by our way: declared events, exposures of names in the specs."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path

from telemetry_sdk import receiver as receiver_package

from .conftest import HEAD, SPECS, well

ASKED = """
statsig.check_gate(USER, "fast_edit")
statsig.check_gate(USER, "nested")
statsig.check_gate_with_exposure_logging_disabled(USER, "staff")
statsig.get_config(USER, "limits")
statsig.get_experiment(USER, "prompt_style")
layer = statsig.get_layer(USER, "prompts")
layer.get("style"), layer.get("style"), layer.get("missing")
statsig.manually_log_gate_exposure(USER, "staff")
statsig.check_gate(USER, "fast_edit")
"""
SENT = """
assert client.flush_sync(20)
print(json.dumps(client.stats()))
client.close()
"""


def exposures(receiver):
    return [event for event in receiver.metrics() if event["eventName"].startswith("statsig::")]


def files(world):
    return [path for path in world.rglob("*") if path.is_file() and path.name != "program.py"]


def test_an_event_becomes_the_declared_one(bound, receiver):
    done = bound(
        """
statsig.log_event(StatsigEvent(USER, "tool_use", value=9.99,
                  metadata={"tool": "bash", "duration_ms": "12.5", "count": "3", "ok": "true"}))
statsig.log_event(StatsigEvent(USER, "tool_use", value="4", metadata={"tool": "3", "duration_ms": "7", "ok": False}))
"""
        + SENT
    )
    assert json.loads(well(done))["spooled"] == {"metrics": 2}
    first, second = receiver.metrics()
    told = {key: value for key, value in first["metadata"].items() if key not in {"event_uuid", "session_id"}}
    assert (first["value"], told) == (9.99, {"tool": "bash", "duration_ms": 12.5, "count": 3, "ok": True})
    assert (second["value"], second["metadata"]["tool"], second["metadata"]["duration_ms"]) == (4, "3", 7)


def test_what_is_not_declared_is_dropped_and_counted(bound, receiver):
    done = bound(
        """
for name, value, metadata in [
    ("planted_event", None, {}),
    ("statsig::gate_exposure", None, {"gate": "fast_edit", "gateValue": "true", "ruleID": "planted"}),
    ("tool_use", None, {"tool": "bash", "path": "/planted"}),
    ("tool_use", None, {"tool": "planted"}),
    ("tool_use", "planted", {"tool": "bash"}),
    ("tool_use", None, {"tool": "bash", "duration_ms": "12.50"}),
    ("tool_use", None, {"tool": "bash", "duration_ms": "nan"}),
    ("tool_use", None, {"tool": "bash", "count": " 1"}),
    ("tool_use", None, {"tool": "bash", "ok": "yes"}),
    ("tool_use", None, {"tool": "bash", "ok": object()}),
    ("tool_use", None, ["planted"]),
]:
    statsig.log_event(StatsigEvent(USER, name, value, metadata))
statsig.log_event("planted")
"""
        + SENT
    )
    stats = json.loads(well(done))
    assert stats["dropped"] == {"undeclared_event": 3, "undeclared_field": 1, "bad_value": 7, "bad_metadata": 1}
    assert (stats["accepted"], stats["failures"], receiver.metrics()) == (12, 0, [])


def test_strict_mode_is_loud_where_the_mistake_is(bound):
    done = bound(
        """
try:
    statsig.log_event(StatsigEvent(USER, "tool_use", metadata={"tool": "hammer"}))
except telemetry_sdk.EventError as error:
    print(error)
statsig.check_gate(USER, "nobody")
""",
        TELEMETRY_SDK_STRICT="1",
    )
    assert well(done) == "bad_value: tool_use.tool takes one of bash, edit, 3, not this str\n"


def test_exposures_are_those_of_the_bare_package(bound, receiver, world):
    """The real server posts to a receiver of its own; names, keys, values and dedupe are compared."""
    done = bound(ASKED + SENT)
    assert json.loads(well(done))["dropped"] == {}
    script = world / "bare.py"
    specs = {key: value for key, value in SPECS.items() if key not in {"hashed_sdk_key_used", "sdk_configs"}}
    with receiver_package.running(accept_keys=["secret-key"]) as other:
        options = f"StatsigOptions(api={other.statsig_url!r}, bootstrap_values=SPECS, disable_ua_parser=True)"
        bare = f"statsig.initialize('secret-key', {options})\n{ASKED}\nstatsig.shutdown()\n"
        script.write_text(textwrap.dedent(HEAD.format(specs=json.dumps(specs))) + bare)
        subprocess.run([sys.executable, str(script)], check=True, capture_output=True, timeout=60)
        assert other.wait_for(metrics=6)
        theirs = [event for event in exposures(other) if event["eventName"] != "statsig::diagnostics"]
    times = {"configSyncTime", "initTime", "serverTime"}

    def told(events, without):
        rows = [
            (
                event["eventName"],
                sorted((key, value) for key, value in event["metadata"].items() if key not in without),
                event["secondaryExposures"],
            )
            for event in events
        ]
        return sorted(rows, key=json.dumps)

    assert told(exposures(receiver), {"event_uuid", "session_id"}) == told(theirs, times)
    assert len(theirs) == 6


def test_nothing_of_the_user_leaves_or_lies_on_the_disk(bound, receiver, world):
    done = bound(
        ASKED
        + """
statsig.check_gate(USER, "/home/planted/file")
statsig.get_config(USER, "planted")
statsig.get_layer(USER, "planted")
statsig.manually_log_layer_parameter_exposure(USER, "prompts", "planted")
statsig.override_layer("prompts", {"planted": "planted"})
statsig.get_layer(USER, "prompts").get("planted")
statsig.override_gate("planted", True)
statsig.check_gate(USER, "planted")
"""
        + SENT
    )
    stats = json.loads(well(done))
    assert stats["dropped"] == {"unknown_exposure": 5}
    [request] = receiver.requests("metrics")
    assert b"eventName" in request.body
    assert b"planted" not in request.body
    users = {json.dumps(event["user"], sort_keys=True) for event in receiver.metrics()}
    assert len(users) == 1
    kept = files(world)
    assert kept
    for path in kept:
        assert b"planted" not in path.read_bytes(), path


def test_no_diagnostics_of_the_vendors_and_one_user_of_ours(bound, receiver):
    done = bound(ASKED * 20 + SENT)
    well(done)
    names = {event["eventName"] for event in receiver.metrics()}
    assert names == {"statsig::gate_exposure", "statsig::config_exposure", "statsig::layer_exposure"}
    assert {event["user"]["userID"] for event in receiver.metrics()} == {next(iter(_ids(receiver)))}


def _ids(receiver):
    return {event["user"]["userID"] for event in receiver.metrics()}


def test_before_send_and_sampling_see_what_the_package_told(bound, receiver):
    done = bound(
        """
seen = []
def before_send(record):
    seen.append((record["name"], sorted(record["metadata"])))
    if record["name"] == "tool_use":
        record["metadata"]["ok"] = "true"
    if record["name"] == "statsig::config_exposure":
        return None
    if record["name"] == "statsig::layer_exposure":
        record["metadata"].update(config="planted", ruleID="planted")
    return record
CHOICES.update(before_send=before_send, sample={"statsig::gate_exposure": 0.0})
client = telemetry_sdk.start(**CHOICES)
statsig.check_gate(USER, "fast_edit")
statsig.get_config(USER, "limits")
statsig.get_layer(USER, "prompts").get("style")
statsig.log_event(StatsigEvent(USER, "tool_use", metadata={"tool": "edit"}))
assert client.flush_sync(20)
print(json.dumps([client.stats()["dropped"], [name for name, _ in seen]]))
client.close()
""",
        start=False,
    )
    dropped, seen = json.loads(well(done))
    assert dropped == {"sampled": 1, "before_send": 1}
    assert seen == ["statsig::config_exposure", "statsig::layer_exposure", "tool_use"]
    events = {event["eventName"]: event["metadata"] for event in receiver.metrics()}
    assert events.keys() == {"statsig::layer_exposure", "tool_use"}
    assert events["tool_use"]["ok"] is True
    assert events["statsig::layer_exposure"]["config"] == "prompts"


def test_the_ledger_and_the_spool_hold_exposures_as_they_left(bound, receiver, world):
    well(bound(ASKED + SENT))
    [ledger] = [path for path in files(world) if path.suffix == ".jsonl"]
    entry = json.loads(Path(ledger).read_text().splitlines()[0])
    assert entry["json"]["events"] == receiver.metrics()


def test_a_rule_that_the_specs_do_not_hold_does_not_leave(bound, receiver):
    """Objects of the package that the application makes itself can bear any text."""
    done = bound(
        """
config = statsig.get_config(USER, "limits")
statsig.get_instance().log_exposure_for_config(config)
config.rule_id = "planted"
statsig.get_instance().log_exposure_for_config(config)
"""
        + SENT
    )
    stats = json.loads(well(done))
    assert stats["dropped"] == {"unknown_exposure": 1}
    [request] = receiver.requests("metrics")
    assert b"statsig::config_exposure" in request.body
    assert b"planted" not in request.body
