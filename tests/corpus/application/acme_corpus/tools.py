"""What the application does, and how it fails."""

from __future__ import annotations

import json
from pathlib import Path


class ToolError(Exception):
    """A tool has failed."""


class Tool:
    """Runs a call of somebody else's."""

    def run(self, name, call):
        """Run it."""
        try:
            return call()
        except Exception as error:
            raise ToolError(f"tool {name} failed") from error


def read(path):
    """Read a file."""
    return Path(path).read_text(encoding="utf-8")


def parse(text):
    """Parse JSON."""
    return json.loads(text)


def chained(text):
    """Fail three times over."""
    try:
        try:
            parse(text)
        except ValueError as error:
            raise KeyError(text) from error
    except KeyError:
        raise ToolError(f"nothing could be parsed of {text!r}")  # noqa: B904


def grouped(*texts):
    """Fail in a group."""
    errors = []
    for text in texts:
        try:
            parse(text)
        except ValueError as error:
            errors.append(error)
    raise ExceptionGroup("all of %s failed" % (texts,), errors)  # noqa: UP031 - one of the ways to write a message


def deep(depth, text):
    """Fail deep down."""
    if depth:
        return deep(depth - 1, text)
    raise ToolError("too deep: " + text)
