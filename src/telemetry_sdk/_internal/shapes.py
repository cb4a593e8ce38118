"""Shapes of strings and numbers that may be sent: bounded, and made of identifiers.

Function and module names are data (`__name__`, `co_name` are assignable), so their shape is checked, too.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeGuard

MAX_PART = 128
MAX_DOTTED = 256
MAX_NAME = 64  # of an event, a field, a choice: Statsig cuts longer ones
MAX_TIME = 4_102_444_800.0  # the year 2100, in seconds: a later clock is broken
MAX_COUNT = 1 << 53  # beyond it JSON readers disagree
REDACTED = "<redacted>"
NAME_LIMIT = 80  # characters of a foreign name that are shown

# What the compiler itself writes into co_qualname, beside identifiers.
_COMPILER = frozenset(
    {
        "<locals>",
        "<lambda>",
        "<module>",
        "<genexpr>",
        "<listcomp>",
        "<dictcomp>",
        "<setcomp>",
        "<generic parameters>",
    }
)
_DIGITS_AND_DOTS = frozenset("0123456789.")
_HEX = frozenset("0123456789abcdef")
_RELEASE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-@")
_UUID = _HEX | {"-"}
_ID = frozenset("abcdefABCDEF0123456789")
_ID_LENGTHS = range(1, 65)

_NAME_START = frozenset("abcdefghijklmnopqrstuvwxyz")
_NAME = _NAME_START | frozenset("0123456789_.")
_TOKEN_START = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
_TOKEN = _TOKEN_START | frozenset("_.:+-")

# The same shapes as regular expressions, of strings and numbers as compact JSON writes them.
NAME_PATTERN = "[a-z][a-z0-9_.]{0,63}"
CHOICE_PATTERN = "[A-Za-z0-9][A-Za-z0-9_.:+-]{0,63}"
UUID_PATTERN = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
NUMBER_PATTERN = r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,17})?"  # some of the numbers: of less than 16 digits
MILLISECONDS_PATTERN = "[1-3][0-9]{12}"  # some of the times: up to the year 2096


def is_name(text: object) -> bool:
    """Tell whether `text` can name an event or a field: lower case, digits, `_` and `.`, at most 64."""
    return type(text) is str and 0 < len(text) <= MAX_NAME and text[0] in _NAME_START and _NAME.issuperset(text)


def is_token(text: object) -> bool:
    """Tell whether `text` can be a choice: letters, digits and `_ . : + -`, at most 64, no blank, no slash."""
    return type(text) is str and 0 < len(text) <= MAX_NAME and text[0] in _TOKEN_START and _TOKEN.issuperset(text)


def is_identifier(text: object) -> bool:
    """Tell whether `text` is one ASCII identifier of at most 128 characters."""
    return type(text) is str and len(text) <= MAX_PART and text.isascii() and text.isidentifier()


def is_module(text: object) -> bool:
    """Tell whether `text` is a dotted module name."""
    return type(text) is str and len(text) <= MAX_DOTTED and all(map(is_identifier, text.split(".")))


def is_qualified(text: object) -> bool:
    """Tell whether `text` is a qualified name as the compiler writes it (`f.<locals>.E` too)."""
    if type(text) is not str or not 0 < len(text) <= MAX_DOTTED:
        return False
    return all(part in _COMPILER or is_identifier(part) for part in text.split("."))


def is_hex(text: object, length: int) -> bool:
    """Tell whether `text` is exactly `length` lower-case hexadecimal digits."""
    return type(text) is str and len(text) == length and _HEX.issuperset(text)


def is_event_id(text: object) -> bool:
    """Tell whether `text` is an event's id: 32 lower-case hexadecimal digits."""
    return is_hex(text, 32)


def is_uuid(text: object) -> bool:
    """Tell whether `text` is a UUID in its usual form."""
    return (
        type(text) is str
        and len(text) == 36  # noqa: PLR2004 - 32 digits, four dashes
        and text[8:24:5] == "----"
        and _UUID.issuperset(text)
        and text.count("-") == 4  # noqa: PLR2004
    )


def is_user_id(text: object) -> bool:
    """Tell whether `text` can be a host's user id: a UUID or hexadecimal, at most 64 (no `@`, no name)."""
    if type(text) is not str or len(text) not in _ID_LENGTHS:
        return False
    return is_uuid(text.lower()) or _ID.issuperset(text)


def is_version(text: object) -> bool:
    """Tell whether `text` can be a version or an environment: as a release, without its `@`."""
    return type(text) is str and "@" not in text and is_release(text)


def is_release(text: object) -> bool:
    """Tell whether `text` can be a version, a release, a dist or an environment: at most 64, no slash, no blank."""
    return type(text) is str and 0 < len(text) <= 64 and _RELEASE.issuperset(text) and ".." not in text  # noqa: PLR2004


def numeric_version(text: object) -> str | None:
    """Return the digits and dots that `text` begins with, or None: a kernel's release may go on with a name."""
    if type(text) is not str:
        return None
    end = next((index for index, char in enumerate(text[:MAX_NAME]) if char not in _DIGITS_AND_DOTS), MAX_NAME)
    found = text[:end].strip(".")
    return found if found and ".." not in found else None


def is_numeric_version(text: object) -> bool:
    """Tell whether `text` is digits and dots."""
    return text is not None and numeric_version(text) == text


def is_count(value: object) -> TypeGuard[int]:
    """Tell whether `value` is an int from 0 that every JSON reader keeps."""
    return type(value) is int and 0 <= value < MAX_COUNT


def is_time(value: object) -> TypeGuard[float]:
    """Tell whether `value` is a float of seconds since the epoch, before the year 2100."""
    return type(value) is float and 0 < value < MAX_TIME


def is_milliseconds(value: object) -> TypeGuard[int]:
    """Tell whether `value` is an int of milliseconds since the epoch, before the year 2100."""
    return type(value) is int and 0 <= value < MAX_TIME * 1000


def is_number(value: object) -> TypeGuard[float]:
    """Tell whether `value` is a finite number that every JSON reader keeps."""
    if type(value) is int:
        return -MAX_COUNT < value < MAX_COUNT
    return type(value) is float and value - value == 0


def is_scalar(value: object) -> bool:
    """Tell whether `value` is a number, a choice, True or False."""
    kind = type(value)
    return is_token(value) if kind is str else kind is bool or is_number(value)


def is_empty(value: object) -> bool:
    """Tell whether `value` is an object without members."""
    return value == {}


def printable(text: str) -> str:
    """Replace control and direction characters: a directory's name may hold anything."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


def printable_name(name: str) -> str:
    """Return a foreign name bounded and without control or direction characters."""
    return printable(name[:NAME_LIMIT]) + ("..." if len(name) > NAME_LIMIT else "")
