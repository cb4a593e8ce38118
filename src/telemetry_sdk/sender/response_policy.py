"""What an answer means for the payload that was sent. Pure functions.

Sentry's own rule is to discard on 5xx, against retry storms: a floor of 60 s, full jitter and five tries keep
that intent, and the errors as well.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from telemetry_sdk.exceptions import NetworkFailure

from .rate_limits import DAY, MINUTE, Rand, rate_limits, retry_after

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..egress.response import Answer

Vendor: TypeAlias = Literal["sentry", "statsig"]
Action: TypeAlias = Literal["done", "keep", "drop", "halve", "circuit"]

TRIES = 5  # of one payload, after 408 and 5xx
BASE, CAP = 5.0, 300.0  # seconds of back-off

_UNAUTHORIZED, _FORBIDDEN, _TIMEOUT, _TOO_LARGE, _TOO_MANY = 401, 403, 408, 413, 429
# A refusal of the vendor's own holds one of these; a proxy's JSON seldom does.
_SIGNS = {"sentry": ("detail", "errorType"), "statsig": ("success", "error", "message", "statusCode")}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do with a payload, why (a word to count under), and how long not to ask this vendor (seconds).

    done: delivered. keep: try again. drop: lost, count it under `reason`. halve: send it in two parts.
    circuit: keep it, the vendor refuses us. `failed`: counts towards opening the circuit. `limits`: Sentry's
    rate limits, seconds by category.
    """

    action: Action
    reason: str
    delay: float = 0.0
    failed: bool = False
    limits: Mapping[str, float] = field(default_factory=dict[str, float])


def verdict(
    vendor: Vendor,
    answer: Answer | NetworkFailure,
    *,
    single: bool,
    now: float,
    rand: Rand,
    tries: int = 1,
    failures: int = 0,
) -> Verdict:
    """Judge an answer.

    `single`: the batch cannot be halved. `now`: wall time, seconds since the epoch. `tries`: how often this
    payload was sent, this time included. `failures`: this vendor's in a row before this one.
    """
    if isinstance(answer, NetworkFailure):
        return Verdict("keep", str(answer), backoff(failures, rand), failed=True)
    limits = rate_limits(answer.headers.get("x-sentry-rate-limits", ""), rand) if vendor == "sentry" else {}
    if foreign := _foreign(vendor, answer):
        judged = Verdict("keep", foreign, backoff(failures, rand), failed=True)
    elif answer.status == _TOO_MANY:
        covered = "" in limits or "error" in limits
        judged = Verdict("keep", "rate_limited", 0.0 if covered else _told(answer, now, rand))
    elif answer.status == _TIMEOUT or answer.status >= 500:  # noqa: PLR2004 - HTTP's server errors
        action: Action = "keep" if tries < TRIES else "drop"
        judged = Verdict(action, f"status_{answer.status}", _told(answer, now, rand), failed=True)
    else:
        judged = _settled(vendor, answer.status, single=single)
    return replace(judged, limits=limits)


def backoff(attempt: int, rand: Rand) -> float:
    """Full jitter: seconds, evenly between 0 and 5 x 2^attempt, at most 300."""
    return rand() * min(CAP, BASE * 2.0 ** min(max(attempt, 0), 10))


def _settled(vendor: Vendor, status: int, *, single: bool) -> Verdict:
    """Judge the answers that settle the payload."""
    if status in {_UNAUTHORIZED, _FORBIDDEN}:
        return Verdict("circuit", "refused", DAY)
    if status == _TOO_LARGE:
        return Verdict("halve" if vendor == "statsig" and not single else "drop", "too_large")
    if status >= 400:  # noqa: PLR2004 - HTTP's client errors
        return Verdict("drop", f"status_{status}")
    return Verdict("done", "delivered")


def _foreign(vendor: Vendor, answer: Answer) -> str:
    """Return a word for an answer that somebody on the way gave, not the vendor; "" for the vendor's own."""
    status = answer.status
    if status in {_UNAUTHORIZED, _FORBIDDEN}:
        said = answer.json() or {}
        return "" if any(sign in said for sign in _SIGNS[vendor]) else "proxy_refused"
    match status // 100:
        case 2:
            return "captive_portal" if answer.is_html else ""
        case 4 | 5:
            return ""
        case _:
            return "redirect" if status // 100 == 3 else "protocol"  # noqa: PLR2004 - HTTP's redirects


def _told(answer: Answer, now: float, rand: Rand) -> float:
    """Seconds to wait: at least a minute and a bit, and what the server says."""
    floor = MINUTE + rand() * MINUTE
    return max(floor, retry_after(answer.headers, now=now, rand=rand) or 0.0)
