"""A celery application whose task records an event; the broker is a directory."""

from __future__ import annotations

import os
from pathlib import Path

import celery
import celery.signals

import telemetry_sdk

QUEUE = os.environ["ACME_QUEUE"]


class Worked(telemetry_sdk.Event, name="worked"):
    """A task that was done; -1: the application was loaded."""

    n: int


app = celery.Celery("acme_tasks", broker="filesystem://")
app.conf.broker_transport_options = {
    "data_folder_in": QUEUE,
    "data_folder_out": QUEUE,
    "control_folder": QUEUE + "-control",
}
app.conf.broker_connection_retry_on_startup = True
client = telemetry_sdk.start(app="acme-agent", version="1.4.2")
if "ACME_WORKER" in os.environ:
    client.log_event(Worked(n=-1))


@celery.signals.worker_process_shutdown.connect  # type: ignore[untyped-decorator]
def end(**_: object) -> None:
    """Write what waits: the pool ends a child by `os._exit`, which runs no finalizer."""
    client.flush_sync(2, to="spool")


@app.task(ignore_result=True)  # type: ignore[untyped-decorator]
def work(number: int) -> None:
    """Record the number, and note outside of the package that this was done."""
    client.log_event(Worked(n=number))
    try:
        raise LookupError
    except LookupError as error:
        if number == 0:
            client.capture_exception(error)
    with Path(os.environ["ACME_DONE"]).open("a") as done:
        done.write(f"{number} {os.getpid()}\n")


if __name__ == "__main__":
    for number in range(int(os.environ["ACME_TASKS"])):
        work.delay(number)
