"""Reads the details of well-known exceptions: a position, an exit status, an HTTP status.

Runs on the caller's thread. Reads the instance's own dict, or the built-in types' descriptors: no foreign code runs.
"""

from __future__ import annotations

import sys

from .._internal import descriptors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

MAX_KINDS = 20  # error types of one validation


def read_details(exc: BaseException, kind: type) -> dict[str, Any] | None:
    """Return an exception's details as plain values, or None. Not cleaned yet."""
    for base in descriptors.class_mro(kind):
        if base is Exception:
            return None
        if base is UnicodeDecodeError or base is UnicodeEncodeError:
            return {"codec": base.__dict__["encoding"].__get__(exc)}
        module = descriptors.class_dict(base).get("__module__")
        key = (module, descriptors.class_name(base))
        if type(module) is str and key in _READERS and getattr(sys.modules.get(module), key[1], None) is base:
            return _READERS[key](exc)
    return None


def _attributes(**names: str) -> Callable[[BaseException], dict[str, Any]]:
    """Return a reader of the instance's own attributes, by the detail's name."""
    return lambda exc: {detail: descriptors.instance_dict(exc).get(name) for detail, name in names.items()}


def _lookup(exc: BaseException) -> dict[str, Any]:
    return {"lookup": descriptors.error_number(exc)}


def _http(exc: BaseException) -> dict[str, Any]:
    response = descriptors.instance_dict(exc).get("response")
    httpx = sys.modules.get("httpx")
    if httpx is None or type(response) is not httpx.Response:
        return {}
    return {"status": response.__dict__.get("status_code")}


def _validation(exc: Any) -> dict[str, Any]:
    count = exc.error_count()
    if count > MAX_KINDS:
        return {"errors": count}
    found = exc.errors(include_url=False, include_context=False, include_input=False)
    return {"errors": count, "kinds": [entry.get("type") for entry in found]}


_READERS: Mapping[tuple[object, str], Callable[[Any], dict[str, Any]]] = {
    ("json.decoder", "JSONDecodeError"): _attributes(line="lineno", column="colno"),
    ("subprocess", "CalledProcessError"): _attributes(returncode="returncode"),
    ("ssl", "SSLError"): _attributes(ssl="reason"),
    ("socket", "gaierror"): _lookup,
    ("httpx", "HTTPStatusError"): _http,
    ("urllib.error", "HTTPError"): _attributes(status="code"),
    ("pydantic_core._pydantic_core", "ValidationError"): _validation,
}
