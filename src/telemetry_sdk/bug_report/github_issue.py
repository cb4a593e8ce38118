"""A public GitHub issue beside a report: optional, shown whole, with a consent of its own; never the transcript.

A URL opens GitHub's form, filled in; nothing is sent from here, and the outcome of a report never depends on it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import uuid
from dataclasses import InitVar, dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from telemetry_sdk.exceptions import BugReportRefused, ConsentError, DraftError
from telemetry_sdk.redaction import redact_secrets

from . import report_files
from .availability import describe, refusals
from .canonical_json import dumps
from .github_text import IssueText
from .outcome import RECEIPTS
from .render import visible

if TYPE_CHECKING:
    from .drafts import BugReportDraft

MOST = 7_200  # bytes of the URL: GitHub refuses more than 8,191, and a login encodes it once more
TITLE = 200  # characters; GitHub takes 256
_REPOSITORY = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})/[A-Za-z0-9._-]{1,100}")
_TOKEN = object()


@dataclass(frozen=True, slots=True)
class PublicConsent:
    """The user's consent to make this text public. Created by `GitHubIssue.consent_to_public()` only."""

    reference: str
    sha256: str
    token: InitVar[object]

    def __post_init__(self, token: object) -> None:
        if token is not _TOKEN:
            raise ConsentError("only the preview of a public issue can give consent to it")


@dataclass(frozen=True, slots=True)
class GitHubIssue:
    """What would be public, whole."""

    repository: str
    title: str
    text: IssueText
    draft: BugReportDraft

    @property
    def reference(self) -> str:
        """A random id that the receipt maps to the report."""
        return self.text.reference

    @property
    def sha256(self) -> str:
        """The hash of all that would be public, in hex."""
        return hashlib.sha256(f"{self.repository}\n{self.title}\n{self.text.whole()}".encode()).hexdigest()

    def with_reference(self, reference: str) -> GitHubIssue:
        """Return the issue with the reference under which it was shown before."""
        return replace(self, text=replace(self.text, reference=reference))

    def render(self) -> str:
        """Return all of it, as a person reads it."""
        lines = (visible(line) for line in self.text.whole().split("\n"))
        public = f"PUBLIC: everybody can read this issue at https://github.com/{self.repository}/issues"
        return "\n".join((public, f"Title: {visible(self.title)}", "", *lines))

    def consent_to_public(self) -> PublicConsent:
        """Return the consent to make exactly this public."""
        return PublicConsent(self.reference, self.sha256, _TOKEN)

    def url(self, consent: PublicConsent) -> str:
        """Return the URL that opens the filled form, of at most 7,200 bytes; the host opens it, or shows it.

        What does not fit is shortened with a note, and the whole text is in a local file first. Raises ConsentError,
        and DraftError if the file cannot be written.
        """
        given: Any = consent
        if not isinstance(given, PublicConsent) or consent != self.consent_to_public():
            raise ConsentError("the consent is not to this public issue: show it and ask again")
        whole = self._url(self.text.whole())
        path = self._kept()
        return whole if len(whole) <= MOST else self._shortened(path)

    def _shortened(self, path: str) -> str:
        """Return the longest text that fits: errors go first, then the environment, then the end of the description."""
        note = f"\n\n[shortened; the whole text is in {os.path.basename(path)} on the author's machine]"
        for text in self.text.shorter():
            if len(url := self._url(text + note)) <= MOST:
                return url
        raise DraftError("the title is too long for a URL")

    def _url(self, body: str) -> str:
        title, text = quote(self.title, safe=""), quote(body, safe="")
        return f"https://github.com/{self.repository}/issues/new?title={title}&body={text}"

    def _kept(self) -> str:
        """Write the whole text, and the reference with the report's id; return the file of the text."""
        context = self.draft.context
        state_dir = context.state_dir or context.save_dir
        if state_dir is None:
            raise DraftError("there is no state directory: the text of the public issue cannot be kept")
        receipt = {"public_reference": self.reference, "report_id": self.draft.report_id, "repository": self.repository}
        try:
            directory = report_files.private_subdirectory(state_dir, RECEIPTS)
            report_files.write_atomically(os.path.join(directory, f"{self.reference}.json"), (dumps(receipt),))
            path = os.path.join(directory, f"github-issue-{self.reference}.md")
            report_files.write_atomically(path, (f"# {self.title}\n\n{self.text.whole()}\n".encode(),))
        except OSError as error:
            raise DraftError(f"the text of the public issue cannot be kept: {error.strerror or error}") from error
        return path


def make_issue(draft: BugReportDraft, title: str | None) -> GitHubIssue:
    """Return the public issue for a draft. Raises BugReportRefused and DraftError."""
    context, service = draft.context, draft.context.policy.bug_reports
    if not service.enabled:
        refusing = refusals(service.reasons)
        raise BugReportRefused(f"bug reports are off: {describe(refusing)}", refusing)
    if context.repository is None or not _REPOSITORY.fullmatch(context.repository):
        raise DraftError("the application names no GitHub repository for public issues (owner/name)")
    report: dict[str, Any] = json.loads(draft.content)
    wanted = title if title is not None and title.strip() else report["description"]
    line = " ".join(redact_secrets(wanted).split())
    short = line if len(line) <= TITLE else f"{line[: TITLE - 1]}\u2026"
    return GitHubIssue(context.repository, short, IssueText.of(report, str(uuid.uuid4())), draft)
