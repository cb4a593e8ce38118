"""Every variable that the vendors' packages and the HTTP libraries read by themselves, with a hostile value.

The names are read from the packages' own sources, so that a new one is tried as soon as it exists.
"""

from __future__ import annotations

import ast
import functools
import importlib.util
import re
import socket
import threading
from pathlib import Path

import pytest

PACKAGES = ("sentry_sdk", "statsig", "httpx", "httpcore", "requests", "urllib3", "truststore", "certifi")
READERS = {"get", "getenv", "pop", "setdefault", "env_to_bool"}
# Read in ways that a look at the sources does not see: by urllib and ssl for the others, by a prefix.
BESIDES = {
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE", "NETRC", "SENTRY_TRACE", "SENTRY_BAGGAGE"),
    *("OPENSSL_CONF", "GRPC_TRACE", "GRPC_VERBOSITY"),
}
KNOWN = {"SENTRY_DSN", "SENTRY_SPOTLIGHT", "SENTRY_PRINT_ENVELOPES", "SENTRY_RELEASE", "SENTRY_DEBUG", "CURL_CA_BUNDLE"}
OURS = ("PATH", "HOME", "USERPROFILE", "LOCALAPPDATA", "SYSTEMROOT", "TELEMETRY_SDK_")
DECIDING = ("1", "true", "http://planted:planted@127.0.0.1:{trap}/1", "{file}", "planted")

PROGRAM = """
import json, logging, os, sys
connected, started, written = [], [], []
def hook(event, args):
    if event == "socket.connect":
        connected.append(args[1][:2])
    elif event == "socket.getaddrinfo":
        connected.append(args[:2])
    elif event in ("subprocess.Popen", "os.system", "os.posix_spawn"):
        started.append(args)
    elif event == "open" and isinstance(args[0], str) and args[2] & (os.O_WRONLY | os.O_RDWR):
        if "__pycache__" not in args[0]:  # the interpreter's own, at a first import
            written.append(os.path.abspath(args[0]))
import sentry_sdk, statsig.statsig, httpx, requests
import telemetry_sdk
from statsig.statsig_event import StatsigEvent
from statsig.statsig_user import StatsigUser
class Tick(telemetry_sdk.Event, name="tick"):
    n: int
sys.addaudithook(hook)
where = os.environ.pop("STATE")
client = telemetry_sdk.start(app="acme-agent", version="1.4.2", state_dir=where, app_modules=["__main__"])
client.log_event(Tick(n=1))
client.capture_exception(LookupError())
logging.getLogger("acme").error("planted")
sentry_sdk.capture_exception(EOFError("planted"))
with sentry_sdk.start_transaction(name="planted"):
    pass
user = StatsigUser("planted")
statsig.statsig.check_gate(user, "planted")
statsig.statsig.log_event(StatsigEvent(user, "tick", metadata={"n": 1}))
sentry_sdk.flush(20)
delivered = client.flush_sync(20)
client.close()
print(json.dumps({
    "delivered": delivered,
    "failures": client.stats()["failures"],
    "ports": sorted({port for _, port in connected}),
    "hosts": sorted({str(host) for host, _ in connected}),
    "started": len(started),
    "outside": [path for path in written if not path.startswith(where) and path != os.devnull],
}))
"""


def read_by(package):
    """Yield the names of the variables that a package's sources look up."""
    for path in Path(importlib.util.find_spec(package).origin).parent.rglob("*.py"):
        source = path.read_text(encoding="utf-8", errors="replace")
        tree = ast.parse(source if re.search(r"environ|\bos\b", source) else "")  # parsing is slow
        for node in ast.walk(tree):
            for name in looked_up(node):
                if name.isupper() and name.isidentifier() and len(name) > 2:
                    yield name


def looked_up(node):
    if isinstance(node, ast.Subscript):
        where, key = node.value, node.slice
    elif (
        isinstance(node, ast.Call) and node.args and isinstance(node.func, ast.Attribute) and node.func.attr in READERS
    ):
        where, key = node.func.value, node.args[0]
    elif isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In):
        where, key = node.comparators[0], node.left
    else:
        return
    asked = "environ" in ast.dump(where) or "'os'" in ast.dump(where)
    if asked and isinstance(key, ast.Constant) and isinstance(key.value, str):
        yield key.value


@functools.cache
def names():
    found = {name for package in PACKAGES for name in read_by(package)} | BESIDES
    return sorted(name for name in found if not name.startswith(OURS))


@pytest.fixture
def trap():
    """Listen where the hostile values point to; return the port and who came."""
    came = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept():
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                came.append(connection.recv(1000))
                connection.close()

        thread = threading.Thread(target=accept)
        thread.start()
        yield server.getsockname()[1], came
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_the_look_at_the_sources_sees_them():
    assert set(names()) >= KNOWN


@pytest.mark.parametrize("value", DECIDING)
def test_no_variable_opens_another_way_or_loosens_anything(program, receiver, trap, tmp_path, value):
    port, came = trap
    written = tmp_path / "hostile"
    hostile = value.format(trap=port, file=written)
    done = program(PROGRAM, bare=True, STATE=str(tmp_path / "state"), **dict.fromkeys(names(), hostile))
    assert done.code == 0, done.err
    assert done.err.replace("planted\n", "") == "", "only the host's own log"
    told = ast.literal_eval(done.out.replace("true", "True").replace("false", "False"))
    assert told == {
        "delivered": True,
        "failures": 0,
        "ports": [receiver.port],
        "hosts": ["127.0.0.1"],
        "started": 0,
        "outside": [],
    }
    assert came == []
    assert not written.exists()
    assert len(receiver.errors()) == 3
    assert receiver.metrics()
    bodies = [item.payload for item in receiver.envelope_items()] + [repr(receiver.metrics()).encode()]
    assert b"planted" not in b"".join(bodies)
    assert {item.type for item in receiver.envelope_items()} == {"event"}
    assert {request.path for request in receiver.requests()} == {"/api/1/envelope/", "/v1/log_event"}


def test_no_variable_writes_our_tls_keys_down(tmp_path, monkeypatch):
    from telemetry_sdk.egress import tls

    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    assert tls.context(tls.TrustedCertificates()).keylog_filename is None
