"""Declares metric events, the only source of metrics.

    class ToolUse(telemetry_sdk.Event, name="tool_use"):
        tool: Literal["bash", "edit", "read"]
        duration_ms: float
        ok: bool

A field is a `bool`, an `int`, a `float`, an `Enum` or a `Literal`; `| None` makes it optional, a class
attribute gives its default. A duration or a size carries its unit in its name (`duration_ms`,
`size_bytes`). A field named `value` is Statsig's value. There is no free text: filters leak.
"""

from __future__ import annotations

import sys

from ._internal.frozen import Frozen
from ._internal.shapes import MAX_COUNT, MAX_NAME, is_name, is_token

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, dataclass_transform

    Scalar = bool | int | float | str
else:
    from ._internal.frozen import dataclass_transform

MAX_FIELDS = 100
RESERVED = frozenset({"event_uuid", "session_id"})  # the fields that every event has


class Field(Frozen):
    """One field: `kind` is "bool", "int", "float" or "choice"; `choices` maps what is accepted to what leaves."""

    name: str
    kind: str
    choices: Mapping[Any, Scalar] | None = None
    enum: type | None = None
    optional: bool = False
    default: object = None


class Declaration(Frozen):
    """A declared event: its name, its fields by their names, its class."""

    name: str
    fields: Mapping[str, Field]
    origin: str
    event: type[Event]


_DECLARED: dict[str, Declaration] = {}  # the registry: declaring registers


def declared() -> Mapping[str, Declaration]:
    """Return every event declared in this process, by name."""
    return _DECLARED


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Event:
    """A metric event: subclass it with a name and typed fields.

    Declaring raises `TypeError` for a name, a field or a choice that could carry free text, and for a name
    that another class has declared. Making one never raises: what does not fit is dropped and counted
    (raised in strict mode).
    """

    if TYPE_CHECKING:
        __telemetry__: Declaration

    def __init_subclass__(cls, *, name: str | None = None) -> None:
        """Register the declaration."""
        origin = f"{cls.__module__}.{cls.__qualname__}"
        if name is None or not is_name(name):
            raise TypeError(f"{origin}: an event needs name=, lower case with digits and _ (got {name!r})")
        earlier = _DECLARED.get(name)
        if earlier is not None and earlier.origin != origin:
            raise TypeError(f"{origin}: the event {name!r} is declared by {earlier.origin} already")
        frame = sys._getframe(1)  # noqa: SLF001 - the names that string annotations mean
        space = {**frame.f_globals, **frame.f_locals}
        hints = cls.__dict__.get("__annotations__") or {}  # noqa: RUF063 - inspect costs 10 ms
        if not hints and sys.version_info >= (3, 14):
            hints = cls.__annotations__
        if len(hints) > MAX_FIELDS:
            raise TypeError(f"{origin}: at most {MAX_FIELDS} fields")
        fields = {key: _field(origin, key, hint, space, cls.__dict__.get(key)) for key, hint in hints.items()}
        cls.__telemetry__ = _DECLARED[name] = Declaration(name=name, fields=fields, origin=origin, event=cls)

    def __init__(self, /, **fields: Any) -> None:
        self.__dict__.update(fields)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("an event is immutable")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Event):
            return NotImplemented
        return self._values() == other._values()

    def __hash__(self) -> int:
        return hash(self._values())

    def __repr__(self) -> str:
        inside = ", ".join(f"{key}={value!r}" for key, value in self.__dict__.items())
        return f"{type(self).__qualname__}({inside})"

    def _values(self) -> tuple[object, ...]:
        """Return the event's name and the values of all declared fields, defaults included."""
        declared = self.__telemetry__
        return declared.name, *(getattr(self, key, None) for key in declared.fields)


class _Literals:
    """Stands for `Literal` where an annotation names it and the module imports it for type checkers only."""

    def __init__(self, choices: object) -> None:
        self.__args__ = choices if isinstance(choices, tuple) else (choices,)

    def __class_getitem__(cls, choices: object) -> _Literals:
        return cls(choices)

    def __or__(self, other: object) -> _Union:
        return _Union(self)


class _Union:
    def __init__(self, only: object) -> None:
        self.__args__ = (only, type(None))


def _field(origin: str, key: str, hint: object, space: dict[str, object], default: object) -> Field:
    where = f"{origin}.{key}"
    if not is_name(key) or key in RESERVED:
        raise TypeError(f"{where}: a field's name is lower case with digits and _, at most {MAX_NAME}, not {key!r}")
    if isinstance(hint, str):
        hint = _evaluated(where, hint, space)
    args: tuple[object, ...] = getattr(hint, "__args__", ())
    optional = type(None) in args
    if optional:
        rest = tuple(arg for arg in args if arg is not type(None))
        if len(rest) != 1:
            raise TypeError(f"{where}: a union may only be `| None`")
        hint = rest[0]
    for plain in (bool, int, float):
        if hint is plain:
            return Field(name=key, kind=plain.__name__, optional=optional or default is not None, default=default)
    choices, enum = _choices(where, hint)
    return Field(
        name=key,
        kind="choice",
        choices=choices,
        enum=enum,
        optional=optional or default is not None,
        default=default,
    )


def _evaluated(where: str, hint: str, space: dict[str, object]) -> object:
    space.setdefault("Literal", _Literals)
    try:
        return eval(hint, space)  # noqa: S307 - the application's own annotation
    except Exception as error:
        raise TypeError(f"{where}: cannot read the annotation {hint!r}: {error}") from error


def _choices(where: str, hint: object) -> tuple[dict[object, Scalar], type | None]:
    members = getattr(hint, "__members__", None)
    if isinstance(hint, type) and members is not None:
        values = {member.value: member.value for member in members.values()}
        enum: type | None = hint
    else:
        if isinstance(hint, type):
            raise TypeError(f"{where}: {hint.__name__} is not bool, int, float, an Enum or a Literal: no free text")
        values = {value: value for value in getattr(hint, "__args__", ())}
        enum = None
    if not values:
        raise TypeError(f"{where}: {hint!r} is not bool, int, float, an Enum or a Literal")
    for value in values:
        if type(value) is int and not -MAX_COUNT < value < MAX_COUNT:
            raise TypeError(f"{where}: the choice {value} is larger than 2**53, which JSON readers round")
        if type(value) not in {bool, int} and not is_token(value):
            raise TypeError(f"{where}: the choice {value!r} is no short token (letters, digits, _ . : + -)")
    return values, enum
