"""Code imported in unusual ways is known if its module's spec leads to its file, else redacted."""

from __future__ import annotations

import importlib
import importlib.util
import json
import marshal
import os
import py_compile
import subprocess
import sys
import zipfile
from importlib.machinery import SourceFileLoader

import pytest

from telemetry_sdk.privacy import clean_exception, clean_sentry_item

UTF8 = {"PYTHONIOENCODING": "utf-8"}
SOURCE = """
class {kind}(Exception):
    pass

def {function}():
    raise {kind}("pl4nted")
"""


def caught(call, *args):
    try:
        call(*args)
    except BaseException as error:
        return error
    raise AssertionError("it did not raise")


def sent(error, *app_modules):
    """Return the exception's type and the functions of its frames, as they are sent."""
    value = clean_exception(error, app_modules=app_modules)["exception"]["values"][-1]
    frames = [(frame.get("module"), frame["function"]) for frame in value["stacktrace"]["frames"]]
    return value["type"], frames[1:]  # the first is this test's own


@pytest.fixture
def importable(tmp_path, monkeypatch):
    """A directory that modules are imported from; forgotten at the end."""
    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)
    importlib.invalidate_caches()
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


@pytest.mark.parametrize("way", ["file", "package", "namespace", "zip", "no source"])
def test_an_application_is_known_in_every_way_to_import_it(importable, monkeypatch, way):
    source = SOURCE.format(kind="AcmeError", function="fail")
    name = {"package": "acme_pkg.inner", "namespace": "acme_space.inner"}.get(way, "acme_mod")
    place = importable.joinpath(*name.split(".")).with_suffix(".py")
    place.parent.mkdir(exist_ok=True)
    if way == "package":
        (place.parent / "__init__.py").touch()
    if way == "zip":
        with zipfile.ZipFile(importable / "acme.zip", "w") as archive:
            archive.writestr("acme_mod.py", source)
        monkeypatch.syspath_prepend(importable / "acme.zip")
    elif way == "no source":
        place.write_text(source)
        py_compile.compile(str(place), cfile=str(place.with_suffix(".pyc")))
        place.unlink()
    else:
        place.write_text(source)
    module = importlib.import_module(name)
    top = name.partition(".")[0]
    assert sent(caught(module.fail), top) == ("AcmeError", [(name, "fail")])
    assert sent(caught(module.fail)) == ("<redacted>", []), "folded: not named as the application's"


def test_frozen_modules_of_the_standard_library_are_known():
    error = caught(importlib.import_module, "no_such_module_pl4nted")
    kind, frames = sent(error)
    assert kind == "ModuleNotFoundError"
    assert ("importlib", "import_module") in frames
    assert ("importlib._bootstrap", "_find_and_load") in frames
    assert "pl4nted" not in json.dumps(clean_exception(error))


def test_compiled_functions_hide_no_frames():
    def key(_):
        raise KeyError

    kind, _ = sent(caught(lambda: sorted([2, 1], key=key)))
    assert kind == "KeyError"


@pytest.mark.parametrize(
    "filename", ["<ipython-input-3-pl4nted>", "/tmp/ipykernel_7/pl4nted.py", "<string>", "<stdin>"]
)
def test_code_of_notebooks_and_consoles_is_redacted(filename):
    space = {"__name__": "__main__"}
    exec(compile(SOURCE.format(kind="Pl4nted", function="pl4nted"), filename, "exec"), space)
    error = caught(space["pl4nted"])
    assert sent(error, "__main__") == ("<redacted>", [])
    assert "pl4nted" not in json.dumps(clean_exception(error, app_modules=["__main__"])).lower()


def test_source_used_as_its_own_file_name_is_redacted():
    source = SOURCE.format(kind="Pl4nted", function="pl4nted")
    space = {"__name__": "json"}
    exec(compile(source, source, "exec"), space)
    assert "pl4nted" not in json.dumps(clean_exception(caught(space["pl4nted"]))).lower()


