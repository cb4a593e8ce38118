"""The words that prose is made of: read once, at the first use, from the files beside this one."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import NamedTuple

_VOWELS = frozenset("aeiou")


class Words(NamedTuple):
    """The words by what they may stand beside; lower case, save the exact ones and the units."""

    determiners: frozenset[str]  # after which a noun stands
    leaders: frozenset[str]  # after which a verb stands
    function: frozenset[str]  # the other words that make a sentence
    core: frozenset[str]  # all that code hardly takes for a name: adverbs, verbs' forms, times
    adjectives: frozenset[str]
    bare: frozenset[str]  # verbs as they stand in the dictionary, and in methods' names
    nouns: frozenset[str]
    plurals: frozenset[str]
    uncountable: frozenset[str]  # nouns that need no article, and some plurals that programs speak of
    wary: frozenset[str]  # what messages say about names: beside them few nouns are believed
    spoken_of: frozenset[str]  # nouns for what has a name
    exact: frozenset[str]  # proper names and compounds, as they are written
    units: frozenset[str]


def lines(file: str) -> list[str]:
    """Return the lines of a data file of this package, without remarks and blanks."""
    text = resources.files(__package__ or "").joinpath(file).read_text("utf-8")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


@cache
def words() -> Words:
    """Return the words."""
    sections = _sections()
    verbs, nouns, spoken = sections["verbs"], sections["nouns"], sections["spoken of"]
    core = {*sections["adverbs"], *sections["forms"], *sections["times"]}
    plurals = {*map(_with_s, nouns), *(_with_s(verb.rstrip("+")) for verb in verbs)} - core  # `records` may be both
    core |= {form for verb in verbs for form in _verb_forms(verb)} - plurals
    return Words(
        determiners=frozenset(sections["determiners"]),
        leaders=frozenset(sections["leaders"]),
        function=frozenset(sections["function"]),
        core=frozenset(core),
        adjectives=frozenset(sections["adjectives"]),
        bare=frozenset(verb.rstrip("+") for verb in verbs),
        nouns=frozenset(nouns),
        plurals=frozenset(plurals),
        uncountable=frozenset(sections["uncountable"]),
        wary=frozenset(sections["wary"]),
        spoken_of=frozenset({*spoken, *map(_with_s, spoken)}),
        exact=frozenset({*sections["proper"], *_written(sections["compounds"])}),
        units=frozenset(sections["units"]),
    )


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
