"""Values on the lines below a secret's name: YAML's values and blocks, long strings of code."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..spans import LINE_BREAK, OPENING, Span
from .bare import STRANGE
from .quoted import in_quotes, quoted_value

if TYPE_CHECKING:
    from .mentions import Mention
    from .signs import Sign

_MOST = 64  # lines of a block
_BREAK = re.compile(LINE_BREAK)
_BELOW = re.compile(
    rf"(?P<block>[|>][+-]?\d?)?(?:[ \t]{{0,4}}(?:\w{{0,24}}\(|\\))?[ \t]{{0,16}}{LINE_BREAK}(?P<indent>[ \t]{{1,64}})"
    r"(?:-[ \t]|string\(\d{1,5}\)[ ])?"
)
_WHOLE_LINE = re.compile(rf"(?P<value>[^\s\"'`\\:#<>{{}}(),]{{4,512}})[ \t]{{0,8}}(?={LINE_BREAK}|\\{{0,15}}\"|\Z)")
_BLOCK_LINE = re.compile(rf"[^\n\r\"\\]{{1,4096}}(?={LINE_BREAK}|\\{{0,15}}\"|\Z)")
_OPENS_LINE = re.compile(r"[ \t]{0,64}(?:-[ \t]{1,4})?(?:\\{0,15}[\"'])?")


def lower_lines(mention: Mention, sign: Sign) -> list[Span] | None:
    """Return the values below the name; None if nothing but its line ends behind the sign."""
    below = _BELOW.match(mention.text, sign.value_at)
    if below is None:
        return None
    if OPENING.match(mention.text, below.end()):
        found = in_quotes(mention, sign, below.end())
        return _listed(quoted_value(mention, *found) if found else None)
    if not _is_further_in(mention, sign, below["indent"]):
        return []
    if below["block"]:
        return _block(mention, below.end(), below["indent"])
    line = _WHOLE_LINE.match(mention.text, below.end())
    return _listed(quoted_value(mention, *line.span("value")) if line and STRANGE.search(line["value"]) else None)


def _listed(span: Span | None) -> list[Span]:
    return [] if span is None else [span]


def _is_further_in(mention: Mention, sign: Sign, indent: str) -> bool:
    """Tell whether the next line belongs to this name as YAML has it."""
    before = mention.line_before()
    if before is None or sign.written != ":" or sign.close or not _OPENS_LINE.fullmatch(before):
        return False
    return len(indent) > len(before) - len(before.lstrip(" \t"))


def _block(mention: Mention, at: int, indent: str) -> list[Span]:
    """Return the lines of a YAML block that are indented as its first one."""
    spans: list[Span] = []
    for _ in range(_MOST):
        line = _BLOCK_LINE.match(mention.text, at)
        if line is None:
            break
        span = quoted_value(mention, *line.span())
        if span is not None and (mention.kind == "password" or " " not in line[0].strip()):
            spans.append(span)
        line_break = _BREAK.match(mention.text, line.end())
        if line_break is None or not mention.text.startswith(indent, line_break.end()):
            break
        at = line_break.end() + len(indent)
    return spans
