"""An application that calls `sentry_sdk` itself: all of it takes our way, cleaned; nothing takes another."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from telemetry_sdk.demo.project import PlantedString
from telemetry_sdk.demo.search import Document, StringSearch

HEAD = """
import json, logging, os, sys, threading
import sentry_sdk
import telemetry_sdk

CHOICES = dict(app="acme-agent", version="1.4.2", app_modules=["__main__"])
def start(**choices):
    return telemetry_sdk.start(**{**CHOICES, **choices})
"""

SEND = """
class Tick(telemetry_sdk.Event, name="tick"):
    n: int
client = start()
client.log_event(Tick(n=1))
assert client.flush_sync(20)
"""  # what earlier runs left goes along


@pytest.fixture
def bound(program):
    """Run a program that has imported `sentry_sdk` and can `start()`."""

    def run(source, **environ):
        done = program(HEAD + source, bare=True, **environ)
        assert done.code == 0, done.err
        return done

    return run


def types(event):
    return [value["type"] for value in event["exception"]["values"]]


def mechanisms(receiver):
    found = []
    for event in receiver.errors():
        values = event.get("exception", {}).get("values", [{}])
        found.append((values[-1].get("mechanism", {}).get("type"), values[-1].get("type")))
    return sorted(found, key=str)


def test_it_is_bound_when_the_application_has_imported_it(bound, receiver):
    done = bound("""
client = start()
try:
    json.loads("{")
except ValueError as error:
    print(sentry_sdk.capture_exception(error))
assert client.flush_sync(20)
assert client.stats()["outside"] == []
print(client.stats()["dropped"], client.policy.warnings)
""")
    [event] = receiver.errors()
    assert event["event_id"] == done.out.split()[0]
    assert types(event) == ["JSONDecodeError"]
    assert event["release"] == "acme-agent@1.4.2"
    frames = event["exception"]["values"][0]["stacktrace"]["frames"]
    assert [(frame["module"], frame["function"]) for frame in frames] == [
        ("__main__", "<module>"),
        ("json", "loads"),
        ("json.decoder", "decode"),
        ("json.decoder", "raw_decode"),
    ]
    assert all(frame["lineno"] > 0 for frame in frames)
    assert [frame["in_app"] for frame in frames] == [True, False, False, False]
    assert event["contexts"]["trace"].keys() == {"type", "trace_id", "span_id"}
    assert done.out.splitlines()[1] == "{} ()"


@pytest.mark.parametrize(("choice", "imported"), [("None", False), ("True", True), ("False", False)])
def test_it_is_never_imported_unless_the_host_says_so(program, choice, imported):
    done = program(
        f"""
        import sys, telemetry_sdk
        client = telemetry_sdk.start(app="acme-agent", version="1.4.2", bind_sentry={choice})
        print("sentry_sdk" in sys.modules)
        if {choice}:
            import sentry_sdk
            from telemetry_sdk.integrations.sentry import QueueTransport
            assert isinstance(sentry_sdk.get_client().transport, QueueTransport)
        """,
        bare=True,
    )
    assert (done.out.strip(), done.err) == (str(imported), "")


def test_it_stays_as_it_is_when_the_host_says_so(bound, receiver):
    bound("""
client = start(bind_sentry=False)
assert not sentry_sdk.get_client().is_active()
assert client.stats()["outside"] == []
""")
    assert receiver.requests() == []


@pytest.mark.parametrize("switch", ["DISABLE_ERROR_REPORTING", "CLAUDE_CODE_USE_BEDROCK", "DO_NOT_TRACK"])
def test_with_errors_off_it_is_not_initialized(bound, receiver, switch):
    bound(
        """
client = start(bind_sentry=True)
assert not sentry_sdk.get_client().is_active()
assert sentry_sdk.capture_exception(KeyError()) is None
assert client.stats()["accepted"] == 0
""",
        **{switch: "1"},
    )
    assert receiver.requests() == []


def test_opting_out_while_running_stops_it(bound, receiver):
    bound("""
client = start()
client.opt_out("errors")
sentry_sdk.capture_exception(KeyError())
logging.error("oops")
sentry_sdk.flush(5)
client.flush_sync(5)
assert client.stats()["accepted"] == 0
""")
    assert receiver.requests() == []


ALL_WAYS = """
import asyncio
client = start()
def fail(kind):
    raise kind()
try:
    fail(LookupError)
except LookupError:
    sentry_sdk.capture_exception()
try:
    fail(BufferError)
except BufferError:
    logging.getLogger("acme.agent").exception("it failed at %s", "/planted/path")
