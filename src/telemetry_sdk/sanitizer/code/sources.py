"""What a module's own file compiles to: the names of its code, and the messages that its raise expressions make.

A loaded module's code is read by its own loader, any other's file is looked for where it would be imported from.
Nothing is executed, and no `__pycache__` is written.
"""

from __future__ import annotations

import os
import sys

from .provenance import parts_of, raises
from .templates import text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from importlib.machinery import ModuleSpec
    from types import CodeType
    from typing import Any

    from .templates import Parts

    Bodies = Mapping[tuple[str, int], CodeType]

STDLIB = os.path.dirname(os.path.realpath(os.__file__))
MAX_MODULES = 1_000  # of one package, looked at
MAX_LINES = 5_000  # lines of raise expressions remembered


class Sources:
    """Reads code, and remembers what it found. Runs off the caller's thread."""

    def __init__(self) -> None:
        self._bodies: dict[str, Bodies | None] = {}
        self._functions: dict[str, frozenset[str] | None] = {}
        self._messages: dict[tuple[str, str, int], tuple[Parts, ...]] = {}

    def bodies(self, module: str) -> Bodies | None:
        """Return a module's code objects by qualified name and first line; None: nothing can be told of it."""
        if module not in self._bodies:
            self._bodies[module] = _read(module)
        return self._bodies[module]

    def functions(self, module: str) -> frozenset[str] | None:
        """Return the names by which frames may call a module's code, whole and last part; None: it cannot be told."""
        if module not in self._functions:
            found = self.bodies(module)
            names = None if found is None else frozenset(form for name, _ in found for form in _forms(name))
            self._functions[module] = names
        return self._functions[module]

    def makes(self, module: str, name: str) -> bool:
        """Tell whether a class of that qualified name has its body in the file of a module, or of its package's others.

        A package often gives its public classes its own name. Where nothing can be told of the module, it is believed.
        """
        if self.bodies(module) is None:
            return True
        top = module.partition(".")[0]
        others = [other for other in sys.modules if other == top or other.startswith(f"{top}.")]
        return any(self._has(other, name) for other in (module, *others[:MAX_MODULES]))

    def _has(self, module: str, name: str) -> bool:
        return name in (self.functions(module) or ())

    def messages(self, module: str, function: str, line: int) -> tuple[Parts, ...]:
        """Return the parts of the messages that a line of a module's function raises, of all functions of that name."""
        key = (module, function, line)
        if key not in self._messages:
            if len(self._messages) >= MAX_LINES:
                self._messages.clear()
            self._messages[key] = tuple(self._raised(module, function, line))
        return self._messages[key]

    def message(self, module: str, code: CodeType, at: int) -> Parts | None:
        """Return the parts of the message of one raise instruction, read from the module's file.

        Code that is not what the file compiles to (it may lie about its constants) has none.
        """
        found = self.bodies(module)
        own = found.get((code.co_qualname, code.co_firstlineno)) if found is not None else None
        if own is None or own.co_code != code.co_code:
            return None
        parts = parts_of(own, at)
        return parts if parts is not None and text(parts) is not None else None

    def _raised(self, module: str, function: str, line: int) -> Iterator[Parts]:
        for (name, first), code in (self.bodies(module) or {}).items():
            if first <= line and function in _forms(name):
                yield from (parts for at in raises(code, line) for parts in [parts_of(code, at)] if parts is not None)


def _forms(name: str) -> tuple[str, str]:
    return name, name.rpartition(".")[2]


def _read(name: str) -> Bodies | None:
    module = sys.modules.get(name)
    if module is None:
        return _found(name)
    spec = getattr(module, "__spec__", None)
    loader = getattr(spec, "loader", None) or getattr(module, "__loader__", None)
    if not hasattr(loader, "get_code") or type(loader).__name__ == "ExtensionFileLoader":
        return None  # some other import hook made it (a test runner's say), or a compiler
    try:
        return _bodies(_whole(loader, spec, name))
    except Exception:  # the file is gone, or is no program any more: nothing can be told of it
        return {}


def _whole(loader: Any, spec: ModuleSpec | None, name: str) -> object:
    """Return a module's code object; where its loader would write `__pycache__`, compile it here."""
    cached = spec.cached if spec is not None else None
    if not hasattr(loader, "get_data") or (cached is not None and os.path.exists(cached)):
        return loader.get_code(spec.name if spec is not None else name)
    path = loader.get_filename(spec.name if spec is not None else name)
    return compile(loader.get_data(path), path, "exec", dont_inherit=True)


def _found(name: str) -> Bodies | None:
    """Return the code of a module that is not loaded, from where it would be imported; None: it is not here."""
    stdlib = name.partition(".")[0] in sys.stdlib_module_names
    tail = os.path.join(*name.split("."))
    for place in [STDLIB] if stdlib else [place for place in sys.path if place]:
        for path in (os.path.join(place, f"{tail}.py"), os.path.join(place, tail, "__init__.py")):
            if os.path.isfile(path):
                return _compiled(path)
    return {} if stdlib or _is_here(name.partition(".")[0]) else None


def _is_here(top: str) -> bool:
    """Tell whether a package is here: then a module that it does not have is none of its own."""
    if top in sys.modules:
        return True
    places = (place for place in sys.path if place)
    return any(os.path.exists(os.path.join(place, end)) for place in places for end in (top, f"{top}.py"))


def _compiled(path: str) -> Bodies:
    try:
        with open(path, "rb") as file:
            return _bodies(compile(file.read(), path, "exec", dont_inherit=True))
    except (OSError, ValueError, SyntaxError, RecursionError, MemoryError):  # nothing can be told of it
        return {}


def _bodies(whole: object) -> dict[tuple[str, int], CodeType]:
    found: dict[tuple[str, int], CodeType] = {}
    waiting = [whole]
    while waiting:
        code = waiting.pop()
        if isinstance(code, type(_bodies.__code__)):
            found[code.co_qualname, code.co_firstlineno] = code
            waiting += code.co_consts
    return found
