"""The page: behind its key, everything escaped, nothing fetched, nothing run."""

from __future__ import annotations

import re

import pytest

EVIL = "</pre><script>alert(1)</script><img src=x onerror=alert(1)>"


@pytest.mark.parametrize("query", ["", "?key=", "?key=wrong", "?key=%ff", "?key=%ED%A0%80"])
def test_the_page_needs_its_key(receiver, http, query):
    answer = http.get(f"{receiver.url}/{query}")
    assert answer.status_code == 403
    assert "table" not in answer.text


def test_the_page_shows_what_arrived_escaped(receiver, send, http):
    send.metrics(send.metric(eventName=EVIL[:64], metadata={EVIL: EVIL}))
    exception = {"values": [{"type": EVIL, "value": "\ud800" + EVIL}]}
    send.errors(send.error(exception=exception))
    send.errors(content=b'{}\n{"type":"<b>odd</b>","length":3}\n\x00<i\n')
    send.bug_report({"description": EVIL})
    answer = http.get(receiver.page_url)
    assert answer.status_code == 200
    assert answer.text.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 6
    for tag in ("<script", "<img", "<b>", "<i"):
        assert tag not in answer.text
    assert re.findall(r"<h2 id=\"(\w+)\"", answer.text) == ["metrics", "errors", "bug_reports"]


def test_the_page_may_load_and_run_nothing(receiver, http):
    first, second = http.get(receiver.page_url), http.get(receiver.page_url)
    policy = first.headers["Content-Security-Policy"]
    [nonce] = re.findall(r"style-src 'nonce-([\w-]+)'", policy)
    assert f'<style nonce="{nonce}">' in first.text
    assert nonce not in second.text
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert first.headers["Referrer-Policy"] == "no-referrer"
    assert first.headers["Cache-Control"] == "no-store"
    assert not re.search(r"(?:src|href|url)\s*[=(]", first.text)


def test_requests_of_the_page_are_not_stored(receiver, http):
    http.get(receiver.page_url)
    assert receiver.requests() == []
