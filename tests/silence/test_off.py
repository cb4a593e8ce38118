"""With every service off, in each way there is, nobody hears of the program, and nothing is left of it."""

from __future__ import annotations

import sys

import pytest

VENDORS = ("sentry_sdk", "statsig")
HEAVY = ("httpx", "httpcore", "anyio", "asyncio", "trio", "ssl", "_ssl", "socket", "_socket", "truststore", "certifi")
OF_THE_LIBRARY = ("threading", "logging", "typing", "dataclasses", "inspect", "enum", "re", "hashlib", "subprocess")
ALL_IN_ONE = "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"

EVERY_CALL = """
    for n in range(50):
        client.log_event(Tick(n=n))
        client.log_event("tick", metadata={"n": n})
        client.log_event("nobody_declared_this", value=1.5)
        with client.measure(Tick, n=n):
            pass
        try:
            {}[n]
        except KeyError as error:
            assert client.capture_exception() is None
            assert client.capture_exception(error, level="fatal", handled=False) is None
    assert client.flush_sync(5) and client.flush_sync(5, to="spool")
    assert not any(row.enabled for row in client.policy.rows), client
    assert client.stats()["accepted"] == 0
    client.opt_out("metrics", persist=False)
    client.opt_out(persist=False)
    assert client.close()
    client.log_event("tick", metadata={"n": 1})
    assert client.close(timeout=5)
"""


def assert_nothing_heard(done, *, files=False):
    done.assert_silent()
    assert done.imported(*VENDORS, *HEAVY, *OF_THE_LIBRARY) == []
    if not files:
        assert done.imported("json") == []


@pytest.mark.parametrize(
    "environ",
    [
        {ALL_IN_ONE: "1"},
        {ALL_IN_ONE: "0"},
        {"DISABLE_TELEMETRY": "1", "DISABLE_ERROR_REPORTING": "1", "DISABLE_BUG_COMMAND": "1"},
        {"DISABLE_TELEMETRY": "0", "DISABLE_ERROR_REPORTING": "false", "DISABLE_FEEDBACK_COMMAND": "off"},
        {"DO_NOT_TRACK": "1", "DISABLE_BUG_COMMAND": "1"},
        {"DO_NOT_TRACK": "yes", "DISABLE_FEEDBACK_COMMAND": "1"},
        {"CLAUDE_CODE_USE_BEDROCK": "1"},
        {"CLAUDE_CODE_USE_VERTEX": "true"},
        {"CLAUDE_CODE_USE_FOUNDRY": "on"},
        {"CLAUDE_CODE_USE_BEDROCK": "1", "CLAUDE_CODE_USE_VERTEX": "1"},
        {"HTTPS_PROXY": "http://proxy with blanks"},
    ],
    ids=lambda environ: ",".join(f"{name}={value}" for name, value in environ.items()),
)
def test_a_client_off_by_environment_is_silent(started, environ):
    assert_nothing_heard(started(EVERY_CALL, **environ))


@pytest.mark.parametrize(
    "choices",
    [
        "{'off': ('metrics', 'errors', 'bug_reports')}",
        "{'off': ('a service that does not exist',)}",
        "{'statsig_key': None, 'sentry_dsn': None, 'bug_report_url': None}",
        "{'statsig_key': 'secret-key', 'sentry_dsn': 'http://a@b.example/1', 'bug_report_url': 'file:///tmp'}",
        "{'app': '../escape'}",
    ],
)
def test_a_client_off_by_the_host_or_without_endpoints_is_silent(started, choices):
    assert_nothing_heard(started(EVERY_CALL, choices=choices))


def test_a_client_without_keys_is_silent(watched):
    done = watched("""
        import telemetry_sdk
        with telemetry_sdk.start(app="acme-agent", version="1.4.2") as client:
            client.log_event("tick")
            client.capture_exception(KeyError())
    """)
    assert_nothing_heard(done)


