"""The table of exits: what differs between its cells, and what each promises."""

from __future__ import annotations

import itertools
from typing import NamedTuple

RECORDS = {"metrics": 20, "errors": 1}
AT_EXIT = ("detach", "wait", "leave")
SERVERS = ("well", "503", "refuses", "hangs", "resolver hangs", "slow")
DELIVERING = ("well", "slow")
CUT_OFF = ("SIGTERM", "os._exit")
ENDS = ("returns", "closes", "sys.exit", "exception", "SIGINT", *CUT_OFF)
LOOPS = ("synchronous", "asyncio", "trio")
PAUSES = {  # seconds between the last record and the end: the least and the most
    "at once": (0.0, 0.0),
    "0.3 s later": (0.3, 0.3),
    "first imports": (1.0, 1.3),  # the sender's thread begins
}
ON_DISK = {"metrics": 1.0, "errors": 0.05}  # seconds after which a record is on disk, without an exit


class Cell(NamedTuple):
    """One kind of exit. `pid_1`: as the first process of a container."""

    at_exit: str
    server: str
    end: str
    loop: str = "synchronous"
    moment: str = "at once"
    pid_1: bool = False

    def __str__(self) -> str:
        where = ("PID 1",) if self.pid_1 else ()
        return ", ".join((self.at_exit, self.server, self.end, self.loop, self.moment, *where))

    @property
    def recorded(self) -> dict[str, int]:
        """How many records one run makes, by service: an uncaught exception is one more."""
        return {**RECORDS, "errors": RECORDS["errors"] + (self.end == "exception")}

    @property
    def hands_over(self) -> bool:
        """Whether the exit starts a detached sender."""
        return self.at_exit == "detach" and not self.pid_1 and self.end not in CUT_OFF

    @property
    def delivers(self) -> bool:
        """Whether everything arrives within 10 s."""
        return self.hands_over and self.server in DELIVERING

    def pause(self, run: int, runs: int) -> float:
        """Return the seconds until the end of one of the runs, which are spread evenly."""
        least, most = PAUSES[self.moment]
        return least + (most - least) * (run + 0.5) / runs

    @property
    def may_double(self) -> bool:
        """Whether the end may come before the answer to a request that the server accepts."""
        return self.end in CUT_OFF or self.server == "slow"

    def may_lose(self, service: str, pause: float) -> bool:
        """Tell whether the end may come before a record is on disk."""
        return self.end in CUT_OFF and pause <= ON_DISK[service]


def small() -> list[Cell]:
    """Return the cells of the small size."""
    return [
        *(Cell("detach", "well", end) for end in ENDS),
        Cell("wait", "hangs", "returns", "trio"),
        Cell("leave", "503", "returns", "asyncio"),
        Cell("detach", "well", "SIGINT", "asyncio", "first imports"),
        Cell("detach", "well", "exception", pid_1=True),
    ]


def whole() -> list[Cell]:
    """Return all cells."""
    product = itertools.product
    return [
        *(Cell(*three) for three in product(AT_EXIT, SERVERS, ENDS)),
        *(Cell(*four) for four in product(AT_EXIT, ["well"], ENDS, LOOPS[1:])),
        *(Cell(*four) for four in product(["detach", "wait"], ["hangs"], ["returns"], LOOPS[1:])),
        *(Cell(*three, moment="first imports") for three in product(AT_EXIT, ["well"], ENDS)),
        *(Cell(*three, moment="first imports") for three in product(AT_EXIT, SERVERS[1:], ["returns"])),
        *(Cell("detach", "well", "returns", loop, "first imports") for loop in LOOPS[1:]),
        *(Cell(*three, moment="0.3 s later") for three in product(AT_EXIT, ["well"], CUT_OFF)),
        # Without SIGTERM: the kernel gives a first process no signal that it does not handle.
        *(Cell(*three, pid_1=True) for three in product(AT_EXIT, ["well"], ENDS) if three[2] != "SIGTERM"),
        *(Cell(*three, pid_1=True) for three in product(AT_EXIT, ["503", "hangs"], ["returns"])),
    ]


def without_extras() -> list[Cell]:
    """Return the cells that are measured again where neither trio nor rich is installed."""
    product = itertools.product
    return [
        *(Cell(*three) for three in product(AT_EXIT, ["well", "hangs"], ENDS)),
        *(Cell(*three, "asyncio") for three in product(AT_EXIT, ["well"], ENDS)),
        *(Cell(*three, moment="first imports") for three in product(AT_EXIT, ["well"], ["returns", "exception"])),
    ]
