"""What each stage costs an event on its way, alone on one thread with warm caches: the floor of what a host pays.

    python benchmarks/stages.py [--runs 5]

Processor time in microseconds an event, medians of runs over 20,000 events: cleaning, spooling in slices of 50, reading
and settling full segments, encoding under the payload schema, the body and its ledger line, compressing it, and a
request of 1,000 events to a server that accepts all. The last line is their sum: threads, cold caches and the waits
between slices come on top (benchmarks/host.py).
"""

from __future__ import annotations

import argparse
import gzip
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import anyio
from _measure import print_result, spread

import telemetry_sdk
from telemetry_sdk._internal.diagnostics import Diagnostics
from telemetry_sdk._internal.ids import EventIds, new_uuid
from telemetry_sdk.egress.client import Egress
from telemetry_sdk.encoders.statsig import EventEncoder
from telemetry_sdk.endpoints import Endpoint
from telemetry_sdk.ledger import Ledger
from telemetry_sdk.pipeline.drain import SLICE_EVENTS
from telemetry_sdk.pipeline.processors import clean_event
from telemetry_sdk.spool.batch import BATCH_EVENTS
from telemetry_sdk.spool.disk import DiskSpool
from telemetry_sdk.spool.record_format import RunHeader
from telemetry_sdk.spool.segment_name import DELIVERED
from telemetry_sdk.storage.shared_state import SharedState

if TYPE_CHECKING:
    from collections.abc import Callable

    from telemetry_sdk.spool.batch import Batch

T = TypeVar("T")

EVENTS = 20_000
VERSIONS = dict.fromkeys(("app_version", "sdk_version", "python"), "1.4.2")
METADATA: Any = {
    "user": new_uuid(),
    "session": new_uuid(),
    "app": "acme-agent",
    "os": "Linux",
    "arch": "x86_64",
    "provider": "first-party",
    "environment": None,
    **VERSIONS,
}


class ToolUse(telemetry_sdk.Event, name="tool_use"):
    duration_ms: float
    n: int


class RunMetadata:
    """What the runs of all events have in common."""

    provider = "first-party"

    def of(self, _service: str) -> Any:
        """Return the metadata."""
        return METADATA


class Stages:
    """Times each step of a run; `took`: microseconds an event by stage."""

    def __init__(self, path: str, port: int) -> None:
        self.took: dict[str, float] = {}
        header = RunHeader(RunMetadata(), revocations={}, ledger=True)
        self._spool = DiskSpool(path, SharedState(path), header)
        self._ledger = Ledger(path, "run")
        url = f"http://127.0.0.1:{port}/v1/log_event"
        self._endpoint = Endpoint(
            service="metrics", url=url, host="127.0.0.1", port=port, layer="host", key="client-key", loopback=True
        )

    def run(self) -> None:
        """Take all events through all stages."""
        now, ids, diagnostics = time.time(), EventIds(), Diagnostics()
        raw: list[Any] = [(now, "tool_use", None, {"duration_ms": 12.5, "n": n}) for n in range(EVENTS)]
        clean: Any = self._timed("clean", lambda: [clean_event(one, ids.next(), diagnostics) for one in raw])
        slices = [clean[first : first + SLICE_EVENTS] for first in range(0, EVENTS, SLICE_EVENTS)]
        self._timed("spool", lambda: [self._spool.append("metrics", some) for some in slices])
        batches = self._timed("read and settle", self._read)
        encoder = EventEncoder(METADATA)
        parts: Any = self._timed(
            "encode", lambda: [[encoder.encode(one or b"") for one in batch.payloads] for batch in batches]
        )
        requests = self._timed("body and ledger", lambda: [self._written(encoder, some) for some in parts])
        self._timed("compress", lambda: [gzip.compress(body, 1, mtime=0) for body, _ in requests])
        self._timed("request", lambda: anyio.run(self._post, requests))

    def _timed(self, stage: str, work: Callable[[], T]) -> T:
        began = time.process_time()
        result = work()
        self.took[stage] = (time.process_time() - began) * 1e6 / EVENTS
        return result

    def _read(self) -> list[Batch]:
        batches: list[Batch] = []
        assert self._spool.lock(close_segment=True)
        while (batch := self._spool.take("metrics", BATCH_EVENTS)) is not None:
            batches.append(batch)
            self._spool.settle(batch, [[DELIVERED] * len(segment.payloads) for segment in batch.segments])
        self._spool.unlock()
        return batches

    def _written(self, encoder: EventEncoder, parts: list[bytes]) -> tuple[bytes, dict[str, str]]:
        body, headers = encoder.request(parts, "client-key", 0)
        self._ledger.attempt(service="metrics", host="127.0.0.1", content=body, count=len(parts))
        return body, headers

    async def _post(self, requests: list[tuple[bytes, dict[str, str]]]) -> None:
        egress = Egress()
        for body, headers in requests:
            await egress.post(self._endpoint, headers=headers, body=body[:1], compress=True)
        await egress.aclose()


def main() -> int:
    """Measure all stages and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    runs = [_run() for _ in range(parser.parse_args().runs)]
    for stage in runs[0]:
        print_result(what="stage", stage=stage, us_an_event=spread([run[stage] for run in runs]))
    print_result(what="all stages", us_an_event=round(statistics.median(sum(run.values()) for run in runs), 2))
    return 0


def _run() -> dict[str, float]:
    server = [sys.executable, str(Path(__file__).with_name("_accepting_server.py"))]
    with (
        tempfile.TemporaryDirectory() as path,
        subprocess.Popen(server, stdout=subprocess.PIPE, text=True) as accepting,
    ):
        try:
            assert accepting.stdout is not None
            stages = Stages(path, int(accepting.stdout.readline()))
            stages.run()
        finally:
            accepting.terminate()
    return stages.took


if __name__ == "__main__":
    raise SystemExit(main())
