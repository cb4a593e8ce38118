"""Binds Statsig's own SDK: its evaluation, its exposures and their dedupe, without its network and threads.

The module's instance is replaced by one of ours, so that `statsig.check_gate(...)`, `log_event(...)` and all else
of the application work from the specs that it was given. What the vendor's client would post is appended to our queue
at once; it polls, prints and reports nothing of itself.

A contract test looks for each of the vendor's private names that are used here.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from statsig import StatsigEvent, StatsigOptions, StatsigServer, statsig
from statsig.diagnostics import Diagnostics
from statsig.evaluation_details import DataSource
from statsig.evaluator import _Evaluator
from statsig.initialize_details import InitializeDetails
from statsig.interface_network import IStatsigNetworkWorker
from statsig.spec_store import _SpecStore
from statsig.statsig_context import InitContext
from statsig.statsig_error_boundary import _StatsigErrorBoundary
from statsig.statsig_errors import StatsigNameError, StatsigRuntimeError, StatsigValueError
from statsig.statsig_logger import _StatsigLogger

from telemetry_sdk._internal.raw_records import Exposure, VendorEvent
from telemetry_sdk.sanitizer.exposures import CONFIG, GATE, LAYER

from .statsig_names import known_gates, knows
from .statsig_specs import BadSpecsError, parsed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from telemetry_sdk.capture.recorder import Recorder

INSTANCE = "__instance"  # of the vendor's module, behind its functions
DEDUPE = 60.0  # seconds: the same exposure counts once in so long, as in the vendor's logger
THEIR_ERRORS = (StatsigValueError, StatsigNameError, StatsigRuntimeError)  # a caller's mistakes, which they raise

MANUAL = (  # what theirs does outside of its boundary
    "manually_log_gate_exposure",
    "manually_log_config_exposure",
    "manually_log_experiment_exposure",
    "manually_log_layer_parameter_exposure",
    "log_exposure_for_config",
)


class _NoNetwork(IStatsigNetworkWorker):
    """Replaces the vendor's network: no request is ever made."""

    def is_pull_worker(self, _endpoint: str = "") -> bool:
        return False


class _CountingBoundary(_StatsigErrorBoundary):
    """Counts what fails inside the vendor's code; posts nothing, prints nothing, keeps no traceback."""

    def __init__(self, server: BoundServer) -> None:
        self._server = server  # theirs makes an HTTP session and a pool here

    def capture(self, tag: str, task: Any, recover: Any, extra: dict[str, Any] | None = None) -> Any:
        del tag, extra
        try:
            return task()
        except THEIR_ERRORS:
            raise
        except Exception as error:
            self._server.failed(error)
            return recover()

    def log_exception(
        self,
        tag: str,
        exception: Exception,
        extra: dict[str, Any] | None = None,
        bypass_dedupe: bool = False,
        log_mode: str | None = "warning",
    ) -> None:
        del tag, extra, bypass_dedupe, log_mode
        self._server.failed(exception)

    def shutdown(self, wait: bool = False) -> None:
        del wait


class _Logger(_StatsigLogger):
    """The vendor's exposures and their dedupe; each goes to our queue at once. Theirs starts five threads."""

    def __init__(self, server: BoundServer, options: StatsigOptions, boundary: _CountingBoundary) -> None:
        self._server = server
        self._options = options
        self._error_boundary = boundary
        self._deduper: set[str] = set()
        self._fresh_until = 0.0

    def log(self, event: StatsigEvent) -> None:
        """Record an exposure; the vendor's diagnostics, which come this way as well, are none."""
        if event.event_name in {GATE, CONFIG, LAYER}:
            secondary = event._secondary_exposures or []  # noqa: SLF001 - as it goes over their wire
            self._server.expose(event.event_name, event.metadata or {}, secondary)

    def log_layer_exposure(self, *args: Any, **more: Any) -> None:
        """Record a parameter's exposure; `Layer.get` calls this outside of the vendor's boundary."""
        if self._server.records:
            self._error_boundary.swallow("exposure", lambda: super(_Logger, self).log_layer_exposure(*args, **more))

    def _is_unique_exposure(self, user: Any, eventName: str, metadata: dict[str, Any] | None) -> bool:  # noqa: N803 - theirs
        if not self._server.records:
            return False
        now = time.monotonic()
        if now >= self._fresh_until:
            self._deduper = set()
            self._fresh_until = now + DEDUPE
        return super()._is_unique_exposure(user, eventName, metadata)

    def flush(self) -> None:
        self._server.flush()

    def shutdown(self) -> None:
        self._server.shutdown()

    def spawn_bg_threads_if_needed(self) -> None:
        """Start nothing."""

    def log_diagnostics_event(self, metadata: Any) -> None:
        """Record nothing: the vendor's diagnostics hold keys and URLs."""


