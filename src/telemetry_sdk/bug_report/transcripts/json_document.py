"""A JSON document: a list of messages, or an object that holds one, read element by element."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from .json_lines import UnparsedText

if TYPE_CHECKING:
    from collections.abc import Iterator

    from telemetry_sdk.bug_report.canonical_json import NoteCounts

    from .decoding import DecodedFile

LIST_KEYS = ("messages", "history", "conversation", "chat_history", "turns", "steps", "trajectory", "contents", "items")
_CHUNK = 1 << 20  # characters
_REST = 1 << 20  # characters of a document beside its messages that are kept
_DEEPEST = 3  # levels of objects above the list of messages
_MARK = re.compile(r'["\[\]{},]')
_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_KEY = re.compile(rf'"(?:{"|".join(LIST_KEYS)})"\s*:\s*\Z')
_BEGINS = re.compile(rf'\s*(?:\[|\{{(?s:.{{0,4096}}?)"(?:{"|".join(LIST_KEYS)})"\s*:\s*\[\s*\{{)')


def begins_document(head: str) -> bool:
    """Tell whether a text that is one long line begins like a document."""
    return _BEGINS.match(head) is not None


def read_document(file: DecodedFile, longest: int, notes: NoteCounts) -> Iterator[Any]:
    """Yield the messages of a document; what it holds beside them comes last, as one message."""
    document = _DocumentSplitter(file, longest)
    for text in document.elements():
        if text is None:
            notes["messages left out because each exceeds the size limit"] += 1
            yield {"left_out": "a message over the size limit"}
        else:
            yield _parsed(text, notes)
    rest = document.rest()
    if rest is None:
        notes["documents of which all but the messages was left out because it exceeds the size limit"] += 1
    elif rest.strip(" \r\n\t[]{},"):
        yield _parsed(rest, notes)


def _parsed(text: str, notes: NoteCounts) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        notes["parts of a document that are not JSON"] += 1
        return UnparsedText(text)


class _DocumentSplitter:
    """Splits a document: the elements of the lists of messages, and the rest without them."""

    def __init__(self, file: DecodedFile, longest: int) -> None:
        self._file = file
        self._longest = longest
        self._is_too_long = False  # the element that is scanned
        self._text = ""
        self._at = 0  # what was scanned
        self._begin = 0  # of what was not yielded
        self._depth = 0
        self._list_depth = 0  # of the list whose elements are messages; 0: not in one
        self._rest: list[str] = []
        self._rest_size = 0

    def rest(self) -> str | None:
        """Return what stands beside the messages, None if that is too much."""
        return "".join(self._rest) if self._rest_size <= _REST else None

    def elements(self) -> Iterator[str | None]:
        """Yield the text of each element, None for one that is too long."""
        while (mark := self._mark()) is not None:
            if mark == "[" and not self._list_depth and self._is_list():
                self._depth += 1
                self._list_depth = self._depth
                self._keep(self._taken())
            elif self._list_depth and self._depth == self._list_depth and mark in ",]":
                if (element := self._taken(without_last=True)).strip() or self._is_too_long:
                    yield None if self._is_too_long else element
                self._is_too_long = False
                if mark == "]":
                    self._keep("]")
                    self._depth -= 1
                    self._list_depth = 0
            elif mark in "[{":
                self._depth += 1
            elif mark in "]}":
                self._depth -= 1
                if self._depth <= 0:  # the next document begins, or the lists were all
                    self._keep(self._taken())
        rest = self._taken()
        if self._list_depth and (rest.strip() or self._is_too_long):
            yield None if self._is_too_long else rest
        else:
            self._keep(rest)

    def _is_list(self) -> bool:
        """Tell whether the list that begins here holds the messages: the document itself, or under a known key."""
        if self._depth == 0:
            return True
        before = self._text[max(self._begin, self._at - 64) : self._at - 1]
        return self._depth <= _DEEPEST and _KEY.search(before) is not None

    def _mark(self) -> str | None:
        """Return the next sign outside of strings, None at the end."""
        while True:
            found = _MARK.search(self._text, self._at)
            if found is None:
                self._at = len(self._text)
                if not self._more():
                    return None
            elif found[0] != '"':
                self._at = found.end()
                return found[0]
            elif string := _STRING.match(self._text, found.start()):
                self._at = string.end()
            else:
                self._at = found.start()
                if len(self._text) - self._at > self._longest:
                    self._is_too_long, self._begin, self._at = True, len(self._text), len(self._text)
                    return None
                if not self._more():
                    self._at = len(self._text)
                    return None

    def _more(self) -> bool:
        """Read on; drop what was yielded."""
        self._text = self._text[self._begin :]
        self._at -= self._begin
        self._begin = 0
        if not self._list_depth and len(self._text) > _REST:
            self._drop_rest()
        elif len(self._text) > self._longest:
            self._is_too_long = True
            self._text, self._at = self._text[self._at :], 0
        read = self._file.read(max(_CHUNK, len(self._text)))  # as much again: a long string is searched seldom
        self._text += read
        return read != ""

    def _drop_rest(self) -> None:
        """Forget what stands before the scanned place, but for a key: it is too much to be kept."""
        cut = max(0, self._at - 128)
        self._keep(self._text[:cut])
        self._text = self._text[cut:]
        self._at -= cut

    def _taken(self, *, without_last: bool = False) -> str:
        """Return what was scanned and not yielded yet."""
        text = self._text[self._begin : self._at - without_last]
        self._begin = self._at
        return text

    def _keep(self, text: str) -> None:
        self._rest_size += len(text)
        if self._rest_size <= _REST:
            self._rest.append(text)
