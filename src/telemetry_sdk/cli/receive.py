"""`telemetry-sdk receive`: the embedded receiver in the foreground."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from .host import Host


def add(commands: typer.Typer, host: Host) -> None:  # noqa: ARG001 - every command has this signature
    """Add the command."""

    @commands.command()
    def receive(
        command_line: Annotated[
            list[str] | None, typer.Argument(metavar="[-- COMMAND]", help="Run it; its telemetry comes here.")
        ] = None,
        *,
        port: Annotated[int, typer.Option(min=0, max=65_535, help="A port of 127.0.0.1 (0: a free one).")] = 0,
        database: Annotated[str | None, typer.Option(help="A file that stores what arrives (default: memory).")] = None,
    ) -> None:
        """Receive metrics, errors and bug reports on this machine, until interrupted; prints its addresses.

        With a command: until that ends, with a line for each arrival and each refusal, and with its exit code.
        """
        from telemetry_sdk.receiver import command

        try:
            if command_line:
                raise typer.Exit(command.run(command_line, port, database))
            command.receive(port, database)
        except ModuleNotFoundError as error:
            typer.echo(f"telemetry-sdk: {error}", err=True)
            raise typer.Exit(2) from None
        except OSError as error:
            typer.echo(f"telemetry-sdk: cannot receive: {error.strerror or error}", err=True)
            raise typer.Exit(1) from None
