"""The payload schema: every field that an error, a session, a client report or a metric event may hold.

The sender checks every encoded payload with `violation`; `telemetry-sdk events` and docs/privacy.md print the lists.
"""

from __future__ import annotations

import re

from .._internal.shapes import (
    REDACTED,
    is_count,
    is_empty,
    is_event_id,
    is_hex,
    is_identifier,
    is_milliseconds,
    is_module,
    is_name,
    is_number,
    is_numeric_version,
    is_qualified,
    is_release,
    is_scalar,
    is_time,
    is_token,
    is_user_id,
    is_uuid,
)
from .breadcrumbs import CATEGORIES
from .client_reports import DISCARDED, REASONS, STATUSES
from .code.templates import MAX_TEMPLATE, holds_path
from .error_record import LEVELS, MECHANISMS, is_source
from .exposures import GATE, KEYS, OPTIONAL
from .run_metadata import UNKNOWN
from .schema_check import Kind, PayloadSchema, compiled, one_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .schema_check import Fields

MAX_VALUE = 4 * MAX_TEMPLATE + 3  # characters: a hole has three, and stands between two characters at most
GROUPED_BY_SERVER = "{{ default }}"  # Sentry's name for its own grouping
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)


def _is_name(value: object) -> bool:
    return is_qualified(value) or value == REDACTED


def _is_template(value: object) -> bool:
    return type(value) is str and 0 < len(value) <= MAX_VALUE and not holds_path(value)


EVENT_ID = Kind("a random id", is_event_id)
SPAN_ID = Kind("a random id", lambda value: is_hex(value, 16))
USER_ID = Kind("a random id", is_user_id, repeats=True)
UUID = Kind("a random UUID", is_uuid)
SESSION = Kind("a random UUID", is_uuid, repeats=True)
SECONDS = Kind("a time", is_time)
MILLISECONDS = Kind("a time", is_milliseconds)
MOMENT = Kind("a time", lambda value: type(value) is str and _MOMENT.fullmatch(value) is not None)
COUNT = Kind("a number", is_count)
NUMBER = Kind("a number", is_number)
FLAG = Kind("true or false", lambda value: type(value) is bool)
NAME = Kind("a name from code", _is_name, repeats=True)
MODULE = Kind("a name from code", is_module, repeats=True)
GROUP = Kind("a name from code", lambda value: _is_name(value) or value == GROUPED_BY_SERVER, repeats=True)
VERSION = Kind("a version", is_release, repeats=True)
NUMERIC = Kind("digits and dots", lambda value: is_numeric_version(value) or value == UNKNOWN, repeats=True)
TOKEN = Kind("a short token", is_release, repeats=True)
CHOICE = Kind("a short token", is_token, repeats=True)
SYMBOL = Kind("a short token", is_identifier, repeats=True)
SOURCE = Kind("a short token", is_source, repeats=True)
TEMPLATE = Kind("literals of code, or details", _is_template, repeats=True)
NOTHING = Kind("nothing", is_empty, repeats=True)
SCALAR = Kind("as declared", is_scalar, repeats=True)
VALUE = (
    "the literals of the application's own raise expression; of foreign errors a position, an error number's name, "
    "an exit status, a signal, a codec, an HTTP status, a count"
)


def _exposed(fits: Callable[[str], bool]) -> Kind:
    """Return the kind of an exposure's value."""
    return Kind("a short token", lambda value: type(value) is str and fits(value), repeats=True)


def _stack(at: str) -> Fields:
    return {
        f"{at}.stacktrace.frames[].function": (NAME, "the function's name, of known modules"),
        f"{at}.stacktrace.frames[].module": (MODULE, "its module, of known modules"),
        f"{at}.stacktrace.frames[].filename": (MODULE, "the module's name again, never a file's"),
        f"{at}.stacktrace.frames[].lineno": (COUNT, "the line's number, of known modules"),
        f"{at}.stacktrace.frames[].in_app": (FLAG, "whether it is the application's own"),
    }


