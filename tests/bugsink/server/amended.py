"""Bugsink as it is, save that its copy of Sentry's schema learns the one field of ours that is younger.

Sentry's own Relay knows `sdk.settings.infer_ip`; without this, strict validation refuses every event for it and so
hides all that it would find in the rest.
"""

from typing import Any

from bugsink.wsgi import application
from ingest.views import BaseIngestAPIView

__all__ = ["application"]

_validate = BaseIngestAPIView.validate_event_data


def _validate_the_rest(data: dict[str, Any], setting: str) -> None:
    if data.get("sdk", {}).get("settings") == {"infer_ip": "never"}:
        sdk = {name: value for name, value in data["sdk"].items() if name != "settings"}
        data = {**data, "sdk": sdk}
    _validate(data, setting)


BaseIngestAPIView.validate_event_data = staticmethod(_validate_the_rest)
