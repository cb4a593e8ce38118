"""Where a text speaks of a secret: the names in it that give away what stands beside them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .names import MARK, SHORT_NAMES, is_weak, secret_name

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST_NAME = 64
_LONGEST_BEFORE = 96  # characters of a line that are looked at before a name

_WORDS = {  # what the words of a text must hold, and the word itself; one by one is faster than all in one pattern
    hint: re.compile(word)
    for hint, word in (
        *((word, word) for word in ("pass", "pw", "secret", "token", "key", "credential", "psk", "kennwort")),
        *((word, word) for word in ("contrase", "senha", "mnemonic", "phrase", "sessid", "sessionid", "authtok")),
        *((word, rf"{word}(?![a-z])") for word in ("auth", "otp", "pin")),
        ("string", "connection_?string"),
        ("_pat", "(?<=_)pat(?![a-z])"),
        ("passe", "mot[ _-]de[ _-]passe"),
        ("verification", "verification[ _-]code"),
    )
}
_ELSEWHERE = ("пароль", "密码", "密碼", "パスワード")
_AS_THEY_ARE = tuple(map(re.compile, _ELSEWHERE))
_ESCAPED = tuple(  # as JSON writes them: `\u043f…`
    (f"u{ord(word[0]):04x}", re.compile("".join(rf"\\{{1,15}}+u{ord(sign):04x}" for sign in word)))
    for name in _ELSEWHERE
    for word in {name, name.capitalize()}
)
_REST_OF_NAME = re.compile(r"(?:\\{1,15}+u00f1)?[A-Za-z0-9_ñ]{0,40}+(?:-[A-Za-z0-9_]{1,40}+){0,4}+")
_WORD_BEFORE = re.compile(  # `API key`, `seed phrase`, `api.key`
    r"(?:(?:(?<![A-Za-z])|(?<=\\[nrt]))(?i:api|access|secret|private|auth|account|unseal|signing|encryption|master"
    r"|seed|recovery|pin|admin|application|storage|ingestion|service|webhook|shared|license) "
    r"|[A-Za-z0-9_-]{1,32}\.)\Z"
)
_NEED_A_WORD = frozenset(("key", "phrase", "code"))
_NAME_CHARACTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
_ESCAPE = re.compile(r"[bfnrt]|u[0-9A-Fa-f]{4}")  # in JSON text a line break is the two characters \n
_CODE_POINT = re.compile(r"\\+u([0-9a-f]{4})")
_PLACE = re.compile(r"(?:[A-Za-z0-9_-]{1,32}\.){1,6}\Z")  # `spring.datasource.password`
_LINE_BEGINS = re.compile(r".*(?:[\r\n\"]|\\[nr])|(?<!.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Mention:
    """A secret's name in a text, from `start` to `end`, and the kind of secret that it gives away."""

    text: str
    start: int
    end: int
    name: str
    kind: str
    is_json: bool
    weak: bool = False  # the name is one of other things, too: its value must look made

    def line_before(self) -> str | None:
        """Return what stands before the (dotted) name on its line or in its JSON string; None if that is long."""
        before = self.text[max(0, self.start - _LONGEST_BEFORE) : self.start]
        begin = _LINE_BEGINS.match(before)
        if begin is None or (begin.end() == 0 and self.start > _LONGEST_BEFORE):
            return None
        return _PLACE.sub("", before[begin.end() :])


def mentions(text: str, hints: str) -> Iterator[tuple[int, int]]:
    """Yield where words stand that may belong to a secret's name, in order; `hints`: the words of the text."""
    lower = text.lower()
    if len(lower) != len(text):  # one letter, the dotted capital I, grows: positions must not shift
        lower = text.replace("\u0130", "I").lower()
    words = [word for hint, word in _WORDS.items() if hint in hints]
    if "\\u" in lower:
        words += [word for hint, word in _ESCAPED if hint in hints]
    if not lower.isascii():
        words += _AS_THEY_ARE
    done = 0
    for start, end in sorted(found.span() for word in words for found in word.finditer(lower)):
        if start >= done:
            rest = _REST_OF_NAME.match(text, end)
            done = rest.end() if rest else end
            yield start, done


def mention_at(text: str, word: int, end: int, *, is_json: bool) -> Mention | None:
    """Return the name that this word belongs to, if it is a secret's."""
    start = _start_of_name(text, word)
    name, kind = _kind_of(text, start, end)
    if kind is None or text.endswith(MARK, 0, start):  # a mark's own word
        return None
    weak = is_weak(name) and text[start - 1 : start] not in {";", '"', "'"}
    return Mention(text, start, end, name, kind, is_json, weak)


def _kind_of(text: str, start: int, end: int) -> tuple[str, str | None]:
    """Return the name at this place, and the kind of secret that it gives away."""
    name = text[start:end].strip("-").rstrip("0123456789")
    if name.lower() in _NEED_A_WORD and (before := _WORD_BEFORE.search(text[max(0, start - 33) : start])):
        name = before[0] + name
    if name.lower() in SHORT_NAMES:
        return name, "password"
    if "\\" in name:
        name = _CODE_POINT.sub(lambda escape: chr(int(escape[1], 16)), name)
    return name, secret_name(name)


def _start_of_name(text: str, word: int) -> int:
    before = text[max(0, word - _LONGEST_NAME) : word]
    start = word - len(before) + len(before.rstrip(_NAME_CHARACTERS))
    escape = _ESCAPE.match(text, start) if text[start - 1 : start] == "\\" else None
    return min(word, escape.end()) if escape else start
