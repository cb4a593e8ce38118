"""Whether the vendors' own packages are bound: what the host says, what it has imported, what the policy allows.

A client of theirs that is active with a network of its own is outside of the policy: named, and an error in strict
mode.
"""

from __future__ import annotations

import sys
from functools import partial

from ..capture.hooks import CRASH
from ..exceptions import TelemetryError
from .outside import SENTRY, STATSIG, outside

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from ..client import TelemetryClient


def attach(client: TelemetryClient, choices: Mapping[str, Any]) -> None:
    """Bind what is to be bound. `choices`: those of `start()` about bindings.

    A package that the application has not imported is not imported for it, unless it says so. Raises
    `TelemetryError` in strict mode where another client is active.
    """
    if choices["bind_statsig"] or STATSIG in sys.modules:  # where it is not bound it is looked at
        _statsig(client, choices)
    others = SENTRY in outside()
    if _wanted(choices["bind_sentry"], SENTRY) and not others and client.policy.errors.enabled:
        _bound(client, SENTRY, partial(_sentry, client, choices["bind_sentry"] is True))
    if others:
        _tell(client, f"a client of {SENTRY} is active, outside of this policy")


def _bound(client: TelemetryClient, package: str, bind: Callable[[], None]) -> None:
    """Bind a package; whatever that raises, the client lives on without it."""
    try:
        bind()
    except Exception as error:
        client._boundary.failed(error)  # noqa: SLF001 - this module builds the client's surroundings
        _tell(client, f"{package} could not be bound: {type(error).__name__}")


def _wanted(choice: object, package: str) -> bool:
    return choice is True or (choice is None and package in sys.modules)


def _tell(client: TelemetryClient, warning: str) -> None:
    client.policy = client.policy.replace(warnings=(*client.policy.warnings, warning))
    if client._boundary.strict:  # noqa: SLF001
        raise TelemetryError(warning)


def _statsig(client: TelemetryClient, choices: Mapping[str, Any]) -> None:
    from .statsig_binding import bind

    bind(client, choices)


def _sentry(client: TelemetryClient, named: bool) -> None:
    from .sentry import Binding, is_taken

    life = client._life  # noqa: SLF001
    options, endpoint = life.setup.options, life.setup.endpoints.errors
    if endpoint is None:
        return
    if is_taken():  # the first client's, as the hooks are
        if named:
            _tell(client, f"{SENTRY} is bound to another client of this process")
        return
    base, _, project = endpoint.url.removesuffix("/envelope/").rpartition("/api/")
    scheme, _, rest = base.partition("://")
    binding = Binding(
        _WayOut(client),
        dsn=f"{scheme}://{endpoint.key}@{rest}/{project}",
        release=options.release,
        environment=options.environment,
    )
    life.attached.append(binding.close)
    life.errors_off = binding.close
    if life.uncaught is not None:
        life.uncaught.bound = binding.capture


class _WayOut:
    """A client as a binding sees it."""

    def __init__(self, client: TelemetryClient) -> None:
        self._client = client

    def put(self, item_type: str, payload: dict[str, Any]) -> None:
        """Append an item to the queue; nothing where errors are off."""
        from ..sanitizer.inputs import Item

        put = self._client._put_error  # noqa: SLF001
        if put is not None:
            put(Item(item_type, payload), payload.get("level") == CRASH)

    def flush(self, timeout: float) -> bool:
        """Wait at most `timeout` seconds until all is delivered."""
        return self._client.flush_sync(timeout)

    def captured_before(self, error: BaseException) -> bool:
        """Mark an exception as captured; tell whether it was already."""
        from ..capture.snapshot import mark

        return mark(error)

    def failed(self, error: BaseException) -> None:
        """Count a failure."""
        self._client._boundary.failed(error)  # noqa: SLF001
