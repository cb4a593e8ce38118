"""`start()`: from what the host says, the environment and the settings files to a client. Nothing here waits."""

from __future__ import annotations

import _thread
import os
import sys

from ._internal.frozen import Frozen
from ._internal.lazy import Lazy
from ._internal.services import SERVICES
from .client import TelemetryClient
from .endpoints import Endpoints, resolve_endpoints
from .options import EVENTS_PER_MINUTE, EXIT_TIMEOUT, Options, caller_name, is_yes, validate_options
from .policy import CLAUDE_CODE, HostChoices, Policy, Reason, ServicePolicy, resolve_policy
from .runtime import build
from .runtime.lifecycle import Lifecycle
from .runtime.runtime import INTERCEPTORS, LAST_CLIENT, Setup

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, Literal

    from .policy import Profile
    from .policy.watch import SettingsWatch
    from .runtime.runtime import Runtime

SUBINTERPRETER = "off: start() was called in a subinterpreter, which daemon threads cannot outlive"
_MAIN_INTERPRETER = getattr(_thread, "_is_main_interpreter", lambda: True)  # from Python 3.12 on
ADDRESSES = ("statsig_key", "statsig_url", "sentry_dsn", "bug_report_url", "bug_report_auth")
VENDORS = frozenset(("sentry_sdk", "statsig"))
BINDINGS = ("bind_sentry", "bind_statsig", "statsig_specs", "statsig_specs_url")
CHOICES = (
    *("app", "version", "environment", "user_id", "tags", "before_send"),
    *("sample", "state_dir", "app_modules", "ledger", "training_opt_in", "bug_report_terms"),
    *("command", "bug_command", "github_repository", "notice", "exit_timeout", "max_events_per_minute"),
)


class StartInputs(Frozen):
    """What a start looks at beside its arguments. `transport` takes the network's place in tests."""

    environ: Mapping[str, str]
    cwd: str | None = None
    home: str | None = None
    managed: str | None = None
    transport: Callable[[], Any] | None = None

    def __repr__(self) -> str:
        return "telemetry_sdk.StartInputs(...)"  # the environment holds secrets