logging.getLogger("acme.agent").error("only words about %s", "/planted/path")
thread = threading.Thread(target=fail, args=(ArithmeticError,))
thread.start()
thread.join()
async def main():
    task = asyncio.create_task(coroutine())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    del task
    import gc; gc.collect()
async def coroutine():
    fail(EOFError)
async def with_client():
    async with client:
        await main()
"""


def test_every_way_in_arrives_once(bound, receiver):
    bound(ALL_WAYS + "asyncio.run(with_client())\n", TELEMETRY_SDK_DEBUG="")
    bound(SEND)
    assert mechanisms(receiver) == [
        ("asyncio", "EOFError"),
        ("generic", "LookupError"),
        ("logging", "BufferError"),
        ("threading", "ArithmeticError"),
        (None, None),
    ]
    [words] = [event for event in receiver.errors() if "exception" not in event]
    frames = words["threads"]["values"][0]["stacktrace"]["frames"]
    assert [(frame["module"], frame["function"]) for frame in frames] == [("__main__", "<module>")]
    assert words["level"] == "error"


def test_a_crash_arrives_once_and_ends_the_session(bound, program, receiver):
    done = program(
        HEAD + "client = start(exit_timeout=5)\n"
        "sentry_sdk.get_isolation_scope().start_session()\n"
        "try:\n    1 / 0\n"
        "except ZeroDivisionError:\n    sentry_sdk.capture_exception(); logging.exception('again'); raise\n",
        bare=True,
    )
    assert done.code == 1
    assert done.err.count("ZeroDivisionError") == 2  # the log's, the interpreter's
    bound(SEND)
    assert [types(event) for event in receiver.errors()] == [["ZeroDivisionError"]], "captured, logged and raised: once"
    program(
        HEAD + "client = start(exit_timeout=5)\nsentry_sdk.get_isolation_scope().start_session()\nraise KeyError\n",
        bare=True,
    )
    bound(SEND)
    assert mechanisms(receiver)[0] == ("excepthook", "KeyError")
    sessions = [json.loads(item.payload) for item in receiver.envelope_items() if item.type == "session"]
    assert sessions[-1]["status"] == "crashed"
    assert set(sessions[-1]) <= {"sid", "init", "started", "timestamp", "status", "errors", "duration", "attrs"}
    assert sessions[-1]["attrs"] == {"release": "acme-agent@1.4.2"}


def test_all_other_items_are_dropped_and_counted(bound, receiver):
    bound("""
client = start()
scope = sentry_sdk.get_isolation_scope()
scope.add_attachment(bytes=b"planted", filename="planted.txt")
sentry_sdk.get_client().options["traces_sample_rate"] = 1.0
with sentry_sdk.start_transaction(name="planted", op="planted"):
    with sentry_sdk.start_span(op="planted", name="planted"):
        pass
from sentry_sdk.crons import capture_checkin
capture_checkin(monitor_slug="planted", status="ok")
sentry_sdk.capture_exception(KeyError())
sentry_sdk.flush(5)
assert client.flush_sync(20)
print(client.stats()["dropped"])
""")
    assert {item.type for item in receiver.envelope_items()} == {"event"}
    assert b"planted" not in b"".join(item.payload for item in receiver.envelope_items())


def test_what_the_sdk_discards_itself_is_reported(bound, receiver):
    bound("""
client = start()
error = KeyError()
sentry_sdk.capture_exception(error)
sentry_sdk.capture_exception(error)  # the same one again
sentry_sdk.get_client().transport.record_lost_event("planted reason", data_category="error")
sentry_sdk.flush(5)
client.flush_sync(20)
""")
    [report] = [json.loads(item.payload) for item in receiver.envelope_items() if item.type == "client_report"]
    assert report["discarded_events"] == [{"reason": "before_send", "category": "error", "quantity": 1}]


def test_flushing_waits_until_it_has_arrived_and_closing_takes_it_back(bound, receiver):
    bound("""
client = start()
sentry_sdk.capture_exception(KeyError())
sentry_sdk.flush(20)
assert client.stats()["directory"]["delivered"] == {"errors": 1}
client.close()
assert not sentry_sdk.get_client().is_active()
sentry_sdk.capture_exception(KeyError())
again = start()
assert sentry_sdk.get_client().is_active()
sentry_sdk.capture_exception(IndexError())
again.flush_sync(20)
""")
    assert [types(event) for event in receiver.errors()] == [["KeyError"], ["IndexError"]]


@pytest.mark.parametrize("choice", ["None", "True"])
def test_another_client_is_left_alone_and_named(bound, receiver, choice):
    done = bound(f"""
