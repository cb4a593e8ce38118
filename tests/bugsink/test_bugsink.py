"""A real server of Sentry's protocol stores, groups and shows our errors, under strict validation.

It answers 200 to what it refuses, too: every test reads back what it holds.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Bugsink runs on POSIX systems only")

APPLICATION = Path(__file__).with_name("application")
PLANTED = "/home/planted/secret.py"


def line_of(work):
    return work.__code__.co_firstlineno + 2  # below the docstring


@pytest.fixture
def report(start, bugsink):
    """Capture what each call raises, send it, and return the issues."""
    client = start(sentry_dsn=bugsink.dsn, app_modules=["acme_agent"])

    def reported(*works):
        for work in works:
            try:
                work(PLANTED)
            except Exception:
                assert client.capture_exception()
        assert client.flush_sync(60)
        assert client.stats()["dropped"] == {}
        return bugsink.issues()

    return reported


def titles(issues):
    return sorted((issue["calculated_type"], issue["calculated_value"]) for issue in issues)


def frames(event, exception=-1):
    found = event["data"]["exception"]["values"][exception]["stacktrace"]["frames"]
    return [(f.get("module"), f["function"], f.get("lineno"), f["in_app"]) for f in found]


def test_a_handled_error_becomes_one_issue(report, bugsink, acme):
    [issue] = report(acme.bash)
    assert (issue["calculated_type"], issue["stored_event_count"]) == ("ToolError", 1)
    [event] = bugsink.events(issue)
    assert frames(event)[-1] == ("acme_agent.tools", "bash", line_of(acme.bash), True)
    assert event["data"]["release"] == "acme-agent@1.4.2"
    assert event["data"]["exception"]["values"][0]["mechanism"]["handled"] is True
    page = bugsink.page(f"/issues/issue/{issue['id']}/event/last/")
    assert "ToolError acme_agent.tools in bash Stacktrace" in page, "title and culprit"
    assert f"acme_agent.tools in bash line {line_of(acme.bash)} . raise ToolError" in page
    assert "handled: true (100%)" in page
    assert "planted" not in page
    assert "planted" not in str(event)


def test_a_chain_is_shown_with_every_exception(report, bugsink, acme):
    [issue] = report(acme.config.configure)
    assert issue["calculated_type"] == "ConfigError", "the outermost is the title"
    [event] = bugsink.events(issue)
    assert [value["type"] for value in event["data"]["exception"]["values"]] == ["FileNotFoundError", "ConfigError"]
    assert [frame[:2] for frame in frames(event, 0)] == [
        ("acme_agent.config", "configure"),
        ("acme_agent.config", "load"),
    ]
    page = bugsink.page(f"/issues/issue/{issue['id']}/event/last/")
    first, second = page.split("During handling of the above exception")
    assert "raise FileNotFoundError" in first
    assert "raise ConfigError" in second


def test_an_exception_group_is_stored_with_its_members(report, bugsink, acme):
    [issue] = report(acme.everything)
    assert issue["calculated_type"] == "ExceptionGroup"
    [event] = bugsink.events(issue)
    values = event["data"]["exception"]["values"]
    assert [value["type"] for value in values] == ["ToolError", "FileNotFoundError", "ConfigError", "ExceptionGroup"]
    assert values[-1]["mechanism"]["is_exception_group"] is True
    page = bugsink.page(f"/issues/issue/{issue['id']}/event/last/")
    assert "ExceptionGroup acme_agent.tools in everything Stacktrace" in page
    assert page.count("During handling of the above exception") == 3


def test_an_uncaught_error_is_shown_as_unhandled(program, bugsink):
    where = {"TELEMETRY_SDK_SENTRY_DSN": bugsink.dsn}
    source = f"import runpy, sys; sys.path.insert(0, {str(APPLICATION)!r}); runpy.run_module('acme_agent')"
    done = program(source, bare=True, **where)
    assert (done.code, done.err.splitlines()[-1]) == (1, "acme_agent.tools.ToolError: rm -r /home/planted")
    rest = program(
        "import sys; from telemetry_sdk.cli import main; sys.argv[1:] = ['send']; main()", bare=True, **where
    )
    assert (rest.code, rest.err) == (0, ""), "what the exit had no time for waits on disk"
    [issue] = bugsink.issues()
    [event] = bugsink.events(issue)
    assert (event["data"]["level"], event["data"]["exception"]["values"][0]["mechanism"]["handled"]) == ("fatal", False)
    assert "handled: false (100%)" in bugsink.page(f"/issues/issue/{issue['id']}/event/last/")


def test_errors_without_frames_are_grouped_by_type_and_errno(start, bugsink):
    client = start(sentry_dsn=bugsink.dsn)
    for error in (PermissionError(13, PLANTED), PermissionError(1, PLANTED), PermissionError(13, "other")):
        assert client.capture_exception(error)
    assert client.flush_sync(60)
    issues = bugsink.issues()
    assert sorted((issue["calculated_type"], issue["stored_event_count"]) for issue in issues) == [
        ("PermissionError", 1),
        ("PermissionError", 2),
    ]
    assert "No stacktrace" not in bugsink.page(f"/issues/issue/{issues[0]['id']}/event/last/")


def test_errors_are_grouped_by_the_raising_function(report, bugsink, acme):
    issues = report(*acme.PLACES * 4)
    assert [(issue["calculated_type"], issue["stored_event_count"]) for issue in issues] == [("ToolError", 4)] * 3
    where = {tuple(frames(event)[-1][1] for event in bugsink.events(issue)) for issue in issues}
    assert where == {("bash",) * 4, ("edit",) * 4, ("Reader.read",) * 4}
    listed = bugsink.page("/issues/1/")
    assert listed.count("ToolError") == 3


def test_an_older_schema_refuses_infer_ip_only(start, untouched_bugsink, acme):
    client = start(sentry_dsn=untouched_bugsink.dsn, app_modules=["acme_agent"])
    with pytest.raises(acme.ToolError) as caught:
        acme.bash(PLANTED)
    assert client.capture_exception(caught.value)
    assert client.flush_sync(60), "it is answered 200"
    assert untouched_bugsink.issues() == []
    why = "$.sdk: Additional properties are not allowed ('settings' was unexpected)"
    assert why in untouched_bugsink.log()


def test_errors_of_a_bound_sentry_sdk_are_stored(program, bugsink):
    source = f"""
        import logging, sys
        sys.path.insert(0, {str(APPLICATION)!r})
        import sentry_sdk, telemetry_sdk
        from acme_agent import tools
        client = telemetry_sdk.start(app="acme-agent", version="1.4.2", app_modules=["acme_agent"], bind_sentry=True)
        sentry_sdk.add_breadcrumb(category="http", level="info", message="planted")
        try:
            tools.everything({PLANTED!r})
        except ExceptionGroup as error:
            sentry_sdk.capture_exception(error)
        logging.getLogger("acme").error("planted %s", "planted")
        assert client.flush_sync(60)
        assert client.stats()["directory"]["delivered"] == {{"errors": 2}}, client.stats()
    """
    done = program(source, bare=True, TELEMETRY_SDK_SENTRY_DSN=bugsink.dsn)
    assert (done.code, done.err) == (0, "planted planted\n")
    issues = bugsink.issues()
    assert len(issues) == 2, "a log entry without an exception, too"
    group = next(issue for issue in issues if issue["calculated_type"] == "ExceptionGroup")
    page = bugsink.page(f"/issues/issue/{group['id']}/event/last/")
    assert "ExceptionGroup acme_agent.tools in everything Stacktrace" in page
    assert not any("planted" in str(bugsink.events(issue)) for issue in issues)
