"""Generic classes without importing typing, which costs more than a start may."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Generic as Generic  # noqa: PLC0414 - exported
    from typing import TypeVar

    T = TypeVar("T")
else:
    T = None

    class Generic:
        """Takes a type argument and ignores it."""

        def __class_getitem__(cls, _: object) -> type:
            return cls