from sentry_sdk.transport import Transport
class Other(Transport):
    def capture_envelope(self, envelope):
        print("to the other:", envelope.items[0].type)
sentry_sdk.init(dsn="http://key@127.0.0.1:9/1", transport=Other, default_integrations=False)
client = start(bind_sentry={choice})
assert "a client of sentry_sdk is active, outside of this policy" in client.policy.explain()
assert client.stats()["outside"] == ["sentry_sdk"]
sentry_sdk.capture_exception(KeyError())
client.close()
assert sentry_sdk.get_client().is_active()
try:
    os.environ["TELEMETRY_SDK_STRICT"] = "1"
    start()
except telemetry_sdk.TelemetryError as error:
    print(error)
""")
    assert done.out.splitlines() == [
        "to the other: event",
        "a client of sentry_sdk is active, outside of this policy",
    ]
    assert receiver.requests() == []


def test_one_that_the_application_makes_later_is_seen(bound):
    bound("""
client = start()
sentry_sdk.init(dsn="http://key@127.0.0.1:9/1", default_integrations=False)
assert client.stats()["outside"] == ["sentry_sdk"]
client.close()
assert sentry_sdk.get_client().is_active(), "not ours to close"
sentry_sdk.get_client().close(timeout=0)
""")


PLANTS = {
    "local": "pl4nted_local_value",
    "message": "pl4nted message of an error",
    "note": "pl4nted note",
    "path": "/home/pl4nted/project dir/file.py",
    "tag": "pl4ntedtag",
    "user": "pl4nted@user.example",
    "argument": "--pl4nted-argument",
    "variable": "pl4nted-variable",
    "log": "pl4nted log",
    "crumb": "pl4nted crumb",
    "name": "pl4nted_module_name",
    "function": "pl4nted_function",
    "type": "Pl4ntedType",
    "host": "pl4nted-host",
    "release": "pl4nted-release",
}


def test_nothing_planted_leaves(bound, receiver, world):
    bound(
        f"""
P = {PLANTS!r}
sys.argv.append(P["argument"])
client = start(ledger=True)
sentry_sdk.set_tag("kind", P["tag"])
sentry_sdk.set_user({{"id": P["user"], "email": P["user"], "ip_address": "10.0.0.1"}})
sentry_sdk.set_extra("extra", P["local"])
sentry_sdk.set_context("custom", {{"key": P["local"]}})
sentry_sdk.add_breadcrumb(category="http", message=P["crumb"], data={{"url": P["path"]}})
sentry_sdk.add_breadcrumb(category=P["crumb"], message=P["crumb"])
scope = sentry_sdk.get_isolation_scope()
scope.fingerprint = [P["message"]]
scope.set_transaction_name(P["path"])
scope.add_event_processor(lambda event, hint: dict(event, server_name=P["host"], release=P["release"], modules=P,
    request={{"url": P["path"]}}, platform=P["name"], logger=P["log"], dist=P["release"]))
def failing(secret=P["local"]):
    source = "def " + P["function"] + "():\\n    raise kind(message)"
    space = {{"__name__": P["name"], "kind": type(P["type"], (Exception,), {{}}), "message": P["message"]}}
    exec(compile(source, P["path"], "exec"), space)
    try:
        space[P["function"]]()
    except Exception as error:
        error.add_note(P["note"])
        raise RuntimeError(P["message"]) from error
try:
    failing()
except RuntimeError:
    sentry_sdk.capture_exception()
logging.getLogger(P["name"]).error(P["log"] + " %s", P["path"], extra={{"key": P["local"]}})
sentry_sdk.capture_message(P["message"], level="error")
threading.Thread(target=failing, name=P["name"]).start()
sentry_sdk.flush(20)
assert client.flush_sync(20)
assert client.stats()["failures"] == 0
""",
        PLANTED=PLANTS["variable"],
    )
    assert len(receiver.errors()) == 4
    search = StringSearch(PlantedString(name, text) for name, text in PLANTS.items())
    left = [Document("wire", "a request", item.payload) for item in receiver.envelope_items()]
    kept = [Document("disk", str(path), path.read_bytes()) for path in world.rglob("*") if path.is_file()]
    kept = [document for document in kept if not document.name.endswith("program.py")]  # where they are planted
    assert any("sent" in document.name for document in kept), "the ledger is among them"
    assert [(planted, document.name) for document in left + kept for planted in search.find(document)] == []
    assert len(search.find(Document("control", "", repr(PLANTS).encode()))) == len(PLANTS)
    crumbs = receiver.errors()[0]["breadcrumbs"]["values"]
    assert [set(crumb) for crumb in crumbs] == [{"type", "category", "level", "timestamp"}]


@pytest.fixture
def elsewhere():
    """Serve what the host asks for; return the headers of every request."""
    seen = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append(dict(self.headers))
            self.send_response(200)
            self.end_headers()

        do_POST = do_GET  # noqa: N815 - http.server's name

        def log_message(self, *args):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", seen
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_hosts_own_requests_carry_nothing_of_it(bound, elsewhere):
    url, seen = elsewhere
    bound(f"""
