"""Bugsink, a real server that speaks Sentry's wire, and an application whose errors it is to hold."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
INSTALLED = ROOT / ".tools" / "bugsink"
KEY = "0123456789abcdef" * 2  # as server/seed.py has it, like the token and the user
PATIENCE = 60  # seconds: a slow machine's first answer


class Bugsink:
    """A running Bugsink, read back by its API and its pages."""

    def __init__(self, url: str, log: Path) -> None:
        self.log = log.read_text
        self.dsn = url.replace("//", f"//{KEY}@") + "/1"
        self.api = httpx.Client(
            base_url=f"{url}/api/canonical/0",
            headers={"Authorization": "Bearer " + "a" * 40},
            trust_env=False,
            timeout=PATIENCE,
        )
        self.browser = httpx.Client(base_url=url, trust_env=False, timeout=PATIENCE, follow_redirects=True)

    def close(self) -> None:
        """Close the connections."""
        self.api.close()
        self.browser.close()

    def issues(self) -> list[dict[str, Any]]:
        """Return the issues, newest first."""
        return self._get("/issues/", project="1")["results"]

    def events(self, issue: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the events of an issue, each whole."""
        listed = self._get("/events/", issue=issue["id"])["results"]
        return [self._get(f"/events/{event['id']}/") for event in listed]

    def page(self, path: str) -> str:
        """Return a page's text, as a user who has logged in sees it: no tags, single blanks."""
        if "sessionid" not in self.browser.cookies:
            self._log_in()
        answer = self.browser.get(path).raise_for_status()
        return re.sub(r"\s+", " ", re.sub(r"<[^>]*>|&[a-z]+;", " ", answer.text))

    def _log_in(self) -> None:
        form = self.browser.get("/accounts/login/").raise_for_status()
        [token] = set(re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', form.text))
        answers = {"username": "admin", "password": "admin", "csrfmiddlewaretoken": token}
        self.browser.post("/accounts/login/", data=answers).raise_for_status()

    def _get(self, path: str, **query: str) -> Any:
        return self.api.get(path, params=query).raise_for_status().json()


@pytest.fixture
def bugsink(tmp_path: Path, installed: Path) -> Iterator[Bugsink]:
    """Run a Bugsink that holds nothing yet."""
    with _serving(installed, tmp_path / "bugsink", "amended:application") as server:
        yield server


@pytest.fixture
def untouched_bugsink(tmp_path: Path, installed: Path) -> Iterator[Bugsink]:
    """Run a Bugsink that holds nothing yet, with the schema that it brings."""
    with _serving(installed, tmp_path / "bugsink", "bugsink.wsgi") as server:
        yield server


@pytest.fixture(scope="session")
def installed() -> Path:
    """Install Bugsink if that has not been done."""
    subprocess.run([ROOT / "scripts" / "bugsink"], env={**os.environ, "PYTHON": sys.executable}, check=True)
    return INSTALLED


@contextlib.contextmanager
def _serving(installed: Path, home: Path, application: str) -> Iterator[Bugsink]:
    """Serve on a socket of ours, where the first request waits until there is somebody to answer it."""
    shutil.copytree(installed / "empty", home)
    with socket.create_server(("127.0.0.1", 0)) as listener, (home / "log").open("w") as log:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        command = (
            *(installed / "bin" / "gunicorn", "--bind", f"fd://{listener.fileno()}", "--threads", "4"),
            *("--graceful-timeout", "1", "--no-control-socket", application),
        )
        environ = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(HERE / "server"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "DJANGO_SETTINGS_MODULE": "bugsink_conf",
            "BUGSINK_HOME": str(home),
            "BUGSINK_URL": url,
        }
        server = subprocess.Popen(command, pass_fds=[listener.fileno()], env=environ, cwd=home, stdout=log, stderr=log)
    try:
        with contextlib.closing(Bugsink(url, home / "log")) as bugsink:
            yield bugsink
    finally:
        server.terminate()
        server.wait(PATIENCE)


@pytest.fixture
def acme(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """Import the application's module `tools`."""
    monkeypatch.syspath_prepend(HERE / "application")
    from acme_agent import tools

    yield tools
    for name in [name for name in sys.modules if name.partition(".")[0] == "acme_agent"]:
        del sys.modules[name]