def start(  # noqa: PLR0913 - every choice of a host has a name
    *,
    app: str,
    version: str,
    statsig_key: str | None = None,
    statsig_url: str | None = None,
    sentry_dsn: str | None = None,
    bug_report_url: str | None = None,
    bug_report_auth: Callable[[], tuple[str, str]] | None = None,
    bug_report_terms: str | None = None,
    command: str | None = None,
    bug_command: str | None = None,
    github_repository: str | None = None,
    environment: str | None = None,
    user_id: str | None = None,
    tags: Mapping[str, Iterable[str]] | None = None,
    before_send: Callable[[dict[str, Any]], dict[str, Any] | None] | None = None,
    sample: Mapping[str, float] | None = None,
    profile: Profile = CLAUDE_CODE,
    truth: Literal["presence", "boolean"] = "presence",
    provider: str | None = None,
    settings_file: str | os.PathLike[str] | None = None,
    off: Iterable[str] = (),
    opted_out: Iterable[str] = (),
    lift_provider_default: Mapping[str, Iterable[str]] | None = None,
    retention_days: int | None = None,
    state_dir: str | os.PathLike[str] | None = None,
    app_modules: Iterable[str] | None = None,
    bind_sentry: bool | None = None,
    bind_statsig: bool | None = None,
    statsig_specs: str | None = None,
    statsig_specs_url: str | None = None,
    ledger: bool = True,
    training_opt_in: bool = False,
    notice: bool = False,
    contact: str | None = None,
    exit_timeout: float = EXIT_TIMEOUT,
    at_exit: Literal["detach", "wait", "leave"] = "detach",
    max_events_per_minute: int | None = EVENTS_PER_MINUTE,
    _given: StartInputs | None = None,
) -> TelemetryClient:
    """Resolve the policy and return a client at once: no thread, no file, no network yet. Raises only in strict mode.

    A service without a key, a DSN or a URL is off, and `client.policy` says so.

    Args:
        app: the application's name; names a directory of the user's state.
        version: the application's version; with `app` Sentry's release.
        statsig_key: a `client-...` key; a `secret-...` one is refused, it must never ship to users.
        statsig_url: the base of Statsig's API; events go to `{statsig_url}/log_event`.
        sentry_dsn: the DSN of a Sentry project.
        bug_report_url: where bug reports are posted.
        bug_report_auth: returns a header's name and value; asked when a report is sent, never stored.
        bug_report_terms: what the receiver of bug reports keeps and for what, in one line; shown before consent.
        command: how users call the commands where the application mounts them, as "acme telemetry"; for the notice.
        bug_command: the same for the bug commands, for messages; default: `bug` below `command`.
        github_repository: "owner/name" of the public repository for issues; None: no public issues.
        environment: Sentry's environment and Statsig's tier, a short token.
        user_id: an id of the host's own, a UUID or hexadecimal; default: a random one for metrics, none for errors.
        tags: the tags that errors may carry, each with its possible values.
        before_send: runs before the sanitizer, off the caller's thread; may return None to drop a record.
        sample: event name -> share that is kept, 0 to 1.
        profile: the table of services, switches and providers.
        truth: "presence" (a switch set to 0 still opts out) or "boolean".
        provider: the model provider that the host uses; it may only turn services off.
        settings_file: a settings file that the host names (its `--settings`); it may only turn services off.
        off: services that the application turns off for this run.
        opted_out: services that the user turned off in the application's own settings or flags: what waits is deleted.
        lift_provider_default: provider -> services that stay on with it; every opt-out still wins.
        retention_days: how long local files are kept, in days.
        state_dir: instead of the user's own; the application's name is added.
        app_modules: top-level packages whose names may stand in errors; default: the caller's own.
        bind_sentry: initialize `sentry_sdk` with our network under it; None: if the application has imported it.
        bind_statsig: the same for `statsig`, whose gates then answer whether metrics are on or off.
        statsig_specs: the gates and dynamic configs that the application ships, as Statsig's JSON text.
        statsig_specs_url: where newer ones are fetched from while metrics are on; https, of the host's own choice.
        ledger: keep the local record of all that was sent.
        training_opt_in: the user's explicit opt-in to a partner programme, for bug reports; first party only.
        notice: send, write and count nothing until `client.notice_shown()`, for the first run on a machine.
        contact: whom users ask for erasure; shown in the notice.
        exit_timeout: seconds, at most 5.
        at_exit: "detach" (a process sends what waits), "wait" (for `exit_timeout`) or "leave" (the next run).
        max_events_per_minute: beyond it events are dropped and counted; None: no limit.

    """
    given: dict[str, Any] = dict(locals())
    caller = caller_name()
    for interceptor in INTERCEPTORS[-1:]:
        given = interceptor.arguments(given)
    try:
        client = _started(given, caller) if _MAIN_INTERPRETER() else _off_client(SUBINTERPRETER, os.environ)
    except Exception as error:  # an argument of a kind that nobody foresaw: fail closed, and say so
        from ._internal.argument_shapes import misfits

        environ = os.environ if given["_given"] is None else given["_given"].environ
        why = "; ".join(misfits(given))
        if is_yes(environ.get("TELEMETRY_SDK_STRICT", "")):
            if why:
                error.add_note(why)
            raise
        client = _off_client(f"off: start() failed: {why or type(error).__name__}", environ)
    LAST_CLIENT[:] = [client]
    return client


def get_client() -> TelemetryClient:
    """Return the client of the last `start()`, closed or not; before it, one that is off. Nothing here looks it up."""
    if not LAST_CLIENT:
        LAST_CLIENT.append(_off_client("off: start() was not called", {}))
    client: TelemetryClient = LAST_CLIENT[0]
    return client


