"""Resolves the endpoints from a policy, the environment and the arguments of `start()`."""

from __future__ import annotations

from telemetry_sdk._internal.frozen import Frozen
from telemetry_sdk._internal.layers import (
    DEFAULT,
    ENVIRONMENT,
    HOST_SOURCE,
    LOCAL,
    MODE,
    NETWORK,
    RECEIVER,
    UNAVAILABLE,
    Reason,
)
from telemetry_sdk._internal.services import ERRORS, METRICS

from .endpoint import (
    BUG_REPORT_TOKEN,
    BUG_REPORT_URL,
    SENTRY_DSN,
    SERVICE_ENDPOINTS,
    STATSIG_KEY,
    STATSIG_URL,
    Endpoint,
    Endpoints,
    EndpointSource,
    endpoint_sources,
    select_source,
    specs_source,
)
from .urls import RefusedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from telemetry_sdk.policy import Policy, ServicePolicy

    from .certificates import Certificates
    from .proxies import Proxies


LOCAL_VALUES = {  # what local mode takes for missing addresses; the host stands in the ledger, nobody resolves it
    METRICS: {STATSIG_KEY: "client-local", STATSIG_URL: "https://not-sent.invalid/v1"},
    ERRORS: {SENTRY_DSN: "https://local@not-sent.invalid/1"},
}


class _Network(Frozen):
    """Proxies and certificates; None where no layer sets any, so that their modules are not imported."""

    proxies: Proxies | None = None
    certificates: Certificates | None = None

    def complete(self, endpoint: Endpoint) -> Endpoint:
        """Return an endpoint with its proxy and certificates. Raises `RefusedError` for a proxy that cannot be used."""
        proxy = self.proxies.choose(endpoint.host, endpoint.port) if self.proxies and not endpoint.loopback else None
        found = self.certificates
        if found is None:
            return endpoint.replace(proxy=proxy) if proxy else endpoint
        if proxy and proxy.url.startswith("https:"):
            proxy = proxy.replace(client_certificate=found.client)
        return endpoint.replace(
            proxy=proxy,
            ca_file=found.ca_file,
            ca_dir=found.ca_dir,
            extra_ca_file=found.extra_ca_file,
            client_certificate=found.for_endpoint(endpoint.layer),
        )

    def warnings(self, endpoint: Endpoint) -> tuple[str, ...]:
        """Return a warning where a client certificate is not offered to an endpoint."""
        found = self.certificates
        if not found or not found.client or endpoint.client_certificate or not endpoint.url.startswith("https:"):
            return ()
        named = f"the client certificate of {found.client_layer} ({found.client_variable})"
        return (f"{named} is not offered to {endpoint.host}, which {endpoint.layer} sets",)


class _ServiceEndpoint(Frozen):
    """One service's endpoint, or the reason `off`; neither: unknown. `named`: without proxy and certificates."""

    service: str
    named: Endpoint | None = None
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
    network = _network(policy, environ)
    if policy.receiver:
        results = _receiver_results(policy.receiver, network)
    else:
        sources = endpoint_sources(policy, environ, host)
        results = [
            _resolve_service(service, sources, network, application=application) for service in SERVICE_ENDPOINTS
        ]
        if policy.mode == LOCAL and application:
            results = [_recorded_locally(result) for result in results]
    identity = "\n".join(f"{a.named.url} {a.named.key}" if a.named else "-" for a in results)
    on = {a.service: a.endpoint for a in results if policy.service(a.service).enabled}
    unused = network.proxies.warnings() if network.proxies else []
    return Endpoints(identity=identity, **on), _apply_to_policy(policy, results, unused)


def _receiver_results(url: str, network: _Network) -> list[_ServiceEndpoint]:
    """Return the endpoints of the development receiver, in place of all others."""
    from .receiver import receiver_source

    try:
        source, token = receiver_source(url)
    except RefusedError as error:
        off = _off(ENVIRONMENT, "process environment", error.variable, str(error))
        return [_ServiceEndpoint(service=service, off=off) for service in SERVICE_ENDPOINTS]
    results = [_resolve_service(service, [source], network, application=True) for service in SERVICE_ENDPOINTS]
    return [_at_receiver(result, token) for result in results]


