"""Builds the target of a service from the values of one layer: the URL of the POST and the credential."""

from __future__ import annotations

from telemetry_sdk._internal.frozen import Frozen
from telemetry_sdk._internal.services import BUG_REPORTS, ERRORS, METRICS
from telemetry_sdk.policy.layers import HOST

from .sources import BUG_REPORT_TOKEN, BUG_REPORT_URL, SENTRY_DSN, STATSIG_KEY, STATSIG_URL
from .urls import URL, BadURLError, parse_endpoint
from .values import BearerToken, RefusedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeGuard

    from .sources import EndpointSource

STATSIG_BASE = "https://events.statsigapi.net/v1"
"""Statsig's public base for client keys."""

KEY_LIMIT = 256
TOKEN_LIMIT = 4_096
_PROJECT_LIMIT = 20  # digits

_WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


class Target(Frozen):
    """A destination: the checked `url`, the full URL to `post` to, and the public `key` or a bug report's `auth`."""

    url: URL
    post: str
    key: str = ""
    auth: Callable[[], tuple[str, str]] | None = None


def metrics_target(source: EndpointSource) -> Target:
    """Return Statsig's target; raises `RefusedError`. Only a client key may be shipped to users."""
    key = source.values.get(STATSIG_KEY)
    if key is None:
        raise RefusedError(STATSIG_KEY, "no Statsig key in the layer that sets the URL")
    if isinstance(key, str) and key.startswith("secret-"):
        raise RefusedError(STATSIG_KEY, "a secret key of Statsig must not be shipped to users; use a client- key")
    if not _is_word(key) or not key.startswith("client-") or len(key) == len("client-"):
        raise RefusedError(STATSIG_KEY, "the Statsig key is not a client- key")
    url = _endpoint(STATSIG_URL, source.values.get(STATSIG_URL, STATSIG_BASE))
    return Target(url=url, post=f"{url.origin}{url.path.rstrip('/')}/log_event", key=key)


def errors_target(source: EndpointSource) -> Target:
    """Return Sentry's target from a DSN, `scheme://key@host[:port][/path]/project`; raises `RefusedError`."""
    url = _endpoint(SENTRY_DSN, source.values[SENTRY_DSN], userinfo=True)
    key, _, _ = (url.userinfo or "").partition(":")  # the secret of an old DSN is not used
    prefix, slash, project = url.path.rpartition("/")
    if not _is_word(key):
        raise RefusedError(SENTRY_DSN, "the DSN's key is empty or has a character other than a-z, A-Z, 0-9, - and _")
    if not slash or not project.isdigit() or len(project) > _PROJECT_LIMIT:
        raise RefusedError(SENTRY_DSN, "the DSN does not end in a project number")
    return Target(url=url, post=f"{url.origin}{prefix}/api/{project}/envelope/", key=key)


def bug_reports_target(source: EndpointSource) -> Target:
    """Return the bug reports' target; raises `RefusedError`."""
    if BUG_REPORT_URL not in source.values:
        raise RefusedError(BUG_REPORT_URL, "no URL in the layer that sets the credential")
    url = _endpoint(BUG_REPORT_URL, source.values[BUG_REPORT_URL])
    return Target(url=url, post=f"{url.origin}{url.path or '/'}", auth=_auth(source))


def specs_target(url: object) -> Target:
    """Return where Statsig's specs are fetched from; raises `RefusedError`. No key is sent there."""
    found = _endpoint("statsig_specs_url", url)
    return Target(url=found, post=f"{found.origin}{found.path or '/'}")


TARGETS: Mapping[str, tuple[tuple[str, ...], Callable[[EndpointSource], Target], str]] = {
    METRICS: ((STATSIG_KEY, STATSIG_URL), metrics_target, "no Statsig key is given"),
    ERRORS: ((SENTRY_DSN,), errors_target, "no DSN is given"),
    BUG_REPORTS: ((BUG_REPORT_URL, BUG_REPORT_TOKEN), bug_reports_target, "no URL is given"),
}
"""By service: its variables, the function that builds its target, and the reason where no layer sets it."""


def _endpoint(variable: str, value: object, *, userinfo: bool = False) -> URL:
    try:
        return parse_endpoint(value, userinfo=userinfo)
    except BadURLError as error:
        raise RefusedError(variable, f"the {'DSN' if userinfo else 'URL'} {error}") from None


def _auth(source: EndpointSource) -> Callable[[], tuple[str, str]] | None:
    value = source.values.get(BUG_REPORT_TOKEN)
    if value is None:
        return None
    if source.layer == HOST:
        if not _is_header(value):
            raise RefusedError(BUG_REPORT_TOKEN, "it is not callable")
        return value
    if not isinstance(value, str) or not value.isascii() or not value.isprintable() or " " in value:
        raise RefusedError(BUG_REPORT_TOKEN, "the token has a space, a control or a non-ASCII character")
    if len(value) > TOKEN_LIMIT:
        raise RefusedError(BUG_REPORT_TOKEN, f"the token is longer than {TOKEN_LIMIT} characters")
    return BearerToken(token=value)


def _is_header(value: object) -> TypeGuard[Callable[[], tuple[str, str]]]:
    return callable(value)


def _is_word(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and 0 < len(value) <= KEY_LIMIT and _WORD.issuperset(value)
