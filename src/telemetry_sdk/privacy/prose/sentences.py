"""Telling plain prose from all else: what is not proven to be prose is not prose.

Code can be made of common words (`return result`), and messages quote names that are words (`missing argument
ledger`). So words are judged by their neighbours, too. Each word becomes a letter, a text a line of letters, and the
rules are patterns over that line:

| letter | word | letter | word |
| --- | --- | --- | --- |
| d | determiner: the, your, no | s w | with which messages speak of names: file, missing |
| t | leads to a verb: to, they, can, not | x | a proper name or a fixed compound |
| f | other words that make a sentence: with, is | # | a closed shape: a number, a date, a model |
| c | hardly a name: adverbs, verbs' forms | u | a unit |
| a | an adjective | m | the mark of what went before |
| b | a verb as in the dictionary: may be a method's name | ^ | a capital before it |
| n q v p | a noun; its plural; one that is a verb, too; one that needs no article | | |

Signs: `.` ends a sentence, `,` a clause; `:` is a colon or three dots, `_` a second blank, `-` a dash.
"""

from __future__ import annotations

import re
from functools import cache

from .fixed import is_about_a_name, is_fixed
from .harmless import is_harmless
from .phrases import MARK, is_phrase
from .word_list import words

_NEVER = re.compile(r"[\"\\`(){}\[\]|&@\x00-\x1f\x7f-\x9f]")  # code, quotes, markup, escapes, a second line
_CURLY = "\u2019"
_SIGNS = {".": ".", "!": ".", "?": ".", ",": ",", ":": ":", "…": ":"}
_BROKEN = re.compile(
    r"[^.]\^"  # a capital inside a sentence: a type's name
    r"|(?<![.])_"  # two blanks: a table, an indent
    r"|(?<!\#)u"  # a unit of nothing: a variable of one letter
    r"|(?:\#,?){4}"  # a row of numbers: a secret cut into pieces
    r"|\#:$"  # a number that is cut
    r"|^(?:[sw,:.]+|\^?a[,:.]?)$"  # nothing but what messages speak of; an adjective by itself
    r"|^[npqvs]"  # a noun without an article or a capital: a name
)
_SUSPECT = re.compile(r"[sw:]")  # the text speaks of names: a noun is believed only if an article stands before it
_LED = re.compile(r"(?:[txpq,]c?|^\^|[.]\^)(?:b|v(?=[a-z#]))")  # a verb where one may stand
_DETERMINED = re.compile(r"[d#][acx#,nvpq]*|\^a?[nvpq]")  # a noun, and what stands before it, where one may stand
_DIRECT = re.compile(r"d[acx]*[nvpqs]")  # the same where the text speaks of names
_NAMED = re.compile(r"[bnvpqs]")
_UNDETERMINED = re.compile(r"[bnvq]")
_REMARK = re.compile(
    r"(?:\^[nv][ac]{1,2}|(?:\#[pq][ac]?[,.]?){1,3}|\^b|\^t[bv])[.:]?"
)  # Session started, 3 errors found, Retry
_WORD = re.compile(r"[dtfacbnpqvsw]")
_CONTENT = re.compile(r"[cabnpqvsw]")
_FUNCTION = re.compile(r"[dtf]")
_SENTENCE = 3  # words: fewer are a remark

_DIGIT = re.compile(r"[0-9]")
_LONGEST_NUMBER = 7
_MOST_DIGITS = 32  # a date, a time and a number or two; a secret cut into pieces has more
_SECRETS = ("pass", "pin ", "code", "token", "secret", "key", "credential", "login", "log in", "account", "otp")
_LONG_NUMBER = re.compile(r"[0-9]{4}")


def is_prose(text: str) -> bool:
    """Tell whether every word of a text is proven harmless."""
    body = text.removesuffix("\n").strip(" ")
    if not body:
        return True
    if is_fixed(body) or is_phrase(body):
        return True
    if _NEVER.search(body):
        return False
    line = _letters(body)
    plain = line is not None and _holds_together(line) and not _numbers_give_away(body, line)
    return plain and not is_about_a_name(body)  # last, for it costs the most