import urllib.request, httpx
client = start()
sentry_sdk.get_client().options["traces_sample_rate"] = 1.0
with sentry_sdk.start_transaction(name="work"):
    urllib.request.build_opener(urllib.request.ProxyHandler({{}})).open({url!r}).read()
    httpx.get({url!r}, trust_env=False)
    with httpx.Client(trust_env=False) as http:
        http.get({url!r})
""")
    assert len(seen) == 3
    named = {name.lower() for headers in seen for name in headers}
    assert not named & {"sentry-trace", "baggage", "traceparent"}


def test_no_program_is_run_and_nothing_is_printed(bound, elsewhere, world, receiver):
    url, seen = elsewhere
    done = bound(
        """
ran = []
sys.addaudithook(lambda event, args: ran.append((event, args)) if event in ("subprocess.Popen", "os.system") else None)
client = start()
sentry_sdk.capture_exception(KeyError())
sentry_sdk.flush(20)
client.close()
assert ran == []
""",
        SENTRY_SPOTLIGHT=f"{url}/stream",
        SENTRY_PRINT_ENVELOPES="1",
        SENTRY_DEBUG="1",
        SENTRY_DSN="http://planted@127.0.0.1:9/1",
        SENTRY_RELEASE="planted",
        SENTRY_ENVIRONMENT="planted",
    )
    assert (done.out, done.err) == ("", "")
    assert seen == [], "no copy to Spotlight"
    [event] = receiver.errors()
    assert event["release"] == "acme-agent@1.4.2"
    assert "environment" not in event


def test_the_same_error_is_throttled_and_told_at_the_end(bound, receiver):
    bound("""
client = start()
def fail():
    raise KeyError
for _ in range(20):
    try:
        fail()
    except KeyError:
        sentry_sdk.capture_exception()
assert client.flush_sync(20)
assert client.stats()["dropped"] == {"throttled": 15}
client.close(timeout=5)
""")
    assert len(receiver.errors()) == 5
    bound(SEND)
    [report] = [json.loads(item.payload) for item in receiver.envelope_items() if item.type == "client_report"]
    assert report["discarded_events"] == [{"reason": "sample_rate", "category": "error", "quantity": 15}]


def test_the_hosts_before_send_sees_its_errors(bound, receiver):
    bound("""
def before_send(record):
    if record["tags"].get("kind") == "no":
        return None
    return {**record, "level": "warning", "tags": {"kind": "yes", "other": "planted"}}
client = start(before_send=before_send, tags={"kind": ["yes", "no"]})
sentry_sdk.capture_exception(KeyError())
sentry_sdk.set_tag("kind", "no")
sentry_sdk.capture_exception(IndexError())
assert client.flush_sync(20)
assert client.stats()["dropped"] == {"before_send": 1}
""")
    [event] = receiver.errors()
    assert (event["level"], event["tags"]) == ("warning", {"kind": "yes"})


@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="this system has no fork")
def test_a_forked_child_reports_for_itself(bound, receiver):
    bound("""
client = start()
sentry_sdk.capture_exception(KeyError())
assert client.flush_sync(20)
pid = os.fork()
if pid == 0:
    sentry_sdk.capture_exception(IndexError())
    os._exit(0 if client.flush_sync(20) else 1)
assert os.waitpid(pid, 0)[1] == 0
""")
    assert [types(event) for event in receiver.errors()] == [["KeyError"], ["IndexError"]]


def test_a_dead_host_holds_nothing_up(bound, unused_port):
    """Recorded, flushed in vain, ended: all within the bounds that `tests/pipeline/test_exit.py` measures."""
    done = bound(
        """
