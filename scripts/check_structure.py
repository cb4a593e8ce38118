"""Checks what no linter does: import circles, class names used twice, metaphors in names, long files, protocols.

Prints every violation and a count of each kind; exits 1 if there is one. Arguments: the source directory (`src`).
"""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

LINES = 300
PROTOCOLS = 6  # in the whole package: a function, a base class or the class itself mostly does
# Words that say what something is like, not what it is; docs/architecture.md has the terms.
BANNED = frozenset(
    (
        *("agenda", "answers", "bare", "courier", "entrance", "facts", "intake", "judge", "loose", "mentions", "mouth"),
        *("outlet", "parcel", "places", "published", "roles", "room", "said", "signs", "station", "told", "trails"),
        *("verdict", "voice", "witness"),
    )
)
GATE_ALLOWED = "statsig"  # a feature gate is Statsig's own term


class SourceModule(NamedTuple):
    """A module: its dotted name, path, text and syntax tree."""

    name: str
    path: Path
    text: str
    tree: ast.Module

    @property
    def package(self) -> str:
        """The package that relative imports start from."""
        return self.name if self.path.name == "__init__.py" else self.name.rpartition(".")[0]


def read_modules(source: Path) -> dict[str, SourceModule]:
    """Parse every module below a directory."""
    found: dict[str, SourceModule] = {}
    for path in sorted(source.rglob("*.py")):
        name = ".".join(path.relative_to(source).with_suffix("").parts).removesuffix(".__init__")
        text = path.read_text(encoding="utf-8")
        found[name] = SourceModule(name, path, text, ast.parse(text))
    return found


def imports(module: SourceModule, known: dict[str, SourceModule]) -> set[str]:
    """Return the modules of the package that a module imports: in functions and for type checkers, too."""
    found: set[str] = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = module.package.split(".")
            base = ".".join(parts[: len(parts) - node.level + 1]) if node.level else ""
            target = ".".join(filter(None, (base, node.module)))
            # `from package import name` imports a module where `name` is one, else the package
            found.update(nested if (nested := f"{target}.{alias.name}") in known else target for alias in node.names)
    return (found & known.keys()) - {module.name}


def circles(modules: dict[str, SourceModule]) -> Iterator[str]:
    """Yield each group of modules that import each other (Tarjan's strongly connected components)."""
    graph = {name: imports(module, modules) for name, module in modules.items()}
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    groups: list[list[str]] = []

    def visit(name: str) -> None:
        order[name] = lowest[name] = len(order)
        stack.append(name)
        for target in graph[name]:
            if target not in order:
                visit(target)
            if target in stack:
                lowest[name] = min(lowest[name], lowest[target])
        if lowest[name] == order[name]:
            at = stack.index(name)
            groups.append(stack[at:])
            del stack[at:]

    for name in graph:
        if name not in order:
            visit(name)
    for group in groups:
        if len(group) > 1:
            inside = [f"{name} -> {target}" for name in sorted(group) for target in sorted(graph[name] & set(group))]
            yield f"{len(group)} modules import each other: " + ", ".join(inside)


def repeated_classes(modules: dict[str, SourceModule]) -> Iterator[str]:
    """Yield each class name that two classes have; a leading underscore makes no other name."""
    places: defaultdict[str, list[str]] = defaultdict(list)
    for module in modules.values():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef):
                places[node.name.lstrip("_")].append(f"{module.path}:{node.lineno}")
    yield from (f"{name}: {', '.join(found)}" for name, found in sorted(places.items()) if len(found) > 1)


def banned_names(modules: dict[str, SourceModule]) -> Iterator[str]:
    """Yield each module, class and function whose name holds a banned word."""
    for module in modules.values():
        named = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        names = [(node.lineno, node.name) for node in ast.walk(module.tree) if isinstance(node, named)]
        names.append((1, module.name.rpartition(".")[2]))
        banned = BANNED if GATE_ALLOWED in module.name else BANNED | {"gate"}
        for line, name in names:
            if found := banned.intersection(words(name)):
                yield f"{module.path}:{line}: {name} ({', '.join(sorted(found))})"


def words(name: str) -> list[str]:
    """Split a name in snake_case or CamelCase into lower-case words."""
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", name)]


def long_files(modules: dict[str, SourceModule]) -> Iterator[str]:
    """Yield each file with more than `LINES` lines."""
    for module in modules.values():
        if (count := module.text.count("\n")) > LINES:
            yield f"{module.path}: {count} lines, at most {LINES}"


def many_protocols(modules: dict[str, SourceModule]) -> Iterator[str]:
    """Yield all classes that are protocols where there are more than `PROTOCOLS`."""
    classes = [node for module in modules.values() for node in ast.walk(module.tree) if isinstance(node, ast.ClassDef)]
    found = sorted(node.name for node in classes if any("Protocol" in ast.unparse(base) for base in node.bases))
    if len(found) > PROTOCOLS:
        yield f"{len(found)}, at most {PROTOCOLS}: {', '.join(found)}"


CHECKS = {
    "import circles": circles,
    "class names used twice": repeated_classes,
    "metaphors in names": banned_names,
    "long files": long_files,
    "too many protocols": many_protocols,
}


def main() -> int:
    """Run every check on a source directory."""
    modules = read_modules(Path(sys.argv[1] if len(sys.argv) > 1 else "src"))
    counts: Counter[str] = Counter()
    for title, check in CHECKS.items():
        for violation in check(modules):
            print(f"{title}: {violation}")
            counts[title] += 1
    print(f"{len(modules)} modules; " + "; ".join(f"{title}: {counts[title]}" for title in CHECKS))
    return 1 if counts.total() else 0


if __name__ == "__main__":
    sys.exit(main())
