"""The address of a list: which arrivals, and which page of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from ..arrivals import ArrivalFilter

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST = 200  # characters of a value that are read
DIGITS = 9  # of a page's number


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQuery:
    """What the query of an address asks for; `page` counts from 1."""

    service: str = ""
    name: str = ""
    app: str = ""
    removed: str = ""
    q: str = ""
    refused: str = ""
    page: int = 1

    @classmethod
    def read(cls, query: Mapping[str, str]) -> ListQuery:
        """Read a query; what is missing or makes no sense chooses everything."""
        texts = {name: query.get(name, "")[:LONGEST] for name in ("service", "name", "app", "removed", "q", "refused")}
        page = query.get("page", "")[:DIGITS]
        return cls(**texts, page=max(1, int(page)) if page.isascii() and page.isdecimal() else 1)

    def chosen(self, **changes: Any) -> str:
        """Return the query of another list; without a page it is the first."""
        other = replace(self, **{"page": 1, **changes})
        values = {name: getattr(other, name) for name in self.__slots__}
        return urlencode({name: value for name, value in values.items() if value and (name, value) != ("page", 1)})

    def filter(self, *, refused: bool) -> ArrivalFilter:
        """Return the filter of accepted, or of refused requests."""
        if refused:
            return ArrivalFilter(refused=True, service=self.service, text=self.q)
        return ArrivalFilter(service=self.service, name=self.name, app=self.app, removed=self.removed, text=self.q)
