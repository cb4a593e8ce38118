"""The command `telemetry-sdk`.

Each command is a module with a function `add(commands, host)`, listed in `app`. An application mounts all of them in
its own typer CLI, with its own policy:

    host = telemetry_sdk.cli.Host(app="acme-agent", client=lambda: client)
    its_own.add_typer(telemetry_sdk.cli.app(host), name="telemetry")

Or only those for bug reports: `its_own.add_typer(telemetry_sdk.cli.bug_app(host), name="bug")`. Any other CLI calls
`main` with the arguments.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

from telemetry_sdk._internal.version import VERSION

from .host import Host

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import NoReturn

    import typer

__all__ = ["Host", "MissingExtraError", "app", "bug_app", "main"]


class MissingExtraError(ImportError):
    """The packages of the command line are not installed."""

    def __init__(self, name: str | None) -> None:
        super().__init__(f'{name} is missing; the commands need: pip install "telemetry-sdk[cli]"', name=name)


def main(arguments: Sequence[str] | None = None, *, host: Host | None = None, name: str = "telemetry-sdk") -> NoReturn:
    """Run a command line and exit, with 2 and one line on stderr if its packages are missing. Prints no traceback.

    For an application whose own CLI is not typer's: `arguments` are those after `name` (default: of the process);
    `name` is how its users call the commands, as "acme telemetry".
    """
    from .output import prepare_streams, run

    prepare_streams()
    try:
        commands = app(host)
    except MissingExtraError as error:
        sys.stderr.write(f"telemetry-sdk: {error}\n")
        raise SystemExit(2) from None
    run(lambda: commands(None if arguments is None else list(arguments), prog_name=name))
    raise SystemExit(0)


def app(host: Host | None = None) -> typer.Typer:
    """Return the commands, for an application's own CLI or for `main`; raises `MissingExtraError`."""
    _check_extra()
    import typer

    from . import bug, choice, demo, events, ledger, purge, receive, send, status

    commands = typer.Typer(
        help="What telemetry does on this machine, and how to stop it.",
        no_args_is_help=True,
        add_completion=host is None,  # an application's own name has its own
        context_settings={"help_option_names": ["-h", "--help"]},
        epilog="Exit codes: 0 done, or as expected; 1 failed, or not as expected; 2 a wrong call, or not known here.",
        rich_markup_mode=None,  # with it, typer colours its output even without a terminal
        pretty_exceptions_enable=False,
    )
    commands.callback()(_root_command())
    for command in (status, ledger, purge, choice, events, send, bug, receive, demo):
        command.add(commands, host or Host())
    return commands


def bug_app(host: Host | None = None) -> typer.Typer:
    """Return the commands for bug reports, for an application's own CLI; raises `MissingExtraError`."""
    _check_extra()
    from . import bug

    return bug.bug_app(host or Host())


def _check_extra() -> None:
    """Fail here if the packages of the commands are missing, so that no command fails half-way."""
    try:
        import_module("rich")
        import_module("typer")
    except ImportError as error:
        raise MissingExtraError(error.name) from None


def _print_version(*, wanted: bool) -> None:
    if wanted:
        import typer

        typer.echo(f"telemetry-sdk {VERSION}")
        raise typer.Exit


def _root_command() -> Callable[..., None]:
    """Return the callback of all commands: with one, typer keeps the name of a command that is the only one."""
    import typer

    version = typer.Option(False, "--version", help="Print the version.", is_eager=True, callback=_print_version)

    def root(*, version: bool = version) -> None:
        """Take the options that stand before a command."""

    return root
