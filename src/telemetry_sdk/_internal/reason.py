"""Why a service is on or off; part of the policy and of `BugReportRefused`."""

from __future__ import annotations

from .frozen import Frozen

WITHDRAWN = "withdrawn"  # the user withdrew consent: what is kept of the service is deleted
SILENCED = "silenced"  # this process neither records nor sends; nothing is deleted
BROKEN = "broken"  # silenced by a broken file, until it can be read again
UNAVAILABLE = "unavailable"  # silenced by a provider or a missing endpoint; a bug report may be drafted


class Reason(Frozen):
    """The layer, its source (a file, or what else), the variable if any, and the effect.

    `kind` is one of the constants above for a reason that turns a service off, else "".
    """

    layer: str
    source: str
    variable: str
    effect: str
    kind: str = ""

    def to_json(self) -> dict[str, str]:
        """Return layer, source, variable and effect."""
        return {"layer": self.layer, "source": self.source, "variable": self.variable, "effect": self.effect}
