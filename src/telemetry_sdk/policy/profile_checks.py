"""Checks of the fields of a profile; each message says what to write instead."""

from __future__ import annotations


def check_text(owner: str, field: str, value: object, *, empty: bool = False) -> None:
    """Raise ValueError unless `value` is a printable string."""
    if not isinstance(value, str) or not (value or empty) or not value.isprintable():
        raise ValueError(f"{owner}: {field} must be a{'' if empty else ' non-empty'} string, got {value!r}")


def check_variable(owner: str, name: object) -> None:
    """Raise ValueError unless `name` can be an environment variable."""
    if not isinstance(name, str) or not name.isascii() or not name.replace("_", "a").isalnum():
        raise ValueError(f"{owner}: variable must be the name of an environment variable (A-Z, 0-9, _), got {name!r}")


def check_texts(owner: str, field: str, value: object, *, empty: bool = True) -> None:
    """Raise ValueError unless `value` is a tuple of non-empty strings."""
    if not isinstance(value, tuple) or not (value or empty) or not all(isinstance(v, str) and v for v in value):
        raise ValueError(f"{owner}: {field} must be a tuple of strings such as ('metrics',), got {value!r}")


def check_pairs(owner: str, field: str, value: object) -> None:
    """Raise ValueError unless `value` is a tuple of pairs of strings."""
    if not isinstance(value, tuple) or not all(_is_pair(pair) for pair in value):
        raise ValueError(f"{owner}: {field} must be a tuple of pairs of strings, got {value!r}")


def check_rows(owner: str, field: str, rows: object, kind: type) -> None:
    """Raise ValueError unless `rows` is a tuple of `kind`, each with a variable of its own."""
    if not isinstance(rows, tuple) or not all(isinstance(row, kind) for row in rows):
        raise ValueError(f"{owner}: {field} must be a tuple of {kind.__name__} values, got {rows!r}")
    seen: set[str] = set()
    for row in rows:
        if row.variable in seen:
            raise ValueError(f"{owner}: {field} lists {row.variable} twice; keep one row")
        seen.add(row.variable)


def check_choice(owner: str, name: str, value: str, known: tuple[str, ...]) -> None:
    """Raise ValueError unless `value` is one of `known`."""
    if value not in known:
        raise ValueError(f"{owner}: {name} names {value!r}, which is unknown; expected one of {', '.join(known)}")


def _is_pair(value: object) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and all(isinstance(item, str) for item in value)  # noqa: PLR2004
