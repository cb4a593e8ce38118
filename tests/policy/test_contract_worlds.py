"""Worlds of random files, variables and host choices: the policy is what an oracle of the documented rules says.

A failure prints the seed of its world. `CONTRACT_SEED` and `CONTRACT_WORLDS` in the environment set the first seed and
the number of worlds.
"""

from __future__ import annotations

import os
import random
import secrets
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

from telemetry_sdk._internal.layers import LOCAL
from telemetry_sdk.endpoints import resolve_endpoints

from . import contract_oracle as oracle
from .contract_worlds import ContractWorld

if TYPE_CHECKING:
    from pathlib import Path

# 500, or 25 with Hypothesis's profile `fast`; 5,000 and more before a release
WORLDS = int(os.environ.get("CONTRACT_WORLDS") or 5 * settings().max_examples)
SEED = int(os.environ.get("CONTRACT_SEED") or secrets.randbits(32))
SHARES = 10  # tests


def differences(world: ContractWorld) -> list[str]:
    given, policy = world.given, world.resolve()
    off, withdrawn = oracle.off(given), oracle.withdrawn(given)
    enabled = {name for name in oracle.SERVICES if policy.service(name).enabled}
    shortest, longest = oracle.retention(given)
    found = [
        f"{what}: {actual} instead of {expected}"
        for what, actual, expected in (
            ("off", sorted(oracle.ALL - enabled), sorted(off)),
            ("withdrawn", sorted(policy.withdrawn), sorted(withdrawn)),
            ("silenced", sorted(policy.silenced), sorted(off - withdrawn)),
            ("provider", policy.provider, oracle.provider(given)),
            ("to_json", policy.to_json()["withdrawn"], list(policy.withdrawn)),
            ("mode", policy.mode, oracle.mode(given)),
            ("at_exit", policy.at_exit, oracle.at_exit(given)),
        )
        if actual != expected
    ]
    if policy.retention_days is not None and not shortest <= policy.retention_days <= longest:
        found.append(f"retention: {policy.retention_days} days instead of {shortest} to {longest}")
    return [*found, *missing_reasons(world), *wrong_addresses(world)]


def missing_reasons(world: ContractWorld) -> list[str]:
    """Return the opt-outs that the policy does not name, and the ignored keys that it does not list."""
    policy = world.resolve()
    found = [f"no reason at all for {row.name}" for row in policy.rows if not row.reasons]
    for source, variable, services in oracle.opt_outs(world.given):
        path = str(source.path) if source.path else "process environment"
        found += [
            f"no reason for {service}: {variable} of {path}"
            for service in services
            if (path, variable) not in {(r.source, r.variable) for r in policy.service(service).reasons}
        ]
    for source in world.given.sources:
        if source.layer in oracle.RESTRICTED and not source.broken:
            listed = {reason.variable for reason in policy.ignored if reason.source == str(source.path)}
            found += [
                f"not listed: {n} of {source.path}" for n in oracle.FORBIDDEN if n in source.env and n not in listed
            ]
    return found


def wrong_addresses(world: ContractWorld) -> list[str]:
    """Return the differences of the metrics' endpoint and proxy, where the host names an endpoint or none."""
    host: dict[str, Any] = world.random.choice(
        ({}, {"statsig_key": "client-host", "statsig_url": "https://host.example/v1"})
    )
    names = ("statsig_key", "statsig_url", "sentry_dsn", "bug_report_url", "bug_report_auth")
    policy = world.resolve()
    endpoints, _ = resolve_endpoints(policy, world.environ, **{name: host.get(name) for name in names})
    off = "metrics" in oracle.off(world.given)
    address = None if off else oracle.statsig_address(world.given, host)
    if address is None:
        unsent = policy.mode == LOCAL and not off  # nothing is sent, so no address is needed
        none = endpoints.metrics is None or (unsent and endpoints.metrics.host == "not-sent.invalid")
        return [] if none else [f"an endpoint: {endpoints.metrics}"]
    url, key = address
    actual = endpoints.metrics and (endpoints.metrics.url, endpoints.metrics.key)
    if actual is None or actual != (f"{url}/log_event", key):
        return [f"endpoint: {actual} instead of {address}"]
    proxy = endpoints.metrics.proxy.url if endpoints.metrics and endpoints.metrics.proxy else None
    expected = oracle.proxy_host(world.given)
    return [] if proxy == expected else [f"proxy: {proxy} instead of {expected}"]


@pytest.mark.parametrize("share", range(SHARES))
def test_policy_of_random_worlds_is_what_the_contract_says(tmp_path: Path, share: int) -> None:
    print(f"CONTRACT_SEED={SEED} CONTRACT_WORLDS={WORLDS}")
    for number in range(share, WORLDS, SHARES):
        seed = SEED + number
        root = tmp_path / str(number)
        world = ContractWorld(random.Random(seed), root)
        found = differences(world)
        assert not found, f"world of CONTRACT_SEED={seed} CONTRACT_WORLDS=1:\n{world.describe()}\n" + "\n".join(found)
        shutil.rmtree(root)