def test_classes_of_code_executed_in_the_applications_namespace_are_redacted(importable):
    """An agent that runs a user's code in its own module: names that no file of the application holds."""
    (importable / "acme_runner.py").write_text(
        "def run(source):\n    exec(source, globals())\n\nclass Own(Exception):\n    pass\n"
    )
    runner = importlib.import_module("acme_runner")
    error = caught(runner.run, "class Pl4nted(Exception):\n    pass\ndef pl4nted():\n    raise Pl4nted\npl4nted()")
    assert vars(runner)["Pl4nted"] is type(error)
    assert sent(error, "acme_runner") == ("<redacted>", [("acme_runner", "run"), (None, "<redacted>")])
    assert sent(caught(runner.run, "raise Own"), "acme_runner")[0] == "Own"


def test_a_users_file_under_the_applications_package_name_is_redacted(importable, tmp_path_factory):
    (importable / "acme_shop").mkdir()
    (importable / "acme_shop" / "__init__.py").write_text("")
    importlib.import_module("acme_shop")
    file = tmp_path_factory.mktemp("user") / "acme_shop" / "pl4nted.py"
    file.parent.mkdir()
    file.write_text(SOURCE.format(kind="Pl4nted", function="pl4nted"))
    spec = importlib.util.spec_from_file_location("acme_shop.pl4nted", file)
    module = sys.modules["acme_shop.pl4nted"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    error = caught(module.pl4nted)
    assert sent(error, "acme_shop") == ("<redacted>", [])
    del sys.modules["acme_shop.pl4nted"]
    frame = {"module": "acme_shop.pl4nted", "function": "pl4nted", "abs_path": str(file), "lineno": 6}
    value = {"type": "Pl4nted", "module": "acme_shop.pl4nted", "stacktrace": {"frames": [frame]}}
    left = clean_sentry_item("event", {"exception": {"values": [value]}}, app_modules=["acme_shop"])
    assert "pl4nted" not in json.dumps(left).lower()


def test_a_users_file_under_a_standard_module_name_makes_no_name_known(tmp_path, monkeypatch):
    file = tmp_path / "antigravity.py"
    file.write_text("def pl4nted():\n    pass\n")
    spec = importlib.util.spec_from_file_location("antigravity", file)
    monkeypatch.setitem(sys.modules, "antigravity", importlib.util.module_from_spec(spec))
    frame = {"module": "antigravity", "function": "pl4nted", "filename": "antigravity", "lineno": 1}
    left = clean_sentry_item("event", {"exception": {"type": "ValueError", "stacktrace": {"frames": [frame]}}})
    assert left["exception"]["values"][0]["stacktrace"]["frames"] == [{"function": "<redacted>", "in_app": False}]


LOADS = {"module": "json", "function": "loads", "lineno": 346}


@pytest.mark.parametrize(
    ("frame", "known"),
    [
        ({**LOADS, "abs_path": json.__file__}, True),
        ({**LOADS, "abs_path": "/usr/lib/python3.12/json/__init__.py", "lineno": "346"}, True),
        ({**LOADS, "abs_path": "C:\\Python312\\Lib\\json\\__init__.py", "lineno": 346.0}, True),
        ({**LOADS, "abs_path": "c:\\python312\\lib\\json\\__init__.py"}, True),
        ({**LOADS, "filename": "json"}, True),
        ({**LOADS, "filename": "json", "function": "pl4nted"}, False),
        ({**LOADS, "filename": "json", "abs_path": "/home/pl4nted/json"}, False),
        ({"module": "acme_away.core", "function": "run", "filename": "acme_away.core", "lineno": 3}, False),
        ({"module": "token", "function": "pl4nted", "filename": "token", "lineno": 3}, False),
        ({**LOADS, "function": "pl4nted", "abs_path": json.__file__}, False),
        ({**LOADS, "abs_path": "/home/pl4nted/json/__init__.py"}, False),
        ({"module": "_json", "function": "pl4nted", "abs_path": "/usr/lib/python3.12/_json.py", "lineno": 1}, False),
        ({"module": "acme_away.core", "function": "run", "filename": "acme_away/core.py", "lineno": 3}, True),
        ({"module": "acme_away.core", "function": "run", "filename": "pl4nted/core.py", "lineno": 3}, False),
    ],
)
@pytest.mark.parametrize("shape", ["values", "list", "one", "raw"])
def test_frames_in_items_of_other_machines_and_older_packages(frame, known, shape):
    stack = {"raw_stacktrace" if shape == "raw" else "stacktrace": {"frames": [frame]}}
    value = {"type": "ValueError", "value": "pl4nted", **stack}
    given = {"values": {"values": [value]}, "list": [value], "one": value, "raw": {"values": [value]}}[shape]
    left = clean_sentry_item("event", {"exception": given}, app_modules=["acme_away"])["exception"]["values"][0]
    [found] = left["stacktrace"]["frames"]
    assert left["type"] == "ValueError"
    assert found["function"] == (frame["function"] if known else "<redacted>")
    assert found.get("lineno") == (int(frame["lineno"]) if known else None)
    assert "pl4nted" not in json.dumps(left)


def test_standard_exceptions_of_modules_that_are_not_loaded_are_known():
    source = """
import json, sys
from telemetry_sdk.privacy import clean_sentry_item
names = [("sqlite3", "OperationalError"), ("decimal", "InvalidOperation"), ("curses", "error"), ("_curses", "error"),
    ("tomllib", "TOMLDecodeError"), ("zoneinfo._common", "ZoneInfoNotFoundError"), ("sqlite3", "Pl4nted"),
    ("pl4nted", "OperationalError"), ("sqlite3.pl4nted", "OperationalError"), ("decimal", "Context")]
assert not {module for module, _ in names} & sys.modules.keys()
values = [{"module": module, "type": name} for module, name in names]
left = clean_sentry_item("event", {"exception": {"values": values}})
assert clean_sentry_item("event", left) == left
print(json.dumps([(value.get("module"), value["type"]) for value in left["exception"]["values"]]))
"""
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True, timeout=60)
    unknown = [None, "<redacted>"]
    assert json.loads(done.stdout) == [
        ["sqlite3", "OperationalError"],
        ["decimal", "InvalidOperation"],
        unknown,
        ["_curses", "error"],
        ["tomllib", "TOMLDecodeError"],
        ["zoneinfo._common", "ZoneInfoNotFoundError"],
        *[unknown] * 4,
    ]


