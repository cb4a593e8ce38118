"""The bound instance's life: who else is active, the application's own calls to initialize and shut down, the end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import textwrap

import pytest

from .conftest import HEAD, SPECS, START, well

STORY = """
def threads():
    return len(os.listdir("/proc/self/task")) if os.path.isdir("/proc/self/task") else threading.active_count()
"""


def test_no_thread_but_the_writer_and_the_sender(bound):
    done = bound(
        STORY
        + """
names = [thread.name for thread in threading.enumerate()]
statsig.initialize("secret-planted", StatsigOptions(rulesets_sync_interval=1))
for _ in range(100):
    statsig.check_gate(USER, "fast_edit")
before = threads()
assert client.flush_sync(20)
print(names, before <= 3, threads() <= 4, [thread.name for thread in threading.enumerate()])
client.close()
"""
    )
    # the writer begins with the first exposure, the sender with it, its resolver with the first request
    assert well(done) == "['MainThread'] True True ['MainThread']\n"


def test_off_means_one_thread(bound):
    done = bound(
        STORY
        + """
statsig.initialize("secret-planted")
for _ in range(100):
    statsig.check_gate(USER, "fast_edit")
    statsig.log_event(StatsigEvent(USER, "tool_use", metadata={"tool": "bash"}))
statsig.flush()
statsig.shutdown()
print(threads(), client.stats()["accepted"])
client.close()
print(threads())
""",
        DISABLE_TELEMETRY="1",
        DISABLE_ERROR_REPORTING="1",
    )
    assert well(done) == "1 0\n1\n"


def test_a_later_initialize_opens_no_other_way_out(bound, receiver):
    done = bound("""
details = statsig.initialize("secret-planted", StatsigOptions(api="http://127.0.0.1:9/v1", tier="planted"))
print(details.init_success, details.store_populated, details.source.value, details.error)
print(statsig.is_initialized(), [t.name for t in threading.enumerate()])
client.close()
print(statsig.initialize("secret-planted").init_success, [t.name for t in threading.enumerate()])
""")
    assert well(done) == "True True Bootstrap None\nTrue ['MainThread']\nTrue ['MainThread']\n"
    assert receiver.requests() == []


@pytest.mark.parametrize("specs", [None, SPECS])
def test_without_specs_the_defaults_answer(bound, specs):
    done = bound(
        f"""
CHOICES["statsig_specs"] = {json.dumps(specs) if specs else None!r}
client = telemetry_sdk.start(**CHOICES)
print(statsig.check_gate(USER, "fast_edit"), statsig.initialize("secret-x").store_populated, client.policy.warnings)
client.close()
""",
        start=False,
    )
    assert well(done) == f"{bool(specs)} {bool(specs)} ()\n"


def test_it_is_bound_only_if_the_application_has_imported_it_or_says_so(program):
    source = """
import sys, telemetry_sdk
client = telemetry_sdk.start(app="acme-agent", version="1.4.2", {choice})
print("statsig" in sys.modules, end=" ")
from statsig import statsig
print(statsig.is_initialized())
client.close()
"""
    told = [
        well(program(textwrap.dedent(head + source.format(choice=choice)), bare=True))
        for head, choice in [("", ""), ("", "bind_statsig=True"), ("import statsig", ""), ("", "bind_statsig=False")]
    ]
    assert told == ["False False\n", "True True\n", "True True\n", "False False\n"]


OUTSIDE = "outside this policy"
ACTIVE = 'StatsigOptions(api="http://127.0.0.1:9/v1", bootstrap_values=SPECS, init_timeout=1)'
OWN = f"""
class Mine(StatsigServer):
    pass
mine = Mine()
mine.initialize("secret-key", {ACTIVE})
"""
GLOBAL = f"""
statsig.initialize("secret-key", {ACTIVE})
"""


@pytest.mark.parametrize("active", [OWN, GLOBAL])
@pytest.mark.parametrize("choice", [None, True, False])
def test_another_active_client_is_named(bound, active, choice):
    done = bound(
        active
        + f"""
client = telemetry_sdk.start(**CHOICES, bind_statsig={choice})
from statsig.statsig import get_config
told = [warning for warning in client.policy.warnings if {OUTSIDE!r} in warning]
print(len(told), type(getattr(statsig, "__instance")).__name__)
client.close()
os._exit(0)
""",
        start=False,
        PYTHONUNBUFFERED="1",
    )
    bound_then = choice is True and active == OWN
    assert done.out == f"1 {'BoundServer' if bound_then else 'StatsigServer'}\n"


@pytest.mark.parametrize(("choice", "loud"), [(None, True), (True, True), (False, False)])
def test_another_active_client_is_an_error_in_strict_mode(bound, choice, loud):
    done = bound(
        OWN
        + f"""
try:
    telemetry_sdk.start(**CHOICES, bind_statsig={choice})
except telemetry_sdk.TelemetryError as error:
    print({OUTSIDE!r} in str(error))
os._exit(0)
""",
        start=False,
        TELEMETRY_SDK_STRICT="1",
        PYTHONUNBUFFERED="1",
    )
    assert done.out == ("True\n" if loud else "")


def test_one_that_was_shut_down_is_in_nobodys_way(bound):
    done = bound(
        """
