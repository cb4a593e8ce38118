"""What the commands share: a server that notes what arrives, a program's environment, the JSON line."""

from __future__ import annotations

import argparse
import gzip
import json
import os
import re
import sys
import threading
import time
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

DECIDES = ("DISABLE_", "DO_NOT_TRACK", "CLAUDE_CODE_", "TELEMETRY_SDK_", "SENTRY_", "STATSIG_", "XDG_")
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
NUMBER = re.compile(rb'"n":(\d+)')
EVENT_ID = re.compile(rb'"event_id":\s*"(\w+)"')


class Server:
    """Accepts everything on 127.0.0.1. `errors`: how many envelopes arrived.

    `events` and `error_ids`: how often each number `n`, and each error by its id, arrived.
    `status` answers metrics and errors alike while it is not 200.
    """

    def __init__(self) -> None:
        self.events: Counter[int] = Counter()
        self.errors = 0
        self.error_ids: Counter[bytes] = Counter()
        self.requests = 0
        self.began_at: list[float] = []  # when requests began, seconds since the epoch
        self.at_once = self.most_at_once = 0
        self.status = 200
        self.headers: dict[str, str] = {}
        self.delay = 0.0  # seconds before a response
        self.answers = threading.Event()  # cleared: requests wait for their response
        self.answers.set()
        self._lock = threading.Lock()
        self._http = _QuietServer(("127.0.0.1", 0), _handler(self))

    @property
    def environment(self) -> dict[str, str]:
        """The variables that send a program here."""
        base = f"127.0.0.1:{self._http.server_port}"
        return {
            "TELEMETRY_SDK_STATSIG_KEY": "client-key",
            "TELEMETRY_SDK_STATSIG_URL": f"http://{base}/v1",
            "TELEMETRY_SDK_SENTRY_DSN": f"http://key@{base}/1",
        }

    def began(self) -> None:
        """Count a request under way."""
        with self._lock:
            self.began_at.append(time.time())
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)

    def received(self, path: str, body: bytes) -> None:
        """Note a request that is accepted."""
        with self._lock:
            self.at_once -= 1
            self.requests += 1
            if self.status != 200:
                return
            if "log_event" in path:
                self.events.update(int(number) for number in NUMBER.findall(body))
            else:
                self.errors += 1
                self.error_ids.update(EVENT_ID.findall(body)[:1])

    def serve(self) -> None:
        """Serve until stopped."""
        self._http.serve_forever(poll_interval=0.05)

    def stop(self) -> None:
        """Stop serving."""
        self._http.shutdown()
        self._http.server_close()


class _QuietServer(ThreadingHTTPServer):
    request_queue_size = 64

    def handle_error(self, *_: object) -> None:
        """Print nothing: a client was killed."""


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            server.began()
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            server.answers.wait()
            time.sleep(server.delay)
            server.received(self.path, body)
            answer = b'{"success":true}'
            self.send_response(server.status)
            for name, value in {**server.headers, "Content-Length": str(len(answer))}.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    return Handler


@contextmanager
def serving() -> Iterator[Server]:
    """Run a server in a thread."""
    server = Server()
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join()


def environment(home: str, **more: str) -> dict[str, str]:
    """Return this process's environment without what decides about telemetry; bytecode is cached, as for a user."""
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith((*DECIDES, *PROXIES))}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return {**kept, "HOME": home, "USERPROFILE": home, **more}


def is_full(description: str | None) -> bool:
    """Read the arguments of a command that has a small and a full size."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="the full size")
    return bool(parser.parse_args().full)


def bound(figure: float) -> float:
    """Return a promised figure at the full size; ten times as much at the small one, which runs on busy machines."""
    return figure if "--full" in sys.argv else 10 * figure


def report(what: str, *, full: bool, broken: list[str], **figures: object) -> int:
    """Print one JSON line; return the exit status: 1 if a promise is broken."""
    line = {"what": what, "full": full, "python": sys.version.split()[0], **figures, "ok": not broken}
    print(json.dumps(line if not broken else {**line, "broken": broken[:20], "broken_count": len(broken)}), flush=True)
    return 1 if broken else 0
