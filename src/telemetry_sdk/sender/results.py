"""The results of requests (an HTTP status, or one word): as sentences, and as the shared state keeps them.

The state has the last result of each service, the last success and the failures since. It is written when the result
changes, at a failure (back-off bounds these), for records that are refused in a row once in ten seconds, and else once
in ten minutes: the times are exact to that.
"""

from __future__ import annotations

import time

from telemetry_sdk._internal.json_values import table
from telemetry_sdk._internal.shapes import NAME_LIMIT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from telemetry_sdk.storage.shared_state import SharedState

KEY = "health"
REFRESH = 600.0  # seconds between two writes of the same success
REFUSED = 10.0  # seconds between two writes of the same refusal of records, which no back-off follows
KINDS = 8  # kinds of failure that are counted for a service
LONGEST_HOST = 253  # characters of a host's name (RFC 1035)
SUCCESS = range(200, 300)
# result -> (what happened, what to do); {host} is the destination
_WORDS = {
    "dns": ("the name {host} was not resolved", "is the network up, and the name right?"),
    "connection_refused": ("{host}, or the proxy on the way to it, refused the connection", "does it listen there?"),
    "connect": ("no connection to {host}", "does a firewall or a proxy stand between?"),
    "timeout": ("no answer from {host} in time", "does a firewall or a proxy stand between?"),
    "proxy": ("the proxy on the way to {host} failed", "is HTTPS_PROXY right?"),
    "proxy_login": (
        "407 from the proxy on the way to {host}: no valid login",
        "is HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT right? NTLM and Kerberos are not supported",
    ),
    "proxy_refused": (
        "the request to {host} was refused, not in the vendor's words: by a proxy, or a server in its place",
        "does the proxy allow the host, and is the key right?",
    ),
    "captive_portal": ("a page answered instead of {host}", "does the network ask for a login?"),
    "redirect": ("{host} redirects", "is the address right? Redirects are not followed"),
    "issuer": (
        "the issuer of the certificate of {host}, or of the proxy on the way to it, is not known here",
        "SSL_CERT_FILE or NODE_EXTRA_CA_CERTS names it; REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE are not read",
    ),
    "certificate": ("the certificate of {host} is not valid", "are the name and this machine's clock right?"),
    "tls": ("TLS with {host} failed", "are the certificate files readable, and does the server take TLS 1.2?"),
    "closed": ("{host} closed the connection", "does a firewall or a proxy stand between?"),
    "protocol": ("the answer of {host} is not HTTP", "is the address right?"),
    "refused": ("nothing was sent to {host}", "is it https, and the development receiver the one that was named?"),
    "cancelled": ("the request to {host} was cancelled", ""),
    "failed": ("the request to {host} failed", ""),
}
_SHORT = {
    "dns": "name not resolved",
    "connection_refused": "connection refused",
    "connect": "no connection",
    "timeout": "no answer in time",
    "proxy": "the proxy failed",
    "proxy_login": "407 from the proxy",
    "proxy_refused": "refused on the way",
    "captive_portal": "a page answered",
    "issuer": "unknown issuer",
    "certificate": "invalid certificate",
    "tls": "TLS failed",
    "closed": "connection closed",
    "protocol": "no HTTP",
    "refused": "not sent: no permitted address",
}
_STATUSES = {
    "401": "is the key right?",
    "403": "is the key right?",
    "404": "is the address right?",
    "413": "too large",
    "429": "the server asks to wait",
}


def is_success(result: str) -> bool:
    """Tell whether a result is an HTTP status of success."""
    return result.isdecimal() and len(result) == len("200") and int(result) in SUCCESS


def describe_result(result: str, host: str) -> str:
    """Return a result as a sentence: "401 from events.example (is the key right?)"."""
    host = host or "the server"
    if result.isdecimal():
        what, mend = f"{result} from {host}", _STATUSES.get(result, "")
    else:
        what, mend = _WORDS.get(result, (f"{result} at {{host}}", ""))
    return what.replace("{host}", host) + (f" ({mend})" if mend else "")


def short_result(result: str) -> str:
    """Return a result in few words, for a table: an HTTP status, "not resolved"."""
    return _SHORT.get(result, result)


def is_due(shared: object, result: str, now: float) -> bool:
    """Tell whether a result is to be written over what the state has of a service. `now`: seconds since the epoch."""
    known, apart = table(shared), REFRESH if is_success(result) else REFUSED
    return known.get("result") != result or not 0 <= now - number(known, "time") < apart


def noted(shared: object, result: str, host: str, now: float, times: int = 1) -> dict[str, Any]:
    """Return what the state has of a service, with one more result: HTTP status or one word, `times` in a row."""
    known = {"result": result, "host": host, "time": now}
    if is_success(result):
        return known | {"success": now}
    failures = failures_of(shared)
    if result in failures or len(failures) < KINDS:
        failures[result] = failures.get(result, 0) + times
    before = number(table(shared), "success")
    return known | {"failures": failures} | ({"success": before} if before else {})


def note_result(state: SharedState, service: str, result: str, host: str) -> None:
    """Write a result of a service that has no back-off: of a bug report."""

    def edit(shared: dict[str, Any]) -> None:
        known = table(shared.get(KEY))
        shared[KEY] = {**known, service: noted(known.get(service), result, host, time.time())}

    state.change(edit)


def failures_of(shared: object) -> dict[str, int]:
    """Return the failures since the last success, by kind."""
    found = table(table(shared).get("failures")).items()
    return {kind[:NAME_LIMIT]: count for kind, count in found if type(count) is int and count > 0}


def text(known: Mapping[str, Any], name: str) -> str:
    """Return a text of the state; "" for whatever else a file may hold."""
    value = known.get(name)
    return value[:LONGEST_HOST] if isinstance(value, str) else ""


def number(known: Mapping[str, Any], name: str) -> float:
    """Return a positive number of the state; 0 for whatever else a file may hold."""
    value = known.get(name)
    return float(value) if isinstance(value, int | float) and 0 < value < 1 << 53 else 0.0
