"""Resolves an environment, settings files and the host's choices to a policy.

A service is on only if nothing turns it off. Opt-outs of all layers are united; none cancels another's.
Whatever cannot be determined means: not sent.
"""

from __future__ import annotations

import os

from telemetry_sdk._internal.reason import Reason

from .claude_code import CLAUDE_CODE
from .findings import Findings
from .layers import DEFAULT, HOST, LAYERS, USER
from .model import FileStatus, HostChoices, Policy, ServicePolicy
from .settings_file import MISSING
from .settings_locations import read_all
from .truth import BOOLEAN, PRESENCE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from .profile import Profile
    from .settings_file import SettingsFile
    from .settings_locations import AnyPath, UnknownLocation

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
        managed: the managed settings file; default: the profile's path for this system.
        profile: the table of services, switches, providers and settings files.
        truth: "presence": a switch that is set to `0` or `false` still opts out, as in the reference
            application; "boolean": it does not.
        host: the choices of the application's code.

    """
    try:
        variables = os.environ if environ is None else environ
        files, unknown = read_all(profile, variables, cwd, home, managed)
        findings = Findings(profile, boolean=truth == BOOLEAN.name)
        if truth not in {PRESENCE.name, BOOLEAN.name}:
            findings.warn("truth is neither 'presence' nor 'boolean'; presence counts")
        for file in files:
            findings.add_file(file)
        names = (*findings.switches, *findings.providers)
        findings.add_environment((name, variables[name]) for name in names if name in variables)
        for location in unknown:
            findings.turn_off(profile.broken_settings_turn_off, _unknown(location))
        choices = host or HostChoices()
        _add_host(findings, choices)
        provider = _add_provider(findings, choices)
        return _policy(findings, files, provider, _retention(findings, files, unknown, choices))
    except Exception as error:
        return _undetermined(profile, error)


def _unknown(location: UnknownLocation) -> Reason:
    effect = f"off: {location.problem}"
    return Reason(layer=location.layer, source=location.source, variable="", effect=effect)


def _add_host(findings: Findings, choices: HostChoices) -> None:
    """Add the services that the application's code turns off."""
    for service in choices.off:
        if service in findings.profile.services:
            findings.turn_off((service,), Reason(layer=HOST, source=HOST_SOURCE, variable="", effect="off"))
        else:
            effect = "off: start(off=...) names an unknown service"
            findings.turn_off(
                findings.profile.services, Reason(layer=HOST, source=HOST_SOURCE, variable="", effect=effect)
            )


def _add_provider(findings: Findings, choices: HostChoices) -> str:
    """Add the services that the provider turns off, and return its name."""
    names = {provider.name for provider, _ in findings.named}
    if not names:
        return findings.profile.first_party
    if len(names) > 1:
        findings.warn(f"more than one provider is named ({', '.join(sorted(names))}): all services are off")
        for _, reason in findings.named:
            findings.turn_off(findings.profile.services, reason.replace(effect="off: more than one provider is named"))
        return CONFLICT
    for provider, reason in findings.named:
        lifted = tuple(s for s in provider.off if s in choices.lift_provider_default)
        kept = tuple(s for s in provider.off if s not in lifted)
        findings.turn_off(kept, reason.replace(effect=f"off by default with {provider.name}"))
        findings.notes.append((lifted, reason))
        effect = f"lifts the default with {provider.name}"
        findings.notes.append((lifted, Reason(layer=HOST, source=HOST_SOURCE, variable="", effect=effect)))
    return names.pop()


def _retention(
    findings: Findings, files: list[SettingsFile], unknown: list[UnknownLocation], choices: HostChoices
) -> int | None:
    if choices.retention_days is None:
        if any(location.layer == USER for location in unknown):
            return None
        if all(file.state == MISSING for file in files):
            return findings.profile.retention_days
    from .retention import retention_days

    return retention_days(findings, files, choices)


def _policy(findings: Findings, files: list[SettingsFile], provider: str, days: int | None) -> Policy:
    return Policy(
        provider=provider,
        first_party=not findings.named,
        rows=tuple(_row(findings, name) for name in findings.profile.services),
        warnings=tuple(findings.warnings),
        ignored=tuple(findings.ignored),
        retention_days=days,
        files=tuple(FileStatus(layer=f.layer, path=f.path, state=f.state, fingerprint=f.fingerprint) for f in files),
        settings=tuple(findings.settings),
        erased=tuple(name for name in findings.profile.services if name in findings.erased),
    )


def _row(findings: Findings, name: str) -> ServicePolicy:
    """Return one service with all its reasons, highest layer first."""
    off = [reason for services, reason in findings.off if name in services]
    notes = [reason for services, reason in findings.notes if name in services]
    if not off:
        notes.append(Reason(layer=DEFAULT, source=findings.profile.name, variable="", effect="on"))
    reasons: list[Reason] = []
    for layer in LAYERS:
        for reason in (*off, *notes):
            if reason.layer == layer and reason not in reasons:
                reasons.append(reason)
    return ServicePolicy(name=name, enabled=not off, reasons=tuple(reasons))


def _undetermined(profile: Profile, error: Exception) -> Policy:
    """Return a policy with everything off, for a resolution that failed."""
    effect = f"off: the policy cannot be determined ({type(error).__name__})"
    reason = Reason(layer=DEFAULT, source="resolver", variable="", effect=effect)
    rows = tuple(ServicePolicy(name=name, enabled=False, reasons=(reason,)) for name in profile.services)
    return Policy(provider=CONFLICT, rows=rows, warnings=(effect,))
