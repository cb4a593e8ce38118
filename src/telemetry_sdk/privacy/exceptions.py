"""Cleans one exception: the event in Sentry's schema that would be sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from .._internal.version import VERSION
from ..capture.snapshot import take_snapshot
from ..encoders.sentry import ErrorMetadata, ErrorRecord, event
from ..sanitizer.code.modules import KnownModules
from ..sanitizer.run_metadata import errors_context, platform
from ..sanitizer.snapshots import clean_snapshot

if TYPE_CHECKING:
    from collections.abc import Collection


def clean_exception(exc: BaseException, *, app_modules: Collection[str] = ()) -> dict[str, Any]:
    """Return the event in Sentry's schema that capturing `exc` would send, without release and tags.

    `app_modules`: the application's top-level packages, which `start()` takes from its caller; without them all but
    the standard library is `<redacted>`. Raises `TypeError` for what is no exception.
    """
    if not isinstance(exc, BaseException):
        raise TypeError(f"clean_exception takes an exception, not {type(exc).__name__}")
    record = clean_snapshot(take_snapshot(exc), KnownModules(app_modules), {})
    context = errors_context({**platform(), "sdk_version": VERSION})
    return event(cast("ErrorRecord", record), cast("ErrorMetadata", context))
