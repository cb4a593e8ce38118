"""A message becomes the template of its raise expression; a foreign one is rebuilt from its details."""

from __future__ import annotations

import importlib.util
import io
import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import types
import urllib.error
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, field_validator
from pydantic_core import PydanticCustomError

import telemetry_sdk
from telemetry_sdk.capture.snapshot import take_snapshot
from telemetry_sdk.privacy import clean_exception, clean_sentry_item
from telemetry_sdk.redaction import redact_secrets
from telemetry_sdk.sanitizer.code.templates import HOLE, braced, is_plain, matched, merged, percent
from telemetry_sdk.sanitizer.code.templates import text as template_text

from ..corpus.named_made import NAMED, NAMED_KEYS, NAMED_PHRASES, PHRASE, WEAK
from ..corpus.secrets_made import MAKERS

HERE = Path(__file__).parent
README = (HERE.parents[1] / "README.md").read_text(encoding="utf-8")
NAMES = [
    "password",
    "passwd",
    "pwd",
    "secret",
    "api",
    "key",
    "token",
    "bearer",
    "basic",
    "auth",
    "PIN",
    "otp",
    "cookie",
    "seed",
    "phrase",
    "mnemonic",
    "BEGIN",
    "PRIVATE",
    "KEY",
]
BETWEEN = (
    *" " * 9,
    ": ",
    " is ",
    ", ",
    " <…> ",
    "\n",
    "-",
    "=",
    ": '",
    "' ",
    " 1234 ",
    " 83417 ",
    "@",
    "/",
    "://",
    "_",
)


def load(path, name):
    spec = importlib.util.spec_from_file_location(name, path)
    made = importlib.util.module_from_spec(spec)
    sys.modules[name] = made
    spec.loader.exec_module(made)
    return made


@pytest.fixture
def application(tmp_path):
    """Import a module of the application by its source; forgotten at the end."""
    names = []

    def made(source, name="acme_messages"):
        path = tmp_path / f"{name}.py"
        path.write_text(source, encoding="utf-8")
        names.append(name)
        return load(path, name)

    yield made
    for name in names:
        del sys.modules[name]


def value(error, *app_modules):
    return clean_exception(error, app_modules=app_modules)["exception"]["values"][-1].get("value")


def caught(call, *args):
    try:
        call(*args)
    except Exception as error:
        return error
    raise AssertionError("it did not raise")


@pytest.mark.parametrize("version", ["this", "3.11", "3.12", "3.13", "3.14"])
def test_the_template_of_every_kind_of_raise_expression(version):
    """On every Python that is here; which those are depends on the machine, the first is always."""
    python = sys.executable if version == "this" else shutil.which(f"python{version}")
    source = Path(telemetry_sdk.__file__).parents[1]
    done = subprocess.run(
        [python or sys.executable, str(HERE / "raise_expressions.py")],
        env={**os.environ, "PYTHONPATH": str(source), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
    if done.returncode and "pyenv" in done.stderr:
        return  # a name that stands for no interpreter
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_code_object_that_lies_about_its_constants_has_no_template(application):
    module = application("def fail(path):\n    raise ValueError(f'could not open {path}')\n")
    assert value(caught(module.fail, "/x"), "acme_messages") == "could not open <…>"
    code = module.fail.__code__
    longer = tuple("could not open pl4nted " if type(constant) is str else constant for constant in code.co_consts)
    module.fail.__code__ = code.replace(co_consts=longer)
    assert value(caught(module.fail, "/x"), "acme_messages") == "could not open <…>", "as the file has it"
    other = tuple("pl4nted " if type(constant) is str else constant for constant in code.co_consts)
    module.fail.__code__ = code.replace(co_consts=other)
    assert value(caught(module.fail, "/x"), "acme_messages") is None
    exec(compile("def fail(path):\n    raise ValueError('pl4nted')\n", module.__file__, "exec"), vars(module))
    assert value(caught(module.fail, "/x"), "acme_messages") is None


def test_a_file_that_changed_after_its_import_has_no_templates(application, tmp_path):
    module = application("def fail(path):\n    raise ValueError(f'could not open {path}')\n")
    (tmp_path / "acme_messages.py").write_text("def fail(path):\n    x = 1\n    raise ValueError(f'pl4nted {path}')\n")
    assert value(caught(module.fail, "could not open it"), "acme_messages") is None


def test_code_that_is_not_the_applications_has_no_template(application):
    module = application("def fail(path):\n    raise ValueError(f'could not open {path}')\n")
    assert value(caught(module.fail, "/x")) is None, "not named as the application's"
    space = {"__name__": "acme_messages"}
    exec(compile("def fail(path):\n    raise ValueError(f'could not open {path}')\n", module.__file__, "exec"), space)
    assert value(caught(space["fail"], "/x"), "acme_messages") == "could not open <…>", "the very same code"
    exec(compile("\ndef fail(path):\n    raise ValueError(f'could not {path}')\n", module.__file__, "exec"), space)
    assert value(caught(space["fail"], "/x"), "acme_messages") is None


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("could not open X for Y", "could not open <…> for <…>"),
        ("could not open  for ", "could not open <…> for <…>"),
        ("could not open X", None),
        ("X could not open Y for Z", None),
        ("something else", None),
    ],
)
def test_a_template_matches_whole_messages_only(message, expected):
    assert matched(("could not open ", None, " for ", None), message) == expected


