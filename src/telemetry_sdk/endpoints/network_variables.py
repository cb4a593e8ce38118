"""The variables of proxies and certificates, from managed settings, user settings and the environment."""

from __future__ import annotations

from telemetry_sdk._internal.frozen import Frozen
from telemetry_sdk._internal.layers import CERTIFICATES, ENVIRONMENT, MANAGED, PROXIES, USER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from telemetry_sdk.policy import Policy

    Layer = Mapping[str, "NetworkVariable"]

IN_ENVIRONMENT = (*PROXIES, *(name.lower() for name in PROXIES), *CERTIFICATES)
"""The spellings that are read of the process environment; settings files may use any case."""


class NetworkVariable(Frozen):
    """A variable's value, stripped, and where it is set. `name` as it is spelled there."""

    name: str
    value: object
    layer: str
    source: str

    def __repr__(self) -> str:
        return f"telemetry_sdk.NetworkVariable(name={self.name!r}, layer={self.layer!r}, value=<hidden>)"


class NetworkLayers(Frozen):
    """The variables of each trusted layer by upper-case name."""

    managed: Layer
    user: Layer
    environment: Layer

    def proxies(self) -> Layer:
        """Return the proxy variables: managed ones alone if there are any, else user settings over environment."""
        if any(name in self.managed for name in PROXIES):
            return {name: self.managed[name] for name in PROXIES if name in self.managed}
        return {**self.environment, **self.user}

    def highest(self, *names: str) -> Layer:
        """Return the variables of the highest layer that sets any of `names`, {} if none does."""
        for layer in (self.managed, self.user, self.environment):
            if any(name in layer for name in names):
                return {name: layer[name] for name in names if name in layer and layer[name].value}
        return {}


def network_layers(policy: Policy, environ: Mapping[str, object]) -> NetworkLayers:
    """Return the variables of all layers."""
    names = (*IN_ENVIRONMENT, *policy.client_certificate)
    found = [
        NetworkVariable(name=name, value=_stripped(environ[name]), layer=ENVIRONMENT, source="process environment")
        for name in names
        if environ.get(name)
    ]
    wanted = {*PROXIES, *CERTIFICATES, *policy.client_certificate}
    found += [
        NetworkVariable(name=s.name, value=_stripped(s.value), layer=s.layer, source=s.source)
        for s in policy.settings
        if s.name.upper() in wanted or s.name in wanted
    ]
    return NetworkLayers(
        managed=_by_name(variable for variable in found if variable.layer == MANAGED),
        user=_by_name(variable for variable in found if variable.layer == USER),
        environment=_by_name(variable for variable in found if variable.layer == ENVIRONMENT),
    )


def _by_name(variables: Iterable[NetworkVariable]) -> Layer:
    """Return the variables by upper-case name; of two spellings the lower-case one counts, unless it is empty."""
    found: dict[str, NetworkVariable] = {}
    for variable in variables:
        name = variable.name.upper()
        known = found.get(name)
        if known is None or not known.value or (variable.value and variable.name.islower()):
            found[name] = variable
    return found


def _stripped(value: object) -> object:
    return value.strip() if isinstance(value, str) else value
