"""Scrubbing text: the second net, an alarm on what should be clean already.

Filters leak, so nothing is looked for here: a text leaves as it is only if every word of it is proven harmless
(`prose`, `harmless`). One stranger makes its neighbours suspect (a message that quotes one name mostly quotes two),
so that of a text which is not proven only fixed phrases stay, which hold no data (`phrases`); the rest becomes `<…>`.
"""

from __future__ import annotations

from .phrases import skeleton
from .sentences import is_prose

LOOKED_AT = 8192  # characters in which phrases are looked for; what lies beyond goes
LONGEST = 600  # characters of a text that may stay as it is: longer ones are outputs, not remarks


def scrub_text(text: str) -> str:
    """Return what of `text` is proven harmless: all of it, or the fixed phrases in it with `<…>` for the rest.

    Harmless is: plain English prose, dates, times, versions, numbers with units, media types, names of models,
    protocols and products. Whatever may be code, a path, an identifier or a secret goes, and much else with it.
    Never raises for a str; takes time linear in the text, and looks at its first 8,192 characters only.
    Scrubbing twice changes nothing more. Raises `TypeError` for what is no str.
    """
    if not isinstance(text, str):
        raise TypeError(f"scrub_text takes a str, not {type(text).__name__}")
    if len(text) <= LONGEST and is_prose(text):
        return text
    return skeleton(text[:LOOKED_AT], cut=len(text) > LOOKED_AT)
