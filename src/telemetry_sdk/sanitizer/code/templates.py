"""Message templates: literals and holes, and matching a message with one. Linear in both."""

from __future__ import annotations

import re
from string import Formatter

from ..._internal.raw_records import MAX_MESSAGE

TYPE_CHECKING = False
if TYPE_CHECKING:
    # literals, and None for a hole
    Parts = tuple[str | None, ...]

HOLE = "<\u2026>"
MAX_TEMPLATE = 1_000  # characters
_PERCENT = re.compile(r"%(?:\([^()]{0,100}\))?[-+ #0]{0,5}(?:\*|\d{1,9})?(?:\.(?:\*|\d{1,9}))?[hlL]?([A-Za-z%])")

# A path begins where a word does: `/etc`, `~/x`, `..\\x`, `C:\\x`, `\\\\host`; not `and/or`, nor a URL.
_PATH = re.compile(r"(?:^|[\s\"'`(\[{<=,;|])(?:~\w{0,32}|\.{1,2}|[A-Za-z]:)?[/\\]{1,2}[\w.~-]")

_WORD, _BETWEEN = rf"(?:[A-Z]?[a-z]{{1,20}}|[A-Z]{{1,12}}|\d{{1,4}}|{HOLE})", r"[\s.,;:!?()'\"`-]"
_PLAIN = re.compile(rf"{_BETWEEN}*(?:{_WORD}{_BETWEEN}+)*{_WORD}?")
_NAMES_A_SECRET = re.compile(
    r"pass|pwd|secret|token|key|credential|auth|bearer|cookie|sessi?d|sessionid|signature|login|seed|phrase|mnemonic"
    r"|webhook|kennwort|senha|verification|\b(?:pin|otp|psk|pw|basic|begin|string)\b",
    re.IGNORECASE,
)


def merged(parts: Parts) -> Parts:
    """Join neighbours: literals to one, holes to one."""
    joined: list[str | None] = []
    for part in parts:
        if not joined or (part is None) != (joined[-1] is None):
            joined.append(part)
        elif part is not None:
            joined[-1] = f"{joined[-1]}{part}"
    return tuple(part for part in joined if part != "")


def percent(parts: Parts) -> Parts:
    """Return the parts of `parts % …`; a hole, if it is no plain literal or a directive is not known."""
    text = _literal(parts)
    if text is None:
        return (None,)
    made: list[str | None] = []
    end = 0
    for found in _PERCENT.finditer(text):
        made += [text[end : found.start()], "%" if found[1] == "%" else None]
        end = found.end()
    made.append(text[end:])
    return (None,) if any(part is not None and "%" in part and part != "%" for part in made) else tuple(made)


def braced(parts: Parts) -> Parts:
    """Return the parts of `parts.format(…)`; a hole, if it is no plain literal."""
    text = _literal(parts)
    if text is None:
        return (None,)
    made: list[str | None] = []
    try:
        for literal, field, _, _ in Formatter().parse(text):
            made += [literal, *(() if field is None else (None,))]
    except ValueError:  # the format itself would have failed
        return (None,)
    return tuple(made)


def matched(parts: Parts, message: str) -> str | None:
    """Return the template as text if it makes the whole message, else None.

    The first literal must begin the message and the last one end it, unless a hole does; those between are looked
    for one after the other.
    """
    template = text(parts)
    literals = [part for part in parts if part is not None]
    if template is None or len(message) > MAX_MESSAGE:
        return None
    if len(literals) == len(parts):
        return template if message == template else None
    at, end = 0, len(message)
    if parts[0] is not None:
        if not message.startswith(parts[0]):
            return None
        at = len(literals.pop(0))
    if parts[-1] is not None:
        end -= len(literals.pop())
        if end < at or not message.endswith(parts[-1]):
            return None
    for literal in literals:
        found = message.find(literal, at, end)
        if found < 0:
            return None
        at = found + len(literal)
    return template


def text(parts: Parts) -> str | None:
    """Return a template as it is sent; None for one without words, a too long one, or one that holds a path."""
    literals = [part for part in parts if part is not None]
    if not any(part.strip() for part in literals) or sum(map(len, literals)) > MAX_TEMPLATE:
        return None
    if any(map(holds_path, literals)):
        return None
    return "".join(HOLE if part is None else part for part in parts)


def holds_path(literal: str) -> bool:
    """Tell whether a text holds a file path."""
    return _PATH.search(literal) is not None


def is_plain(template: str) -> bool:
    """Tell whether a template is words, short numbers and punctuation, without a word that names a secret.

    The redaction rules find nothing in such a text. They take 100 ms to load, perhaps at the exit.
    """
    return _PLAIN.fullmatch(template) is not None and _NAMES_A_SECRET.search(template) is None


def holds_secret(template: str) -> bool:
    """Tell whether the application's own literals hold a secret. Loads the redaction rules unless they are plain."""
    if is_plain(template):
        return False
    from ...redaction import redact_secrets

    return redact_secrets(template) != template


def _literal(parts: Parts) -> str | None:
    joined = merged(parts)
    return joined[0] if len(joined) == 1 else None
