"""Values in a text that their names give away: `DB_PASSWORD=…`, `"api_key": "…"`, `--token …`, `<password>…`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from .names import LEAST, MARK, is_placeholder, may_be_secret, secret_name, shape_of_value

LONGEST = 8192  # characters of a quoted value; above that its quote is taken for unclosed
_LONGEST_NAME = 64
_LONG_NUMBER = 16  # digits: shorter bare numbers are counts

_WORDS = {  # one by one is faster; what a text must hold, and the word itself
    hint: re.compile(word)
    for hint, word in (
        *((word, word) for word in ("pass", "pw", "secret", "token", "key", "credential", "psk", "kennwort")),
        *((word, word) for word in ("contrase", "senha", "mnemonic", "phrase")),
        *(("sessid", "sessid"), ("sessionid", "sessionid"), ("string", "connection_?string")),
        *((word, rf"{word}(?![a-z])") for word in ("auth", "otp", "pin")),
    )
}
_ELSEWHERE = tuple(map(re.compile, ("пароль", "密码", "密碼", "パスワード")))
_MAY_SIGN = re.compile(r"[\"'`\\\]]|[ \t]{0,8}(?:[=:>]|(?:is|was)[ \t])")  # most words of these are prose and code
_REST_OF_NAME = re.compile(r"[A-Za-z0-9_ñ]{0,40}+(?:-[A-Za-z0-9_]{1,40}+){0,4}+")
_SIGN = re.compile(
    r"(?P<close>\\{0,63}+[\"'`])?\]?"
    r"(?:[ \t]{0,4}:[ \t]{0,4}[A-Za-z][A-Za-z_.|\[\]]{0,40}+(?=[ \t]{0,4}=))?"  # a type: `password: str = …`
    r"(?:[ \t]{0,8}(?P<sign>={1,3}>?|:(?!:)=?|>|(?:is|was)(?=[ \t])|(?=[ \t]))[ \t]{0,8}|,(?P<comma>)\s{0,64})"
)
_WORD_BEFORE = re.compile(r"(?i:api|access|secret|private|auth|account) \Z")
_FALLBACK = re.compile(  # `os.getenv("X") or "…"`
    r"[A-Za-z_][\w.]{0,64}+(?:\([^()\n]{0,100}+\)|\[[^\[\]\n]{0,100}+\])?"
    r"[ \t]{0,4}(?:or|\|\||\?\?)[ \t]{0,4}(?=\\{0,63}+[\"'`])"
)
_STRANGE = re.compile(r"[0-9!@#$%^&*]")
_SAID = 6  # characters of a secret in prose: `the password is …`
_OPENING = re.compile(r"(?:[rRbBfFuU]{1,2}|@)?(?P<quote>\\{0,63}+[\"'`])")
CLOSED_ALREADY = re.compile(r"(?:\s|\\{1,63}+[nrt])*+(?:[,:}\]]|\\{0,63}+[\"'`]|\Z)")
_NUMBER = re.compile(r"-?\d[\d.eE+-]*+(?=[\s,}\]\\]|\Z)")
_BARE = re.compile(r"[^\s\"'`\\,;&<>(){}\[\]|]+")
_BARE_SHELL = re.compile(r"[^\s\"'`\\]+")
_EXPRESSION = re.compile(r"[A-Za-z_]\w*(?:(?:\.|->|::|\?\.)[A-Za-z_]\w*){0,16}")
_ESCAPE = re.compile(r"[bfnrt]|u[0-9A-Fa-f]{4}")  # in JSON text a line break is the two characters \n
_LINE_END = re.compile(r"\Z|[\r\n\"]|\\{1,63}+[nr\"]")
_MEMBER = re.compile(r"\.|->|::")
_NAME_CHARACTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"


class Span(NamedTuple):
    """A value to take out, and the quote to put around the mark (mostly none)."""

    start: int
    end: int
    kind: str
    quote: str = ""


@dataclass(frozen=True, slots=True)
class _Named:
    """A secret's name in the text, and the sign after it; `close` is the quote that closes the name."""

    text: str
    start: int
    name: str
    kind: str
    sign: str
    close: str | None
    value_at: int
    is_json: bool


