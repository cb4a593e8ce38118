"""A small agent with a `/bug` command: it drafts a report with the session, shows it, asks, and sends it."""

import sys

import telemetry_sdk

TERMS = "Kept for 30 days to debug the agent; not used for training."
client = telemetry_sdk.start(app="acme-agent", version="1.4.2", bug_report_terms=TERMS, bug_command="acme bug")
session: list[dict[str, str]] = []


def ask(prompt: str) -> str:
    """Return what the user types; "" at the end."""
    print(prompt, end="", flush=True)
    return sys.stdin.readline().strip()


def report(description: str) -> str:
    """Draft, show and send a report; return what to tell the user."""
    try:
        draft = client.draft_bug_report(description, transcript=session, without_tool_output=True)
    except (telemetry_sdk.BugReportRefused, telemetry_sdk.DraftError) as problem:
        return str(problem)
    preview = draft.preview()
    print(preview.render())
    if preview.host is None:
        return f"Saved to {draft.save()}; it cannot be sent from here."
    if ask(f"Send this to {preview.host}? [y/N] ") != "y":
        draft.delete()
        return "Nothing was sent; the draft is deleted."
    return client.send_bug_report_sync(draft, consent=preview.consent()).message


with client:
    while line := ask("> "):
        if line.startswith("/bug "):
            print(report(line.removeprefix("/bug ")))
        else:
            session += [{"role": "user", "content": line}, {"role": "assistant", "content": f"You said: {line}"}]
            print(session[-1]["content"])
