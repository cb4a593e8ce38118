"""The composition root: the only place that wires. `client`, `sender` and `draft_sender`.

What a start does not pay for is imported inside these functions and built at its first use.
"""

from __future__ import annotations

import os
import sys

from .._internal.clock import monotonic
from .._internal.diagnostics import Diagnostics
from .._internal.imports import IMPORTS
from .._internal.lazy import Lazy
from .._internal.services import ERRORS, METRICS, PACKAGES, RECORDED
from ..pipeline.writer_thread import WriterThread
from ..policy.current import CurrentPolicy, Revocations
from ..queue import Queue, WakeUp
from .runtime import Runtime

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from ..bug_report.sending import DraftSender
    from ..capture.hooks import ExceptionHooks
    from ..capture.recorder import Recorder
    from ..endpoints import Endpoint, Endpoints
    from ..ledger import Ledger
    from ..pipeline.pipeline import Pipeline
    from ..pipeline.processors import Processors
    from ..sender.busy_host import BusyHost
    from ..sender.directory_sender import DirectorySender
    from ..sender.hand_over import HandedDirectory
    from ..sender.send_loop import SendLoop
    from ..sender.send_schedule import Job, SendSchedule
    from ..spool.interface import Spool
    from ..storage.file_lock import FileLock
    from ..storage.shared_state import SharedState
    from .client_exit import ClientExit
    from .detach import ClientStarter
    from .notice import Notice
    from .runtime import Setup

DRAINING = (("errno", "re", "json"),)  # modules that take longest at the first drain, imported one by one
SETTLED = 1.0  # seconds after the start before the network's libraries are loaded: a short command never loads them


def client(setup: Setup) -> Runtime:
    """Build a client's parts: a queue and what decides on it now, the rest at the first record or request."""
    options, endpoints = setup.options, setup.endpoints
    diagnostics = Diagnostics(strict=options.strict, debug=options.debug)
    on = [row.name for row in setup.policy.rows if row.enabled]
    app_dir = os.path.join(options.base_dir, options.app) if options.base_dir and options.app else None
    revocations = Revocations(app_dir, setup.policy.services)
    policy = CurrentPolicy(setup.policy, revocations, setup.watch)
    first_request = monotonic() + SETTLED
    pipeline: Lazy[Pipeline] = Lazy(lambda: _pipeline(setup, runtime, revocations, first_request), DRAINING)
    writer = WriterThread(pipeline, lambda: _exit(runtime).end_process(), diagnostics)
    queue = Queue(WakeUp(writer), on)
    runtime = Runtime(
        options=options,
        endpoints=endpoints,
        profile=setup.profile,
        lifts=setup.lifts,
        diagnostics=diagnostics,
        policy=policy,
        queue=queue,
        recorder=Lazy(lambda: _recorder(runtime, writer)),
        hooks=Lazy(lambda: _hooks(runtime)),
        pipeline=pipeline,
        ledger=Lazy(lambda: _ledger(setup, runtime)),
        drafts=Lazy(lambda: draft_sender(setup, runtime)),
        notice=Lazy(lambda: _notice(setup, runtime)),
        state=Lazy(lambda: _state(runtime.state_dir.get())),
        state_dir=Lazy(lambda: _state_dir(setup) if on else None),
        handed=Lazy(lambda: _handed(setup, runtime, revocations)),
        inputs=Lazy(lambda: setup.inputs),
        transport=setup.transport,
        sections={},
    )
    if diagnostics.debug:
        from .commentary import log_start

        log_start(runtime)
    if options.notice and on and not runtime.notice.get().shown:
        queue.wakeup.hold()
    return runtime


def _state_dir(setup: Setup) -> str | None:
    from ..storage.files import LOCAL, state_dir

    options = setup.options
    return state_dir(options.base_dir, options.app, setup.endpoints.identity, local=setup.policy.mode == LOCAL)


