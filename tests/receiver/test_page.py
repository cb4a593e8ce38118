"""The page's content: the list, what it counts, filters, search and pages; errors, bug reports, refused requests."""

from __future__ import annotations

import gzip
import json
import os
import re
from typing import Any

import pytest

from telemetry_sdk.receiver import running
from tests.page.markup import Markup
from tests.page.sample import KEY, send_sample

DASH = "\N{EN DASH}"


@pytest.fixture
def page(receiver, http):
    """Return the markup of an address below the page's."""

    def get(address=""):
        answer = http.get(receiver.page_url + address)
        assert answer.status_code == 200, answer.text
        return Markup(answer.text)

    return get


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """Return the receiver of a real client's telemetry."""
    with running() as receiver, pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        for name in [name for name in os.environ if name.startswith("TELEMETRY_SDK_")]:
            patch.delenv(name)
        send_sample(receiver, turns=44)
        yield receiver


@pytest.fixture
def sampled(sample, http):
    """Return the markup of an address below the page's, of a page with everything on it."""

    def get(address=""):
        answer = http.get(sample.page_url + address.removeprefix("./"))
        assert answer.status_code == 200, answer.text
        return Markup(answer.text)

    return get


def rows(markup):
    return markup.texts("a", class_="row")


def choices(markup):
    """Return the numbers behind each choice."""
    return {
        label: int(number.replace(",", ""))
        for link in markup.find("a")
        if link.path[-1] == "li" and (label := link.text.rpartition(" ")[0])
        if (number := link.text.rpartition(" ")[2])
    }


def fields(markup):
    return {row.text for row in markup.find("div") if row.path[-1] == "dl"}


def test_the_list_counts_what_arrived_and_shows_refused_requests_first(sampled):
    first = sampled()
    counts = choices(first)
    assert {name: counts[name] for name in ("All", "Metrics", "Errors", "Bug reports")} == {
        "All": 58,
        "Metrics": 55,
        "Errors": 2,
        "Bug reports": 1,
    }
    assert (counts["tool_run"], counts["model_turn"], counts["KeyError"], counts["acme-agent"]) == (44, 11, 1, 58)
    assert (counts["secret: anthropic-key"], counts["a value in a message"]) == (1, 1)
    assert rows(first)[:3] == ["POST /v2/log_event", "POST /v1/log_event", "POST /v1/log_event"]
    assert first.texts("h2")[-2:] == ["Refused requests 3", f"Arrivals 1{DASH}50 of 58"]
    reasons = first.texts("td", class_="line")[:3]
    assert reasons == [
        "no such endpoint",
        "Invalid or missing STATSIG-API-KEY",
        "events[0].time must be an unsigned integer",
    ]
    assert first.texts("td", class_="app")[0] == "acme-agent 1.4.2"
    assert len(first.find("time")) == 53
    assert len(sampled("?page=2").find("a", class_="row")) == 8


def test_pages_have_totals_and_links_that_work_without_a_script(sampled):
    (older,) = sampled().find("a", rel="next")
    second = sampled(older.attributes["href"])
    assert second.texts("h2")[-1] == f"Arrivals 51{DASH}58 of 58"
    assert [link.attributes["href"] for link in second.find("a", rel="prev")] == ["./?"]
    assert second.find("a", rel="next") == []
    assert len(rows(second)) == 8


@pytest.mark.parametrize("number", ["0", "-1", "99", "9" * 400, "x", "²", "1e3", "%00"])
def test_a_page_that_does_not_exist_is_the_nearest_one(receiver, send, page, number):
    send.metrics(send.metric())
    assert page(f"?page={number}").texts("h2")[-1] == f"Arrivals 1{DASH}1 of 1"


@pytest.mark.parametrize(
    ("query", "chosen"),
    [
        ("service=errors", ["KeyError", "ValueError"]),
        ("name=ValueError", ["ValueError"]),
        ("removed=secret%3A+anthropic-key", ["The last line of my file is lost after an edit"]),
        ("q=PARSER+DROPS", ["The last line of my file is lost after an edit"]),
        ("q=read_settings&service=errors", ["ValueError"]),
        ("q=anthropic_api_KEY%3D", ["The last line of my file is lost after an edit"]),
        ("app=other", []),
        ("service=metrics&name=KeyError", []),
    ],
)
def test_a_query_chooses(sampled, query, chosen):
    assert rows(sampled(f"?{query}"))[-len(chosen) or 99 :] == chosen