ERRORS: Fields = {
    "event_id": (EVENT_ID, "a random id"),
    "timestamp": (SECONDS, "when it happened"),
    "platform": (one_of("python"), "the platform"),
    "level": (one_of(*LEVELS), "how bad it is"),
    "release": (VERSION, "the application's name and version"),
    "dist": (VERSION, "the application's distribution, if it names one"),
    "environment": (TOKEN, "the deployment, if the application names one"),
    "user.id": (USER_ID, "an id that the application gives; by default nothing"),
    "tags.*": (CHOICE, "registered keys with registered values"),
    "fingerprint[]": (
        GROUP,
        "module and function again; types and error numbers where there is no stack trace",
    ),
    "sdk.name": (one_of("telemetry-sdk.python"), "this package"),
    "sdk.version": (VERSION, "its version"),
    "sdk.settings.infer_ip": (one_of("never"), "that no address is to be kept"),
    "contexts.os.type": (one_of("os"), "the context's type"),
    "contexts.os.name": (TOKEN, "Linux, macOS, Windows or other"),
    "contexts.os.version": (NUMERIC, "the system's version"),
    "contexts.runtime.type": (one_of("runtime"), "the context's type"),
    "contexts.runtime.name": (one_of("CPython"), "the interpreter"),
    "contexts.runtime.version": (NUMERIC, "Python's version"),
    "contexts.device.type": (one_of("device"), "the context's type"),
    "contexts.device.arch": (TOKEN, "the processor's architecture"),
    "contexts.trace.type": (one_of("trace"), "the context's type; of a bound sentry_sdk"),
    "contexts.trace.trace_id": (EVENT_ID, "a random id of a bound sentry_sdk"),
    "contexts.trace.span_id": (SPAN_ID, "a random id of a bound sentry_sdk"),
    "contexts.trace.parent_span_id": (SPAN_ID, "a random id of a bound sentry_sdk"),
    "contexts.telemetry_sdk.repeats": (COUNT, "how often the same error came again"),
    "exception.values[].type": (NAME, "the type's name, of known modules"),
    "exception.values[].module": (MODULE, "the type's module, of known modules"),
    "exception.values[].value": (TEMPLATE, VALUE),
    "exception.values[].mechanism.type": (one_of(*MECHANISMS), "how it was caught"),
    "exception.values[].mechanism.handled": (FLAG, "whether the application handled it"),
    "exception.values[].mechanism.exception_id": (COUNT, "its place in the chain"),
    "exception.values[].mechanism.parent_id": (COUNT, "its parent's place"),
    "exception.values[].mechanism.source": (SOURCE, "the parent's attribute that holds it"),
    "exception.values[].mechanism.is_exception_group": (FLAG, "whether it is a group"),
    "exception.values[].mechanism.meta.errno.number": (COUNT, "the system's error number"),
    "exception.values[].mechanism.meta.errno.name": (SYMBOL, "its symbolic name"),
    **_stack("exception.values[]"),
    "threads.values[].id": (COUNT, "its place in the list; of a bound sentry_sdk, for a log entry"),
    "threads.values[].current": (FLAG, "whether the event was recorded on it"),
    "threads.values[].crashed": (FLAG, "whether it crashed"),
    **_stack("threads.values[]"),
    "breadcrumbs.values[].type": (one_of("default"), "of a bound sentry_sdk"),
    "breadcrumbs.values[].category": (one_of(*sorted(CATEGORIES)), "its kind, from Sentry's own list"),
    "breadcrumbs.values[].level": (one_of(*LEVELS), "how bad it is"),
    "breadcrumbs.values[].timestamp": (SECONDS, "when it was recorded"),
}

SESSIONS: Fields = {
    "sid": (UUID, "a random id"),
    "init": (FLAG, "whether it is new"),
    "started": (MOMENT, "when it began"),
    "timestamp": (MOMENT, "when it was reported"),
    "status": (one_of(*STATUSES), "its state"),
    "errors": (COUNT, "how many errors there were"),
    "duration": (NUMBER, "seconds"),
    "attrs.release": (VERSION, "the application's name and version"),
    "attrs.environment": (TOKEN, "the deployment, if the application names one"),
}

REPORTS: Fields = {
    "timestamp": (SECONDS, "when it was reported"),
    "discarded_events[].reason": (one_of(*sorted(REASONS)), "why"),
    "discarded_events[].category": (one_of(*sorted(DISCARDED)), "what"),
    "discarded_events[].quantity": (COUNT, "how many"),
}

_EVENT: Fields = {
    "eventName": (CHOICE, "the declared name, or that of an exposure"),
    "time": (MILLISECONDS, "when it happened"),
    "value": (SCALAR, "the declared field `value`"),
    "metadata.event_uuid": (UUID, "a random id"),
    "metadata.session_id": (SESSION, "a random id of its run"),
    "user.userID": (USER_ID, "a random id of this installation, or one that the application gives"),
    "user.customIDs": (NOTHING, "always empty"),
    "user.statsigEnvironment.tier": (TOKEN, "the deployment, if the application names one"),
    "user.custom.app": (TOKEN, "the application's name"),
    "user.custom.app_version": (VERSION, "its version"),
    "user.custom.sdk_version": (VERSION, "this package's version"),
    "user.custom.os": (TOKEN, "Linux, macOS, Windows or other"),
    "user.custom.arch": (TOKEN, "the processor's architecture"),
    "user.custom.python": (VERSION, "Python's version"),
    "user.custom.provider": (TOKEN, "the model provider's name"),
}
_DECLARED: Fields = {"metadata.*": (SCALAR, "the declared fields")}
_EXPOSED: Fields = {
    f"metadata.{key}": (_exposed(fits), "of an exposure: names and rules of the application's specs, flags")
    for keys in (*KEYS.values(), OPTIONAL)
    for key, fits in keys.items()
} | {
    f"secondaryExposures[].{key}": (_exposed(fits), "of an exposure: a gate that it depended on")
    for key, fits in KEYS[GATE].items()
}
_REQUEST: Fields = {
    "statsigMetadata.sdkType": (one_of("telemetry-sdk-python"), "this package, once a request"),
    "statsigMetadata.sdkVersion": (VERSION, "its version"),
    "statsigMetadata.languageVersion": (VERSION, "Python's version"),
    "statsigMetadata.sessionID": (SESSION, "a random id of a run in the request"),
}
METRICS: Fields = {**_EVENT, **_DECLARED, **_EXPOSED, **_REQUEST}

_KEYS = {"tags": is_identifier, "metadata": is_name}  # shapes of keys that are declared elsewhere
_EXPOSURE = compiled({**_EVENT, **_EXPOSED, "eventName": (one_of(*KEYS), "")})
_SCHEMA = PayloadSchema(
    {
        "event": compiled(ERRORS, _KEYS),
        "session": compiled(SESSIONS),
        "client_report": compiled(REPORTS),
        "statsig_event": compiled({**_EVENT, **_DECLARED}, _KEYS),
        "statsig_metadata": compiled({path.partition(".")[2]: field for path, field in _REQUEST.items()}),
    },
    {("statsig_event", "eventName"): dict.fromkeys(KEYS, _EXPOSURE)},
)
violation = _SCHEMA.violation
"""`event`, `session` and `client_report` are Sentry's items, `statsig_event` is one of a request's events,
`statsig_metadata` its `statsigMetadata`."""