@pytest.mark.parametrize(
    ("place", "text", "environ"),
    [
        ("managed", f'{{"env": {{"{ALL_IN_ONE}": "1"}}}}', {}),
        ("managed", "{ not JSON", {}),
        (".claude/settings.json", f'{{"env": {{"{ALL_IN_ONE}": 1}}}}', {}),
        (".claude/settings.json", "{ not JSON", {"DISABLE_BUG_COMMAND": "1"}),
        ("work/.claude/settings.json", f'{{"env": {{"{ALL_IN_ONE}": "1"}}}}', {}),
        ("work/.claude/settings.local.json", f'{{"env": {{"{ALL_IN_ONE}": true}}}}', {}),
        ("work/.claude/settings.json", '{"env": {"CLAUDE_CODE_USE_BEDROCK": "1"}}', {}),
        ("work/.claude/settings.json", "[]", {"DISABLE_BUG_COMMAND": "1"}),
    ],
)
def test_a_client_off_by_a_settings_file_is_silent(started, world, managed, place, text, environ):
    file = managed if place == "managed" else world / place
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    done = started(EVERY_CALL, **environ)
    done.assert_silent()
    assert done.imported(*VENDORS, *HEAVY, "threading", "logging") == []
    mine = [path for path in done.seen("read") if path.startswith(str(world.parent))]
    assert mine == [str(file)], "of the user's files the settings are read, once, and nothing else"


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_an_async_program_is_unchanged_while_off(started, backend):
    source = """
        import anyio

        async def without():
            await anyio.sleep(0)

        async def main():
            async with client:
                client.log_event("tick", metadata={{"n": 1}})
                assert await client.flush(5) and await client.flush(5, to="spool")

        anyio.run({main}, backend={backend!r})
        """
    control = started(source.format(main="without", backend=backend), **{ALL_IN_ONE: "1"})
    done = started(source.format(main="main", backend=backend), **{ALL_IN_ONE: "1"})
    for kind in ("thread", "process", "change", "network"):
        assert len(done.seen(kind)) == len(control.seen(kind)), (kind, done.seen(kind))
    assert done.seen("tasks") == control.seen("tasks")
    assert done.packets in (None, [])
    assert (done.code, done.out, done.err, done.changed) == (0, "", "", set())
    assert done.imported(*VENDORS, "httpx", "httpcore") == []


def test_a_refused_bug_report_is_silent(started):
    done = started(
        """
        try:
            client.draft_bug_report("It froze", transcript=[{"role": "user", "content": "hello"}])
        except telemetry_sdk.BugReportRefused as refused:
            assert refused.reasons
        else:
            raise SystemExit("not refused")
        """,
        **{ALL_IN_ONE: "1"},
    )
    done.assert_silent()
    assert done.imported(*VENDORS, "httpx", "httpcore", "ssl", "asyncio") == []


def test_a_killed_or_forking_program_is_silent_while_off(started):
    source = """
        import os
        if hasattr(os, "fork"):
            child = os.fork()
            client.log_event("tick", metadata={"n": 1})
            client.capture_exception(KeyError())
            if child == 0:
                client.close()
                os._exit(0)
            os.waitpid(child, 0)
        """
    done = started(source, **{ALL_IN_ONE: "1"})
    assert done.seen("network") == done.seen("thread") == done.seen("change") == []
    assert done.packets in (None, [])
    assert (done.code, done.out, done.err, done.changed) == (0, "", "", set())


def test_files_of_an_earlier_run_are_deleted_silently(started, world):
    left = started("client.log_event('tick', metadata={'n': 1}); client.capture_exception(KeyError())", network=False)
    assert left.changed, "the control: with the services on there is something to delete"
    state = str(world / ".local" / "state" if sys.platform not in {"win32", "darwin"} else world)
    done = started(EVERY_CALL, **{ALL_IN_ONE: "1"})
    assert done.seen("network") == done.seen("thread") == done.seen("process") == []
    assert done.imported(*VENDORS, *HEAVY) == []
    assert done.packets in (None, [])
    assert any(what.startswith(("os.remove", "os.rmdir")) for what in done.seen("change"))
    assert all(state in what or not what.startswith("os.") for what in done.seen("change"))
    waiting = [path for path in world.rglob("*") if path.is_file() and path.parent.name in {"metrics", "errors"}]
    assert waiting == []
    assert list(world.rglob("installation-id")) == []


def calls_within(work):
    """Return the names of all functions, Python's and C's, that `work` calls."""
    found = []

    def note(frame, event, what):
        if event == "call":
            found.append(frame.f_code.co_name)
        elif event == "c_call":
            found.append(what.__name__)

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return found[1:-1]  # without `work` itself and `setprofile`


def test_a_call_while_off_calls_nothing(monkeypatch):
    import telemetry_sdk

    monkeypatch.setenv(ALL_IN_ONE, "1")
    client = telemetry_sdk.start(app="acme-agent", version="1.4.2", statsig_key="client-key")
    assert calls_within(lambda: client.log_event("tick", metadata={"n": 1})) == ["log_event"]
    assert calls_within(lambda: client.capture_exception(KeyError())) == ["capture_exception"]
    assert calls_within(lambda: sorted([len("")])) == ["len", "sorted"], "the control"
