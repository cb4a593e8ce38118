"""The sections of a report that describe the application, the machine and the data use."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from .report import SCHEMA

if TYPE_CHECKING:
    from .context import ReportContext


def required_sections(context: ReportContext) -> dict[str, Any]:
    """Return the required sections except the id and the description."""
    created = datetime.fromtimestamp(context.clock(), UTC).isoformat(timespec="seconds")
    return {
        "schema": SCHEMA,
        "created_at": created.replace("+00:00", "Z"),
        "app": {"name": context.app, "version": context.version},
        "sdk": {"name": "telemetry_sdk", "version": context.sdk_version},
        "os": context.os,
        "terminal": context.terminal,
        "provider": context.provider,
        "data_use": {"terms": context.terms, "training": context.training},
    }


def environment_section(context: ReportContext) -> dict[str, Any]:
    """Return the optional section `environment`."""
    return {"arch": context.arch, "python": context.python}


def use(context: ReportContext) -> str:
    """Describe what the report may be used for, and how long it is kept here."""
    use = "may be used for training, as you opted in" if context.training else "not used for training"
    return f"{use}; kept here {_local(context.policy.retention_days)}"


def _local(days: int | None) -> str:
    return "until you delete it" if days is None else f"at most {days} days"