@pytest.mark.parametrize(
    ("literal", "expected"),
    [
        ("see and/or https://docs.acme.example for ", "see and/or https://docs.acme.example for <…>"),
        ("see /etc/acme/config for ", None),
        ("see ~/.acme for ", None),
        ("see C:\\\\acme for ", None),
        ("in '../acme' for ", None),
        ("(\\\\\\\\host\\\\share) for ", None),
    ],
)
def test_a_literal_that_holds_a_path_has_no_template(application, literal, expected):
    module = application(f'def fail(path):\n    raise ValueError(f"{literal}{{path}}")\n')
    assert value(caught(module.fail, "/x"), "acme_messages") == expected


def test_a_literal_that_holds_a_secret_has_no_template(application):
    key = "ghp_" + "aB3dE5gH7jK9mN1pQ3sT5vX7zA9cE1gIaB3d"
    module = application(
        f"def secret(path):\n    raise ValueError(f'no access with {key} to {{path}}')\n"
        "def plain(path):\n    raise ValueError(f'no access to {path}')\n"
    )
    assert value(caught(module.plain, "/x"), "acme_messages") == "no access to <…>"
    assert value(caught(module.secret, "/x"), "acme_messages") is None


def test_the_redaction_rules_are_loaded_only_for_a_template_of_more_than_plain_words(tmp_path):
    (tmp_path / "acme_loads.py").write_text(
        "def plain():\n    raise KeyError\n"
        "def words():\n    raise ValueError('no session is open')\n"
        "def named():\n    raise ValueError('no api_key')\n"
    )
    source = """
import sys, acme_loads
from telemetry_sdk.privacy import clean_exception
for call in (lambda: {}["x"], acme_loads.plain, acme_loads.words, acme_loads.named):
    try:
        call()
    except Exception as error:
        clean_exception(error, app_modules=["acme_loads"])
        print(any("redaction" in name for name in sys.modules))
"""
    where = os.pathsep.join((str(tmp_path), str(Path(telemetry_sdk.__file__).parents[1])))
    command = [sys.executable, "-c", source]
    done = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": where}, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == ["False", "False", "False", "True"]


def test_the_redaction_rules_find_nothing_in_a_plain_template():
    seed = int(os.environ.get("TELEMETRY_SDK_TEST_SEED") or random.SystemRandom().randrange(1 << 32))
    print(f"TELEMETRY_SDK_TEST_SEED={seed}")
    chance = random.Random(seed)
    words = sorted({*re.findall(r"[A-Za-z]+", f"{README} {NAMES}")})
    texts = ("".join(chance.choice(words) + chance.choice(BETWEEN) for _ in range(6)) for _ in range(20_000))
    plain = [text for text in texts if is_plain(text)]
    assert 2_000 < len(plain) < 18_000
    assert [text for text in plain if redact_secrets(text) != text] == []


def test_a_secret_is_not_plain():
    chance = random.Random(7)
    secrets = [make(chance) for make in MAKERS.values() for _ in range(5)]
    secrets += [
        frame.replace("{}", value) for frame in (*NAMED, *NAMED_KEYS, *NAMED_PHRASES) for value in (*WEAK, PHRASE)
    ]
    assert len(secrets) > 500
    assert [secret for secret in secrets if is_plain(secret) and redact_secrets(secret) != secret] == []


def test_an_argument_changed_after_the_raise_has_no_template(application):
    module = application(
        "class Changed(ValueError):\n"
        "    def __init__(self, text):\n        super().__init__(text)\n        self.args = ('pl4nted ' + text,)\n"
        "def fail(path):\n    raise Changed(f'could not open {path}')\n"
    )
    assert value(caught(module.fail, "/x"), "acme_messages") is None


def test_an_item_of_sentrys_sdk_has_its_template_by_its_line(application):
    module = application("def fail(path):\n    raise ValueError(f'could not open {path}')\n")
    frame = {"module": "acme_messages", "function": "fail", "abs_path": module.__file__, "lineno": 2}
    thrown = {"type": "ValueError", "value": "could not open /x", "stacktrace": {"frames": [frame]}}

    def left(**changes):
        event = {"exception": {"values": [{**thrown, **changes}]}}
        return clean_sentry_item("event", event, app_modules=["acme_messages"])["exception"]["values"][0].get("value")

    assert left() == "could not open <…>"
    assert left(value="pl4nted") is None
    assert left(stacktrace={"frames": [{**frame, "lineno": 1}]}) is None
    assert left(stacktrace={"frames": [{**frame, "abs_path": "/elsewhere/acme_messages.py"}]}) == "could not open <…>"
    assert left(stacktrace={"frames": [{**frame, "abs_path": "/elsewhere/pl4nted.py"}]}) is None


