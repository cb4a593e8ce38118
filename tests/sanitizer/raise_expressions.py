"""Raise expressions with the message template of each. Also a program.

python raise_expressions.py     under any Python that has the package on its path: one line for each wrong one
"""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from pathlib import Path

PATH = "/home/pl4nted/secret project"
HEAD = f"""
class Error(Exception):
    pass
class Quiet(Error):
    def __str__(self):
        return "quiet"
class Own(Error):
    def __init__(self, path, code=0):
        super().__init__(f"own {{path}}")
class names:
    Error = Error
path, number, items = {PATH!r}, 3, ["pl4nted", "b"]
"""

# (the raise expression, the template or None)
CASES = [
    ('raise Error("no session is open")', "no session is open"),
    ('raise Error(f"could not open config {path} for model")', "could not open config <…> for model"),
    ('raise Error(f"{path}: {number:>5} of {path!r} bytes")', "<…>: <…> of <…> bytes"),
    ('raise Error(f"{path}")', None),
    ("raise Error(path)", None),
    ("raise Error", None),
    ("raise Error()", None),
    ("raise Error(number)", None),
    ('raise Error("a %s of %d%% left" % (path, number))', "a <…> of <…>% left"),
    ('raise Error("%(path)s has %(n)5.2f" % {"path": path, "n": number})', "<…> has <…>"),
    ('raise Error("only %s" % path)', "only <…>"),
    ('raise Error("at {} of {n!r:>{w}}, {{really}}".format(path, n=number, w=9))', "at <…> of <…>, {really}"),
    ('raise Error("it is " + path + " or so")', "it is <…> or so"),
    ('raise Error("it is " f"{path}" " so")', "it is <…> so"),
    ('raise Error("in two" " parts")', "in two parts"),
    ('raise names.Error(f"of an attribute {path}", path, code=path)', None),  # it takes no keywords: a TypeError
    ('raise names.Error(f"of an attribute {path}", path)', "of an attribute <…>"),
    ("raise Error(f\"unknown: {', '.join(sorted(items))}\")", "unknown: <…>"),
    ("raise Error(f\"unknown: {', '.join(item for item in items)}\")", "unknown: <…>"),
    ('raise Error(f"index {items[0]} of {items[0][1:]} and {-number} {not number}")', "index <…> of <…> and <…> <…>"),
    ('raise Error(f"from {path}") from None', "from <…>"),
    ('raise Error(f"from {path}") from KeyError("pl4nted")', "from <…>"),
    ("raise Own(path)", None),  # raised elsewhere than made
    ('raise Quiet("quiet after all")', None),  # prints something else
    ('raise Error("pl4nted" if path else "b")', None),
    ('raise Error(path or "pl4nted")', None),
    ('raise Error({"a": "pl4nted"}["a"])', None),
    ("raise Error(items[0] + path)", None),
    ("raise Error(str(items))", None),
    ('raise Error(f"{items}")', None),
    ('raise Error(*["pl4nted"])', None),
    ('raise Error(f"list {[item for item in items]}")', "list <…>"),
    ('raise Error("a literal", "another literal")', "a literal"),
    ('raise Error(" ".join(["pl4nted", path]))', None),
    ('raise Error("x".join(items))', None),
    ('raise Error(path.replace("/", "pl4nted"))', None),
    ('raise Error("%s")', "%s"),
    ('raise Error(b"pl4nted")', None),
    ('raise Error(f"{number:pl4nted<9}")', None),
    ('raise Error("" f"{path}" "")', None),
    ('raise Error("ab" * number)', None),
    ("raise Error(f\"nested {f'in {path}'} end\")", "nested <…> end"),
]
# Without a template on later Pythons, where a comprehension is a branch.
MAY_MISS = ('raise Error(f"list {[item for item in items]}")',)


def module(directory: Path, name: str) -> object:
    """Write the cases as a module's functions, import it as `name`."""
    lines = [HEAD]
    for number, (expression, _) in enumerate(CASES):
        lines.append(f"def case_{number}():\n    for _ in [1]:\n        {expression}\n")
    file = directory / f"{name}.py"
    file.write_text("\n".join(lines), encoding="utf-8")
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules[name] = made
    spec.loader.exec_module(made)
    return made


def template(made: object, number: int, name: str) -> object:
    """Return the template that is sent for a case."""
    from telemetry_sdk.privacy import clean_exception

    try:
        getattr(made, f"case_{number}")()
    except Exception as error:
        event = clean_exception(error, app_modules=[name])
        return event["exception"]["values"][-1].get("value")
    raise AssertionError("it did not raise")


def wrong(directory: Path, name: str) -> list[str]:
    """Return what is not as it should be, a line each."""
    made = module(directory, name)
    lines = []
    for number, (expression, expected) in enumerate(CASES):
        found = template(made, number, name)
        if found != expected and not (found is None and expression in MAY_MISS):
            lines.append(f"{expression}: {found!r}, not {expected!r}")
    return lines


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as directory:
        print("\n".join(wrong(Path(directory), "acme_raising")), end="")
