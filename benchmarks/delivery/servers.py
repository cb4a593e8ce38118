"""Servers that answer with anything: what happens to the records, and what it costs the program.

    python benchmarks/delivery/servers.py [--full]

For each answer one client records an event and an error and flushes. Memory grows by at most 2 MiB, and the request
costs at most 0.1 s of CPU, both over an ordinary answer. The table of answers itself is in
tests/unit/test_response_policy.py. `--full` adds the answers that last until the deadline of 10 s.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from _shared import bound, environment, is_full, report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CPU = bound(0.1)  # seconds of a request; two are made
TIMEOUT, DEADLINE = 1.5, 25.0  # seconds of a flush; two requests reach their deadlines one after the other
MEMORY = 2.0  # MiB
KEPT, DELIVERED, DROPPED = "kept", "delivered", "dropped"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
BOMB = gzip.compress(bytes(64 << 20))
LONG = b"a" * 65_536


def answer(head: str, body: bytes = b"") -> Callable[[socket.socket], None]:
    """Return a server that sends one response and closes."""
    data = f"HTTP/1.1 {head}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body
    return lambda connection: connection.sendall(data)


def endless(start: bytes, part: bytes) -> Callable[[socket.socket], None]:
    """Return a server that goes on until the client hangs up."""

    def talk(connection: socket.socket) -> None:
        connection.sendall(start)
        while True:
            connection.sendall(part)

    return talk


def reset(connection: socket.socket) -> None:
    """Close with a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def drip(start: bytes) -> Callable[[socket.socket], None]:
    """Return a server that sends a byte ten times a second."""

    def talk(connection: socket.socket) -> None:
        connection.sendall(start)
        while True:
            connection.sendall(b"a")
            threading.Event().wait(0.1)

    return talk


def hang(connection: socket.socket) -> None:
    """Wait until the client hangs up."""
    connection.recv(1)


TALKS: dict[str, tuple[Callable[[socket.socket], None], str]] = {
    "gzip bomb": (answer("200 OK\r\nContent-Encoding: gzip", BOMB), DELIVERED),
    "endless body": (endless(b"HTTP/1.1 200 OK\r\n\r\n", LONG), DELIVERED),
    "endless chunks": (
        endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n" * 9_000),
        DELIVERED,
    ),
    "endless headers": (endless(b"HTTP/1.1 200 OK\r\n", b"A: b\r\n" * 9_000), KEPT),
    "endless header": (endless(b"HTTP/1.1 200 OK\r\nA: ", LONG), KEPT),
    "endless 100": (endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 2_000), KEPT),
    "endless 503": (endless(b"HTTP/1.1 503 Busy\r\n\r\n", LONG), KEPT),
    "ten informational": (lambda c: c.sendall(b"HTTP/1.1 103 Hints\r\n\r\n" * 10 + OK), DELIVERED),
    "eleven informational": (lambda c: c.sendall(b"HTTP/1.1 103 Hints\r\n\r\n" * 11 + OK), KEPT),
    "redirect": (answer("302 Found\r\nLocation: http://127.0.0.1:1/"), KEPT),
    "redirect to a file": (answer("307 Moved\r\nLocation: file:///etc/passwd"), KEPT),
    "HTML with 200": (answer("200 OK\r\nContent-Type: text/html", b"<html>login</html>"), KEPT),
    "HTML unnamed": (answer("200 OK", b"\n<!DOCTYPE html>"), KEPT),
    "garbage": (lambda c: c.sendall(bytes(range(256)) * 64), KEPT),
    "HTTP/2": (lambda c: c.sendall(b"\0\0\x12\4\0\0\0\0\0" + bytes(18)), KEPT),
    "reset": (reset, KEPT),
    "closed": (lambda _: None, KEPT),
    "half a head": (lambda c: c.sendall(b"HTTP/1.1 200 OK\r\nContent-"), KEPT),
    "proxy's 403": (answer("403 Forbidden", b"<html>"), KEPT),
    "vendor's 401": (answer("401 No", b'{"success":false,"detail":"no"}'), KEPT),
    "429": (answer("429 Slow\r\nRetry-After: 1e999"), KEPT),
    "429 for ever": (answer(f"429 Slow\r\nRetry-After: {'9' * 3_000}"), KEPT),
    "long rate limits": (answer("429 Slow\r\nX-Sentry-Rate-Limits: " + "60:error:organization," * 3_000), KEPT),
    "long date": (answer("503 Busy\r\nRetry-After: Wed, 99 Foo 99999 " + "9" * 3_000), KEPT),
    "deep JSON": (answer("401 No", b'{"a":' * 9_000), KEPT),
    "500": (answer("500 Error"), KEPT),
    "400": (answer("400 Bad"), DROPPED),
}
SLOW: dict[str, tuple[Callable[[socket.socket], None], str]] = {
    "slow head": (drip(b"HTTP/1.1 200 OK\r\nA: "), KEPT),
    "slow body": (drip(b"HTTP/1.1 200 OK\r\n\r\n"), DELIVERED),
    "hangs": (hang, KEPT),
}
REQUESTS: Counter[str] = Counter()
PROGRAM = """
import json, os, resource, sys, time
import telemetry_sdk
class Tick(telemetry_sdk.Event, name="tick"):
    n: int

def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024

def tried(name, port, scheme, timeout):
    os.environ["TELEMETRY_SDK_STATE_DIR"] = os.path.join(sys.argv[1], name.replace("/", "-"))
    os.environ["TELEMETRY_SDK_STATSIG_URL"] = f"{scheme}://127.0.0.1:{port}/v1"
    os.environ["TELEMETRY_SDK_SENTRY_DSN"] = f"{scheme}://key@127.0.0.1:{port}/1"
    client = telemetry_sdk.start(app="acme-agent", version="1.4.2")
    client.log_event(Tick(n=1))
    client.capture_exception(ValueError())
    client.flush_sync(5, to="spool")
    with open("/proc/self/clear_refs", "w") as clear:
        clear.write("5")
    before, cpu = peak(), time.process_time()
    client.flush_sync(timeout)
    found = {"name": name, "cpu_s": time.process_time() - cpu, "mib": peak() - before, "stats": client.stats()}
    client.close(0)
    return found

servers = json.loads(sys.argv[2])
for turn in range(3):  # what is loaded and made once
    for name in ("ordinary", "plain behind https"):
        tried(f"first {turn} {name}", *servers[name])
for name, server in servers.items():
    print(json.dumps(tried(name, *server)), flush=True)
os._exit(0)
"""


