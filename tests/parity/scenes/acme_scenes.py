"""The same failures for every client: `report` captures the exception that is being handled."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class ConfigError(Exception):
    """The configuration cannot be used."""


def load(name: str) -> None:
    """Fail plainly."""
    raise ConfigError(f"no {name}")


def chain(name: str) -> None:
    """Fail with a cause."""
    try:
        load(name)
    except ConfigError as error:
        raise ValueError(name) from error


def group(name: str) -> None:
    """Fail in several ways at once."""
    failures: list[Exception] = []
    for work in (load, chain):
        try:
            work(name)
        except (ConfigError, ValueError) as error:
            failures.append(error)
    raise ExceptionGroup(name, failures)


def handled(report: Callable[[], object]) -> None:
    """Report each failure, in order."""
    for work in (load, chain, group):
        try:
            work("settings")
        except (ConfigError, ValueError, ExceptionGroup):
            report()
