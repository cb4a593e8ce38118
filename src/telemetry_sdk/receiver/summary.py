"""What a list shows of a record: its name, a line of its content, application, version, what was removed from it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from telemetry_sdk._internal.shapes import REDACTED

from .plain_json import as_list, as_number, as_object, as_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LONGEST = 200  # characters of a line
NAME = 100  # characters of a name, an application, a version
LITERAL = "<…>"  # in the place of a value in a message that the application's code holds as a literal
_SECRET = re.compile(r"\[redacted:([a-z0-9-]{1,64})\]")
UNKNOWN_NAME = "a name that is not of known code"
NO_LITERAL = "a value in a message"
_OURS = frozenset(("event_uuid", "session_id"))


@dataclass(frozen=True, slots=True)
class Summary:
    """`removed`: how often the sanitizer removed something, by reason."""

    name: str = ""
    line: str = ""
    app: str = ""
    version: str = ""
    removed: Mapping[str, int] = field(default_factory=dict[str, int])


def of_metric(event: Mapping[str, Any]) -> Summary:
    """Summarize a Statsig event."""
    user = as_object(event.get("user"))
    custom = as_object(user.get("custom"))
    fields = {name: value for name, value in as_object(event.get("metadata")).items() if name not in _OURS}
    line = ", ".join(_first(fields))
    value = "" if event.get("value") is None else as_text(event["value"])
    return _summary(
        as_text(event.get("eventName")),
        ", ".join(filter(None, (value, line))),
        as_text(custom.get("app")),
        as_text(custom.get("app_version") or user.get("appVersion")),
    )


def of_item(kind: str, payload: Mapping[str, Any]) -> Summary:
    """Summarize an item of an envelope."""
    release = as_text(payload.get("release") or as_object(payload.get("attrs")).get("release"))
    app, _, version = release.rpartition("@")
    if kind == "client_report":
        discarded = _discarded(payload)
        line = ", ".join(f"{count} {reason}" for reason, count in discarded.items())
        return _summary(kind, line, app, version, {f"discarded: {reason}": n for reason, n in discarded.items()})
    if kind != "event":
        return _summary(kind, as_text(payload.get("status")), app, version)
    exceptions = exceptions_of(payload)
    thrown = exceptions[-1] if exceptions else {}
    name = as_text(thrown.get("type")) or as_text(payload.get("level")) or kind
    message = thrown.get("value") or as_object(payload.get("logentry")).get("message") or payload.get("message")
    return _summary(name, as_text(message), app, version, _removed_of_error(payload))


def of_report(content: str, report: Mapping[str, Any]) -> Summary:
    """Summarize a bug report; `content` is its text."""
    description = as_text(report.get("description"))
    app = as_object(report.get("app"))
    counts = Counter(f"secret: {kind}" for kind in _SECRET.findall(content))
    return _summary(description or "bug report", "", as_text(app.get("name")), as_text(app.get("version")), counts)


def exceptions_of(event: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the exceptions of a Sentry event, the captured one last."""
    found = event.get("exception")
    return [as_object(value) for value in as_list(as_object(found).get("values") if isinstance(found, dict) else found)]


def _removed_of_error(event: Mapping[str, Any]) -> Counter[str]:
    removed: Counter[str] = Counter()
    for thrown in exceptions_of(event):
        frames = as_list(as_object(thrown.get("stacktrace")).get("frames"))
        names = [thrown.get("type"), *(as_object(frame).get("function") for frame in frames)]
        removed[UNKNOWN_NAME] += names.count(REDACTED)
        removed[NO_LITERAL] += as_text(thrown.get("value")).count(LITERAL)
    return removed


def _discarded(report: Mapping[str, Any]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for entry in map(as_object, as_list(report.get("discarded_events"))):
        counts[as_text(entry.get("reason"))[:NAME]] += as_number(entry.get("quantity"))
    return counts


def _summary(name: str, line: str, app: str, version: str, removed: Mapping[str, int] | None = None) -> Summary:
    found = {reason: number for reason, number in (removed or {}).items() if number}
    return Summary(name[:NAME], line[:LONGEST], app[:NAME], version[:NAME], found)


def _first(fields: Mapping[str, Any]) -> Iterator[str]:
    """Yield as many fields as a line can show."""
    size = 0
    for name, value in fields.items():
        if size > LONGEST:
            return
        text = f"{name} = {as_text(value)}"
        size += len(text)
        yield text
