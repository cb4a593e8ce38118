"""From a policy, the environment and `start()`'s arguments to endpoints, and a policy that names them."""

from __future__ import annotations

from telemetry_sdk._internal.frozen import Frozen
from telemetry_sdk.policy.model import Reason
from telemetry_sdk.policy.profile import DEFAULT, ENVIRONMENT, HOST

from .layers import BUG_REPORT_TOKEN, BUG_REPORT_URL, SENTRY_DSN, STATSIG_KEY, STATSIG_URL, pick, voices
from .targets import TARGETS, specs_target
from .values import Endpoint, Endpoints, RefusedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from telemetry_sdk.policy import Policy, ServicePolicy

    from .layers import Voice
    from .proxies import Proxies
    from .targets import Target
    from .urls import URL
    from .values import Proxy

PROXY_VARIABLES = ("ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "SSL_CERT_FILE", "all_proxy", "http_proxy", "https_proxy")


class _Direct:
    """No proxy and no certificate is named: most starts load no more than this of `proxies`."""

    problem: RefusedError | None = None
    ca_file: str | None = None

    def choose(self, _url: URL) -> Proxy | None:
        """Return None, a direct connection."""
        return None


class _Answer(Frozen):
    """For one service: its endpoint, or why there is none; `off` None and no endpoint: not known."""

    service: str
    target: Target | None = None
    endpoint: Endpoint | None = None
    off: Reason | None = None
    named: Reason | None = None
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
    """Return the endpoints, and the policy with destinations, and with all that has no usable endpoint off.

    Pure; opens no file, asks no resolver. With `application` false the application's own arguments are not
    known: a service that nobody names keeps its state, without a destination. Arguments that cannot be used
    turn their service off; nothing raises.
    """
    host = {
        STATSIG_KEY: statsig_key,
        STATSIG_URL: statsig_url,
        SENTRY_DSN: sentry_dsn,
        BUG_REPORT_URL: bug_report_url,
        BUG_REPORT_TOKEN: bug_report_auth,
    }
    said = voices(policy, environ, host)
    proxies = _proxies(environ)
    answers = [_answer(service, said, proxies, application=application) for service in TARGETS]
    identity = "\n".join(f"{a.target.post} {a.target.key}" if a.target else "-" for a in answers)
    on = {a.service: a.endpoint for a in answers if policy.service(a.service).enabled}
    return Endpoints(identity=identity, **on), _told(policy, answers)


def specs_endpoint(url: object, environ: Mapping[str, str]) -> Endpoint:
    """Return where Statsig's specs are fetched from: of the host's own choice, under the rules of all endpoints.

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


def _answer(service: str, said: list[Voice], proxies: Proxies | _Direct, *, application: bool) -> _Answer:
    variables, build, missing = TARGETS[service]
    voice, warnings = pick(said, service, variables)
    answer = _Answer(service=service, warnings=tuple(warnings))
    if voice is None:
        return answer.replace(off=_unnamed(variables[0], missing, proxies, application=application))
    try:
        target = build(voice)
    except RefusedError as error:
        return answer.replace(off=_off(voice.layer, voice.source, voice.calls(error.variable), str(error)))
    answer = answer.replace(target=target)
    try:
        proxy = proxies.choose(target.url)
    except RefusedError as error:
        return answer.replace(off=_unusable(error))
    spoken = next(name for name in variables[::-1] if name in voice.values)
    return answer.replace(
        endpoint=_endpoint(service, voice, target, proxy, proxies.ca_file),
        named=Reason(
            layer=voice.layer,
            source=voice.source,
            variable=voice.calls(spoken),
            effect=f"sends to {target.url.host}",
        ),
    )


def _proxies(environ: Mapping[str, str]) -> Proxies | _Direct:
    if not any(environ.get(name) for name in PROXY_VARIABLES):
        return _Direct()
    from .proxies import Proxies

    return Proxies(environ)


def _endpoint(service: str, voice: Voice, target: Target, proxy: Proxy | None, ca_file: str | None) -> Endpoint:
    return Endpoint(
        service=service,
        url=target.post,
        host=target.url.host,
        port=target.url.port,
        layer=voice.layer,
        key=target.key,
        auth=target.auth,
        loopback=target.url.loopback,
        proxy=proxy,
        ca_file=ca_file,
    )


def _unnamed(variable: str, missing: str, proxies: Proxies | _Direct, *, application: bool) -> Reason | None:
    """Return why a service that nobody names is off; without the application, only what is sure already."""
    if application:
        return _off(DEFAULT, "the application", variable, missing)
    return _unusable(proxies.problem) if proxies.problem else None


def _unusable(error: RefusedError) -> Reason:
    return _off(ENVIRONMENT, "process environment", error.variable, f"the proxy cannot be used, it {error}")


def _off(layer: str, source: str, variable: str, why: str) -> Reason:
    return Reason(layer=layer, source=source, variable=variable, effect=f"off: {why}")


def _told(policy: Policy, answers: list[_Answer]) -> Policy:
    """Return the policy with what the endpoints add to it."""
    by_service = {answer.service: answer for answer in answers}
    rows = tuple(_row(row, by_service[row.name]) if row.name in by_service else row for row in policy.rows)
    warnings = [*policy.warnings, *(text for answer in answers for text in answer.warnings)]
    return policy.replace(rows=rows, warnings=tuple(warnings))


def _row(row: ServicePolicy, answer: _Answer) -> ServicePolicy:
    if answer.target:
        row = row.replace(destination=answer.target.url.host)
    if answer.off:
        return row.turned_off(answer.off)
    if answer.named and row.enabled:
        return row.replace(reasons=(answer.named, *row.reasons))
    return row