def test_a_search_finds_text_as_it_was_written_or_as_json_writes_it(send, page):
    send.metrics(send.metric(metadata={"tool": 'the "grüne" key\n'}), send.metric(metadata={"tool": "other"}))
    for text in ('"grüne" KEY', "gr\\u00fcne", "tool"):
        found = page("?" + "q=" + re.sub(r"[^a-zA-Z0-9]", lambda c: "".join(f"%{b:02x}" for b in c[0].encode()), text))
        assert len(rows(found)) == (2 if text == "tool" else 1), text
        assert found.find("input", id="search")[0].attributes["value"] == text
    assert page("?q=absent").texts("p")[-2] == "Nothing fits: choose less, or search for something else."


def test_a_filter_stays_in_every_link_and_in_the_form(sampled):
    filtered = sampled("?service=metrics&q=bash")
    assert filtered.find("input", type="hidden", name="service")[0].attributes["value"] == "metrics"
    for link in filtered.find("a", class_="row")[-3:]:
        assert link.attributes["href"].endswith("?service=metrics&q=bash")
    opened = sampled(filtered.find("a", class_="row")[-1].attributes["href"])
    assert opened.find("a", id="back")[0].attributes["href"] == "../?service=metrics&q=bash"
    assert opened.find("a", rel="next") == []
    newer = sampled("arrival/" + opened.find("a", rel="prev")[0].attributes["href"])
    assert newer.texts("h1") == ["tool_run"]


def test_an_error_is_a_stack_trace_with_its_cause(sampled):
    error = sampled(sampled("?name=ValueError").find("a", class_="row")[-1].attributes["href"])
    assert error.texts("h1") == ["ValueError"]
    assert error.texts("h3") == ["ValueError", "FileNotFoundError"]
    assert error.texts("p", class_="message") == ["settings <…> cannot be read", "ENOENT"]
    assert error.texts("mark")[0] == "<…>"
    assert error.texts("p", class_="relation") == ["caused by"]
    frames = error.texts("li", class_="own")
    assert [re.sub(r"\d+", "N", frame) for frame in frames] == [
        "_record in tests.page.sample, line N",
        "read_settings in tests.page.sample, line N",
        "read_settings in tests.page.sample, line N",
    ]
    assert "release acme-agent@1.4.2" in fields(error)


def test_an_error_has_its_threads_tags_and_breadcrumbs(send, page):
    frames = [{"function": f"f{number}", "module": "acme", "lineno": number, "in_app": True} for number in range(120)]
    send.errors(
        send.error(
            threads={"values": [{"id": 0, "stacktrace": {"frames": frames}}, {"id": 1}]},
            breadcrumbs={"values": [{"category": "http", "level": "info"}] * 250},
            tags={"mode": "fast"},
            user={"id": "a" * 32},
            logentry={"message": "no exception"},
            exception=None,
        )
    )
    listed = page()
    assert listed.texts("td", class_="line") == ["no exception"]
    error = page(listed.find("a", class_="row")[0].attributes["href"])
    assert error.texts("h2")[:5] == ["Thread 0", "Tags", "User", "Breadcrumbs", "Event"]
    assert error.texts("li", class_="own")[0] == "f20 in acme, line 20"
    assert "The 100 innermost of 120 frames are shown." in error.texts("p", class_="note")
    assert {"mode fast", f"id {'a' * 32}"} <= fields(error)
    assert "200 of 250 are shown." in error.texts("li")


def test_a_bug_report_has_its_older_sessions_and_attachments(send, page):
    session = {
        "first": 3,
        "left_out": [4],
        "messages": ["plain text", {"role": "user", "content": "Go on"}],
        "notes": [],
    }
    attachment = {"name": "log.txt", "text": "line one\nline two"}
    send.bug_report({"description": "It froze", "older_sessions": [session], "attachments": [attachment]})
    report = page(page().find("a", class_="row")[0].attributes["href"])
    assert [text for text in report.texts("h2") if "0" in text or "log" in text] == [
        "Older session 0",
        "Attachment log.txt",
    ]
    assert report.texts("h3") == ["unknown role 3", "user 5"]
    assert '"plain text"' not in report.texts("div", class_="prose")
    assert report.texts("div", class_="prose") == ["Go on"]
    assert "text line one line two" in fields(report)


