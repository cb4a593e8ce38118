"""Reads message templates from raise expressions: which parts of a message are literals.

    raise ConfigError(f"could not open config {path} for model")  ->  ("could not open config ", None, " for model")

Evaluates the byte code of that one expression over its literals: strings, f-strings, `%`, `format` and `+`. A constant
that is not joined into the call's first argument (of another argument, a tuple, a subscript, a format specification)
is never part of the message. An expression that is not understood, such as a branch, has no template.
"""

from __future__ import annotations

import sys
from opcode import opname

from .templates import braced, merged, percent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType

    from .templates import Parts

    Position = tuple[int, int, int, int]

MAX_CODE = 32_768  # bytes of byte code: longer functions are generated
MAX_EXPRESSION = 2_000  # code units of one raise expression, caches included
UNIT = 2  # bytes of an instruction
_FLAGGED = sys.version_info >= (3, 12)  # LOAD_ATTR has taken over LOAD_METHOD
_FLAGS_POP = sys.version_info < (3, 13)  # MAKE_FUNCTION takes what its flags name
_ADD, _REMAINDER = (0, 13), (6, 19)  # of BINARY_OP, the in-place ones too
_WITH_SPEC = 4  # of FORMAT_VALUE's flags

_SILENT = frozenset(("EXTENDED_ARG", "CACHE", "NOP", "PRECALL", "RESUME", "COPY_FREE_VARS"))
_PUSHES = {
    **dict.fromkeys(("LOAD_FAST", "LOAD_FAST_CHECK", "LOAD_FAST_BORROW", "LOAD_NAME", "LOAD_DEREF", "LOAD_CLOSURE"), 1),
    **dict.fromkeys(("LOAD_CLASSDEREF", "PUSH_NULL", "LOAD_SMALL_INT", "LOAD_COMMON_CONSTANT", "COPY"), 1),
    **dict.fromkeys(("LOAD_FAST_LOAD_FAST", "LOAD_FAST_BORROW_LOAD_FAST_BORROW"), 2),
}
_POPS = {  # and push one unknown value
    **dict.fromkeys(("UNARY_NEGATIVE", "UNARY_NOT", "UNARY_INVERT", "TO_BOOL", "GET_ITER", "CONVERT_VALUE"), 1),
    **dict.fromkeys(("BINARY_SUBSCR", "COMPARE_OP", "IS_OP", "CONTAINS_OP", "SET_FUNCTION_ATTRIBUTE"), 2),
    "BINARY_SLICE": 3,
}
_BUILDS = {
    "BUILD_TUPLE": 1,
    "BUILD_LIST": 1,
    "BUILD_SET": 1,
    "BUILD_SLICE": 1,
    "BUILD_MAP": 2,
    "BUILD_CONST_KEY_MAP": 1,
}
_HOLE: Parts = (None,)


class _NotUnderstood(Exception):
    """The expression holds something else than literals, names and calls."""


class _Value:
    """A value on the stack: a text's parts, a method's name, a call's first argument, or nothing known."""

    __slots__ = ("first", "method", "parts", "words")

    def __init__(
        self, parts: Parts | None = None, *, method: str = "", first: _Value | None = None, words: int = 0
    ) -> None:
        self.parts = parts
        self.method = method
        self.first = first
        self.words = words  # of a tuple of names: how many


def message_parts(code: CodeType, at: int) -> Parts | None:
    """Return the parts of the message that the raise instruction at the byte offset `at` gives, or None."""
    raw = code.co_code
    if not 0 <= at < len(raw) <= MAX_CODE or opname[raw[at]] != "RAISE_VARARGS":
        return None
    machine = _Machine(code)
    try:
        for name, argument in _expression(code, raw, at):
            machine.step(name, argument)
    except (_NotUnderstood, IndexError):  # an empty stack, too: not understood
        return None
    if not machine.stack or len(machine.stack) != raw[at + 1]:
        return None
    first = machine.stack[0].first  # the cause, if there is one, lies above
    parts = first.parts if first is not None else None
    return merged(parts) if parts is not None else None


def raises(code: CodeType, line: int) -> Iterator[int]:
    """Yield the byte offsets of the raise instructions of a line."""
    raw = code.co_code
    if len(raw) > MAX_CODE:
        return
    for begin, end, number in code.co_lines():
        if number == line:
            yield from (at for at in range(begin, end, UNIT) if opname[raw[at]] == "RAISE_VARARGS")


