"""What the page of one arrival shows: its parts by kind, the body as it came, the request."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .. import body
from ..errors import Refusal
from ..plain_json import as_list, as_object, as_text, parsed
from .bodies import shown_body
from .conversations import conversation_section
from .sections import FieldsSection, TextSection
from .shown_text import shown
from .stack_traces import of_event, of_record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ..arrivals import StoredArrival
    from .sections import Section

EXPANDED = 1024 * 1024  # bytes of a refused request's body that are decompressed
RECEIPT = "receipt"  # of a bug report, in the ledger
RECEIPT_NOTE = "The ledger never holds the text of a bug report."
MOST_ROWS = 200  # of a table
MOST_ERRORS = 20  # recent errors of a bug report
# Headers that hold no credential; of others only the name is shown.
_OPEN_HEADERS = frozenset(
    (
        *("accept-encoding", "content-encoding", "content-length", "content-type", "host", "idempotency-key"),
        *("statsig-client-time", "statsig-event-count", "statsig-retry", "statsig-sdk-type", "statsig-sdk-version"),
        *("statsig-server-session-id", "user-agent", "x-content-sha256"),
    )
)
_SHOWN_APART = frozenset(
    ("description", "conversation", "older_sessions", "recent_errors", "parts", "notes", "attachments", "environment")
)


def sections(arrival: StoredArrival) -> list[Section]:
    """Return the parts of an arrival's page, the most important first."""
    listed = arrival.listed
    content = as_object(parsed(arrival.body)) if arrival.body is not None else {}
    if listed.kind == RECEIPT:
        made = _receipt(listed.line)
    elif listed.kind == "report":
        made = _report(content)
    elif listed.service == "errors" and listed.kind == "event":
        made = _error(content)
    else:
        made = _fields(content)
    return [*made, *_body(arrival), _request(arrival)]


def _receipt(line: str) -> Iterator[Section]:
    yield TextSection("Receipt", shown(line), [RECEIPT_NOTE], prose=True)


def _fields(content: Mapping[str, Any]) -> Iterator[Section]:
    """Yield an event's objects, its metadata first, and what else is in it."""
    objects = {name: value for name, value in content.items() if isinstance(value, dict) and value}
    for name in sorted(objects, key=lambda name: name != "metadata"):
        yield _rows(name.capitalize(), as_object(objects[name]).items())
    if rest := {name: value for name, value in content.items() if name not in objects}:
        yield _rows("Event", rest.items())


def _error(event: Mapping[str, Any]) -> Iterator[Section]:
    yield from of_event(event)
    for title in ("Tags", "User"):
        if found := as_object(event.get(title.lower())):
            yield _rows(title, found.items())
    if crumbs := as_list(as_object(event.get("breadcrumbs")).get("values")):
        rows = [(as_text(as_object(crumb).get("category")), as_text(crumb)) for crumb in crumbs[-MOST_ROWS:]]
        yield _rows("Breadcrumbs", rows, len(crumbs))
    apart = {"exception", "threads", "breadcrumbs", "tags", "user", "contexts"}
    yield _rows("Event", ((name, value) for name, value in event.items() if name not in apart))
    if contexts := as_object(event.get("contexts")):
        yield _rows("Contexts", contexts.items())


def _report(report: Mapping[str, Any]) -> Iterator[Section]:
    yield TextSection("Description", shown(as_text(report.get("description")), 20_000), prose=True)
    if conversation := report.get("conversation"):
        yield conversation_section("Conversation", conversation)
    for number, session in enumerate(as_list(report.get("older_sessions"))[:MOST_ERRORS]):
        yield conversation_section(f"Older session {number}", session)
    for record in as_list(report.get("recent_errors"))[:MOST_ERRORS]:
        yield of_record(as_object(record))
    parts = [(as_text(part.get("name")), _part(part)) for part in map(as_object, as_list(report.get("parts")))]
    notes = [as_text(note)[:500] for note in as_list(report.get("notes"))[:MOST_ROWS]]
    yield _rows("Parts", parts, notes=notes)
    for attachment in map(as_object, as_list(report.get("attachments"))[:MOST_ERRORS]):
        yield _rows(f"Attachment {as_text(attachment.get('name'))[:100]}", attachment.items())
    if environment := as_object(report.get("environment")):
        yield _rows("Environment", environment.items())
    yield _rows("Report", ((name, value) for name, value in report.items() if name not in _SHOWN_APART))


def _part(part: Mapping[str, Any]) -> str:
    removed = as_object(part.get("redactions"))
    size = f"{as_text(part.get('size'))} bytes" if part.get("included") else "left out"
    return ", ".join((size, *(f"removed: {as_text(number)} {kind}" for kind, number in removed.items())))


def _body(arrival: StoredArrival) -> Iterator[Section]:
    if arrival.body is not None and arrival.listed.kind != RECEIPT:
        found, notes = shown_body(arrival.body)
        if arrival.listed.service == "metrics" and arrival.listed.kind == "event":
            notes.insert(0, "One event of its request, written as JSON again.")
        yield TextSection("Body", found, notes, "body")
    elif arrival.listed.refused and arrival.wire:
        encoding = arrival.headers.get("content-encoding", "")
        try:
            found, notes = shown_body(body.expand(arrival.wire, encoding, EXPANDED))
        except Refusal as refusal:
            found, notes = shown_body(arrival.wire)
            notes.append(f"Shown as received: {refusal.detail}.")
        yield TextSection("Body of the refused request", found, notes)


def _request(arrival: StoredArrival) -> FieldsSection:
    listed = arrival.listed
    known = {
        "request": f"{arrival.method} {arrival.path}".strip(),
        "answer": str(listed.status or ""),
        "size of its body": f"{len(arrival.wire):,} bytes" if arrival.wire else "not stored",
    }
    headers = {
        f"header {name}": value if name in _OPEN_HEADERS else f"(hidden here: {len(value)} characters)"
        for name, value in arrival.headers.items()
    }
    return replace(_rows("Request", {**known, **headers}.items()), download="request" if arrival.wire else "")


def _rows(title: str, pairs: Iterable[tuple[str, Any]], number: int = 0, notes: Iterable[str] = ()) -> FieldsSection:
    """Return a table of the first rows; `number`: of how many."""
    found = [row for name, value in pairs for row in _flat(name, value)]
    rows = [(shown(name, 200), shown(as_text(value))) for name, value in found[:MOST_ROWS]]
    more = max(number, len(found))
    cut = [f"{len(rows):,} of {more:,} are shown."] if more > len(rows) else []
    return FieldsSection(title[:200], rows, [*notes, *cut])


def _flat(name: str, value: Any) -> list[tuple[str, Any]]:
    """Return an object's values under dotted names, one level deep."""
    inner = as_object(value)
    return [(f"{name}.{key}", item) for key, item in inner.items()] if inner else [(name, value)]
