"""Why a service is on or off; part of the policy and of `BugReportRefused`."""

from __future__ import annotations

from .frozen import Frozen


class Reason(Frozen):
    """The layer, its source (a file, or what else), the variable if any, and the effect."""

    layer: str
    source: str
    variable: str
    effect: str

    def to_json(self) -> dict[str, str]:
        """Return the four fields."""
        return {"layer": self.layer, "source": self.source, "variable": self.variable, "effect": self.effect}
