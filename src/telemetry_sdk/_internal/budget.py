"""The bounds of every walk over foreign data: nodes, characters, depth, no ring."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

MAX_NODES = 20_000  # values of one message or event; a large tool result has some thousand
MAX_SIZE = 50 << 20  # characters of its strings: a larger report is never sent
MAX_DEPTH = 100  # levels; far more than data has, far fewer than parsers and the interpreter's stack allow


class Budget:
    """What a walk may still spend. `whole`: what several walks may spend together.

    `nodes`: values of any kind; `size`: characters; `depth`: levels of lists and dicts; `apart`: the ids of objects
    that have walks of their own, and are not entered below the first level.
    """

    __slots__ = ("_apart", "_depth", "_nodes", "_path", "_size", "_whole")

    def __init__(
        self,
        nodes: int = MAX_NODES,
        size: int = MAX_SIZE,
        depth: int = MAX_DEPTH,
        *,
        whole: Budget | None = None,
        apart: Collection[int] = (),
    ) -> None:
        self._nodes = nodes
        self._size = size
        self._depth = depth
        self._whole = whole
        self._apart = apart
        self._path: list[int] = []

    def spend(self, size: int = 0) -> bool:
        """Spend a value and its characters; False if they exceed the budget. A value of no size may still follow."""
        self._nodes -= 1
        if self._nodes < 0 or size > self._size:
            return False
        self._size -= size
        return self._whole is None or self._whole.spend(size)

    def enter(self, container: object) -> bool:
        """Go down into a list or a dict; False if that is too deep, or leads back to where the walk came from.

        What was entered must be left.
        """
        found = id(container)
        if len(self._path) >= self._depth or found in self._path or (self._path and found in self._apart):
            return False
        self._path.append(found)
        return True

    def leave(self) -> None:
        """Go up from the list or dict that was entered last."""
        self._path.pop()
