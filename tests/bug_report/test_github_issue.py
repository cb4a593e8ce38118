"""The public issue: shown whole, its own consent, never the conversation, never cut in a character, kept in a file."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

import telemetry_sdk
from telemetry_sdk.bug_report.github_issue import MOST, PublicConsent

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Start = Callable[..., telemetry_sdk.TelemetryClient]

KEY = "ghp_" + "aB3dE5gH7jK9mN1pQ3sT5vX7zA9cE1gI" + "abcd"
REPOSITORY = "acme/agent"


def form(url: str) -> dict[str, str]:
    assert url.startswith(f"https://github.com/{REPOSITORY}/issues/new?")
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query, errors="strict").items()}


def kept(home: Path, ending: str) -> list[Path]:
    return sorted((home / ".local" / "state").rglob(f"receipts/*{ending}"))


def test_the_issue_holds_the_description_and_nothing_of_the_conversation(start: Start, world: Path):
    client = start(github_repository=REPOSITORY)
    made = client.draft_bug_report(f"It froze with {KEY}", transcript=[{"role": "user", "content": "our-own-words"}])
    issue = client.public_issue(made, title=f"Froze {KEY}")
    shown = issue.render()
    found = form(issue.url(issue.consent_to_public()))
    assert shown.startswith(f"PUBLIC: everybody can read this issue at https://github.com/{REPOSITORY}")
    assert found["title"] == "Froze [redacted:github-token]"
    assert found["title"] in shown
    assert all(line in shown for line in found["body"].split("\n"))
    for text in (shown, json.dumps(found)):
        assert "our-own-words" not in text
        assert made.report_id not in text
        assert KEY not in text
    assert "acme-agent 1.4.2" in found["body"]
    [receipt] = kept(world, ".json")
    mapped = json.loads(receipt.read_text())
    assert (mapped["report_id"], mapped["public_reference"]) == (made.report_id, issue.reference)
    assert issue.reference in found["body"]


@pytest.mark.parametrize("text", ["ж" * 9000, "🙂" * 5000, "plain words " * 2000, "% & # + = ? \n" * 1500])
def test_a_long_text_is_shortened_between_characters_and_kept_whole_in_a_file(start: Start, world: Path, text: str):
    client = start(github_repository=REPOSITORY)
    issue = client.public_issue(client.draft_bug_report(text))
    url = issue.url(issue.consent_to_public())
    body = form(url)["body"]
    assert len(url.encode()) <= MOST
    assert len(url) > MOST // 2
    assert "\ufffd" not in body
    assert text.startswith(body.partition("\u2026")[0].strip()[:1000])
    [whole] = kept(world, ".md")
    assert text.strip() in whole.read_text()
    assert os.stat(whole).st_mode & 0o777 == 0o600
    assert whole.name in body


def test_errors_go_first_then_the_environment_then_the_description(start: Start):
    client = start(github_repository=REPOSITORY)
    for kind in (KeyError, ValueError, OSError):
        client.capture_exception(kind())
    sizes = []
    for length in (10, 6700, 6900, 7100):
        issue = client.public_issue(client.draft_bug_report("x" * length), title="t")
        body = form(issue.url(issue.consent_to_public()))["body"]
        sizes.append((body.count("Error"), "CPython" in body or "linux" in body.lower(), "x" * length in body))
    assert sizes[0] == (3, True, True)
    assert [size[0] for size in sizes] == sorted((size[0] for size in sizes), reverse=True)
    assert sizes[-1] == (0, False, False)
    for errors, environment, description in sizes:
        assert environment or not errors
        assert description or not environment


def test_the_consent_is_to_this_text_alone(start: Start):
    client = start(github_repository=REPOSITORY)
    made = client.draft_bug_report("It froze")
    issue, other = client.public_issue(made), client.public_issue(made, title="Another")
    given: Any
    for given in (made.preview().consent(), other.consent_to_public(), True, None):
        with pytest.raises(telemetry_sdk.ConsentError):
            issue.url(given)
    with pytest.raises(telemetry_sdk.ConsentError):
        PublicConsent(issue.reference, "0" * 64, object())


@pytest.mark.parametrize("repository", [None, "acme", "acme/agent/x", "https://github.com/acme/agent", "-a/b", "a/b c"])
def test_without_a_repository_of_the_host_there_is_no_issue(
    start: Start, monkeypatch: pytest.MonkeyPatch, world: Path, repository: str | None
):
    monkeypatch.setenv("TELEMETRY_SDK_GITHUB_REPOSITORY", REPOSITORY)
    (world / ".claude").mkdir()
    settings = {"env": {"TELEMETRY_SDK_GITHUB_REPOSITORY": REPOSITORY}}
    (world / ".claude" / "settings.json").write_text(json.dumps(settings))
    client = start(github_repository=repository)
    with pytest.raises(telemetry_sdk.DraftError, match="no GitHub repository"):
        client.public_issue(client.draft_bug_report("It froze"))


def test_managed_settings_name_the_repository(start: Start, tmp_path: Path):
    managed = tmp_path / "managed.json"
    managed.write_text(json.dumps({"env": {"TELEMETRY_SDK_GITHUB_REPOSITORY": REPOSITORY}}))
    profile = telemetry_sdk.CLAUDE_CODE.replace(managed_files=(("", str(managed)),))
    client = start(profile=profile, github_repository="other/place")
    assert client.public_issue(client.draft_bug_report("It froze")).repository == REPOSITORY


def test_an_opt_out_refuses_the_issue_too(start: Start):
    client = start(github_repository=REPOSITORY)
    made = client.draft_bug_report("It froze")
    client.opt_out("bug_reports", persist=False)
    with pytest.raises(telemetry_sdk.BugReportRefused):
        client.public_issue(made)


def test_a_failing_issue_changes_no_outcome(start: Start):
    client = start(github_repository=None)
    made = client.draft_bug_report("It froze")
    with pytest.raises(telemetry_sdk.DraftError):
        client.public_issue(made)
    assert client.send_bug_report_sync(made, consent=made.preview().consent()).kind == "sent"
