"""The public surface: what is exported, documented, typed, and how it prints."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
import traceback
from pathlib import Path

import pytest

import telemetry_sdk

ROOT = Path(__file__).parents[1]

# The names that programs outside of the repository call.
EXPORTED = {
    *(
        "CLAUDE_CODE",
        "Event",
        "Policy",
        "Profile",
        "Provider",
        "Switch",
        "TelemetryClient",
        "get_client",
        "privacy",
        "resolve_policy",
        "start",
    ),
    *("BugReportDraft", "Consent", "Outcome", "Preview", "__version__"),
    *("BugReportRefused", "ConsentError", "DraftError", "EventError", "NetworkFailure", "TelemetryError"),
}
CLIENT = {
    *(
        "policy",
        "set_provider",
        "notice",
        "notice_shown",
        "log_event",
        "measure",
        "capture_exception",
        "flush",
        "flush_sync",
        "opt_out",
        "stats",
        "close",
    ),
    *(
        "draft_bug_report",
        "send_bug_report",
        "send_bug_report_sync",
        "draft_bug_report_async",
        "damaged_drafts",
        "drafts",
        "public_issue",
        "closed",
    ),
}
PRIVACY = {"clean_exception", "clean_sentry_item", "redact_secrets"}
START = {
    *("app", "version", "statsig_key", "statsig_url", "sentry_dsn", "bug_report_url", "bug_report_auth"),
    *("bug_report_terms", "command", "bug_command", "github_repository"),
    *("environment", "user_id", "tags", "before_send", "sample", "profile", "truth", "state_dir", "app_modules"),
    *(
        "at_exit",
        "bind_sentry",
        "bind_statsig",
        "statsig_specs",
        "statsig_specs_url",
        "ledger",
        "exit_timeout",
        "max_events_per_minute",
    ),
    *(
        "provider",
        "settings_file",
        "opted_out",
        "notice",
        "contact",
        "off",
        "lift_provider_default",
        "retention_days",
        "training_opt_in",
    ),
}


def public(owner):
    return {name for name in dir(owner) if not name.startswith("_")}


def parameters(function):
    return {name for name in inspect.signature(function).parameters if not name.startswith("_")}


def members():
    """Yield the name and the object of every public class, function, method and property."""
    for name in telemetry_sdk.__all__:
        found = getattr(telemetry_sdk, name)
        if inspect.isroutine(found):
            yield name, found
        elif inspect.isclass(found):
            yield name, found
            for inner, member in vars(found).items():
                if not inner.startswith("_") and (inspect.isroutine(member) or isinstance(member, property)):
                    yield f"{name}.{inner}", member
    for name in telemetry_sdk.privacy.__all__:
        yield f"privacy.{name}", getattr(telemetry_sdk.privacy, name)


def test_exactly_these_names_are_exported():
    assert set(telemetry_sdk.__all__) == EXPORTED
    assert telemetry_sdk.__all__ == sorted(telemetry_sdk.__all__, key=by_kind)
    assert dir(telemetry_sdk) == sorted(EXPORTED)
    assert public(telemetry_sdk.TelemetryClient) | {"policy"} == CLIENT
    assert set(telemetry_sdk.privacy.__all__) == PRIVACY
    assert parameters(telemetry_sdk.start) == START


def by_kind(name):
    """Constants, then classes, then the rest: the order that ruff keeps."""
    return not name.isupper(), not name[0].isupper(), name


def test_every_exported_name_is_there_and_no_other():
    namespace = {}
    exec("from telemetry_sdk import *", namespace)
    assert set(namespace) >= EXPORTED
    with pytest.raises(AttributeError, match="module 'telemetry_sdk' has no attribute 'no_such_name'"):
        telemetry_sdk.no_such_name  # type: ignore[attr-defined]  # noqa: B018
    with pytest.raises(AttributeError, match="no_such_name"):
        telemetry_sdk.privacy.no_such_name  # type: ignore[attr-defined]  # noqa: B018


def test_a_client_is_a_context_manager_of_both_kinds():
    assert {"__enter__", "__exit__", "__aenter__", "__aexit__"} <= set(vars(telemetry_sdk.TelemetryClient))
    client = telemetry_sdk.TelemetryClient
    awaited = {name for name in CLIENT if inspect.iscoroutinefunction(getattr(client, name, None))}
    assert awaited == {"flush", "draft_bug_report_async", "send_bug_report"}


@pytest.mark.parametrize(("name", "member"), list(members()), ids=lambda value: value if isinstance(value, str) else "")
def test_every_public_callable_and_attribute_is_documented(name, member):
    text = inspect.getdoc(member.fget if isinstance(member, property) else member) or ""
    own = vars(member).get("__doc__") if inspect.isclass(member) else text
    assert own, f"{name} has no docstring of its own"
    assert text[0].isupper()
    assert re.search(r"[.:]$", text.strip().splitlines()[-1]) or ":" in text, f"{name}: no sentence"


def test_every_argument_of_start_is_explained():
    explained = set(re.findall(r"^    (\w+): ", inspect.getdoc(telemetry_sdk.start), re.MULTILINE))
    assert explained == parameters(telemetry_sdk.start)


@pytest.mark.parametrize("name", sorted(name for name in EXPORTED if name.endswith(("Error", "Refused", "Failure"))))
def test_errors_print_as_the_place_to_import_them_from(name):
    error = getattr(telemetry_sdk, name)
    assert issubclass(error, telemetry_sdk.TelemetryError)
    assert traceback.format_exception_only(error("said"))[-1] == f"telemetry_sdk.{name}: said\n"


def test_keys_never_show(monkeypatch):
    key, password, token = "client-" + "k" * 20, "p" * 20, "t" * 20
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:{password}@proxy.acme.example:3128")
    monkeypatch.setenv("TELEMETRY_SDK_BUG_REPORT_TOKEN", token)
    monkeypatch.setenv("TELEMETRY_SDK_BUG_REPORT_URL", "https://bugs.acme.example")
    client = telemetry_sdk.start(
        app="acme-agent", version="1", statsig_key=key, sentry_dsn=f"https://{password}@errors.acme.example/1"
    )
    assert all(row.enabled for row in client.policy.rows), client.policy
    policy = client.policy
    shown = [client, policy, policy.explain(), policy.to_json(), client._runtime, client.stats()]
    text = "\n".join(map(repr, shown))
    assert "errors.acme.example" in text, "the control: destinations show"
    for secret in (key, password, token):
        assert secret not in text
    client.close()


CONSUMER = """
from typing import Literal, assert_type

