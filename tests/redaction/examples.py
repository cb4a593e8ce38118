"""The examples of the tables of rules, written out."""

from __future__ import annotations

import re

_CHARACTERS = {
    "": "aB3dE5gH7jK9mN1pQ3sT5vX7zA9cE1gI",
    "x": "0123456789abcdef",
    "d": "1234567890",
    "u": "A1B2C3D4E5F6G7H8J9K",
    "l": "a1b2c3d4e5f6g7h8j9k",
}
_RUN = re.compile(r"<(\d+)([xdul]?)>")


def written_out(example: str) -> str:
    """Return an example with characters in place of `<36>`, `<36x>`, …: see `Rule`."""
    return _RUN.sub(lambda run: (_CHARACTERS[run[2]] * 32)[: int(run[1])], example)