def _expression(code: CodeType, raw: bytes, at: int) -> Iterator[tuple[str, int]]:
    """Yield name and argument of the instructions of the raise statement before its own, in their order."""
    positions = list(code.co_positions())
    whole = _position(positions[at // UNIT])
    begin = at
    while begin and whole is not None and _within(_position(positions[begin // UNIT - 1]), whole):
        begin -= UNIT
        if at - begin > MAX_EXPRESSION * UNIT:
            raise _NotUnderstood
    extended = 0
    for offset in range(begin, at, UNIT):
        name, argument = opname[raw[offset]], raw[offset + 1] | extended << 8
        extended = argument if name == "EXTENDED_ARG" else 0
        if name not in _SILENT:
            yield name, argument


def _position(found: tuple[int | None, ...]) -> Position | None:
    line, end_line, column, end_column = found
    if line is None or end_line is None or column is None or end_column is None:
        return None
    return line, column, end_line, end_column


def _within(inner: Position | None, outer: Position) -> bool:
    return inner is not None and inner[:2] >= outer[:2] and inner[2:] <= outer[2:]


class _Machine:
    """Evaluates an expression over the known values. Raises `_NotUnderstood` for any other instruction."""

    def __init__(self, code: CodeType) -> None:
        self._code = code
        self._keywords = 0
        self.stack: list[_Value] = []

    def step(self, name: str, argument: int) -> None:
        """Run one instruction."""
        special = _SPECIAL.get(name)
        if name in _PUSHES:
            self.stack += [_Value() for _ in range(_PUSHES[name])]
        elif special is not None:
            special(self, argument)
        elif name in _POPS:
            self._replace(_POPS[name], _Value())
        elif name in _BUILDS:
            self._replace(argument * _BUILDS[name] + (name == "BUILD_CONST_KEY_MAP"), _Value())
        else:
            raise _NotUnderstood

    def constant(self, argument: int) -> None:
        found = self._code.co_consts[argument]
        words = len(found) if type(found) is tuple else 0
        self.stack.append(_Value((found,)) if type(found) is str else _Value(words=words))

    def loaded(self, argument: int) -> None:
        """Push a global, and a null beside it where it is called."""
        self.stack += [_Value() for _ in range(1 + (argument & 1))]

    def method(self, argument: int) -> None:
        owner = self.stack.pop()
        self.stack += [_Value(owner.parts, method=self._code.co_names[argument]), _Value()]

    def attribute(self, argument: int) -> None:
        if _FLAGGED and argument & 1:
            self.method(argument >> 1)
        else:
            self._replace(1, _Value())

    def keyword_names(self, argument: int) -> None:
        self._keywords = len(self._code.co_consts[argument])

    def call_with_keywords(self, argument: int) -> None:
        self._keywords = self.stack.pop().words
        self.call(argument)

    def call(self, argument: int) -> None:
        """Take the arguments, and below them the callable with the null or the self beside it."""
        keywords, self._keywords = self._keywords, 0
        base = len(self.stack) - argument - 2
        if base < 0:
            raise _NotUnderstood
        given = self.stack[base + 2 :]
        positional = given[: len(given) - keywords]
        called = self.stack[base]
        del self.stack[base:]
        if called.method == "format" and called.parts is not None:
            self.stack.append(_Value(braced(called.parts)))
        else:
            self.stack.append(_Value(first=positional[0] if positional else None))

    def operator(self, argument: int) -> None:
        right, left = self.stack.pop(), self.stack.pop()
        if argument in _ADD and not (left.parts is None and right.parts is None):
            self.stack.append(_Value((left.parts or _HOLE) + (right.parts or _HOLE)))
        elif argument in _REMAINDER and left.parts is not None:
            self.stack.append(_Value(percent(left.parts)))
        else:
            self.stack.append(_Value())

    def joined(self, argument: int) -> None:
        pieces = self.stack[len(self.stack) - argument :]
        self._replace(argument, _Value(tuple(part for piece in pieces for part in piece.parts or _HOLE)))

    def formatted(self, argument: int) -> None:
        self._replace(2 if argument & _WITH_SPEC else 1, _Value(_HOLE))

    def formatted_simply(self, argument: int) -> None:
        del argument
        self._replace(1, _Value(_HOLE))

    def formatted_with_spec(self, argument: int) -> None:
        del argument
        self._replace(2, _Value(_HOLE))

    def function(self, argument: int) -> None:
        self._replace(1 + (argument.bit_count() if _FLAGS_POP else 0), _Value())

    def _replace(self, count: int, value: _Value) -> None:
        if count > len(self.stack):
            raise _NotUnderstood
        del self.stack[len(self.stack) - count :]
        self.stack.append(value)


_SPECIAL = {
    "LOAD_CONST": _Machine.constant,
    "LOAD_GLOBAL": _Machine.loaded,
    "LOAD_METHOD": _Machine.method,
    "LOAD_ATTR": _Machine.attribute,
    "KW_NAMES": _Machine.keyword_names,
    "CALL": _Machine.call,
    "CALL_KW": _Machine.call_with_keywords,
    "BINARY_OP": _Machine.operator,
    "BUILD_STRING": _Machine.joined,
    "FORMAT_VALUE": _Machine.formatted,
    "FORMAT_SIMPLE": _Machine.formatted_simply,
    "FORMAT_WITH_SPEC": _Machine.formatted_with_spec,
    "MAKE_FUNCTION": _Machine.function,
}
