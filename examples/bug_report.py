"""A bug report: drafted, previewed, consented to, sent; saved where sending is off."""

import anyio

import telemetry_sdk

CONVERSATION = [
    {"role": "user", "content": "Deploy it. The token is ghp_0123456789abcdefghijklmnopqrstuvwxyz"},
    {"role": "assistant", "content": "It froze.\n```python\nprint('hello')\n```"},
]


async def main() -> None:
    """Ask first, then send."""
    async with telemetry_sdk.start(app="acme-agent", version="1.4.2") as client:
        draft = client.draft_bug_report("It froze while deploying", transcript=CONVERSATION, without_code=True)
        preview = draft.preview()
        print(preview.render())
        if not client.policy.bug_reports.enabled:
            print("saved to", draft.save())
            return
        # Here an application asks its user; the consent covers these very bytes and this host.
        outcome = await client.send_bug_report(draft, consent=preview.consent())
        print(outcome.kind, outcome.message)


if __name__ == "__main__":
    anyio.run(main)
