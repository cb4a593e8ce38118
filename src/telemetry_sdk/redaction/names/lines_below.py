"""Values on the lines below a secret's name: YAML's values and blocks, long strings of code."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..rules.rule import LINE_BREAK
from .quoted import in_quotes
from .quotes import OPENING
from .unquoted import DIGIT_OR_SIGN
from .values import judged

if TYPE_CHECKING:
    from ..spans import Span
    from .matches import NameMatch
    from .separators import SeparatorMatch

_MOST = 64  # lines of a block
_BREAK = re.compile(LINE_BREAK)
_BELOW = re.compile(
    rf"(?P<block>[|>][+-]?\d?)?(?:[ \t]{{0,4}}(?:\w{{0,24}}\(|\\))?[ \t]{{0,16}}{LINE_BREAK}(?P<indent>[ \t]{{1,64}})"
    r"(?:-[ \t]|string\(\d{1,5}\)[ ])?"
)
_WHOLE_LINE = re.compile(rf"[^\s\"'`\\:#<>{{}}(),]{{4,512}}(?=[ \t]{{0,8}}(?:{LINE_BREAK}|\\{{0,63}}\"|\Z))")
_BLOCK_LINE = re.compile(rf"[^\n\r\"\\]{{1,4096}}(?={LINE_BREAK}|\\{{0,63}}\"|\Z)")
_ALONE = re.compile(  # alone on the next line
    rf"(?:[|>][+-]?)?[ \t]{{0,16}}{LINE_BREAK}(?:[ \t]{{0,16}}{LINE_BREAK})?[ \t]{{0,64}}"
    rf"(?P<value>[^\s\"'`\\]{{6,512}})[ \t]{{0,8}}(?={LINE_BREAK}|\\{{0,63}}\"|\Z)"
)
_OPENS_LINE = re.compile(r"[ \t]{0,64}(?:-[ \t]{1,4})?(?:\\{0,63}[\"'])?")


def values_below(name: NameMatch, separator: SeparatorMatch) -> list[Span] | None:
    """Return the values below the name; None if more than the end of its line stands behind the separator."""
    below = _BELOW.match(name.text, separator.value_at)
    if below is None:
        return _alone(name, separator)
    if OPENING.match(name.text, below.end()):
        found = in_quotes(name, separator, below.end())
        return _listed(judged(name, *found) if found else None)
    if not _is_further_in(name, separator, below["indent"]):
        return _alone(name, separator) or []
    if below["block"]:
        return _block(name, below.end(), below["indent"])
    line = _WHOLE_LINE.match(name.text, below.end())
    return _listed(judged(name, *line.span()) if line and DIGIT_OR_SIGN.search(line[0]) else None)


def _alone(name: NameMatch, separator: SeparatorMatch) -> list[Span] | None:
    """Return a value that stands alone on the next line and looks random; None if nothing does."""
    alone = _ALONE.match(name.text, separator.value_at)
    return _listed(judged(name, *alone.span("value"), random=True)) if alone else None


def _listed(span: Span | None) -> list[Span]:
    return [] if span is None else [span]


def _is_further_in(name: NameMatch, separator: SeparatorMatch, indent: str) -> bool:
    """Tell whether the next line belongs to this name as YAML has it."""
    before = name.line_before
    if before is None or separator.sign != ":" or separator.close or not _OPENS_LINE.fullmatch(before):
        return False
    return len(indent) > len(before) - len(before.lstrip(" \t"))


def _block(name: NameMatch, at: int, indent: str) -> list[Span]:
    """Return the lines of a YAML block that are indented as its first one."""
    spans: list[Span] = []
    for _ in range(_MOST):
        line = _BLOCK_LINE.match(name.text, at)
        if line is None:
            break
        span = judged(name, *line.span())
        if span is not None and (name.kind == "password" or " " not in line[0].strip()):
            spans.append(span)
        line_break = _BREAK.match(name.text, line.end())
        if line_break is None or not name.text.startswith(indent, line_break.end()):
            break
        at = line_break.end() + len(indent)
    return spans
