"""From an environment, settings files and the host's choices to a policy.

A service is on only if nothing turns it off. Opt-outs of all layers are united; none cancels another's.
Whatever cannot be determined means: not sent.
"""

from __future__ import annotations

import os

from .model import HostChoices, Place, Policy, Reason, ServicePolicy
from .places import read_all
from .profile import CLAUDE_CODE, DEFAULT, HOST, LAYERS, USER
from .settings import MISSING
from .statements import Statements
from .truth import BOOLEAN, PRESENCE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from .places import AnyPath, Lost
    from .profile import Profile
    from .settings import SettingsFile

CONFLICT = "conflict"
HOST_SOURCE = "the application"


def resolve_policy(
    environ: Mapping[str, str] | None = None,
    *,
    cwd: AnyPath | None = None,
    home: AnyPath | None = None,
    managed: AnyPath | None = None,
    profile: Profile = CLAUDE_CODE,
    truth: str = "presence",
    host: HostChoices | None = None,
) -> Policy:
    """Resolve what may be sent. Pure: no network, no clock; the settings files are read once; never raises.

    Args:
        environ: the environment; default: the process's.
        cwd: the working directory whose project files count; default: the process's.
        home: the user's home directory; default: `HOME` of `environ`, else the system's answer.
        managed: the managed settings file; default: the profile's usual place on this system.
        profile: the table of services, switches, providers and file places.
        truth: "presence": a switch that is set to `0` or `false` still opts out, as in the reference
            application; "boolean": it does not.
        host: what the application's own code says.

    """
    try:
        variables = os.environ if environ is None else environ
        files, lost = read_all(profile, variables, cwd, home, managed)
        said = Statements(profile, boolean=truth == BOOLEAN.name)
        if truth not in {PRESENCE.name, BOOLEAN.name}:
            said.warn("truth is neither 'presence' nor 'boolean'; presence counts")
        for file in files:
            said.add_file(file)
        names = (*said.switches, *said.providers)
        said.add_environment((name, variables[name]) for name in names if name in variables)
        for place in lost:
            said.turn_off(profile.broken_settings_turn_off, _lost(place))
        choices = host or HostChoices()
        _add_host(said, choices)
        provider = _add_provider(said, choices)
        return _policy(said, files, provider, _retention(said, files, lost, choices))
    except Exception as error:
        return _undetermined(profile, error)


def _lost(place: Lost) -> Reason:
    return Reason(layer=place.layer, source=place.source, variable="", effect=f"off: {place.problem}")


def _add_host(said: Statements, choices: HostChoices) -> None:
    """Add the services that the application's own code turns off."""
    for service in choices.off:
        if service in said.profile.services:
            said.turn_off((service,), Reason(layer=HOST, source=HOST_SOURCE, variable="", effect="off"))
        else:
            effect = "off: a service that does not exist is to be off"
            said.turn_off(said.profile.services, Reason(layer=HOST, source=HOST_SOURCE, variable="", effect=effect))


def _add_provider(said: Statements, choices: HostChoices) -> str:
    """Add what the named provider turns off, and return its name."""
    names = {provider.name for provider, _ in said.named}
    if not names:
        return said.profile.first_party
    if len(names) > 1:
        said.warn(f"more than one provider is named ({', '.join(sorted(names))}): all services are off")
        for _, reason in said.named:
            said.turn_off(said.profile.services, reason.replace(effect="off: more than one provider is named"))
        return CONFLICT
    for provider, reason in said.named:
        lifted = tuple(s for s in provider.off if s in choices.lift_provider_default)
        kept = tuple(s for s in provider.off if s not in lifted)
        said.turn_off(kept, reason.replace(effect=f"off by default with {provider.name}"))
        said.notes.append((lifted, reason))
        effect = f"lifts the default with {provider.name}"
        said.notes.append((lifted, Reason(layer=HOST, source=HOST_SOURCE, variable="", effect=effect)))
    return names.pop()


def _retention(said: Statements, files: list[SettingsFile], lost: list[Lost], choices: HostChoices) -> int | None:
    if choices.retention_days is None:
        if any(place.layer == USER for place in lost):
            return None
        if all(file.state == MISSING for file in files):
            return said.profile.retention_days
    from .retention import retention_days

    return retention_days(said, files, choices)


def _policy(said: Statements, files: list[SettingsFile], provider: str, days: int | None) -> Policy:
    return Policy(
        provider=provider,
        rows=tuple(_row(said, name) for name in said.profile.services),
        warnings=tuple(said.warnings),
        ignored=tuple(said.ignored),
        retention_days=days,
        places=tuple(Place(layer=f.layer, path=f.path, state=f.state, mark=f.mark) for f in files),
        settings=tuple(said.settings),
        erased=tuple(name for name in said.profile.services if name in said.erased),
    )


def _row(said: Statements, name: str) -> ServicePolicy:
    """Judge one service: all its reasons, highest layer first."""
    off = [reason for services, reason in said.off if name in services]
    notes = [reason for services, reason in said.notes if name in services]
    if not off:
        notes.append(Reason(layer=DEFAULT, source=said.profile.name, variable="", effect="on"))
    reasons: list[Reason] = []
    for layer in LAYERS:
        for reason in (*off, *notes):
            if reason.layer == layer and reason not in reasons:
                reasons.append(reason)
    return ServicePolicy(name=name, enabled=not off, reasons=tuple(reasons))


def _undetermined(profile: Profile, error: Exception) -> Policy:
    """Return the policy of a resolution that failed: everything is off."""
    effect = f"off: the policy cannot be determined ({type(error).__name__})"
    reason = Reason(layer=DEFAULT, source="resolver", variable="", effect=effect)
    rows = tuple(ServicePolicy(name=name, enabled=False, reasons=(reason,)) for name in profile.services)
    return Policy(provider=CONFLICT, rows=rows, warnings=(effect,))
