"""What is planted, and where: strings that must not leave, in everything that the agent touches.

File and directory names, source, comments, names of functions and types, messages, notes, groups, locals,
arguments, the environment, a transcript. New ones with each seed; all but the secrets bear the seed's mark.
"""

from __future__ import annotations

import base64
import json
import random
import string
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

Kind = Literal["path", "code", "text", "secret"]
_LETTERS = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True)
class Plant:
    """A string that must not leave, and what it was planted as."""

    kind: Kind
    place: str
    text: str


class Plants:
    """All strings of one seed, by name."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - nobody is to be kept from guessing
        self.mark = f"zq{self._random.getrandbits(32):08x}"
        self.by_name = {**self._names(), **self._secrets()}

    def __getitem__(self, name: str) -> str:
        return self.by_name[name].text

    def all(self) -> list[Plant]:
        """Return what is to be searched for: every plant, and the mark alone, for what was cut short."""
        return [*self.by_name.values(), Plant("text", "the mark that all of these bear", self.mark)]

    def filled(self, template: str) -> str:
        """Return a template with each `${name}` replaced by that plant."""
        return string.Template(template).substitute({name: plant.text for name, plant in self.by_name.items()})

    def _names(self) -> dict[str, Plant]:
        mark = self.mark
        return {
            "user": Plant("path", "the user's name", f"priya.{mark}"),
            "directory": Plant("path", "a directory's name", f"Übergabe Kestrel {mark}"),
            "module": Plant("path", "a file's name", f"quartals plan {mark}.py"),
            "odd": Plant("path", "a file's name", f"import os; print('{mark}') #.py"),
            "data": Plant("path", "a file's name", f"оферта {mark}.json"),
            "missing": Plant("path", "a missing file's name", f"lost&found %2F {mark}.txt"),
            "line": Plant("code", "a source line", f"total_{mark} = price * 37 - markup"),
            "comment": Plant("code", "a comment", f"the merger closes in May, {mark}"),
            "function": Plant("code", "a function's name", f"quote_{mark}"),
            "type": Plant("code", "a type's name", f"OfferTooLow{mark}"),
            "local": Plant("code", "a local's name", f"ceiling_{mark}"),
            "dynamic": Plant("code", "a type's name, made at run time", f"if x_{mark} > 0: return"),
            "message": Plant("text", "a message", f"Falkenberg bids 4.2 million {mark}"),
            "note": Plant("text", "a note", f"seen by the board {mark}"),
            "group": Plant("text", "a group's message", f"both offers failed {mark}"),
            "output": Plant("text", "a program's output", f"margin report {mark}"),
            "prompt": Plant("text", "an argument", f"please compare the bids {mark}"),
            "key": Plant("text", "a key in a JSON file", f"reserve_price_{mark}"),
        }

    def _secrets(self) -> dict[str, Plant]:
        jwt = ".".join(self._base64({name: self._word(12)}) for name in ("alg", "sub"))
        return {
            "api_key": Plant("secret", "an API key in source", f"sk-ant-api03-{self._word(40)}"),
            "github": Plant("secret", "a token in the environment", f"ghp_{self._word(36)}"),
            "aws": Plant("secret", "a key in a JSON file", f"AKIA{self._word(16, string.ascii_uppercase)}"),
            "password": Plant("secret", "a password in a URL", f"{self._word(12)}7"),
            "assigned": Plant("secret", "a password in a local", f"{self._word(12)}9"),
            "bearer": Plant("secret", "a token in a header", f"{self._word(30)}3"),
            "jwt": Plant("secret", "a token in a message", f"{jwt}.{self._word(32)}"),
            "pem": Plant("secret", "a private key in a transcript", self._word(64)),
        }

    def _word(self, length: int, letters: str = _LETTERS) -> str:
        return "".join(self._random.choices(letters, k=length))

    @staticmethod
    def _base64(value: dict[str, str]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


MODULE = '''\
"""${comment}"""
import os
API_KEY = "${api_key}"
DATABASE = "postgres://shop:${password}@db.internal/offers"

class ${type}(ValueError):
    def __str__(self):
        return "${message} " + API_KEY

def ${function}(price):
    ${local} = {"DB_PASSWORD": "${assigned}"}
    markup = 3
    ${line}
    try:
        return open(os.path.join("${directory}", "${missing}")).read()
    except OSError as error:
        failure = ${type}("${message}", DATABASE)
        failure.add_note("${note}")
        raise failure from error

${function}(12)
'''

ODD = """\
# ${comment}
import sys
print("${output}")
print("${output} ${jwt}", file=sys.stderr)
kind = type("${dynamic}", (KeyError,), {"__module__": "${directory}"})
forged = compile("raise ValueError('${message}')", "${directory}", "exec")
try:
    exec(forged, {"__name__": "telemetry_sdk.demo.agent"})
except ValueError as error:
    raise ExceptionGroup("${group}", [kind("${jwt}", "${bearer}"), error])
"""

DATA = '{"${key}": 4200000, "aws_access_key_id": "${aws}", "owner": "${user}", }\n'

ENVIRONMENT = {"ACME_TOKEN": "${github}", "ACME_DATABASE": "postgres://shop:${password}@db.internal/offers"}

TASKS = (
    ("read", "${data}"),
    ("read", "${missing}"),
    ("parse", "${data}"),
    ("run", "${module}"),
    ("run", "${odd}"),
    ("eval", "${module}"),
    ("shell", "${module}"),
    ("shell", "${odd}"),
)

SESSION = (
    ("user", "${prompt}. The key is ${api_key}, and my password is ${assigned}"),
    ("assistant", "```python\ndef ${function}(price):\n    ${line}  # ${comment}\n```"),
    ("tool", "$$ cat .env\nGITHUB_TOKEN=${github}\nDATABASE_URL=postgres://shop:${password}@db.internal/offers\n"),
    ("tool", '{"aws_access_key_id": "${aws}", "headers": {"Authorization": "Bearer ${bearer}"}}'),
    ("tool", "-----BEGIN RSA PRIVATE KEY-----\n${pem}\n-----END RSA PRIVATE KEY-----\nsession ${jwt}"),
)


def write_project(plants: Plants, home: Path) -> Path:
    """Write the project into a home directory, and return its directory."""
    project = home / plants["directory"]
    project.mkdir(parents=True)
    files = {
        plants["module"]: plants.filled(MODULE),
        plants["odd"]: plants.filled(ODD),
        plants["data"]: plants.filled(DATA),
        "tasks.json": json.dumps([(tool, plants.filled(name)) for tool, name in TASKS]),
        "session.jsonl": "".join(_message(role, plants.filled(text)) for role, text in SESSION),
    }
    for name, content in files.items():
        (project / name).write_text(content, encoding="utf-8")
    return project


def _message(role: str, text: str) -> str:
    return json.dumps({"role": role, "content": text}, ensure_ascii=False) + "\n"
