"""Three places that fail with the same type, and a group."""

from __future__ import annotations

from . import config


class ToolError(Exception):
    """A tool has failed."""


def bash(command: str) -> None:
    """Fail in the first place."""
    raise ToolError(command)


def edit(path: str) -> None:
    """Fail in the second place."""
    raise ToolError(path)


class Reader:
    """A place with a class around it."""

    def read(self, path: str) -> None:
        """Fail in the third place."""
        raise ToolError(path)


PLACES = (bash, edit, Reader().read)


def everything(path: str) -> None:
    """Fail in several ways at once."""
    failures: list[Exception] = []
    for work in (config.configure, bash):
        try:
            work(path)
        except Exception as error:
            failures.append(error)
    raise ExceptionGroup(path, failures)
