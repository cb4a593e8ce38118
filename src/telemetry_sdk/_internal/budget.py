"""The bounds of every walk over foreign data: nodes, characters, time, depth, no ring."""

from __future__ import annotations

from .clock import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection

MAX_NODES = 20_000  # values of one message or event; a large tool result has some thousand
OWN_NODES = 500  # of them, which no other message can spend
MAX_SIZE = 50 << 20  # characters of its strings: a larger report is never sent
MAX_DEPTH = 100  # levels; far more than data has, far fewer than parsers and the interpreter's stack allow


class Budget:
    """What a walk may still spend. `whole`: what several walks may spend together, beyond `OWN_NODES` of each.

    `nodes`: values of any kind; `size`: characters; `depth`: levels of lists and dicts; `apart`: the ids of objects
    that have walks of their own, and are not entered below the first level; `seconds`: from now on, by `clock`.
    """

    __slots__ = (
        *("_apart", "_clock", "_depth", "_end", "_nodes", "_own", "_path", "_size", "_whole"),
        *("is_late", "is_spent"),
    )

    def __init__(
        self,
        nodes: int = MAX_NODES,
        size: int = MAX_SIZE,
        depth: int = MAX_DEPTH,
        *,
        whole: Budget | None = None,
        apart: Collection[int] = (),
        seconds: float | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._nodes = nodes
        self._own = OWN_NODES if whole is not None else 0
        self._size = size
        self._depth = depth
        self._whole = whole
        self._apart = apart
        self._clock = clock
        self._end = None if seconds is None else clock() + seconds
        self.is_spent = False  # of values or time: the walk can stop
        self.is_late = False  # of time
        self._path: list[int] = []

    def spend(self, size: int = 0) -> bool:
        """Spend a value and its characters; False if they exceed the budget. Then a shorter value may still fit."""
        self._nodes -= 1
        self._own -= 1
        if self._nodes < 0 or (self._own < 0 and self._whole is not None and not self._whole.spend()):
            self.is_spent = True
        if self.time_is_up():
            self.is_spent = self.is_late = True
        return not self.is_spent and self.spend_size(size)

    def spend_size(self, size: int) -> bool:
        """Spend characters alone; False if there are not as many left."""
        if size > self._size:
            return False
        self._size -= size
        return True

    def time_is_up(self) -> bool:
        """Tell whether the seconds are over, of this walk or of several together."""
        if self._end is not None and self._clock() >= self._end:
            return True
        return self._whole is not None and self._whole.time_is_up()

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
