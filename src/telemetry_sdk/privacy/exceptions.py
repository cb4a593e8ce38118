"""One exception, cleaned, as the Sentry-schema event that would leave: for looking at, and for tests."""

from __future__ import annotations

from .._internal.version import VERSION
from ..capture.snapshot import Snapshot
from ..encoders.sentry import event
from ..sanitizer.code.modules import KnownModules
from ..sanitizer.context import errors_context, platform
from ..sanitizer.errors import ErrorGate
from ..sanitizer.records import from_snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any, cast
else:

    def cast(_kind: object, value: object) -> object:
        """Return the value: typing's own, without importing typing."""
        return value


def clean_exception(exc: BaseException, *, app_modules: Collection[str] = ()) -> dict[str, Any]:
    """Return the event in Sentry's schema that capturing `exc` would send.

    `app_modules`: the application's top-level packages, which `start()` takes from its caller; without them all but
    the standard library is `<redacted>`. Raises `TypeError` for what is no exception.
    """
    if not isinstance(exc, BaseException):
        raise TypeError(f"clean_exception takes an exception, not {type(exc).__name__}")
    modules = KnownModules(app_modules)
    snapshot = Snapshot(exc, level="error", handled=True, tags=None)
    record = ErrorGate({}, modules).clean(from_snapshot(snapshot, modules))
    if record is None:
        raise AssertionError("a snapshot always gives a record")
    context = errors_context({**platform(), "sdk_version": VERSION})
    return event(cast("Any", record), cast("Any", context))