statsig.initialize("secret-key", StatsigOptions(local_mode=True))
statsig.shutdown()
client = telemetry_sdk.start(**CHOICES)
print(client.policy.warnings, statsig.check_gate(USER, "fast_edit"))
client.close()
""",
        start=False,
    )
    assert done.out == "() True\n"


def test_a_second_client_leaves_the_first_ones_and_the_next_takes_over(bound, receiver):
    done = bound(
        """
second = telemetry_sdk.start(**CHOICES)
print(second.policy.warnings, telemetry_sdk.start(**CHOICES, bind_statsig=True).policy.warnings)
statsig.check_gate(USER, "fast_edit")
client.close()
print(client.stats()["spooled"], second.stats()["accepted"])
third = telemetry_sdk.start(**{**CHOICES, "statsig_specs": '{"time": 1}'})
print(third.policy.warnings, statsig.check_gate(USER, "fast_edit"), third.stats()["accepted"])
third.close()
second.close()
"""
    )
    assert well(done) == ("() ('statsig is bound to another client of this process',)\n{'metrics': 1} 0\n() False 1\n")


@pytest.fixture
def dead_host():
    """A host that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/v1"


def test_init_and_shutdown_do_not_wait_for_a_dead_host(bound, dead_host):
    done = bound(
        """
times = []
def timed(step):
    began = time.monotonic()
    step()
    times.append(time.monotonic() - began)
timed(lambda: globals().update(client=telemetry_sdk.start(**CHOICES)))
timed(lambda: statsig.initialize("secret-key"))
for _ in range(2000):
    statsig.log_event(StatsigEvent(USER, "tool_use", metadata={"tool": "bash"}))
timed(statsig.flush)
timed(statsig.shutdown)
timed(lambda: client.close())
print(json.dumps([times, client.stats()["directory"]["waiting"]["metrics"]]))
""",
        start=False,
        TELEMETRY_SDK_STATSIG_URL=dead_host,
    )
    times, waiting = json.loads(well(done))
    assert waiting == 2000
    assert max(times) < 3.0, times  # ten times the 300 ms


def test_what_was_told_survives_kill_9(world, environment, receiver, bound):
    source = """
statsig.log_event(StatsigEvent(USER, "tool_use", metadata={"tool": "bash"}))
statsig.check_gate(USER, "fast_edit")
assert client.flush_sync(20, to="spool")  # within a second by itself; here nobody counts on the clock
print("spooled", flush=True)
sys.stdin.read()
"""
    script = world / "work" / "killed.py"
    script.write_text(textwrap.dedent(HEAD.format(specs=json.dumps(SPECS)) + START) + source)
    with subprocess.Popen(
        [sys.executable, str(script)], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout.readline() == b"spooled\n"
        process.send_signal(signal.SIGKILL)
    assert receiver.metrics() == []
    done = bound('statsig.check_gate(USER, "nested")\nassert client.flush_sync(20)\nclient.close()')
    well(done)
    receiver.wait_for(metrics=3)
    names = sorted(event["metadata"].get("gate", event["eventName"]) for event in receiver.metrics())
    assert names == ["fast_edit", "nested", "tool_use"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_forked_childs_gates_answer_and_its_events_count_once(bound, receiver):
    done = bound("""
statsig.check_gate(USER, "fast_edit")
statsig.log_event(StatsigEvent(USER, "tool_use", value=1, metadata={"tool": "bash"}))
__import__("warnings").simplefilter("ignore")  # of Python 3.12: a process with threads forks
child = os.fork()
if not child:
    ok = statsig.check_gate(USER, "nested") and statsig.check_gate(USER, "fast_edit")
    statsig.log_event(StatsigEvent(USER, "tool_use", value=2, metadata={"tool": "bash"}))
    ok = client.flush_sync(20) and client.close() and ok
    os._exit(0 if ok else 1)
assert os.waitpid(child, 0)[1] == 0
assert client.flush_sync(20)
client.close()
""")
    well(done)
    told = sorted(event["metadata"].get("gate", str(event.get("value"))) for event in receiver.metrics())
    assert told == ["1", "2", "fast_edit", "nested"]


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
def test_callers_on_a_loop(bound, receiver, loop):
    done = bound(
        f"""
import anyio
async def one(number):
    statsig.log_event(StatsigEvent(USER, "tool_use", value=number, metadata={{"tool": "bash"}}))
    return statsig.check_gate(USER, "fast_edit")
async def main():
    async with telemetry_sdk.start(**CHOICES) as client:
        async with anyio.create_task_group() as tasks:
            for number in range(20):
                tasks.start_soon(one, number)
        assert await client.flush(20)
anyio.run(main, backend={loop!r})
""",
        start=False,
    )
    well(done)
    events = receiver.metrics()
    assert sorted(event["value"] for event in events if event["eventName"] == "tool_use") == list(range(20))
    assert len(events) == 21


def test_events_of_many_threads_are_counted_exactly(bound):
    done = bound("""
def tell():
    for _ in range(500):
        statsig.log_event(StatsigEvent(USER, "tool_use", metadata={"tool": "bash"}))
        statsig.check_gate(USER, "fast_edit")
threads = [threading.Thread(target=tell) for _ in range(20)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
assert client.flush_sync(20, to="spool")
client.close()
stats = client.stats()
exposures = stats["accepted"] - 10_000
print(stats["spooled"]["metrics"] == stats["accepted"], 1 <= exposures <= 20, stats["failures"])
""")
    assert well(done) == "True True 0\n"
