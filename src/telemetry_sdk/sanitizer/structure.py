"""The gate for facts: numbers within bounds, names from closed lists. Nothing else of a foreign message leaves."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

MAX_POSITION = 1 << 53
MAX_KINDS = 20
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


def clean_facts(facts: object) -> dict[str, Any] | None:
    """Rebuild the facts of an exception; None where there are none."""
    if type(facts) is not dict:
        return None
    clean = {
        name: kept for name, rule in _RULES.items() if name in facts for kept in [rule(facts[name])] if kept is not None
    }
    return clean or None


def _number(least: int, most: int) -> Callable[[object], int | None]:
    def rule(value: object) -> int | None:
        return value if type(value) is int and least <= value <= most else None

    return rule


def _codec(value: object) -> str | None:
    """Keep the name of a codec of the standard library, in its own form."""
    if type(value) is not str:
        return None
    from encodings.aliases import aliases  # loaded at every start of Python

    name = value.lower().replace("-", "_").replace(" ", "_")[:40]
    return aliases.get(name) or next((codec for codec in aliases.values() if codec == name), None)


def _reason(value: object) -> str | None:
    return next((known for known in SSL_REASONS if known == value), None) if type(value) is str else None


def _lookup(value: object) -> str | None:
    """Return the name of a look-up's error number, as this system has it."""
    if type(value) is str:  # from disk: a name already
        value = next((number for name, number in _lookup_errors().items() if name == value), None)
    return next((name for name, number in _lookup_errors().items() if number == value), None)


def _lookup_errors() -> dict[str, int]:
    found: Mapping[str, Any] = vars(sys.modules.get("_socket", sys))
    return {name: value for name, value in found.items() if name.startswith("EAI_") and type(value) is int}


def _kinds(value: object) -> list[str] | None:
    """Keep pydantic's own names of errors, sorted; an application's own are free text."""
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
