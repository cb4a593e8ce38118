"""Exceptions that end a program, a task or a command on purpose: control flow, no errors.

The classes of click and typer are recognised by name, in vendored copies, too; neither is imported. No foreign code
runs: types are read through the built-in descriptors.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MAX_STEPS = 32  # from a control-flow exception to the error behind it
_PACKAGES = frozenset(("click", "typer"))
_COMMAND_ENDS = frozenset(("Exit", "Abort", "ClickException"))  # UsageError and its kin are ClickExceptions
_OTHERS = frozenset((("argparse", "ArgumentError"), ("concurrent.futures._base", "CancelledError")))

_cause: Any = BaseException.__dict__["__cause__"].__get__
_context: Any = BaseException.__dict__["__context__"].__get__
_suppressed: Any = BaseException.__dict__["__suppress_context__"].__get__
_members: Any = BaseExceptionGroup.__dict__["exceptions"].__get__
_mro: Any = type.__dict__["__mro__"].__get__
_space: Any = type.__dict__["__dict__"].__get__
_name: Any = type.__dict__["__name__"].__get__


def is_control_flow(exc: BaseException, depth: int = MAX_STEPS) -> bool:
    """Tell whether an exception is no error; a group, whether all its members are none.

    Every `BaseException` that is no `Exception` (`KeyboardInterrupt`, `SystemExit`, `GeneratorExit`,
    `asyncio.CancelledError`), and what command lines raise to end.
    """
    kind = type(exc)
    if issubclass(kind, BaseExceptionGroup):
        return depth > 0 and all(is_control_flow(member, depth - 1) for member in _members(exc))
    return not issubclass(kind, Exception) or any(map(_ends_a_command, _mro(kind)))


def error_behind(exc: BaseException) -> BaseException | None:
    """Return the exception itself if it is an error, else the error that it was raised from, if there is one.

    The error is the explicit cause (`raise SystemExit(1) from error`); a context is only followed from one
    control-flow exception to another, as click raises `SystemExit` while it handles `Exit`.
    """
    for _ in range(MAX_STEPS):
        if not is_control_flow(exc):
            return exc
        following = _cause(exc)
        if following is None and not _suppressed(exc):
            following = _context(exc)
            following = following if following is not None and is_control_flow(following) else None
        if following is None or (type(following) is EOFError and _name(type(exc)) == "Abort"):
            return None  # click raises Abort from the end of the input at a prompt
        exc = following
    return None


def _ends_a_command(kind: type) -> bool:
    name, module = _name(kind), _space(kind).get("__module__")
    if type(module) is not str:
        return False
    package, _, last = module.rpartition(".")
    is_theirs = last == "exceptions" and package.rpartition(".")[2].strip("_") in _PACKAGES
    return (is_theirs and name in _COMMAND_ENDS) or (module, name) in _OTHERS
