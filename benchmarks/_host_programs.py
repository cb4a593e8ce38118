"""The programs of benchmarks/host.py: an asyncio host, and what each subject records in it."""

from __future__ import annotations

HOST = """
import asyncio, json, os, resource, sys, time
RATE, SECONDS, PORT = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3]
BASE = f"http://127.0.0.1:{PORT}"
STEP = 0.01  # seconds between two bunches of events
LOOK = 0.001  # seconds that the sampler sleeps
SUBJECT

def fail(depth):
    if depth:
        return fail(depth - 1)
    return {}["missing"]

async def sample(lags, until):
    while (now := time.perf_counter()) < until:
        await asyncio.sleep(LOOK)
        lags.append((now, time.perf_counter() - now - LOOK))

async def main():
    began = time.perf_counter()
    until, lags, recorded = began + SECONDS, [], 0
    sampler = asyncio.create_task(sample(lags, until))
    cpu, half = time.process_time(), None
    next_error = began + 0.5
    while (now := time.perf_counter()) < until:
        if half is None and now > began + SECONDS / 2:
            half = time.process_time(), recorded
        while recorded < (now - began) * RATE:
            record(recorded)
            recorded += 1
        if now >= next_error:
            next_error += 1.0
            try:
                fail(10)
            except KeyError as error:
                capture(error)
        await asyncio.sleep(STEP)
    await sampler
    ended = time.process_time()
    settled = sorted(lag for at, lag in lags if at > began + SECONDS / 2)
    first = [lag for at, lag in lags if at <= began + SECONDS / 2]
    return {
        "recorded": recorded,
        "lag_p50_ms": settled[len(settled) // 2] * 1000,
        "lag_p99_ms": settled[int(len(settled) * 0.99)] * 1000,
        "longest_ms": settled[-1] * 1000,
        "longest_at_first_delivery_ms": max(first) * 1000,
        "stalls_at_first_delivery_ms": sum(lag for lag in first if lag > 0.001) * 1000,
        "cpu_ms": (ended - cpu) * 1000,
        "steady_recorded": recorded - half[1],
        "steady_cpu_ms": (ended - half[0]) * 1000,
        "rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }

figures = asyncio.run(main())
print(json.dumps({**figures, "ended": time.time()}), flush=True)
"""

NOTHING = """
def record(n):
    pass
def capture(error):
    pass
"""
OURS = """
import telemetry_sdk
class ToolUse(telemetry_sdk.Event, name="tool_use"):
    duration_ms: float
    n: int
client = telemetry_sdk.start(
    app="acme-agent", version="1.4.2", statsig_key="client-key", statsig_url=f"{BASE}/v1",
    sentry_dsn=f"http://key@127.0.0.1:{PORT}/1", max_events_per_minute=None,
)
def record(n):
    client.log_event("tool_use", metadata={"duration_ms": 12.5, "n": n})
def capture(error):
    client.capture_exception(error)
"""
VENDORS = """
import sentry_sdk
from statsig import StatsigEvent, StatsigOptions, StatsigUser, statsig
options = StatsigOptions(api=f"{BASE}/v1/", api_for_log_event=f"{BASE}/v1/", disable_diagnostics=True)
statsig.initialize("secret-key", options)
sentry_sdk.init(f"http://key@127.0.0.1:{PORT}/1")
user = StatsigUser("a-user")
def record(n):
    statsig.log_event(StatsigEvent(user, "tool_use", metadata={"duration_ms": "12.5", "n": str(n)}))
def capture(error):
    sentry_sdk.capture_exception(error)
"""
STATSIG_CORE = """
from statsig_python_core import Statsig, StatsigOptions, StatsigUser
options = StatsigOptions()
options.log_event_url = f"{BASE}/v1/log_event"
options.specs_url = f"{BASE}/v2/download_config_specs"
statsig = Statsig("secret-key", options)
statsig.initialize()
user = StatsigUser("a-user")
def record(n):
    statsig.log_event(user, "tool_use", metadata={"duration_ms": "12.5", "n": str(n)})
def capture(error):
    pass
"""
POSTHOG = """
from posthog import Posthog
posthog = Posthog("key", host=BASE, enable_exception_autocapture=False)
def record(n):
    posthog.capture("tool_use", distinct_id="a-user", properties={"duration_ms": 12.5, "n": n})
def capture(error):
    posthog.capture_exception(error, distinct_id="a-user")
"""
OPENTELEMETRY = """
import logging
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
provider = LoggerProvider()
provider.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter(endpoint=f"{BASE}/v1/logs")))
logger = logging.getLogger("acme")
logger.addHandler(LoggingHandler(logger_provider=provider))
logger.setLevel(logging.INFO)
logger.propagate = False
def record(n):
    logger.info("tool_use", extra={"duration_ms": 12.5, "n": n})
def capture(error):
    logger.error("failed", exc_info=error)
"""
SUBJECTS = {
    "no telemetry": NOTHING,
    "telemetry_sdk": OURS,
    "statsig + sentry_sdk": VENDORS,
    "statsig-python-core": STATSIG_CORE,
    "posthog": POSTHOG,
    "opentelemetry logs": OPENTELEMETRY,
}


def program(name: str) -> str:
    """Return the program of a subject."""
    return HOST.replace("SUBJECT", SUBJECTS[name])
