"""A real Chromium, headless, on pages of a real receiver; what a page logs, asks for or opens fails its test."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

from telemetry_sdk.receiver import running
from tests.page.sample import send_sample

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

    from telemetry_sdk.receiver import Receiver


@pytest.fixture(autouse=True, scope="session")
def _own_home(tmp_path_factory: pytest.TempPathFactory) -> None:
    for name in [name for name in os.environ if name.startswith(("TELEMETRY_SDK_", "DISABLE_", "DO_NOT_TRACK"))]:
        del os.environ[name]
    os.environ["HOME"] = str(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        options = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=options)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def sample() -> Iterator[Receiver]:
    """A receiver of a real client's telemetry."""
    with running() as receiver:
        send_sample(receiver)
        yield receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running() as receiver:
        yield receiver


@pytest.fixture
def visit(browser):
    """Open pages, each with options of its context; a page may ask its own server only, log nothing, open no dialog."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def opened(url: str, **options) -> Page:
        context = browser.new_context(**options)
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        own = url.partition("/page/")[0] + "/page/"
        page.on("console", lambda message: problems.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: problems.append(f"error: {error}"))
        page.on("dialog", lambda dialog: problems.append(f"dialog: {dialog.message}"))
        page.on("request", lambda asked: problems.append(asked.url) if not asked.url.startswith(own) else None)
        page.goto(url)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert problems == []
