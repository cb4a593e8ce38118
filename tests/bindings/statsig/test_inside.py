"""What fails inside the vendor's code is counted, and nobody hears of it; what we touch of its inside exists."""

from __future__ import annotations

import importlib
import inspect

import pytest

from telemetry_sdk.bindings import statsig as binding

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


@pytest.mark.parametrize("place", sorted(binding.TOUCHED))
def test_what_we_touch_of_the_vendors_inside_exists(place):
    owner = importlib.import_module(place) if place == "statsig.statsig" else None
    if owner is None:
        module, _, name = place.rpartition(".")
        owner = getattr(importlib.import_module(module), name)
    for name in binding.TOUCHED[place]:
        assert hasattr(owner, name), f"statsig has changed: {place} has no {name} any more; see bindings/statsig.py"


@pytest.mark.parametrize(
    ("made", "takes"),
    [
        (
            binding._SpecStore,
            "network options statsig_metadata error_boundary shutdown_event sdk_key diagnostics context",
        ),
        (binding._Evaluator, "spec_store global_custom_fields disable_ua_parser disable_country_lookup"),
        (binding._Logger._is_unique_exposure, "user eventName metadata"),
        (binding._StatsigLogger._is_unique_exposure, "user eventName metadata"),
        (binding._StatsigErrorBoundary.capture, "tag task recover extra"),
        (binding._SpecStore._process_specs, "specs_json source"),
    ],
)
def test_what_we_call_of_the_vendors_inside_takes_what_we_give(made, takes):
    found = [name for name in inspect.signature(made).parameters if name != "self"]
    assert " ".join(found) == takes, "statsig has changed; see bindings/statsig.py"


def test_every_public_method_of_the_vendors_server_was_looked_at():
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
    assert {name for name in vars(binding.StatsigServer) if not name.startswith("_")} <= known


def test_an_inside_that_has_changed_binds_nothing_and_says_so(bound):
    done = bound(
        """
import statsig as package
del package.evaluator._Evaluator.__init__
client = telemetry_sdk.start(**CHOICES)
print(client.policy.warnings, type(getattr(package.statsig, "__instance")).__name__, client.stats()["failures"])
client.log_event("tool_use", metadata={"tool": "bash"})
print(client.stats()["accepted"])
client.close()
""",
        start=False,
    )
    assert well(done) == "('statsig is not bound: TypeError inside its package',) StatsigServer 1\n1\n"
