"""The arguments of `start()` as one validated, immutable value; the environment is read here, once."""

from __future__ import annotations

import os
import sys

from ._internal.frozen import Frozen
from ._internal.layers import MANAGED, MANAGED_ONLY
from ._internal.shapes import is_identifier, is_module, is_release, is_token, is_user_id, is_version
from .policy.directories import home_directory, lies_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, TypeGuard

    from .policy import Policy

EXIT_TIMEOUT = 0.3  # seconds, the interpreter's own shutdown included
FLUSH_TIMEOUT = 5.0  # seconds
MAX_EXIT_TIMEOUT = 5.0  # seconds, for hosts without a persistent state directory
EVENTS_PER_MINUTE = 60_000

BUG_COMMAND = "telemetry-sdk bug"  # the command line of the bug commands, where an application mounts none of its own
LINE_LIMIT = 1_000  # characters of a line that is shown to users

TOKEN = "a short token (a-z, A-Z, 0-9, . _ -)"  # noqa: S105 - a description for messages
LINE = f"a line of at most {LINE_LIMIT} printable characters"
_SHOWN = 40  # characters of a refused value


class Options(Frozen):
    """The host's validated choices. A refused one is None or empty, and described in `problems`."""

    app: str
    version: str
    environment: str | None = None
    user_id: str | None = None
    tags: Mapping[str, frozenset[str]]
    sample: Mapping[str, float]
    before_send: Callable[[dict[str, Any]], dict[str, Any] | None] | None = None
    app_modules: frozenset[str]
    base_dir: str | None = None
    main_file: str | None = None
    ledger: bool = True
    training_opt_in: bool = False
    bug_report_terms: str | None = None
    command: str | None = None
    bug_command: str = BUG_COMMAND
    github_repository: str | None = None
    notice: bool = False
    exit_timeout: float = EXIT_TIMEOUT
    max_events_per_minute: int | None = EVENTS_PER_MINUTE
    strict: bool = False
    debug: bool = False
    problems: tuple[str, ...] = ()

    @property
    def release(self) -> str | None:
        """Sentry's release, `app@version` (the form that Sentry's documentation recommends)."""
        text = f"{self.app}@{self.version}"
        return text if is_release(text) else None


def validate_options(  # noqa: PLR0913 - one argument for each choice of the host
    *,
    app: str,
    version: str,
    environment: str | None,
    user_id: str | None,
    tags: Mapping[str, Iterable[str]] | None,
    sample: Mapping[str, float] | None,
    before_send: Callable[[dict[str, Any]], dict[str, Any] | None] | None,
    app_modules: Iterable[str] | None,
    caller: str,
    state_dir: str | os.PathLike[str] | None,
    ledger: bool,
    training_opt_in: bool,
    bug_report_terms: str | None,
    command: str | None,
    bug_command: str | None,
    github_repository: str | None,
    notice: bool,
    exit_timeout: float,
    max_events_per_minute: int | None,
    policy: Policy,
    environ: Mapping[str, str],
) -> Options:
    """Validate the host's choices; never raises. Values that could carry free text are refused and described."""
    problems: list[str] = []

    def accept(name: str, value: object, accepts: Callable[[object], bool], expected: str = TOKEN) -> Any:
        if value is None or accepts(value):
            return value
        problems.append(f"{name} is ignored: expected {expected}{_shown(name, value)}")
        return None

    if type(notice) is not bool:  # whoever passes a text or a function wants a notice: nothing leaves before it
        problems.append("notice is taken as True: expected True or False")
    settings = _settings(policy, environ)
    return Options(
        app=accept("app", app, is_app) or "",
        version=accept("version", version, is_version) or "unknown",
        environment=accept("environment", environment, is_version),
        user_id=accept("user_id", user_id, is_user_id, "a UUID or a hexadecimal id"),
        tags=accept("tags", _tags(tags), bool, "tag names, each with its values as short tokens") or {},
        sample=accept("sample", _rates(sample), lambda rates: rates is not False) or {},
        before_send=accept("before_send", before_send, callable, "a callable"),
        app_modules=_modules(app_modules, caller),
        main_file=_main_file(),
        base_dir=_outside_of_project(_base_dir(state_dir, settings, environ), policy, problems),
        ledger=ledger is not False,
        training_opt_in=training_opt_in is True,
        bug_report_terms=accept("bug_report_terms", bug_report_terms, _is_line, LINE),
        command=(named := accept("command", command, _is_line, LINE)),
        bug_command=accept("bug_command", bug_command, _is_line, LINE) or (f"{named} bug" if named else BUG_COMMAND),
        github_repository=managed_repository(policy) or accept("github_repository", github_repository, _is_line, LINE),
        notice=notice is not False,
        exit_timeout=min(max(float(exit_timeout), 0.0), MAX_EXIT_TIMEOUT) if _is_number(exit_timeout) else EXIT_TIMEOUT,
        max_events_per_minute=accept(
            "max_events_per_minute", max_events_per_minute, _is_limit, "an integer of at least 1, or None"
        ),
        strict=is_yes(settings("TELEMETRY_SDK_STRICT")),
        debug=is_yes(settings("TELEMETRY_SDK_DEBUG")),
        problems=tuple(problems),
    )


