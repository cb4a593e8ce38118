"""The policy of a command or a sender that runs without the application, from its stored profiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .model import HostChoices
from .resolve import resolve_policy
from .stored_profile import with_known_switches
from .updates import combined

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    from .model import Policy
    from .stored_profile import StoredProfile


def resolve_stored(
    stored: Sequence[StoredProfile],
    environ: Mapping[str, str] | None = None,
    *,
    app: str | None = None,
    cwd: str | os.PathLike[str] | None = None,
    home: str | os.PathLike[str] | None = None,
    managed: str | os.PathLike[str] | None = None,
) -> Policy:
    """Resolve what may be sent; every stored profile is obeyed, and so are the switches that all commands obey.

    Raises ValueError where nothing is stored: the policy is not known without the application.
    """
    if not stored:
        raise ValueError("not known without the application: no profile is stored")
    return combined(
        [
            resolve_policy(
                environ,
                cwd=cwd,
                home=home,
                managed=managed,
                profile=with_known_switches(item.profile),
                app=app,
                settings_file=item.settings_file,
                provider=item.provider,
                truth=item.truth,
                host=HostChoices(lift_provider_default=item.lift_provider_default),
            )
            for item in stored
        ]
    )
