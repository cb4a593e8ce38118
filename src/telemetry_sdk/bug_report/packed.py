"""A report's content as it is sent, compressed: in memory it is held in this form only."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from telemetry_sdk.encoders.bug_report import BodyEncoder, content_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True, slots=True)
class PackedContent:
    """`body`: the request's body; `size` and `sha256` (hex): of the content; `expanded`: bytes of the body as JSON."""

    body: bytes = field(repr=False, compare=False)
    size: int
    sha256: str
    expanded: int

    def chunks(self) -> Iterator[bytes]:
        """Yield the content in pieces."""
        return content_of(self.body)


def pack(content: Iterable[bytes]) -> PackedContent:
    """Compress a content that comes in pieces."""
    encoder, digest, size = BodyEncoder(), hashlib.sha256(), 0
    for piece in content:
        encoder.add(piece)
        digest.update(piece)
        size += len(piece)
    return PackedContent(encoder.finish(), size, digest.hexdigest(), encoder.expanded)
