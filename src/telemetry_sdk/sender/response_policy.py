"""What a response means for the records that were sent. Pure functions.

Sentry's own rule is to discard on 5xx, against retry storms. A floor of 60 s, jitter and five tries keep both the
intent and the errors.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from telemetry_sdk.exceptions import NetworkFailure
from telemetry_sdk.losses import TOO_LARGE, LossReason, server_refused

from .rate_limits import DAY, MINUTE, rate_limits, retry_after
from .results import describe_result

if TYPE_CHECKING:
    from collections.abc import Mapping

    from telemetry_sdk.egress.response import Response

    from .rate_limits import Rand

Vendor: TypeAlias = Literal["sentry", "statsig"]
Action: TypeAlias = Literal["done", "keep", "mute", "drop", "halve"]
_ACTIONS = {"done": "delivered", "keep": "kept", "mute": "kept", "drop": "dropped", "halve": "sent again in two parts"}

TRIES = 5  # of one segment, after 408 and 5xx

_UNAUTHORIZED, _FORBIDDEN, _TIMEOUT, _TOO_LARGE, _TOO_MANY = 401, 403, 408, 413, 429
# A refusal by the vendor itself holds one of these keys; a proxy's JSON seldom does.
_VENDOR_KEYS = {"sentry": ("detail", "errorType"), "statsig": ("success", "error", "message", "statusCode")}


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do with the records, and how long this vendor asked not to be asked (`delay`, seconds).

    done: delivered. keep: try again. mute: keep them, the vendor refuses the key. drop: lost for `reason`. halve:
    send them in two parts.
    `why`: a word for `status`. `failed`: counts towards opening the circuit. `tried`: counts as one of five tries, of
    which the last drops for `reason`. `limits`: Sentry's rate limits, seconds by category. `status`: the vendor's, 0 if
    a proxy, a portal or nobody answered.
    """

    action: Action
    why: str
    reason: LossReason | None = None
    delay: float = 0.0
    failed: bool = False
    tried: bool = False
    limits: Mapping[str, float] = field(default_factory=dict[str, float])
    status: int = field(default=0, compare=False)

    @property
    def result(self) -> str:
        """The vendor's HTTP status, else one word, for the shared health."""
        return str(self.status) if self.status else self.why

    def describe(self, host: str, count: int, wait: float) -> str:
        """Return what happened to `count` records, as a line for debugging. `wait`: seconds to the next request."""
        then = f"; no request for {wait:.0f} s" if wait else ""
        return f"{describe_result(self.result, host)}: {count} records {_ACTIONS[self.action]}{then}"


def decide(vendor: Vendor, response: Response | NetworkFailure, *, single: bool, now: float, rand: Rand) -> Decision:
    """Decide on a response.

    `single`: the batch cannot be halved. `now`: wall time, seconds since the epoch.
    """
    if isinstance(response, NetworkFailure):
        return Decision("keep", str(response), failed=True)
    limits = rate_limits(response.headers.get("x-sentry-rate-limits", ""), rand) if vendor == "sentry" else {}
    if foreign := _foreign(vendor, response):
        decision = Decision("keep", foreign, failed=True)
    elif response.status == _TOO_MANY:
        covered = "" in limits or "error" in limits
        decision = Decision("keep", "rate_limited", delay=0.0 if covered else _limited(response, now, rand))
    elif response.status == _TIMEOUT or response.status >= 500:  # noqa: PLR2004 - HTTP's server errors
        reason = server_refused(response.status)
        decision = Decision("keep", reason, reason, delay=_asked(response, now, rand), failed=True, tried=True)
    else:
        decision = _final(vendor, response.status, single=single)
    return replace(decision, limits=limits, status=0 if foreign else response.status)


def _final(vendor: Vendor, status: int, *, single: bool) -> Decision:
    """Decide on the responses that settle the records, and on a refused key."""
    if status in {_UNAUTHORIZED, _FORBIDDEN}:
        return Decision("mute", "refused", delay=DAY)
    if status == _TOO_LARGE:
        return Decision("halve" if vendor == "statsig" and not single else "drop", TOO_LARGE, TOO_LARGE)
    if status >= 400:  # noqa: PLR2004 - HTTP's client errors
        reason = server_refused(status)
        return Decision("drop", reason, reason)
    return Decision("done", "delivered")


def _foreign(vendor: Vendor, response: Response) -> str:
    """Return a word for a response that a proxy or portal gave; "" for the vendor's own."""
    status = response.status
    if status in {_UNAUTHORIZED, _FORBIDDEN}:
        body = response.json() or {}
        return "" if any(key in body for key in _VENDOR_KEYS[vendor]) else "proxy_refused"
    match status // 100:
        case 2:
            return "captive_portal" if response.is_html else ""
        case 4 | 5:
            return ""
        case 3:
            return "redirect"
        case _:
            return "protocol"


def _asked(response: Response, now: float, rand: Rand) -> float:
    """Return the seconds that the server asks to wait."""
    return retry_after(response.headers, now=now, rand=rand) or 0.0


def _limited(response: Response, now: float, rand: Rand) -> float:
    """Return the seconds to wait after a 429: at least a minute and a bit, and what the server asks for."""
    return max(MINUTE + rand() * MINUTE, _asked(response, now, rand))
