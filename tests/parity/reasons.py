"""Why a path differs: by vendor, part and path; a path that ends with a star stands for all that begin so."""

from __future__ import annotations

ANOTHER_CLIENT = "another client, another version; servers count them by it"
NOT_NEEDED = "servers do not need it"
SAYS_LESS = "the answer is short and read raw: no header asks for more"
OWN_POOL = "the connection is kept for the next request"
DUPLICATES = "a repeat can be told by it: delivery is at least once"
CUSTOM = "what may be known of the machine, with each event; the vendor's client leaves it to the application"
NO_VALUE = "what is not known is left out, as the `statsig` package does"
OF_A_SERVER = "how the vendor's client batches: nothing of the application"
NOT_COLLECTED = "never collected: code, text or names of the user's machine"
NO_TRACING = "there is no tracing"
PLACES = "modules take the place of files: no path leaves"
IN_OUR_FRAMES = "this program does not name `__main__`: its frame is `<redacted>`, without a line"
EVERY_CONTEXT = "system, version and architecture: all that is said of the machine"
ALWAYS_SAID = "said of every exception, a plain chain too, so that its structure is read and not guessed"

_STATSIG_EVENT = {
    "metadata.event_uuid": DUPLICATES,
    "user.custom.*": CUSTOM,
    "user.customIDs": "empty, as the documented body has it; the package leaves it out where nothing was given",
}
_STATSIG_HEADERS = {
    "accept": NOT_NEEDED,
    "accept-encoding": SAYS_LESS,
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
            "statsigMetadata.arch": "in `user.custom`, where it can be asked for",
            "statsigMetadata.os": "in `user.custom`, where it can be asked for",
            "statsigMetadata.batchSize": OF_A_SERVER,
            "statsigMetadata.flush*": OF_A_SERVER,
            "statsigMetadata.maxPendingBatches": OF_A_SERVER,
            "statsigMetadata.languageVersion": "the version alone, without the compiler's and the day of the build",
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
            "contexts.runtime.build": "the version alone, without the compiler's and the day of the build",
            "contexts.runtime.type": "servers take it from the key; said for those that do not",
            "contexts.telemetry_sdk.repeats": "how often the same error was held back since",
            "contexts.trace.*": NO_TRACING,
            "exception.values[].mechanism.exception_id": ALWAYS_SAID,
            "exception.values[].mechanism.parent_id": (
                f"{ALWAYS_SAID}; within a group, a cause hangs on its own exception, not on the group"
            ),
            "exception.values[].mechanism.source": ALWAYS_SAID,
            "exception.values[].mechanism.type": "`chained` for all but the outermost",
            "exception.values[].module": "of built-in exceptions, too",
            "exception.values[].stacktrace.frames[].abs_path": NOT_COLLECTED,
            "exception.values[].stacktrace.frames[].context_line": NOT_COLLECTED,
            "exception.values[].stacktrace.frames[].filename": PLACES,
            "exception.values[].stacktrace.frames[].function": IN_OUR_FRAMES,
            "exception.values[].stacktrace.frames[].in_app": "always said: without a path no server can tell",
            "exception.values[].stacktrace.frames[].lineno": IN_OUR_FRAMES,
            "exception.values[].stacktrace.frames[].module": IN_OUR_FRAMES,
            "exception.values[].stacktrace.frames[].post_context*": NOT_COLLECTED,
            "exception.values[].stacktrace.frames[].pre_context[]": NOT_COLLECTED,
            "exception.values[].stacktrace.frames[].vars": NOT_COLLECTED,
            "exception.values[].value": "only literals of the raise expression leave: the rest is text of the run time",
            "extra": NOT_COLLECTED,
            "fingerprint[]": "the place, for servers that would group by type and message alone",
            "level": "what ends a program is `fatal`",
            "modules": NOT_COLLECTED,
            "sdk.integrations[]": NOT_NEEDED,
            "sdk.name": ANOTHER_CLIENT,
            "sdk.packages[].*": NOT_NEEDED,
            "sdk.settings.infer_ip": "the address of the connection is not the server's to keep",
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
