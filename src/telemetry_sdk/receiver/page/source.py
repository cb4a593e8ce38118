"""What a page is about: what arrived at a receiver, or what left this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..store import ReceiverStore


class PageSource:
    """A store with the words that describe it.

    `title` and `introduction` of the page; `list_title` above the list, `refused_title` above what was refused,
    `refused_word` before a reason; `empty_text`: shown where the list is empty.
    """

    title: str
    introduction: str
    list_title: str
    refused_title: str
    refused_word: str
    empty_text: str

    def __init__(self, store: ReceiverStore) -> None:
        self.store = store

    def refresh(self) -> None:
        """Read what changed since, where nobody else writes to the store."""

    def losses(self) -> Mapping[str, int]:
        """Count what was dropped before it was sent, by reason; empty where that is not known."""
        return {}


class ReceiverPage(PageSource):
    """What arrived at this receiver."""

    title = "What arrived"
    introduction = "Metrics, errors and bug reports that this receiver got. Nothing leaves this machine."
    list_title = "Arrivals"
    refused_title = "Refused requests"
    refused_word = "Refused"
    empty_text = "Nothing has arrived yet. Run a program with the variable that telemetry-sdk receive prints."
