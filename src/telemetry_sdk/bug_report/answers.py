"""What a server's answer means for a report. Pure functions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST_MESSAGE = 500  # characters of a server's own words
_LONGEST_ID = 200
Meaning: TypeAlias = Literal["sent", "unconfirmed", "failed", "wait", "retry"]


class Answer(Protocol):
    """What egress returns. Header names in lower case; the body is at most 64 KiB."""

    @property
    def status(self) -> int:
        """The status code."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers that were kept, `retry-after` and `date` among them."""
        ...

    @property
    def body(self) -> bytes:
        """The body."""
        ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """sent, unconfirmed and failed end it; wait: try again as the server says; retry: try again."""

    meaning: Meaning
    message: str = ""
    feedback_id: str | None = None


_CONFLICT, _TIMEOUT = 409, 408
_BUSY = (429, 503)
_SAYS = {
    404: "Nothing takes bug reports at this address ({status}): update the application.",
    410: "Nothing takes bug reports at this address ({status}): update the application.",
    413: "The server finds the report too large: leave parts out (draft.without), look again, agree again.",
}


def verdict(answer: Answer, *, with_credential: bool) -> Verdict:
    """Judge an answer."""
    status = answer.status
    if status // 100 == 2:  # noqa: PLR2004 - HTTP's successes
        return _taken(answer)
    if status == _CONFLICT:  # the same Idempotency-Key: an earlier try arrived
        return Verdict("sent", feedback_id=_feedback_id(answer))
    if status in _BUSY:
        return Verdict("wait", f"The server is busy ({status}).")
    if status // 100 == 4 and status != _TIMEOUT:  # noqa: PLR2004 - HTTP's client errors
        return Verdict("failed", _failure(answer, with_credential=with_credential))
    return Verdict("retry", f"The server could not take the report ({status}).")


def _failure(answer: Answer, *, with_credential: bool) -> str:
    status = answer.status
    if status in {401, 403}:
        return _unauthorized(answer, with_credential=with_credential)
    if status in _SAYS:
        return _SAYS[status].format(status=status)
    return f"The server refused the report ({status}): {words(answer)}"


def words(answer: Answer) -> str:
    """Return what the server says, of bounded length and without control characters."""
    document = _document(answer)
    found: Any = None
    for name in ("error", "message", "detail"):
        found = found or document.get(name)
    if isinstance(found, dict):
        found = cast("dict[str, Any]", found).get("message")
    text = found if isinstance(found, str) else answer.body[: 4 * _LONGEST_MESSAGE].decode(errors="replace")
    clean = "".join(c if c.isprintable() else " " for c in text[:_LONGEST_MESSAGE])
    return " ".join(clean.split()) or "it gave no reason"


def _taken(answer: Answer) -> Verdict:
    feedback_id = _feedback_id(answer)
    if feedback_id is None:
        return Verdict("unconfirmed", "The server took the report but did not confirm it with an id.")
    return Verdict("sent", feedback_id=feedback_id)


def _unauthorized(answer: Answer, *, with_credential: bool) -> str:
    status = answer.status
    said = answer.body.decode(errors="replace").lower().replace("-", " ").replace("_", " ")
    if "data retention" in said or "zero retention" in said:
        return (
            f"Your organisation has zero data retention, and the server takes no bug reports from it ({status}). "
            "save() writes a local bundle."
        )
    if not with_credential:
        return f"The server wants a credential ({status}): the application gave none (bug_report_auth)."
    return f"The server refused the credential ({status}): sign in again, or check bug_report_auth."


def _feedback_id(answer: Answer) -> str | None:
    found = _document(answer).get("feedback_id")
    if not isinstance(found, str | int) or isinstance(found, bool):
        return None
    clean = "".join(c for c in str(found)[:_LONGEST_ID] if c.isprintable()).strip()
    return clean or None


def _document(answer: Answer) -> dict[str, Any]:
    try:
        document: Any = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, Any]", document) if isinstance(document, dict) else {}