def _recorder(runtime: Runtime, writer: WriterThread) -> Recorder:
    from ..capture.recorder import Recorder

    return Recorder(runtime.queue, runtime.policy, writer, runtime.pipeline, runtime.diagnostics)


def _notice(setup: Setup, runtime: Runtime) -> Notice:
    from .notice import Notice

    return Notice(runtime.options, runtime.policy, runtime.queue, runtime.state_dir.get(), setup.contact)


def _hooks(runtime: Runtime) -> ExceptionHooks:
    from ..capture.hooks import ExceptionHooks

    return ExceptionHooks(runtime.recorder.get())


def _state(path: str | None) -> SharedState:
    from ..storage.shared_state import SharedState

    return SharedState(path)


def sender(
    path: str,
    endpoints: Mapping[str, Endpoint],
    policy: CurrentPolicy,
    diagnostics: Diagnostics,
    *,
    lock: FileLock | None = None,
    ledger_days: int | None = None,
    transport: Callable[[], Any] | None = None,
) -> DirectorySender:
    """Build a sender for what waits in a state directory, without the application. `lock`: held already.

    Raises `OSError` if the directory is not this user's alone.
    """
    from .._internal.ids import new_run
    from ..egress.client import Egress
    from ..ledger import DAYS, Ledger
    from ..sender.batch_sender import BatchSender
    from ..sender.directory_sender import DirectorySender
    from ..sender.send_loop import SendLoop
    from ..sender.send_schedule import SendSchedule
    from ..spool.disk import DiskSpool

    state, schedule, egress = _state(path), SendSchedule(), Egress(transport=transport)
    spool = DiskSpool(path, state, None, lock=lock)
    ledger = Ledger(path, new_run(), days=ledger_days or DAYS)
    batches = BatchSender(spool, state, endpoints, egress, ledger, policy, diagnostics)
    return DirectorySender(schedule, SendLoop(schedule, batches, egress, diagnostics), spool, batches)


def draft_sender(setup: Setup, runtime: Runtime) -> DraftSender:
    """Build what makes and sends bug reports."""
    from .build_drafts import client_drafts

    return client_drafts(setup, runtime)


def _pipeline(setup: Setup, runtime: Runtime, revocations: Revocations, first_request: float) -> Pipeline:
    from .._internal.interpreter_load import InterpreterLoad
    from ..pipeline.drain import Drain
    from ..pipeline.pipeline import Pipeline
    from ..sender.busy_host import BusyHost
    from ..sender.send_schedule import Job, SendSchedule
    from ..sender.thread import SenderThread
    from .modules import SENDING

    queue, policy, diagnostics = runtime.queue, runtime.policy, runtime.diagnostics
    schedule, sweep = SendSchedule(first_request), Job(lambda _: _sweep(setup))
    spool = Lazy(lambda: _spool(setup, runtime, revocations))
    processors = Lazy(lambda: _processors(runtime))
    starter = Lazy(lambda: _starter(runtime))
    load = InterpreterLoad(queue.events.records)
    host = BusyHost(load=load, schedule=schedule, spool=spool, start_detached=lambda: starter.get().start())
    loop = Lazy(lambda: _client_loop(setup, runtime, schedule, spool, host, sweep), SENDING)
    sender = SenderThread(schedule, loop, diagnostics, host)
    drain = Drain(queue, processors, spool, sender, policy, diagnostics)
    return Pipeline(queue=queue, drain=drain, processors=processors, spool=spool, sender=sender, policy=policy)


def _processors(runtime: Runtime) -> Processors:
    from ..pipeline.processors import ErrorThrottle, EventThrottle, Processors
    from ..sanitizer.code.modules import KnownModules

    options, diagnostics = runtime.options, runtime.diagnostics
    modules = Lazy(lambda: KnownModules(options.app_modules, options.main_file))
    return Processors(options, modules, ErrorThrottle(), EventThrottle(options.max_events_per_minute), diagnostics)