class Settings(BaseModel):
    size: int
    name: str


def _gai():
    raise socket.gaierror(socket.EAI_NONAME, "pl4nted is not known")


def _http():
    request = httpx.Request("GET", "http://pl4nted.example/")
    raise httpx.HTTPStatusError("pl4nted", request=request, response=httpx.Response(503, request=request))


def _http_of_library():
    raise urllib.error.HTTPError("http://pl4nted.example/", 404, "pl4nted", None, io.BytesIO())


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (lambda: Path("/pl4nted/file").read_bytes(), "ENOENT"),
        (lambda: json.loads('{"pl4nted": }'), "line 1 column 13"),
        (lambda: b"pl4nted\xff".decode("utf-8"), "codec utf_8"),
        (lambda: "pl4nted\xff".encode("ascii"), "codec ascii"),
        (lambda: subprocess.run([sys.executable, "-c", "raise SystemExit(3)"], check=True), "exit status 3"),
        (_gai, "EAI_NONAME"),
        (_http, "HTTP 503"),
        (_http_of_library, "HTTP 404"),
        (lambda: Settings(size="pl4nted"), "2 errors: int_parsing, missing"),  # type: ignore[arg-type, call-arg]
        (lambda: int("pl4nted"), None),
        (lambda: {}["pl4nted"], None),  # type: ignore[index]
    ],
)
def test_foreign_messages_are_rebuilt_from_structure(call, expected):
    error = caught(call)
    found = clean_exception(error, app_modules=["telemetry_sdk", "pydantic_core"])
    text = json.dumps(found)
    assert found["exception"]["values"][-1].get("value") == expected
    assert "pl4nted" not in text


def test_names_in_exception_details_come_from_closed_lists():
    class Odd(BaseModel):
        x: int

        @field_validator("x", mode="before")
        @classmethod
        def odd(cls, value):
            raise PydanticCustomError("pl4nted", "pl4nted")

    codec = UnicodeDecodeError("pl4nted", b"x", 0, 1, "pl4nted")
    ended = subprocess.CalledProcessError(-9, "pl4nted")
    asked = json.JSONDecodeError("pl4nted", "pl4nted", 0)
    asked.lineno = "pl4nted"  # type: ignore[assignment]
    validation = caught(lambda: Odd(x=1))
    assert value(codec) is None
    assert value(ended) == "SIGKILL"
    assert "pl4nted" not in json.dumps(clean_exception(asked))
    assert value(validation, "pydantic_core") == "1 error"


def test_only_known_types_keep_their_details(application):
    module = application("import json\nclass Mine(json.JSONDecodeError):\n    pass\n")
    error = module.Mine("pl4nted", "{", 0)
    assert value(error) is None
    assert value(error, "acme_messages") == "line 1 column 1"


TEXTS = st.text(alphabet=st.sampled_from("ab{}%s<…> \n"), max_size=12)
PARTS = st.lists(st.one_of(st.none(), TEXTS), max_size=8).map(lambda parts: merged(tuple(parts)))


def without_holes(text: str) -> str:
    """Return a text without holes, those too that literals on both sides of one make."""
    while HOLE in text:
        text = text.replace(HOLE, "")
    return text


@given(PARTS, st.lists(TEXTS, min_size=8, max_size=8))
def test_a_message_matches_its_own_template(parts, fillings):
    holes = iter(fillings)
    message = "".join(next(holes) if part is None else part for part in parts)
    literals = "".join(part for part in parts if part is not None)
    if template_text(parts) is None:
        assert matched(parts, message) is None
    elif None in parts:
        assert matched(parts, message) is not None or literals
        found = matched(parts, message)
        assert found is None or without_holes(found) == without_holes(literals)
    else:
        assert matched(parts, message) == literals


@given(st.text(alphabet=st.sampled_from("ab%sd(){}!:. "), max_size=30))
def test_formats_are_taken_apart_or_not_at_all(text):
    for take in (percent, braced):
        parts = take((text,))
        literals = "".join(part for part in parts if part is not None)
        assert set(literals) <= set(text)
        assert take((None, text)) == (None,)


def test_a_snapshot_of_a_module_type_runs_no_code_of_its_metaclass():
    asked = []

    class Meta(type):
        def __getattribute__(cls, name):
            asked.append(name)
            return super().__getattribute__(name)

        def __eq__(cls, other):
            asked.append("eq")
            return False

        __hash__ = type.__hash__

    hostile = types.new_class("Hostile", (Exception,), {"metaclass": Meta})
    error = hostile("x")
    asked.clear()
    take_snapshot(error)
    assert asked == []