client = start()
sentry_sdk.get_isolation_scope().start_session()
sentry_sdk.capture_exception(KeyError())
sentry_sdk.flush(0.1)
client.close()
print(client.stats()["spooled"], client.stats()["directory"]["waiting"]["errors"])
""",
        TELEMETRY_SDK_SENTRY_DSN=f"http://key@127.0.0.1:{unused_port}/1",
    )
    assert done.out.split()[-1] == "2"


def test_interrupts_are_nobodys_business(bound, program, receiver):
    done = program(
        HEAD
        + """
client = start()
sentry_sdk.capture_exception(SystemExit())
logging.getLogger("x").error("words", exc_info=KeyboardInterrupt())
def fail():
    raise KeyboardInterrupt
thread = threading.Thread(target=fail)
thread.start()
thread.join()
fail()
""",
        bare=True,
    )
    assert done.code != 0
    bound(SEND)
    assert receiver.errors() == []


def test_the_first_client_keeps_the_package(bound, receiver):
    bound("""
client = start()
other = start(app="library", bind_sentry=True)
assert "sentry_sdk is bound to another client" in other.policy.explain()
sentry_sdk.capture_exception(KeyError())
other.close()
sentry_sdk.capture_exception(IndexError())
assert client.flush_sync(20)
assert client.stats()["spooled"] == {"errors": 2}
""")
    assert {event["release"] for event in receiver.errors()} == {"acme-agent@1.4.2"}


def test_log_entries_of_different_places_are_different_errors(bound, receiver):
    places = "".join(f"def place_{n}():\n    logging.error('words')\nplace_{n}()\n" for n in range(8))
    bound(f"client = start()\n{places}\nassert client.flush_sync(20)\nassert client.stats()['dropped'] == {{}}")
    assert len(receiver.errors()) == 8


def test_long_words_are_not_kept_in_memory(bound):
    bound("""
client = start()
client._runtime.queue.wakeup.reader = None  # nobody empties the queue
logging.error("%s", "A" * 1_000_000)
[item] = client._runtime.queue.errors.records
assert len(repr(item.payload)) < 100_000
""")


def test_a_clients_place_is_given_back(bound):
    bound("""
sentry_sdk.init(dsn=None, default_integrations=False)
before = sentry_sdk.get_client()
client = start()
assert sentry_sdk.get_client() is not before
client.opt_out("errors")
assert sentry_sdk.get_client() is before
""")


def test_one_without_a_dsn_is_replaced(bound, receiver):
    bound("""
sentry_sdk.init(default_integrations=False)
assert sentry_sdk.get_client().is_active()
client = start()
assert (client.policy.warnings, client.stats()["outside"]) == ((), [])
sentry_sdk.capture_exception(KeyError())
assert client.flush_sync(20)
""")
    assert [types(event) for event in receiver.errors()] == [["KeyError"]]


def test_a_message_leaves_as_its_place(bound, receiver):
    bound("""
client = start()
def telling():
    sentry_sdk.capture_message("planted words", level="warning")
telling()
assert client.flush_sync(20)
""")
    [event] = receiver.errors()
    assert event["threads"]["values"][0]["stacktrace"]["frames"][-1]["function"] == "telling"
    assert (event["level"], "planted" in str(event)) == ("warning", False)


def test_after_a_later_init_the_client_and_its_hooks_go_on(bound, receiver):
    bound("""
from sentry_sdk.transport import Transport
class Other(Transport):
    def capture_envelope(self, envelope):
        pass
client = start()
sentry_sdk.init(dsn="http://key@127.0.0.1:9/1", transport=Other, default_integrations=False)
sentry_sdk.capture_exception(BufferError())
client.capture_exception(KeyError())
def fail():
    raise LookupError
thread = threading.Thread(target=fail)
thread.start()
thread.join()
assert client.stats()["outside"] == ["sentry_sdk"]
assert client.flush_sync(20)
""")
    assert mechanisms(receiver) == [("generic", "KeyError"), ("threading", "LookupError")]


def test_the_hosts_own_capture_records_again(bound, receiver):
    bound("""
client = start()
error = KeyError()
sentry_sdk.capture_exception(error)
sentry_sdk.capture_exception(error)
client.capture_exception(error)
assert client.flush_sync(20)
assert client.stats()["accepted"] == 2
""")


def test_a_flush_without_a_number_waits_as_long_as_the_packages_own(bound, receiver):
    bound("""
client = start()
sentry_sdk.get_client().options["shutdown_timeout"] *= 10  # its own patience, for a busy machine
sentry_sdk.capture_exception(KeyError())
sentry_sdk.flush()
assert client.stats()["directory"]["delivered"] == {"errors": 1}
""")