def _recorded_locally(result: _ServiceEndpoint) -> _ServiceEndpoint:
    """Return an endpoint for a service of which nothing is named: local mode records it and sends nothing."""
    values = LOCAL_VALUES.get(result.service)
    if values is None or result.off is None or result.off.layer != DEFAULT:
        return result
    _, build, _ = SERVICE_ENDPOINTS[result.service]
    endpoint = build(EndpointSource(layer=DEFAULT, source=HOST_SOURCE, values=values))
    on = Reason(layer=DEFAULT, source=HOST_SOURCE, variable=MODE, effect="recorded here, with no address")
    return result.replace(off=None, on=on, endpoint=endpoint)


def _at_receiver(result: _ServiceEndpoint, token: str) -> _ServiceEndpoint:
    if result.endpoint is None or result.on is None:
        return result
    on = result.on.replace(variable=RECEIVER, effect="sends to the development receiver")
    return result.replace(endpoint=result.endpoint.replace(receiver_token=token), on=on)


def specs_endpoint(url: object, policy: Policy, environ: Mapping[str, str]) -> Endpoint:
    """Return the endpoint of Statsig's specs, set by the host, under the same rules as all endpoints.

    Raises `RefusedError` for a URL or a proxy that cannot be used.
    """
    return _network(policy, environ).complete(specs_source(url))


def _resolve_service(
    service: str, sources: list[EndpointSource], network: _Network, *, application: bool
) -> _ServiceEndpoint:
    variables, build, missing = SERVICE_ENDPOINTS[service]
    source, warnings = select_source(sources, service, variables)
    result = _ServiceEndpoint(service=service, warnings=tuple(warnings))
    if source is None:
        return result.replace(off=_unnamed(variables[0], missing, network, application=application))
    try:
        named = build(source)
    except RefusedError as error:
        return result.replace(off=_off(source.layer, source.source, source.name_of(error.variable), str(error)))
    result = result.replace(named=named)
    try:
        endpoint = network.complete(named)
    except RefusedError as error:
        return result.replace(off=_unusable(error))
    variable = next(name for name in variables[::-1] if name in source.values)
    return result.replace(
        endpoint=endpoint,
        warnings=(*result.warnings, *network.warnings(endpoint)),
        on=Reason(
            layer=source.layer,
            source=source.source,
            variable=source.name_of(variable),
            effect=f"sends to {named.host}",
        ),
    )


def _network(policy: Policy, environ: Mapping[str, object]) -> _Network:
    names = (*NETWORK, *policy.client_certificate)
    settings = {setting.name.upper() for setting in policy.settings}
    if not any(name in settings or environ.get(name) or environ.get(name.lower()) for name in names):
        return _Network()
    from .certificates import find_certificates
    from .network_variables import network_layers
    from .proxies import Proxies

    layers = network_layers(policy, environ)
    proxies = Proxies(layers.proxies(), cgi=bool(environ.get("REQUEST_METHOD")))
    return _Network(proxies=proxies, certificates=find_certificates(layers, policy.client_certificate))


def _unnamed(variable: str, missing: str, network: _Network, *, application: bool) -> Reason | None:
    """Return why a service without an endpoint is off; without the application, only an unusable proxy."""
    if application:
        return _off(DEFAULT, HOST_SOURCE, variable, missing)
    return _unusable(network.proxies.problem) if network.proxies and network.proxies.problem else None


def _unusable(error: RefusedError) -> Reason:
    return _off(error.layer, error.source, error.variable, f"the proxy cannot be used, it {error}")


def _off(layer: str, source: str, variable: str, why: str) -> Reason:
    return Reason(layer=layer, source=source, variable=variable, effect=f"off: {why}", kind=UNAVAILABLE)


def _apply_to_policy(policy: Policy, results: list[_ServiceEndpoint], unused: list[str]) -> Policy:
    """Return the policy with destinations, reasons and warnings of the endpoints."""
    by_service = {result.service: result for result in results}
    rows = tuple(_row(row, by_service[row.name]) if row.name in by_service else row for row in policy.rows)
    warnings = [*policy.warnings, *(text for result in results for text in result.warnings), *unused]
    return policy.replace(rows=rows, warnings=tuple(warnings))


def _row(row: ServicePolicy, result: _ServiceEndpoint) -> ServicePolicy:
    if result.named:
        row = row.replace(destination=result.named.host)
    if result.off:
        return row.turned_off(result.off)
    if result.on and row.enabled:
        return row.replace(reasons=(result.on, *row.reasons))
    return row
