"""The preview of a report, and the consent that only a preview can give."""

from __future__ import annotations

import json
from dataclasses import InitVar, dataclass, field
from typing import TYPE_CHECKING, Any

from telemetry_sdk.exceptions import ConsentError

from .render import render_report, visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .packed import PackedContent

_TOKEN = object()


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a report: its name, size in bytes (0 if left out), whether it is included, and redactions by kind."""

    name: str
    size: int
    included: bool
    redactions: Mapping[str, int] = field(default_factory=dict[str, int])

    def to_json(self) -> dict[str, Any]:
        """Return the part as listed in the report."""
        return {
            "name": self.name,
            "size": self.size,
            "included": self.included,
            "redactions": dict(self.redactions),
        }


@dataclass(frozen=True, slots=True)
class Consent:
    """The user's consent to send these bytes to this host, as set by this layer. Created by `Preview.consent()` only.

    `given_at`: seconds since the epoch.
    """

    report_id: str
    sha256: str
    host: str | None
    layer: str | None
    given_at: float
    token: InitVar[object]

    def __post_init__(self, token: object) -> None:
        if token is not _TOKEN:
            raise ConsentError("only a preview can give consent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A report as it would be sent. `content` is sent byte for byte; `sha256` is its hash, in hex.

    `host` and `layer`: the destination and the layer that set it; None: it can only be saved. `terms`: what the
    receiver keeps and for what, as the application states it. `redactions`: the number of secrets removed, by kind.
    `local`: local mode, which sends nothing. `str(preview)` shows everything except the content, `render()` all of it.
    """

    report_id: str
    packed: PackedContent = field(repr=False)
    sha256: str
    host: str | None
    layer: str | None
    terms: str
    use: str
    parts: tuple[Part, ...]
    redactions: Mapping[str, int]
    notes: tuple[str, ...]
    shown_at: float
    local: bool = False

    @property
    def content(self) -> bytes:
        """The exact bytes that would be sent."""
        return b"".join(self.packed.chunks())

    def consent(self) -> Consent:
        """Return the consent to send exactly this; any change of the draft or the destination voids it."""
        return Consent(self.report_id, self.sha256, self.host, self.layer, self.shown_at, _TOKEN)

    def render(self) -> str:
        """Return the whole report as text that a person reads.

        Control and direction characters are shown as escapes: a terminal obeys none of them.
        """
        return str(self) + "\n" + render_report(json.loads(self.content))

    def to_json(self) -> dict[str, Any]:
        """Return the preview as JSON data; `content` is the exact text that would be sent."""
        return {
            "report_id": self.report_id,
            "sha256": self.sha256,
            "host": self.host,
            "layer": self.layer,
            "terms": self.terms,
            "use": self.use,
            "public": False,
            "parts": [part.to_json() for part in self.parts],
            "redactions": dict(self.redactions),
            "notes": list(self.notes),
            "content": self.content.decode(),
        }

    def __str__(self) -> str:
        return "\n".join((*self._summary(), *self._parts(), *self._redactions(), *self._changes())) + "\n"

    def _summary(self) -> list[str]:
        destination = f"{visible(self.host)} (set by {self.layer})" if self.host else "none, it can only be saved"
        if self.local:
            destination = "none: TELEMETRY_SDK_MODE=local, nothing will be sent"
        return [
            f"Bug report {self.report_id}",
            f"Destination: {destination}",
            f"The receiver's terms: {visible(self.terms)}",
            f"Use: {self.use}",
            "Public: no",
            f"Size: {self.packed.size:,} bytes, SHA-256 {self.sha256}",
        ]

    def _parts(self) -> list[str]:
        rows = [f"  {visible(p.name)}: {f'{p.size:,} bytes' if p.included else 'left out'}" for p in self.parts]
        return ["Parts:", *rows]

    def _redactions(self) -> list[str]:
        found = ", ".join(f"{count} {kind}" for kind, count in sorted(self.redactions.items()))
        return [f"Secrets removed: {found or 'none found'}. Patterns can miss secrets: check the content yourself."]

    def _changes(self) -> list[str]:
        return ["Changed or left out:", *(f"  {visible(note)}" for note in self.notes)] if self.notes else []
