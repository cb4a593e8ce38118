"""What happens to a text on its way: colours, escapes, cuts, look-alikes."""

from __future__ import annotations

import html
import json
import urllib.parse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator


def coloured(text: str, chance: random.Random) -> str:
    """Put colours into the words."""
    places = sorted(chance.sample(range(len(text) + 1), min(len(text), 6)), reverse=True)
    for place in places:
        text = f"{text[:place]}\x1b[{chance.choice(['31', '0', '1;32', '38;5;9'])}m{text[place:]}"
    return text


def invisible(text: str, chance: random.Random) -> str:
    """Put characters without width into the words."""
    for _ in range(4):
        place = chance.randrange(len(text) + 1)
        text = text[:place] + chance.choice("\u200b\u200d\u2060\ufeff\u00ad\u200e") + text[place:]
    return text


def alike(text: str, chance: random.Random) -> str:
    """Write slashes as something that looks the same."""
    return text.replace("/", chance.choice("\u2215\u2044\uff0f\u29f8")).replace(
        "\\", chance.choice("\u00a5\uff3c\u20a9")
    )


def wrapped(text: str, chance: random.Random) -> str:
    """Break lines at a width, in the middle of words."""
    width = chance.randint(20, 60)
    return "\n".join(text[at : at + width] for at in range(0, len(text), width))


def cut(text: str, chance: random.Random) -> str:
    """Cut at both ends."""
    first = chance.randrange(max(1, len(text) // 3))
    return text[first : first + chance.randint(8, 200)]


WRAPPINGS: dict[str, Callable[[str, random.Random], str]] = {
    "coloured": coloured,
    "invisible": invisible,
    "alike": alike,
    "wrapped": wrapped,
    "cut": cut,
    "ellipsis": lambda text, chance: cut(text, chance) + chance.choice(["...", "…", " [truncated]"]),
    "json": lambda text, chance: json.dumps(text),
    "json in json": lambda text, chance: json.dumps({"error": json.dumps(text)}),
    "json slashes": lambda text, chance: json.dumps(text).replace("/", chance.choice(["\\/", "\\u002f"])),
    "url": lambda text, chance: urllib.parse.quote(text, safe=chance.choice(["", "/"])),
    "form": lambda text, chance: urllib.parse.quote_plus(text),
    "html": lambda text, chance: html.escape(text).replace("/", "&#47;"),
    "repr": lambda text, chance: repr(text),
    "bytes": lambda text, chance: repr(text.encode()),
    "one line": lambda text, chance: " ".join(text.split()),
    "upper": lambda text, chance: text.upper(),
    "lower": lambda text, chance: text.lower(),
    "no signs": lambda text, chance: " ".join("".join(c if c.isalnum() else " " for c in text).split()),
    "words": lambda text, chance: " ".join(chance.sample(text.split(), min(len(text.split()), chance.randint(1, 6)))),
}


def derived(text: str, chance: random.Random, most: int) -> Iterator[str]:
    """Yield the text, each of its lines (a choice of them), and wrappings of both."""
    yield text
    lines = [line for line in text.splitlines() if line.strip()]
    for line in chance.sample(lines, min(len(lines), most)):
        yield line
        yield line.strip()
    for wrap in WRAPPINGS.values():
        yield wrap(chance.choice([text, *lines]), chance)
