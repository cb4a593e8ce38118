"""Random ids."""

from __future__ import annotations

import os


def event_id() -> str:
    """Return a random UUID of version 4 as 32 hexadecimal digits, Sentry's form."""
    raw = bytearray(os.urandom(16))
    raw[6] = raw[6] & 0x0F | 0x40
    raw[8] = raw[8] & 0x3F | 0x80
    return raw.hex()


def new_uuid() -> str:
    """Return a random UUID of version 4 in its usual form."""
    text = event_id()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
