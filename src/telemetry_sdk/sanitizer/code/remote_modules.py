"""Known modules of a program that runs elsewhere: only an item of it is at hand.

Where the module is loaded here, or its file is found, names are looked up in it. Else the frame's path decides: it
must end in the module's own, below a directory where such modules are installed. In doubt a name is unknown.
"""

from __future__ import annotations

import builtins
import re
import sys

from ..._internal.shapes import is_module, is_qualified
from .modules import KnownModules
from .standard_exceptions import STANDARD_EXCEPTIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

_STDLIB_DIRECTORY = re.compile(r"/(?:(?:lib|lib64)/(?:python|pypy)3\.\d{1,2}t?|Lib)$")
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_WINDOWS_DIRECTORY = re.compile(r"/lib$|/python3\d{1,2}\.zip$", re.IGNORECASE)
_INSTALLED = ("/site-packages", "/dist-packages")
MAX_PATH = 4096


class RemoteModules:
    """Looks up names and paths of items. `app_modules`: the application's top-level packages."""

    def __init__(self, app_modules: Collection[str] = ()) -> None:
        self._here = KnownModules(app_modules)
        self.template_of_line = self._here.template_of_line

    def knows_frame(self, module: str, function: str, path: str) -> bool:
        """Tell whether a function of that name in a file of that path is a known module's own."""
        if not is_module(module) or not is_qualified(function) or len(path) > MAX_PATH:
            return False
        if self._here.knows_frame(module, function, path):
            return True
        if path == module:  # cleaned before: repeats the module, so the name must be found in its file
            return self._here.holds(module, function)
        if not self._is_path_of(module, path):
            return False
        functions = self._here.sources.functions(module)
        if functions is None:  # the application is elsewhere; the library's module is compiled and has no frames
            return self._here.in_app(module) or module.partition(".")[0] not in sys.stdlib_module_names
        return function in functions

    def knows_class(self, module: str, name: str, *, raised_here: bool = False) -> tuple[str, str] | None:
        """Return a class's module and qualified name if it is a known module's own, else None.

        Without its file, a class counts as the module's if known code raised it: code executed under a module's
        name defines classes of that name, and raises them itself.
        """
        if module == "builtins":
            return (module, name) if isinstance(vars(builtins).get(name), type) else None
        if (module, name) in STANDARD_EXCEPTIONS:
            return module, name
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

    def _is_path_of(self, module: str, path: str) -> bool:
        """Tell whether the path can be that module's."""
        if module == "__main__":
            return False  # a script is known only where it runs
        top = module.partition(".")[0]
        above = _directory(module, path.replace("\\", "/"))
        if self._here.in_app(module):
            return above is not None
        if above is not None and _DRIVE.match(path) and _WINDOWS_DIRECTORY.search(above):
            return top in sys.stdlib_module_names
        if top in sys.stdlib_module_names:
            frozen = path.replace("\\", "/").rpartition("/")[2] == f"<frozen {module}>"
            return frozen or (above is not None and _STDLIB_DIRECTORY.search(above) is not None)
        return above is not None and above.endswith(_INSTALLED) and self._here.admits(module)


def _directory(module: str, path: str) -> str | None:
    """Return the directory above a module's own path, or None if the path does not end in it."""
    tail = module.replace(".", "/")
    for end in (f"/{tail}.py", f"/{tail}/__init__.py", f"/{tail}.pyc"):
        if path.endswith(end):
            return path[: -len(end)]
    return "" if path in {f"{tail}.py", f"{tail}/__init__.py"} else None  # relative to the root of an installation
