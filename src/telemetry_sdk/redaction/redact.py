"""Taking secrets out of bug reports, and nothing else.

The user sends code and conversation knowing it; hashes, ids, paths and images stay. Two nets: the shapes of
known secrets (`shapes`, `commands`), and values that a name gives away (`named`: `DB_PASSWORD=…`,
`{"api_key": "…"}`). What is taken leaves a mark, `[redacted:<kind>]`. Patterns can miss a secret: whoever
shows the result must say so.

The patterns are our own, since the field's rule sets look for secrets in repositories, one finding a line: they name a
place, they do not take text out of JSON that has to parse afterwards, and they need another language or seconds a
megabyte. Their facts are here (`shapes`).

Time is linear in the text. Redacting twice changes nothing more. JSON that is given as text still parses.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

from .commands import command_secrets
from .encoded import decoded
from .hidden import uncovered
from .named.names import MARK
from .named.secrets import named_secrets
from .segments import segments
from .shapes.kinds import BLOCKS, IN_CONTEXT, SHAPES
from .shapes.parts import BY_PART
from .shapes.patterns import Kind
from .shapes.tokens import tokens_in
from .shapes.wrapped import end_of_token, torn
from .unwrapped import unwrapped
from .words import words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .shapes.tokens import Token
    from .spans import Span
    from .words import Words

MAX_PASSES = 6  # a mark changes how its neighbours read; two passes settle nearly all texts

# Every token of the table is such a run: its hint is looked for in the runs, a tenth of most texts.
_SHORTEST = 12  # the shortest token has some more; but a line break may tear it
_RUN = re.compile(r"[A-Za-z0-9_.+/=~$%:-]{12,}")


def redact_secrets(text: str) -> str:
    """Return `text` with its secrets replaced by marks like `[redacted:github-token]`. Raises `TypeError`."""
    if not isinstance(text, str):
        raise TypeError(f"redact_secrets takes a str, not {type(text).__name__}")
    return redact_text(text)[0]


def redact_text(text: str) -> tuple[str, dict[str, int]]:
    """Return the text without its secrets, and how many of each kind there were."""
    counts: Counter[str] = Counter()
    return "".join(redact_chunks((text,), counts)), dict(counts)


def redact_chunks(chunks: Iterable[str], counts: Counter[str]) -> Iterator[str]:
    """Yield the text that the chunks make, without its secrets, in constant memory; count them by kind.

    What comes out is the same wherever the chunks end.
    """
    is_json: bool | None = None
    for segment in segments(chunks):
        if is_json is None and (begin := segment.lstrip()[:1]):
            is_json = begin in {"{", "[", '"'}
        yield _redacted(segment, counts, is_json=bool(is_json))


def _redacted(text: str, counts: Counter[str], *, is_json: bool) -> str:
    for _ in range(MAX_PASSES):
        found: Counter[str] = Counter()
        redact = partial(_pass, is_json=is_json)
        text = unwrapped(uncovered(text, redact, found), redact, found)
        text = redact(text, found)
        text = decoded(text, redact, found)
        if not found:
            break
        counts.update(found)
    return text


def _pass(text: str, counts: Counter[str], *, is_json: bool) -> str:
    words = words_of(text)
    text = _without_kinds(text, words.lower, BLOCKS, counts)
    runs = _runs(words)
    if runs:
        text = _without_tokens(text, runs, counts)
    text = _without_kinds(text, words.lower, IN_CONTEXT, counts)
    text = _without_spans(text, command_secrets(text, words), counts)
    return _without_spans(text, named_secrets(text, words.lower, is_json=is_json), counts)


def _runs(words: Words) -> str:
    long = b" ".join([word for word in words.each if len(word) >= _SHORTEST])
    return " ".join(_RUN.findall(long.decode("latin-1")))


def _without_tokens(text: str, runs: str, counts: Counter[str]) -> str:
    for found in tokens_in(runs):
        text = _without_token(text, found, counts)
    text = _without_kinds(text, runs, SHAPES, counts)
    for part, kind in BY_PART:
        if part.search(runs):
            text = _without_kind(text, kind, counts)
    return text


def _without_kinds(text: str, where: str, kinds: tuple[Kind, ...], counts: Counter[str]) -> str:
    absent: set[str] = set()  # kinds share hints, and a short one costs as much as a pattern
    for kind in kinds:
        for hint in kind.hints:
            if hint in absent:
                continue
            if hint in where:
                text = _without_kind(text, kind, counts)
                break
            absent.add(hint)
    return text


def _without_kind(text: str, kind: Kind, counts: Counter[str]) -> str:
    """Take out secrets of one kind; of a token also what a line break tore from it."""
    group = "secret" if "secret" in kind.pattern.groupindex else 0
    pieces: list[str] = []
    done = 0
    for match in kind.pattern.finditer(text):
        start, end = match.span(group)
        if start < done:
            continue
        start += _inside_escape(text, start)
        pieces += (text[done:start], MARK, kind.name, "]")
        counts[kind.name] += 1
        done = end if group else end_of_token(text, end)
    return "".join((*pieces, text[done:])) if done else text


def _without_token(text: str, found: Token, counts: Counter[str]) -> str:
    text = _without_kind(text, found.kind, counts)
    if found.prefix not in text or ("\n" not in text and "\\n" not in text):
        return text
    return _without_kind(text, Kind(found.kind.name, (), torn(found.prefix)), counts)


def _inside_escape(text: str, start: int) -> int:
    r"""Return 1 if the character at `start` ends a JSON escape, as the n of `\npm_…` may do."""
    if start == 0 or text[start - 1] != "\\" or text[start] not in "bfnrt":
        return 0
    first = start
    while first and text[first - 1] == "\\":
        first -= 1
    return (start - first) % 2


def _without_spans(text: str, spans: list[Span], counts: Counter[str]) -> str:
    if not spans:
        return text
    counts.update(span.kind for span in spans)
    pieces: list[str] = []
    done = 0
    for start, end, kind, quote in spans:
        pieces += (text[done:start], quote, MARK, kind, "]", quote)
        done = end
    pieces.append(text[done:])
    return "".join(pieces)
