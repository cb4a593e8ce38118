"""Known code of a program that does not run here: an item is all that is left of it.

Where the module is loaded here, or its file can be found, the names are looked up in it. Else they are judged by
their path: it must end in the module's own, below a place where such modules lie. What cannot be told is unknown.
"""

from __future__ import annotations

import builtins
import re
import sys

from ..._internal.shapes import is_module, is_qualified
from .modules import KnownModules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

_STDLIB_PLACE = re.compile(r"/(?:(?:lib|lib64)/(?:python|pypy)3\.\d{1,2}t?|Lib)$")
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_WINDOWS_PLACE = re.compile(r"/lib$|/python3\d{1,2}\.zip$", re.IGNORECASE)
_INSTALLED = ("/site-packages", "/dist-packages")
MAX_PATH = 4096


class Elsewhere:
    """Judges names and paths of items; `app_modules` are the application's top-level packages."""

    def __init__(self, app_modules: Collection[str] = ()) -> None:
        self._here = KnownModules(app_modules)
        self.message_of_line = self._here.message_of_line
        self.vouches = self._here.vouches

    def knows_frame(self, module: str, function: str, path: str) -> bool:
        """Tell whether a function of that name in a file of that path is a known module's own."""
        if not is_module(module) or not is_qualified(function) or len(path) > MAX_PATH:
            return False
        if self._here.knows_frame(module, function, path):
            return True
        if path == module:  # the gate's own: it says the module again, and only what can be looked up is believed
            return self._here.holds(module, function)
        if not self._is_place(module, path):
            return False
        functions = self._here.sources.functions(module)
        if functions is None:  # the application is not here; of the library it is machine code, which has no frames
            return self._here.in_app(module) or module.partition(".")[0] not in sys.stdlib_module_names
        return function in functions

    def knows_class(self, module: str, name: str, *, raised_here: bool = False) -> tuple[str, str] | None:
        """Return a class's module and qualified name if it is a known module's own, else None.

        Where its file is not here, a class counts as the module's if known code raised it: code that is executed in
        a module's name makes classes of that name, and raises them itself.
        """
        if module == "builtins":
            return (module, name) if isinstance(vars(builtins).get(name), type) else None
        if not is_module(module) or not is_qualified(name) or not self._here.admits(module):
            return None
        if module in sys.modules:
            return self._here.knows_class(module, name)
        functions = self._here.sources.functions(module)
        known = raised_here if functions is None else name in functions
        return (module, name) if known else None

    def in_app(self, name: str) -> bool:
        """Tell whether a module is the application's own."""
        return self._here.in_app(name)

    def admits(self, name: str) -> bool:
        """Tell whether a module's name can be one of a known module."""
        return self._here.admits(name)

    def _is_place(self, module: str, path: str) -> bool:
        """Tell whether such a module can lie at that path."""
        if module == "__main__":
            return False  # a script is known only where it runs
        top = module.partition(".")[0]
        before = _before(module, path.replace("\\", "/"))
        if self._here.in_app(module):
            return before is not None
        if before is not None and _DRIVE.match(path) and _WINDOWS_PLACE.search(before):
            return top in sys.stdlib_module_names
        if top in sys.stdlib_module_names:
            frozen = path.replace("\\", "/").rpartition("/")[2] == f"<frozen {module}>"
            return frozen or (before is not None and _STDLIB_PLACE.search(before) is not None)
        return before is not None and before.endswith(_INSTALLED) and self._here.admits(module)


def _before(module: str, path: str) -> str | None:
    """Return what stands before a module's own path, or None if the path does not end in it."""
    tail = module.replace(".", "/")
    for end in (f"/{tail}.py", f"/{tail}/__init__.py", f"/{tail}.pyc"):
        if path.endswith(end):
            return path[: -len(end)]
    return "" if path in {f"{tail}.py", f"{tail}/__init__.py"} else None  # from the root of what was installed
