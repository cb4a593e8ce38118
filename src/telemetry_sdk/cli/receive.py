"""`telemetry-sdk receive`: the embedded receiver in the foreground."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from .output import describe_error

if TYPE_CHECKING:
    from collections.abc import Generator

    from .host import Host


def add(commands: typer.Typer, host: Host) -> None:  # noqa: ARG001 - every command has this signature
    """Add the command."""

    @commands.command()
    def receive(
        command_line: Annotated[
            list[str] | None, typer.Argument(metavar="-- COMMAND", help="Run it; its telemetry comes here.")
        ] = None,
        *,
        port: Annotated[int, typer.Option(min=0, max=65_535, metavar="N", help="A port (0: a free one).")] = 0,
        database: Annotated[
            str | None, typer.Option(metavar="FILE", help="A file that stores what arrives (default: memory).")
        ] = None,
    ) -> None:
        """Show on this machine what a program sends, instead of sending it.

        Prints its addresses and a line for each arrival and each refusal, until interrupted. With a command: until that
        ends, and with its exit code.
        """
        from telemetry_sdk.receiver import command

        with receiver_errors("receive"):
            if command_line:
                raise typer.Exit(command.run(command_line, port, database))
            command.receive(port, database)


@contextmanager
def receiver_errors(action: str) -> Generator[None]:
    """Exit with 2 and one line on stderr without the receiver's packages, with 1 if the system refuses something."""
    try:
        yield
    except ModuleNotFoundError as error:
        typer.echo(f"telemetry-sdk: {error}", err=True)
        raise typer.Exit(2) from None
    except OSError as error:
        typer.echo(f"telemetry-sdk: cannot {action}: {describe_error(error)}", err=True)
        raise typer.Exit(1) from None
    except sqlite3.DatabaseError as error:
        typer.echo(f"telemetry-sdk: cannot {action}: {error}; name another file for --database", err=True)
        raise typer.Exit(1) from None
