"""`status --expect metrics=off,errors=on`: for scripts that check an opt-out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from telemetry_sdk._internal.shapes import printable
from telemetry_sdk.policy.explain import describe_reason

if TYPE_CHECKING:
    from telemetry_sdk.policy import Policy

STATES = {"on": True, "off": False}


def parse_expectations(text: str, services: tuple[str, ...]) -> dict[str, bool]:
    """Return whether each named service is expected on; exits with 2 for anything else."""
    expected: dict[str, bool] = {}
    for item in text.split(","):
        name, _, state = (part.strip() for part in item.partition("="))
        if name not in services or state not in STATES:
            raise typer.BadParameter(
                f"expected service=on or service=off of {', '.join(services)}, got {item!r}", param_hint="'--expect'"
            )
        expected[name] = STATES[state]
    return expected


def mismatches(policy: Policy, expected: dict[str, bool], unknown: str) -> list[str]:
    """Return a line for each service that is not as expected, with its reasons.

    `unknown`: why the policy is not the application's own, "" if it is. Then nothing shows that a service is on.
    """
    found: list[str] = []
    for name, on in expected.items():
        row = policy.service(name)
        if row.enabled and on and unknown:
            found.append(printable(f"{name}: expected on, {unknown}"))
        elif row.enabled != on:
            why = "; ".join(describe_reason(reason) for reason in row.reasons)
            states = ("on", "off") if on else ("off", "on")
            found.append(printable(f"{name}: expected {states[0]}, is {states[1]} ({why})"))
    return found
