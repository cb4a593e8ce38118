"""Cleans one item of Sentry's own SDK, of this program or another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._internal.raw_records import Item
from .._internal.shapes import numeric_version
from .._internal.version import VERSION
from ..encoders.sentry import item as encoded
from ..sanitizer.code.remote_modules import RemoteModules
from ..sanitizer.items import clean_item
from ..sanitizer.payload_schema import violation
from ..sanitizer.run_metadata import errors_context

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

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
_MODULES: dict[frozenset[str], RemoteModules] = {}
_MAX_MODULES = 16  # sets of applications' packages remembered


def clean_sentry_item(
    item_type: str, payload: dict[str, Any], *, app_modules: Collection[str] = ()
) -> dict[str, Any] | None:
    """Return an envelope item's payload, rebuilt from the allow-list, or None if nothing of it may be sent.

    `item_type` and `payload` as in Sentry's envelope: "event", "session", "client_report"; every other type is
    dropped. `app_modules`: the application's top-level packages; beside them only the standard library and the
    distributions that they require are known. Never raises: an item that cannot be cleaned is dropped.
    """
    try:
        record = clean_item(Item(item_type, payload), _modules(frozenset(app_modules)), {})
        if record is None:
            return None
        context: Any = errors_context(_context(payload))
        kind, clean = encoded(record, context)
        return clean if violation(kind, clean) is None else None
    except Exception:  # fail closed
        return None


def _modules(app_modules: frozenset[str]) -> RemoteModules:
    if app_modules not in _MODULES:
        if len(_MODULES) >= _MAX_MODULES:
            _MODULES.clear()
        _MODULES[app_modules] = RemoteModules(app_modules)
    return _MODULES[app_modules]


def _context(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item's machine and environment: names from closed lists, the numbers of versions."""
    contexts = payload.get("contexts")
    found = {key: _dict(contexts, key) for key in ("os", "runtime", "device")}
    environment = payload.get("environment")
    return {
        "sdk_version": VERSION,
        "os": _one_of(OSES, found["os"].get("name")),
        "os_version": numeric_version(found["os"].get("version")),
        "arch": _one_of(ARCHES, found["device"].get("arch")),
        "python_version": numeric_version(found["runtime"].get("version")),
        "environment": _one_of(ENVIRONMENTS, environment),
    }


def _dict(value: object, key: str) -> dict[str, Any]:
    found = value.get(key) if type(value) is dict else None
    return found if type(found) is dict else {}


def _one_of(allowed: Collection[str], value: object) -> str | None:
    return next((known for known in allowed if known == value), None) if type(value) is str else None
