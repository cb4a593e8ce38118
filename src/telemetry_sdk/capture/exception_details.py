"""Reads the details of well-known exceptions: a position, an exit status, an HTTP status.

Runs on the caller's thread. Reads the instance's own dict, or the built-in types' descriptors: no foreign code runs.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

MAX_KINDS = 20  # error types of one validation
_space: Any = BaseException.__dict__["__dict__"].__get__
_mro: Any = type.__dict__["__mro__"].__get__
_class_space: Any = type.__dict__["__dict__"].__get__
_name: Any = type.__dict__["__name__"].__get__


def read_details(exc: BaseException, kind: type) -> dict[str, Any] | None:
    """Return an exception's details as plain values, or None. Not cleaned yet."""
    for base in _mro(kind):
        if base is Exception:
            return None
        if base is UnicodeDecodeError or base is UnicodeEncodeError:
            return {"codec": base.__dict__["encoding"].__get__(exc)}
        module = _class_space(base).get("__module__")
        name = _name(base)
        read = _READERS.get((module, name)) if type(module) is str else None
        if read is not None and getattr(sys.modules.get(module), name, None) is base:
            return read(exc)
    return None


def _numbers(exc: BaseException, **names: str) -> dict[str, Any]:
    space: dict[str, Any] = _space(exc)
    return {detail: space.get(name) for detail, name in names.items()}


def _json(exc: BaseException) -> dict[str, Any]:
    return _numbers(exc, line="lineno", column="colno")


def _process(exc: BaseException) -> dict[str, Any]:
    return _numbers(exc, returncode="returncode")


def _ssl(exc: BaseException) -> dict[str, Any]:
    return _numbers(exc, ssl="reason")


def _lookup(exc: BaseException) -> dict[str, Any]:
    return {"lookup": OSError.__dict__["errno"].__get__(exc)}


def _http(exc: BaseException) -> dict[str, Any]:
    response = _space(exc).get("response")
    httpx = sys.modules.get("httpx")
    if httpx is None or type(response) is not httpx.Response:
        return {}
    return {"status": response.__dict__.get("status_code")}


def _http_of_library(exc: BaseException) -> dict[str, Any]:
    return _numbers(exc, status="code")


def _validation(exc: Any) -> dict[str, Any]:
    count = exc.error_count()
    if count > MAX_KINDS:
        return {"errors": count}
    found = exc.errors(include_url=False, include_context=False, include_input=False)
    return {"errors": count, "kinds": [entry.get("type") for entry in found]}


_READERS: Mapping[tuple[str, str], Callable[[Any], dict[str, Any]]] = {
    ("json.decoder", "JSONDecodeError"): _json,
    ("subprocess", "CalledProcessError"): _process,
    ("ssl", "SSLError"): _ssl,
    ("socket", "gaierror"): _lookup,
    ("httpx", "HTTPStatusError"): _http,
    ("urllib.error", "HTTPError"): _http_of_library,
    ("pydantic_core._pydantic_core", "ValidationError"): _validation,
}
