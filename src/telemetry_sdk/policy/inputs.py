"""What a policy was resolved from, as a value that another process can resolve it from anew."""

from __future__ import annotations

from telemetry_sdk._internal.frozen import Frozen
from telemetry_sdk._internal.layers import MODE

from . import stored_profile
from .model import HostChoices
from .resolve import resolve_policy
from .stored_profile import StoredProfile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from .model import Policy
    from .profile import Profile

DIRECTORIES = ("HOME", "USERPROFILE", "HOMEDRIVE", "HOMEPATH", "APPDATA", "LOCALAPPDATA", "XDG_CONFIG_HOME")
"""The variables that say where the user's files are."""


class PolicyInputs(Frozen):
    """The arguments of `resolve_policy`. `environ`: of the environment what a policy depends on; no credential."""

    environ: Mapping[str, str]
    cwd: str | None
    home: str | None
    managed: str | None
    app: str
    stored: StoredProfile
    off: tuple[str, ...] = ()
    opted_out: tuple[str, ...] = ()

    def resolve(self) -> Policy:
        """Resolve the policy as it is now."""
        stored = self.stored
        return resolve_policy(
            self.environ,
            cwd=self.cwd,
            home=self.home,
            managed=self.managed,
            profile=stored.profile,
            app=self.app,
            settings_file=stored.settings_file,
            provider=stored.provider,
            truth=stored.truth,
            host=HostChoices(
                off=self.off, opted_out=self.opted_out, lift_provider_default=stored.lift_provider_default
            ),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the fields as JSON's types."""
        fields = {name: getattr(self, name) for name in self._fields}
        return {**fields, "stored": stored_profile.dumps(self.stored).decode()}

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> PolicyInputs:
        """Return the value of `to_json`'s fields. Raises ValueError or TypeError for anything else."""
        return cls(
            environ=fields["environ"],
            cwd=fields["cwd"],
            home=fields["home"],
            managed=fields["managed"],
            app=fields["app"],
            stored=stored_profile.loads(fields["stored"].encode()),
            off=tuple(fields["off"]),
            opted_out=tuple(fields["opted_out"]),
        )


def policy_inputs(stored: Mapping[str, Any], others: Mapping[str, Any], app: str) -> PolicyInputs:
    """Return the value. `stored`: the fields of the `StoredProfile`; `others`: those of `PolicyInputs` itself."""
    profile = StoredProfile(**stored)
    fields: dict[str, Any] = {**others, "environ": policy_variables(profile.profile, others["environ"])}
    return PolicyInputs(**fields, app=app, stored=profile)


def policy_variables(profile: Profile, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that a profile's policy depends on."""
    switches, providers = (row.variable for row in profile.switches), (row.variable for row in profile.providers)
    names = {*switches, *providers, MODE, profile.config_dir_variable, *DIRECTORIES}
    prefix, suffixes = profile.unknown_provider_prefix, profile.switch_suffixes
    return {
        name: value
        for name, value in environ.items()
        if name in names or (prefix and name.startswith(prefix)) or name.endswith(suffixes)
    }