def _spool(setup: Setup, runtime: Runtime, revocations: Revocations) -> Spool:
    """Build the spool on disk; in memory where the state directory cannot be trusted."""
    from ..policy.stored_profile import StoredProfile
    from ..sanitizer.run_metadata import RunMetadata
    from ..spool.disk import DiskSpool
    from ..spool.memory import MemorySpool
    from ..spool.record_format import RunHeader
    from ..storage.shared_state import BINDINGS

    def header(path: str | None) -> RunHeader:
        metadata = RunMetadata(setup.options, path, runtime.policy)
        return RunHeader(metadata, revocations=revocations.began, ledger=setup.options.ledger)

    state, path, problem = runtime.state.get(), runtime.state_dir.get(), None
    if path is not None and runtime.policy.may_be_kept(*RECORDED):
        bindings = _bindings()
        try:
            spool = DiskSpool(path, state, header(path))
        except OSError as error:
            problem = f"state is kept in memory only: {path}: {error.strerror or error}"
            runtime.policy.warn(problem)
            runtime.diagnostics.log(problem)
        else:
            if setup.stored:
                StoredProfile(**setup.stored).store(path)
            state.note(BINDINGS, bindings)
            return spool
    return MemorySpool(header(None), problem)


def _bindings() -> Mapping[str, str]:
    """Return how the vendors' packages are bound, for `status`. Loads nothing where the application has none."""
    if sys.modules.keys().isdisjoint(PACKAGES):
        return {}
    from ..integrations.outside import bindings

    return bindings()


def _ledger(setup: Setup, runtime: Runtime) -> Ledger:
    from .._internal.ids import new_run
    from ..ledger import Ledger

    path = runtime.state_dir.get() if runtime.options.ledger else None
    return Ledger(path, new_run(), days=_ledger_days(setup))


def _client_loop(
    setup: Setup, runtime: Runtime, schedule: SendSchedule, spool: Lazy[Spool], host: BusyHost, sweep: Job
) -> SendLoop:
    """Build the sender of a client; here the network's libraries are loaded."""
    from ..egress.client import Egress
    from ..sender.batch_sender import BatchSender
    from ..sender.send_loop import SendLoop

    endpoints, ledger = recorded(runtime.endpoints), runtime.ledger.get()
    diagnostics, egress = runtime.diagnostics, Egress(transport=setup.transport)
    batches = BatchSender(spool.get(), spool.get().state, endpoints, egress, ledger, runtime.policy, diagnostics)
    return SendLoop(schedule, batches, egress, diagnostics, sweep, host)


async def _sweep(setup: Setup) -> None:
    """Delete what is older than the retention; a fork waits for what this imports."""
    with IMPORTS:
        from .purge import sweep_state

        sweep_state(setup.options.base_dir, setup.options.app, setup.policy.retention_days)


def _exit(runtime: Runtime) -> ClientExit:
    from .client_exit import ClientExit

    return ClientExit(runtime)


def _starter(runtime: Runtime) -> ClientStarter:
    from .detach import ClientStarter

    return ClientStarter(runtime)


def _handed(setup: Setup, runtime: Runtime, revocations: Revocations) -> HandedDirectory:
    """Return what a detached sender needs of a client."""
    from ..policy.inputs import policy_inputs
    from ..sender.hand_over import HandedDirectory

    return HandedDirectory(
        path=runtime.state_dir.get() or "",
        lock=0,
        services=(),
        revocations=revocations.began,
        endpoints=recorded(runtime.endpoints),
        policy=policy_inputs(setup.stored, setup.inputs, runtime.options.app),
        ledger_days=_ledger_days(setup),
        retention_days=setup.policy.retention_days,
    )


def recorded(endpoints: Endpoints) -> dict[str, Endpoint]:
    """Return the endpoints of what is spooled, by service."""
    both = {METRICS: endpoints.metrics, ERRORS: endpoints.errors}
    return {service: endpoint for service, endpoint in both.items() if endpoint is not None}


def _ledger_days(setup: Setup) -> int:
    from ..ledger import DAYS

    return min(DAYS, setup.policy.retention_days or DAYS)
