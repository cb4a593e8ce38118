"""A server that accepts all and notes each request as a JSON line: `<log file> [least] [most]`.

It answers after `least` to `most` seconds.

{"time": seconds, "service": "metrics" | "errors", "ids": [of each event or of the error], "bytes": of the body}
"""

from __future__ import annotations

import gzip
import json
import random
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO


class _NotingHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    log: IO[str]
    slow: tuple[float, float]

    def do_POST(self) -> None:
        """Note the ids and accept."""
        seen = time.time()
        body = gzip.decompress(self.rfile.read(int(self.headers["Content-Length"])))
        service = "metrics" if "log_event" in self.path else "errors"
        line = {"time": seen, "service": service, "ids": _ids(service, body), "bytes": len(body)}
        self.log.write(json.dumps(line) + "\n")
        self.log.flush()
        time.sleep(random.uniform(*self.slow))
        answer = b'{"success":true}'
        self.send_response(202 if service == "metrics" else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


def _ids(service: str, body: bytes) -> list[str]:
    if service == "errors":
        return [json.loads(body.split(b"\n")[0])["event_id"]]
    return [f"{event['metadata']['run']}-{event['metadata']['n']}" for event in json.loads(body)["events"]]


class _QuietServer(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Print nothing: a client was killed."""


def main() -> None:
    """Serve on a free port of the loopback interface, which is printed, until terminated."""
    log_file, least, most = [*sys.argv[1:], "0", "0"][:3]
    with Path(log_file).open("w") as log:
        _NotingHandler.log = log
        _NotingHandler.slow = (float(least), float(most))
        server = _QuietServer(("127.0.0.1", 0), _NotingHandler)
        print(server.server_port, flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
