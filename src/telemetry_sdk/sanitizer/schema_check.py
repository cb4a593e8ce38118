"""Compiles a list of fields into a check of payloads. Runs for every event that is sent: about 2 us each."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Fits = Callable[[object], bool]
    Check = Callable[[object], str | None]  # the path of what does not fit; empty: the value itself
    Fields = dict[str, tuple["Kind", str]]  # path -> kind and meaning; `a.b[].c`, `a.*` for keys declared elsewhere
    Node = dict[str, "Kind | Node"]

MAX_ENTRIES = 200  # of an object or a list; the sanitizer's own limits are 100
MAX_REMEMBERED = 1_000  # accepted strings of one kind
MAX_KEY = 64  # characters of a key in a path


class Kind:
    """A kind of value: its name, its shape, and its values if they are a closed list.

    `repeats`: the values are strings that are the same in many payloads.
    """

    def __init__(self, name: str, fits: Fits, *, repeats: bool = False, choices: frozenset[str] | None = None) -> None:
        self.name = name
        self.repeats = repeats
        self.fits = _remembering(fits) if repeats and choices is None else fits
        self.choices = choices


class PayloadSchema:
    """The checks of several kinds of payload. `by_name`: of a kind, for some values of a field, another check."""

    def __init__(self, checks: Mapping[str, Check], by_name: Mapping[tuple[str, str], Mapping[object, Check]]) -> None:
        self._checks = checks
        self._by_name = {kind: (field, others) for (kind, field), others in by_name.items()}

    def violation(self, kind: str, payload: Mapping[str, object]) -> str | None:
        """Return the path of the first field that is not in the schema, or None: the payload may be sent.

        Keys that are not listed, other types and shapes, too long strings and lists, and numbers that are not finite
        are violations. A kind that is not listed is one as a whole.
        """
        check = self._checks.get(kind)
        if kind in self._by_name:
            field, others = self._by_name[kind]
            name = payload.get(field)
            if type(name) is str:
                check = others.get(name, check)
        return kind if check is None else check(payload)


def one_of(*choices: str) -> Kind:
    """Return the kind of a value from a closed list."""
    known = frozenset(choices)
    return Kind("one of a list", lambda value: type(value) is str and value in known, repeats=True, choices=known)


def _remembering(fits: Fits) -> Fits:
    """Return the shape with a memory of accepted strings."""
    accepted: set[object] = set()

    def check(value: object) -> bool:
        if type(value) is not str:
            return fits(value)
        return value in accepted or _known(accepted, fits, value)

    return check


def _known(accepted: set[object], fits: Fits, value: object) -> bool:
    """Tell whether a string fits, and remember it if it does."""
    if type(value) is not str or not fits(value):
        return False
    if len(accepted) >= MAX_REMEMBERED:
        accepted.clear()
    accepted.add(value)
    return True


def compiled(fields: Fields, keys: Mapping[str, Fits] | None = None) -> Check:
    """Return the check of an object. `keys`: by an object's name, the shape of its keys where they are `*`."""
    tree: Node = {}
    for path, (kind, _) in fields.items():
        *parents, name = path.split(".")
        node = tree
        for part in parents:
            inner = node.setdefault(part, {})
            assert not isinstance(inner, Kind)  # noqa: S101 - a path is either a value or an object
            node = inner
        node[name] = kind
    return _object(tree, "", keys or {})


def _object(node: Node, name: str, keys: Mapping[str, Fits]) -> Check:
    leaves: dict[object, Fits] = {}
    inner: dict[object, Check] = {}
    for part, found in node.items():
        key, brackets, _ = part.partition("[]")
        if isinstance(found, Kind) and not brackets:
            leaves[key] = found.fits
        else:
            check = _leaf(found.fits) if isinstance(found, Kind) else _object(found, key, keys)
            inner[key] = _list(check) if brackets else check
    other = leaves.pop("*", None)
    walk = _walk(leaves, inner, None if other is None else (keys[name], other))
    return _remembering_last(walk) if _repeats(node) else walk


def _repeats(node: Node) -> bool:
    """Tell whether an object is the same in many payloads, as an event's user is: it holds repeated strings only."""
    return all(
        "[]" not in name and name != "*" and (found.repeats if isinstance(found, Kind) else _repeats(found))
        for name, found in node.items()
    )


def _remembering_last(check: Check) -> Check:
    """Return the check of an object with a copy of the last one accepted. Equal strings have equal shapes."""
    accepted: list[object] = [object()]

    def again(payload: object) -> str | None:
        if payload == accepted[0]:
            return None
        fault = check(payload)
        if fault is None:
            accepted[0] = _copy(payload)
        return fault

    return again


def _copy(payload: object) -> object:
    return {key: _copy(value) for key, value in payload.items()} if isinstance(payload, dict) else payload


def _walk(leaves: Mapping[object, Fits], inner: Mapping[object, Check], other: tuple[Fits, Fits] | None) -> Check:
    leaf, find = leaves.get, inner.get
    known: set[object] = set()  # keys that fit

    def check(payload: object) -> str | None:
        if type(payload) is not dict or len(payload) > MAX_ENTRIES:
            return ""
        for key, value in payload.items():
            fits = leaf(key)
            if fits is not None:
                if fits(value):
                    continue
                return _path(key)
            below = find(key)
            if below is not None:
                fault = below(value)
                if fault is not None:
                    return _path(key, fault)
            elif other is None or not (key in known or _known(known, other[0], key)) or not other[1](value):
                return _path(key)
        return None

    return check


def _leaf(fits: Fits) -> Check:
    return lambda value: None if fits(value) else ""


def _list(check: Check) -> Check:
    def each(values: object) -> str | None:
        if type(values) is not list or len(values) > MAX_ENTRIES:
            return ""
        faults: Iterable[str | None] = map(check, values)
        fault = next((found for found in faults if found is not None), None)
        return None if fault is None else f"[].{fault}".removesuffix(".")

    return each


def _path(key: object, fault: str = "") -> str:
    name = str(key)[:MAX_KEY]
    return f"{name}{fault}" if not fault or fault.startswith("[]") else f"{name}.{fault}"
