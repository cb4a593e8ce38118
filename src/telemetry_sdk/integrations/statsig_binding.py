"""Binds Statsig's package to a client, with the specs that its gates answer from."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from telemetry_sdk._internal.services import METRICS
from telemetry_sdk.endpoints import RefusedError, specs_endpoint
from telemetry_sdk.exceptions import TelemetryError
from telemetry_sdk.storage.files import name_hash

from . import statsig_specs as specs
from .specs_download import SpecsDownload

if TYPE_CHECKING:
    from collections.abc import Mapping

    from telemetry_sdk._internal.lazy import Lazy
    from telemetry_sdk.capture.recorder import Recorder
    from telemetry_sdk.ledger import Ledger

    from .statsig import BoundServer

SPECS_PREFIX = "statsig-specs-"  # begins the name of the file that keeps them
OUTSIDE = "statsig: a client that the application made itself is active with its own network, outside this policy"
TAKEN = "statsig is bound to another client of this process"


class StatsigBinding:
    """Puts ours behind the package's functions, whether metrics are on or off: gates are no telemetry.

    `choices`: `bind_statsig`, `statsig_specs`, `statsig_specs_url` and `environ` of `start()`.
    """

    def __init__(
        self,
        recorder: Recorder,
        ledger: Lazy[Ledger],
        *,
        tier: str | None,
        flush_timeout: float,
        state_dir: str | None,
        choices: Mapping[str, Any],
    ) -> None:
        self._recorder = recorder
        self._ledger = ledger
        self._tier = tier
        self._flush_timeout = flush_timeout
        self._state_dir = state_dir
        self._choices = choices
        self.server: BoundServer | None = None
        self.download: SpecsDownload | None = None

    def bind(self) -> None:
        """Bind the package. Whatever is in the way is a warning of the policy.

        Raises `TelemetryError` in strict mode for a client of the package that sends around the policy (not where
        the host chose `bind_statsig=False`).
        """
        choice = self._choices["bind_statsig"]
        try:
            problem = self._bind(choice)
        except Exception as error:  # a version of the package whose inside is different
            self._recorder.diagnostics.failed(error)
            problem = f"statsig is not bound: {type(error).__name__} inside its package; nothing of it is recorded"
            if choice is not False:
                self._keep_local()
        if problem:
            self._recorder.policy.warn(problem)
        if problem == OUTSIDE and choice is not False and self._recorder.diagnostics.strict:
            raise TelemetryError(OUTSIDE)

    def close(self) -> None:
        """Record nothing more; gates go on answering."""
        if self.server is not None:
            self.server.release()

    def _bind(self, choice: bool | None) -> str | None:
        """Bind, and return what the host should know, if anything."""
        from . import statsig, statsig_others

        active = statsig_others.active_others()
        present = statsig.current()
        ours = isinstance(present, statsig.BoundServer)
        if active and (choice is not True or not (ours or not statsig_others.is_active_other(present))):
            return OUTSIDE
        if choice is False:
            return None
        if isinstance(present, statsig.BoundServer) and present.recorder is not None:
            return TAKEN if choice else None
        server = self.server = statsig.BoundServer(self._recorder, self._tier, self._flush_timeout)
        self._load(server)
        if self._choices["statsig_specs_url"] is not None:
            self._begin_download(server, self._choices["statsig_specs_url"])
        statsig.install(server)
        return OUTSIDE if active else None

    def _load(self, server: BoundServer) -> None:
        """Answer from the specs that the application ships."""
        shipped = self._choices["statsig_specs"]
        if shipped is None:
            return
        try:
            used = server.load(specs.parsed(shipped), "BOOTSTRAP") == "used"
            why = "" if used else "cannot be read by its package"
        except specs.BadSpecsError as error:
            why = str(error)
        if why:
            self._recorder.policy.warn(f"statsig_specs {why}: gates answer their defaults")

    def _begin_download(self, server: BoundServer, url: object) -> None:
        """Use what an earlier run has fetched, and have the sender fetch newer ones while metrics are on."""
        try:
            endpoint = specs_endpoint(url, self._recorder.policy.policy, self._choices["environ"])
        except RefusedError as error:
            self._recorder.policy.warn(f"{error.variable}: {error}: no specs are fetched")
            return
        name = f"{SPECS_PREFIX}{name_hash(endpoint.url)}.json"
        path = os.path.join(self._state_dir, name) if self._state_dir else None
        download = SpecsDownload(endpoint, path, server.use_specs, self._recorder, self._ledger, most=specs.MAX_SPECS)
        download.read()
        if self._recorder.policy.is_on(METRICS):
            self.download = download
            self._recorder.writer.after_drain.append(download.drained)
            self._recorder.policy.listeners.append(download)
            self._recorder.policy.add_reason(METRICS, "start()", "statsig_specs_url", f"fetches from {endpoint.host}")

    def _keep_local(self) -> None:
        """Fail closed: by public names alone, have the package answer from what is shipped, without a network.

        Found among what is loaded, not imported: what could not be loaded may be the binding itself.
        """
        package = sys.modules.get("statsig")
        try:
            if package is not None and not package.statsig.is_initialized():
                quiet: dict[str, Any] = dict.fromkeys(
                    ("local_mode", "disable_all_logging", "disable_diagnostics"), True
                )
                options = package.StatsigOptions(bootstrap_values=_usable(self._choices["statsig_specs"]), **quiet)
                options.output_logger_level = package.LogLevel.ERROR
                package.statsig.initialize("secret-local", options)
        except Exception as error:  # not even these names: the warning says that it is not bound
            self._recorder.diagnostics.failed(error)


def _usable(shipped: object) -> str | None:
    """Return specs without what the package would refuse them for; None if they are none."""
    from json import dumps

    try:
        return dumps(specs.parsed(shipped))
    except specs.BadSpecsError:
        return None
