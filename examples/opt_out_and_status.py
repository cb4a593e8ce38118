"""Why a service is on or off, and opting out while the program runs."""

import os

import telemetry_sdk


class Beat(telemetry_sdk.Event, name="beat"):
    """The program is alive."""

    count: int


def main() -> None:
    """Show the policy before and after."""
    with telemetry_sdk.start(app="acme-agent", version="1.4.2") as client:
        print(client.policy.explain())
        client.log_event(Beat(count=1))
        client.opt_out("metrics", persist=False)  # without persist=False until `telemetry-sdk opt-in`
        client.log_event(Beat(count=2))
        print(client.policy.explain())
        print(client.stats()["dropped"])
    policy = telemetry_sdk.resolve_policy({**os.environ, "DO_NOT_TRACK": "1"})
    for reason in policy.metrics.reasons:
        print(reason.layer, reason.variable, reason.effect)


if __name__ == "__main__":
    main()
