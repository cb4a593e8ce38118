"""Describes the details of well-known exceptions: numbers within bounds, names from closed lists."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    Details = Mapping[str, Any]

MAX_POSITION = 1 << 53
MAX_KINDS = 20  # error types of one validation
# OpenSSL's reasons that applications meet; it has hundreds, and an attribute may be assigned.
SSL_REASONS = frozenset(
    (
        *("CERTIFICATE_VERIFY_FAILED", "WRONG_VERSION_NUMBER", "UNEXPECTED_EOF_WHILE_READING", "NO_SHARED_CIPHER"),
        *("SSLV3_ALERT_HANDSHAKE_FAILURE", "TLSV1_ALERT_PROTOCOL_VERSION", "TLSV1_ALERT_INTERNAL_ERROR"),
        *(
            "TLSV1_ALERT_UNKNOWN_CA",
            "TLSV1_UNRECOGNIZED_NAME",
            "UNSUPPORTED_PROTOCOL",
            "HTTP_REQUEST",
            "BAD_RECORD_MAC",
        ),
        *("DECRYPTION_FAILED_OR_BAD_RECORD_MAC", "TLSV13_ALERT_CERTIFICATE_REQUIRED", "BAD_RECORD_MAC"),
        *("SSLV3_ALERT_CERTIFICATE_EXPIRED", "SSLV3_ALERT_BAD_CERTIFICATE", "DH_KEY_TOO_SMALL", "EE_KEY_TOO_SMALL"),
    )
)


def described(details: object) -> str | None:
    """Return an exception's details in fixed words, such as `line 1 column 13`; None if there are none."""
    if type(details) is not dict:
        return None
    return next((words for words in (describe(details) for describe in _DESCRIPTIONS) if words), None)


def _position(details: Details) -> str | None:
    line, column = (_number(details.get(name), 0, MAX_POSITION) for name in ("line", "column"))
    if line is None:
        return None
    return f"line {line}" if column is None else f"line {line} column {column}"


def _process(details: Details) -> str | None:
    code = _number(details.get("returncode"), -64, 1 << 32)
    if code is None or code >= 0:
        return None if code is None else f"exit status {code}"
    from signal import Signals

    try:
        return Signals(-code).name
    except ValueError:  # no signal of this system
        return f"signal {-code}"


def _status(details: Details) -> str | None:
    status = _number(details.get("status"), 100, 599)
    return None if status is None else f"HTTP {status}"


def _codec(details: Details) -> str | None:
    """Return the normal name of one of the standard library's codecs."""
    value = details.get("codec")
    if type(value) is not str:
        return None
    from encodings.aliases import aliases  # loaded at every start of Python

    name = value.lower().replace("-", "_").replace(" ", "_")[:40]
    codec = aliases.get(name) or next((codec for codec in aliases.values() if codec == name), None)
    return None if codec is None else f"codec {codec}"


def _tls(details: Details) -> str | None:
    value = details.get("ssl")
    return value if type(value) is str and value in SSL_REASONS else None


def _lookup(details: Details) -> str | None:
    """Return this system's name of a host look-up's error number."""
    value = details.get("lookup")
    found: Mapping[str, Any] = vars(sys.modules.get("_socket", sys))
    errors = ((name, number) for name, number in found.items() if name.startswith("EAI_") and type(number) is int)
    return next((name for name, number in errors if number == value), None) if type(value) is int else None


def _validation(details: Details) -> str | None:
    """Return how many errors a validation found, with pydantic's own types; an application's own are free text."""
    count, kinds = _number(details.get("errors"), 0, MAX_POSITION), details.get("kinds")
    if count is None:
        return None
    known: Any = getattr(sys.modules.get("pydantic_core.core_schema"), "ErrorType", None)
    names: frozenset[str] = frozenset(getattr(known, "__args__", ()))
    given = kinds[:MAX_KINDS] if type(kinds) is list else ()
    kept = ", ".join(sorted({kind for kind in given if type(kind) is str and kind in names}))
    return f"{count} {'error' if count == 1 else 'errors'}" + (f": {kept}" if kept else "")


def _number(value: object, least: int, most: int) -> int | None:
    return value if type(value) is int and least <= value <= most else None


_DESCRIPTIONS = (_position, _process, _status, _codec, _tls, _lookup, _validation)
