"""What arrives cannot run, hide or break the page; what is not shown, or shown differently, is stated."""

from __future__ import annotations

import gzip
import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from telemetry_sdk.receiver.page.bodies import LONGEST, indented, shown_body
from telemetry_sdk.receiver.page.shown_text import shown
from tests.page.markup import Markup

EVIL = "</pre></title><script>alert(1)</script><img src=x onerror=alert(1)>\"'><a href=javascript:alert(1)>"
BIDI = "user\u202egnp.exe\u2066\u200b\x1b[31m\x00"
DEEP = "[" * 100_000 + "]" * 100_000


@pytest.fixture
def opened(receiver, http):
    """Return the list, and the pages of all arrivals, newest first; every answer must be whole."""

    def get():
        first = http.get(receiver.page_url)
        assert first.status_code == 200, first.text
        pages = [first]
        for link in Markup(first.text).find("a", class_="row"):
            pages.append(http.get(receiver.page_url + link.attributes["href"]))
            assert pages[-1].status_code == 200, pages[-1].text
        for answer in pages:
            markup = Markup(answer.text)
            assert markup.find("html") != []
            assert len(markup.find("script")) == len(markup.find("title")) == 1
            assert markup.find("img") == []
            assert not [a for a in markup.find("a") if a.attributes["href"].lower().startswith("javascript")]
            assert len(answer.content) < 2_500_000
        return pages

    return get


def item(send, kind, body):
    content = b'{}\n{"type":"%b","length":%d}\n%b\n' % (kind.encode(), len(body), body)
    assert send.errors(content=content).status_code == 200


def test_markup_in_every_field_is_text(send, opened, http, receiver):
    send.metrics(
        send.metric(eventName=EVIL[:64], user={"userID": EVIL[:64], "custom": {"app": EVIL}}, metadata={EVIL: EVIL})
    )
    frame = {"function": EVIL, "module": EVIL, "lineno": 1, "in_app": True}
    exception = {"values": [{"type": EVIL, "value": "\ud800" + EVIL, "stacktrace": {"frames": [frame]}}]}
    send.errors(send.error(exception=exception, release=f"{EVIL}@{EVIL}", tags={EVIL: EVIL}))
    item(send, "<b>odd</b>", b"\x00<i>")
    message = {"role": EVIL, "content": EVIL}
    send.bug_report({"description": EVIL, EVIL: EVIL, "conversation": {"messages": [message], "notes": [EVIL]}})
    http.post(f"{receiver.url}/{EVIL.replace('/', '')}", headers={"Content-Type": "a/b"})
    assert len(opened()) == 6
    http.get(receiver.page_url, params={"q": EVIL, "service": EVIL, "name": EVIL, "app": EVIL, "removed": EVIL})
    found = http.get(receiver.page_url, params={"q": EVIL, "service": EVIL})
    assert Markup(found.text).find("input", id="search")[0].attributes["value"] == EVIL
    assert len(Markup(found.text).find("script")) == 1


def test_direction_and_control_characters_are_shown_as_escapes(send, opened):
    send.bug_report({"description": BIDI, "conversation": {"messages": [{"role": "user", "content": BIDI}]}})
    for answer in opened():
        assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\x00\x1b]", answer.text)
        assert r"\u202e" in answer.text
    assert 'title="shown as an escape">\\u202e</span>' in answer.text


def test_100_000_nested_lists_do_not_harm_the_page(send, opened):
    item(send, "attachment", DEEP.encode())
    item(send, "unknown", b"{" + b'"a":{' * 50_000)
    assert send.errors(content=b'{}\n{"type":"event"}\n' + DEEP.encode()).status_code == 400
    assert (
        send.bug_report({}, content=gzip.compress(json.dumps({"content": '{"a":' + DEEP + "}"}).encode())).status_code
        == 400
    )
    nested = json.loads('{"a":' * 300 + "1" + "}" * 300)
    assert (
        send.bug_report({"description": nested, "conversation": {"messages": [nested] * 3}, "deep": nested}).status_code
        == 200
    )
    assert send.bug_report({"conversation": [[]], "parts": 7, "recent_errors": {"a": 1}}, key="k2").status_code == 200
    pages = opened()
    assert len(pages) == 7
    assert sum(f"Cut after {LONGEST:,} bytes of 200,000." in page.text for page in pages) == 1


def test_long_strings_are_cut_and_the_page_says_so(send, opened, receiver, http):
    long = "é" + "x" * 1_000_000
    send.bug_report(
        {
            "description": long,
            "app": {"name": long, "version": long},
            "conversation": {"messages": [{"role": "user", "content": long}] * 4},
        }
    )
    listed, detail = opened()
    assert len(listed.content) < 20_000
    assert "(cut after 20,000 of 1,000,001 characters)" in detail.text
    assert "(cut after 8,000 of 1,000,001 characters)" in detail.text
    assert "The newest 1 of 4 messages are shown." in detail.text
    size = len(receiver.bug_reports()[0].content.encode())
    assert f"Cut after 65,536 bytes of {size:,}." in detail.text
    assert http.get(f"{receiver.page_url}arrival/1/body").text == receiver.bug_reports()[0].content


@pytest.mark.parametrize("body", [b"\xff\xfe{\x80", b"\xc3" * 10, b'{"a": "\xed\xa0\x80"}', b"\xe2\x82"])
def test_bytes_that_are_no_text_are_stated_and_can_be_downloaded(send, opened, receiver, http, body):
    item(send, "attachment", body)
    assert "Bytes that are not UTF-8 are shown as U+FFFD." in opened()[1].text
    download = http.get(f"{receiver.page_url}arrival/1/body")
    assert (download.content, download.headers["Content-Type"]) == (body, "application/octet-stream")
    assert download.headers["Content-Disposition"] == 'attachment; filename="arrival-1"'


def test_a_body_that_cuts_a_character_is_cut_before_it():
    text, notes = shown_body(b"x" * (LONGEST - 1) + "é".encode() + b"y")
    assert ("".join(part.text for part in text.segments), notes) == (
        "x" * (LONGEST - 1),
        [f"Cut after {LONGEST:,} bytes of {LONGEST + 2:,}."],
    )


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda part: st.lists(part) | st.dictionaries(st.text(), part),
    )
)
def test_indented_json_is_the_same_but_for_white_space(value):
    text = json.dumps(value, ensure_ascii=False)
    assert "".join("".join(indented(text)).split()) == "".join(text.split())


@given(st.text(max_size=50))
def test_a_shown_text_holds_every_character_or_its_escape(text):
    found = shown(text)
    plain = "".join(
        part.text.encode().decode("unicode_escape") if part.kind == "escape" else part.text for part in found.segments
    )
    assert plain == text
    assert "".join(part.text for part in found.segments).translate({9: None, 10: None}).isprintable()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=8), part, max_size=3),
    max_leaves=8,
)
REPORTS = st.dictionaries(
    st.sampled_from(
        [
            "description",
            "conversation",
            "older_sessions",
            "recent_errors",
            "parts",
            "notes",
            "attachments",
            "app",
            "environment",
        ]
    ),
    JSON
    | st.fixed_dictionaries({"messages": JSON, "notes": JSON, "first": JSON, "left_out": JSON})
    | st.lists(
        st.fixed_dictionaries({"exceptions": JSON, "name": JSON, "redactions": JSON, "messages": JSON}), max_size=2
    ),
)


@given(REPORTS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_report_of_any_shape_is_shown(send, opened, receiver, report):
    receiver.clear()
    assert send.bug_report(report).status_code == 200
    assert len(opened()) == 2
