"""Rows of a profile: opt-out switches and third-party providers."""

from __future__ import annotations

from telemetry_sdk._internal.frozen import Frozen
from telemetry_sdk._internal.services import BUG_REPORTS, ERRORS, METRICS, SERVICES

from .profile_checks import check_text, check_texts, check_variable
from .truth import FLAG, PRESENCE, Truth

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

OTHER = "other"
"""The name of a third-party provider that a profile does not list."""


class Switch(Frozen):
    """An opt-out: an environment variable, the services that it turns off, and which values count.

    `truth`: `PRESENCE` (any value) or `FLAG` (not "0", "false", "no", "off"). Raises ValueError for a wrong field.
    """

    variable: str
    services: tuple[str, ...]
    truth: Truth = PRESENCE

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        check_variable("Switch", self.variable)
        check_texts(f"Switch {self.variable}", "services", self.services, empty=False)
        _check_truth(f"Switch {self.variable}", self.truth)


class Provider(Frozen):
    """A third-party model provider, its variable, and the services that are off with it unless the host lifts that.

    `part_of`: the name of a provider that it may be combined with, without a conflict. Raises ValueError for a wrong
    field; the name "other" is reserved.
    """

    name: str
    variable: str
    off: tuple[str, ...] = SERVICES
    truth: Truth = FLAG
    part_of: str = ""

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        check_variable("Provider", self.variable)
        owner = f"Provider {self.variable}"
        check_text(owner, "name", self.name)
        if self.name == OTHER:
            raise ValueError(f"{owner}: the name {OTHER!r} stands for unknown providers; choose another")
        check_texts(owner, "off", self.off)
        check_text(owner, "part_of", self.part_of, empty=True)
        _check_truth(owner, self.truth)


def _check_truth(owner: str, truth: object) -> None:
    if not isinstance(truth, Truth):
        raise ValueError(f"{owner}: truth must be PRESENCE or FLAG, got {truth!r}")  # noqa: TRY004 - one error type


COMMON_SWITCHES = (
    Switch(variable="DISABLE_TELEMETRY", services=(METRICS,)),
    Switch(variable="DISABLE_ERROR_REPORTING", services=(ERRORS,)),
    Switch(variable="DISABLE_BUG_COMMAND", services=(BUG_REPORTS,)),
    Switch(variable="DISABLE_FEEDBACK_COMMAND", services=(BUG_REPORTS,)),
    Switch(variable="DO_NOT_TRACK", services=(METRICS, ERRORS), truth=FLAG),
)
"""The switches that applications share."""
