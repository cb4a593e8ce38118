"""What each client runs, in a process of its own: the same events and errors, by its own words.

The arguments are addresses and keys of the embedded receiver. No name but loopback's is looked up: Python's look-ups
are guarded by an audit hook, those of Rust by a proxy that does not exist (`capture.py`).
"""

from __future__ import annotations

GUARD = """
import sys
def guard(event, args):
    if event == "socket.getaddrinfo" and args[0] not in ("127.0.0.1", "localhost", b"127.0.0.1"):
        raise OSError(args[0])
sys.addaudithook(guard)
"""

OUR_METRICS = """
import telemetry_sdk
from typing import Literal
class ToolUse(telemetry_sdk.Event, name="tool_use"):
    tool: Literal["bash", "edit"]
    value: float | None = None
client = telemetry_sdk.start(app="acme-agent", version="1.4.2", environment="staging",
    statsig_url=sys.argv[1], statsig_key=sys.argv[2])
client.log_event("tool_use", value=9.5, metadata={"tool": "bash"})
client.log_event("tool_use", metadata={"tool": "bash"})
assert client.flush_sync(30)
"""

STATSIG = """
import json
from statsig import StatsigEvent, StatsigOptions, StatsigServer, StatsigUser
rule = {"id": "r", "name": "r", "salt": "", "passPercentage": 100, "conditions": [], "returnValue": True}
gate = {"name": "g", "type": "feature_gate", "enabled": True, "salt": "s", "rules": [rule], "defaultValue": False}
config = {**gate, "name": "c", "type": "dynamic_config", "rules": [{**rule, "returnValue": {}}], "defaultValue": {}}
specs = {"time": 1, "has_updates": True, "feature_gates": [gate], "dynamic_configs": [config], "layer_configs": []}
server = StatsigServer()
server.initialize(sys.argv[2], StatsigOptions(api=sys.argv[1], tier="staging", bootstrap_values=json.dumps(specs),
    disable_diagnostics=True, disable_ua_parser=True, disable_country_lookup=True))
user = StatsigUser("user-1")
server.log_event(StatsigEvent(user, "tool_use", value=9.5, metadata={"tool": "bash"}))
server.log_event(StatsigEvent(user, "tool_use", metadata={"tool": "bash"}))
server.check_gate(user, "g")
server.get_config(user, "c")
server.shutdown()
"""

STATSIG_CORE = """
from statsig_python_core import Statsig, StatsigOptions, StatsigUser
options = StatsigOptions(specs_url=sys.argv[1] + "/download_config_specs", log_event_url=sys.argv[1] + "/log_event",
    environment="staging", fallback_to_statsig_api=False, disable_country_lookup=True)
server = Statsig(sys.argv[2], options)
server.initialize().wait()
user = StatsigUser("user-1")
server.log_event(user, "tool_use", 9.5, {"tool": "bash"})
server.log_event(user, "tool_use", None, {"tool": "bash"})
server.check_gate(user, "g")
server.get_dynamic_config(user, "c")
server.shutdown().wait()
"""

OUR_ERRORS = """
import telemetry_sdk, acme_scenes
client = telemetry_sdk.start(app="acme-agent", version="1.4.2", environment="staging", sentry_dsn=sys.argv[1],
    app_modules=["acme_scenes"])
acme_scenes.handled(client.capture_exception)
assert client.flush_sync(60)
acme_scenes.load("settings")
"""

OUR_REST = """
import os
from telemetry_sdk.cli import main
os.environ["TELEMETRY_SDK_SENTRY_DSN"] = sys.argv[1]
sys.argv[1:] = ["send"]
main()
"""

SENTRY = """
import sentry_sdk, acme_scenes
sentry_sdk.init(dsn=sys.argv[1], release="acme-agent@1.4.2", environment="staging", spotlight=False,
    _experiments={"transport_compression_algo": "gzip"})
acme_scenes.handled(sentry_sdk.capture_exception)
acme_scenes.load("settings")
"""
