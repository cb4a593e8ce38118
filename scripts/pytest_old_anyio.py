"""A pytest plugin for versions of anyio without `anyio_mode`: runs every coroutine test, as its value "auto" does."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator


def pytest_addoption(parser: pytest.Parser) -> None:
    """Make the option known."""
    parser.addini("anyio_mode", "as in later versions of anyio")


@pytest.hookimpl(wrapper=True)
def pytest_pycollect_makeitem(obj: object) -> Generator[None, object, object]:
    """Mark coroutine functions before anyio's own plugin looks at them."""
    if inspect.iscoroutinefunction(obj):
        pytest.mark.anyio(obj)
    return (yield)