def test_the_list_of_standard_exceptions_names_exception_classes_by_their_own_names():
    source = """
import importlib, sys, warnings
from telemetry_sdk.sanitizer.code.standard_exceptions import STANDARD_EXCEPTIONS
warnings.simplefilter("ignore")
here = wrong = 0
for module, name in sorted(STANDARD_EXCEPTIONS):
    assert module.partition(".")[0] in sys.stdlib_module_names or sys.version_info >= (3, 13), module
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError):  # of another Python or platform
        continue
    here += 1
    right = issubclass(found, BaseException) and (found.__module__, found.__qualname__) == (module, name)
    wrong += not right
print(here, wrong)
"""
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True, timeout=60)
    here, wrong = map(int, done.stdout.split())
    assert (here > 40, wrong) == (True, 0)


def test_a_class_that_bears_its_packages_name_is_known(importable):
    package = importable / "acme_facade"
    package.mkdir()
    (package / "__init__.py").write_text("from .errors import PublicError\n")
    (package / "errors.py").write_text(
        "class PublicError(Exception):\n    __module__ = 'acme_facade'\n\ndef fail():\n    raise PublicError\n"
    )
    module = importlib.import_module("acme_facade.errors")
    assert sent(caught(module.fail), "acme_facade")[0] == "PublicError"


