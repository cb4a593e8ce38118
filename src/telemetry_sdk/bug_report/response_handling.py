"""Maps a server's response to the result of an attempt. Pure functions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

if TYPE_CHECKING:
    from telemetry_sdk.egress.response import Response

_MAX_MESSAGE = 500  # characters of the server's message
_MAX_ID = 200  # characters
ResultKind: TypeAlias = Literal["sent", "unconfirmed", "failed", "not_reached", "wait", "retry"]
Cause: TypeAlias = Literal[
    "", "policy", "credential", "zero_data_retention", "endpoint_gone", "too_large", "rejected", "server", "network"
]


@dataclass(frozen=True, slots=True)
class AttemptResult:
    """The result of one attempt.

    `sent`, `unconfirmed` and `failed` are final; `not_reached`: a retry would meet the same failure; `wait`: retry when
    the server says; `retry`: retry with back-off.
    """

    kind: ResultKind
    message: str = ""
    cause: Cause = ""
    feedback_id: str | None = None


_CONFLICT, _TIMEOUT = 409, 408
_BUSY = (429, 503)
_GONE: tuple[str, Cause] = (
    "This address does not accept bug reports ({status}): update the application.",
    "endpoint_gone",
)
_MESSAGES: dict[int, tuple[str, Cause]] = {
    404: _GONE,
    410: _GONE,
    413: ("The server rejected the report as too large: make a smaller one, without some of its parts.", "too_large"),
}


def interpret(response: Response, *, with_credential: bool) -> AttemptResult:
    """Return the result that a response stands for."""
    status = response.status
    if status // 100 == 2:  # noqa: PLR2004 - HTTP's successes
        return _accepted(response)
    if status == _CONFLICT:  # the Idempotency-Key is known
        return _accepted(response)
    if status in _BUSY:
        return AttemptResult("wait", f"The server is busy ({status}).", "server")
    if status // 100 == 4 and status != _TIMEOUT:  # noqa: PLR2004 - HTTP's client errors
        message, cause = _failure(response, with_credential=with_credential)
        return AttemptResult("failed", message, cause)
    if status // 100 == 3:  # noqa: PLR2004 - HTTP's redirects
        words = f"The server redirects to another address ({status}), and redirects are not followed."
        return AttemptResult("retry", words, "server")
    return AttemptResult("retry", f"The server could not accept the report ({status}).", "server")


def _failure(response: Response, *, with_credential: bool) -> tuple[str, Cause]:
    status = response.status
    if status in {401, 403}:
        return _unauthorized(response, with_credential=with_credential)
    if status in _MESSAGES:
        message, cause = _MESSAGES[status]
        return message.format(status=status), cause
    return f"The server refused the report ({status}): {server_message(response)}", "rejected"


def server_message(response: Response) -> str:
    """Return the server's message: bounded, without control characters."""
    document = _document(response)
    found: Any = None
    for name in ("error", "message", "detail"):
        found = found or document.get(name)
    if isinstance(found, dict):
        found = cast("dict[str, Any]", found).get("message")
    text = found if isinstance(found, str) else response.body[: 4 * _MAX_MESSAGE].decode(errors="replace")
    clean = "".join(c if c.isprintable() else " " for c in text[:_MAX_MESSAGE])
    return " ".join(clean.split()) or "no reason given"


def _accepted(response: Response) -> AttemptResult:
    feedback_id = _feedback_id(response)
    if feedback_id is None:
        return AttemptResult("unconfirmed", "The server has accepted the report but returned no id for it.")
    return AttemptResult("sent", feedback_id=feedback_id)


def _unauthorized(response: Response, *, with_credential: bool) -> tuple[str, Cause]:
    status = response.status
    text = response.body.decode(errors="replace").lower().replace("-", " ").replace("_", " ")
    if "data retention" in text or "zero retention" in text:
        words = f"Your organisation has zero data retention; the server accepts no bug reports from it ({status})."
        return words, "zero_data_retention"
    if not with_credential:
        return f"The server requires a credential ({status}), and the application provides none.", "credential"
    return f"The server rejected the credential ({status}): sign in again.", "credential"


def _feedback_id(response: Response) -> str | None:
    found = _document(response).get("feedback_id")
    if not isinstance(found, str | int) or isinstance(found, bool):
        return None
    clean = "".join(c for c in str(found)[:_MAX_ID] if c.isprintable()).strip()
    return clean or None


def _document(response: Response) -> dict[str, Any]:
    try:
        document: Any = json.loads(response.body)
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, Any]", document) if isinstance(document, dict) else {}