class BoundServer(StatsigServer):
    """The vendor's server over a recorder. Always initialized; answers from the specs it was given last.

    `recorder` None: its client is closed. Gates go on answering.
    """

    def __init__(self, recorder: Recorder, tier: str | None, flush_timeout: float) -> None:
        super().__init__()
        self.recorder: Recorder | None = recorder
        self._flush_timeout = flush_timeout
        self._began = time.monotonic()
        self._build(StatsigOptions(tier=tier, **_QUIET))
        self._initialized = True

    @property
    def records(self) -> bool:
        """Whether anything is recorded: the client is open and metrics are on."""
        return self.recorder is not None and self.recorder.queue.takes_metrics

    def release(self) -> None:
        """Record nothing from now on, and keep nothing of the client."""
        self.recorder = None

    def failed(self, error: BaseException) -> None:
        """Count a failure inside the vendor's code."""
        if self.recorder is not None:
            self.recorder.diagnostics.failed(error)

    def use_specs(self, text: bytes, source: str) -> str:
        """Load specs from their JSON text; "refused" if it cannot be read."""
        try:
            return self.load(parsed(text), source)
        except BadSpecsError:
            return "refused"

    def load(self, specs: dict[str, Any], source: str) -> str:
        """Answer from these specs from now on: "used"; or nothing has changed: "unchanged", "refused".

        `source`: "BOOTSTRAP" (shipped), "DATASTORE" (kept from an earlier run) or "NETWORK"; of the last two only
        newer ones are used. Refused are those that the vendor's code cannot read.
        """
        if source != "BOOTSTRAP" and specs["time"] <= self._spec_store.spec_updater.last_update_time:
            return "unchanged"
        store = self._store()
        try:
            _, well = store._process_specs(specs, DataSource[source])  # noqa: SLF001 - what their updater calls
        except Exception:  # specs of an odd shape: the host hears of it, or a counter
            return "refused"
        if well is not True:
            return "refused"
        self._spec_store = self._evaluator._spec_store = store  # noqa: SLF001 - overrides stay with the evaluator
        return "used"

    def initialize(self, sdkKey: str, options: Any = None) -> InitializeDetails:  # noqa: N803 - theirs
        """Return the details of this instance: a key and options of the application open no other way out."""
        del sdkKey, options
        store = self._spec_store
        return InitializeDetails(
            int((time.monotonic() - self._began) * 1000),
            store.init_source,
            True,
            store.spec_updater.last_update_time > 0,
            0,
            None,
        )

    def log_event(self, event: Any) -> None:
        """Record an event under its declaration; what does not fit is dropped and counted (strict mode: raised)."""
        if self.recorder is None:
            return
        if isinstance(event, StatsigEvent):
            self.recorder.event(VendorEvent(event.event_name), event.value, event.metadata)
        else:
            self.recorder.queue.put_event(VendorEvent(None), None, None)

    def expose(self, name: str, metadata: Mapping[str, Any], secondary: list[Any]) -> None:
        """Record an exposure if the specs know all its names; one of another name is counted, without it."""
        if self.recorder is None or not self.records:
            return
        known = knows(self._spec_store, name, metadata)
        kept = {**metadata, "secondaryExposures": known_gates(self._spec_store, secondary)} if known else None
        self.recorder.queue.put_event(Exposure(name, known=known), None, kept)

    def flush(self) -> None:
        """Have all that was recorded sent; wait for it within the exit's time."""
        self._flush("server")

    def shutdown(self) -> None:
        """Have all that was recorded on disk. Gates go on answering: this instance lives as long as the process."""
        self._flush("spool")

    def pause_polling_dcs(self) -> None:
        """Nothing is polled."""

    def start_polling_dcs(self) -> None:
        """Nothing is polled."""

    def _flush(self, to: str) -> None:
        recorder, timeout = self.recorder, self._flush_timeout
        if recorder is not None and self.records:
            self._errorBoundary.swallow("flush", lambda: recorder.flush_sync(to, timeout))

    def _build(self, options: StatsigOptions) -> None:
        """Build the vendor's parts as its `initialize` does, with ours instead of its network and logger."""
        boundary = _CountingBoundary(self)
        self._errorBoundary = boundary
        self._options = options
        self._network: Any = _NoNetwork()
        self._logger = _Logger(self, options, boundary)
        self._spec_store = self._store()
        self._evaluator = _Evaluator(self._spec_store, None, disable_ua_parser=True, disable_country_lookup=True)

    def _store(self) -> _SpecStore:
        """Make an empty store of specs."""
        make: Any = _SpecStore  # asks for their network; ours has what it calls
        diagnostics, context = Diagnostics(), InitContext()  # type: ignore[no-untyped-call]
        made: _SpecStore = make(
            self._network, self._options, {}, self._errorBoundary, threading.Event(), "", diagnostics, context
        )
        return made

    def _verify_bg_threads_running(self) -> None:
        """There are none."""


def _guarded(name: str) -> Callable[..., None]:
    theirs = getattr(StatsigServer, name)

    def guarded(self: BoundServer, *args: Any, **more: Any) -> None:
        if self.records:
            self._errorBoundary.swallow(name, lambda: theirs(self, *args, **more))

    return guarded


for _name in MANUAL:
    setattr(BoundServer, _name, _guarded(_name))

# Local mode: should one of their parts be reached after all, it refuses by itself.
_QUIET: Any = {
    "local_mode": True,
    "disable_all_logging": True,
    "disable_diagnostics": True,
    "disable_ua_parser": True,
    "disable_country_lookup": True,
}


def current() -> object:
    """Return the instance behind the package's functions."""
    return getattr(statsig, INSTANCE)


def install(server: BoundServer) -> None:
    """Put an instance behind the package's functions."""
    if not hasattr(statsig, INSTANCE):
        raise AttributeError(f"statsig has no {INSTANCE} any more")
    setattr(statsig, INSTANCE, server)