def test_a_class_of_no_file_has_only_the_modules_read_that_hold_its_name(importable, monkeypatch):
    """Of a package of 400 modules, all of them would be read: 1.6 s of processor time, and 58 MiB for good."""
    package = importable / "acme_wide"
    package.mkdir()
    (package / "__init__.py").write_text(
        "from . import a, b, made\nfrom .made import Made\n\ndef fail():\n    raise Made\n"
    )
    for name in "ab":
        (package / f"{name}.py").write_text("def other():\n    pass\n")
    (package / "made.py").write_text("Made = type('Made', (Exception,), {'__module__': 'acme_wide'})\n")
    module = importlib.import_module("acme_wide")
    read, get_data = set(), SourceFileLoader.get_data

    def noted(loader, path):
        read.add(loader.name)
        return get_data(loader, path)

    monkeypatch.setattr(SourceFileLoader, "get_data", noted)
    assert sent(caught(module.fail), "acme_wide")[0] == "<redacted>"
    assert {name for name in read if name.startswith("acme_wide")} == {"acme_wide", "acme_wide.made"}


@pytest.mark.parametrize(
    ("direct_url", "known"),
    [
        (None, True),
        ({"url": "https://files.example/other.whl", "archive_info": {}}, True),
        ({"url": "file:///home/me/other", "dir_info": {"editable": True}}, False),
        ({"url": "file:///home/me/other", "dir_info": {}}, False),
        ({"url": "file:///home/me/other-1.0-py3-none-any.whl", "archive_info": {}}, False),
    ],
)
def test_declared_dependencies_are_known_unless_installed_from_a_local_path(importable, direct_url, known):
    for name, requires in (("acme_app", "Requires-Dist: acme-other\n"), ("acme_other", "")):
        (importable / f"{name}.py").write_text(SOURCE.format(kind="DependencyError", function="fail"))
        info = importable / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: 1.0\n{requires}\n"
        )
        (info / "RECORD").write_text(f"{name}.py,,\n")
    if direct_url is not None:
        (importable / "acme_other-1.0.dist-info" / "direct_url.json").write_text(json.dumps(direct_url))
    other = importlib.import_module("acme_other")
    kind, frames = sent(caught(other.fail), "acme_app")
    assert (kind, frames) == (("DependencyError", [("acme_other", "fail")]) if known else ("<redacted>", []))


def test_unmarshalled_code_can_only_claim_the_applications_own_names(importable):
    """Its file, its name, its line and its module are those of the application; its body is another's."""
    (importable / "acme_true.py").write_text("\ndef fail():\n    raise KeyError('a literal of its own')\n")
    module = importlib.import_module("acme_true")
    forged = compile("def pl4nted():\n    raise KeyError('pl4nted')\n", module.__file__, "exec")
    inner = next(constant for constant in forged.co_consts if hasattr(constant, "co_code"))
    own = module.fail.__code__
    lying = inner.replace(co_name=own.co_name, co_qualname=own.co_qualname, co_firstlineno=own.co_firstlineno)
    space = {"__name__": "acme_true"}
    fail = type(module.fail)(marshal.loads(marshal.dumps(lying)), space)
    text = json.dumps(clean_exception(caught(fail), app_modules=["acme_true"]))
    assert "pl4nted" not in text, "the names it claims are the application's own"


def test_the_script_is_known_if_the_host_named_it(tmp_path):
    script = tmp_path / "pl4nted dir" / "script.py"
    script.parent.mkdir()
    script.write_text(
        "import json, sys\nfrom telemetry_sdk.privacy import clean_exception\n"
        "def work():\n    raise LookupError(f'no {sys.argv[0]} here')\n"
        "try:\n    work()\nexcept LookupError as error:\n"
        "    for modules in ([], ['__main__']):\n"
        "        print(json.dumps(clean_exception(error, app_modules=modules)['exception']['values'][0]))\n"
    )
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    unnamed, named = map(json.loads, done.stdout.splitlines())
    assert unnamed["stacktrace"]["frames"] == [{"function": "<redacted>", "in_app": False}]
    assert [frame["function"] for frame in named["stacktrace"]["frames"]] == ["<module>", "work"]
    assert named["value"] == "no <…> here"
    assert "pl4nted" not in done.stdout
