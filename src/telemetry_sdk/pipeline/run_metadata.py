"""The metadata of a run: what its events and its errors have in common."""

from __future__ import annotations

from .._internal.ids import new_uuid
from .._internal.services import ERRORS
from .._internal.version import VERSION
from ..sanitizer.context import errors_context, metrics_context, platform
from ..storage.installation_id import installation_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ..options import Options


class RunMetadata:
    """Clean metadata by service. Where no installation id can be kept, one lives as long as the process."""

    def __init__(self, options: Options, state_dir: str | None, provider: str) -> None:
        self._options = options
        self._state_dir = state_dir
        self._provider = provider
        self._session = new_uuid()
        self._passing_id = new_uuid()

    def of(self, service: str) -> Mapping[str, Any] | None:
        """Return the metadata; None where it cannot be made."""
        options = self._options
        common = {**platform(), "sdk_version": VERSION, "environment": options.environment}
        if service == ERRORS:
            return errors_context({**common, "release": options.release, "user_id": options.user_id})
        return metrics_context(
            {
                **common,
                "user": options.user_id or self._installation_id(),
                "session": self._session,
                "app": options.app,
                "app_version": options.version,
                "provider": self._provider,
            }
        )

    def _installation_id(self) -> str:
        kept = installation_id(self._state_dir) if self._state_dir is not None else None
        return kept or self._passing_id
