"""Metric events and an error. Endpoints come from the environment: `telemetry-sdk receive` prints them."""

from typing import Literal

import telemetry_sdk


class ToolUse(telemetry_sdk.Event, name="tool_use"):
    """A tool was used."""

    tool: Literal["bash", "edit", "read"]
    duration_ms: float
    ok: bool


class ConfigError(Exception):
    """The agent's settings cannot be read."""


def load(path: str) -> None:
    """Fail as programs do: with a path, and with a cause."""
    try:
        with open(path, encoding="utf-8"):
            pass
    except OSError as error:
        raise ConfigError(f"could not open {path}") from error


def main() -> None:
    """Record, and tell what became of it."""
    with telemetry_sdk.start(app="acme-agent", version="1.4.2", environment="production") as client:
        with client.measure(ToolUse, tool="read"):
            sum(range(1000))
        client.log_event("tool_use", metadata={"tool": "bash", "duration_ms": 12.5, "ok": False})
        try:
            load("/home/someone/secret plans.toml")
        except ConfigError:
            event_id = client.capture_exception()
        print("error", event_id)
        print("delivered", client.flush_sync(timeout=10))
        print(client.stats())


if __name__ == "__main__":
    main()
