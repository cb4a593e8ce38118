"""What several commands share of their arguments."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from telemetry_sdk.options import is_app

if TYPE_CHECKING:
    from collections.abc import Iterable

AppOption: TypeAlias = Annotated[
    str | None, typer.Option(metavar="NAME", help="One application (default: all, or the one that is found).")
]


def checked_app(app: str | None) -> str | None:
    """Return the value of `--app`; exits with 2 for one that can be no application's name."""
    if app is not None and not is_app(app):
        expected = "expected an application's name (a-z, A-Z, 0-9, . _ -)"
        raise typer.BadParameter(f"{expected}, got {app!r}", param_hint="'--app'")
    return app


def check_known(app: str | None, known: Iterable[str]) -> None:
    """Exit with 2 for an application that has no state here; names one that is written alike."""
    names = sorted(known)
    if app is not None and app not in names:
        near = near_name(app, names)
        hint = f"; did you mean {near}?" if near else f"; known here: {', '.join(names) or 'none'}"
        raise typer.BadParameter(f"no application {app!r} has state here{hint}", param_hint="'--app'")


def near_name(app: str, names: Iterable[str]) -> str:
    """Return the name that may be meant: one spelt alike, or of which the given one is a part; "" if there is none."""
    known = sorted(names)
    longer = [name for name in known if app.lower() in name.lower() or name.lower() in app.lower()]
    return next(iter(get_close_matches(app, known, 1) or longer), "")


def opt_out_command(context: typer.Context, app: str | None) -> str:
    """Return the command line that turns an application's services off; `app` None: those of all."""
    return f"{command_prefix(context)} opt-out" + (f" --app {app}" if app is not None else "")


def command_prefix(context: typer.Context) -> str:
    """Return how the user calls the commands: `telemetry-sdk`, or as the application mounts them."""
    return context.parent.command_path if context.parent is not None else context.command_path
