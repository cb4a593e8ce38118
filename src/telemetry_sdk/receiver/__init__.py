"""An embedded receiver for tests and demos: Statsig, Sentry and bug reports over HTTP on loopback.

    with telemetry_sdk.receiver.running() as receiver:
        client = telemetry_sdk.start(..., statsig_url=receiver.statsig_url, statsig_key=receiver.statsig_key)
        ...
        assert receiver.wait_for(metrics=1)

It decodes, checks and stores what arrives, and refuses what the vendors would refuse, with their statuses.
Needs the extra `telemetry-sdk[receiver]`.
"""

from __future__ import annotations

from .limits import Limits
from .receiver import BugReport, EnvelopeItem, ReceivedRequest, Receiver
from .running import running

__all__ = ["BugReport", "EnvelopeItem", "Limits", "ReceivedRequest", "Receiver", "running"]
