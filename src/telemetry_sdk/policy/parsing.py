"""Reading JSON at every start: the standard library's scanner, without the package around it.

`json` brings `re` and `enum` along, 6 ms and more; its scanner in C is all that a settings file needs. Where an
interpreter has no such scanner, `json` does the same.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

    Scan = Callable[[str, int], tuple[object, int]]

_BLANKS = " \t\n\r"


class _Rules:
    """What the scanner in C reads of a decoder."""

    strict = True
    object_hook = None

    def __init__(self, pairs: Callable[[list[tuple[str, Any]]], object], number: Callable[[str], object]) -> None:
        self.object_pairs_hook = pairs
        self.parse_int = self.parse_float = number
        self.parse_constant = _refuse


def read_json(text: str, pairs: Callable[[list[tuple[str, Any]]], object], number: Callable[[str], object]) -> object:
    """Return the value of a JSON text: objects through `pairs`, numbers (as text) through `number`, no NaN.

    Raises `ValueError` for what is not JSON, `RecursionError` for what is too deep.
    """
    start = len(text) - len(text.lstrip(_BLANKS))
    try:
        value, end = _scanner(_Rules(pairs, number))(text, start)
    except (StopIteration, SystemError):  # Python 3.11's own scanner, where `json` itself is not loaded
        raise ValueError("is not JSON") from None
    if text[end:].strip(_BLANKS):
        raise ValueError("has something behind the JSON")
    return value


def _scanner(rules: _Rules) -> Scan:
    try:
        from _json import make_scanner
    except ImportError:
        from json import JSONDecoder

        decoder: Any = JSONDecoder(
            object_pairs_hook=rules.object_pairs_hook,
            parse_int=rules.parse_int,
            parse_float=rules.parse_float,
            parse_constant=rules.parse_constant,
        )
        scan: Scan = decoder.scan_once
    else:
        made: Any = make_scanner
        scan = made(rules)
    return scan


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
