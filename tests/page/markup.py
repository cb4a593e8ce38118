"""Reads a page's HTML as a browser would: elements with their attributes and texts."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import NamedTuple

BLOCKS = frozenset(("dd", "div", "dt", "h2", "h3", "li", "p", "pre", "td", "th"))
VOID = frozenset(("br", "input", "link", "meta"))


class Element(NamedTuple):
    """An element: `text` of all that is in it, white space folded; `path`: the tags around it."""

    tag: str
    attributes: dict[str, str]
    text: str
    path: tuple[str, ...]


class Markup(HTMLParser):
    """All elements of a page, in the order of their ends."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self._open: list[tuple[str, dict[str, str], list[str]]] = []
        self.feed(html)
        self.close()
        assert self._open == [], "an element that is never closed"

    def handle_starttag(self, tag, attrs):
        self._open.append((tag, {name: value or "" for name, value in attrs}, []))
        if tag in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        opened, attributes, texts = self._open.pop()
        texts += [" "] * (tag in BLOCKS)
        assert opened == tag, f"</{tag}> closes <{opened}>"
        path = tuple(name for name, _, _ in self._open)
        self.elements.append(Element(tag, attributes, " ".join("".join(texts).split()), path))
        if self._open:
            self._open[-1][2].extend(texts)

    def handle_data(self, data):
        if self._open:
            self._open[-1][2].append(data)

    def find(self, tag: str, **attributes: str) -> list[Element]:
        """Return the elements of a tag with these attributes; `class_` is one of an element's classes."""
        return [e for e in self.elements if e.tag == tag and all(_has(e, *wanted) for wanted in attributes.items())]

    def texts(self, tag: str, **attributes: str) -> list[str]:
        """Return the texts of such elements."""
        return [element.text for element in self.find(tag, **attributes)]


def _has(element: Element, name: str, value: str) -> bool:
    if name == "class_":
        return value in element.attributes.get("class", "").split()
    return element.attributes.get(name) == value
