"""Known modules: those whose function and type names may be sent.

A frame is known only if its code's file is the file of the module's own spec (a `__name__` can be forged, and `exec`
inherits the caller's), the file compiles to code of that name and first line (a code object's file can be forged,
too), and the module belongs to the standard library by its directory (a user's `token.py` does not) or to the
application. Of a module without a source file, in a frozen or packed application, its loader's code object names the
file that it was compiled from.
"""

from __future__ import annotations

import os
import sys

from ..._internal import descriptors
from .sources import STDLIB, Sources, is_source_file
from .templates import matched

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from types import CodeType, ModuleType

MAX_KNOWN = 10_000  # answers remembered; then all are forgotten

_FOREIGN = ("site-packages", "dist-packages")


class KnownModules:
    """Looks up code objects and types; remembers its answers. Runs off the caller's thread."""

    def __init__(self, app_modules: Collection[str] = (), main_file: str | None = None) -> None:
        self.app = frozenset(app_modules)
        self._main = main_file if main_file is not None else main_script()
        self._script = sys.modules.get("__main__")
        self._dependencies: frozenset[str] | None = None
        self._answers: dict[tuple[str, str], bool] = {}
        self.sources = Sources()

    def knows(self, code: CodeType, name: str | None) -> bool:
        """Tell whether `code`, run under the module name `name`, is that known module's own."""
        if name is None:
            return False
        key = (code.co_filename, name)
        answer = self._answers.get(key)
        if answer is None:
            if len(self._answers) >= MAX_KNOWN:
                self._answers.clear()
            answer = self._answers[key] = self._is_file_of(code.co_filename, name)
        return answer and self._holds(name, code)

    def knows_type(self, kind: type) -> tuple[str, str] | None:
        """Return a type's module and qualified name if it is a known module's own, else None.

        The name must lead to this very type: through the module's attributes, or (for a class of a function's
        body) through the constants of the function's code.
        """
        module, qualified = descriptors.class_dict(kind).get("__module__", "builtins"), descriptors.class_qualname(kind)
        if type(module) is not str or type(qualified) is not str:
            return None
        return (module, qualified) if self._leads_to(module, qualified, kind) else None

    def knows_frame(self, module: str, function: str, path: str) -> bool:
        """Tell the same as `knows` by names alone; `path` is the absolute path of the code's file.

        Sentry's SDK writes a frozen module's `<frozen name>` as a path, too.
        """
        found = sys.modules.get(module)
        origin = None if found is None or not self._is_known(module, found) else self._origin(module, found)
        if origin is None:
            return False
        if origin == "frozen":
            if os.path.basename(path) != f"<frozen {module}>":
                return False
        elif path != os.path.abspath(origin) and (
            is_source_file(origin) or path not in map(os.path.abspath, self.sources.filenames(module))
        ):
            return False
        functions = self.sources.functions(module)
        return functions is None or function in functions

    def holds(self, module: str, function: str) -> bool:
        """Tell whether a known module's file has a function of that name; the module need not be loaded."""
        found = sys.modules.get(module)
        known = self.admits(module) if found is None else self._is_known(module, found)
        return known and function in (self.sources.functions(module) or ())

    def knows_class(self, module: str, name: str, *, raised_here: bool = False) -> tuple[str, str] | None:
        """Return a class's module and qualified name if the name leads to a class of a known module, else None."""
        del raised_here  # the module itself decides
        return (module, name) if self._leads_to(module, name, None) else None

    def _leads_to(self, module: str, name: str, kind: type | None) -> bool:
        """Tell whether a name leads to a class that the module's own file defines; `kind` None: to any of that name.

        Code that an application executes in its own namespace defines classes there, too, but no file has them.
        """
        found = sys.modules.get(module)
        if found is None or not self._is_known(module, found):
            return False
        lead = _lead(found, name)
        if lead is True:
            return True
        if not isinstance(lead, type) or (
            lead is not kind if kind is not None else descriptors.class_qualname(lead) != name
        ):
            return False
        return not self.in_app(module) or self.sources.defines(module, name)

    def in_app(self, name: str) -> bool:
        """Tell whether a module is the application's own (not a dependency, not the standard library)."""
        return name in self.app or name.partition(".")[0] in self.app

    def template(self, code: CodeType, raised_at: int, name: str, message: str) -> str | None:
        """Return the template of a message by the instruction that raised it, in the application's own code."""
        parts = self.sources.template(name, code, raised_at) if self.in_app(name) else None
        return matched(parts, message) if parts is not None else None

    def template_of_line(self, name: str, function: str, line: int, message: str) -> str | None:
        """Return the template of a message by the line that raised it, in the application's own code."""
        templates = self.sources.templates(name, function, line) if self.in_app(name) else ()
        found = (matched(parts, message) for parts in templates)
        return next((template for template in found if template is not None), None)

    def admits(self, name: str) -> bool:
        """Tell whether a module's name can be that of a known module."""
        top = name.partition(".")[0]
        return self.in_app(name) or top in sys.stdlib_module_names or top in self._closure()

    def _is_file_of(self, filename: str, name: str) -> bool:
        module = sys.modules.get(name)
        if module is None or not self._is_known(name, module):
            return False
        origin = self._origin(name, module)
        if origin is None or filename in {origin, f"<{origin} {name}>"}:
            return origin is not None
        return not is_source_file(origin) and filename in self.sources.filenames(name)

    def _holds(self, name: str, code: CodeType) -> bool:
        """Tell whether the module's own file compiles to such a code object; True if it cannot be read."""
        bodies = self.sources.bodies(name)
        return bodies is None or (code.co_qualname, code.co_firstlineno) in bodies

    def _is_known(self, name: str, module: ModuleType) -> bool:
        origin = self._origin(name, module)
        if origin is None or (name == "__main__" and origin != self._main):
            return False
        if self.in_app(name):
            return _lies_in_its_package(name, origin)
        if name == "__main__":
            return False
        top = name.partition(".")[0]
        if top in sys.stdlib_module_names:
            return origin in {"frozen", "built-in"} or _is_stdlib_file(origin)
        return top in self._closure()

    def _closure(self) -> frozenset[str]:
        if self._dependencies is None:
            from .dependencies import closure

            self._dependencies = closure(self.app)
        return self._dependencies

    def _origin(self, name: str, module: ModuleType) -> str | None:
        """Return a module's file; the interpreter forgets a script's own when the script ends."""
        found = _origin(name, module)
        return self._main or None if found is None and name == "__main__" and module is self._script else found


