"""Coverage-guided fuzzing of the text rules: a planted string may not stand in what comes out.

    $ .tools/bin/uv pip install --python .venv/bin/python atheris     # not locked: it has wheels for few Pythons
    $ .venv/bin/python tests/fuzz/fuzz_text.py -max_total_time=120

The fuzzer chooses the text around a planted string and how it is held; what it finds is written to a file `crash-…`.
"""

from __future__ import annotations

import json
import sys
import urllib.parse

import atheris

with atheris.instrument_imports(include=["telemetry_sdk.sanitizer"]):
    from telemetry_sdk.privacy import redact_secrets, scrub_text

# Letters that no text holds by chance; secrets are put together here, so that no scanner takes this file for a leak.
PLANTED = (
    "/home/qzvxj/Qzv Xjk/wqzx.txt",
    "qzvx_wkjq",
    "qzvxWkjq",
    "C:\\Qzvx\\wkjq",
    "qzvx*wkjq-1",
    "qzvx-wkjq",
    "qzvxwkjq",
)
SECRET = "aB3dE5gH7jK9mN1pQ3sT5vX7zA9cE1gIaB3d"
SECRETS = (
    f"ghp_{SECRET}",
    f"sk-ant-api03-{SECRET}",
    f"glpat-{SECRET[:20]}",
    f"npm_{SECRET}",
    f"xoxb-1234567890-{SECRET}",
)
HELD = (
    str,
    json.dumps,
    lambda text: json.dumps({"a": json.dumps(text)}),
    lambda text: urllib.parse.quote(text, safe="", errors="replace"),
    repr,
    str.title,
)


def scrubbed(data: atheris.FuzzedDataProvider) -> None:
    """Scrub a planted string in any text."""
    planted = data.PickValueInList(list(PLANTED))
    glue = data.PickValueInList(["", " ", ": ", "'", '"', "\n", "(", "/", "."])
    text = data.ConsumeUnicode(60) + glue + planted + glue + data.ConsumeUnicode(60)
    clean = scrub_text(data.PickValueInList(list(HELD))(text))
    if "qzv" in clean.casefold() or "kjq" in clean.casefold():
        raise AssertionError(f"{text!r} left {clean!r}")
    if scrub_text(clean) != clean:
        raise AssertionError(f"twice changes {clean!r}")


def redacted(data: atheris.FuzzedDataProvider) -> None:
    """Redact a planted secret in any text that does not touch it; JSON still parses."""
    secret = data.PickValueInList(list(SECRETS))
    glue = data.PickValueInList([" ", ": ", "'", '"', "\n", "(", "=", "\t"])
    before, after = (data.ConsumeUnicodeNoSurrogates(60) for _ in range(2))
    depth = data.ConsumeIntInRange(0, 2)
    text: object = before + glue + secret + glue + after
    for _ in range(depth):
        text = json.dumps([text])
    clean: object = redact_secrets(str(text))
    if secret in str(clean):
        raise AssertionError(f"{text!r} left {clean!r}")
    if redact_secrets(str(clean)) != clean:
        raise AssertionError(f"twice changes {clean!r}")
    for _ in range(depth):
        clean = json.loads(str(clean))[0]


def once(data: bytes) -> None:
    """Take one input of the fuzzer."""
    provider = atheris.FuzzedDataProvider(data)
    if provider.ConsumeBool():
        scrubbed(provider)
    else:
        redacted(provider)


if __name__ == "__main__":
    atheris.Setup([*sys.argv, "-max_len=400"], once)
    atheris.Fuzz()
