"""Declares metric events, the only source of metrics.

    class ToolUse(telemetry_sdk.Event, name="tool_use"):
        tool: Literal["bash", "edit", "read"]
        duration_ms: float
        ok: bool

A field is a `bool`, an `int`, a `float`, an `Enum`, a `Literal` or a union of the last two; `| None` makes it
optional, a class attribute gives its default. The fields of an event that is subclassed are inherited.
A duration or a size carries its unit in its name (`duration_ms`,
`size_bytes`). A field named `value` is Statsig's value. There is no free text: filters leak.
"""

from __future__ import annotations

import os
import sys

from ._internal.annotations import CLASS_VAR, is_literal, resolved_hint, union_members
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
    """One field: `kind` is "bool", "int", "float" or "choice"; `choices` maps what is accepted to what leaves.

    `enums`: those whose members are choices; a member stands for its value.
    """

    name: str
    kind: str
    choices: Mapping[Any, Scalar] | None = None
    enums: tuple[type, ...] = ()
    optional: bool = False
    default: object = None


class Declaration(Frozen):
    """A declared event: its name, its fields by their names, its class.

    `origin`: the class's module and name; `source`: its file and name, the same where a module is imported twice, as
    `__main__` and by its name.
    """

    name: str
    fields: Mapping[str, Field]
    origin: str
    source: str
    event: type[Event]


_DECLARED: dict[str, Declaration] = {}  # the registry: declaring registers
BY_CLASS: dict[int, Declaration] = {}  # by the id of the class, whose hash may be foreign code


def declared() -> Mapping[str, Declaration]:
    """Return every event declared in this process, by name."""
    return _DECLARED


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Event:
    """A metric event: subclass it with a name and typed fields.

    Declaring raises `TypeError` for a name, a field or a choice that could carry free text, for a default of another
    type, and for a name that another class has declared. Making one never raises: what does not fit is dropped and
    counted (raised in strict mode).
    """

    if TYPE_CHECKING:
        __telemetry__: Declaration

    def __init_subclass__(cls, *, name: str | None = None) -> None:
        """Register the declaration; the fields of base classes count."""
        origin = f"{cls.__module__}.{cls.__qualname__}"
        if name is None or not is_name(name):
            raise TypeError(f"{origin}: an event needs name=, lower case with digits and _ (got {name!r})")
        frame = sys._getframe(1)  # noqa: SLF001 - the names that string annotations mean
        source = f"{os.path.realpath(frame.f_code.co_filename)}: {cls.__qualname__}"
        earlier = _DECLARED.get(name)
        if earlier is not None and earlier.origin != origin and earlier.source != source:
            raise TypeError(
                f"{origin}: the event {name!r} is declared by {earlier.origin} already: choose another name"
            )
        hints = _hints(cls, frame.f_locals)
        if len(hints) > MAX_FIELDS:
            raise TypeError(f"{origin}: at most {MAX_FIELDS} fields")
        fields = {key: _field(f"{origin}.{key}", key, hint, getattr(cls, key, None)) for key, hint in hints.items()}
        for key, field in fields.items():
            if not _fits(field):
                raise TypeError(f"{origin}.{key}: the default {field.default!r} is not of the field's type")
        cls.__telemetry__ = _DECLARED[name] = BY_CLASS[id(cls)] = Declaration(
            name=name, fields=fields, origin=origin, source=source, event=cls
        )

    def __init__(self, /, **fields: Any) -> None:
        _set_fields(self, fields)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("an event is immutable, and needs neither @dataclass nor an own __init__")

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


fields_of: Any = Event.__dict__["__dict__"].__get__  # whatever a subclass makes of `__dict__`: no foreign code
_set_fields: Any = Event.__dict__["__dict__"].__set__


def with_fields(event: object, metadata: object) -> tuple[object, object]:
    """Return the declaration and the fields of an instance of a declared event; anything else as it is."""
    declaration = BY_CLASS.get(id(type(event)))
    return (event, metadata) if declaration is None else (declaration, fields_of(event))


