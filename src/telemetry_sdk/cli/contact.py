"""Whom to ask for erasure at the receiver, as the application named it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telemetry_sdk._internal.shapes import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .applications import Application
    from .command_report import CommandReport


def report_contacts(applications: Iterable[Application], report: CommandReport) -> None:
    """Report the contact of each application that named one; what was sent is not deleted from here."""
    found = report.document["contacts"] = {}
    for application in applications:
        if application.stored is not None and application.stored.contact:
            name, contact = application.name or "", application.stored.contact
            found[name] = contact
            report.line(f"{printable(name)}: to have deleted what was sent, give the id to: {printable(contact)}")
