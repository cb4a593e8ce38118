"""Delivery to the IPv6 loopback address, given as a literal."""

from __future__ import annotations

import pytest

from tests.accepting import accepting


@pytest.mark.timeout(60)
def test_records_arrive_over_the_ipv6_loopback_address(program):
    with accepting("::1") as server:
        base = f"[::1]:{server.server_port}"
        done = program(
            "client.log_event(Tick(n=1))\n"
            "client.capture_exception(ValueError())\n"
            "print(client.flush_sync(20), client.stats()['directory']['delivered'])\n",
            TELEMETRY_SDK_STATSIG_URL=f"http://{base}/v1",
            TELEMETRY_SDK_SENTRY_DSN=f"http://0123456789abcdef0123456789abcdef@{base}/1",
        )
    assert done.err == ""
    assert done.out.startswith("True ")
    assert "'metrics': 1" in done.out
    assert "'errors': 1" in done.out
    assert sorted(path for path, _ in server.bodies) == ["/api/1/envelope/", "/v1/log_event"]
