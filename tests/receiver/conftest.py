"""A plain HTTP client, and well-formed requests to bend."""

from __future__ import annotations

import gzip
import hashlib
import json
import uuid

import httpx
import pytest


@pytest.fixture
def checked_by_relay():
    """Off: the events here are written by hand, or from other packages."""


@pytest.fixture
def http():
    with httpx.Client(trust_env=False, timeout=30) as client:
        yield client


class Senders:
    """Well-formed requests of each service; every part can be replaced."""

    def __init__(self, receiver, http):
        self.receiver = receiver
        self.http = http

    def metric(self, **changes):
        event = {
            "user": {"userID": "u", "custom": {"app": "acme"}},
            "eventName": "tool_use",
            "value": 1.5,
            "metadata": {"tool": "bash", "event_uuid": uuid.uuid4().hex},
            "time": 1_795_348_137_541,
        }
        return {**event, **changes}

    def metrics(self, *events, content=None, **headers):
        body = json.dumps({"events": list(events), "statsigMetadata": {"sdkType": "t"}}).encode()
        head = {"STATSIG-API-KEY": self.receiver.statsig_key, "Content-Encoding": "gzip", **_names(headers)}
        content = gzip.compress(body, 1) if content is None else content
        return self.http.post(f"{self.receiver.statsig_url}/log_event", content=content, headers=head)

    def error(self, **changes):
        frame = {"function": "load", "module": "acme.config", "lineno": 4, "in_app": True}
        exception = {"type": "ConfigError", "module": "acme", "stacktrace": {"frames": [frame]}}
        event = {
            "event_id": uuid.uuid4().hex,
            "timestamp": "2026-11-20T10:00:00Z",
            "platform": "python",
            "level": "error",
            "exception": {"values": [exception]},
        }
        return {**event, **changes}

    def envelope(self, *events):
        lines = [json.dumps({"sent_at": "2026-11-20T10:00:00.123Z"}).encode()]
        for event in events:
            payload = json.dumps(event).encode()
            lines += [json.dumps({"type": "event", "length": len(payload)}).encode(), payload]
        return b"\n".join(lines) + b"\n"

    def errors(self, *events, content=None, path="/api/1/envelope/", **headers):
        auth = f"Sentry sentry_key={self.receiver.sentry_key}, sentry_version=7, sentry_client=test/1"
        head = {"X-Sentry-Auth": auth, "Content-Type": "application/x-sentry-envelope", **_names(headers)}
        content = self.envelope(*events) if content is None else content
        return self.http.post(f"{self.receiver.url}{path}", content=content, headers=head)

    def bug_report(self, report, *, key="k1", content=None, **headers):
        text = json.dumps(report)
        head = {
            "Authorization": f"Bearer {self.receiver.bug_report_token}",
            "Idempotency-Key": key,
            "X-Content-SHA256": hashlib.sha256(text.encode()).hexdigest(),
            "Content-Encoding": "gzip",
            **_names(headers),
        }
        content = gzip.compress(json.dumps({"content": text}).encode()) if content is None else content
        return self.http.post(self.receiver.bug_report_url, content=content, headers=head)


def _names(headers):
    return {name.replace("_", "-"): value for name, value in headers.items()}


@pytest.fixture
def send(receiver, http):
    return Senders(receiver, http)
