"""Statsig's own package bound to a client: whether it is, what it records into, which specs its gates answer from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .bindings import specs as checked
from .bindings.outlet import Silent
from .errors import TelemetryError
from .privacy.metrics import Spoken, check

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .bindings.statsig import BoundServer
    from .client import TelemetryClient

OUTSIDE = "statsig: a client that the application made itself is active with its own network, outside this policy"
TAKEN = "statsig is bound to another client of this process"


def bind(client: TelemetryClient, choices: Mapping[str, Any]) -> None:
    """Put ours behind the package's functions, whether metrics are on or off: gates are no telemetry.

    Whatever is in the way is named in `client.policy.warnings`. Raises `TelemetryError` in strict mode for a
    client of the package that sends around the policy (not where the host chose `bind_statsig=False`).
    """
    choice = choices["bind_statsig"]
    try:
        problem = _bound(client, choice, choices["statsig_specs"])
    except Exception as error:  # a version of the package whose inside is another one
        client._boundary.failed(error)  # noqa: SLF001 - this module is the client's own hand
        problem = f"statsig is not bound: {type(error).__name__} inside its package"
    if problem:
        _warn(client, problem)
    if problem == OUTSIDE and choice is not False and client._boundary.strict:  # noqa: SLF001
        raise TelemetryError(OUTSIDE)


def _bound(client: TelemetryClient, choice: bool | None, shipped: object) -> str | None:
    """Bind, and return what the host should know, if anything."""
    from .bindings import statsig as binding

    active = binding.others()
    present = binding.current()
    ours = isinstance(present, binding.BoundServer)
    if active and (choice is not True or not (ours or binding.is_free(present))):
        return OUTSIDE
    if choice is False:
        return None
    if isinstance(present, binding.BoundServer) and not isinstance(present.outlet, Silent):
        return TAKEN
    server = binding.BoundServer(_Outlet(client), client._life.setup.options.environment)  # noqa: SLF001
    _load(client, server, shipped)
    binding.install(server)
    client._life.attached.append(server.let_go)  # noqa: SLF001
    return OUTSIDE if active else None


def _load(client: TelemetryClient, server: BoundServer, shipped: object) -> None:
    if shipped is None:
        return
    try:
        well, why = server.load(checked.parsed(shipped), "BOOTSTRAP"), "cannot be read by its package"
    except checked.BadSpecsError as error:
        well, why = False, str(error)
    if not well:
        _warn(client, f"statsig_specs {why}: gates answer their defaults")


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
