"""Coverage-guided fuzzing of `redact_secrets`: a planted secret may not survive.

    $ .tools/bin/uv pip install --python .venv/bin/python atheris     # not locked: it has wheels for few Pythons
    $ .venv/bin/python tests/fuzz/fuzz_text.py -max_total_time=120

The fuzzer chooses the text around a secret and the depth of JSON; what it finds is written to a file `crash-…`.
"""

from __future__ import annotations

import json
import sys

import atheris

with atheris.instrument_imports(include=["telemetry_sdk.redaction"]):
    from telemetry_sdk.privacy import redact_secrets

# Put together here, so that no scanner of repositories takes this file for a leak.
SECRET = "aB3dE5gH7jK9mN1pQ3sT5vX7zA9cE1gIaB3d"
SECRETS = (
    f"ghp_{SECRET}",
    f"sk-ant-api03-{SECRET}",
    f"glpat-{SECRET[:20]}",
    f"npm_{SECRET}",
    f"xoxb-1234567890-{SECRET}",
)


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
    redacted(atheris.FuzzedDataProvider(data))


if __name__ == "__main__":
    atheris.Setup([*sys.argv, "-max_len=400"], once)
    atheris.Fuzz()