def caller_name() -> str:
    """Return the name of the module that calls `start()`: by default the application is its package."""
    name = sys._getframe(2).f_globals.get("__name__")  # noqa: SLF001 - the documented way to a caller
    return name if type(name) is str else ""


def is_yes(text: str) -> bool:
    """Whether a variable's value turns something on: it is neither empty nor 0, false, no or off."""
    return text.strip() not in {"", "0", "false", "no", "off"}


def _shown(name: str, value: object) -> str:
    """Return a refused value for the message; a user id may name a person and is not shown."""
    if name == "user_id" or type(value) is not str:
        return ""
    return f", got {value[:_SHOWN]!r}"


def is_app(text: object) -> bool:
    """Whether `text` can be an application's name, which is also the name of a directory."""
    return is_release(text) and type(text) is str and text[0] not in ".-" and "@" not in text


def user_state_dir(environ: Mapping[str, str]) -> str | None:
    """Return the user's directory for persistent state, None if it cannot be determined."""
    home, _ = home_directory(environ)
    if sys.platform == "win32":
        base = environ.get("LOCALAPPDATA") or (os.path.join(home, "AppData", "Local") if home else "")
    elif sys.platform == "darwin":
        base = os.path.join(home, "Library", "Application Support") if home else ""
    else:
        base = environ.get("XDG_STATE_HOME") or ""
        if not os.path.isabs(base):
            base = os.path.join(home, ".local", "state") if home else ""
    return os.path.join(base, "telemetry-sdk") if os.path.isabs(base) else None


def _settings(policy: Policy, environ: Mapping[str, str]) -> Callable[[str], str]:
    """Return a look-up of variables: trusted settings (managed, user) first, then the environment."""

    def value(name: str) -> str:
        for setting in policy.settings:
            if setting.name == name:
                return setting.value.strip()
        found = environ.get(name, "")
        return found.strip() if type(found) is str else ""

    return value


def _base_dir(
    state_dir: str | os.PathLike[str] | None, value: Callable[[str], str], environ: Mapping[str, str]
) -> str | None:
    named = value("TELEMETRY_SDK_STATE_DIR") if state_dir is None else os.fspath(state_dir)
    if not named:
        return user_state_dir(environ)
    return os.path.abspath(named) if "\0" not in named else None


def _outside_of_project(base_dir: str | None, policy: Policy, problems: list[str]) -> str | None:
    """Return the state directory, None if it lies in the project: a repository could carry what is in it."""
    root = lies_in(base_dir, policy.project_directories) if base_dir else ""
    if not root:
        return base_dir
    problems.append(f"the state directory {base_dir} lies in the project {root}: state is kept in memory only")
    return None


def _modules(app_modules: Iterable[str] | None, caller: str) -> frozenset[str]:
    """Return the application's top-level packages: the given ones, else the caller's."""
    if app_modules is None:
        space = sys.modules.get(caller)
        spec = getattr(space, "__spec__", None)
        named: Iterable[str] = {caller, getattr(spec, "name", None) or caller} if caller == "__main__" else {caller}
        return frozenset(name if name == "__main__" else name.partition(".")[0] for name in named if is_module(name))
    return frozenset(name for name in ([app_modules] if type(app_modules) is str else app_modules) if is_module(name))


def _tags(tags: Mapping[str, Iterable[str]] | None) -> dict[str, frozenset[str]] | None:
    """Return the tags whose values are short tokens."""
    if not tags:
        return None
    found = {key: frozenset(values) for key, values in tags.items() if type(values) is not str}
    return {key: values for key, values in found.items() if is_identifier(key) and all(map(is_token, values))}


def _rates(sample: Mapping[str, float] | None) -> dict[str, float] | None:
    if not sample:
        return None
    return {name: float(rate) for name, rate in sample.items() if _is_number(rate) and 0 <= rate <= 1}


def _main_file() -> str | None:
    """Return the file of the script that runs at the start; a later `__main__` module is not the application's."""
    main = sys.modules.get("__main__")
    spec = getattr(main, "__spec__", None)
    found = getattr(spec, "origin", None) if spec is not None else getattr(main, "__file__", None)
    return found if type(found) is str else ""


def managed_repository(policy: Policy) -> str:
    """Return the GitHub repository that managed settings name, or ""."""
    found = (s.value.strip() for s in policy.settings if s.name in MANAGED_ONLY and s.layer == MANAGED)
    return next(found, "")


def _is_line(value: object) -> bool:
    return type(value) is str and value.strip() != "" and value.isprintable() and len(value) <= LINE_LIMIT


def _is_limit(value: object) -> bool:
    return type(value) is int and value > 0


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and value == value  # noqa: PLR0124 - NaN


def seconds(timeout: object, default: float, *, strict: bool) -> float:
    """Return a timeout; the default for what is no number of seconds, which strict mode refuses."""
    if _is_number(timeout):
        return timeout
    if strict and timeout is not None:
        raise TypeError(f"timeout must be a number of seconds, not {type(timeout).__name__}")
    return default