def _lies_in_its_package(name: str, origin: str) -> bool:
    """Tell whether a submodule's file is below its package's path: not a user's file under that name."""
    if "." not in name:
        return True
    directories = getattr(sys.modules.get(name.rpartition(".")[0]), "__path__", ())
    real = os.path.realpath(origin)
    return any(real.startswith(os.path.realpath(directory) + os.sep) for directory in directories)


def main_script() -> str | None:
    """Return the running program's file; other code may call itself `__main__` later."""
    main = sys.modules.get("__main__")
    return None if main is None else _origin("__main__", main)


def _origin(name: str, module: ModuleType) -> str | None:
    """Return the file of a module by its own spec; of `__main__` the script's, which has none."""
    space = vars(module)
    spec = space.get("__spec__")
    origin = getattr(spec, "origin", None) if spec is not None else None
    if spec is None and name == "__main__":
        origin = space.get("__file__")
    return origin if type(origin) is str else None


def _is_stdlib_file(origin: str) -> bool:
    real = os.path.realpath(origin)
    if not real.startswith(STDLIB + os.sep):
        return False
    return not any(part in _FOREIGN for part in real[len(STDLIB) :].split(os.sep))


def _lead(module: ModuleType, qualified: str) -> object:
    """Return the class that a qualified name leads to; True for one of a function's body, None for nothing."""
    space: dict[str, object] = vars(module)
    found: object = None
    for part in qualified.split("."):
        found = space.get(part)
        if not isinstance(found, type):
            code = getattr(found, "__code__", None)
            return True if code is not None and _is_class_body(code, qualified) else None
        space = descriptors.class_dict(found)
    return found


def _is_class_body(code: object, qualified: str) -> bool:
    """Tell whether the code holds a class body of that qualified name, at any depth."""
    for constant in getattr(code, "co_consts", ()):
        if type(constant) is type(code):
            here = getattr(constant, "co_qualname", None)
            if here == qualified or _is_class_body(constant, qualified):
                return True
    return False
