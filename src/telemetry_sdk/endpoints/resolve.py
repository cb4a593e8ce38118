"""Resolves the endpoints from a policy, the environment and the arguments of `start()`."""

from __future__ import annotations

from telemetry_sdk._internal.frozen import Frozen
from telemetry_sdk._internal.reason import Reason
from telemetry_sdk.policy.layers import DEFAULT, ENVIRONMENT, HOST

from .sources import (
    BUG_REPORT_TOKEN,
    BUG_REPORT_URL,
    SENTRY_DSN,
    STATSIG_KEY,
    STATSIG_URL,
    endpoint_sources,
    select_source,
)
from .targets import TARGETS, specs_target
from .values import Endpoint, Endpoints, RefusedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from telemetry_sdk.policy import Policy, ServicePolicy

    from .proxies import Proxies
    from .sources import EndpointSource
    from .targets import Target
    from .urls import URL
    from .values import Proxy

PROXY_VARIABLES = ("ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "SSL_CERT_FILE", "all_proxy", "http_proxy", "https_proxy")


class _NoProxies:
    """Used where no proxy and no certificate is set, so that `proxies` is not imported."""

    problem: RefusedError | None = None
    ca_file: str | None = None

    def choose(self, _url: URL) -> Proxy | None:
        """Return None, a direct connection."""
        return None


class _ServiceEndpoint(Frozen):
    """One service's endpoint, or the reason `off`; neither: unknown."""

    service: str
    target: Target | None = None
    endpoint: Endpoint | None = None
    off: Reason | None = None
    on: Reason | None = None
    warnings: tuple[str, ...] = ()


def resolve_endpoints(
    policy: Policy,
    environ: Mapping[str, str],
    *,
    statsig_key: str | None = None,
    statsig_url: str | None = None,
    sentry_dsn: str | None = None,
    bug_report_url: str | None = None,
    bug_report_auth: Callable[[], tuple[str, str]] | None = None,
    application: bool = True,
) -> tuple[Endpoints, Policy]:
    """Return the endpoints, and the policy with destinations; services without a usable endpoint are off.

    Pure: opens no file, resolves no name, never raises. With `application` false the application's arguments are
    unknown: a service without an endpoint keeps its state. Unusable arguments turn their service off.
    """
    host = {
        STATSIG_KEY: statsig_key,
        STATSIG_URL: statsig_url,
        SENTRY_DSN: sentry_dsn,
        BUG_REPORT_URL: bug_report_url,
        BUG_REPORT_TOKEN: bug_report_auth,
    }
    sources = endpoint_sources(policy, environ, host)
    proxies = _proxies(environ)
    results = [_resolve_service(service, sources, proxies, application=application) for service in TARGETS]
    identity = "\n".join(f"{a.target.post} {a.target.key}" if a.target else "-" for a in results)
    on = {a.service: a.endpoint for a in results if policy.service(a.service).enabled}
    return Endpoints(identity=identity, **on), _apply_to_policy(policy, results)


def specs_endpoint(url: object, environ: Mapping[str, str]) -> Endpoint:
    """Return the endpoint of Statsig's specs, set by the host, under the same rules as all endpoints.

    Raises `RefusedError` for a URL or a proxy that cannot be used.
    """
    target, proxies = specs_target(url), _proxies(environ)
    return Endpoint(
        service="specs",
        url=target.post,
        host=target.url.host,
        port=target.url.port,
        layer=HOST,
        loopback=target.url.loopback,
        proxy=proxies.choose(target.url),
        ca_file=proxies.ca_file,
    )


def _resolve_service(
    service: str, sources: list[EndpointSource], proxies: Proxies | _NoProxies, *, application: bool
) -> _ServiceEndpoint:
    variables, build, missing = TARGETS[service]
    source, warnings = select_source(sources, service, variables)
    result = _ServiceEndpoint(service=service, warnings=tuple(warnings))
    if source is None:
        return result.replace(off=_unnamed(variables[0], missing, proxies, application=application))
    try:
        target = build(source)
    except RefusedError as error:
        return result.replace(off=_off(source.layer, source.source, source.name_of(error.variable), str(error)))
    result = result.replace(target=target)
    try:
        proxy = proxies.choose(target.url)
    except RefusedError as error:
        return result.replace(off=_unusable(error))
    variable = next(name for name in variables[::-1] if name in source.values)
    return result.replace(
        endpoint=_endpoint(service, source, target, proxy, proxies.ca_file),
        on=Reason(
            layer=source.layer,
            source=source.source,
            variable=source.name_of(variable),
            effect=f"sends to {target.url.host}",
        ),
    )


def _proxies(environ: Mapping[str, str]) -> Proxies | _NoProxies:
    if not any(environ.get(name) for name in PROXY_VARIABLES):
        return _NoProxies()
    from .proxies import Proxies

    return Proxies(environ)


def _endpoint(
    service: str, source: EndpointSource, target: Target, proxy: Proxy | None, ca_file: str | None
) -> Endpoint:
    return Endpoint(
        service=service,
        url=target.post,
        host=target.url.host,
        port=target.url.port,
        layer=source.layer,
        key=target.key,
        auth=target.auth,
        loopback=target.url.loopback,
        proxy=proxy,
        ca_file=ca_file,
    )


def _unnamed(variable: str, missing: str, proxies: Proxies | _NoProxies, *, application: bool) -> Reason | None:
    """Return why a service without an endpoint is off; without the application, only an unusable proxy."""
    if application:
        return _off(DEFAULT, "the application", variable, missing)
    return _unusable(proxies.problem) if proxies.problem else None


def _unusable(error: RefusedError) -> Reason:
    return _off(ENVIRONMENT, "process environment", error.variable, f"the proxy cannot be used, it {error}")


def _off(layer: str, source: str, variable: str, why: str) -> Reason:
    return Reason(layer=layer, source=source, variable=variable, effect=f"off: {why}")


def _apply_to_policy(policy: Policy, results: list[_ServiceEndpoint]) -> Policy:
    """Return the policy with destinations, reasons and warnings of the endpoints."""
    by_service = {result.service: result for result in results}
    rows = tuple(_row(row, by_service[row.name]) if row.name in by_service else row for row in policy.rows)
    warnings = [*policy.warnings, *(text for result in results for text in result.warnings)]
    return policy.replace(rows=rows, warnings=tuple(warnings))


def _row(row: ServicePolicy, result: _ServiceEndpoint) -> ServicePolicy:
    if result.target:
        row = row.replace(destination=result.target.url.host)
    if result.off:
        return row.turned_off(result.off)
    if result.on and row.enabled:
        return row.replace(reasons=(result.on, *row.reasons))
    return row
