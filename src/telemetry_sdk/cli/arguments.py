"""What several commands share of their arguments."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from telemetry_sdk.options import is_app

AppOption: TypeAlias = Annotated[str | None, typer.Option(help="One application's (default: all found).")]


def checked_app(app: str | None) -> str | None:
    """Return the value of `--app`; exits with 2 for one that can be no application's name."""
    if app is not None and not is_app(app):
        expected = "expected an application's name (a-z, A-Z, 0-9, . _ -)"
        raise typer.BadParameter(f"{expected}, got {app!r}", param_hint="'--app'")
    return app


def opt_out_command(context: typer.Context, app: str | None) -> str:
    """Return the command line that turns an application's services off; `app` None: those of all."""
    return f"{command_prefix(context)} opt-out" + (f" --app {app}" if app is not None else "")


def command_prefix(context: typer.Context) -> str:
    """Return how the user calls the commands: `telemetry-sdk`, or as the application mounts them."""
    return context.parent.command_path if context.parent is not None else context.command_path