def named_secrets(text: str, hints: str, *, is_json: bool) -> list[Span]:
    """Return the values to take out of a text, in order and apart from each other."""
    lower = text.lower()
    if len(lower) != len(text):  # one letter, the dotted capital I, grows: positions must not shift
        lower = text.replace("\u0130", "I").lower()
    spans: list[Span] = []
    done = 0
    words = [word for hint, word in _WORDS.items() if hint in hints]
    if not lower.isascii():
        words += _ELSEWHERE
    for start, end in sorted(found.span() for word in words for found in word.finditer(lower)):
        if start >= done:
            rest = _REST_OF_NAME.match(text, end)
            done = rest.end() if rest else end
            if not _MAY_SIGN.match(text, done) and not _is_option(text, start):
                continue
            span = _value(_name_at(text, start, done, is_json=is_json))
            if span is not None:
                spans.append(span)
                done = span.end
    return spans


def _name_at(text: str, word: int, end: int, *, is_json: bool) -> _Named | None:
    start = _start_of_name(text, word)
    name, kind = _kind_of(text, start, end)
    sign = _SIGN.match(text, end) if kind is not None else None
    if kind is None or sign is None or text.endswith(MARK, 0, start):  # a mark's own word
        return None
    written = "," if sign["sign"] is None else sign["sign"]
    if not _is_before_value(text, start, written):
        return None
    fallback = _FALLBACK.match(text, sign.end())
    value_at = fallback.end() if fallback else sign.end()
    return _Named(text, start, name, kind, written, _own_quote(sign["close"]), value_at, is_json)


def _kind_of(text: str, start: int, end: int) -> tuple[str, str | None]:
    """Return the name at this place, and the kind of secret that it gives away."""
    name = text[start:end].strip("-")
    if name in {"key", "Key", "KEY"} and (before := _WORD_BEFORE.search(text[max(0, start - 9) : start])):
        name = before[0] + name  # `API key: …`
    if name.lower() in {"pass", "pwd"} and text[start - 1 : start] in {";", '"', "'"}:
        return name, "password"  # in a connection string, in JSON; elsewhere counts and the working directory
    return name, secret_name(name)


def _is_before_value(text: str, start: int, sign: str) -> bool:
    if sign == "":
        return text.startswith("--", start)  # an option: `--token …`
    if sign == ",":
        return text.startswith("--", start) or text[start - 1] == ":"  # `"--token", "…"`, Elixir's `:token, "…"`
    return sign != ">" or text[start - 1 : start] == "<"


def _is_option(text: str, word: int) -> bool:
    """Tell whether the word may stand in an option (`--db-password`) or in an atom (`:password`)."""
    return text[word - 1 : word] == ":" or "--" in text[max(0, word - _LONGEST_NAME) : word]


def _start_of_name(text: str, word: int) -> int:
    before = text[max(0, word - _LONGEST_NAME) : word]
    start = word - len(before) + len(before.rstrip(_NAME_CHARACTERS))
    escape = _ESCAPE.match(text, start) if text[start - 1 : start] == "\\" else None
    return min(word, escape.end()) if escape else start


def _own_quote(close: str | None) -> str | None:
    r"""Return the quote that closes a name, without the backslashes that the name ends with: `"password\\": 1`."""
    if close is None:
        return None
    run = len(close) - 1
    depth = next(depth for depth in (0, 1, 3, 7, 15, 31, 63) if run % (2 * depth + 2) == depth)
    return close[run - depth :]


def _value(named: _Named | None) -> Span | None:
    if named is None:
        return None
    opening = _OPENING.match(named.text, named.value_at)
    if named.sign in {"is", "was"}:
        return _said(named, opening.end() if opening else named.value_at)
    if opening is not None:
        return _quoted(named, opening.end(), opening["quote"])
    if named.sign == ",":
        return None
    return _json_number(named, named.close) if named.close and named.sign == ":" else _bare(named, named.value_at)


def _quoted(named: _Named, at: int, quote: str) -> Span | None:
    if quote != named.close and CLOSED_ALREADY.match(named.text, at):
        return None  # the end of the text that holds the name: `"enter a password:", …`
    end = _closing(named, at, quote)
    if end is None:
        return _bare(named, at)
    return Span(at, end, named.kind) if may_be_secret(named.name, named.text[at:end], named.kind) else None