def main() -> int:
    """Try every server, and report."""
    full = is_full(__doc__)
    talks = {"ordinary": (lambda c: c.sendall(OK), DELIVERED), **TALKS, **(SLOW if full else {})}
    with tempfile.TemporaryDirectory() as home, contextlib.ExitStack() as stack:
        ports = {
            name: (stack.enter_context(listening(name, talk)), "http", DEADLINE if name in SLOW else TIMEOUT)
            for name, (talk, _) in talks.items()
        }
        ports["plain behind https"] = (ports["ordinary"][0], "https", TIMEOUT)
        found = _tried(home, ports)
    expected = {name: fate for name, (_, fate) in talks.items()} | {"plain behind https": KEPT}
    usual = found["ordinary"]
    broken = []
    for name, one in found.items():
        if _fate(one) != expected[name]:
            broken.append(f"{name}: {_fate(one)}, {one['stats']}")
        if float(str(one["cpu_s"])) - float(str(usual["cpu_s"])) > 2 * CPU:
            broken.append(f"{name}: {one['cpu_s']:.3f} s of CPU")
        if name in talks and not REQUESTS[name]:
            broken.append(f"{name}: no request")
        if float(str(one["mib"])) > MEMORY:
            broken.append(f"{name}: {one['mib']:.1f} MiB")
    most_cpu, most_memory = (max(found.values(), key=lambda one: float(str(one[key]))) for key in ("cpu_s", "mib"))
    return report(
        "servers",
        full=full,
        broken=broken,
        answers=len(found),
        most_cpu_s=[most_cpu["name"], most_cpu["cpu_s"]],
        most_mib=[most_memory["name"], most_memory["mib"]],
    )


def _tried(home: str, ports: dict[str, tuple[int, str, float]]) -> dict[str, dict[str, object]]:
    program = Path(home) / "program.py"
    program.write_text(PROGRAM)
    environ = environment(home, TELEMETRY_SDK_STATSIG_KEY="client-key")
    command = [sys.executable, str(program), home, json.dumps(ports)]
    done = subprocess.run(command, env=environ, cwd=home, capture_output=True, text=True, check=True, timeout=500)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {line["name"]: line for line in lines}


def _fate(one: dict[str, object]) -> str:
    """Return what became of the event and the error; both alike."""
    stats = json.loads(json.dumps(one["stats"]))["directory"]
    counts = {
        KEPT: sum(stats["waiting"].values()),
        DELIVERED: sum(stats["delivered"].values()),
        DROPPED: sum(stats["dropped"].values()),
    }
    return (
        max(counts, key=lambda name: counts[name] if counts[name] == 2 else 0) if 2 in counts.values() else str(counts)
    )


@contextlib.contextmanager
def listening(name: str, talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """Serve on a port of 127.0.0.1: read a request, talk, close."""
    server = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_accept, args=(server, name, talk), daemon=True).start()
    try:
        yield server.getsockname()[1]
    finally:
        server.close()


def _accept(server: socket.socket, name: str, talk: Callable[[socket.socket], None]) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        REQUESTS[name] += 1
        threading.Thread(target=_serve, args=(connection, talk), daemon=True).start()


def _serve(connection: socket.socket, talk: Callable[[socket.socket], None]) -> None:
    with contextlib.suppress(OSError), connection:
        connection.settimeout(30)
        data = b""
        while b"\r\n\r\n" not in data and (more := connection.recv(65_536)):
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        lengths = [int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        while lengths and len(body) < lengths[0] and (more := connection.recv(65_536)):
            body += more
        talk(connection)


if __name__ == "__main__":
    raise SystemExit(main())
