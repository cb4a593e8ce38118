"""Values that a sentence, a prompt or a log line has some words behind a secret's name, or alone on the next line."""

from __future__ import annotations

from typing import NamedTuple

from .rule import LINE_BREAK

EXAMPLES = ("the password for staging is hunter2x9", "Password for the elastic user: hunter2x9")
COUNTER_EXAMPLES = ("the password for staging2 is required", "the token at 10.0.0.1 has expired")

ANNOUNCING = frozenset(  # what follows these is a value
    (
        *("is", "are", "was", "to", "be", "now", ":", "new", "following", "password", "pass", "code"),
        *("ist", "lautet", "est", "es"),
    )
)
BEFORE_ROW_OF_WORDS = frozenset(("is", "was", ":"))
BELONGING = frozenset(  # what follows these is a thing that has the secret
    (
        *("for", "in", "at", "of", "on", "from", "by", "as", "user", "account", "named", "called", "with", "via"),
        *("the", "a", "an", "host", "server", "project", "file", "env", "and", "or", "vs", "than", "like", "into"),
    )
)
USED = (  # before the name
    r"(?i)\b(?:use|uses|using|try|with|pass|took|here is|here's)[ ](?:(?:the|this|that|my|our|your|an?)[ ])?"
    r"(?:[a-z]{2,12}[ ]){0,2}\Z"
)
BETWEEN = r"[A-Za-z]{1,16}[:=]?|\d{1,2}|[\w.+-]{1,32}@[\w.-]{1,48}:?|[:=]|->|=>|\u2026|[\w-]{1,24}"
NO_VALUES = (  # files, hosts, ids, numbers with a unit
    r".*(?:://|[{}$=/\\]|::|\.[A-Za-z]).*|[\d.,]+[A-Za-z%]{1,3}|[A-Za-z]{1,4}\d{1,2}|.*@.*\..*"
)


class NextLine(NamedTuple):
    """A value alone on the line below: what stands on the name's line before and behind the name, up to the value."""

    line_begins: str
    after: str
    example: str
    counter_example: str


_ENDS = rf"(?={LINE_BREAK}|\\{{0,63}}\"|\Z)"
_RANDOM = (
    r"(?=[A-Za-z+/=-]{0,200}[0-9])(?=[0-9A-Z+/=-]{0,200}[a-z])(?=[0-9a-z+/=-]{0,200}[A-Z])[A-Za-z0-9+/=-]{16,200}+"
)
_PROMPT = r"n?[ \t]{0,8}(?:>>>[ ]|\(\w{1,16}\)[ ]|In \[\d{1,4}\]: |[\w.:@~/=-]{0,48}[$>#%][ ])"

# fmt: off
NEXT_LINES: tuple[NextLine, ...] = (
    # what a command prints
    NextLine("", rf"[^\n\r\"\\]{{0,160}}{LINE_BREAK}{{1,2}}[ \t]{{0,8}}(?P<value>{_RANDOM}){_ENDS}",
     "copy this token now:\n<24>", "copy this token now:\n<24x>"),
    # what a sentence announces
    NextLine("", rf"[^\n\r\"\\]{{0,80}}(?::|=|[ ]is)[ \t]{{0,4}}{LINE_BREAK}{{1,2}}[ \t]{{0,8}}"
     rf"(?P<value>(?![0-9A-Fa-f-]{{16,200}}{_ENDS})[^\s\"'\\]{{6,200}}){_ENDS}",
     "the password for now is:\nhunter2x9", "the password for now is:\nhunter"),
    # a column of one
    NextLine(r"[ \t]{0,16}(?:\w{1,24}[ ])?",
     rf"[ \t]{{0,16}}{LINE_BREAK}[ \t]{{0,16}}[-=\u2500]{{3,64}}[ \t]{{0,16}}{LINE_BREAK}"
     rf"[ \t]{{0,16}}(?P<value>[^\s\"'\\]{{6,200}})[ \t]{{0,16}}{_ENDS}",
     "Password\n--------\nhunter2x9", "Password\n--------\nhunter"),
    # an answer
    NextLine(
        "", rf"\?{LINE_BREAK}(?:\[[^\[\]\n]{{1,16}}\][ ])?[A-Za-z]{{1,16}}:[ ](?P<value>[^\s\"'\\]{{6,200}}){_ENDS}",
        "what is the password?\nbob: hunter2x9", "what is the password?\nbob: nobody knows it"),
    # what an interpreter shows
    NextLine(_PROMPT,
     (rf"[^\n\r\"\\]{{0,160}}{LINE_BREAK}(?:=>[ ]|\$\d{{1,3}} = (?:0x\w{{1,16}} )?|\d{{1,2}}\)[ ])?"
      rf"(?:\\{{0,63}}[\"'])?(?P<value>[^\s\"'\\]{{6,200}})(?:\\{{0,63}}[\"'])?{_ENDS}"),
     ">>> settings.password\n'hunter2x9'", ">>> settings.password\n'<password>'"),
)
# fmt: on
