"""The words that prose is made of: read once, at the first use, from the files beside this one."""

from __future__ import annotations

from functools import cache
from importlib import resources

_VOWELS = frozenset("aeiou")
# The sections of `words.txt` whose words stand as they are written, with the letter of their class.
_AS_WRITTEN = {
    "adjectives": "a",
    "attributive": "p",
    "ideas": "N",
    "governors": "g",
    "prepositions": "i",
    "conjunctions": "j",
    "auxiliaries": "T",
    "modals": "M",
    "pronouns": "t",
    "determiners": "d",
    "none": "k",
    "to": "o",
    "joiners": "l",
    "not": "z",
    "numerals": "#",
}


def lines(file: str) -> list[str]:
    """Return the lines of a data file of this package, without remarks and blanks."""
    text = resources.files(__package__ or "").joinpath(file).read_text("utf-8")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


@cache
def classes() -> dict[str, str]:
    """Return the letter of each word's class (`sentences` says which); the class that is believed least wins."""
    sections = _sections()
    verbs, nouns = sections["verbs"], sections["nouns"]
    bare = [verb.rstrip("+") for verb in verbs]
    forms = [*map(_with_s, bare), *(form for verb in verbs for form in _verb_forms(verb))]
    plurals = map(_with_s, nouns)
    letters = dict.fromkeys(bare, "b") | dict.fromkeys(nouns, "n")
    letters |= dict.fromkeys(set(bare).intersection(nouns), "v")
    letters |= dict.fromkeys([*sections["forms"], *forms], "e") | dict.fromkeys(plurals, "q")
    letters |= dict.fromkeys(sections["adverbs"], "c")
    for section, letter in _AS_WRITTEN.items():
        letters |= dict.fromkeys(sections[section], letter)
    for section, letter in (("system", "h"), ("spoken of", "s")):
        letters |= dict.fromkeys([*sections[section], *map(_with_s, sections[section])], letter)
    letters |= dict.fromkeys(sections["wary"], "w") | dict.fromkeys(sections["wary verbs"], "W")
    letters |= dict.fromkeys([*sections["proper"], *_written(sections["compounds"])], "x")
    return letters | dict.fromkeys(sections["names"], "y")


@cache
def counted() -> frozenset[str]:
    """Return what may stand behind a number: units, and what programs count."""
    return frozenset([*_sections()["units"], *_sections()["counted"]])


@cache
def _sections() -> dict[str, list[str]]:
    sections: dict[str, list[str]] = {}
    section: list[str] = []
    for line in lines("words.txt"):
        if line.startswith("["):
            section = sections.setdefault(line.strip("[]"), [])
        else:
            section += line.split()
    return sections


def _written(compounds: list[str]) -> set[str]:
    """Return compounds in the ways that they are written: and/or, And/or, AND/OR, And/Or."""
    return {way(compound) for compound in compounds for way in (str, str.capitalize, str.upper, str.title)}


def _with_s(word: str) -> str:
    if word.endswith(("s", "x", "z", "ch", "sh", "go", "do", "cho")):
        return word + "es"
    return word[:-1] + "ies" if _consonant_y(word) else word + "s"


def _verb_forms(verb: str) -> tuple[str, str]:
    """Return the regular endings; `+` marks a verb that doubles its last letter."""
    stem = verb.rstrip("+")
    if verb.endswith("+"):
        return f"{stem}{stem[-1]}ed", f"{stem}{stem[-1]}ing"
    if stem.endswith("e") and not stem.endswith(("ee", "oe", "ye")):
        return stem + "d", stem[:-1] + "ing"
    return stem[:-1] + "ied" if _consonant_y(stem) else stem + "ed", stem + "ing"


def _consonant_y(word: str) -> bool:
    return word.endswith("y") and len(word) > 2 and word[-2] not in _VOWELS  # noqa: PLR2004
