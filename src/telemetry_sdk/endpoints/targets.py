"""From a layer's words to a target: the checked URL of the POST, the key, the header of a bug report."""

from __future__ import annotations

from telemetry_sdk._internal.frozen import Frozen
from telemetry_sdk.policy.profile import BUG_REPORTS, ERRORS, HOST, METRICS

from .layers import BUG_REPORT_TOKEN, BUG_REPORT_URL, SENTRY_DSN, STATSIG_KEY, STATSIG_URL
from .urls import URL, BadURLError, parse_endpoint
from .values import BearerToken, RefusedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeGuard

    from .layers import Voice

STATSIG_BASE = "https://events.statsigapi.net/v1"
"""Statsig's public base for client keys."""

KEY_LIMIT = 256
TOKEN_LIMIT = 4_096
_PROJECT_LIMIT = 20

_WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


class Target(Frozen):
    """Where and with what: `url` checked, `post` the full URL, the public `key` or a report's `auth`."""

    url: URL
    post: str
    key: str = ""
    auth: Callable[[], tuple[str, str]] | None = None


def metrics_target(voice: Voice) -> Target:
    """Return Statsig's target; raises `RefusedError`. Only a client key may be in the hands of users."""
    key = voice.values.get(STATSIG_KEY)
    if key is None:
        raise RefusedError(STATSIG_KEY, "no Statsig key from the layer that sets the URL")
    if isinstance(key, str) and key.startswith("secret-"):
        raise RefusedError(STATSIG_KEY, "a secret key of Statsig must never be in users' hands; use a client- key")
    if not _is_word(key) or not key.startswith("client-") or len(key) == len("client-"):
        raise RefusedError(STATSIG_KEY, "the Statsig key is not a client- key")
    url = _endpoint(STATSIG_URL, voice.values.get(STATSIG_URL, STATSIG_BASE))
    return Target(url=url, post=f"{url.origin}{url.path.rstrip('/')}/log_event", key=key)


def errors_target(voice: Voice) -> Target:
    """Return Sentry's target from a DSN, `scheme://key@host[:port][/path]/project`; raises `RefusedError`."""
    url = _endpoint(SENTRY_DSN, voice.values[SENTRY_DSN], userinfo=True)
    key, _, _ = (url.userinfo or "").partition(":")  # an old DSN's secret part is not used
    prefix, slash, project = url.path.rpartition("/")
    if not _is_word(key):
        raise RefusedError(SENTRY_DSN, "the DSN's key is empty or holds odd characters")
    if not slash or not project.isdigit() or len(project) > _PROJECT_LIMIT:
        raise RefusedError(SENTRY_DSN, "the DSN does not end in a project's number")
    return Target(url=url, post=f"{url.origin}{prefix}/api/{project}/envelope/", key=key)


def bug_reports_target(voice: Voice) -> Target:
    """Return the bug reports' target; raises `RefusedError`."""
    if BUG_REPORT_URL not in voice.values:
        raise RefusedError(BUG_REPORT_URL, "no URL from the layer that sets the credential")
    url = _endpoint(BUG_REPORT_URL, voice.values[BUG_REPORT_URL])
    return Target(url=url, post=f"{url.origin}{url.path or '/'}", auth=_auth(voice))


def specs_target(url: object) -> Target:
    """Return where Statsig's specs are fetched from; raises `RefusedError`. No key goes there."""
    found = _endpoint("statsig_specs_url", url)
    return Target(url=found, post=f"{found.origin}{found.path or '/'}")


TARGETS: Mapping[str, tuple[tuple[str, ...], Callable[[Voice], Target], str]] = {
    METRICS: ((STATSIG_KEY, STATSIG_URL), metrics_target, "no Statsig key is given"),
    ERRORS: ((SENTRY_DSN,), errors_target, "no DSN is given"),
    BUG_REPORTS: ((BUG_REPORT_URL, BUG_REPORT_TOKEN), bug_reports_target, "no URL is given"),
}
"""By service: its variables, how its target is made, and what is missing where nobody speaks."""


def _endpoint(variable: str, value: object, *, userinfo: bool = False) -> URL:
    try:
        return parse_endpoint(value, userinfo=userinfo)
    except BadURLError as error:
        raise RefusedError(variable, f"the {'DSN' if userinfo else 'URL'} {error}") from None


def _auth(voice: Voice) -> Callable[[], tuple[str, str]] | None:
    value = voice.values.get(BUG_REPORT_TOKEN)
    if value is None:
        return None
    if voice.layer == HOST:
        if not _is_header(value):
            raise RefusedError(BUG_REPORT_TOKEN, "it cannot be called")
        return value
    if not isinstance(value, str) or not value.isascii() or not value.isprintable() or " " in value:
        raise RefusedError(BUG_REPORT_TOKEN, "the token holds a blank, a control character or one that is not ASCII")
    if len(value) > TOKEN_LIMIT:
        raise RefusedError(BUG_REPORT_TOKEN, f"the token is longer than {TOKEN_LIMIT} characters")
    return BearerToken(token=value)


def _is_header(value: object) -> TypeGuard[Callable[[], tuple[str, str]]]:
    return callable(value)


def _is_word(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and 0 < len(value) <= KEY_LIMIT and _WORD.issuperset(value)
