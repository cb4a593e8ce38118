"""Redacts texts, whole or in chunks.

Time is linear in the text. Redacting twice changes nothing more. JSON that is given as text still parses.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

from .encoded import redact_escaped_letters, redact_url_encoded
from .engine import apply_rules
from .invisible import redact_invisible
from .key_blocks import KeyBlocks
from .keywords import Words
from .line_views import redact_line_views
from .rules.names import SEARCHED
from .segments import segments
from .spans import replaced

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MAX_PASSES = 6  # a mark changes how its neighbours read; two passes settle nearly all texts


def redact_secrets(text: str) -> str:
    """Return `text` with its secrets replaced by marks like `[redacted:password]`. Raises `TypeError`."""
    if not isinstance(text, str):
        raise TypeError(f"redact_secrets takes a str, not {type(text).__name__}")
    return redact_text(text)[0]


def redact_text(text: str, keys: KeyBlocks | None = None) -> tuple[str, dict[str, int]]:
    """Return the text without its secrets, and how many of each kind there were.

    `keys`: of texts that follow each other, so that a key over several of them is found.
    """
    counts: Counter[str] = Counter()
    return "".join(redact_chunks((text,), counts, keys)), dict(counts)


def redact_chunks(chunks: Iterable[str], counts: Counter[str], keys: KeyBlocks | None = None) -> Iterator[str]:
    """Yield the text that the chunks make, without its secrets, in constant memory; count them by kind.

    What comes out is the same wherever the chunks end.
    """
    keys = KeyBlocks() if keys is None else keys
    is_json: bool | None = None
    for segment in segments(chunks):
        if is_json is None and (begin := segment.lstrip()[:1]):
            is_json = begin in {"{", "[", '"'}
        yield _redacted(keys.redact(segment, counts), counts, is_json=bool(is_json))


def _redacted(text: str, counts: Counter[str], *, is_json: bool) -> str:
    redact = partial(_pass, is_json=is_json)
    for _ in range(_MAX_PASSES):
        found: Counter[str] = Counter()
        for redact_view in _VIEWS:
            text = redact_view(text, redact, found)
        text = redact(text, found)
        text = redact_url_encoded(text, redact, found)
        if not found:
            break
        counts.update(found)
    return text


_VIEWS = (redact_invisible, redact_escaped_letters, redact_line_views)


def _pass(text: str, counts: Counter[str], *, is_json: bool) -> str:
    words = Words(text)
    text = apply_rules(text, words, counts)
    if text.isascii() and "\\u" not in text and not any(keyword in words.lower for keyword, _ in SEARCHED):
        return text
    from .names.key_values import named_values  # its patterns take long to compile

    return replaced(text, named_values(text, words.lower, is_json=is_json), counts)
