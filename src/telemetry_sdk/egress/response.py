"""An HTTP response, reduced to what the SDK reads."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Response:
    """`headers`: the few that are kept, names in lower case; `body`: at most 64 KiB, raw.

    The body may be cut by the deadline: a status alone makes a response.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = b""

    def json(self) -> dict[str, Any] | None:
        """Return the body as a JSON object, or None when it is none."""
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return cast("dict[str, Any]", value) if isinstance(value, dict) else None

    @property
    def is_html(self) -> bool:
        """Whether the body is a page, as a captive portal sends: no vendor does."""
        start = self.body[:256].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
        return "html" in self.headers.get("content-type", "").lower() or start.startswith((b"<!doctype", b"<html"))
