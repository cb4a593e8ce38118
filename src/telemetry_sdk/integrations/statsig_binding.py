"""Statsig's own package bound to a client: whether it is, what it records into, which specs its gates answer from."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from ..endpoints import RefusedError, specs_endpoint
from ..exceptions import TelemetryError
from ..policy import Reason
from ..sanitizer.metrics import Spoken, check
from . import statsig_specs as checked
from .statsig_sink import Silent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..client import TelemetryClient
    from ..endpoints import Endpoint
    from .statsig import BoundServer

OUTSIDE = "statsig: a client that the application made itself is active with its own network, outside this policy"
TAKEN = "statsig is bound to another client of this process"


def bind(client: TelemetryClient, choices: Mapping[str, Any]) -> None:
    """Put ours behind the package's functions, whether metrics are on or off: gates are no telemetry.

    Whatever is in the way is named in `client.policy.warnings`. Raises `TelemetryError` in strict mode for a
    client of the package that sends around the policy (not where the host chose `bind_statsig=False`).
    """
    choice = choices["bind_statsig"]
    try:
        problem = _bound(client, choices)
    except Exception as error:  # a version of the package whose inside is another one
        client._boundary.failed(error)  # noqa: SLF001 - this module is the client's own hand
        problem = f"statsig is not bound: {type(error).__name__} inside its package; nothing of it is recorded"
        if choice is not False:
            _keep_local(client, choices["statsig_specs"])
    if problem:
        _warn(client, problem)
    if problem == OUTSIDE and choice is not False and client._boundary.strict:  # noqa: SLF001
        raise TelemetryError(OUTSIDE)


def _keep_local(client: TelemetryClient, shipped: object) -> None:
    """Fail closed: by its public names alone, have the package answer from what is shipped and speak to nobody.

    Found among what is loaded, not imported: what could not be loaded may be the binding itself.
    """
    package = sys.modules.get("statsig")
    try:
        if package is not None and not package.statsig.is_initialized():
            quiet: dict[str, Any] = dict.fromkeys(("local_mode", "disable_all_logging", "disable_diagnostics"), True)
            options = package.StatsigOptions(bootstrap_values=_usable(shipped), **quiet)
            options.output_logger_level = package.LogLevel.ERROR
            package.statsig.initialize("secret-local", options)
    except Exception as error:  # not even these names: the warning says that it is not bound
        client._boundary.failed(error)  # noqa: SLF001


def _usable(shipped: object) -> str | None:
    """Return specs without what the package would refuse them for; None if they are none."""
    from json import dumps

    try:
        return dumps(checked.parsed(shipped))
    except checked.BadSpecsError:
        return None


def _bound(client: TelemetryClient, choices: Mapping[str, Any]) -> str | None:
    """Bind, and return what the host should know, if anything."""
    from . import statsig as binding

    choice = choices["bind_statsig"]
    active = binding.others()
    present = binding.current()
    ours = isinstance(present, binding.BoundServer)
    if active and (choice is not True or not (ours or binding.is_free(present))):
        return OUTSIDE
    if choice is False:
        return None
    if isinstance(present, binding.BoundServer) and not isinstance(present.outlet, Silent):
        return TAKEN if choice else None
    server = binding.BoundServer(_Outlet(client), client._life.setup.options.environment)  # noqa: SLF001
    _load(client, server, choices["statsig_specs"])
    if choices["statsig_specs_url"] is not None:
        _fetch(client, server, choices["statsig_specs_url"], choices["environ"])
    binding.install(server)
    client._life.attached.append(server.let_go)  # noqa: SLF001
    return OUTSIDE if active else None


def _load(client: TelemetryClient, server: BoundServer, shipped: object) -> None:
    """Answer from the specs that the application ships."""
    if shipped is None:
        return
    try:
        why = "" if server.load(checked.parsed(shipped), "BOOTSTRAP") == "used" else "cannot be read by its package"
    except checked.BadSpecsError as error:
        why = str(error)
    if why:
        _warn(client, f"statsig_specs {why}: gates answer their defaults")


def _fetch(client: TelemetryClient, server: BoundServer, url: object, environ: Mapping[str, str]) -> None:
    """Use what an earlier run has fetched, and have the sender fetch newer ones while metrics are on."""
    from ..runtime.recorder import specs_file, state_dir
    from .specs_download import Download

    try:
        endpoint = specs_endpoint(url, client.policy, environ)
    except RefusedError as error:
        _warn(client, f"{error.variable}: {error}: no specs are fetched")
        return
    setup = client._life.setup  # noqa: SLF001
    directory = state_dir(setup.options.base_dir, setup.options.app, setup.endpoints.identity)
    path = specs_file(directory, endpoint.url) if directory else None
    download = Download(endpoint, path, partial(_taken, server), most=checked.MAX_SPECS)
    download.read()
    if client.policy.metrics.enabled:
        client._life.open().specs = download  # noqa: SLF001
        _tell(client, endpoint)


def _taken(server: BoundServer, text: bytes, source: str) -> str:
    try:
        return server.load(checked.parsed(text), source)
    except checked.BadSpecsError:
        return "refused"


def _tell(client: TelemetryClient, endpoint: Endpoint) -> None:
    """Name the second host that metrics now speak to."""
    said = Reason(layer="host", source="start()", variable="statsig_specs_url", effect=f"fetches from {endpoint.host}")
    rows = (row.replace(reasons=(*row.reasons, said)) if row.name == "metrics" else row for row in client.policy.rows)
    client.policy = client.policy.replace(rows=tuple(rows))


def _warn(client: TelemetryClient, warning: str) -> None:
    client.policy = client.policy.replace(warnings=(*client.policy.warnings, warning))


class _Outlet:
    """A client as the binding sees it."""

    def __init__(self, client: TelemetryClient) -> None:
        self._client = client

    @property
    def put(self) -> Callable[[object, object, Mapping[str, object] | None], None] | None:
        """Return what appends a record; None while nothing is recorded. In strict mode it judges first."""
        put = self._client._put_event  # noqa: SLF001
        return put if put is None or not self._client._boundary.strict else self._strictly  # noqa: SLF001

    def flush(self, to: str) -> object:
        """Wait, at most the exit's time, until all is delivered or on disk."""
        life = self._client._life  # noqa: SLF001
        timeout = life.setup.options.exit_timeout
        return life.flushing(timeout, to).wait(timeout)

    def failed(self, error: BaseException) -> None:
        """Count a failure inside the vendor's code."""
        self._client._boundary.failed(error)  # noqa: SLF001

    def _strictly(self, event: object, value: object, metadata: Mapping[str, object] | None) -> None:
        if isinstance(event, Spoken):
            check(event, value, metadata)
        put = self._client._put_event  # noqa: SLF001
        if put is not None:
            put(event, value, metadata)
