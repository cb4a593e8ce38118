"""The inspector in a real browser: live, by keyboard, without JavaScript, accessible, and harmed by nothing."""

from __future__ import annotations

import json
import re

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe

from telemetry_sdk.ledger import Ledger
from telemetry_sdk.receiver import running
from telemetry_sdk.receiver.ledger_server import ledger_page
from telemetry_sdk.storage.shared_state import SharedState, add_counts
from tests.page.sample import send_refused

EVIL = "</pre></title><script>alert(1)</script><img src=x onerror=alert(1)><svg onload=alert(1)>"
SIZES = {"wide": {"width": 1280, "height": 900}, "narrow": {"width": 320, "height": 700}}
LISTS = {"list": "", "filtered": "?service=errors&q=read", "refused": "?refused=1", "nothing": "?q=absent"}
OPENED = {
    "error": "?name=ValueError",
    "report": "?service=bug_reports",
    "metric": "?name=tool_run",
    "refusal": "?refused=1",
}


def send_events(receiver, *names, **fields):
    events = [{"user": {"userID": "u"}, "eventName": name, "time": 1, **fields} for name in names]
    headers = {"STATSIG-API-KEY": receiver.statsig_key}
    answer = httpx.post(f"{receiver.statsig_url}/log_event", json={"events": events}, headers=headers, trust_env=False)
    assert answer.status_code == 202


def send_item(receiver, kind, body):
    content = b'{}\n{"type":"%b","length":%d}\n%b\n' % (kind, len(body), body)
    headers = {"X-Sentry-Auth": f"Sentry sentry_key={receiver.sentry_key}"}
    url = f"{receiver.url}/api/1/envelope/"
    assert httpx.post(url, content=content, headers=headers, trust_env=False).status_code == 200


def rows(page):
    return page.locator("section:last-of-type a.row").all_inner_texts()


