"""The published list: every field that errors, sessions, client reports and metric events may hold.

`telemetry-sdk events` prints it, docs/privacy.md is made of it, and the sender holds every item against it, after the
gate and the encoder: what is not on the list, or not of its kind, does not leave.
"""

from __future__ import annotations

from .breadcrumbs import CATEGORIES, LEVELS
from .client_reports import DISCARDED, REASONS, STATUSES
from .errors import MECHANISMS
from .exposures import KEYS, OPTIONAL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any


class Kind:
    """A kind of value: its name, what JSON makes of it, and what it holds where that is a closed list."""

    def __init__(self, name: str, *types: type, choices: Iterable[str] | None = None) -> None:
        self.name = name
        self.types = types
        self.choices = None if choices is None else frozenset(choices)

    def fits(self, value: object) -> bool:
        """Tell whether a value is of this kind."""
        return type(value) in self.types and (self.choices is None or value in self.choices)


ID, UUID = Kind("a random id", str), Kind("a random UUID", str)
TIME, COUNT, FLAG = Kind("a time", float, int, str), Kind("a number", int, float), Kind("true or false", bool)
NAME = Kind("a name from code", str)
VERSION = Kind("a version", str)
TOKEN = Kind("a short token", str)
TEMPLATE = Kind("literals of code, or facts", str)
VALUE = (
    "the literals of the application's own raise expression; of foreign errors a position, an error number's name, "
    "an exit status, a signal, a codec, an HTTP status, a count"
)
NOTHING = Kind("nothing")
SCALAR = Kind("as declared", bool, int, float, str)


def one_of(*choices: str) -> Kind:
    """Return the kind of a value from a closed list."""
    return Kind("one of a list", str, choices=choices)


def _stack(at: str) -> dict[str, tuple[Kind, str]]:
    return {
        f"{at}.stacktrace.frames[].function": (NAME, "the function's name, of known modules"),
        f"{at}.stacktrace.frames[].module": (NAME, "its module, of known modules"),
        f"{at}.stacktrace.frames[].filename": (NAME, "the module's name again, never a file's"),
        f"{at}.stacktrace.frames[].lineno": (COUNT, "the line's number, of known modules"),
        f"{at}.stacktrace.frames[].in_app": (FLAG, "whether it is the application's own"),
    }


Fields = dict[str, tuple[Kind, str]]

ERRORS: Fields = {
    "event_id": (ID, "a random id"),
    "timestamp": (TIME, "when it happened"),
    "platform": (one_of("python"), "the platform"),
    "level": (one_of(*LEVELS), "how bad it is"),
    "release": (VERSION, "the application's name and version"),
    "dist": (VERSION, "the application's distribution, if it names one"),
    "environment": (TOKEN, "the deployment, if the application names one"),
    "user.id": (ID, "an id that the application gives; by default nothing"),
    "tags.*": (TOKEN, "registered keys with registered values"),
    "fingerprint[]": (
        NAME,
        "the place again, module and function; types and error numbers where there is no stack trace",
    ),
    "sdk.name": (one_of("telemetry-sdk.python"), "this package"),
    "sdk.version": (VERSION, "its version"),
    "sdk.settings.infer_ip": (one_of("never"), "that no address is to be kept"),
    "contexts.os.type": (one_of("os"), "the context's type"),
    "contexts.os.name": (TOKEN, "Linux, macOS, Windows or other"),
    "contexts.os.version": (VERSION, "the system's version"),
    "contexts.runtime.type": (one_of("runtime"), "the context's type"),
    "contexts.runtime.name": (one_of("CPython"), "the interpreter"),
    "contexts.runtime.version": (VERSION, "Python's version"),
    "contexts.device.type": (one_of("device"), "the context's type"),
    "contexts.device.arch": (TOKEN, "the processor's architecture"),
    "contexts.trace.type": (one_of("trace"), "the context's type; of a bound sentry_sdk"),
    "contexts.trace.trace_id": (ID, "a random id of a bound sentry_sdk"),
    "contexts.trace.span_id": (ID, "a random id of a bound sentry_sdk"),
    "contexts.trace.parent_span_id": (ID, "a random id of a bound sentry_sdk"),
    "contexts.telemetry_sdk.repeats": (COUNT, "how often the same error came again"),
    "exception.values[].type": (NAME, "the type's name, of known modules"),
    "exception.values[].module": (NAME, "the type's module, of known modules"),
    "exception.values[].value": (TEMPLATE, VALUE),
    "exception.values[].mechanism.type": (one_of(*MECHANISMS), "how it was caught"),
    "exception.values[].mechanism.handled": (FLAG, "whether the application handled it"),
    "exception.values[].mechanism.exception_id": (COUNT, "its place in the chain"),
    "exception.values[].mechanism.parent_id": (COUNT, "the place of the one that it hangs on"),
    "exception.values[].mechanism.source": (TOKEN, "how it hangs on it"),
    "exception.values[].mechanism.is_exception_group": (FLAG, "whether it is a group"),
    "exception.values[].mechanism.meta.errno.number": (COUNT, "the system's error number"),
    "exception.values[].mechanism.meta.errno.name": (TOKEN, "its symbolic name"),
    **_stack("exception.values[]"),
    "threads.values[].id": (COUNT, "its place in the list; where a log entry was made, of a bound sentry_sdk"),
    "threads.values[].current": (FLAG, "whether it is the one that spoke"),
    "threads.values[].crashed": (FLAG, "whether it crashed"),
    **_stack("threads.values[]"),
    "breadcrumbs.values[].type": (one_of("default"), "of a bound sentry_sdk"),
    "breadcrumbs.values[].category": (one_of(*sorted(CATEGORIES)), "its kind, from Sentry's own list"),
    "breadcrumbs.values[].level": (one_of(*LEVELS), "how bad it is"),
    "breadcrumbs.values[].timestamp": (TIME, "when it was left"),
}

