"""The endpoint of each service: URL and credential, from the highest layer that sets any of them.

Endpoint and credential come from one layer, so that a URL of one layer never receives the key of another.
"""

from __future__ import annotations

from telemetry_sdk._internal.frozen import Frozen
from telemetry_sdk._internal.layers import ENVIRONMENT, HOST, HOST_SOURCE, MANAGED, USER
from telemetry_sdk._internal.services import BUG_REPORTS, ERRORS, METRICS

from .urls import URL, BadURLError, RefusedError, parse_endpoint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeGuard

    from telemetry_sdk.policy import Policy

    from .certificates import ClientCertificate
    from .proxies import Proxy

STATSIG_KEY = "TELEMETRY_SDK_STATSIG_KEY"
STATSIG_URL = "TELEMETRY_SDK_STATSIG_URL"
SENTRY_DSN = "TELEMETRY_SDK_SENTRY_DSN"
BUG_REPORT_URL = "TELEMETRY_SDK_BUG_REPORT_URL"
BUG_REPORT_TOKEN = "TELEMETRY_SDK_BUG_REPORT_TOKEN"  # noqa: S105 - the name of a variable
VARIABLES = (STATSIG_KEY, STATSIG_URL, SENTRY_DSN, BUG_REPORT_URL, BUG_REPORT_TOKEN)

ARGUMENTS = {
    STATSIG_KEY: "statsig_key",
    STATSIG_URL: "statsig_url",
    SENTRY_DSN: "sentry_dsn",
    BUG_REPORT_URL: "bug_report_url",
    BUG_REPORT_TOKEN: "bug_report_auth",
}
"""The argument of `start()` for each variable."""

STATSIG_BASE = "https://events.statsigapi.net/v1"
"""Statsig's public base for client keys."""

KEY_LIMIT = 256
TOKEN_LIMIT = 4_096
_PROJECT_LIMIT = 20  # digits

_WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


class EndpointSource(Frozen):
    """The values of one layer, by variable."""

    layer: str
    source: str
    values: Mapping[str, object]

    def name_of(self, variable: str) -> str:
        """Return the variable's name in this layer: the argument's name for the host."""
        return ARGUMENTS[variable] if self.layer == HOST else variable

    def __repr__(self) -> str:
        return f"telemetry_sdk.EndpointSource(layer={self.layer!r}, names={sorted(self.values)!r})"


def endpoint_sources(policy: Policy, environ: Mapping[str, object], host: Mapping[str, object]) -> list[EndpointSource]:
    """Return the trusted layers, highest first.

    "" or null in a settings file cancels the variable of lower layers, except the host's code.
    """
    cancelled: set[str] = set()
    managed = _settings(policy, MANAGED, cancelled)
    arguments = {name: stripped(value) for name, value in host.items() if value is not None}
    user = _settings(policy, USER, cancelled)
    process = {
        name: stripped(environ[name]) for name in VARIABLES if name not in cancelled and not _blank(environ.get(name))
    }
    return [
        managed,
        EndpointSource(layer=HOST, source=HOST_SOURCE, values=arguments),
        user,
        EndpointSource(layer=ENVIRONMENT, source="process environment", values=process),
    ]


def _settings(policy: Policy, layer: str, cancelled: set[str]) -> EndpointSource:
    """Return the values of a settings layer; add the variables that it cancels to `cancelled`."""
    above = frozenset(cancelled)
    values: dict[str, object] = {}
    source = layer
    for setting in policy.settings:
        if setting.layer == layer and setting.name in VARIABLES and setting.name not in above:
            source = setting.source
            if _blank(setting.value):
                cancelled.add(setting.name)
                values.pop(setting.name, None)
            else:
                values[setting.name] = stripped(setting.value)
    return EndpointSource(layer=layer, source=source, values=values)


def stripped(value: object) -> object:
    """Return a text without the blanks around it: people paste keys and URLs with them."""
    return value.strip(" \t\r\n") if isinstance(value, str) else value


def _blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def select_source(
    sources: list[EndpointSource], service: str, variables: tuple[str, ...]
) -> tuple[EndpointSource | None, list[str]]:
    """Return the layer that sets a service's endpoint, and warnings about values of lower layers."""
    setting = [source for source in sources if any(name in source.values for name in variables)]
    if not setting:
        return None, []
    first, *lower = setting
    warnings = [
        f"{name} in {source.layer} ({source.source}) is ignored: {first.layer} ({first.source}) sets the endpoint of "
        f"{service}, and endpoint and credential must come from one layer"
        for source in lower
        for name in variables
        if name in source.values
    ]
    return first, warnings


class BearerToken(Frozen):
    """The header for a bug-report token; like the host's own `bug_report_auth`, called when sending only."""

    token: str

    def __call__(self) -> tuple[str, str]:
        """Return the header's name and value."""
        return "Authorization", f"Bearer {self.token}"

    def __repr__(self) -> str:
        return "telemetry_sdk.BearerToken(<hidden>)"


