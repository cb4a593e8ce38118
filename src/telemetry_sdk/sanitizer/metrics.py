"""The gate for metric events: declared names, declared keys, values of the declared type. Nothing else."""

from __future__ import annotations

from .._internal.shapes import is_name, is_token, is_uuid
from ..events import MAX_FIELDS, Event, declared
from ..losses import BAD_METADATA, BAD_VALUE, MISSING_FIELD, UNDECLARED_EVENT, UNDECLARED_FIELD, LossReason

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ..events import Declaration, Field, Scalar

MAX_INT = 1 << 53  # beyond it JSON readers disagree
MAX_TIME = 4_102_444_800_000  # the year 2100, in ms
MAX_NUMBER = 24  # characters of a float's shortest exact form


class Spoken:
    """An event by its name as Statsig's own package is told of it, where numbers and flags are often texts."""

    __slots__ = ("name",)

    def __init__(self, name: object) -> None:
        self.name = name


class Refused(Exception):
    """An event or a field that may not be sent, and the loss reason."""

    def __init__(self, reason: LossReason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason


def event_record(event: object, value: object, metadata: object, *, time_ms: int, event_id: str) -> dict[str, Any]:
    """Return the clean record of a recorded event.

    Raises `Refused`: an undeclared event, a key that is not declared, a value of another type, a field that
    is missing.
    """
    declaration, given = _given(event, value, metadata)
    if type(event) is Spoken:
        given = {key: _read(declaration.fields.get(key), found) for key, found in given.items()}
    unknown = [key for key in given if key not in declaration.fields]
    if unknown:
        raise Refused(UNDECLARED_FIELD, f"{declaration.name} has no field {unknown[0]!r}")
    clean: dict[str, Any] = {}
    for key, field in declaration.fields.items():
        chosen = given.get(key)
        if chosen is None:
            chosen = field.default
        if chosen is not None:
            clean[key] = _fitting(declaration, field, chosen)
        elif not field.optional and issubclass(type(event), Event):
            raise Refused(MISSING_FIELD, f"{declaration.name} needs {key!r}")
    number = clean.pop("value", None)
    return {"id": event_id, "time": time_ms, "name": declaration.name, "value": number, "metadata": clean}


def check(event: object, value: object, metadata: object) -> None:
    """Raise `EventError` for what the gate would drop: strict mode, on the caller's thread."""
    from ..exceptions import EventError

    try:
        event_record(event, value, metadata, time_ms=0, event_id="")
    except Refused as refused:
        raise EventError(str(refused)) from None


def _given(event: object, value: object, metadata: object) -> tuple[Declaration, Mapping[str, object]]:
    kind: type = type(event)  # an object's `__class__` may be code of its own
    if issubclass(kind, Event):
        return kind.__telemetry__, event.__dict__
    event = event.name if type(event) is Spoken else event
    declaration = declared().get(event) if type(event) is str else None
    if declaration is None:
        raise Refused(UNDECLARED_EVENT, f"{event!r}" if type(event) is str else type(event).__name__)
    if metadata is None:
        metadata = {}
    if type(metadata) is not dict or not all(type(key) is str for key in metadata):
        raise Refused(BAD_METADATA, f"{declaration.name}: metadata is a dict with str keys")
    return declaration, metadata if value is None else {**metadata, "value": value}


def _fitting(declaration: Declaration, field: Field, value: object) -> Scalar:
    """Return what leaves for a value of the field's type; a bool is no int, an int is a float."""
    kind = type(value)
    if field.kind == "choice":
        if field.enum is not None and kind is field.enum:
            value = getattr(value, "_value_", None)
        choices = field.choices or {}
        if type(value) in {str, int, bool} and value in choices and type(choices[value]) is type(value):
            return choices[value]
    elif field.kind == "bool" and kind is bool:
        return value is True
    elif (field.kind in {"int", "float"} and type(value) is int and -MAX_INT < value < MAX_INT) or (
        field.kind == "float" and type(value) is float and value - value == 0
    ):
        return value
    takes = field.kind if field.choices is None else f"one of {', '.join(map(str, field.choices.values()))}"
    raise Refused(BAD_VALUE, f"{declaration.name}.{field.name} takes {takes}, not this {kind.__name__}")


def _read(field: Field | None, value: object) -> object:
    """Return the flag or the number that a text is the exact form of, where one is declared; else the value itself.

    Exact: what Python or JSON itself writes. `1e3`, `007`, ` 1`, `True ` or `yes` are no numbers and no flags.
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


def clean(record: object) -> dict[str, Any] | None:
    """Rebuild a record that was read from disk, or return None. Idempotent.

    An event that this process declares is judged by its declaration. One that it does not (another program of
    the application wrote it, or `telemetry-sdk send` runs alone) may hold numbers and short tokens only.
    """
    if type(record) is not dict:
        return None
    name, metadata, value, time = (record.get(key) for key in ("name", "metadata", "value", "time"))
    if not is_uuid(record.get("id")) or type(time) is not int or not 0 < time < MAX_TIME:
        return None
    if type(name) is not str or not is_name(name) or type(metadata) is not dict:
        return None
    declaration = declared().get(name)
    if declaration is None:
        return _by_shape(record) if len(metadata) <= MAX_FIELDS else None
    try:
        return event_record(name, value, metadata, time_ms=time, event_id=record["id"])
    except Refused:
        return None


def _by_shape(record: dict[str, Any]) -> dict[str, Any] | None:
    metadata, value = record["metadata"], record["value"]
    if not (value is None or _is_number(value)):
        return None
    if not all(is_name(key) and _is_scalar(metadata[key]) for key in metadata):
        return None
    return {**{key: record[key] for key in ("id", "time", "name", "value")}, "metadata": dict(metadata)}


def _is_number(value: object) -> bool:
    if type(value) is int:
        return -MAX_INT < value < MAX_INT
    return type(value) is float and value - value == 0


def _is_scalar(value: object) -> bool:
    return type(value) is bool or _is_number(value) or is_token(value)


_FLAGS = {"true": True, "false": False, "True": True, "False": False}
