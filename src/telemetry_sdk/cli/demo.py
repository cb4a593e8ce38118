"""`telemetry-sdk demo`: a small agent under every policy; what leaves, and what does not."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Annotated

import typer

from .screen import screen

if TYPE_CHECKING:
    from .host import Host


def add(commands: typer.Typer, host: Host) -> None:  # noqa: ARG001 - every command is added so
    """Add the command."""

    @commands.command()
    def demo(
        *, seed: Annotated[int | None, typer.Option(help="Plant the strings of an earlier run again.")] = None
    ) -> None:
        """Show on this machine what leaves and what does not; exit 1 if anything is not as it must be.

        Nothing of yours is touched, and nothing leaves the machine.
        """
        from telemetry_sdk.demo.show import show

        chosen = random.SystemRandom().randrange(1 << 32) if seed is None else seed
        try:
            well = show(screen(), chosen)
        except ModuleNotFoundError as error:
            typer.echo(f"telemetry-sdk: {error}", err=True)
            raise typer.Exit(2) from None
        if not well:
            raise typer.Exit(1)
