"""What the user is shown, and the consent that only this can give."""

from __future__ import annotations

from dataclasses import InitVar, dataclass, field
from typing import TYPE_CHECKING, Any

from telemetry_sdk.exceptions import ConsentError

if TYPE_CHECKING:
    from collections.abc import Mapping

_SEAL = object()


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a report: its name, its bytes (0 when out), whether it is in, and its redactions by kind."""

    name: str
    size: int
    included: bool
    redactions: Mapping[str, int] = field(default_factory=dict[str, int])

    def to_json(self) -> dict[str, Any]:
        """Return the part as the report lists it."""
        return {
            "name": self.name,
            "size": self.size,
            "included": self.included,
            "redactions": dict(self.redactions),
        }


@dataclass(frozen=True, slots=True)
class Consent:
    """The user's yes to these bytes for this host as this layer named it. Made by `Preview.consent()` alone.

    `given_at`: seconds since the epoch.
    """

    report_id: str
    sha256: str
    host: str | None
    layer: str | None
    given_at: float
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise ConsentError("only a preview can give consent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A report as it would leave. `content` is what is sent, byte for byte; `sha256` is its hash, in hex.

    `host` and `layer`: where it would go, and who named that place; None: nowhere, it can only be saved.
    `redactions`: how many secrets of each kind were taken out. `str(preview)` is all but the content.
    """

    report_id: str
    content: bytes = field(repr=False)
    sha256: str
    host: str | None
    layer: str | None
    retention: str
    parts: tuple[Part, ...]
    redactions: Mapping[str, int]
    notes: tuple[str, ...]
    shown_at: float

    def consent(self) -> Consent:
        """Return the consent to send exactly this; any change to the draft or the destination voids it."""
        return Consent(self.report_id, self.sha256, self.host, self.layer, self.shown_at, _SEAL)

    def __str__(self) -> str:
        return "\n".join((*self._head(), *self._parts(), *self._redactions(), *self.notes)) + "\n"

    def _head(self) -> list[str]:
        goes = f"{self.host} (named by {self.layer})" if self.host else "nowhere: it can only be saved"
        size = f"{len(self.content):,} bytes, SHA-256 {self.sha256}"
        return [
            f"Bug report {self.report_id}",
            f"Goes to: {goes}",
            f"Size: {size}",
            f"Kept: {self.retention}",
        ]

    def _parts(self) -> list[str]:
        rows = [f"  {p.name}: {f'{p.size:,} bytes' if p.included else 'left out'}" for p in self.parts]
        return ["Parts:", *rows]

    def _redactions(self) -> list[str]:
        found = ", ".join(f"{count} {kind}" for kind, count in sorted(self.redactions.items()))
        return [f"Secrets taken out: {found or 'none found'}. Patterns can miss secrets: look for yourself."]
