"""Taking secrets out of bug reports, and nothing else.

The user sends code and conversation knowing it; hashes, ids, paths and images stay. Two nets: the shapes of
known secrets (`tokens`, `kinds`), and values that a name gives away (`named_values`: `DB_PASSWORD=…`,
`{"api_key": "…"}`). What is taken leaves a mark, `[redacted:<kind>]`. Patterns can miss a secret: whoever
shows the result must say so.

The patterns are our own, since the field's rule sets look for secrets in repositories, one finding a line: they name a
place, they do not take text out of JSON that has to parse afterwards, and they need another language or seconds a
megabyte. Their facts are here (`secret_tokens`).

Time is linear in the text. Redacting twice changes nothing more. JSON that is given as text still parses.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from .commands import command_secrets
from .encoded import decoded
from .hidden import uncovered
from .kinds import BLOCKS, IN_CONTEXT, SHAPES
from .named_values import named_secrets
from .names import INNER_NAMES, MARK, secret_name
from .parts import BY_PART
from .patterns import Kind
from .segments import segments
from .tokens import tokens_in
from .values import value_kind
from .words import words_of
from .wrapped import end_of_token, torn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from .spans import Span
    from .tokens import Token
    from .words import Words

MAX_PASSES = 6  # a mark changes how its neighbours read; two passes settle nearly all texts
MAX_DEPTH = 200  # far above real data, far below the interpreter's own limit of 1,000 calls

_BESIDE = frozenset(("name", "key", "variable", "header", "field", "parameterkey", "parametername"))

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
        text = redact(uncovered(text, redact, found), found)
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


def redact_structure(value: Any) -> tuple[Any, dict[str, int]]:
    """Return JSON-like data (dicts, lists, strings, numbers) without secrets, and the counts by kind.

    Keys are redacted too; what lies deeper than `MAX_DEPTH` is replaced whole.
    """
    counts: Counter[str] = Counter()
    return _clean(value, counts, 0), dict(counts)


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


def _clean(value: Any, counts: Counter[str], depth: int) -> Any:
    if isinstance(value, str):
        text, found = redact_text(value)
        counts.update(found)
        return text
    if not isinstance(value, dict | list | tuple):
        return value
    if depth >= MAX_DEPTH:
        counts["too-deep"] += 1
        return f"{MARK}too-deep]"
    if isinstance(value, dict):
        return _clean_mapping(cast("Mapping[Any, Any]", value), counts, depth)
    return _clean_sequence(cast("Sequence[Any]", value), counts, depth)


def _clean_sequence(items: Sequence[Any], counts: Counter[str], depth: int) -> list[Any]:
    """Clean a list; in a list of arguments an option names the next item: `["--password", "…"]`."""
    clean: list[Any] = []
    name = ""
    for item in items:
        clean.append(_clean_named(name, item, counts, depth + 1) if name else _clean(item, counts, depth + 1))
        is_option = isinstance(item, str) and item.startswith("--") and secret_name(item) is not None
        name = item.strip("-") if is_option else ""
    return clean


def _clean_mapping(mapping: Mapping[Any, Any], counts: Counter[str], depth: int, under: str = "") -> dict[Any, Any]:
    """Clean an object; `under`: the secret's name that it stands under, as in `{"password": {"value": "…"}}`."""
    clean: dict[Any, Any] = {}
    for key, value in mapping.items():
        new_key = _clean(key, counts, depth + 1) if isinstance(key, str) else key
        name = under if under and key in INNER_NAMES else _name_of(new_key, mapping)
        if new_key != key:
            new_key = _unused(new_key, clean, mapping)
        clean[new_key] = _clean_named(name, value, counts, depth + 1)
    return clean


def _name_of(key: Any, mapping: Mapping[Any, Any]) -> str:
    """Return the name that tells what a value is; `{"name": "PASSWORD", "value": "…"}` names it beside."""
    if isinstance(key, str) and key.lower() in {"value", "parametervalue"}:
        beside = (value for other, value in mapping.items() if isinstance(other, str) and other.lower() in _BESIDE)
        key = next(beside, key)
    return key if isinstance(key, str) else ""


def _clean_named(name: str, value: Any, counts: Counter[str], depth: int) -> Any:
    if isinstance(value, list | dict) and depth < MAX_DEPTH and secret_name(name) is not None:
        if isinstance(value, dict):
            return _clean_mapping(cast("Mapping[Any, Any]", value), counts, depth, under=name)
        return [_clean_named(name, item, counts, depth + 1) for item in value]
    value = _clean(value, counts, depth)
    kind = value_kind(name, value)
    if kind is None:
        return value
    counts[kind] += 1
    return f"{MARK}{kind}]"


def _unused(key: str, *taken: Mapping[Any, Any]) -> str:
    """Return a key that no other entry has: two secrets as keys must not become one."""
    number, candidate = 1, key
    while any(candidate in mapping for mapping in taken):
        number += 1
        candidate = f"{key}#{number}"
    return candidate
