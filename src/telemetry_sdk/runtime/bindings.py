"""Notes in the state directory how the vendors' packages are bound, for `telemetry-sdk status`."""

from __future__ import annotations

from .._internal.services import RECORDED
from ..integrations.outside import store_bindings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from .runtime import Runtime


def note_bindings(runtime: Runtime, found: Mapping[str, str]) -> None:
    """Note them where something was spooled, unless consent to all of it was withdrawn."""
    pipeline = runtime.pipeline.built
    spool = pipeline.spool.built if pipeline is not None else None
    if spool is not None and spool.path is not None and runtime.policy.may_be_kept(*RECORDED):
        store_bindings(spool.state, found)
