"""`telemetry-sdk ledger --page`: what left this machine, in a browser."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time

import httpx
import pytest

from telemetry_sdk.ledger import Ledger, purge
from telemetry_sdk.losses import DISK_FULL
from telemetry_sdk.receiver.ledger_server import ledger_page
from telemetry_sdk.sender.results import describe_result
from telemetry_sdk.storage.shared_state import SharedState, add_counts
from tests.commands import COMMAND
from tests.page.markup import Markup

SENDS = """
client.log_event(Tick(n=7))
client.log_event(Tick(n=8))
try:
    open("/no/such/file")
except OSError as error:
    client.capture_exception(error)
draft = client.draft_bug_report("It froze in secret_place")
client.send_bug_report_sync(draft, consent=draft.preview().consent())
assert client.flush_sync(20)
"""


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such signals between processes")
def test_the_command_shows_what_left_until_a_signal(environment, program, receiver):
    assert program(SENDS).code == 0
    command = [str(COMMAND), "ledger", "--page", "--service", "metrics", "--search", "t i"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            url, _, query = process.stdout.readline().strip().partition("?")
            first = httpx.get(url, trust_env=False)
            without = httpx.get(url.rpartition("/page/")[0] + "/page/x/", trust_env=False)
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0
        finally:
            process.kill()  # of no effect on one that has ended
    assert (without.status_code, query) == (403, "service=metrics&q=t+i")
    markup = Markup(first.text)
    (report,) = receiver.requests("bug_reports")
    report_name, *names = sorted(markup.texts("a", class_="row"))
    assert names == ["FileNotFoundError", "tick", "tick"]
    assert report_name.startswith("Bug report ")
    assert report.headers["x-content-sha256"] in first.text
    assert "secret_place" not in first.text
    assert markup.texts("h1") == ["What left this machine"]
    assert set(markup.texts("td", class_="app")) == {"acme-agent 1.4.2", "acme-agent"}


def test_the_page_without_the_receivers_packages_names_the_extra(run_process, environment, world):
    (world / "jinja2.py").write_text("raise ModuleNotFoundError('No module named jinja2', name='jinja2')")
    ran = run_process("ledger", "--page", PYTHONPATH=str(world))
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == "telemetry-sdk: the receiver needs its extra: pip install 'telemetry-sdk[receiver]'\n"


@pytest.fixture
def place(world):
    """Return a state directory."""
    path = world / ".local" / "state" / "telemetry-sdk" / "acme-agent" / "0123456789abcdef"
    path.mkdir(parents=True, mode=0o700)
    return str(path)


@pytest.fixture
def shown(place):
    """Return the markup of an address below the page's."""
    with ledger_page([("acme-agent", place)]) as url, httpx.Client(trust_env=False) as http:

        def get(address=""):
            answer = http.get(url + address)
            assert answer.status_code == 200
            return Markup(answer.text)

        yield get


def test_of_a_bug_report_the_page_shows_the_receipt(place, shown):
    ledger = Ledger(place, "run")
    ledger.outcome(ledger.receipt(host="bugs.example", sha256="5e" * 32, report_id="caf41e03"), status=200)
    (row,) = shown().find("a", class_="row")
    assert row.text == "Bug report caf41e03"
    receipt = shown(row.attributes["href"])
    assert receipt.texts("p", class_="prose") == [f"SHA-256 {'5e' * 32}"]
    assert "The ledger never holds the text of a bug report." in receipt.texts("li")
    assert receipt.find("pre") == []


def events(*numbers):
    made = [{"eventName": f"event{n}", "metadata": {"n": n}, "user": {"custom": {"app": "acme"}}} for n in numbers]
    return json.dumps({"events": made, "statsigMetadata": {}}).encode()


def test_an_open_page_follows_the_ledger(place, shown):
    assert "No ledger here has an entry." in shown().texts("p")
    ledger = Ledger(place, "run")
    first = ledger.attempt(service="metrics", host="events.example", content=events(1, 2), count=2)
    assert sorted(shown().texts("a", class_="row")) == ["event1", "event2"]
    ledger.outcome(first, status=202)
    second = ledger.attempt(service="metrics", host="events.example", content=events(1), count=1)
    ledger.outcome(second, reason="connection_refused")
    rows = shown().find("a", class_="row")
    assert [row.text for row in rows] == ["1 to events.example", "event2", "event1"]
    failed = shown(rows[0].attributes["href"])
    assert failed.texts("p", class_="reason") == [
        f"Not delivered: {describe_result('connection_refused', 'events.example')}"
    ]
    assert '"eventName": "event1"' in failed.texts("pre")[0]
    opened = shown(rows[1].attributes["href"])
    assert "header host events.example" in opened.texts("div")
    purge(place)
    assert shown().texts("a", class_="row") == []


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        ({"status": 503}, "Not delivered, 503: the server answered 503"),
        (
            {"reason": "timeout"},
            "Not delivered: no answer from errors.example in time (does a firewall or a proxy stand between?)",
        ),
    ],
)
def test_a_request_that_failed_is_listed_first(place, shown, outcome, reason):
    ledger = Ledger(place, "run")
    ledger.outcome(ledger.attempt(service="errors", host="errors.example", content=b"{}\n", count=1), **outcome)
    (row,) = shown().find("a", class_="row")
    assert "section" in row.path
    assert shown(row.attributes["href"]).texts("p", class_="reason") == [reason]


def test_records_of_local_mode_are_listed_as_kept(place, shown):
    ledger = Ledger(place, "run")
    ledger.outcome(
        ledger.attempt(service="metrics", host="h", content=events(1), count=1), reason="not sent: local mode"
    )
    assert shown().texts("a", class_="row") == ["event1"]


def test_what_was_dropped_is_counted_by_reason_with_its_sentence(place, shown):
    assert SharedState(place).change(lambda state: add_counts(state, "dropped", {"disk_full": 3}))
    assert f"disk_full 3 {DISK_FULL.sentence}" in shown().texts("li")


def test_damaged_and_foreign_entries_do_not_harm_the_page(place, shown):
    ledger = Ledger(place, "run", wall=lambda: 1e15)
    for content in (
        b"",
        b"[" * 100_000,
        b"\xff<script>",
        b'{"events": 1}',
        b'{"events": [[], {"eventName": []}]}',
        b"{}\n{}\n",
    ):
        for service in ("metrics", "errors", "m\x1b[31m"):
            ledger.attempt(service=service, host="<b>h", content=content, count=1)
    listed = shown()
    assert listed.find("b") == []
    for link in listed.find("a", class_="row"):
        assert shown(link.attributes["href"]).find("h1")
    assert len(listed.find("a", class_="row")) >= 18


def test_a_ledger_of_5_000_entries_is_shown_with_totals(place, shown):
    now = time.time()
    clock = iter(range(10_000_000))
    ledger = Ledger(place, "run", wall=lambda: now - 1_000_000 + next(clock))
    for number in range(5_000):
        ledger.attempt(service="metrics", host="events.example", content=events(number % 7), count=1)
    assert shown().texts("h2")[-1] == "Records 1\N{EN DASH}50 of 5,000"
    assert shown("?name=event3").texts("h2")[-1] == "Records 1\N{EN DASH}50 of 714"
