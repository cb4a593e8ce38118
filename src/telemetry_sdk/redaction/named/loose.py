"""Values that a sentence, a prompt or a log line tells some words after a secret's name; the last net of the names.

`the password for staging is …`, `Password for the elastic user: …`, `enable password 0 …`. A value must look made,
and only words of prose may stand between.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..spans import LINE_BREAK, Span
from .bare import LINE_END, row_of_words
from .names import shape_of_value
from .quoted import made_value

if TYPE_CHECKING:
    from .mentions import Mention

_MOST = 8  # words between a name and its value
_OPENS = r"(?:[*_(<\[]|\\{0,15}+[\"'`]){0,3}+"
_NEXT = re.compile(
    rf"[ \t]{{1,32}}{_OPENS}(?P<word>[^\s\"'`\\<>(){{}}\[\]|,;]{{1,200}}+)(?P<ends>(?:'[a-z]{{1,2}}|[)\]>*_]){{0,2}})"
)
_OWNER = re.compile(r"(?:['\u2019]s|\\{0,15}\"|[`'*]{1,2})?\??")
_SIGNS = re.compile(r"[:=]|->|=>")
_PROSE = re.compile(r"[A-Za-z]{1,16}[:=]?|\d{1,2}|[\w.+-]{1,32}@[\w.-]{1,48}:?|[:=]|->|=>|\u2026|[\w-]{1,24}")
_SAYS = frozenset(
    (
        "is",
        "are",
        "was",
        "to",
        "be",
        "now",
        ":",
        "new",
        "following",
        "password",
        "pass",
        "code",
        "ist",
        "lautet",
        "est",
        "es",
    )
)
_IS = frozenset(("is", "was", ":"))  # before a row of words
_BELONGS = frozenset(  # what follows these is a thing that has the secret
    (
        *("for", "in", "at", "of", "on", "from", "by", "as", "user", "account", "named", "called", "with", "via"),
        *("the", "a", "an", "host", "server", "project", "file", "env", "and", "or", "vs", "than", "like", "into"),
    )
)
_CODE = re.compile(  # files, hosts, digests, ids, numbers with a unit
    r".*(?:://|[{}$=/\\]|::|\.[A-Za-z]).*|[\d.,]+[A-Za-z%]{1,3}|[A-Za-z]{1,4}\d{1,2}|.*@.*\..*"
)
_DIGEST = re.compile(r"[0-9A-Fa-f-]{8,}")
_PLAIN = re.compile(r"[A-Za-z0-9!@#$%^&*~]+")
_BELOW = re.compile(
    rf"[^\n\r\"\\]{{0,160}}{LINE_BREAK}{{1,2}}[ \t]{{0,8}}(?P<value>[A-Za-z0-9_+/=-]{{16,200}}+)"
    rf"(?={LINE_BREAK}|\\{{0,15}}\"|\Z)"
)
_ANSWER = re.compile(  # `What is the password?` and its answer on the next line; what pydantic says of its input
    rf"(?:\?{LINE_BREAK}(?:\[[^\[\]\n]{{1,16}}\][ ])?[A-Za-z]{{1,16}}:[ ](?P<value>[^\s\"'\\]{{6,200}}))"
    rf"(?={LINE_BREAK}|\\{{0,15}}\"|\Z)"
)
_LONGEST = 200  # characters of a line before the name
_PROMPT = re.compile(r"n?[ \t]{0,8}(?:>>>[ ]|\(\w{1,16}\)[ ]|In \[\d{1,4}\]: |[\w.:@~/=-]{0,48}[$>#%][ ])")
_SHOWN = re.compile(  # what a prompt answers: alone on the next line
    rf"[^\n\r\"\\]{{0,160}}{LINE_BREAK}(?:=>[ ]|\$\d{{1,3}} = (?:0x\w{{1,16}} )?|\d{{1,2}}\)[ ])?(?:\\{{0,15}}[\"'])?"
    rf"(?P<value>[^\s\"'\\]{{6,200}})(?:\\{{0,15}}[\"'])?(?={LINE_BREAK}|\\{{0,15}}\"|\Z)"
)
_MADE = re.compile(r"(?=[^0-9]*+[0-9])(?=[^a-z]*+[a-z])(?=[^A-Z]*+[A-Z])[A-Za-z0-9+/=-]+")


def loose_value(mention: Mention) -> Span | None:
    """Return the value that stands some words behind the name, on its line or alone on the next."""
    if mention.weak:
        return None
    owner = _OWNER.match(mention.text, mention.end)
    at = owner.end() if owner else mention.end
    previous = ""
    for _ in range(_MOST):
        found = _NEXT.match(mention.text, at)
        if found is None:
            break
        if (span := _told(mention, found, previous)) is not None:
            return span
        if not _PROSE.fullmatch(found["word"]):
            break
        sign = _SIGNS.search(found["word"])
        previous = ":" if sign else found["word"].lower()
        at = found.end()
    return _below(mention)


def _told(mention: Mention, found: re.Match[str], previous: str) -> Span | None:
    start = found.start("word")
    value = found["word"].rstrip(".:?_*")
    end = start + len(value)
    if previous in _SAYS:
        shape = shape_of_value(mention.name)
        if shape is not None and shape.fullmatch(value):
            return Span(start, end, mention.kind)
    is_opened = mention.text[start - 1] in {'"', "'", "`"}
    if (is_opened or previous in _IS) and (words := row_of_words(mention, start)) is not None:
        return words
    is_near = previous in _SAYS or (previous == "" and mention.kind == "password")
    if (
        previous in _BELONGS
        or _CODE.fullmatch(value)
        or (previous not in _SAYS and _DIGEST.fullmatch(value))
        or (not is_near and "_" in value)
    ):
        return None
    if is_near or _PLAIN.fullmatch(value) or LINE_END.match(mention.text, end):
        return made_value(mention, start, end)
    return None


def _below(mention: Mention) -> Span | None:
    """Read what a command prints on the next line, all of it a token."""
    found = _BELOW.match(mention.text, mention.end)
    if found is not None and _MADE.fullmatch(found["value"]):
        return made_value(mention, *found.span("value"))
    answer = _ANSWER.match(mention.text, mention.end)
    if answer is not None:
        return made_value(mention, *answer.span("value"))
    begin = max(
        mention.text.rfind(mark, max(0, mention.start - _LONGEST), mention.start) for mark in ("\n", "\\n", '"')
    )
    shown = _SHOWN.match(mention.text, mention.end) if _PROMPT.match(mention.text, begin + 1) else None
    return None if shown is None else made_value(mention, *shown.span("value"))
