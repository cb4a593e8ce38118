"""A WSGI application that records an event for each request, and an error where it is asked for one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import telemetry_sdk

if TYPE_CHECKING:
    from collections.abc import Callable


class Served(telemetry_sdk.Event, name="served"):
    """A request that was answered; -1: the application was loaded."""

    n: int


client = telemetry_sdk.start(app="acme-agent", version="1.4.2")
client.log_event(Served(n=-1))


def application(environ: dict[str, str], start_response: Callable[..., object]) -> list[bytes]:
    """Record the number that stands in the query."""
    number = int(environ["QUERY_STRING"].removeprefix("n="))
    client.log_event(Served(n=number))
    try:
        raise LookupError
    except LookupError as error:
        if number == 0:
            client.capture_exception(error)
    start_response("200 OK", [("Content-Type", "text/plain"), ("Connection", "close")])
    return [str(os.getpid()).encode()]
