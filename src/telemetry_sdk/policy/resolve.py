"""Resolves an environment, settings files and the host's choices to a policy.

A service is on only if nothing turns it off. Opt-outs of all layers are united; none cancels another's.
Whatever cannot be determined means: not sent.
"""

from __future__ import annotations

import os

from telemetry_sdk._internal.layers import DEFAULT, HOST, HOST_SOURCE, LAYERS, SILENCED, USER, WITHDRAWN, Reason

from .findings import Findings
from .model import CONFLICT, FileStatus, HostChoices, Policy, ServicePolicy
from .profile import BOOLEAN, CLAUDE_CODE, PRESENCE
from .settings_file import MISSING
from .settings_locations import GivenPaths, read_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .profile import Profile
    from .providers import ProviderEffect
    from .settings_locations import AnyPath, FoundSettings


def resolve_policy(
    environ: Mapping[str, str] | None = None,
    *,
    cwd: AnyPath | None = None,
    home: AnyPath | None = None,
    managed: AnyPath | None = None,
    profile: Profile = CLAUDE_CODE,
    app: str | None = None,
    settings_file: AnyPath | None = None,
    provider: str | None = None,
    truth: str = "presence",
    host: HostChoices | None = None,
) -> Policy:
    """Resolve what may be sent. Pure: no network, no clock; the settings files are read once; never raises.

    Args:
        environ: the environment; default: the process's.
        cwd: the working directory whose project files count; default: the process's.
        home: the user's home directory; default: `HOME` of `environ`, else the system's answer.
        managed: the managed settings file, in place of the profile's paths for this system; `*.json` files of the
            directory beside it (`managed-settings.d`) count as well.
        profile: the table of services, switches, providers and settings files.
        app: the application's name, for its own choice file.
        settings_file: a settings file that the host names, such as a `--settings` argument; it may only restrict.
        provider: the provider that the host knows to be used; it may only restrict, and an unknown name is a third
            party. None: the host names none.
        truth: "presence": a switch that is set to `0` or `false` still opts out, as in the reference
            application; "boolean": it does not. Any other value counts as "presence", with a warning.
        host: the other choices of the application's code.

    """
    try:
        variables = os.environ if environ is None else environ
        paths = GivenPaths(cwd=cwd, home=home, managed=managed, settings_file=settings_file, app=app)
        found = read_all(profile, variables, paths)
        findings = Findings(profile, boolean=truth == BOOLEAN.name)
        if truth not in {PRESENCE.name, BOOLEAN.name}:
            findings.warn(f"truth must be 'presence' or 'boolean', got {truth!r}; 'presence' is used")
        _add_files(findings, found)
        findings.add_environment(variables)
        choices = host or HostChoices()
        _add_host(findings, choices)
        effect = findings.add_provider(_lifts(findings, choices), provider)
        return _policy(findings, found, effect, _retention(findings, found, choices))
    except Exception as error:
        return _undetermined(profile, error)


def _add_files(findings: Findings, found: FoundSettings) -> None:
    for warning in found.warnings:
        findings.warn(warning)
    for file in found.files:
        findings.add_file(file)
    for file in found.choices:
        if file.state != MISSING:
            from .choice_file import add_choice

            add_choice(findings, file, found.project_directories)
    for location in found.unknown:
        effect = f"off: {location.problem}"
        reason = Reason(layer=location.layer, source=location.source, variable="", effect=effect, kind=SILENCED)
        findings.turn_off(findings.profile.broken_settings_turn_off, reason)


def _add_host(findings: Findings, choices: HostChoices) -> None:
    """Add the services that the application's code turns off, and those that the user opted out of in it."""
    findings.limit_at_exit(choices.at_exit)
    _add_host_services(findings, "off", choices.off, SILENCED)
    _add_host_services(findings, "opted_out", choices.opted_out, WITHDRAWN)


def _add_host_services(findings: Findings, argument: str, services: Sequence[str], kind: str) -> None:
    for service in services:
        if service in findings.profile.services:
            effect = "off" if kind == SILENCED else "off: opted out in the application"
            reason = Reason(layer=HOST, source=HOST_SOURCE, variable=argument, effect=effect, kind=kind)
            findings.turn_off((service,), reason)
        else:
            effect = f"off: start({argument}=...) names an unknown service"
            reason = Reason(layer=HOST, source=HOST_SOURCE, variable=argument, effect=effect, kind=SILENCED)
            findings.turn_off(findings.profile.services, reason)


def _lifts(findings: Findings, choices: HostChoices) -> Mapping[str, Sequence[str]]:
    """Return the lifted defaults that name known providers and services; warn about the others."""
    given: object = choices.lift_provider_default
    if not hasattr(given, "items"):
        findings.warn("lift_provider_default must be a mapping such as {'bedrock': ('metrics',)}; it is ignored")
        return {}
    names = {row.name for row in findings.profile.providers}
    kept: dict[str, Sequence[str]] = {}
    for name, services in choices.lift_provider_default.items():
        known = [services] if isinstance(services, str) else list(services)
        kept[name] = [service for service in known if service in findings.profile.services]
        if name not in names or len(kept[name]) < len(known):
            findings.warn(f"lift_provider_default: {name!r} or one of its services is not in the profile")
    return kept


def _retention(findings: Findings, found: FoundSettings, choices: HostChoices) -> int | None:
    if choices.retention_days is None:
        if any(location.layer == USER for location in found.unknown):
            return None
        if all(file.state == MISSING for file in found.files):
            return findings.profile.retention_days
    from .retention import retention_days

    return retention_days(findings, found.files, choices)


def _policy(findings: Findings, found: FoundSettings, effect: ProviderEffect | None, days: int | None) -> Policy:
    profile = findings.profile
    files = (*found.files, *found.choices)
    return Policy(
        provider=effect.name if effect else profile.first_party,
        first_party=effect.first_party if effect else True,
        rows=tuple(_row(findings, name) for name in profile.services),
        warnings=findings.warnings,
        ignored=findings.ignored,
        retention_days=days,
        files=tuple(FileStatus(layer=f.layer, path=f.path, state=f.state, fingerprint=f.fingerprint) for f in files),
        settings=findings.settings,
        profile=profile.name,
        mode=findings.mode,
        at_exit=findings.at_exit,
        project_directories=found.project_directories,
        client_certificate=profile.client_certificate,
        switches=tuple((name, switch) for name in profile.services if (switch := profile.variable_for(name))),
    )


def _row(findings: Findings, name: str) -> ServicePolicy:
    """Return one service with all its reasons, highest layer first."""
    off = [reason for reason, services in findings.off.items() if name in services]
    notes = [reason for reason, services in findings.notes.items() if name in services]
    if not off:
        notes.append(Reason(layer=DEFAULT, source=findings.profile.name, variable="", effect="on"))
    reasons = tuple(reason for layer in LAYERS for reason in (*off, *notes) if reason.layer == layer)
    return ServicePolicy(name=name, enabled=not off, reasons=reasons)


def _undetermined(profile: Profile, error: Exception) -> Policy:
    """Return a policy with everything off, for a resolution that failed."""
    effect = f"off: the policy cannot be determined ({type(error).__name__})"
    reason = Reason(layer=DEFAULT, source="resolver", variable="", effect=effect, kind=SILENCED)
    rows = tuple(ServicePolicy(name=name, enabled=False, reasons=(reason,)) for name in profile.services)
    return Policy(provider=CONFLICT, rows=rows, warnings=(effect,), profile=profile.name)
