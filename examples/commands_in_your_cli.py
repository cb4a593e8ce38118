"""An application's own command line with the telemetry commands mounted: `acme telemetry status`, and the others.

Without arguments it shows the status.
"""

import sys

import typer

import telemetry_sdk
from telemetry_sdk.cli import Host, app

acme = typer.Typer(add_completion=False)


@acme.command()
def run() -> None:
    """Do the application's own work."""


def main() -> None:
    """Start the client, then run the command: `status` knows the application's policy and destinations."""
    with telemetry_sdk.start(app="acme-agent", version="1.4.2") as client:
        acme.add_typer(app(Host(app="acme-agent", client=lambda: client)), name="telemetry")
        acme(sys.argv[1:] or ["telemetry", "status"], prog_name="acme")


if __name__ == "__main__":
    main()