SESSIONS: Fields = {
    "sid": (UUID, "a random id"),
    "init": (FLAG, "whether it is new"),
    "started": (TIME, "when it began"),
    "timestamp": (TIME, "when this was said"),
    "status": (one_of(*STATUSES), "how it goes"),
    "errors": (COUNT, "how many errors there were"),
    "duration": (COUNT, "seconds"),
    "attrs.release": (VERSION, "the application's name and version"),
    "attrs.environment": (TOKEN, "the deployment, if the application names one"),
}

REPORTS: Fields = {
    "timestamp": (TIME, "when this was said"),
    "discarded_events[].reason": (one_of(*sorted(REASONS)), "why"),
    "discarded_events[].category": (one_of(*sorted(DISCARDED)), "what"),
    "discarded_events[].quantity": (COUNT, "how many"),
}

METRICS: Fields = {
    "eventName": (TOKEN, "the declared name, or that of an exposure"),
    "time": (TIME, "when it happened"),
    "value": (COUNT, "a declared number"),
    "metadata.event_uuid": (UUID, "a random id"),
    "metadata.*": (SCALAR, "the declared fields"),
    **{
        f"metadata.{key}": (TOKEN, "of an exposure: names and rules of the application's specs, flags")
        for key in dict.fromkeys((*(key for keys in KEYS.values() for key in keys), *OPTIONAL))
    },
    **{
        f"secondaryExposures[].{key}": (TOKEN, "of an exposure: a gate that it stood on")
        for key in KEYS[next(iter(KEYS))]
    },
    "user.userID": (ID, "a random id of this installation, or one that the application gives"),
    "user.customIDs": (NOTHING, "always empty"),
    "user.statsigEnvironment.tier": (TOKEN, "the deployment, if the application names one"),
    "user.custom.app": (TOKEN, "the application's name"),
    "user.custom.app_version": (VERSION, "its version"),
    "user.custom.sdk_version": (VERSION, "this package's version"),
    "user.custom.os": (TOKEN, "Linux, macOS, Windows or other"),
    "user.custom.arch": (TOKEN, "the processor's architecture"),
    "user.custom.python": (VERSION, "Python's version"),
    "user.custom.provider": (TOKEN, "the model provider's name"),
    "statsigMetadata.sdkType": (one_of("telemetry-sdk-python"), "this package, once a request"),
    "statsigMetadata.sdkVersion": (VERSION, "its version"),
    "statsigMetadata.languageVersion": (VERSION, "Python's version"),
    "statsigMetadata.sessionID": (UUID, "a random id of this run"),
}

ITEMS: Mapping[str, Fields] = {"event": ERRORS, "session": SESSIONS, "client_report": REPORTS}


def outside(item_type: str, payload: Mapping[str, Any]) -> str | None:
    """Return the path of a field that may not leave in an item of Sentry's wire, or None: all of it is on the list."""
    fields = ITEMS.get(item_type)
    if fields is None:
        return item_type
    return next((path for path, value in leaves(payload) if not _listed(fields, path, value)), None)


def leaves(value: object, at: str = "") -> Iterator[tuple[str, object]]:
    """Yield the path and the value of everything in a payload that holds nothing further. `a.b[].c`."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{at}.{key}" if at else str(key))
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, f"{at}[]")
    else:
        yield at, value


def _listed(fields: Fields, path: str, value: object) -> bool:
    found = fields.get(path) or ("." in path and fields.get(f"{path.partition('.')[0]}.*")) or None
    return found is not None and found[0].fits(value)


def violation(kind: str, payload: Mapping[str, Any]) -> str | None:
    """Return the path of a field that may not leave, or None."""
    if kind == "metrics":
        return next((path for path, value in leaves(payload) if not _listed(METRICS, path, value)), None)
    return outside(kind, payload)
