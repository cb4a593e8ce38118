"""Tokens that are no secrets although they look like some."""

from __future__ import annotations

import base64
import hashlib
import uuid
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random


def tokens(chance: random.Random, count: int) -> list[str]:
    """Return tokens that are no secrets: digests, ids, integrity marks, images, names of code."""
    makers = (
        lambda data: hashlib.sha256(data).hexdigest(),
        lambda data: hashlib.sha1(data).hexdigest(),
        lambda data: hashlib.md5(data).hexdigest(),
        lambda data: f"commit {hashlib.sha1(data).hexdigest()}",
        lambda data: hashlib.sha1(data).hexdigest()[:8],
        lambda data: f"sha256:{hashlib.sha256(data).hexdigest()}",
        lambda data: f'"integrity": "sha512-{base64.b64encode(hashlib.sha512(data).digest()).decode()}"',
        lambda data: str(uuid.UUID(bytes=data[:16], version=4)),
        lambda data: f"req_{hashlib.sha1(data).hexdigest()[:24]}",
        lambda data: f"toolu_01{base64.b32encode(data[:14]).decode().rstrip('=')}",
        lambda data: f"data:image/png;base64,{base64.b64encode(data * 8).decode()}",
        lambda data: f"https://example.com/commit/{hashlib.sha1(data).hexdigest()}?page={data[0]}",
        lambda data: f"0x{data[:8].hex()}",
        lambda data: f"task-{base64.b32encode(data[:20]).decode().lower()}",
        lambda data: f"index {data[:4].hex()}..{data[4:8].hex()} 100644",
        lambda data: f"max_tokens={data[0]}, total_tokens: {data[1]}",
        lambda data: f"the secret of {data[:2].hex()} is the key to success",
        lambda data: f'W/"{data[:12].hex()}"',
        lambda data: f"us-east-1 ami-{data[:8].hex()} vpc-{data[:4].hex()}",
        lambda data: f"2026-11-24T10:44:{data[0] % 60:02}Z 1.{data[1]}.{data[2]}",
    )
    return [chance.choice(makers)(chance.randbytes(32)) for _ in range(count)]
