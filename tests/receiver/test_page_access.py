"""Who may see the page, from where, and what a browser may load and run on it."""

from __future__ import annotations

import re
from importlib import resources

import pytest

from tests.page.markup import Markup

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
ADDRESSES = (
    *(
        "",
        "?q=x",
        "arrival/1",
        "arrival/1/body",
        "arrival/1/request",
        "stream",
        "static/page.css",
        "static/page.js",
        "static/icon.svg",
    ),
    *("arrival/999", "arrival/99999999999999999999", "static/nothing", "static/..%2f..%2fapp.py", "nothing"),
)


@pytest.fixture
def arrived(receiver, send):
    assert send.bug_report({"description": "It froze"}).status_code == 200
    return receiver


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_has_the_policy_and_needs_the_key(arrived, http, address):
    with http.stream("GET", arrived.page_url + address) as answer:
        assert answer.status_code == (404 if "nothing" in address or "99" in address or ".." in address else 200)
        headers = answer.headers
    assert headers["Content-Security-Policy"] == POLICY
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Opener-Policy"] == headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert not {"server", "set-cookie", "access-control-allow-origin"} & set(headers)
    for key in (arrived.page_key[:-1], arrived.page_key + "x", arrived.token, "%ff", "%ED%A0%80", "%C3%A9"):
        refused = http.get(f"{arrived.url}/page/{key}/{address}")
        assert refused.status_code == 403
        assert refused.text == "The page's address holds a key: use the whole address that the command printed.\n"
        assert refused.headers["Content-Security-Policy"] == POLICY


def test_the_root_says_that_the_address_holds_a_key(receiver, http):
    assert (http.get(f"{receiver.url}/").status_code, "holds a key" in http.get(f"{receiver.url}/").text) == (403, True)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_the_page_can_only_be_read(arrived, http, method):
    for address in ("", "arrival/1", "stream"):
        assert http.request(method, arrived.page_url + address).status_code == 405
    assert len(arrived.bug_reports()) == 1


@pytest.mark.parametrize("name", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example", ""])
def test_the_page_is_not_served_under_a_foreign_name(arrived, http, name):
    for address in ("", "stream", "static/page.js"):
        assert http.get(arrived.page_url + address, headers={"Host": name}).status_code == 421


def test_the_page_is_served_to_its_own_origin_only(arrived, http):
    own = f"http://127.0.0.1:{arrived.port}"
    assert http.get(arrived.page_url, headers={"Origin": own}).status_code == 200
    for origin in ("null", "https://evil.example", own.replace("http:", "https:"), f"{own}1", "http://127.0.0.1"):
        assert http.get(arrived.page_url, headers={"Origin": origin}).status_code == 403


def test_no_page_may_send_telemetry(arrived, send):
    """Not even the page itself: it reads."""
    own = f"http://127.0.0.1:{arrived.port}"
    assert send.metrics(send.metric(), Origin=own).status_code == 403


def test_requests_of_the_page_are_not_stored(arrived, http):
    before = len(arrived.requests())
    for address in ADDRESSES:
        with http.stream("GET", arrived.page_url + address):
            pass
    assert len(arrived.requests()) == before


@pytest.mark.parametrize("address", ["", "arrival/1"])
def test_a_page_refers_to_nothing_but_itself_and_holds_no_script(arrived, http, address):
    markup = Markup(http.get(arrived.page_url + address).text)
    assert [found.attributes["src"].removeprefix("../") for found in markup.find("script")] == ["static/page.js"]
    assert markup.texts("script") == [""]
    assert markup.find("style") == markup.find("iframe") == markup.find("base") == []
    for element in markup.elements:
        assert not [name for name in element.attributes if name.startswith("on") or name == "style"]
        for name in ("href", "src", "action"):
            assert re.fullmatch(r"(?!//)(\.{0,2}/|#|[\w-]|\?)[\w./?=&%+-]*", element.attributes.get(name, "./")), (
                element
            )


def test_style_and_script_load_nothing_and_make_no_markup_of_text():
    static = resources.files("telemetry_sdk.receiver.page") / "static"
    assert not re.search(r"url\(|@import|http", (static / "page.css").read_text())
    banned = r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|Function\(|import\b|https?:"
    assert not re.search(banned, (static / "page.js").read_text())


def test_a_page_has_landmarks_one_heading_of_the_first_level_and_labels(arrived, http):
    for address in ("", "arrival/1"):
        markup = Markup(http.get(arrived.page_url + address).text)
        assert [len(markup.find(tag)) for tag in ("main", "header", "footer", "h1", "title")] == [1, 1, 1, 1, 1]
        assert markup.find("html")[0].attributes["lang"] == "en"
        assert markup.find("p", role="status", id="live")
        assert all("aria-label" in nav.attributes for nav in markup.find("nav"))
        labels = {label.attributes["for"] for label in markup.find("label")}
        visible = [field for field in markup.find("input") if field.attributes.get("type") != "hidden"]
        assert {field.attributes["id"] for field in visible} <= labels
        assert all(cell.attributes["scope"] in {"col", "row"} for cell in markup.find("th"))
        levels = [int(found.tag[1]) for found in markup.elements if re.fullmatch("h[1-6]", found.tag)]
        assert max(levels, default=1) <= 3
