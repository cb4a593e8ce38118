"""The text of a public issue: description, errors, environment, versions, a reference; each can be shortened."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from telemetry_sdk.redaction import redact_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_CUTS = 64  # steps in which the description is shortened
_FRAMES = 3  # of an error that are named


@dataclass(frozen=True, slots=True)
class IssueText:
    """`errors`: a line each; `environment`: one line; `versions`: application and SDK; `reference`: a random id."""

    description: str
    errors: tuple[str, ...]
    environment: str
    versions: str
    reference: str

    @classmethod
    def of(cls, report: Mapping[str, Any], reference: str) -> IssueText:
        """Return the text for a report's content; nothing of its conversation, attachments and git data is used."""
        app, sdk, machine = report["app"], report["sdk"], report.get("environment") or {}
        system = [report["os"], *(machine[key] for key in ("arch", "python") if key in machine), report["terminal"]]
        return cls(
            description=_clean(report["description"]),
            errors=tuple(line for error in report.get("recent_errors", ()) if (line := _error(error))),
            environment=_clean(", ".join(map(str, system))),
            versions=f"{app['name']} {app['version']}, {sdk['name']} {sdk['version']}",
            reference=reference,
        )

    def whole(self) -> str:
        """Return the whole text, Markdown."""
        parts = [self.description]
        if self.errors:
            parts.append("\n".join(("**Recent errors**", *(f"- {line}" for line in self.errors))))
        parts.append("\n".join(filter(None, (self.environment, f"{self.versions}, reference {self.reference}"))))
        return "\n\n".join(parts)

    def shorter(self) -> Iterator[str]:
        """Yield shorter and shorter texts: fewer errors, no environment, less of the description."""
        for count in range(len(self.errors) - 1, -1, -1):
            yield replace(self, errors=self.errors[:count]).whole()
        least = replace(self, errors=(), environment="")
        yield least.whole()
        for step in range(_CUTS - 1, -1, -1):
            cut = self.description[: len(self.description) * step // _CUTS]
            yield replace(least, description=f"{cut.rstrip()}\u2026").whole()


def _error(error: Mapping[str, Any]) -> str:
    """Return the type of an error and the functions in which it was raised."""
    exceptions: Sequence[Any] = error.get("exceptions") or (error.get("exception") or {}).get("values") or ()
    if not exceptions:
        return ""
    last = exceptions[-1]
    frames = last.get("frames") or (last.get("stacktrace") or {}).get("frames") or ()
    functions = [str(frame["function"]) for frame in frames[-_FRAMES:] if frame and frame.get("function")]
    return _clean(f"{last['type']} in {' > '.join(functions)}" if functions else str(last["type"]))


def _clean(text: str) -> str:
    """Return a text without secrets, and without what a reader does not see."""
    return "".join(c for c in redact_secrets(text) if c.isprintable() or c in "\n\t")
