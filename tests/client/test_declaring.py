"""Declaring events: what an annotation may be, and what a refusal says."""

from __future__ import annotations

import dataclasses
import enum
import subprocess
import sys
from collections.abc import Callable
from typing import Annotated, ClassVar, Final, Literal, NewType

import pytest
from typing_extensions import TypeAliasType

import telemetry_sdk


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Size(enum.IntEnum):
    SMALL = 1


Milliseconds = NewType("Milliseconds", float)
Tool = TypeAliasType("Tool", Literal["bash", "edit"])
Tools = TypeAliasType("Tools", Tool | Literal["read"] | None)


class Common(telemetry_sdk.Event, name="declared_common"):
    """Fields of several events."""

    ok: bool
    session: ClassVar[int] = 3


class Base(Common, name="declared_base"):
    took: Annotated[Milliseconds, "unit"]
    retries: Final[int] = 0


class Derived(Base, name="declared_derived"):
    tools: Tools
    color: Literal[Color.RED] | None = None
    either: Literal["a"] | Color | Size = Color.BLUE
    ratio: int | float = 1
    nothing: Literal["x", None] = None  # noqa: PYI061 - this form, too
    registry: ClassVar[dict[str, str]] = {}


def test_fields_are_inherited_and_forms_of_typing_are_read():
    fields = Derived.__telemetry__.fields
    assert list(fields) == ["ok", "took", "retries", "tools", "color", "either", "ratio", "nothing"]
    assert {name: field.kind for name, field in fields.items()} == {
        "ok": "bool",
        "took": "float",
        "retries": "int",
        "tools": "choice",
        "color": "choice",
        "either": "choice",
        "ratio": "float",
        "nothing": "choice",
    }
    assert set(fields["tools"].choices) == {"bash", "edit", "read"}
    assert set(fields["either"].choices) == {"a", "red", "blue", 1}
    optional = {name for name, field in fields.items() if field.optional}
    assert optional == {"retries", "tools", "color", "either", "ratio", "nothing"}
    assert list(Base.__telemetry__.fields) == ["ok", "took", "retries"]


def test_such_an_event_is_sent_by_its_values(telemetry_mock):
    event = Derived(ok=True, took=Milliseconds(1.5), tools="read", color=Color.RED, either=Size.SMALL, ratio=2)
    plain = Derived(ok=False, took=Milliseconds(2), tools=None)
    with telemetry_mock.start() as client:
        client.log_event(event)
        client.log_event(plain)
    assert telemetry_mock.metrics == [event, plain]
    sent = [item["metadata"] for item in telemetry_mock.requests[0].json()["events"]]
    assert (sent[0]["color"], sent[0]["either"], sent[0]["tools"]) == ("red", 1, "read")
    assert (sent[1]["either"], sent[1]["retries"], "tools" in sent[1]) == ("blue", 0, False)


def test_a_member_of_another_enum_is_refused(telemetry_mock):
    class Other(enum.Enum):
        RED = "red"

    with pytest.raises(telemetry_sdk.EventError, match=r"declared_derived\.color takes one of red, not this Other"):
        telemetry_mock.start().log_event("declared_derived", metadata={"color": Other.RED})


@pytest.mark.skipif(sys.version_info < (3, 12), reason="`type` is a statement from Python 3.12 on")
def test_an_alias_that_holds_itself_is_refused():
    space = {"telemetry_sdk": telemetry_sdk}
    exec("type Loop = Loop | int", space)
    with pytest.raises(TypeError, match=r"Refused\.field: (Loop|int) is "):
        type("Refused", (telemetry_sdk.Event,), {"__annotations__": {"field": space["Loop"]}}, name="refused")


def test_a_dataclass_is_refused_with_the_mend():
    event = dataclasses.dataclass(type("Wrapped", (telemetry_sdk.Event,), {"__annotations__": {"n": int}}, name="wrap"))
    with pytest.raises(AttributeError, match="needs neither @dataclass nor an own __init__"):
        event(n=1)


@pytest.mark.parametrize(
    ("hint", "default"),
    [(int, "a"), (int, True), (int, 1.5), (bool, 1), (float, "1"), (Literal["a"], "b"), (Color, "green"), (Color, [])],
)
def test_a_default_of_another_type_is_refused(hint, default):
    with pytest.raises(TypeError, match=r"Refused\.field: the default .* is not of the field's type"):
        declare(hint, default)


@pytest.mark.parametrize(
    ("hint", "default"),
    [(int, 0), (float, 1), (float, 1.5), (bool, False), (Literal["a", 1], 1), (Color, Color.RED), (Color, "red")],
)
def test_a_default_of_the_type_is_taken(hint, default):
    assert declare(hint, default).__telemetry__.fields["field"].optional


def declare(hint, default):
    namespace = {"__annotations__": {"field": hint}, "field": default}
    return type("Refused", (telemetry_sdk.Event,), namespace, name="declared_default")


def test_a_reserved_name_is_refused_as_such():
    with pytest.raises(TypeError, match=r"Refused\.session_id: every event has this field already"):
        type("Refused", (telemetry_sdk.Event,), {"__annotations__": {"session_id": int}}, name="refused")


@pytest.mark.parametrize(
    ("hint", "message"),
    [
        (str, r"str is free text, which is never sent: name the values, Literal\['a', 'b'\] or an Enum"),
        (str | None, r"str is free text"),
        (list[int], "list holds several values: declare their count, an int, or a bool for each"),
        (dict, "dict holds several values"),
        (object, "object is not bool, int, float, an Enum or a Literal; a time is a float with its unit"),
        (Literal["two words"], "the choice 'two words' is no short token .*: give it another value"),
        (int | Literal["a"], "int is in a union with another kind"),
        (bool | int, "bool is in a union with another kind"),
        (Callable[[int], str], "Callable is not bool"),
        (Literal[True, "a", 1], "the choices True and 1 are equal to Python"),
        ("NoSuchName", "cannot read the annotation 'NoSuchName' .*: import its names at run time"),
        (None, "a field needs a type"),
    ],
)
def test_a_refusal_names_the_field_and_what_to_declare(hint, message):
    with pytest.raises(TypeError, match=rf"Refused\.field: {message}"):
        type("Refused", (telemetry_sdk.Event,), {"__annotations__": {"field": hint}}, name="refused")


AGENT = """
import sys
import telemetry_sdk

class Twice(telemetry_sdk.Event, name="twice"):
    n: int

if __name__ == "__main__":
    import agent
    assert agent.Twice is not Twice
    print("declared")
    try:
        exec('''class Other(telemetry_sdk.Event, name="twice"):
    n: int''')
    except TypeError as error:
        print(error)
"""


def test_a_module_that_is_imported_twice_declares_its_events_twice(tmp_path):
    (tmp_path / "agent.py").write_text(AGENT)
    for command in (["agent.py"], ["-m", "agent"]):
        done = subprocess.run(
            [sys.executable, *command], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.stderr == ""
        declared, refused = done.stdout.splitlines()
        assert declared == "declared"
        assert refused == "__main__.Other: the event 'twice' is declared by agent.Twice already: choose another name"
