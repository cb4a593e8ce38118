"""Whom to ask for erasure at the receiver, as the application named it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from telemetry_sdk._internal.shapes import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .applications import Application


def print_contacts(applications: Iterable[Application]) -> None:
    """Print the contact of each application that named one; what was sent is not deleted from here."""
    for application in applications:
        if application.stored is not None and application.stored.contact:
            name = printable(application.name or "")
            contact = printable(application.stored.contact)
            typer.echo(f"{name}: to have deleted what was sent, give the id to: {contact}")
