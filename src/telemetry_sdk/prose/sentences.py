"""Telling plain prose from all else: what is not proven to be prose is not prose.

Code can be made of common words (`return result`), and messages quote names that are words (`missing argument
ledger`). So no word is believed by itself: each becomes the letter of its class, a text a line of letters, and a word
that may be a name must stand where a sentence has room for its class.

| letter | word | letter | word |
| --- | --- | --- | --- |
| d k | determiner: the, your; no | n h s | a noun; one that messages speak of; one for what has a name |
| t | pronoun: it, they, there | p | a noun that stands before another one: internet, email |
| T M | auxiliary: is, has, seems; modal: can, do | q | a plural or `-s` form |
| z l | not, never; and, or | b v | a verb as in the dictionary; one that is a noun, too |
| o g | to; what `to` follows: try, able | e | a verb's other forms: stopped, working |
| i j | preposition; conjunction | a c | an adjective; an adverb |
| w W | with which messages speak of names: found; a verb so: match | x y | a proper name; perhaps one of somebody |
| # u | a closed shape; a unit, or what is counted | m ^ N | a mark; a capital; a noun in its place, or an idea |

Signs: `.` ends a sentence, `,` a clause; `:` is a colon or three dots, `_` a second blank, `-` a dash.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise

from .harmless import is_harmless
from .phrases import MARK, is_phrase
from .word_list import classes, counted

_NEVER = re.compile(r"[\"\\`(){}\[\]|&@\x00-\x1f\x7f-\x9f]")  # code, quotes, markup, escapes, a second line
_USUAL = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,3})?%?|[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{2}:[0-9]{2}:[0-9]{2}")
_CURLY = "\u2019"
_SIGNS = {".": ".", "!": ".", "?": ".", ",": ",", ":": ":", "…": ":"}

_SUSPECT = re.compile(r"[swW:]")  # the text speaks of names: few nouns are believed
_OF_NAMES = re.compile(r"[swW]")
_AUXILIARY = re.compile(r"([TM])[cz]+")  # is not very ...
_NOUN = re.compile(r"d[acdegzl]*p?[nvqhsp]|(?<=[ibeT^])a+q|(?<=tT)k[acg]*[nvqh]")  # the new server; with small changes
_NOUN_OF_MESSAGES = re.compile(r"d[acdw]*p?[hs]")
_DATED = re.compile(r"\^?y+(?:,y+)?,?_?#|#[,i]?y+|[da]y+")  # Python 3.11, the 3rd of May, Monday, May 24, next Monday
_OPENING = re.compile(r"^\^(?:[ac],|c(?=[bvW][dt]))")  # First, ...; then run the ...
_COUNT = re.compile(r"(?<=[tT])#a*q")  # there are three ways
_PLURAL_ACTS = re.compile(r"(d[acdegzl]*p?q)c*[bW]")  # the tests pass
_SINGULAR_ACTS = re.compile(r"((?:^|[.,lj^])t)c*q(?=[dt])")  # it uses the ...
_LETTERS = "dktTMzlogijwWncaehspqbvxy#umN^.,:_-<"  # `<` begins the line
_PLACELESS = "nqhspyk_"  # a noun outside its place, a name without a date, a second blank
_ONLY_AFTER = {
    **dict.fromkeys(_PLACELESS, ""),
    "a": "TMtl,",
    "b": "tMo^l,",
    "v": "tMo^l,",
    "W": "tMo^l,",
    "u": "#",
    "^": ".<",
}
_NEVER_AFTER = {
    "e": "bvWeagdMiojw#",  # a form that nobody did
    "T": "eabvWi#",
    "M": "eabvWi",
    "g": "eioW#",
    "w": "eioW",
    "x": "ewW",
    "h": "wW",
    "z": "<W",
    "l": "<",
    ",": "<",
    ".": "<",
    ":": "<",
    "-": "<",
}
_NO_ROOM = frozenset(
    [(before, letter) for letter, places in _ONLY_AFTER.items() for before in _LETTERS if before not in places]
    + [(before, letter) for letter, places in _NEVER_AFTER.items() for before in places]
)
_CONTEXT = re.compile(
    r"(?:\#,?){4}|\#:$"  # a row of numbers, one that is cut
    r"|[^a][l,]a|[^Tb]ta|Ma(?![mN.]|$)"  # an adjective that is nobody's
    r"|[beiwW]t[bvWe]|[l,][bvW](?![Ntdc])|[^gNtT^a]o[bvW]|[^e]le"  # a verb that nobody does
    r"|Mt[wW]|<\^?e#|<\^?[ej][dkzlT#]+M?\.?$"  # did you mean; a form with its number, with a word that is no noun
    r"|<\^?[swWgz,:.]+$|<j.*[M:]$"  # all about names; the head of a block of code
    r"|[<jl.,:]\^?[wg][TM]"  # a name that something is said of: matches is undefined
)
_FUNCTION = re.compile(r"[dtTMzoijl#m]")
_CONTENT = re.compile(r"[abceghnNpqsvwW]")
_ACTS = re.compile(r"[TMbvegwW]")

_NUMBERED = frozenset(
    ("version", "step", "page", "attempt", "phase", "chapter", "status")
)  # with a short number: a thing
_LONGEST_NUMBER = 5  # digits: longer ones may identify
_LONG_NUMBERS = re.compile(r" (?:(?<=[0-9]{3} )|(?<=[0-9]{3}, ))[0-9]{3}")
_MOST_NUMBERS = 6
_SECRETS = ("pass", "pin ", "code", "token", "secret", "key", "credential", "login", "log in", "account", "otp")
_LONG_NUMBER = re.compile(r"[0-9]{4}(?!-| tokens\b)")


def is_prose(text: str) -> bool:
    """Tell whether every word of a text is proven harmless."""
    body = text.removesuffix("\n").strip(" ")
    if not body or is_phrase(body):
        return True
    if _NEVER.search(body):
        return False
    line = _letters(body)
    return line is not None and _holds_together(line) and ("#" not in line or not _numbers_give_away(body, line))


def _letters(body: str) -> str | None:
    """Return the line of letters, or None if a word has none."""
    known = _letter_of()
    letters: list[str] = []
    before = ""
    for chunk in body.split(" "):
        if letters and letters[-1] == "#" and chunk.rstrip(".,!?") in counted():
            letters.append("u" + _SIGNS.get(chunk[-1], ""))
            continue
        letter = known.get(chunk) or _letter(chunk, known)
        if letter is None:
            return None
        if letter[0] == "#" and before.lower() in _NUMBERED and not _LONG_NUMBER.search(chunk):
            letters[-1] = letters[-1][:-1] + "N"
            letter = letter[1:]
        letters.append(letter)
        before = chunk
    return "".join(letters)


def _letter(chunk: str, known: dict[str, str]) -> str | None:
    """Return the letter of a word that is not in the list as it stands: with a sign, a capital, or of a shape."""
    if chunk[0].isdigit() and (_USUAL.fullmatch(chunk) or (chunk.isascii() and chunk.isdigit())):
        return "#" if len(chunk) <= _LONGEST_NUMBER or not chunk.isdigit() else None
    sign = _SIGNS.get(chunk[-1], "")
    if sign:
        chunk = chunk[:-3] if chunk.endswith("...") else chunk[:-1]
        letter = known.get(chunk)
        if letter:
            return letter + sign
    first = chunk[:1]
    if first.isalpha():
        if first.isupper():
            letter = known.get(first.lower() + chunk[1:])
            if letter:
                return f"^{letter}{sign}"
        if _CURLY in chunk and "'" not in chunk:
            return _letter(chunk.replace(_CURLY, "'") + sign, known)
    if (sign and _USUAL.fullmatch(chunk)) or is_harmless(chunk):
        return ("x" if first.isalpha() else "#") + sign
    return None


def _holds_together(line: str) -> bool:
    """Tell whether every word stands where a sentence has room for it."""
    if not _CONTENT.search(line):
        return _has_room(_DATED.sub("x", line) if "y" in line else line)
    if not _FUNCTION.search(line) or ("x" in line and _OF_NAMES.search(line)):
        return False  # words in a row: a name, or a line of code; something is said of a name
    if line[0] == "^":
        line = _OPENING.sub("^", line)
    if "T" in line or "M" in line:
        line = _AUXILIARY.sub(r"\1", line)
    if "q" in line:
        line = _SINGULAR_ACTS.sub(r"\1e", _PLURAL_ACTS.sub(r"\1e", _COUNT.sub("N", line)))
    line = (_NOUN_OF_MESSAGES if _SUSPECT.search(line) else _NOUN).sub("N", line)
    if "y" in line:
        line = _DATED.sub("x", line)
    return ("N" not in line or _ACTS.search(line) is not None) and _has_room(line)


def _has_room(line: str) -> bool:
    line = f"<{line}"
    return _NO_ROOM.isdisjoint(pairwise(line)) and _CONTEXT.search(line) is None


def _numbers_give_away(body: str, line: str) -> bool:
    """Tell whether the numbers may be a secret: a text about one, or too many of them."""
    if line.count("#") > _MOST_NUMBERS or _LONG_NUMBERS.search(body):
        return True
    if not _LONG_NUMBER.search(body):
        return False
    lower = f"{body.lower()} "
    return any(word in lower for word in _SECRETS)


@cache
def _letter_of() -> dict[str, str]:
    return classes() | {"": "_", MARK: "m", "\u2014": "-", "\u2013": "-"}
