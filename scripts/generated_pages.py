"""Writes docs/configuration.md and docs/data-protection.md from the code.

.venv/bin/python scripts/generated_pages.py
"""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import TYPE_CHECKING

from telemetry_sdk.ledger import DAYS
from telemetry_sdk.policy import CLAUDE_CODE
from telemetry_sdk.sanitizer.payload_schema import ERRORS, METRICS, REPORTS, SESSIONS
from telemetry_sdk.startup import start

if TYPE_CHECKING:
    from telemetry_sdk.sanitizer.schema_check import Fields

DOCS = Path(__file__).parents[1] / "docs"
SCHEMAS: dict[str, Fields] = {
    "Every metric event": METRICS,
    "Every error": ERRORS,
    "A session of a bound `sentry_sdk`": SESSIONS,
    "A report of what was discarded": REPORTS,
}
VARIABLES = {
    "TELEMETRY_SDK_STATSIG_KEY": "Statsig's `client-...` key, where `start()` names none",
    "TELEMETRY_SDK_STATSIG_URL": "the base of Statsig's API; it never receives the key that `start()` names",
    "TELEMETRY_SDK_SENTRY_DSN": "the DSN of a Sentry project",
    "TELEMETRY_SDK_BUG_REPORT_URL": "where bug reports are posted",
    "TELEMETRY_SDK_BUG_REPORT_TOKEN": "sent as `Authorization: Bearer ...` to that URL",
    "TELEMETRY_SDK_GITHUB_REPOSITORY": "`owner/name`, for bug reports as a GitHub issue",
    "TELEMETRY_SDK_STATE_DIR": "the directory of all applications' state",
    "TELEMETRY_SDK_DEBUG": "`1`: a running commentary on stderr; a program then sends at its end itself",
    "TELEMETRY_SDK_STRICT": "`1`, for tests: mistakes raise instead of being counted",
    "TELEMETRY_SDK_MODE": "`local`: record, show in the ledger, never send, needs no key; any other value silences all",
    "TELEMETRY_SDK_RECEIVER": "a loopback receiver in the place of all three endpoints, for development",
    "TELEMETRY_SDK_AT_EXIT": "`wait` or `leave`: less than `start(at_exit=...)` chose",
}


CONFIGURATION = """\
# Configuration

Written by `scripts/generated_pages.py` from the code.

## Environment

Read once, by `start()` and by each command. Managed and user settings files may set them as well, in `env`, and stand
over the environment. Endpoint and credential of a service come from one layer. The switches that turn services off are
on [their own page](policy.md).

| variable | meaning |
| --- | --- |
{variables}

Proxies and certificates: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`, `SSL_CERT_FILE`, `SSL_CERT_DIR`,
`NODE_EXTRA_CA_CERTS`. Not read: `REQUESTS_CA_BUNDLE`, `CURL_CA_BUNDLE`, PAC files, system proxy panels.

## `telemetry_sdk.start()`

| argument | default | meaning |
| --- | --- | --- |
{arguments}
"""
DATA_PROTECTION = """\
# For a data-protection officer

Written by `scripts/generated_pages.py` from the code that checks each payload before it is sent.

| | metrics | errors | bug reports |
| --- | --- | --- | --- |
| purpose | how often and how fast features work | finding defects | answering one user's report |
| recipient | Statsig, or `statsig_url` | the host of `sentry_dsn` | `bug_report_url` |
| when | while the program runs, and up to 60 s after its end | the same | when the user sends it |
| kept on this machine | until sent, at most 7 days | the same | drafts: {retention} days |
| kept by the recipient | as the application states it | the same | as the preview states it |
| turned off by | {metrics} | {errors} | {bug_reports} |

The ledger keeps the body of every request of metrics and errors for {days} days on this machine, and of a bug report
its hash; `telemetry-sdk ledger` shows it.

- **IP address.** Every recipient sees the address that a request comes from. The SDK itself sends none.
- **Ids.** Metrics carry a random id of this installation, which links the metrics of one user on one machine; errors
  carry none unless the application gives `user_id`. `telemetry-sdk opt-out` and `purge` delete it and print it, so that
  the recipient can be asked to erase what belongs to it.
- **After the program's end** a process of the SDK may send what waits, for at most 60 s. `telemetry-sdk send --stop`
  and an opt-out end it within a second.
- **Proof that it is off.** `telemetry-sdk status --expect metrics=off,errors=off,bug_reports=off` exits with 0 where
  all is off, else with 1 and every reason. A service that is off opens no socket, resolves no name, starts no process
  and makes no file.
- **Erasure.** `telemetry-sdk purge --drafts` deletes what is kept here, but for `state.json`: counts, waits, bindings.

{fields}
A metric event further holds the fields that the application declares: numbers, flags, and choices from fixed lists;
`telemetry-sdk events --module NAME` lists them. A bug report holds what its preview shows.
"""


def configuration() -> str:
    """Return the page: the variables, and the arguments of `start()` from its docstring."""
    defaults = {name: parameter.default for name, parameter in inspect.signature(start).parameters.items()}
    return CONFIGURATION.format(
        variables="\n".join(f"| `{name}` | {text} |" for name, text in VARIABLES.items()),
        arguments="\n".join(
            f"| `{name}` | {_default(defaults[name])} | {_escaped(text)} |" for name, text in _documented().items()
        ),
    )


def data_protection() -> str:
    """Return the page: each field, purpose, recipient, retention, and how to prove that it is off."""
    return DATA_PROTECTION.format(
        retention=CLAUDE_CODE.retention_days,
        days=DAYS,
        fields="".join(_fields(title, fields) for title, fields in SCHEMAS.items()),
        **{
            service: ", ".join(f"`{row.variable}`" for row in CLAUDE_CODE.switches if service in row.services)
            for service in CLAUDE_CODE.services
        },
    )


def _fields(title: str, fields: Fields) -> str:
    rows = [f"| `{path}` | {meaning} | {kind.name} |" for path, (kind, meaning) in fields.items()]
    return "\n".join((f"## {title}", "", "| field | what it holds | as |", "| --- | --- | --- |", *rows, "", ""))


def _documented() -> dict[str, str]:
    text = inspect.getdoc(start) or ""
    entries = re.findall(r"^    (\w+): (.*(?:\n        .*)*)", text.partition("Args:\n")[2], re.MULTILINE)
    return {name: " ".join(meaning.split()) for name, meaning in entries}


def _default(value: object) -> str:
    if value is inspect.Parameter.empty:
        return "required"
    return f"`{getattr(value, 'name', None) or repr(value)}`"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


PAGES = {"configuration.md": configuration, "data-protection.md": data_protection}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8")
