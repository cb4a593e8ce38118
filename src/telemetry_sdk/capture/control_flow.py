"""Exceptions that end a program, a task or a command on purpose: control flow, no errors.

The classes of click and typer are recognised by name, in vendored copies, too; neither is imported. No foreign code
runs: types are read through the built-in descriptors.
"""

from __future__ import annotations

from .._internal import descriptors

MAX_STEPS = 32  # from a control-flow exception to the error behind it
MAX_MEMBERS = 1_000  # of a group and the groups in it; a larger one is an error
_PACKAGES = frozenset(("click", "typer"))
_COMMAND_ENDS = frozenset(("Exit", "Abort", "ClickException"))  # UsageError and its kin are ClickExceptions
_OTHERS = frozenset((("argparse", "ArgumentError"), ("concurrent.futures._base", "CancelledError")))


def is_control_flow(exc: BaseException) -> bool:
    """Tell whether an exception is no error; a group, whether all its members are none.

    Every `BaseException` that is no `Exception` (`KeyboardInterrupt`, `SystemExit`, `GeneratorExit`,
    `asyncio.CancelledError`), and what command lines raise to end.
    """
    waiting = [exc]
    for _ in range(MAX_MEMBERS):
        if not waiting:
            return True
        one = waiting.pop()
        kind = type(one)
        if issubclass(kind, BaseExceptionGroup):
            waiting += descriptors.group_members(one)
        elif issubclass(kind, Exception) and not any(map(_ends_a_command, descriptors.class_mro(kind))):
            return False
    return False


def error_behind(exc: BaseException) -> BaseException | None:
    """Return the exception itself if it is an error, else the error that it was raised from, if there is one.

    The error is the explicit cause (`raise SystemExit(1) from error`); a context is only followed from one
    control-flow exception to another, as click raises `SystemExit` while it handles `Exit`.
    """
    for _ in range(MAX_STEPS):
        if not is_control_flow(exc):
            return exc
        following = descriptors.cause(exc)
        if following is None and not descriptors.suppresses_context(exc):
            following = descriptors.context(exc)
            following = following if following is not None and is_control_flow(following) else None
        if following is None or (type(following) is EOFError and descriptors.class_name(type(exc)) == "Abort"):
            return None  # click raises Abort from the end of the input at a prompt
        exc = following
    return None


def _ends_a_command(kind: type) -> bool:
    name, module = descriptors.class_name(kind), descriptors.class_dict(kind).get("__module__")
    if type(module) is not str:
        return False
    package, _, last = module.rpartition(".")
    is_theirs = last == "exceptions" and package.rpartition(".")[2].strip("_") in _PACKAGES
    return (is_theirs and name in _COMMAND_ENDS) or (module, name) in _OTHERS
