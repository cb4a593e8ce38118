"""The bounds of every walk over foreign data: nodes, characters, depth, no ring."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

MAX_NODES = 20_000  # values of one message or event; a large tool result has some thousand
OWN_NODES = 500  # of them, which no other message can spend
MAX_SIZE = 50 << 20  # characters of its strings: a larger report is never sent
MAX_DEPTH = 100  # levels; far more than data has, far fewer than parsers and the interpreter's stack allow


class Budget:
    """What a walk may still spend. `whole`: what several walks may spend together, beyond `OWN_NODES` of each.

    `nodes`: values of any kind; `size`: characters; `depth`: levels of lists and dicts; `apart`: the ids of objects
    that have walks of their own, and are not entered below the first level.
    """

    __slots__ = ("_apart", "_depth", "_nodes", "_own", "_path", "_size", "_whole", "is_spent")

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
        self._own = OWN_NODES if whole is not None else 0
        self._size = size
        self._depth = depth
        self._whole = whole
        self._apart = apart
        self.is_spent = False  # of values: the walk can stop
        self._path: list[int] = []

    def spend(self, size: int = 0) -> bool:
        """Spend a value and its characters; False if they exceed the budget. Then a shorter value may still fit."""
        self._nodes -= 1
        self._own -= 1
        if self._nodes < 0 or (self._own < 0 and self._whole is not None and not self._whole.spend()):
            self.is_spent = True
        if self.is_spent or size > self._size:
            return False
        self._size -= size
        return True

    def enter(self, container: object) -> str | None:
        """Go down into a list or a dict, and return None; or return why not: it lies too deep, or leads back.

        What was entered must be left.
        """
        found = id(container)
        if len(self._path) >= self._depth:
            return f"are nested deeper than {self._depth} levels"
        if found in self._path or (self._path and found in self._apart):
            return "lead back to where they stand, or to another message"
        self._path.append(found)
        return None

    def leave(self) -> None:
        """Go up from the list or dict that was entered last."""
        self._path.pop()
