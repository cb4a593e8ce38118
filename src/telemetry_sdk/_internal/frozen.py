"""Stand-ins for `dataclasses` and `typing`, which cost more than the whole start may.

`Frozen`: immutable values, declared by their annotations. `Generic`: classes that take a type argument.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self, TypeVar, dataclass_transform
    from typing import Generic as Generic  # noqa: PLC0414 - exported

    T = TypeVar("T")
else:
    T = None

    class Generic:
        """Takes a type argument and ignores it."""

        def __class_getitem__(cls, _: object) -> type:
            return cls

    def dataclass_transform(**_: object):  # noqa: ANN202 - typing's own, without importing typing
        return lambda cls: cls


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Frozen:
    """A value whose fields are the annotations of its class; a class attribute is a field's default."""

    _fields: tuple[str, ...] = ()

    def __init_subclass__(cls) -> None:
        """Collect the fields, the base's first."""
        hints = cls.__dict__.get("__annotations__", ())  # noqa: RUF063 - inspect costs 10 ms
        own = (name for name in hints if not name.startswith("_"))
        cls._fields = (*cls._fields, *own)

    def __init__(self, **values: Any) -> None:
        for name in self._fields:
            if name not in values and not hasattr(type(self), name):
                raise TypeError(f"{type(self).__name__} needs {name!r}")
        for name in values:
            if name not in self._fields:
                raise TypeError(f"{type(self).__name__} has no field {name!r}")
        self.__dict__.update(values)

    def replace(self, **changes: Any) -> Self:
        """Return a copy with some fields changed."""
        return type(self)(**{**self.__dict__, **changes})

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable")

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self._fields)

    def __hash__(self) -> int:
        return hash(tuple(getattr(self, name) for name in self._fields))

    def __repr__(self) -> str:
        inside = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._fields)
        return f"telemetry_sdk.{type(self).__name__}({inside})"
