"""Taking secrets out of bug reports, and nothing else.

The user sends code and conversation knowing it; hashes, ids, paths and images stay. Two nets: the shapes of
known secrets (`secret_kinds`), and values that a name gives away (`secret_names`: `DB_PASSWORD=…`,
`{"api_key": "…"}`). What is taken leaves a mark, `[redacted:<kind>]`. Patterns can miss a secret: whoever
shows the result must say so.

Time is linear in the text. Redacting twice changes nothing more. JSON that is given as text still parses.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, cast

from .named_values import named_secrets
from .secret_kinds import KINDS
from .secret_names import MARK, value_kind

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping, Sequence

    from .named_values import Span
    from .secret_kinds import Kind

MAX_PASSES = 6  # a mark changes how its neighbours read; two passes settle nearly all texts
MAX_DEPTH = 200  # far above real data, far below the interpreter's own limit of 1,000 calls


def redact_secrets(text: str) -> str:
    """Return `text` with its secrets replaced by marks like `[redacted:github-token]`."""
    return redact_text(text)[0]


def redact_text(text: str) -> tuple[str, dict[str, int]]:
    """Return the text without its secrets, and how many of each kind there were."""
    counts: Counter[str] = Counter()
    for _ in range(MAX_PASSES):
        found: Counter[str] = Counter()
        text = _pass(text, found)
        if not found:
            break
        counts.update(found)
    return text, dict(counts)


def _pass(text: str, counts: Counter[str]) -> str:
    lower = text.lower()
    for kind in KINDS:
        if any(hint in lower for hint in kind.hints):
            text = _without_kind(text, kind, counts)
    spans = named_secrets(text)
    counts.update(span.kind for span in spans)
    return _marked(text, spans)


def redact_structure(value: Any) -> tuple[Any, dict[str, int]]:
    """Return JSON-like data (dicts, lists, strings, numbers) without secrets, and the counts by kind.

    Keys are redacted too; what lies deeper than `MAX_DEPTH` is replaced whole.
    """
    counts: Counter[str] = Counter()
    return _clean(value, counts, 0), dict(counts)


def _without_kind(text: str, kind: Kind, counts: Counter[str]) -> str:
    group = "secret" if "secret" in kind.pattern.groupindex else 0

    def mark(match: re.Match[str]) -> str:
        start, end = match.span(group)
        start += _inside_escape(text, start)
        counts[kind.name] += 1
        return f"{text[match.start() : start]}{MARK}{kind.name}]{text[end : match.end()]}"

    return kind.pattern.sub(mark, text)


def _inside_escape(text: str, start: int) -> int:
    r"""Return 1 if the character at `start` ends a JSON escape, as the n of `\npm_…` may do."""
    if start == 0 or text[start - 1] != "\\" or text[start] not in "bfnrt":
        return 0
    first = start
    while first and text[first - 1] == "\\":
        first -= 1
    return (start - first) % 2


def _marked(text: str, spans: list[Span]) -> str:
    if not spans:
        return text
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
    return [_clean(item, counts, depth + 1) for item in cast("Sequence[Any]", value)]


def _clean_mapping(mapping: Mapping[Any, Any], counts: Counter[str], depth: int) -> dict[Any, Any]:
    clean: dict[Any, Any] = {}
    for key, value in mapping.items():
        new_key = _clean(key, counts, depth + 1) if isinstance(key, str) else key
        if new_key != key:
            new_key = _unused(new_key, clean, mapping)
        clean[new_key] = _clean_named(_name_of(key, mapping), value, counts, depth + 1)
    return clean


def _name_of(key: Any, mapping: Mapping[Any, Any]) -> str:
    """Return the name that tells what a value is; `{"name": "PASSWORD", "value": "…"}` names it beside."""
    if key == "value":
        key = mapping.get("name", mapping.get("key", key))
    return key if isinstance(key, str) else ""


def _clean_named(name: str, value: Any, counts: Counter[str], depth: int) -> Any:
    if isinstance(value, list) and depth < MAX_DEPTH:
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
