"""Makes the pictures of the inspector in docs/pictures; `scripts/test-page pictures` runs it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from telemetry_sdk.receiver import running
from tests.page.sample import send_sample

TARGET = Path(__file__).parents[1] / "docs" / "pictures"
SIZE = {"width": 1100, "height": 760}
PICTURES = {  # the color scheme, and which arrival is opened
    "inspector-light": ("light", ""),
    "inspector-dark": ("dark", ""),
    "inspector-report": ("light", "?service=bug_reports"),
}


def main() -> None:
    """Send the sample to a receiver, and take a picture of each page."""
    TARGET.mkdir(exist_ok=True)
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory() as home, running() as receiver, sync_playwright() as playwright:
        os.environ["HOME"] = home
        send_sample(receiver)
        browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=options)
        for name, (scheme, query) in PICTURES.items():
            page = browser.new_page(color_scheme=scheme, viewport=SIZE)
            page.goto(receiver.page_url + query)
            if query:
                page.locator("main a.row").last.click()
                page.wait_for_selector(".detail")
            else:
                page.get_by_role("status").get_by_text("Live").wait_for()
            page.screenshot(path=TARGET / f"{name}.png")
            print(f"{name}.png: {(TARGET / f'{name}.png').stat().st_size:,} bytes")
        browser.close()


if __name__ == "__main__":
    main()
