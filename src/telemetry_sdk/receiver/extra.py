"""The packages that the extra `telemetry-sdk[receiver]` installs."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

_PACKAGES = frozenset(("jinja2", "starlette", "uvicorn", "h11"))


@contextmanager
def extra_installed() -> Generator[None]:
    """Raise ModuleNotFoundError that names the extra, if an import in the block misses one of its packages."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _PACKAGES:
            raise
        message = "the receiver needs its extra: pip install 'telemetry-sdk[receiver]'"
        raise ModuleNotFoundError(message, name=error.name) from error
