"""Every block of Python in the README and the docs runs; what the requests meet is respx."""

from __future__ import annotations

import inspect
import pathlib
import re
import subprocess
import sys
from typing import Any

import pytest
import respx
from scripts import generated_pages

import telemetry_sdk
from telemetry_sdk.testing import mocked

ROOT = pathlib.Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
MARKDOWN = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").glob("*.md")]
REPOSITORY = re.compile(r"https://github\.com/telemetry-sdk/telemetry-sdk/(?:blob|tree)/main/")
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_code_of_a_page_runs(page, capsys):
    space: dict[str, Any] = {"__name__": "__main__"}
    with respx.mock(assert_all_called=False) as router:
        router.route().respond(200, json={})
        for number, block in enumerate(BLOCK.findall(page.read_text("utf-8"))):
            exec(compile(block, f"{page.name}#{number}", "exec"), space)
        if "client" in space:
            space["client"].close()
        for name in [name for name in space if name.startswith("test_")]:
            with mocked() as mock:
                space[name](mock)


def test_the_readme_has_at_most_120_lines():
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 120


def test_every_link_of_the_readme_is_absolute():
    """A package index shows the README without the repository around it."""
    targets = re.findall(r"\]\((\S+?)\)", (ROOT / "README.md").read_text("utf-8"))
    assert targets
    assert [target for target in targets if not target.startswith("https://")] == []


@pytest.mark.parametrize("page", MARKDOWN, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_linked_file_exists(page):
    targets = re.findall(r"\]\(([^)#\s]+)", page.read_text("utf-8"))
    own = [ROOT / REPOSITORY.sub("", target) for target in targets if REPOSITORY.match(target)]
    local = [*own, *(page.parent / target for target in targets if "://" not in target)]
    assert [str(path) for path in local if not path.exists()] == []


@pytest.mark.parametrize("name", sorted(generated_pages.PAGES))
def test_a_generated_page_is_up_to_date(name):
    assert (ROOT / "docs" / name).read_text("utf-8") == generated_pages.PAGES[name](), "run scripts/generated_pages.py"


def test_the_configuration_page_names_every_argument_and_variable():
    page = generated_pages.configuration()
    arguments = [name for name in inspect.signature(telemetry_sdk.start).parameters if not name.startswith("_")]
    assert [name for name in arguments if f"| `{name}` |" not in page] == []
    sources = "".join(path.read_text("utf-8") for path in (ROOT / "src").rglob("*.py"))
    variables = set(re.findall(r"\bTELEMETRY_SDK_[A-Z_]+[A-Z]\b", sources)) - {
        "TELEMETRY_SDK_LOCAL_HOME"
    }  # the test kit's
    assert sorted(name for name in variables if f"| `{name}` |" not in page) == []


def test_the_delivery_page_names_every_command():
    commands = {path.name for path in (ROOT / "benchmarks" / "delivery").glob("[a-z]*.py")}
    page = (ROOT / "docs" / "delivery.md").read_text("utf-8")
    assert commands == set(re.findall(r"benchmarks/delivery/(\w+\.py)", page))


def test_the_site_has_every_page():
    named = re.findall(r": (\S+\.md)$", (ROOT / "mkdocs.yml").read_text("utf-8"), re.MULTILINE)
    pages = [path.name for path in (ROOT / "docs").glob("*.md")]
    assert sorted(named) == sorted([*pages, "decisions/README.md"])


def test_every_anchor_exists():
    """A link to a heading: `page.md#words-of-the-heading`, as GitHub forms them."""
    missing = []
    for page in MARKDOWN:
        for target, anchor in re.findall(r"\]\(([^)#\s:]*)#([^)\s]+)\)", page.read_text("utf-8")):
            text = (page.parent / target if target else page).read_text("utf-8")
            headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
            anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
            missing += [] if anchor in anchors else [f"{page.name}: {target}#{anchor}"]
    assert missing == []


def test_the_architecture_page_names_every_module():
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    named = set(re.findall(r"`([a-z_]+)(?:/|\.py)`", page))
    package = ROOT / "src" / "telemetry_sdk"
    modules = {path.stem for path in package.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert modules - {"__init__", "prose"} <= named  # prose: no part of the flow
    assert named <= modules


def test_every_decision_is_listed_in_order():
    decisions = ROOT / "docs" / "decisions"
    files = sorted(path.name for path in decisions.glob("0*.md"))
    assert re.findall(r"\]\((0\S+)\)", (decisions / "README.md").read_text("utf-8")) == files
    for number, name in enumerate(files, 1):
        text = (decisions / name).read_text("utf-8")
        assert text.startswith(f"# {number}. ")
        assert all(f"**{part}.**" in text for part in ("Decision", "Why", "Consequences"))


def test_the_commands_of_the_readme_exist():
    commands = set(re.findall(r"telemetry-sdk ([a-z]+)", (ROOT / "README.md").read_text("utf-8")))
    shown = subprocess.run(
        [sys.executable, "-c", "from telemetry_sdk.cli import main; main()", "--help"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert commands
    for command in commands:
        assert command in shown.stdout


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("[a-z]*.py")), ids=lambda path: path.name)
def test_an_example_runs_offline(path, environment, world):
    if path.name.startswith("test_"):
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(path)]
    else:
        command = [sys.executable, str(path)]
    done = subprocess.run(
        command, env=environment, cwd=world / "work", capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert done.stdout


def test_the_agent_with_a_bug_command_sends_what_the_user_agreed_to(environment, world, receiver):
    path = ROOT / "examples" / "bug_command_agent.py"
    assert len(path.read_text("utf-8").splitlines()) <= 40
    for typed, sent in (("hello\n/bug It froze\nn\n", 0), ("hello\n/bug It froze\ny\n", 1)):
        done = subprocess.run(
            [sys.executable, str(path)],
            input=typed,
            env=environment,
            cwd=world / "work",
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        assert "-- message 0: user --\ncontent: hello\n" in done.stdout
        assert "Kept for 30 days" in done.stdout
        assert len(receiver.bug_reports()) == sent
    assert "Sent as" in done.stdout


@pytest.mark.parametrize(
    ("name", "events", "errors"),
    [
        (
            "asyncio_agent",
            ["statsig::config_exposure", "statsig::gate_exposure", *["task_done"] * 2],
            ["LookupError", None],
        ),
        ("trio_agent", ["statsig::gate_exposure", *["turn_done"] * 4], ["ExceptionGroup"]),
        ("synchronous_cli", ["checked"], ["FileNotFoundError"]),
    ],
)
def test_what_an_example_with_the_vendors_packages_sends(name, events, errors, environment, world, receiver):
    command = [sys.executable, str(ROOT / "examples" / f"{name}.py")]
    subprocess.run(command, env=environment, cwd=world / "work", capture_output=True, check=True, timeout=60)
    assert sorted(event["eventName"] for event in receiver.metrics()) == events
    values = [event.get("exception", {}).get("values", [{}]) for event in receiver.errors()]
    assert [value[-1].get("type") for value in values] == errors
    assert "no-such-file" not in repr(receiver.errors())


@pytest.mark.parametrize("path", sorted((ROOT / "benchmarks").rglob("[a-z]*.py")), ids=lambda path: path.name)
def test_a_benchmark_loads(path):
    source = f"import runpy; runpy.run_path({str(path)!r}, run_name='loaded')"
    done = subprocess.run(
        [sys.executable, "-c", source], cwd=path.parent, capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
