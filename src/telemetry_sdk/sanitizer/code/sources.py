"""What a module's own file compiles to: the names of its code, and the message templates of its raise expressions.

A loaded module's code is read by its own loader; for any other the file that would be imported is compiled.
Nothing is executed, and no `__pycache__` is written.
"""

from __future__ import annotations

import os
import sys

from ..._internal import descriptors
from .raise_expressions import message_parts, raises
from .templates import holds_secret, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
    from importlib.machinery import ModuleSpec
    from types import CodeType
    from typing import Any

    from .templates import Parts

    Bodies = Mapping[tuple[str, int], CodeType]

STDLIB = os.path.dirname(os.path.realpath(os.__file__))
MAX_MODULES = 1_000  # of one package, looked at
MAX_TEMPLATES = 5_000  # raise expressions remembered


class Sources:
    """Reads modules' code and remembers it. Runs off the caller's thread."""

    def __init__(self) -> None:
        self._bodies: dict[str, Bodies | None] = {}
        self._functions: dict[str, frozenset[str] | None] = {}
        self._templates: dict[Hashable, tuple[Parts, ...]] = {}

    def bodies(self, module: str) -> Bodies | None:
        """Return a module's code objects by qualified name and first line; None if it cannot be read."""
        if module not in self._bodies:
            self._bodies[module] = _read(module)
        return self._bodies[module]

    def filenames(self, module: str) -> frozenset[str]:
        """Return the files that a module's code objects name."""
        return frozenset(code.co_filename for code in (self.bodies(module) or {}).values())

    def functions(self, module: str) -> frozenset[str] | None:
        """Return the names by which frames may call a module's code, whole and last part; None if unknown."""
        if module not in self._functions:
            found = self.bodies(module)
            names = None if found is None else frozenset(form for name, _ in found for form in _forms(name))
            self._functions[module] = names
        return self._functions[module]

    def defines(self, module: str, name: str) -> bool:
        """Tell whether a module's file, or another of its package's, defines a class of that qualified name.

        Packages often set their own name as `__module__` of public classes. True if the module cannot be read.
        """
        if self.bodies(module) is None:
            return True
        top, first = module.partition(".")[0], name.partition(".")[0]
        others = [
            other
            for other, found in list(sys.modules.items())  # another thread may import
            if (other == top or other.startswith(f"{top}.")) and _holds(found, first)
        ]
        return any(self._has(other, name) for other in (module, *others[:MAX_MODULES]))

    def _has(self, module: str, name: str) -> bool:
        return name in (self.functions(module) or ())

    def templates(self, module: str, function: str, line: int) -> tuple[Parts, ...]:
        """Return the message templates that a line of a module's functions of that name raises."""
        return self._remembered((module, function, line), lambda: tuple(self._of_line(module, function, line)))

    def template(self, module: str, code: CodeType, raised_at: int) -> Parts | None:
        """Return the message template of one raise instruction, read from the module's file.

        None if `code` is not what the file compiles to: it may lie about its constants.
        """
        own = (self.bodies(module) or {}).get((code.co_qualname, code.co_firstlineno))
        if own is None or own.co_code != code.co_code:
            return None
        found = self._remembered((module, own, raised_at), lambda: tuple(_templates(own, (raised_at,))))
        return found[0] if found else None

    def _remembered(self, key: Hashable, make: Callable[[], tuple[Parts, ...]]) -> tuple[Parts, ...]:
        if key not in self._templates:
            if len(self._templates) >= MAX_TEMPLATES:
                self._templates.clear()
            self._templates[key] = make()
        return self._templates[key]

    def _of_line(self, module: str, function: str, line: int) -> Iterator[Parts]:
        for (name, first), code in (self.bodies(module) or {}).items():
            if first <= line and function in _forms(name):
                yield from _templates(code, raises(code, line))


def _templates(code: CodeType, offsets: Iterable[int]) -> Iterator[Parts]:
    """Yield the templates of raise instructions that may leave: they say something, and hold no path and no secret."""
    for offset in offsets:
        parts = message_parts(code, offset)
        template = text(parts) if parts is not None else None
        if parts is not None and template is not None and not holds_secret(template):
            yield parts


def _holds(module: object, name: str) -> bool:
    """Tell whether a loaded module has an attribute of that name: else its file is not read, which takes 4 ms."""
    return issubclass(type(module), type(sys)) and name in descriptors.module_dict(module)


def _forms(name: str) -> tuple[str, str]:
    return name, name.rpartition(".")[2]


def _read(name: str) -> Bodies | None:
    module = sys.modules.get(name)
    if module is None:
        return _of_unloaded(name)
    spec = getattr(module, "__spec__", None)
    loader = getattr(spec, "loader", None) or getattr(module, "__loader__", None)
    if not hasattr(loader, "get_code") or type(loader).__name__ == "ExtensionFileLoader":
        return None  # made by another import hook (such as a test runner's), or compiled
    try:
        return _bodies(_module_code(loader, spec, name))
    except Exception:  # the file is gone, or is no program any more
        return {}


def _module_code(loader: Any, spec: ModuleSpec | None, name: str) -> object:
    """Return a module's code object; where its loader would write `__pycache__`, compile it here."""
    cached = spec.cached if spec is not None else None
    if not hasattr(loader, "get_data") or (cached is not None and os.path.exists(cached)):
        return loader.get_code(spec.name if spec is not None else name)
    path = loader.get_filename(spec.name if spec is not None else name)
    if not is_source_file(path):  # frozen, or in an archive
        return loader.get_code(spec.name if spec is not None else name)
    return compile(loader.get_data(path), path, "exec", dont_inherit=True)


def is_source_file(path: str) -> bool:
    """Tell whether a module's file is source on disk; a frozen application's is in its archive."""
    return not path.endswith(".pyc") and os.path.isfile(path)


def _of_unloaded(name: str) -> Bodies | None:
    """Return the code of a module that is not loaded; None if it is not installed here."""
    stdlib = name.partition(".")[0] in sys.stdlib_module_names
    tail = os.path.join(*name.split("."))
    for directory in [STDLIB] if stdlib else [directory for directory in sys.path if directory]:
        for path in (os.path.join(directory, f"{tail}.py"), os.path.join(directory, tail, "__init__.py")):
            if os.path.isfile(path):
                return _compiled(path)
    return {} if stdlib or _is_here(name.partition(".")[0]) else None


def _is_here(top: str) -> bool:
    """Tell whether a package is installed here: then it has no modules but those found."""
    if top in sys.modules:
        return True
    directories = (directory for directory in sys.path if directory)
    return any(os.path.exists(os.path.join(directory, end)) for directory in directories for end in (top, f"{top}.py"))


def _compiled(path: str) -> Bodies:
    try:
        with open(path, "rb") as file:
            return _bodies(compile(file.read(), path, "exec", dont_inherit=True))
    except (OSError, ValueError, SyntaxError, RecursionError, MemoryError):  # cannot be read
        return {}


def _bodies(module_code: object) -> dict[tuple[str, int], CodeType]:
    found: dict[tuple[str, int], CodeType] = {}
    waiting = [module_code]
    while waiting:
        code = waiting.pop()
        if isinstance(code, type(_bodies.__code__)):
            found[code.co_qualname, code.co_firstlineno] = code
            waiting += code.co_consts
    return found