import telemetry_sdk


class ToolUse(telemetry_sdk.Event, name="tool_use"):
    tool: Literal["bash", "edit", "read"]
    duration_ms: float
    ok: bool
    retries: int | None = None


class LongToolUse(ToolUse, name="long_tool_use"):
    reason: Literal["timeout", "size"] | None = None


async def use(client: telemetry_sdk.TelemetryClient) -> None:
    event = ToolUse(tool="bash", duration_ms=12.5, ok=True)
    client.log_event(event)
    client.log_event("tool_use", value=12.5, metadata={"tool": "bash"})
    with client.measure(ToolUse, tool="bash") as measured:
        measured.set(retries=1)
    with client.measure("tool_use", tool="bash"):
        pass
    assert_type(client.capture_exception(KeyError(), level="fatal", handled=False, tags={"a": "b"}), str | None)
    assert_type(client.policy.metrics.enabled, bool)
    draft = client.draft_bug_report("It froze", transcript=[{"role": "user", "content": "hello"}], git=None)
    preview = draft.preview()
    outcome = await client.send_bug_report(draft, consent=preview.consent(), progress=lambda sent, total: None)
    if outcome.kind == "sent":
        assert_type(await client.flush(5, to="spool"), bool)
    client.opt_out("metrics", persist=True)
    assert_type(client.close(timeout=0.3), bool)
    assert_type(telemetry_sdk.privacy.redact_secrets("text"), str)

    ToolUse(tool="rm", duration_ms=1.0, ok=True)  # arg-type
    ToolUse(tool="bash", duration_ms="1", ok=True)  # arg-type
    ToolUse(tool="bash", ok=True)  # call-arg
    ToolUse(tool="bash", duration_ms=1.0, ok=True, path="/x")  # call-arg
    ToolUse("bash", 1.0, True)  # call-arg
    client.log_event(LongToolUse(tool="bash", duration_ms=1.0, ok=True, reason="size"))
    LongToolUse(duration_ms=1.0, ok=True)  # call-arg
    event.ok = False  # misc
    client.log_event(3)  # arg-type
    client.log_event(ToolUse)  # arg-type
    client.capture_exception(KeyError(), level="warn")  # arg-type
    telemetry_sdk.start(app="acme", version="1", at_exit="detatch")  # arg-type
    telemetry_sdk.start(app="acme", version="1", truth="yes")  # arg-type
    client.log_event("tool_use", value="12.5")  # arg-type
    client.measure(3)  # arg-type
    client.capture_exception(level="loud")  # arg-type
    client.capture_exception("text")  # arg-type
    client.draft_bug_report("It froze", everything=True)  # call-arg
    await client.send_bug_report(draft)  # call-arg
    await client.send_bug_report(draft, consent=preview)  # arg-type
    await client.flush(to="the moon")  # arg-type
    outcome.kind == "lost"  # comparison-overlap
    client.policy = client.policy  # misc
    telemetry_sdk.start(app="acme")  # call-arg
    telemetry_sdk.start(app="acme", version="1", statsig_secret="x")  # call-arg
    telemetry_sdk.no_such_name  # attr-defined
    telemetry_sdk.privacy.no_such_name  # attr-defined


async def manage() -> None:
    async with telemetry_sdk.start(app="acme", version="1") as client:
        await use(client)
    with telemetry_sdk.start(app="acme", version="1", statsig_key="client-key", off=["errors"]) as client:
        assert_type(client.policy, telemetry_sdk.Policy)
    assert_type(telemetry_sdk.resolve_policy({}, profile=telemetry_sdk.CLAUDE_CODE), telemetry_sdk.Policy)
"""


def test_a_type_checker_sees_misuse_and_nothing_else(tmp_path):
    consumer = tmp_path / "consumer.py"
    consumer.write_text(CONSUMER)
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--no-error-summary"]
    done = subprocess.run(
        [*command, f"--cache-dir={ROOT / '.mypy_cache'}", str(consumer)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    found = {
        (int(line), code)
        for line, code in re.findall(r"consumer\.py:(\d+): error: .*\[([\w-]+)\]$", done.stdout, re.MULTILINE)
    }
    wanted = {
        (number, line.rpartition("  # ")[2])
        for number, line in enumerate(CONSUMER.splitlines(), 1)
        if re.search(r"  # [\w-]+$", line)
    }
    assert found == wanted, done.stdout + done.stderr
