"""Wires what makes and sends bug reports: for a client, and for a command without the application."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from .._internal.diagnostics import Diagnostics
from .._internal.ids import new_run
from .._internal.lazy import Lazy
from ..bug_report.sending import DraftSender
from ..bug_report.state import ReportState
from ..ledger import Ledger
from ..policy.current import CurrentPolicy, Revocations
from ..policy.stored_profile import StoredProfile
from ..storage.files import LOCAL, state_dir
from .purge import sweep_state

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..endpoints import Endpoints
    from ..options import Options
    from ..policy import Policy
    from ..policy.watch import SettingsWatch
    from .runtime import Runtime, Setup


def client_drafts(setup: Setup, runtime: Runtime) -> DraftSender:
    """Build a client's bug reports; what is older than the retention is deleted here, too."""
    options, pipeline = setup.options, runtime.pipeline
    sweep_state(options.base_dir, options.app, setup.policy.retention_days)
    profile = StoredProfile(**setup.stored) if setup.stored else None
    directory = _directory(options, setup.policy, setup.endpoints)
    return DraftSender(
        options,
        setup.endpoints.bug_reports,
        runtime.policy,
        Lazy(lambda: pipeline.get().sender),
        runtime.ledger,
        runtime.diagnostics,
        ReportState(runtime.state_dir.get(), directory, profile, pipeline, runtime.recorder),
    )


def stored_drafts(
    options: Options, policy: Policy, endpoints: Endpoints, watch: Callable[[], SettingsWatch], *, debug: bool = False
) -> DraftSender:
    """Build the bug reports of an application that does not run; requests are made on the calling thread."""
    from ..bug_report.foreground import ForegroundLoop  # loads the network

    directory = _directory(options, policy, endpoints)
    revocations = Revocations(os.path.dirname(directory) if directory else None, policy.services)
    return DraftSender(
        options,
        endpoints.bug_reports,
        CurrentPolicy(policy, revocations, Lazy(watch)),
        Lazy(ForegroundLoop),
        Lazy(lambda: Ledger(directory, new_run())),
        Diagnostics(debug=debug),
        ReportState(directory, directory),
    )


def _directory(options: Options, policy: Policy, endpoints: Endpoints) -> str | None:
    """Return the state directory of these endpoints, also where all services are off: a draft may still be saved."""
    return state_dir(options.base_dir, options.app, endpoints.identity, local=policy.mode == LOCAL)