def _letters(body: str) -> str | None:
    """Return the line of letters, or None if a word has none."""
    known = _letter_of()
    letters: list[str] = []
    for chunk in body.split(" "):
        letter = known.get(chunk) or _letter(chunk, known)
        if letter is None:
            return None
        letters.append(letter)
    return "".join(letters)


def _letter(chunk: str, known: dict[str, str]) -> str | None:
    """Return the letter of a word that is not in the list as it stands: with a sign, a capital, or of a shape."""
    if chunk.isdigit() and chunk.isascii() and len(chunk) <= _LONGEST_NUMBER:
        return "#"
    sign = _SIGNS.get(chunk[-1], "")
    if sign:
        chunk = chunk[:-3] if chunk.endswith("...") else chunk[:-1]
        sign = ":" if chunk.endswith("...") else sign
        letter = known.get(chunk)
        if letter:
            return letter + sign
    first = chunk[:1]
    if first.isalpha():
        if first.isupper():
            letter = known.get(first.lower() + chunk[1:])
            if letter and letter != "u":
                return f"^{letter}{sign}"
        if _CURLY in chunk and "'" not in chunk:
            return _letter(chunk.replace(_CURLY, "'") + sign, known)
        if chunk.endswith("'s") and known.get(chunk[:-2]) in {"n", "p", "q", "v"}:
            return "n" + sign
    return "#" + sign if is_harmless(chunk) else None


def _holds_together(line: str) -> bool:
    if _BROKEN.search(line) or _is_short(line):
        return False
    if "aa" in line and not _FUNCTION.search(line):
        return False  # words in a row, not a sentence
    if not _NAMED.search(line) or _REMARK.fullmatch(line):
        return True
    if len(_WORD.findall(line)) < _SENTENCE or not _FUNCTION.search(line):
        return False
    line = _LED.sub("c", line)
    if _SUSPECT.search(line):
        return not _NAMED.search(_DIRECT.sub(" ", line))
    return not _UNDETERMINED.search(_DETERMINED.sub(" ", line))


def _is_short(line: str) -> bool:
    """Tell whether a few words make no sentence: a name, or a line of code."""
    return not _FUNCTION.search(line) and 0 < len(_CONTENT.findall(line)) <= _SENTENCE


def _numbers_give_away(body: str, line: str) -> bool:
    """Tell whether the numbers may be a secret: a text about one, or too many digits."""
    if "#" not in line:
        return False
    if len(body) > _MOST_DIGITS and len(_DIGIT.findall(body)) > _MOST_DIGITS:
        return True
    if not _LONG_NUMBER.search(body):
        return False
    lower = f"{body.lower()} "
    return any(word in lower for word in _SECRETS)


@cache
def _letter_of() -> dict[str, str]:
    """Return the letter of each word of the lists; the kind that is believed least comes last and wins."""
    known = words()
    letters = dict.fromkeys(known.units, "u")
    letters |= dict.fromkeys(known.bare, "b")
    letters |= dict.fromkeys(known.nouns, "n")
    letters |= dict.fromkeys(known.plurals, "q")
    letters |= dict.fromkeys(known.uncountable, "p")
    letters |= dict.fromkeys(known.bare & known.nouns, "v")
    letters |= dict.fromkeys(known.adjectives, "a")
    letters |= dict.fromkeys(known.core, "c")
    letters |= dict.fromkeys(known.function, "f")
    letters |= dict.fromkeys(known.leaders, "t")
    letters |= dict.fromkeys(known.determiners, "d")
    letters |= dict.fromkeys(known.spoken_of, "s")
    letters |= dict.fromkeys(known.wary, "w")
    letters |= dict.fromkeys(known.exact, "x")
    return letters | {"": "_", MARK: "m", "\u2014": "-", "\u2013": "-"}
