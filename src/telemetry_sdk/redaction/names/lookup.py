"""Tells from a name what kind of secret it gives away, and how the value must look."""

from __future__ import annotations

import re
from functools import lru_cache

from ..rules import names as known

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SEPARATORS = re.compile(r"[-. ]")
_LONGEST = 96  # characters of a name that are looked at

_RANDOM_VALUE = re.compile(  # small and capital letters and digits; no digest, no id, no name of code
    r"(?=[^0-9]*+[0-9])(?=[^a-z]*+[a-z])(?=[^A-Z]*+[A-Z])[A-Za-z0-9+/_-]{16,4096}+={0,2}"
)
_WITH_DIGITS = re.compile(r"(?=[^0-9]*+[0-9])[0-9A-Za-z-]{4,32}+")
_DIGITS = re.compile(r"[0-9]{4,12}")
_RANDOM_NAME = re.compile(  # base64 that ends in `Pw`
    r"(?!.*[a-z]{5})(?=(?:[^0-9]*+[0-9]){2})(?=(?:[^A-Z]*+[A-Z]){3})[A-Za-z0-9]{16,}"
)


@lru_cache(maxsize=512)  # a text has few names, and repeats them often
def secret_name(name: str) -> str | None:
    """Return the kind of secret that a thing of this name holds, `password` or `secret`, or None."""
    words = words_of_name(name)
    if " ".join(words) in known.HEADERS:
        return "secret"
    last, before = _ending(words)
    if (
        (words and words[0] in known.FIRST_WORDS_OF_OTHERS)
        or words[:2] == ["sec", "websocket"]
        or _RANDOM_NAME.fullmatch(name)
    ):
        return None
    if last.endswith(known.PASSWORD_ENDINGS) or last in known.PASSWORDS or _ends_with_pass(last, before):
        return "password"
    return "secret" if _is_secret(last, before) or _is_phrase(words) else None


@lru_cache(maxsize=512)
def is_weak(name: str) -> bool:
    """Whether a name is one of other things, too: `pass` alone, `userpass`."""
    last, _ = _ending(words_of_name(name))
    return (
        name.lower() in known.SHORT_NAMES
        or name.lower() == "cookies"
        or (last.endswith("pass") and last not in known.SHORT_NAMES)
    )


@lru_cache(maxsize=512)
def holds_words(name: str) -> bool:
    """Whether a value of this name is a row of words."""
    return words_of_name(name)[-1:] in (["mnemonic"], ["phrase"], ["passphrase"], ["psk"])


@lru_cache(maxsize=512)
def required_value(name: str) -> re.Pattern[str] | None:
    """Return the form that a value must have under a name that is also one of harmless things; None: any."""
    last, before = _ending(words_of_name(name))
    if last == "pin" or (before, last) == ("pin", "code"):
        return _DIGITS
    if last == "otp" or (before, last) == ("verification", "code"):
        return _WITH_DIGITS
    if last in known.ALSO_HARMLESS or last == "tokens":  # those of language models are words and counts
        return _RANDOM_VALUE
    is_header = name[:2] in {"x-", "X-"} and before not in known.NO_KEY_HEADERS
    return _RANDOM_VALUE if last == "key" and before not in known.SECRET_KEYS and not is_header else None


def words_of_name(name: str) -> list[str]:
    """Return the words of a name in lower case, without what says nothing at its end: `dbPassword2` is db, password."""
    words = _SEPARATORS.sub("_", _CAMEL.sub("_", name[-_LONGEST:])).lower().split("_")
    words = [word for word in words if word]
    while words and (words[-1] in known.SUFFIXES or words[-1].isdecimal()):
        words.pop()
    return words


def _ending(words: list[str]) -> tuple[str, str]:
    """Return the last word, in the singular, and the one before it; "" where there is none."""
    before, last = ["", "", *words][-2:]
    return last if last.endswith("ss") or last == "tokens" else last.removesuffix("s"), before


def _ends_with_pass(last: str, before: str) -> bool:
    """Tell whether a name ends with `pass` or `pwd`, and with a word before it: `db_pass`, `remotepass`."""
    if last in known.SHORT_NAMES:
        return before not in {"", "old"}
    return last.endswith("pass") and last not in known.NO_PASSES


def _is_phrase(words: list[str]) -> bool:
    return " ".join(words[-3:]) in known.PHRASES or " ".join(words[-2:]) in known.PHRASES


def _is_secret(last: str, before: str) -> bool:
    if last == "key":
        return before not in known.NO_KEYS
    if last in {"token", "tokens"}:
        return before not in known.NO_TOKENS
    if last == "pat":
        return before in known.PERSONAL_TOKENS
    return last in known.SECRETS or last in known.ALSO_HARMLESS or last.endswith(known.SECRET_ENDINGS)
