"""What a draft needs to know about the application, the machine and the policy."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from telemetry_sdk._internal.clock import monotonic
from telemetry_sdk.options import BUG_COMMAND

from .canonical_json import WALK_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from telemetry_sdk.policy import Policy

NOT_STATED = "not stated"  # the receiver's terms, where the application states none


def _go_on() -> None:
    pass


def _no_errors() -> list[dict[str, Any]]:
    return []


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportContext:
    """The application, machine and policy that a bug report is made for.

    `host`, `layer`: the destination and the layer that set it, None without an endpoint. `recent_errors` returns
    sanitized records. `state_dir` None: drafts are kept in memory only; `save_dir`: the state directory for what is
    saved all the same. `training_opt_in`: the user's explicit opt-in to a partner programme; it applies to the first
    party only. `terms`: what the receiver keeps and for what, as the application states it. `command`: the command line
    of the bug commands, for messages. `repository`: "owner/name" on GitHub for public issues. `clock`: seconds since
    the epoch. `check` raises if the drafting is to end. `walk_seconds`: for messages that are no file, by `monotonic`.
    """

    policy: Policy
    host: str | None
    layer: str | None
    app: str
    version: str
    sdk_version: str
    os: str
    arch: str
    python: str
    terminal: str
    provider: str
    state_dir: str | None
    save_dir: str | None = None
    recent_errors: Callable[[], list[dict[str, Any]]] = _no_errors
    training_opt_in: bool = False
    terms: str = NOT_STATED
    command: str = BUG_COMMAND
    repository: str | None = None
    clock: Callable[[], float] = time.time
    check: Callable[[], None] = _go_on
    walk_seconds: float = WALK_SECONDS
    monotonic: Callable[[], float] = monotonic

    @property
    def training(self) -> bool:
        """Whether the report may be used for training."""
        return self.training_opt_in and self.policy.first_party and self.provider == self.policy.provider
