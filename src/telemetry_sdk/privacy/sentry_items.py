"""One item of Sentry's own SDK, cleaned: for looking at, for tests, and for programs that hold items of others."""

from __future__ import annotations

import re

from .._internal.version import VERSION
from ..encoders.sentry import item as encoded
from ..sanitizer.code.elsewhere import Elsewhere
from ..sanitizer.context import errors_context
from ..sanitizer.errors import ErrorGate
from ..sanitizer.items import Item, from_item
from ..sanitizer.payload_schema import outside

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from typing import Any

OSES = ("Linux", "macOS", "Windows", "Mac OS X", "FreeBSD", "Android", "iOS", "Darwin")
ARCHES = (
    "x86_64",
    "amd64",
    "AMD64",
    "x86",
    "i386",
    "i686",
    "arm64",
    "aarch64",
    "armv7l",
    "ppc64le",
    "s390x",
    "riscv64",
)
ENVIRONMENTS = ("production", "staging", "development", "testing", "test", "dev", "local", "ci")
_VERSION = re.compile(r"\d{1,5}(?:\.\d{1,5}){0,4}")
_JUDGES: dict[frozenset[str], Elsewhere] = {}
_MAX_JUDGES = 16


def clean_sentry_item(
    item_type: str, payload: dict[str, Any], *, app_modules: Collection[str] = ()
) -> dict[str, Any] | None:
    """Return an envelope item's payload built anew from the allow-list, or None for one that does not leave.

    `item_type` and `payload` as in Sentry's envelope: "event", "session", "client_report"; every other type is
    dropped. `app_modules`: the application's top-level packages; beside them only the standard library and the
    distributions that they require are known. Never raises: what cannot be judged is dropped.
    """
    try:
        judge = _judge(frozenset(app_modules))
        record = ErrorGate({}, judge).clean(from_item(Item(item_type, payload), judge))
        if record is None:
            return None
        context: Any = errors_context(_context(payload))
        kind, clean = encoded(record, context)
        return clean if outside(kind, clean) is None else None
    except Exception:  # fail closed
        return None


def _judge(app_modules: frozenset[str]) -> Elsewhere:
    if app_modules not in _JUDGES:
        if len(_JUDGES) >= _MAX_JUDGES:
            _JUDGES.clear()
        _JUDGES[app_modules] = Elsewhere(app_modules)
    return _JUDGES[app_modules]


def _context(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Read what an item says of its machine: names from closed lists, the numbers of versions."""
    contexts = payload.get("contexts")
    found = {key: _dict(contexts, key) for key in ("os", "runtime", "device")}
    environment = payload.get("environment")
    return {
        "sdk_version": VERSION,
        "os": _one_of(OSES, found["os"].get("name")),
        "os_version": _numbers(found["os"].get("version")),
        "arch": _one_of(ARCHES, found["device"].get("arch")),
        "python_version": _numbers(found["runtime"].get("version")),
        "environment": _one_of(ENVIRONMENTS, environment),
    }


def _dict(value: object, key: str) -> dict[str, Any]:
    found = value.get(key) if type(value) is dict else None
    return found if type(found) is dict else {}


def _one_of(allowed: Collection[str], value: object) -> str | None:
    return next((known for known in allowed if known == value), None) if type(value) is str else None


def _numbers(value: object) -> str | None:
    found = _VERSION.match(value) if type(value) is str else None
    return found[0] if found else None
