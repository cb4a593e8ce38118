"""The project that the agent works on, and the strings planted in it that must not leave.

They stand in names of files and directories, source, comments, names of functions and types, messages, notes, locals,
arguments, the environment and a transcript. Each seed plants others; all but the secrets contain the seed's mark.
"""

from __future__ import annotations

import json
import random
import string
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class PlantedString(NamedTuple):
    """A string that must not leave. A bug report may hold it, unless it is a secret."""

    name: str
    text: str
    secret: bool = False


NAMES = {
    "user": "priya.{mark}",
    "directory": "Übergabe оферта {mark}",
    "module": "quartals plan {mark}.py",
    "script": "import os; print('{mark}') #.py",
    "missing": "lost&found %2F {mark}.txt",
    "line": "total_{mark} = price * 37",
    "comment": "the merger closes in May, {mark}",
    "function": "quote_{mark}",
    "type": "OfferTooLow{mark}",
    "local": "ceiling_{mark}",
    "dynamic_type": "if x_{mark} > 0: return",
    "message": "Falkenberg bids 4.2 million {mark}",
    "note": "seen by the board {mark}",
    "group": "both offers failed {mark}",
    "prompt": "please compare the bids {mark}",
    "mark": "{mark}",  # alone: found where one of the others was cut short
}
SECRETS = {  # how each begins, and the number of random characters after it
    "api_key": ("sk-ant-api03-", 40),
    "github": ("ghp_", 36),
    "aws": ("AKIA2", 15),
    "password": ("7", 12),
    "assigned": ("9", 12),
    "bearer": ("3", 30),
    "jwt": ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOjF9.", 43),
    "pem": ("MIIE", 60),
}


def plant(seed: int) -> dict[str, PlantedString]:
    """Return the planted strings of a seed, by name."""
    chosen = random.Random(seed)  # noqa: S311 - repeatable, not secret
    mark = f"zq{chosen.getrandbits(32):08x}"
    texts = [PlantedString(name, text.format(mark=mark)) for name, text in NAMES.items()]
    for name, (start, length) in SECRETS.items():
        letters = string.ascii_uppercase if name == "aws" else string.ascii_letters
        word = "".join(chosen.choices(letters + string.digits, k=length))
        texts.append(PlantedString(name, start + word, secret=True))
    return {planted.name: planted for planted in texts}


def fill(template: str, strings: Mapping[str, PlantedString]) -> str:
    """Return a template with each `${name}` replaced by that planted string."""
    return string.Template(template).substitute({name: planted.text for name, planted in strings.items()})


SOURCE = """\
import os, sys  # ${comment}
API_KEY, DATABASE = "${api_key}", "postgres://shop:${password}@db.internal/offers"
class ${type}(ValueError):
    __str__ = lambda self: "${message} " + API_KEY
def ${function}(price):
    ${local} = {"DB_PASSWORD": "${assigned}"}
    ${line}
    try:
        return open(os.path.join("${directory}", "${missing}")).read()
    except OSError as error:
        failure = ${type}("${message}", DATABASE)
        failure.add_note("${note}")
        raise failure from error
print("${jwt}", file=sys.stderr)
try:
    ${function}(12)
except Exception as error:
    kind = type("${dynamic_type}", (KeyError,), {"__module__": "${directory}"})
    raise ExceptionGroup("${group}", [kind("${jwt}", "${bearer}"), error])
"""
ENVIRONMENT = {"ACME_TOKEN": "${github}", "ACME_DATABASE": "postgres://shop:${password}@db.internal/offers"}

TASKS = (("read", "module"), ("read", "missing"), ("run", "module"), ("run", "script"), ("shell", "module"))
TRANSCRIPT = (
    ("user", "${prompt}. The key is ${api_key}, and my password is ${assigned}"),
    ("assistant", "```python\ndef ${function}(price):\n    ${line}  # ${comment}\n```"),
    ("tool", "$$ cat .env\nGITHUB_TOKEN=${github}\nDATABASE_URL=postgres://shop:${password}@db.internal/offers\n"),
    ("tool", '{"aws_access_key_id": "${aws}", "headers": {"Authorization": "Bearer ${bearer}"}}'),
    ("tool", "-----BEGIN RSA PRIVATE KEY-----\n${pem}\n-----END RSA PRIVATE KEY-----\nsession ${jwt}"),
)


def write_project(strings: Mapping[str, PlantedString], home: Path) -> Path:
    """Write the project into a home directory; return the project's directory."""
    project = home / strings["directory"].text
    project.mkdir(parents=True)
    messages = ({"role": role, "content": fill(text, strings)} for role, text in TRANSCRIPT)
    files = {
        strings["module"].text: fill(SOURCE, strings),
        strings["script"].text: fill(SOURCE, strings),
        "tasks.json": json.dumps([(tool, strings[name].text) for tool, name in TASKS]),
        "session.jsonl": "".join(json.dumps(message, ensure_ascii=False) + "\n" for message in messages),
    }
    for name, content in files.items():
        (project / name).write_text(content, encoding="utf-8")
    return project
