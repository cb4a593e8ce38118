"""Specs from a trusted endpoint: fetched by the one exit while metrics are on and something is recorded, and kept."""

from __future__ import annotations

import copy
import gzip
import json
import os
import stat
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from telemetry_sdk.ledger import read

from .conftest import SPECS, well


def specs(**changes):
    """Return specs whose `fast_edit` is off, a moment newer than the shipped ones."""
    newer = copy.deepcopy(SPECS)
    newer["feature_gates"][0]["enabled"] = False
    return {**newer, "time": SPECS["time"] + 1, **changes}


class Endpoint:
    """A real server that answers as it is told and remembers what it was asked."""

    def __init__(self):
        self.asked = []
        self.status, self.headers, self.body = 200, {}, json.dumps(specs()).encode()
        self.hang = None
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                endpoint.asked.append((self.path, dict(self.headers)))
                if endpoint.hang is not None:
                    endpoint.hang.wait(60)
                known = self.headers.get("if-none-match")
                same = known is not None and known == endpoint.headers.get("etag")
                self.send_response(304 if same else endpoint.status)
                for name, value in endpoint.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", "0" if same else str(len(endpoint.body)))
                self.end_headers()
                if not same:
                    self.wfile.write(endpoint.body)

            do_POST = do_GET  # noqa: N815 - as the library calls it

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1/specs.json"


@pytest.fixture
def endpoint():
    endpoint = Endpoint()
    thread = threading.Thread(target=endpoint.server.serve_forever)
    thread.start()
    yield endpoint
    if endpoint.hang is not None:
        endpoint.hang.set()
    endpoint.server.shutdown()
    endpoint.server.server_close()
    thread.join()


@pytest.fixture
def fetching(bound, endpoint):
    """Run a program whose specs come from the endpoint; `fetched()` waits for a fetch that a record brings about."""

    def run(source, **environ):
        head = f"""
CHOICES["statsig_specs_url"] = {endpoint.url!r}
client = telemetry_sdk.start(**CHOICES)
def on():
    return statsig.check_gate_with_exposure_logging_disabled(USER, "fast_edit")
def fetched():
    client.log_event(ToolUse(tool="bash"))
    assert client.flush_sync(20, to="spool")
    [drained] = client._runtime.recorder.get().writer.after_drain
    download = drained.__self__
    client.flush_sync(20, to="spool")  # it began after the drain that the first flush waited for
    if download._job is not None:
        assert download._job[1].future.wait(20)
    return {{name: count for name, count in client.stats()["specs"].items() if count}}
def age():
    [path] = kept()
    os.utime(path, (1, 1))
    [drained] = client._runtime.recorder.get().writer.after_drain
    download = drained.__self__
    download._next = 0.0
def kept():
    return [os.path.join(place, name) for place, _, names in os.walk(os.path.expanduser("~")) for name in names
            if name.startswith("statsig-specs-")]
"""
        return bound(head + source, start=False, **environ)

    return run


def test_newer_ones_win_are_kept_and_are_there_at_the_next_start(fetching, endpoint, world):
    done = fetching("""
print(on(), kept(), [reason.effect for reason in client.policy.metrics.reasons][-1])
print(fetched(), on())
client.close()
""")
    assert well(done) == "True [] fetches from 127.0.0.1\n{'used': 1} False\n"
    [(path, headers)] = endpoint.asked
    assert path == "/v1/specs.json"
    assert {name.lower() for name in headers} == {"host", "user-agent", "accept", "accept-encoding"}
    [file] = world.rglob("statsig-specs-*")
    assert (file.read_bytes(), stat.S_IMODE(file.stat().st_mode)) == (endpoint.body, 0o600)
    for environ in ({}, {"DISABLE_TELEMETRY": "1"}):
        assert well(fetching("print(on(), statsig.initialize('secret-').source.value)\nclient.close()", **environ)) == (
            "False DataAdapter\n"
        )
    assert len(endpoint.asked) == 1