def violations(page):
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [(one["id"], node["html"], node["failureSummary"]) for one in found for node in one["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", [*LISTS, *OPENED])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_window(sample, visit, name, size, scheme):
    page = visit(sample.page_url + {**LISTS, **OPENED}[name], color_scheme=scheme, viewport=SIZES[size])
    if name in OPENED:
        page.locator("main a.row").last.click()
        page.wait_for_selector(".detail")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == (
        "rgb(255, 255, 255)" if scheme == "light" else "rgb(19, 20, 22)"
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_page_over_the_ledger_which_follows_it(visit, tmp_path, scheme):
    ledger = Ledger(str(tmp_path), "run")
    assert SharedState(str(tmp_path)).change(lambda state: add_counts(state, "dropped", {"disk_full": 3}))
    ledger.outcome(ledger.receipt(host="bugs.example", sha256="5e" * 32, report_id="caf41e03"), status=200)
    with ledger_page([("acme", str(tmp_path))]) as url:
        page = visit(url, color_scheme=scheme)
        page.get_by_role("status").get_by_text("Live").wait_for()
        entry = ledger.attempt(service="metrics", host="events.example", content=b'{"events": []}', count=1)
        ledger.outcome(entry, reason="connection_refused")
        page.locator(".refused a.row").wait_for()
        assert violations(page) == []
        page.get_by_role("link", name="Bug report caf41e03").click()
        page.get_by_text("The ledger never holds the text").wait_for()
        assert violations(page) == []
        page.goto("about:blank")  # ends the connection before the server does


def test_the_list_follows_what_arrives_and_announces_it(receiver, visit):
    page = visit(receiver.page_url)
    live = page.get_by_role("status")
    live.get_by_text("Live").wait_for()
    assert rows(page) == []
    page.locator("#search").fill("being typed")
    send_events(receiver, "first", "second")
    page.locator("a.row", has_text="second").wait_for()
    assert sorted(rows(page)) == ["first", "second"]
    assert re.fullmatch(r"[12] new: (first|second)(, (first|second))?", live.inner_text())
    assert page.locator("#search").input_value() == "being typed"
    assert page.evaluate("document.activeElement.id") == "search"
    send_refused(receiver)
    page.locator(".refused a.row").nth(2).wait_for()
    live.get_by_text("refused").wait_for()
    assert page.locator("nav a", has_text="All").first.inner_text().split() == ["All", "2"]


def test_a_row_keeps_the_focus_when_the_list_is_renewed(receiver, visit):
    send_events(receiver, "first")
    page = visit(receiver.page_url)
    page.get_by_role("status").get_by_text("Live").wait_for()
    page.keyboard.press("j")
    send_events(receiver, "second")
    page.locator("a.row", has_text="second").wait_for()
    assert page.evaluate("document.activeElement.innerText") == "first"


def test_a_server_that_has_gone_is_announced(browser, visit):
    with running() as receiver:
        context = browser.new_context()
        page = context.new_page()  # its console reports the lost connection
        page.goto(receiver.page_url)
        page.get_by_role("status").get_by_text("Live").wait_for()
    page.get_by_role("status").get_by_text("Not connected").wait_for()
    context.close()


def test_the_keyboard_reaches_everything(sample, visit):
    page = visit(f"{sample.page_url}?q=l")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    page.keyboard.type("jk/")
    assert page.locator("#search").input_value().replace("l", "") == "jk/"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.tagName") == "BODY"
    names = page.locator("a.row").all_inner_texts()
    for key, expected in [("j", 0), ("j", 1), ("k", 0), ("k", 0), ("j", 1), ("j", 2), ("j", 3)]:
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement.innerText") == names[expected]
    page.keyboard.press("Enter")
    page.wait_for_selector(".detail")
    opened = page.url
    page.keyboard.press("j")
    page.wait_for_url(lambda url: url != opened)
    page.keyboard.press("k")
    page.wait_for_url(opened)
    page.keyboard.press("Escape")
    page.wait_for_url(f"{sample.page_url}?q=l")


def test_every_focused_element_is_outlined(sample, visit):
    page = visit(f"{sample.page_url}?service=errors")
    for _ in range(12):
        page.keyboard.press("Tab")
        style = (
            "(({outlineStyle, outlineWidth}) => outlineStyle + outlineWidth)(getComputedStyle(document.activeElement))"
        )
        assert page.evaluate(style) == "solid2px", page.evaluate("document.activeElement.outerHTML")


def test_all_works_without_javascript(sample, visit):
    page = visit(sample.page_url, java_script_enabled=False)
    assert page.locator("#theme").is_hidden()
    page.get_by_role("link", name="Older").click()
    assert page.locator("h2").last.inner_text().startswith("Arrivals 51")
    page.get_by_role("link", name="Errors 2").click()
    page.get_by_label("Search").fill("read_settings")
    page.get_by_role("button", name="Search").click()
    assert rows(page) == ["ValueError"]
    page.get_by_role("link", name="ValueError", exact=True).click()
    assert page.locator("h3").all_inner_texts() == ["ValueError", "FileNotFoundError"]
    page.get_by_role("link", name="List").click()
    assert rows(page) == ["ValueError"]


def test_the_button_turns_dark_into_light_and_the_choice_stays(sample, visit):
    page = visit(sample.page_url, color_scheme="dark")
    page.get_by_role("button", name="Light").click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.reload()
    page.get_by_role("button", name="Dark").wait_for()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_no_payload_runs_a_script(receiver, visit):
    """A dialog, a foreign request or a violation of the policy, which the console reports, fails in `visit`."""
    send_events(receiver, EVIL[:64], metadata={EVIL: EVIL})
    exception = {"values": [{"type": EVIL, "value": EVIL}]}
    event = {"event_id": "a" * 32, "timestamp": 1, "platform": "python", "exception": exception}
    send_item(receiver, b"event", json.dumps(event).encode())
    send_item(receiver, b"attachment", EVIL.encode())
    page = visit(f"{receiver.page_url}?q={EVIL[:20]}")
    for number in range(1, 4):
        page.goto(f"{receiver.page_url}arrival/{number}")
        assert page.locator("pre").first.inner_text().strip() != ""
    page.goto(f"{receiver.page_url}arrival/3")
    assert EVIL in page.locator("pre").first.inner_text()
    assert page.evaluate("document.scripts.length") == 1


def test_a_script_in_the_page_would_not_run(receiver, browser):
    """The policy is what stops it, were markup ever not escaped."""
    context = browser.new_context()
    page = context.new_page()  # its console reports the violation
    page.goto(receiver.page_url)
    listener = "event => { window.stopped = event.violatedDirective; }"
    page.evaluate(f"() => document.addEventListener('securitypolicyviolation', {listener})")
    page.evaluate("document.body.setAttribute('onclick', 'window.ran = true'); document.body.click()")
    page.wait_for_function("window.stopped")
    assert page.evaluate("[window.stopped, window.ran]") == ["script-src-attr", None]
    context.close()


def test_100_000_nested_lists_and_a_megabyte_on_one_line_are_shown(receiver, visit):
    send_item(receiver, b"attachment", b"[" * 100_000 + b"]" * 100_000)
    send_item(receiver, b"attachment", b'{"a": "' + b"x" * 1_000_000 + b'"}')
    for number in (1, 2):
        page = visit(f"{receiver.page_url}arrival/{number}", viewport=SIZES["narrow"])
        assert page.get_by_text("Cut after 65,536 bytes of").is_visible()
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
