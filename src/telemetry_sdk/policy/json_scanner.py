"""Parses JSON with the C scanner of the standard library.

Importing `json` also imports `re` and `enum`, which takes 6 ms or more at every start. Interpreters without the C
scanner use `json`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

    Scan = Callable[[str, int], tuple[object, int]]

_WHITESPACE = " \t\n\r"


class _DecoderOptions:
    """The attributes of a decoder that the C scanner reads."""

    strict = True
    object_hook = None

    def __init__(self, pairs: Callable[[list[tuple[str, Any]]], object], number: Callable[[str], object]) -> None:
        self.object_pairs_hook = pairs
        self.parse_int = self.parse_float = number
        self.parse_constant = _refuse


def read_json(text: str, pairs: Callable[[list[tuple[str, Any]]], object], number: Callable[[str], object]) -> object:
    """Parse a JSON text: `pairs` builds objects, `number` builds numbers from their text; NaN is an error.

    Raises `ValueError` for invalid JSON, `RecursionError` for too deep nesting.
    """
    start = len(text) - len(text.lstrip(_WHITESPACE))
    try:
        value, end = _scanner(_DecoderOptions(pairs, number))(text, start)
    except (StopIteration, SystemError):  # raised by Python 3.11's scanner while `json` is not imported
        raise ValueError("is not JSON") from None
    if text[end:].strip(_WHITESPACE):
        raise ValueError("has content after the JSON value")
    return value


def _scanner(options: _DecoderOptions) -> Scan:
    try:
        from _json import make_scanner
    except ImportError:
        from json import JSONDecoder

        decoder: Any = JSONDecoder(
            object_pairs_hook=options.object_pairs_hook,
            parse_int=options.parse_int,
            parse_float=options.parse_float,
            parse_constant=options.parse_constant,
        )
        scan: Scan = decoder.scan_once
    else:
        made: Any = make_scanner
        scan = made(options)
    return scan


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
