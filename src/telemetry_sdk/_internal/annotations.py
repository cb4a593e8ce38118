"""Reads the annotations of a class without `typing`, which costs more to import than the whole start may."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

CLASS_VAR = object()  # what `resolved_hint` returns for one
_DEPTH = 20  # aliases of aliases that are followed


class LiteralStandIn:
    """Stands for `Literal` where a module imports it for type checkers only."""

    def __init__(self, choices: object) -> None:
        self.__args__ = choices if isinstance(choices, tuple) else (choices,)

    def __class_getitem__(cls, choices: object) -> LiteralStandIn:
        return cls(choices)

    def __or__(self, other: object) -> UnionStandIn:
        return UnionStandIn(self, other)

    __ror__ = __or__


class UnionStandIn:
    """Stands for a union that holds a `LiteralStandIn`."""

    def __init__(self, *members: object) -> None:
        self.__args__ = tuple(part for member in members for part in union_members(member))

    def __or__(self, other: object) -> UnionStandIn:
        return UnionStandIn(self, other)

    __ror__ = __or__


def resolved_hint(where: str, hint: object, space: dict[str, object]) -> object:
    """Return what an annotation means; `CLASS_VAR` for a `ClassVar`. Raises `TypeError` for one that cannot be read."""
    if isinstance(hint, str):
        if hint.partition("[")[0].rpartition(".")[2] == "ClassVar":
            return CLASS_VAR
        space.setdefault("Literal", LiteralStandIn)
        try:
            hint = eval(hint, space)  # noqa: S307 - the application's own annotation
        except Exception as error:
            message = f"{where}: cannot read the annotation {hint!r} ({error}): import its names at run time"
            raise TypeError(message) from error
    return CLASS_VAR if _name(_origin(hint)) == "ClassVar" else hint


def union_members(hint: Any, depth: int = 5) -> list[Any]:
    """Return the types of a union without `Annotated`, `Final`, `NewType` and aliases around them.

    Unions in unions are read to this depth: an alias can hold itself.
    """
    hint = _unwrapped(hint)
    union = isinstance(hint, UnionStandIn) or _name(type(hint)) in {"UnionType", "_UnionGenericAlias", "Union"}
    return (
        [part for member in hint.__args__ for part in union_members(member, depth - 1)] if union and depth else [hint]
    )


def is_literal(hint: object) -> bool:
    """Tell whether an annotation is a `Literal`."""
    return isinstance(hint, LiteralStandIn) or _name(_origin(hint)) == "Literal"


def _unwrapped(hint: Any) -> Any:
    for _ in range(_DEPTH):
        if _name(type(hint)) == "NewType":
            hint = hint.__supertype__
        elif _name(type(hint)) == "TypeAliasType":
            hint = hint.__value__
        elif _name(type(hint)) == "_AnnotatedAlias":
            hint = hint.__origin__
        elif _name(_origin(hint)) == "Final" and hasattr(hint, "__args__"):
            hint = hint.__args__[0]
        else:
            break
    return hint


def _origin(hint: Any) -> Any:
    return getattr(hint, "__origin__", hint)


def _name(value: Any) -> str:
    """Return the name of a class, or of one of `typing`'s forms."""
    name = getattr(value, "__name__", None) or getattr(value, "_name", None)
    return name if type(name) is str else ""