def test_a_bug_report_is_a_conversation_with_what_was_removed_marked(sampled):
    report = sampled(sampled("?service=bug_reports").find("a", class_="row")[-1].attributes["href"])
    assert [found.text for found in report.find("h3") if found.path[-1] == "article"] == [
        *("system 0", "user 1", "assistant 2", "tool 3", "assistant 4", "user 5"),
    ]
    spoken = report.texts("div", class_="prose")
    assert spoken[1] == "Run the tests with ANTHROPIC_API_KEY=[redacted:anthropic-key] and mend what fails."
    assert spoken[3] == "1 failed, 41 passed in 3.2s"
    assert "[redacted:anthropic-key]" in report.texts("mark")
    assert KEY not in report.elements[-1].text
    assert "conversation 627 bytes, removed: 1 anthropic-key" in fields(report)
    assert report.texts("h3").count("ValueError") == 1


def test_recent_errors_of_memory_and_of_the_spool_are_stack_traces(send, page):
    frames = [{"function": "load", "module": "acme.config", "lineno": 4, "in_app": True}]
    in_memory = {"exceptions": [{"type": "ValueError", "module": "builtins", "value": None, "frames": frames}]}
    spooled = {"exception": {"values": [{"type": "KeyError", "stacktrace": {"frames": frames}}]}, "level": "error"}
    send.bug_report({"description": "It froze", "recent_errors": [in_memory, spooled]})
    report = page(page().find("a", class_="row")[0].attributes["href"])
    assert report.texts("h3") == ["ValueError", "KeyError"]
    assert report.texts("li", class_="own") == ["load in acme.config, line 4"] * 2


def test_a_refused_request_has_its_reason_and_its_body_but_no_credential(sampled, sample):
    links = sampled("?refused=1").find("a", class_="row")
    assert len(links) == 3
    refused = sampled(links[-1].attributes["href"])
    assert refused.texts("p", class_="reason") == ["Refused, 400: events[0].time must be an unsigned integer"]
    assert '"time": "yesterday"' in refused.texts("pre")[0]
    assert f"header statsig-api-key (hidden here: {len(sample.statsig_key)} characters)" in fields(refused)
    assert sample.token not in refused.elements[-1].text


def test_a_request_can_be_downloaded_as_it_was_received(receiver, send, page, http):
    event = send.metric(value=1.50)
    send.metrics(event)
    (row,) = page().find("a", class_="row")
    opened = page(row.attributes["href"])
    assert "One event of its request, written as JSON again." in opened.texts("li")
    (link,) = [found for found in opened.find("a") if found.text == "Download the body of its request"]
    answer = http.get(f"{receiver.page_url}arrival/{link.attributes['href']}")
    assert answer.content == receiver.requests()[-1].wire
    assert json.loads(gzip.decompress(answer.content))["events"] == [event]


def test_of_the_refused_requests_above_the_list_there_are_five(receiver, http, page):
    for number in range(7):
        http.post(f"{receiver.url}/{number}")
    above = page()
    assert rows(above) == [f"POST /{number}" for number in (6, 5, 4, 3, 2)]
    (every,) = [link for link in above.find("a") if link.text == "All 7"]
    assert len(rows(page(every.attributes["href"].removeprefix("./")))) == 7


def test_the_page_says_what_came_again(send, page):
    event = send.metric()
    for _ in range(3):
        send.metrics(event)
    assert page().texts("p", class_="note")[-1] == "2 came again and are listed once."
    assert page().texts("h2")[-1] == f"Arrivals 1{DASH}1 of 1"


def test_a_client_report_is_counted_by_reason(receiver, send, page):
    report = {"timestamp": 1, "discarded_events": [{"reason": "before_send", "category": "error", "quantity": 3}]}
    payload = json.dumps(report)
    send.errors(content=f'{{}}\n{{"type":"client_report","length":{len(payload)}}}\n{payload}\n'.encode())
    assert choices(page())["discarded: before_send"] == 3
    assert "3 before_send" in page().texts("td", class_="line")


def test_an_empty_page_says_what_to_do(page):
    assert page().texts("p")[-2].startswith("Nothing has arrived yet. Run a program")


def test_an_open_page_gets_an_event_for_each_arrival(receiver, send, http):
    with http.stream("GET", f"{receiver.page_url}stream") as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        lines = stream.iter_lines()
        assert next(lines) == ": connected"
        send.metrics(send.metric(eventName="first"), send.metric(eventName="second"))
        announced: list[dict[str, Any]] = []
        while sum(event["number"] for event in announced) < 2:
            announced.append(json.loads(next(line for line in lines if line.startswith("data: "))[6:]))
        assert sorted(name for event in announced for name in event["names"]) == ["first", "second"]
        assert {event["refused"] for event in announced} == {0}
        assert send.metrics(send.metric(time=-1)).status_code == 400
        assert json.loads(next(line for line in lines if line.startswith("data: "))[6:])["refused"] == 1