def _said(named: _Named, at: int) -> Span | None:
    """Judge a value in prose: `my password is …`; words are none."""
    match = _BARE.match(named.text, at)
    if match is None or len(match[0]) < _SAID or not _STRANGE.search(match[0]) or is_placeholder(match[0]):
        return None
    return None if named.text.startswith(MARK, at) else Span(at, match.end(), named.kind)


def _closing(named: _Named, at: int, quote: str) -> int | None:
    """Return where a quoted value ends, before the backslashes of its closing quote; None: it is not closed.

    In JSON within JSON the quotes of depth d have 2^d - 1 backslashes. A quote closes the value if, pairs
    taken away, as many stand before it as before the opening one; fewer, and it ends an outer text.
    """
    text, depth, mark = named.text, len(quote) - 1, quote[-1]
    limit = min(len(text), at + LONGEST)
    for stop in ("\n", '"') if named.is_json and mark != '"' else ("\n",):
        found = text.find(stop, at, limit)
        limit = limit if found < 0 else found
    found = text.find(mark, at, limit)
    while found >= 0:
        run = _backslashes(text, at, found)
        if run % (2 * depth + 2) == depth:
            return found - depth
        if any(run % (2 * outer + 2) == outer for outer in range(depth)):
            return found - run
        found = text.find(mark, found + 1, limit)
    return None


def _backslashes(text: str, lowest: int, at: int) -> int:
    first = at
    while first > lowest and text[first - 1] == "\\":
        first -= 1
    return at - first


def _json_number(named: _Named, quote: str) -> Span | None:
    """Take a number out of JSON: the mark stands in quotes like the key's, so that it still parses."""
    number = _NUMBER.match(named.text, named.value_at)
    if number is None or named.kind != "password" or len(number[0]) < LEAST:
        return None
    return Span(number.start(), number.end(), named.kind, quote)


def _bare(named: _Named, at: int) -> Span | None:
    """Judge a value without (closed) quotes."""
    text = named.text
    tight = named.sign in {"", ">"} or (named.sign == "=" and text[named.value_at - 1] == "=")
    in_query = text[named.start - 1 : named.start] in {"?", "&", ";"}
    shell = tight and named.name.isupper() and not in_query
    match = (_BARE_SHELL if shell else _BARE).match(text, at)
    if match is None or text.startswith(MARK, at) or is_placeholder(match[0]):
        return None
    if match[0].startswith(("$", "/", "./", "~")) or not _may_be_bare(named, match, tight=tight):
        return None
    return Span(at, match.end(), named.kind)


def _may_be_bare(named: _Named, match: re.Match[str], *, tight: bool) -> bool:
    """Tell whether a bare value may be a secret, rather than an expression, a type or a word of prose."""
    value = match[0]
    shape = shape_of_value(named.name)
    if shape is not None:
        return shape.fullmatch(value) is not None
    if value.isdecimal():
        return len(value) >= (LEAST if named.kind == "password" else _LONG_NUMBER)
    if not _EXPRESSION.fullmatch(value):
        return len(value) >= LEAST
    if _is_code(named, match):
        return False
    if any(c.isdigit() for c in value):
        return True
    return "." not in value and (tight or _stands_alone(named, match.end()))


def _is_code(named: _Named, match: re.Match[str]) -> bool:
    """Tell whether an expression is a call, an index, a type, or its own name: `password=args.password`."""
    if named.sign != ">" and named.text[match.end() : match.end() + 1] in {"(", "[", "{", "<"}:
        return True
    member = _MEMBER.split(match[0])[-1]
    return secret_name(member) is not None or member.lower() in named.name.lower()


def _stands_alone(named: _Named, end: int) -> bool:
    """Tell whether name and value fill their line, as in a settings file."""
    before = named.text[max(0, named.start - _LONGEST_NAME) : named.start].rstrip(" \t\"'-")
    before = before.removesuffix("export").rstrip(" \t")
    opens = not before or before.endswith(("\n", "\r", "\\n", "\\r"))
    return opens and _LINE_END.match(named.text, end) is not None
