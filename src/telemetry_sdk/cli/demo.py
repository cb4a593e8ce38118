"""`telemetry-sdk demo`: a small agent under each policy; what leaves, and what does not."""

from __future__ import annotations

import random
import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from .host import Host


def add(commands: typer.Typer, host: Host) -> None:  # noqa: ARG001 - every command has this signature
    """Add the command."""

    @commands.command()
    def demo(
        *,
        seed: Annotated[int | None, typer.Option(metavar="N", help="Plant an earlier run's strings.")] = None,
    ) -> None:
        """Show on this machine what leaves and what does not.

        Nothing of yours is touched, and nothing leaves the machine. Exits with 1 if an expectation fails.
        """
        from telemetry_sdk.demo.show import show

        chosen = random.SystemRandom().randrange(1 << 32) if seed is None else seed
        try:
            holds = show(chosen, sys.stdout)
        except ModuleNotFoundError as error:
            typer.echo(f"telemetry-sdk: {error}", err=True)
            raise typer.Exit(2) from None
        if not holds:
            raise typer.Exit(1)
