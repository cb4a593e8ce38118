"""The programs whose exits are measured. Arguments: "without" us or an `at_exit`; the seconds until the end.

With us and without it is the same file, so that a traceback is the same text.
"""

from __future__ import annotations

import textwrap

PROGRAM = """\
import os, signal, sys, time
{import_loop}
AT_EXIT, PAUSE = sys.argv[1], float(sys.argv[2])
if AT_EXIT != "without":
    import telemetry_sdk

    class Tick(telemetry_sdk.Event, name="tick"):
        n: int

    client = telemetry_sdk.start(app="acme-agent", version="1.4.2", at_exit=AT_EXIT)
    for n in range(20):
        client.log_event(Tick(n=n))
    try:
        1 / 0
    except ZeroDivisionError:
        client.capture_exception()

{main}
"""
SYNCHRONOUS = "time.sleep(PAUSE)\n{end}"
ASYNC = """\
async def main():
    await {loop}.sleep(PAUSE)
{end}

{loop}.run({main})
"""
ENDS = {
    "returns": "pass",
    "closes": "if AT_EXIT != 'without':\n    client.close()",
    "sys.exit": "sys.exit(3)",
    "exception": "raise LookupError('the host')",
    "SIGINT": "os.kill(os.getpid(), signal.SIGINT)\n{sleep}(10)",
    "SIGTERM": "os.kill(os.getpid(), signal.SIGTERM)\n{sleep}(10)",
    "os._exit": "os._exit(4)",
}


def source(end: str, loop: str) -> str:
    """Return a program's text."""
    if loop == "synchronous":
        return PROGRAM.format(import_loop="", main=SYNCHRONOUS.format(end=ENDS[end].format(sleep="time.sleep")))
    text = textwrap.indent(ENDS[end].format(sleep=f"await {loop}.sleep"), "    ")
    main = ASYNC.format(loop=loop, end=text, main="main()" if loop == "asyncio" else "main")
    return PROGRAM.format(import_loop=f"import {loop}", main=main)
