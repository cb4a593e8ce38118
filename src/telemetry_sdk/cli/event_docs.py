"""What an event and its fields mean, in the words of the class that declares them."""

from __future__ import annotations

import ast
import inspect
import textwrap
from itertools import pairwise
from typing import Any, get_type_hints

from telemetry_sdk.events import Event


def description(event: type[Event]) -> str:
    """Return the class's own docstring, "" without one."""
    return inspect.cleandoc(vars(event).get("__doc__") or "")


def meanings(event: type[Event]) -> dict[str, str]:
    """Return the meaning of each field that has one, by its name.

    It is the string below the field, or one in `Annotated[float, "seconds until the answer"]` (PEP 727's `Doc`, too).
    """
    found: dict[str, str] = {}
    for base in reversed(event.__mro__):
        if issubclass(base, Event) and base is not Event:
            found |= _strings_below_fields(base)
    return found | _annotated(event)


def _strings_below_fields(base: type[Event]) -> dict[str, str]:
    try:
        [declared] = ast.parse(textwrap.dedent(inspect.getsource(base))).body
    except (OSError, TypeError, ValueError, SyntaxError):  # no source here: a frozen application
        return {}
    body = declared.body if isinstance(declared, ast.ClassDef) else []
    found: dict[str, str] = {}
    for field, below in pairwise(body):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                found[name] = inspect.cleandoc(text)
            case _:
                pass
    return found


def _annotated(event: type[Event]) -> dict[str, str]:
    try:
        hints = get_type_hints(event, include_extras=True)
    except Exception:  # a name that is known where the class stands, not here
        return {}
    return {name: text for name, hint in hints.items() if (text := _text(hint))}


def _text(hint: Any) -> str:
    texts = [getattr(extra, "documentation", extra) for extra in getattr(hint, "__metadata__", ())]
    return next((text for text in texts if isinstance(text, str)), "")
