"""Notes in the state directory how the vendors' packages are bound, for `telemetry-sdk status`."""

from __future__ import annotations

from .._internal.services import RECORDED
from ..storage.shared_state import BINDINGS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from .runtime import Runtime


def note_bindings(runtime: Runtime, found: Mapping[str, str]) -> None:
    """Note them where something was spooled, unless consent to all of it was withdrawn."""
    pipeline = runtime.pipeline.built
    spool = pipeline.spool.built if pipeline is not None else None
    if spool is None or spool.path is None or not runtime.policy.may_be_kept(*RECORDED):
        return
    if spool.state.read().get(BINDINGS, {}) != found:
        spool.state.change(lambda table: table.update({BINDINGS: dict(found)}))
