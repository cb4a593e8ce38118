"""The values that a client is built of: what its start resolved, and its parts as `build.client` wires them."""

from __future__ import annotations

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
    from ..policy.watch import SettingsWatch
    from ..queue import Queue
    from ..sender.hand_over import HandedDirectory
    from ..storage.shared_state import SharedState
    from .notice import Notice


class StartInterceptor:
    """Changes what every `start()` is given, and is shown what it made."""

    def arguments(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments to start with; `_given` holds the `StartInputs`, if any."""
        return given

    def started(self, client: Any, runtime: Runtime) -> None:
        """Note a client and its parts."""


INTERCEPTORS: list[StartInterceptor] = []  # the last one applies; for an application's tests
LAST_CLIENT: list[Any] = []  # the `TelemetryClient` of the last start, which `get_client` returns


class Setup(Frozen):
    """What a start resolved.

    `lifts`: the provider defaults that the host lifted; `stored`: the fields of the `StoredProfile`, if any, and
    `inputs`: the further ones of the `PolicyInputs`; `watch` looks at the settings files again; `transport` replaces
    the network in tests.
    """

    options: Options
    policy: Policy
    endpoints: Endpoints
    profile: Profile
    lifts: Mapping[str, Sequence[str]]
    stored: Mapping[str, Any]
    inputs: Mapping[str, Any]
    watch: Lazy[SettingsWatch]
    transport: Callable[[], Any] | None = None
    contact: str | None = None


class Runtime(Frozen):
    """What a client, its lifecycle, its hooks and its integrations share. `state_dir`: None if nothing is kept.

    `handed`: what a detached sender needs of it; `inputs` as in `Setup`, which hold secrets;
    `transport` replaces the network in tests;
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
    state_dir: Lazy[str | None]
    handed: Lazy[HandedDirectory]
    inputs: Lazy[Mapping[str, Any]]
    transport: Callable[[], Any] | None
    sections: dict[str, Mapping[str, int]]
