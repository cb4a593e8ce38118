"""Prints through which files of the package an event and an error go, from the recording call to the server's 202.

For each kind one JSON line: `files` in which a function is entered, `moves` (a function entered in another file than
the one entered before, per thread), and the `path`, the files in the order of their first use. Counted at the first
delivery of a fresh client, over all threads, a coroutine once. Module bodies, the look at the settings files (once a
second, whatever is recorded), all within these, `_internal` and the receiver do not count.
"""

from __future__ import annotations

import _thread
import argparse
import inspect
import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "telemetry_sdk"
LEFT_OUT = ("_internal", "receiver")
SETTINGS = "CurrentPolicy._look"
ANSWERED = "ReceiverStore.answered"  # the receiver has decided on its answer
TIMEOUT = 30.0  # seconds
KINDS = ("event", "error")


class PathTrace:
    """Collects the files in which functions are entered, on all threads, until the receiver answers."""

    def __init__(self) -> None:
        self.files: dict[str, None] = {}
        self.moves = 0
        self._tracing = False
        self._answered = threading.Event()
        self._last: dict[int, str] = {}
        self._names: dict[str, str | None] = {}
        self._suspended: set[FrameType] = set()

    def watch_threads(self) -> None:
        """Profile every thread that begins from now on, the SDK's too: it starts them by `_thread`."""
        start_new_thread = _thread.start_new_thread

        def start_profiled(function: Callable[..., object], args: tuple[Any, ...], *rest: Any) -> int:
            def profiled(*inner: Any, **named: Any) -> None:
                sys.setprofile(self._profile)
                function(*inner, **named)

            return start_new_thread(profiled, args, *rest)

        _thread.start_new_thread = start_profiled
        threading.setprofile(self._profile)

    def run(self, record: Callable[[], object], flush: Callable[[float], object]) -> bool:
        """Call `record`, then `flush` (untraced) so that it is sent at once; False if no answer comes."""
        self._tracing = True
        sys.setprofile(self._profile)
        record()
        sys.setprofile(None)
        flush(TIMEOUT)
        return self._answered.wait(TIMEOUT)

    def _profile(self, frame: FrameType, event: str, _argument: object) -> None:
        if event != "call" or not self._tracing:
            return
        code = frame.f_code
        if code.co_qualname == ANSWERED:
            self._tracing = False
            self._answered.set()
        name = self._name(code.co_filename)
        if name is None or self._is_resumed(frame) or self._is_elsewhere(frame):
            return
        self.files[name] = None
        thread = _thread.get_ident()
        if self._last.get(thread) not in (name, None):
            self.moves += 1
        self._last[thread] = name

    def _is_resumed(self, frame: FrameType) -> bool:
        """Tell whether a coroutine or generator goes on that was entered before."""
        if not frame.f_code.co_flags & (inspect.CO_COROUTINE | inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR):
            return False
        if frame in self._suspended:
            return True
        self._suspended.add(frame)
        return False

    def _is_elsewhere(self, frame: FrameType) -> bool:
        """Tell whether a frame is, or runs within, a module body of the package or the look at the settings files."""
        outer: FrameType | None = frame
        while outer is not None:
            code = outer.f_code
            if code.co_qualname == SETTINGS or (
                code.co_name == "<module>" and code.co_filename.startswith(str(PACKAGE))
            ):
                return True
            outer = outer.f_back
        return False

    def _name(self, filename: str) -> str | None:
        """Return a file's path in the package; None for those that are not counted."""
        if filename not in self._names:
            path = Path(filename)
            inside = path.relative_to(PACKAGE) if path.is_relative_to(PACKAGE) else None
            counted = inside is not None and inside.parts[0] not in LEFT_OUT
            self._names[filename] = inside.as_posix() if inside is not None and counted else None
        return self._names[filename]


def trace(kind: str) -> dict[str, object]:
    """Record one event or one error with a new client, and return the path of its delivery."""
    import telemetry_sdk
    from telemetry_sdk.receiver import running

    class Tick(telemetry_sdk.Event, name="tick"):
        n: int

    tick = Tick(n=1)

    def record_event() -> None:
        client.log_event(tick)

    def record_error() -> None:
        try:
            int(kind)
        except ValueError:
            client.capture_exception()

    path_trace = PathTrace()
    path_trace.watch_threads()
    with tempfile.TemporaryDirectory() as home, running() as receiver:
        (work := Path(home, "work")).mkdir()
        os.chdir(work)
        os.environ.update(receiver.environment(), HOME=home, USERPROFILE=home, LOCALAPPDATA=home)
        with telemetry_sdk.start(app="trace", version="1.0.0") as client:
            if not path_trace.run(record_event if kind == "event" else record_error, client.flush_sync):
                raise SystemExit(f"trace_record: no answer within {TIMEOUT:.0f} seconds")
            if client.stats()["storage"] != "disk":
                raise SystemExit("trace_record: the state directory is not usable, records were kept in memory")
    files = list(path_trace.files)
    return {"kind": kind, "files": len(files), "moves": path_trace.moves, "path": files}


def main() -> None:
    """Trace each kind in a process of its own: what a first delivery loads is loaded once."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", nargs="?", choices=KINDS, help="trace this kind only, in this process")
    kind: str | None = parser.parse_args().kind
    if kind is not None:
        print(json.dumps(trace(kind)))
        return
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("TELEMETRY_SDK_", "DISABLE_"))}
    for each in KINDS:
        subprocess.run([sys.executable, __file__, each], env=clean, check=True)


if __name__ == "__main__":
    main()
