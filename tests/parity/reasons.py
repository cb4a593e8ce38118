"""Why a path differs, by vendor, part and path; a star at the end of a path matches any rest."""

from __future__ import annotations

ANOTHER_CLIENT = "names the client and its version"
NOT_NEEDED = "servers do not need it"
NOT_COMPRESSED = "the answer is short and not compressed"
OWN_POOL = "the connection is kept alive"
DUPLICATES = "identifies duplicates: delivery is at least once"
OF_RUNS = "a request may hold events of several runs; its body and header name one of their sessions"
CUSTOM = "versions and machine with each event; the vendor's client leaves them to the application"
NO_VALUE = "missing values are left out, as in the `statsig` package"
OF_A_SERVER = "internals of the vendor's client"
NOT_COLLECTED = "never collected: code, text or names of the user's machine"
NO_TRACING = "no tracing"
MODULE_NOT_FILE = "the module in place of the file: no path leaves"
IN_OUR_FRAMES = "`__main__` is not named as application code: its frame is `<redacted>`, without a line"
EVERY_CONTEXT = "only system, version and architecture are collected"
ALWAYS_SENT = "sent for every exception, so that servers need not guess the structure of a chain"

_STATSIG_EVENT = {
    "metadata.event_uuid": DUPLICATES,
    "metadata.session_id": OF_RUNS,
    "user.custom.*": CUSTOM,
    "user.customIDs": "empty, as documented; the package leaves it out if none was given",
}
_STATSIG_HEADERS = {
    "accept": NOT_NEEDED,
    "accept-encoding": NOT_COMPRESSED,
    "statsig-sdk-*": ANOTHER_CLIENT,
    "user-agent": ANOTHER_CLIENT,
    "x-request-service": NOT_NEEDED,
}
REASONS: dict[str, dict[str, dict[str, str]]] = {
    "statsig": {
        "event": _STATSIG_EVENT,
        "body": {"statsigMetadata.sdk*": ANOTHER_CLIENT},
        "HTTP headers": {**_STATSIG_HEADERS, "connection": OWN_POOL},
    },
    "statsig-python-core": {
        "event": {
            **_STATSIG_EVENT,
            "secondaryExposures": NO_VALUE,
            "statsigMetadata": NO_VALUE,
            "value": NO_VALUE,
        },
        "body": {
            "statsigMetadata.arch": "in `user.custom`, where it can be queried",
            "statsigMetadata.os": "in `user.custom`, where it can be queried",
            "statsigMetadata.batchSize": OF_A_SERVER,
            "statsigMetadata.flush*": OF_A_SERVER,
            "statsigMetadata.maxPendingBatches": OF_A_SERVER,
            "statsigMetadata.languageVersion": "the version only, without compiler and build date",
            "statsigMetadata.sdk*": ANOTHER_CLIENT,
        },
        "HTTP headers": {
            **_STATSIG_HEADERS,
            "statsig-retry": "named as the `statsig` package does",
            "statsig-retry-count": "named `statsig-retry`, as the `statsig` package does",
        },
    },
    "sentry-sdk": {
        "event": {
            "breadcrumbs.values": NOT_COLLECTED,
            "contexts.device.*": EVERY_CONTEXT,
            "contexts.os.*": EVERY_CONTEXT,
            "contexts.runtime.build": "the version only, without compiler and build date",
            "contexts.runtime.type": "sent for servers that do not derive it from the key",
            "contexts.telemetry_sdk.repeats": "how often the same error was throttled",
            "contexts.trace.*": NO_TRACING,
            "exception.values[].mechanism.exception_id": ALWAYS_SENT,
            "exception.values[].mechanism.parent_id": (
                f"{ALWAYS_SENT}; within a group, the parent of a cause is its own exception, not the group"
            ),
            "exception.values[].mechanism.source": ALWAYS_SENT,
            "exception.values[].mechanism.type": "`chained` for all but the outermost",
            "exception.values[].module": "of built-in exceptions, too",
            "exception.values[].stacktrace.frames[].abs_path": NOT_COLLECTED,
            "exception.values[].stacktrace.frames[].context_line": NOT_COLLECTED,
            "exception.values[].stacktrace.frames[].filename": MODULE_NOT_FILE,
            "exception.values[].stacktrace.frames[].function": IN_OUR_FRAMES,
            "exception.values[].stacktrace.frames[].in_app": "always sent: servers cannot derive it without a path",
            "exception.values[].stacktrace.frames[].lineno": IN_OUR_FRAMES,
            "exception.values[].stacktrace.frames[].module": IN_OUR_FRAMES,
            "exception.values[].stacktrace.frames[].post_context*": NOT_COLLECTED,
            "exception.values[].stacktrace.frames[].pre_context[]": NOT_COLLECTED,
            "exception.values[].stacktrace.frames[].vars": NOT_COLLECTED,
            "exception.values[].value": "only literals of the `raise` expression leave, no text produced at run time",
            "extra": NOT_COLLECTED,
            "fingerprint[]": "module and function, for servers that group by type and message only",
            "level": "`fatal` for an uncaught exception",
            "modules": NOT_COLLECTED,
            "sdk.integrations[]": NOT_NEEDED,
            "sdk.name": ANOTHER_CLIENT,
            "sdk.packages[].*": NOT_NEEDED,
            "sdk.settings.infer_ip": "asks the server not to store the address of the connection",
            "sdk.version": ANOTHER_CLIENT,
            "server_name": NOT_COLLECTED,
            "timestamp": "seconds since 1970, which the schema allows as well",
            "transaction_info": NO_TRACING,
        },
        "envelope header": {"trace.*": NO_TRACING},
        "item header": {"content_type": "an event is JSON by definition"},
        "HTTP headers": {"user-agent": ANOTHER_CLIENT},
    },
}