def _started(given: Mapping[str, Any], caller: str) -> TelemetryClient:
    inputs: StartInputs = given["_given"] or StartInputs(environ=os.environ)
    environ = dict(inputs.environ)  # read once, here
    choices = HostChoices(
        off=_names(given["off"]),
        opted_out=_names(given["opted_out"]),
        lift_provider_default=given["lift_provider_default"] or {},
        retention_days=given["retention_days"],
        at_exit=given["at_exit"],
    )
    files = {"cwd": inputs.cwd or _working_directory(), "home": inputs.home, "managed": inputs.managed}

    def resolve() -> Policy:
        return resolve_policy(
            environ,
            **files,
            profile=given["profile"],
            app=given["app"],
            settings_file=given["settings_file"],
            provider=given["provider"],
            truth=given["truth"],
            host=choices,
        )

    base = resolve()
    endpoints, policy = resolve_endpoints(base, environ, **{name: given[name] for name in ADDRESSES})
    options = validate_options(caller=caller, policy=policy, environ=environ, **{name: given[name] for name in CHOICES})
    if options.strict or options.debug:
        from .runtime.strict_start import checked

        options = checked(given, policy, options)
    policy = _with_problems(policy, options)
    _discard(policy, options)
    runtime = build.client(
        Setup(
            options=options,
            policy=policy,
            endpoints=endpoints if options.app else Endpoints(identity=""),
            profile=given["profile"],
            lifts=choices.lift_provider_default,
            stored=_stored(given, choices, options),
            inputs={"environ": environ, "off": choices.off, "opted_out": choices.opted_out, **files},
            watch=Lazy(lambda: _watch(base, resolve)),
            transport=inputs.transport,
            contact=given["contact"] if type(given["contact"]) is str else None,
        )
    )
    lifecycle = Lifecycle(runtime)
    if runtime.queue.takes_errors:
        runtime.hooks.get().install()
    _bind(runtime, lifecycle, {**{name: given[name] for name in BINDINGS}, "environ": environ})
    client = TelemetryClient(runtime, lifecycle)
    for interceptor in INTERCEPTORS[-1:]:
        interceptor.started(client, runtime)
    return client


def _bind(runtime: Runtime, lifecycle: Lifecycle, choices: Mapping[str, Any]) -> None:
    """Bind the vendors' packages where the host says so or has imported them; else nothing is loaded for it."""
    if choices["bind_sentry"] or choices["bind_statsig"] or not VENDORS.isdisjoint(sys.modules):
        from .runtime.bind import bind_vendors

        bind_vendors(runtime, lifecycle, choices)


def _off_client(effect: str, environ: Mapping[str, str]) -> TelemetryClient:
    """Return a client with everything off."""
    debug = is_yes(environ.get("TELEMETRY_SDK_DEBUG", ""))
    reason = Reason(layer="host", source="start()", variable="", effect=effect)
    rows = tuple(ServicePolicy(name=name, enabled=False, reasons=(reason,)) for name in SERVICES)
    policy = Policy(provider="unknown", rows=rows, warnings=(effect,))
    runtime = build.client(
        Setup(
            options=Options(app="", version="unknown", tags={}, sample={}, app_modules=frozenset(), debug=debug),
            policy=policy,
            endpoints=Endpoints(identity=""),
            profile=CLAUDE_CODE,
            lifts={},
            stored={},
            inputs={},
            watch=Lazy(lambda: _watch(policy, lambda: policy)),
        )
    )
    return TelemetryClient(runtime, Lifecycle(runtime))


def _working_directory() -> str | None:
    try:
        return os.getcwd()
    except OSError:  # deleted: the policy says so
        return None


def _names(given: Iterable[str] | None) -> tuple[str, ...]:
    """Return names as a tuple; a lone string is a name, not its letters."""
    return (given,) if isinstance(given, str) else tuple(given or ())


def _with_problems(policy: Policy, options: Options) -> Policy:
    """Name what the host got wrong; without a usable application name nothing is sent."""
    policy = policy.replace(warnings=(*policy.warnings, *options.problems))
    if options.app:
        return policy
    reason = Reason(layer="host", source="start()", variable="app", effect="off: no usable application name")
    return policy.replace(rows=tuple(row.turned_off(reason) for row in policy.rows))


def _discard(policy: Policy, options: Options) -> None:
    """Delete what earlier runs left of the services that the user has turned off."""
    services = policy.withdrawn
    if services and options.base_dir and os.path.isdir(os.path.join(options.base_dir, options.app)):
        from .runtime.purge import discard_services

        discard_services(options.base_dir, options.app, services)


def _stored(given: Mapping[str, Any], choices: HostChoices, options: Options) -> dict[str, Any]:
    """Return the fields of the stored profile: what a sender needs of the policy without the application."""
    return {
        "profile": given["profile"],
        "truth": given["truth"],
        "provider": given["provider"],
        "lift_provider_default": {name: tuple(names) for name, names in choices.lift_provider_default.items()},
        "settings_file": None if given["settings_file"] is None else os.path.abspath(given["settings_file"]),
        "version": options.version,
        "contact": given["contact"] if type(given["contact"]) is str else None,
    }


def _watch(policy: Policy, resolve: Callable[[], Policy]) -> SettingsWatch:
    """Return what looks at the settings files again; built at the first request."""
    from .policy.watch import SettingsWatch

    return SettingsWatch(policy, resolve)
