"""Cleans exception details: numbers within bounds, names from closed lists."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

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


def clean_details(details: object) -> dict[str, Any] | None:
    """Return the details of an exception, rebuilt; None if none is left."""
    if type(details) is not dict:
        return None
    clean = {
        name: kept
        for name, rule in _RULES.items()
        if name in details
        for kept in [rule(details[name])]
        if kept is not None
    }
    return clean or None


def _number(least: int, most: int) -> Callable[[object], int | None]:
    def rule(value: object) -> int | None:
        return value if type(value) is int and least <= value <= most else None

    return rule


def _codec(value: object) -> str | None:
    """Return the normal name of one of the standard library's codecs."""
    if type(value) is not str:
        return None
    from encodings.aliases import aliases  # loaded at every start of Python

    name = value.lower().replace("-", "_").replace(" ", "_")[:40]
    return aliases.get(name) or next((codec for codec in aliases.values() if codec == name), None)


def _reason(value: object) -> str | None:
    return next((known for known in SSL_REASONS if known == value), None) if type(value) is str else None


def _lookup(value: object) -> str | None:
    """Return this system's name of a host look-up's error number."""
    found: Mapping[str, Any] = vars(sys.modules.get("_socket", sys))
    errors = ((name, number) for name, number in found.items() if name.startswith("EAI_") and type(number) is int)
    return next((name for name, number in errors if number == value), None) if type(value) is int else None


def _kinds(value: object) -> list[str] | None:
    """Return pydantic's own error types, sorted; an application's own are free text."""
    if type(value) is not list:
        return None
    known: Any = getattr(sys.modules.get("pydantic_core.core_schema"), "ErrorType", None)
    names: frozenset[str] = frozenset(getattr(known, "__args__", ()))
    return sorted({kind for kind in value[:MAX_KINDS] if type(kind) is str and kind in names}) or None


_RULES: Mapping[str, Callable[[object], Any]] = {
    "line": _number(0, MAX_POSITION),
    "column": _number(0, MAX_POSITION),
    "returncode": _number(-64, 1 << 32),
    "status": _number(100, 599),
    "errors": _number(0, MAX_POSITION),
    "codec": _codec,
    "ssl": _reason,
    "lookup": _lookup,
    "kinds": _kinds,
}