def test_it_is_asked_once_in_ten_minutes_by_all_runs(fetching, endpoint):
    once = "fetched()\nfetched()\nprint(fetched(), on())\nclient.close()"
    assert well(fetching(once)) == "{'used': 1} False\n"
    assert well(fetching(once)) == "{} False\n"
    assert len(endpoint.asked) == 1
    assert well(fetching("age()\nprint(fetched())\nclient.close()")) == "{'unchanged': 1}\n"
    assert len(endpoint.asked) == 2


def test_an_unchanged_answer_costs_no_body(fetching, endpoint):
    endpoint.headers = {"etag": '"one"'}
    assert well(fetching("fetched()\nage()\nprint(fetched(), on())\nclient.close()")) == (
        "{'used': 1, 'unchanged': 1} False\n"
    )
    assert [headers.get("if-none-match") for _, headers in endpoint.asked] == [None, '"one"']


def test_no_tag_outlives_the_process(fetching, endpoint, world):
    endpoint.headers = {"etag": '"planted-id"'}
    well(fetching("fetched()\nclient.close()"))
    well(fetching("age()\nfetched()\nclient.close()"))
    assert [headers.get("if-none-match") for _, headers in endpoint.asked] == [None, None]
    assert not [path for path in world.rglob("*") if path.is_file() and b"planted-id" in path.read_bytes()]


HTML = b"<html>log in to the hotel's network</html>"


@pytest.mark.parametrize(
    ("status", "headers", "body", "outcome"),
    [
        (500, {}, b"{}", "failed"),
        (404, {}, HTML, "failed"),
        (302, {"location": "/elsewhere"}, b"", "failed"),
        (429, {"retry-after": "86400"}, b"", "failed"),
        (200, {"content-type": "text/html"}, HTML, "refused"),
        (200, {}, b"", "refused"),
        (200, {}, b"[]", "refused"),
        (200, {}, b'{"time": 1e3}', "refused"),
        (200, {}, b"[" * 1_000_000, "refused"),
        (200, {}, json.dumps(specs(x="x" * (4 << 20))).encode(), "refused"),
        (200, {}, json.dumps(specs(override_rules=[1], feature_gates=[])).encode(), "refused"),
        (200, {"content-encoding": "gzip"}, gzip.compress(json.dumps(specs()).encode()), "refused"),
        (200, {}, json.dumps(specs(time=1)).encode(), "unchanged"),
    ],
    ids=range(13),
)
def test_a_bad_answer_changes_nothing_and_is_counted(fetching, endpoint, status, headers, body, outcome):
    endpoint.status, endpoint.headers, endpoint.body = status, headers, body
    done = fetching("print(fetched(), on(), kept(), client.stats()['failures'])\nclient.close()")
    assert well(done) == f"{{{outcome!r}: 1}} True [] 0\n"
    assert [path for path, _ in endpoint.asked] == ["/v1/specs.json"]


def test_a_damaged_file_is_as_if_it_were_not_there(fetching, endpoint, world):
    well(fetching("fetched()\nclient.close()"))
    [file] = world.rglob("statsig-specs-*")
    file.write_bytes(b'{"time": 99')
    assert well(fetching("print(on(), client.policy.warnings)\nclient.close()")) == "True ()\n"


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no links on this system")
def test_a_link_in_the_files_place_is_not_followed(fetching, endpoint, world, tmp_path):
    well(fetching("fetched()\nclient.close()"))
    [file] = world.rglob("statsig-specs-*")
    elsewhere = tmp_path / "elsewhere"
    file.rename(elsewhere)
    file.symlink_to(elsewhere)
    assert well(fetching("print(on())\nclient.close()")) == "True\n"


NOT_ASKED = """
for _ in range(10):
    on()
    statsig.check_gate(USER, "nested")
client.log_event(ToolUse(tool="bash"))
client.capture_exception(ValueError())
client.flush_sync(20)
"""


