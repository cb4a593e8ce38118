"""Bug reports: drafted on the user's request, previewed byte for byte, sent only with consent to those bytes."""

from __future__ import annotations

from .bundle import sweep
from .compose import draft
from .context import ReportContext
from .drafts import BugReportDraft, load
from .outcome import Outcome, Receipt
from .preview import Consent, Part, Preview
from .send import send

__all__ = [
    "BugReportDraft",
    "Consent",
    "Outcome",
    "Part",
    "Preview",
    "Receipt",
    "ReportContext",
    "draft",
    "load",
    "send",
    "sweep",
]
