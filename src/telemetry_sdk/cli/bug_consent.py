"""Shows a preview, in a pager where there is a terminal, and asks the user whether to send it."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import typer

from telemetry_sdk._internal.shapes import printable

from .screen import screen

if TYPE_CHECKING:
    from telemetry_sdk.bug_report import BugReportDraft, Preview

_YES, _NO, _KEEP = {"y", "yes", "s", "send"}, {"n", "no", "d", "delete"}, {"k", "keep"}


def is_terminal() -> bool:
    """Whether a person reads and types here."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def show_preview(
    draft: BugReportDraft, preview: Preview, problem: str = "", *, as_json: bool = False, asks: bool = False
) -> None:
    """Show what would be sent; `problem`: why it cannot be from here. And how to send it, unless `ask` follows."""
    if as_json:
        typer.echo(json.dumps(preview.to_json()))
        return
    text = preview.render()
    if is_terminal():
        console = screen()
        with console.pager(styles=False):
            console.print(text, soft_wrap=True)
    else:
        typer.echo(text)
    if problem:
        typer.echo(f"It cannot be sent from here: {printable(problem)}.")
    elif draft.path is None:
        pass  # no other command finds it
    elif preview.host is None:
        typer.echo(f"It can only be saved: {draft.context.command} save {draft.short_id}")
    elif not asks:
        typer.echo(f"To send it: {draft.context.command} send {draft.short_id} --consent {preview.sha256}")


def ask(draft: BugReportDraft, preview: Preview) -> bool:
    """Ask whether to send a draft; True if so. A declined draft is deleted at once, unless it is to be kept."""
    while True:
        answer = typer.prompt(f"Send it to {preview.host}? [send/keep/delete]").strip().lower()
        if answer in _YES:
            return True
        if answer in _NO:
            draft.delete()
            typer.echo("Not sent; the draft is deleted.")
            return False
        if answer in _KEEP:
            typer.echo(f"Not sent. Send it with: {draft.context.command} send {draft.short_id}")
            return False
