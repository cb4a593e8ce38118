"""What strict mode refuses of the arguments of `capture_exception`, which else are ignored."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from ..sanitizer.error_record import LEVELS

if TYPE_CHECKING:
    from collections.abc import Mapping


def check_error(
    error: object, level: object, tags: Mapping[str, str] | None, registered: Mapping[str, frozenset[str]]
) -> None:
    """Raise `TypeError` for what is no exception, `ValueError` for a level or a tag that is not known."""
    if isinstance(error, type):
        raise TypeError(f"capture_exception() takes an exception, got the class {error.__name__}: raise or call it")
    if error is not None and not isinstance(error, BaseException):
        raise TypeError(f"capture_exception() takes an exception, got {type(error).__name__}")
    if level not in LEVELS:
        raise ValueError(f"level {level!r} is unknown{_near(level, LEVELS)}; expected one of {sorted(LEVELS)}")
    for name, value in (tags or {}).items():
        if name not in registered:
            raise ValueError(f"tag {name!r} is not registered{_near(name, registered)}; start(tags=...) registers it")
        if value not in registered[name]:
            raise ValueError(f"tag {name!r} takes one of {sorted(registered[name])}, got {value!r}")


def _near(value: object, known: Mapping[str, object] | frozenset[str] | set[str] | tuple[str, ...]) -> str:
    near = get_close_matches(str(value), list(known), 1)
    return f", did you mean {near[0]!r}?" if near else ""