def _hints(cls: type[Event], local: Mapping[str, object]) -> dict[str, object]:
    """Return the annotations of a class and of its bases, resolved; those of `ClassVar` are no fields."""
    hints: dict[str, object] = {}
    for base in reversed(cls.__mro__):
        if base in {object, Event}:
            continue
        own = base.__dict__.get("__annotations__") or {}  # noqa: RUF063 - inspect costs 10 ms
        if not own and sys.version_info >= (3, 14):
            own = base.__annotations__
        space = {**vars(sys.modules.get(base.__module__, sys)), **(local if base is cls else {})}
        for key, hint in own.items():
            where = f"{base.__module__}.{base.__qualname__}.{key}"
            found = resolved_hint(where, hint, space)
            if found is not CLASS_VAR:
                hints[key] = found
    return hints


def _field(where: str, key: str, hint: object, default: object) -> Field:
    if key in RESERVED:
        raise TypeError(f"{where}: every event has this field already: leave it out, or choose another name")
    if not is_name(key):
        raise TypeError(f"{where}: a field's name is lower case with digits and _, at most {MAX_NAME}, not {key!r}")
    members = union_members(hint)
    kinds = [member for member in members if member not in {None, type(None)}]
    optional = len(kinds) < len(members) or default is not None
    for plain in (bool, int, float):
        if kinds == [plain]:
            return Field(name=key, kind=plain.__name__, optional=optional, default=default)
    if kinds and all(kind in {int, float} for kind in kinds):
        return Field(name=key, kind="float", optional=optional, default=default)
    choices, enums = _choices(where, kinds)
    nothing = None in choices
    choices.pop(None, None)
    return Field(
        name=key, kind="choice", choices=choices, enums=enums, optional=optional or nothing, default=_plain(default)
    )


def _fits(field: Field) -> bool:
    """Tell whether a default is of its field's type; numpy's numbers are looked at when they are recorded."""
    kind = type(field.default)
    if field.default is None or hasattr(kind, "dtype"):
        return True
    if field.choices is not None:
        return kind in {str, int, bool} and kind is type(field.choices.get(field.default))
    return kind.__name__ == field.kind or (kind is int and field.kind == "float")


def _choices(where: str, kinds: list[Any]) -> tuple[dict[Any, Scalar], tuple[type, ...]]:
    """Return the values of enums and literals, and the enums."""
    found: list[Any] = []
    for kind in kinds:
        if isinstance(kind, type) and hasattr(kind, "__members__"):
            found += kind.__members__.values()
        elif is_literal(kind):
            found += getattr(kind, "__args__", ())
        else:
            raise TypeError(f"{where}: {_mend(kind)}")
    values: dict[Any, Any] = {_plain(value): _plain(value) for value in found}
    enums = tuple({type(value): None for value in found if hasattr(type(value), "__members__")})
    if not values:
        raise TypeError(f"{where}: a field needs a type, such as bool, int, float or a Literal")
    for value, same in values.items():
        if type(value) is not type(same):
            raise TypeError(f"{where}: the choices {value!r} and {same!r} are equal to Python: leave one out")
        if type(value) is int and not -MAX_COUNT < value < MAX_COUNT:
            raise TypeError(f"{where}: the choice {value} is larger than 2**53, which JSON readers round")
        if value is not None and type(value) not in {bool, int} and not is_token(value):
            raise TypeError(
                f"{where}: the choice {value!r} is no short token (letters, digits, _ . : + -): give it another value"
            )
    return values, enums


def _plain(value: Any) -> Any:
    """Return the value of an enum's member, any other value itself."""
    return value.value if hasattr(type(value), "__members__") else value


_CONTAINERS = (list, tuple, set, frozenset, dict, type)


def _is_container(kind: Any) -> bool:
    return kind in _CONTAINERS or getattr(kind, "__origin__", None) in _CONTAINERS


def _mend(kind: Any) -> str:
    """Return why a type is no field's, and what to declare instead."""
    if kind in {bool, int, float}:
        return f"{kind.__name__} is in a union with another kind: a field holds numbers, or a bool, or choices"
    name = getattr(kind, "__name__", None) or repr(kind)
    if kind in {str, bytes}:
        return f"{name} is free text, which is never sent: name the values, Literal['a', 'b'] or an Enum"
    if _is_container(kind):
        return f"{name} holds several values: declare their count, an int, or a bool for each"
    return f"{name} is not bool, int, float, an Enum or a Literal; a time is a float with its unit, duration_ms"
