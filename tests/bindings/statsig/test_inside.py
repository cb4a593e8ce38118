"""What fails inside the vendor's code is counted, and nobody hears of it; what we touch of its inside exists."""

from __future__ import annotations

import json

import pytest

from .conftest import SPECS, gate, well

CIRCLE = [
    gate("there", {"id": "r", "conditions": [{"type": "pass_gate", "targetValue": "back"}]}),
    gate("back", {"id": "r", "conditions": [{"type": "pass_gate", "targetValue": "there"}]}),
]


@pytest.mark.parametrize("environ", [{}, {"DISABLE_TELEMETRY": "1"}])
def test_a_failure_inside_is_counted_answered_and_silent(bound, receiver, environ):
    done = bound(
        """
print(statsig.check_gate(USER, "there"), statsig.check_gate(USER, "fast_edit"), client.stats()["failures"])
client.close()
print(statsig.check_gate(USER, "there"), threading.active_count())
""",
        specs={**SPECS, "feature_gates": [*SPECS["feature_gates"], *CIRCLE]},
        **environ,
    )
    assert well(done) == "False True 2\nFalse 1\n"  # its check_gate stands on its get_feature_gate: both fail
    assert all(request.path.endswith("/log_event") for request in receiver.requests())


def test_debug_says_that_something_failed_but_not_what(bound):
    done = bound(
        'statsig.check_gate(USER, "there")\nclient.close()',
        specs={**SPECS, "feature_gates": CIRCLE},
        TELEMETRY_SDK_DEBUG="1",
    )
    assert done.code == 0
    assert (done.out, "internal failure: RecursionError" in done.err, "there" in done.err) == ("", True, False)


CONTRACT = """
import importlib, inspect
from telemetry_sdk.integrations import statsig as binding

def owner(place):
    if place == "statsig.statsig":
        return importlib.import_module(place)
    module, _, name = place.rpartition(".")
    return getattr(importlib.import_module(module), name)

def takes(made):
    return " ".join(name for name in inspect.signature(made).parameters if name != "self")

TOUCHED = {
    "statsig.statsig": ("__instance",),
    "statsig.statsig_server.StatsigServer": ("_verify_bg_threads_running", "_verify_inputs"),
    "statsig.statsig_error_boundary._StatsigErrorBoundary": ("capture", "swallow", "log_exception", "shutdown"),
    "statsig.statsig_logger._StatsigLogger": ("log", "_is_unique_exposure", "spawn_bg_threads_if_needed"),
    "statsig.spec_store._SpecStore": ("_process_specs", "get_gate", "get_config", "get_layer"),
    "statsig.evaluator._Evaluator": ("check_gate", "get_config", "get_layer"),
}

gone = [f"{place}.{name}" for place, names in TOUCHED.items() for name in names
        if not hasattr(owner(place), name)]
signatures = {
    "store": takes(binding._SpecStore),
    "evaluator": takes(binding._Evaluator),
    "unique": takes(binding._StatsigLogger._is_unique_exposure),
    "capture": takes(binding._StatsigErrorBoundary.capture),
    "log_exception": takes(binding._StatsigErrorBoundary.log_exception),
    "process": takes(binding._SpecStore._process_specs),
}
methods = sorted(name for name in vars(binding.StatsigServer) if not name.startswith("_"))
print(json.dumps([gone, signatures, methods]))
"""
CHANGED = "statsig's inside has changed: see integrations/statsig.py"


@pytest.fixture
def inside(bound):
    """Look into the package in a process of its own; return (names that are gone, signatures, public methods)."""
    return json.loads(well(bound(CONTRACT, start=False)))


def test_what_we_touch_of_the_vendors_inside_exists_and_takes_what_we_give(inside):
    gone, signatures, _ = inside
    assert gone == [], CHANGED
    assert signatures == {
        "store": "network options statsig_metadata error_boundary shutdown_event sdk_key diagnostics context",
        "evaluator": "spec_store global_custom_fields disable_ua_parser disable_country_lookup",
        "unique": "user eventName metadata",
        "capture": "tag task recover extra",
        "log_exception": "tag exception extra bypass_dedupe log_mode",
        "process": "specs_json source",
    }, CHANGED


def test_every_public_method_of_the_vendors_server_was_looked_at(inside):
    """A new one could have a way out of its own."""
    known = {
        *("is_initialized", "initialize", "is_store_populated", "get_id_list_count", "get_init_source"),
        *("get_feature_gate", "check_gate", "manually_log_gate_exposure", "get_config", "manually_log_config_exposure"),
        *("log_exposure_for_config", "get_experiment", "get_experiment_groups", "manually_log_experiment_exposure"),
        *("get_layer", "manually_log_layer_parameter_exposure", "safe_eval_callback", "log_event", "flush", "shutdown"),
        *("pause_polling_dcs", "start_polling_dcs", "override_gate", "override_config", "override_experiment"),
        *("override_layer", "remove_gate_override", "remove_config_override", "remove_experiment_override"),
        *("remove_layer_override", "remove_all_overrides", "get_client_initialize_response", "evaluate_all"),
    }
    assert set(inside[2]) <= known, CHANGED


MOVED = "del package.spec_store._SpecStore"
TAKES_OTHERS = """
theirs = package.evaluator._Evaluator.__init__
def changed(self, *arguments):
    theirs(self, *arguments)
package.evaluator._Evaluator.__init__ = changed
"""


@pytest.mark.parametrize("change", [MOVED, TAKES_OTHERS])
def test_an_inside_that_has_changed_binds_nothing_says_so_and_speaks_to_nobody(bound, receiver, change):
    """Gates answer by the package's public local mode, and the application's `initialize` opens nothing."""
    done = bound(
        f"""
import statsig as package
{change}
client = telemetry_sdk.start(**CHOICES)
[warning] = client.policy.warnings
print(warning.startswith("statsig is not bound"), type(getattr(package.statsig, "__instance")).__name__)
statsig.initialize("secret-planted", StatsigOptions(api="http://127.0.0.1:9/v1"))
statsig.log_event(StatsigEvent(USER, "planted"))
client.log_event("tool_use", metadata={{"tool": "bash"}})
print(client.stats()["accepted"], client.stats()["failures"])
print([thread.name for thread in threading.enumerate() if "download" in thread.name or "log_event" in thread.name])
print(statsig.check_gate(USER, "fast_edit"))
assert client.flush_sync(20)
client.close()
os._exit(0)
""",
        start=False,
        PYTHONUNBUFFERED="1",
    )
    assert well(done) == "True StatsigServer\n1 1\n[]\nTrue\n"
    assert [event["eventName"] for event in receiver.metrics()] == ["tool_use"]