def test_metrics_off_means_it_is_never_asked(fetching, endpoint, receiver):
    well(fetching(NOT_ASKED + "assert 'specs' not in client.stats()\nclient.close()", DISABLE_TELEMETRY="1"))
    assert receiver.errors()  # the exit was open for them
    well(fetching("client.opt_out('metrics')\n" + NOT_ASKED + "client.close()"))
    assert endpoint.asked == []


def test_who_records_nothing_asks_nothing(fetching, endpoint):
    well(fetching("[on() for _ in range(100)]\nclient.close()"))
    assert endpoint.asked == []


def test_an_opt_out_cancels_what_is_under_way(bound):
    """The program is its own endpoint: it sees the request come, opts out, and sees the connection end."""
    done = bound(
        """
import socket
listener = socket.create_server(("127.0.0.1", 0))
CHOICES["statsig_specs_url"] = f"http://127.0.0.1:{listener.getsockname()[1]}/specs.json"
client = telemetry_sdk.start(**CHOICES)
client.log_event(ToolUse(tool="bash"))
connection, _ = listener.accept()
connection.settimeout(20)
assert connection.recv(4096).startswith(b"GET /specs.json HTTP/1.1")
client.opt_out("metrics")
while connection.recv(4096):
    pass
print("ended", client.stats()["specs"]["used"])
client.close()
""",
        start=False,
    )
    assert well(done) == "ended 0\n"


def test_a_dead_endpoint_delays_neither_the_start_nor_the_exit(fetching, endpoint):
    endpoint.hang = threading.Event()
    done = fetching("""
client.log_event(ToolUse(tool="bash"))
assert client.flush_sync(20, to="spool")
began = time.monotonic()
statsig.shutdown()
client.close()
print(time.monotonic() - began < 3.0, on(), client.stats()["failures"])
""")
    assert well(done) == "True True 0\n"


def test_the_ledger_has_it(fetching, endpoint, world):
    well(fetching("fetched()\nclient.close()"))
    [place] = {path.parent.parent for path in world.rglob("sent/*.jsonl")}
    [entry] = [entry for entry in read(str(place)) if entry.service == "specs"]
    assert (entry.host, entry.status, entry.count, entry.body) == ("127.0.0.1", 200, 0, "")


def test_a_childs_fetch_is_its_own(fetching, endpoint):
    if not hasattr(os, "fork"):
        pytest.skip("no fork on this system")
    done = fetching("""
print(fetched(), flush=True)
age()
__import__("warnings").simplefilter("ignore")  # of Python 3.12: a process with threads forks
child = os.fork()
if not child:
    print(fetched(), on(), flush=True)
    client.close()
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
client.close()
""")
    assert well(done) == "{'used': 1}\n{'used': 1, 'unchanged': 1} False\n"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://specs.acme.example/s.json", "is not https"),
        ("https://key@specs.acme.example/s.json", "has a user name"),
        ("https://specs.acme.example/s.json?key=1", "has a query"),
        ("file:///etc/passwd", "does not start with https"),
        (7, "is not a string"),
    ],
)
def test_a_url_that_breaks_the_rules_is_named_and_not_asked(bound, url, why):
    done = bound(
        f"""
client = telemetry_sdk.start(**CHOICES, statsig_specs_url={url!r})
[warning] = client.policy.warnings
print({why!r} in warning, "no specs are fetched" in warning, "specs" in client.stats())
client.close()
""",
        start=False,
    )
    assert well(done) == "True True False\n"


def test_no_variable_and_no_settings_file_names_it(bound, endpoint, world):
    (world / ".claude").mkdir()
    named = dict.fromkeys(("TELEMETRY_SDK_STATSIG_SPECS_URL", "STATSIG_SPECS_URL"), endpoint.url)
    (world / ".claude" / "settings.json").write_text(json.dumps({"env": named}))
    well(bound("statsig.check_gate(USER, 'fast_edit')\nassert client.flush_sync(20)\nclient.close()", **named))
    assert endpoint.asked == []
