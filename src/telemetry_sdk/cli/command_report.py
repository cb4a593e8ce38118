"""What a command did: lines for people as they come, or with `--json` one document at its end."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Self, TypeAlias

import typer

if TYPE_CHECKING:
    from types import TracebackType

JsonOption: TypeAlias = Annotated[bool, typer.Option("--json", help="The same as JSON, for programs.")]


@dataclass(slots=True)
class CommandReport:
    """Collects `document` and prints it at the end of a `with` block, also of one that a `typer.Exit` leaves.

    Problems go to stderr in both forms.
    """

    as_json: bool
    document: dict[str, Any] = field(default_factory=dict)

    def line(self, text: str) -> None:
        """Print a line for people."""
        if not self.as_json:
            typer.echo(text)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        if self.as_json and (kind is None or issubclass(kind, typer.Exit)):
            sys.stdout.write(json.dumps(self.document, indent=2) + "\n")


def print_problem(text: str) -> None:
    """Print a line to stderr."""
    typer.echo(text, err=True)
