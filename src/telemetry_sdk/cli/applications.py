"""The applications with state on this machine, each with the policy that holds without it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from telemetry_sdk._internal.layers import CHOICE, MANAGED, USER, WITHDRAWN
from telemetry_sdk.endpoints import Endpoints, resolve_endpoints
from telemetry_sdk.options import is_app
from telemetry_sdk.policy import Policy, resolve_policy
from telemetry_sdk.policy.stored_profile import load, profile_path
from telemetry_sdk.policy.without_application import resolve_stored
from telemetry_sdk.runtime.purge import discard_services, sweep_state
from telemetry_sdk.storage import files
from telemetry_sdk.storage.files import application_directory

from .arguments import check_known, checked_app, near_name
from .state import application_names, state_base

if TYPE_CHECKING:
    from collections.abc import Mapping

    from telemetry_sdk.policy.stored_profile import StoredProfile

    from .host import Host

NOT_KNOWN = "not known without the application"


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """An application and its policy, before endpoints.

    `name` None: the default profile, where no application is named or found. `stored`: what the application stored;
    None where its own CLI gives the policy, or where `problem` says why it is not known: then `policy` is the default
    profile's, for display only.
    """

    name: str | None
    environ: Mapping[str, str]
    policy: Policy
    stored: StoredProfile | None = None
    problem: str = ""

    def resolve(self) -> Policy:
        """Resolve the stored policy again: the settings files may have changed. Raises ValueError without one."""
        return resolve_stored([self.stored] if self.stored else [], self.environ, app=self.name)

    @property
    def is_mounted(self) -> bool:
        """Whether its own CLI runs the command, with its own policy."""
        return self.stored is None and not self.problem

    def shown(self) -> Policy:
        """Return the policy with the destinations that are known; one that only the application names is None."""
        if self.is_mounted:
            return self.policy
        return resolve_endpoints(self.policy, self.environ, application=False)[1]

    def endpoints(self) -> tuple[Endpoints, Policy]:
        """Return the endpoints that environment and settings name, and the policy with them."""
        return resolve_endpoints(self.policy, self.environ)


def find_applications(host: Host, app: str | None, *, stored: bool = False) -> list[Application]:
    """Return the application of this name, or all that are found; if none is, the default profile.

    `stored`: the stored policy of the application that mounts the commands, too, not the one that it gives.
    """
    environ = dict(os.environ)
    if host.is_application(app) and not stored:
        return [Application(name=app, environ=environ, policy=host.resolve())]
    base = state_base(host.resolve())
    names = application_names(base) if app is None else [app]
    if not names:
        return [default_application("no application has state here")]
    return [_without_application(base, name, environ) for name in names]


def check_application(host: Host, app: str | None) -> str | None:
    """Return the value of `--app`; exits with 2 for one that is neither found here nor mounts the commands."""
    if app is not None and app != host.app:
        base = state_base(host.resolve())
        check_known(checked_app(app), filter(is_app, files.names(base) if base else ()))
    return app


def default_application(problem: str) -> Application:
    """Return the policy of the default profile, for display; `problem` says why it is no application's."""
    environ = dict(os.environ)
    return Application(name=None, environ=environ, policy=resolve_policy(environ), problem=problem)


def clean_up(host: Host, applications: list[Application]) -> None:
    """Delete what is older than the retention, and what waits of services that a user's or managed file turned off.

    Nothing where an application's policy is not known. The command's environment is not the application's: a switch in
    it deletes nothing.
    """
    base = state_base(host.resolve())
    for application in applications:
        if application.name and not application.problem:
            sweep_state(base, application.name, application.policy.retention_days)
            withdrawn = _withdrawn_by_files(application.policy)
            if withdrawn:
                discard_services(base, application.name, withdrawn)


def _withdrawn_by_files(policy: Policy) -> list[str]:
    layers = {MANAGED, CHOICE, USER}
    return [row.name for row in policy.rows if any(r.kind == WITHDRAWN and r.layer in layers for r in row.reasons)]


def _without_application(base: str | None, name: str, environ: Mapping[str, str]) -> Application:
    stored, problem = _load(base, name)
    try:
        if stored is not None:
            policy = resolve_stored([stored], environ, app=name)
            return Application(name=name, environ=environ, policy=policy, stored=stored)
    except ValueError as error:  # a profile that cannot be joined with the known switches
        problem = str(error)
    return Application(name=name, environ=environ, policy=resolve_policy(environ, app=name), problem=problem)


def _load(base: str | None, name: str) -> tuple[StoredProfile | None, str]:
    """Return what an application stored, or None and why it cannot be used."""
    if base is None:
        return None, "the state directory cannot be determined"
    directory = os.path.join(base, name)
    path = profile_path(os.path.join(directory, "any"))
    if os.path.lexists(directory) and application_directory(base, name) is None:
        return None, f"{directory} is no directory, or another user's"
    try:
        return load(path), ""
    except FileNotFoundError:
        near = near_name(name, application_names(base))
        return None, f"{path} does not exist" + (f"; did you mean {near}?" if near else "")
    except OSError as error:
        return None, f"{path} cannot be read: {error.strerror or error}"
    except ValueError as error:
        return None, f"{path} {error}"