class Endpoint(Frozen):
    """The destination of one service, and its credential.

    `url` is the whole URL of the POST, rebuilt from validated parts; `host` is lower-case, without brackets or
    port. `key` is Statsig's client key or Sentry's public key, "" for bug reports; `auth` is for bug reports
    only. `loopback`: the host is 127.0.0.0/8, ::1 or `localhost`; egress resolves `localhost` to those and to
    nothing else. `layer` set it: "managed settings", "host", "user settings" or "environment" (where the
    URL is the default, the layer of the credential). `ca_file` and `ca_dir` together replace the system's certificates,
    `extra_ca_file` adds to them; the paths are as given, not opened. `client_certificate`: offered to this host.
    `receiver_token`: of a development receiver, which must prove that it knows it, "" for every other endpoint.
    """

    service: str
    url: str
    host: str
    port: int
    layer: str
    key: str = ""
    auth: Callable[[], tuple[str, str]] | None = None
    loopback: bool = False
    proxy: Proxy | None = None
    ca_file: str | None = None
    ca_dir: str | None = None
    extra_ca_file: str | None = None
    client_certificate: ClientCertificate | None = None
    receiver_token: str = ""

    def __repr__(self) -> str:
        return f"telemetry_sdk.Endpoint(service={self.service!r}, url={self.url!r}, layer={self.layer!r})"


class Endpoints(Frozen):
    """The endpoints of the services that are on; None where a service is off.

    `identity` is a stable text of all configured URLs and public keys, of services that are off too (so that
    the state directory of a service that was just turned off is found). It holds no token.
    """

    identity: str
    metrics: Endpoint | None = None
    errors: Endpoint | None = None
    bug_reports: Endpoint | None = None

    def __repr__(self) -> str:
        found = ", ".join(f"{name}={getattr(self, name)!r}" for name in ("metrics", "errors", "bug_reports"))
        return f"telemetry_sdk.Endpoints({found})"


def metrics_endpoint(source: EndpointSource) -> Endpoint:
    """Return Statsig's endpoint; raises `RefusedError`. Only a client key may be shipped to users."""
    key = source.values.get(STATSIG_KEY)
    if key is None:
        raise RefusedError(STATSIG_KEY, "no Statsig key in the layer that sets the URL")
    if isinstance(key, str) and key.startswith("secret-"):
        raise RefusedError(STATSIG_KEY, "a secret key of Statsig must not be shipped to users; use a client- key")
    if not _is_word(key) or not key.startswith("client-") or len(key) == len("client-"):
        raise RefusedError(STATSIG_KEY, "the Statsig key is not a client- key")
    url = _url(STATSIG_URL, source.values.get(STATSIG_URL, STATSIG_BASE))
    return _endpoint(METRICS, source.layer, url, f"{url.path.rstrip('/')}/log_event", key=key)


def errors_endpoint(source: EndpointSource) -> Endpoint:
    """Return Sentry's endpoint from a DSN, `scheme://key@host[:port][/path]/project`; raises `RefusedError`."""
    url = _url(SENTRY_DSN, source.values[SENTRY_DSN], userinfo=True)
    key, _, _ = (url.userinfo or "").partition(":")  # the secret of an old DSN is not used
    prefix, slash, project = url.path.rpartition("/")
    if not _is_word(key):
        raise RefusedError(SENTRY_DSN, "the DSN's key is empty or has a character other than a-z, A-Z, 0-9, - and _")
    if not slash or not project.isdigit() or len(project) > _PROJECT_LIMIT:
        raise RefusedError(SENTRY_DSN, "the DSN does not end in a project number")
    return _endpoint(ERRORS, source.layer, url, f"{prefix}/api/{project}/envelope/", key=key)


def bug_reports_endpoint(source: EndpointSource) -> Endpoint:
    """Return the bug reports' endpoint; raises `RefusedError`."""
    if BUG_REPORT_URL not in source.values:
        raise RefusedError(BUG_REPORT_URL, "no URL in the layer that sets the credential")
    url = _url(BUG_REPORT_URL, source.values[BUG_REPORT_URL])
    return _endpoint(BUG_REPORTS, source.layer, url, url.path or "/", auth=_auth(source))


def specs_source(url: object) -> Endpoint:
    """Return where Statsig's specs are fetched from; raises `RefusedError`. No key is sent there."""
    found = _url("statsig_specs_url", url)
    return _endpoint("specs", HOST, found, found.path or "/")


SERVICE_ENDPOINTS: Mapping[str, tuple[tuple[str, ...], Callable[[EndpointSource], Endpoint], str]] = {
    METRICS: ((STATSIG_KEY, STATSIG_URL), metrics_endpoint, "no Statsig key is given"),
    ERRORS: ((SENTRY_DSN,), errors_endpoint, "no DSN is given"),
    BUG_REPORTS: ((BUG_REPORT_URL, BUG_REPORT_TOKEN), bug_reports_endpoint, "no URL is given"),
}
"""By service: its variables, the function that builds its endpoint, and the reason where no layer sets it."""


def _endpoint(
    service: str, layer: str, url: URL, path: str, *, key: str = "", auth: Callable[[], tuple[str, str]] | None = None
) -> Endpoint:
    return Endpoint(
        service=service,
        url=f"{url.origin}{path}",
        host=url.host,
        port=url.port,
        layer=layer,
        key=key,
        auth=auth,
        loopback=url.loopback,
    )


def _url(variable: str, value: object, *, userinfo: bool = False) -> URL:
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
