"""Cleans metric events: declared names, declared keys, values of the declared type."""

from __future__ import annotations

import sys

from .._internal.raw_records import VendorEvent
from .._internal.shapes import is_number
from ..events import Declaration, declared, with_fields
from ..losses import BAD_METADATA, BAD_VALUE, MISSING_FIELD, UNDECLARED_EVENT, UNDECLARED_FIELD, LossReason

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ..events import Field, Scalar

MAX_NUMBER = 24  # characters of a float's shortest exact form


class EventRejected(Exception):
    """The event may not be sent; `reason` is the loss reason."""

    def __init__(self, reason: LossReason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason


def event_record(event: object, value: object, metadata: object, *, time_ms: int, event_id: str) -> dict[str, Any]:
    """Return the clean record of a recorded event: `event` is its name, its declaration or a vendor's event.

    Raises `EventRejected`: an undeclared event, a key that is not declared, a value of another type, a field that
    is missing.
    """
    declaration, given = _given(event, value, metadata)
    if type(event) is VendorEvent:
        given = {key: _parsed(declaration.fields.get(key), found) for key, found in given.items()}
    fields = declaration.fields
    if not given.keys() <= fields.keys():
        unknown = next(key for key in given if key not in fields)
        raise EventRejected(UNDECLARED_FIELD, f"{declaration.name} has no field {unknown!r}")
    clean: dict[str, Any] = {}
    for key, field in fields.items():
        chosen = given.get(key)
        if chosen is None:
            chosen = field.default
        if chosen is not None:
            clean[key] = _fitting(declaration, field, chosen)
        elif not field.optional and type(event) is Declaration:
            raise EventRejected(MISSING_FIELD, f"{declaration.name} needs {key!r}")
    number = clean.pop("value", None)
    return {"id": event_id, "time": time_ms, "name": declaration.name, "value": number, "metadata": clean}


def event_text(event: object, value: object, metadata: object, *, time_ms: int, event_id: str) -> bytes:
    """Return the clean record of an event as JSON; raises as `event_record` does.

    Its strings are ids, names and tokens, which need no escaping: put together, it takes two thirds of the time.
    """
    record = event_record(event, value, metadata, time_ms=time_ms, event_id=event_id)
    fields = ",".join([f'"{name}":{_scalar_text(found)}' for name, found in record["metadata"].items()])
    number = "null" if record["value"] is None else _scalar_text(record["value"])
    return (
        f'{{"id":"{event_id}","time":{time_ms},"name":"{record["name"]}","value":{number},"metadata":{{{fields}}}}}'
    ).encode("ascii")


def _scalar_text(value: Scalar) -> str:
    """Return a field's clean value as JSON."""
    kind = type(value)
    if kind is str:
        return f'"{value}"'
    return repr(value) if kind is not bool else "true" if value else "false"


def check(event: object, value: object, metadata: object) -> None:
    """Raise `EventError` for an event that the sanitizer would drop: strict mode, on the caller's thread."""
    from ..exceptions import EventError

    try:
        named, fields = with_fields(event, metadata)
        event_record(named, value, fields, time_ms=0, event_id="")
    except EventRejected as rejected:
        raise EventError(f"{rejected}{_hint(event)}") from None


def _hint(event: object) -> str:
    """Return what to do about an event of no declared name."""
    from difflib import get_close_matches

    if isinstance(event, type):
        return f": the class {event.__name__} was given, not an instance"
    near = get_close_matches(event, declared(), 1) if type(event) is str and event not in declared() else []
    return f", did you mean {near[0]!r}?" if near else ""


def _given(event: object, value: object, metadata: object) -> tuple[Declaration, Mapping[str, object]]:
    if type(event) is Declaration and type(metadata) is dict:
        return event, metadata  # an instance's fields
    event = event.name if type(event) is VendorEvent else event
    declaration = declared().get(event) if type(event) is str else None
    if declaration is None:
        raise EventRejected(UNDECLARED_EVENT, f"{event!r}" if type(event) is str else type(event).__name__)
    if metadata is None:
        metadata = {}
    if type(metadata) is not dict or not {str}.issuperset(map(type, metadata)):
        raise EventRejected(BAD_METADATA, f"{declaration.name}: metadata is a dict with str keys")
    return declaration, metadata if value is None else {**metadata, "value": value}


def _fitting(declaration: Declaration, field: Field, value: object) -> Scalar:
    """Return the value to send if it has the field's type; a bool is no int, an int is a float."""
    kind = type(value)
    if kind not in _PLAIN:
        value = _numpy_value(value)
        kind = type(value)
    if field.kind == "choice":
        if field.enums and any(kind is enum for enum in field.enums):  # by identity: `==` may be foreign code
            value = getattr(value, "_value_", None)
        found = (field.choices or {}).get(value) if type(value) in _CHOICES else None
        if found is not None and type(found) is type(value):
            return found
    elif field.kind == "bool" and kind is bool:
        return value is True
    elif kind in _NUMBERS.get(field.kind, ()) and is_number(value):
        return value
    takes = field.kind if field.choices is None else f"one of {', '.join(map(str, field.choices.values()))}"
    if kind in _NUMBERS.get(field.kind, ()):
        takes += " that is finite and at most 2**53"
    raise EventRejected(BAD_VALUE, f"{declaration.name}.{field.name} takes {takes}, not this {kind.__name__}")


def _numpy_value(value: object) -> object:
    """Return the number that one of numpy's holds, any other value itself."""
    generic = getattr(sys.modules.get("numpy"), "generic", None)
    if type(generic) is not type or not issubclass(type(value), generic):
        return value
    return getattr(value, "item")()  # noqa: B009 - numpy's, which no type here knows


def _parsed(field: Field | None, value: object) -> object:
    """Return the flag or number that a string spells, where one is declared; else the value itself.

    Only as Python or JSON write it: not `1e3`, `007`, ` 1`, `True ` or `yes`.
    """
    if field is None or type(value) is not str or len(value) > MAX_NUMBER:
        return value
    if field.kind == "bool":
        return _FLAGS.get(value, value)
    if field.kind in {"int", "float"} and value.isascii():
        for read in (int, float) if field.kind == "float" else (int,):
            try:
                number = read(value)
            except ValueError:
                continue
            if str(number) == value:
                return number
    return value


_NUMBERS: dict[str, tuple[type, ...]] = {"int": (int,), "float": (int, float)}
_PLAIN = frozenset({bool, int, float, str})
_CHOICES = frozenset({bool, int, str})
_FLAGS = {"true": True, "false": False, "True": True, "False": False}
