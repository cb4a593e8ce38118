"""What an ending program hands over to a detached sender, and its form in the pipe.

Credentials go through the pipe only: never into an argument, the environment or a file.
"""

from __future__ import annotations

from telemetry_sdk._internal.frozen import Frozen
from telemetry_sdk._internal.version import VERSION
from telemetry_sdk.endpoints import json_form
from telemetry_sdk.policy.inputs import PolicyInputs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from telemetry_sdk.endpoints import Endpoint

NO_LOCK = -1
PIPE_LIMIT = 4_096  # bytes: so much fits into any pipe before anybody reads


PLAIN = ("path", "lock", "services", "revocations", "ledger_days", "retention_days")  # fields that JSON knows


class HandedDirectory(Frozen):
    """A state directory to send from. `lock`: which of the inherited descriptors is its locked `sender.lock`.

    `NO_LOCK`: the ending program's own request is still in flight, and holds the lock until the program is gone.
    `services`: those that were on; `revocations`: their numbers at the start of the program; `ledger_days`: how long
    entries are kept, `retention_days` the files of bug reports (None: undetermined).
    """

    path: str
    lock: int
    services: tuple[str, ...]
    revocations: Mapping[str, int]
    endpoints: Mapping[str, Endpoint]
    policy: PolicyInputs
    ledger_days: int
    retention_days: int | None


def encode(directories: Sequence[HandedDirectory], modules: Sequence[str]) -> bytes:
    """Return the bytes for the pipe. `modules`: the directories of this package and of what it needs."""
    from json import dumps
    from zlib import compress

    tables = [
        {
            **{name: getattr(one, name) for name in PLAIN},
            "endpoints": {service: json_form.to_json(endpoint) for service, endpoint in one.endpoints.items()},
            "policy": one.policy.to_json(),
        }
        for one in directories
    ]
    whole = {"version": VERSION, "modules": list(modules), "directories": tables}
    return compress(dumps(whole, separators=(",", ":")).encode())


def decode(directories: Sequence[dict[str, Any]]) -> list[HandedDirectory]:
    """Return what was handed over. Raises ValueError, TypeError or KeyError for anything else."""
    return [
        HandedDirectory(
            path=one["path"],
            lock=one["lock"],
            services=tuple(one["services"]),
            revocations=one["revocations"],
            endpoints={name: json_form.from_json(fields) for name, fields in one["endpoints"].items()},
            policy=PolicyInputs.from_json(one["policy"]),
            ledger_days=one["ledger_days"],
            retention_days=one["retention_days"],
        )
        for one in directories
    ]
