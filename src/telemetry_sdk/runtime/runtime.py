"""The values that a client is built of: what its start resolved, and its parts as `build.client` wires them."""

from __future__ import annotations

import os

from .._internal.frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from .._internal.diagnostics import Diagnostics
    from .._internal.lazy import Lazy
    from ..bug_report.sending import DraftSender
    from ..capture.hooks import ExceptionHooks
    from ..capture.recorder import Recorder
    from ..endpoints import Endpoints
    from ..ledger import Ledger
    from ..options import Options
    from ..pipeline.pipeline import Pipeline
    from ..policy import Policy, Profile
    from ..policy.current import CurrentPolicy
    from ..policy.stored_profile import StoredProfile
    from ..policy.watch import SettingsWatch
    from ..queue import Queue
    from ..storage.shared_state import SharedState
    from .notice import Notice


class Setup(Frozen):
    """What a start resolved.

    `lifts`: the provider defaults that the host lifted; `stored`: what a sender needs without the application, or None;
    `watch` looks at the settings files again; `transport` replaces the network in tests.
    """

    options: Options
    policy: Policy
    endpoints: Endpoints
    profile: Profile
    lifts: Mapping[str, Sequence[str]]
    stored: Lazy[StoredProfile] | None
    watch: Lazy[SettingsWatch]
    transport: Callable[[], Any] | None = None
    contact: str | None = None


class Runtime(Frozen):
    """What a client, its lifecycle, its hooks and its integrations share. `kept`: whether state may be kept.

    `sections`: further parts of `stats()`, by name.
    """

    options: Options
    endpoints: Endpoints
    profile: Profile
    lifts: Mapping[str, Sequence[str]]
    diagnostics: Diagnostics
    policy: CurrentPolicy
    queue: Queue
    recorder: Lazy[Recorder]
    hooks: Lazy[ExceptionHooks]
    pipeline: Lazy[Pipeline]
    ledger: Lazy[Ledger]
    drafts: Lazy[DraftSender]
    notice: Lazy[Notice]
    state: Lazy[SharedState]
    kept: bool
    sections: dict[str, Mapping[str, int]]

    @property
    def state_dir(self) -> str | None:
        """The state directory, None if nothing is kept; local mode has its own, which no other run or sender reads."""
        from ..storage.directories import LOCAL, state_dir

        path = state_dir(self.options.base_dir, self.options.app, self.endpoints.identity) if self.kept else None
        return os.path.join(os.path.dirname(path), LOCAL) if path and self.policy.local else path
