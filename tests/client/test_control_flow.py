"""Control flow is no error: neither for the hooks, nor on leaving `with client`, nor for `measure`."""

from __future__ import annotations

import argparse
import asyncio
import concurrent.futures
import sys
import types

import pytest
import trio
import typer
from click import exceptions as click

import telemetry_sdk
from telemetry_sdk.capture.control_flow import error_behind, is_control_flow


def class_of(module, name, base=RuntimeError):
    return type(name, (base,), {"__module__": module})


def usage_error():
    return click.UsageError("planted")


CONTROL_FLOW = {
    "KeyboardInterrupt": KeyboardInterrupt,
    "SystemExit": SystemExit,
    "GeneratorExit": GeneratorExit,
    "asyncio.CancelledError": asyncio.CancelledError,
    "trio.Cancelled": lambda: trio.Cancelled._create(source="deadline"),
    "concurrent.futures.CancelledError": concurrent.futures.CancelledError,
    "click.Exit": click.Exit,
    "click.Abort": click.Abort,
    "click.ClickException": lambda: click.ClickException("planted"),
    "click.UsageError": usage_error,
    "click.BadParameter": lambda: click.BadParameter("planted"),
    "click.NoSuchOption": lambda: click.NoSuchOption("planted"),
    "click.FileError": lambda: click.FileError("planted"),
    "typer.Exit": typer.Exit,
    "typer.Abort": typer.Abort,
    "typer.BadParameter": lambda: typer.BadParameter("planted"),
    "argparse.ArgumentError": lambda: argparse.ArgumentError(None, "planted"),
    "a vendored Exit": class_of("acme._vendor.click.exceptions", "Exit"),
    "another vendored Abort": class_of("typer._click.exceptions", "Abort"),
    "a subclass": lambda: class_of("acme", "Own", click.UsageError)("planted"),
    "a group": lambda: BaseExceptionGroup("g", [KeyboardInterrupt(), ExceptionGroup("h", [click.Exit()])]),
}
ERRORS = {
    "ValueError": ValueError,
    "an application's Exit": class_of("acme.errors", "Exit"),
    "an Exit of another click": class_of("acme.clicks.exceptions", "Exit"),
    "an Exit of click's neighbour": class_of("click.core", "Exit"),
    "a class of a module without a name": class_of(3, "Exit"),
    "a mixed group": lambda: ExceptionGroup("g", [click.Exit(), ValueError()]),
    "StopIteration": StopIteration,
}


@pytest.mark.parametrize("name", CONTROL_FLOW)
def test_an_exception_that_ends_a_program_or_a_task_is_control_flow(name):
    assert is_control_flow(CONTROL_FLOW[name]())
    assert error_behind(CONTROL_FLOW[name]()) is None


@pytest.mark.parametrize("name", ERRORS)
def test_any_other_exception_is_an_error(name):
    error = ERRORS[name]()
    assert not is_control_flow(error)
    assert error_behind(error) is error


def raised(work):
    try:
        work()
    except BaseException as error:
        return error
    raise AssertionError("it did not raise")


def from_cause():
    try:
        raise LookupError
    except LookupError as error:
        raise click.Exit(1) from error


def from_click_handling_an_exit():
    try:
        from_cause()
    except click.Exit as exit_:
        sys.exit(exit_.exit_code)


def while_handling():
    try:
        raise LookupError
    except LookupError:
        sys.exit(1)


def from_none():
    try:
        from_cause()
    except click.Exit:
        raise SystemExit from None


def from_the_end_of_input():
    try:
        raise EOFError
    except EOFError as error:
        raise click.Abort from error


@pytest.mark.parametrize(
    ("work", "kind"),
    [
        (from_cause, LookupError),
        (from_click_handling_an_exit, LookupError),
        (while_handling, None),
        (from_none, None),
        (from_the_end_of_input, None),
        (lambda: argparse.ArgumentParser().parse_args(["--planted"]), None),
    ],
)
def test_the_error_behind_an_end_is_its_explicit_cause(work, kind, capsys):
    found = error_behind(raised(work))
    assert (None if found is None else type(found)) is kind


def test_a_cycle_of_causes_ends():
    first, second = SystemExit(), click.Exit()
    first.__cause__, second.__cause__ = second, first
    assert error_behind(first) is None


def test_deciding_runs_no_code_of_the_exceptions_class():
    asked = []

    class Meta(type):
        def __getattribute__(cls, name):
            asked.append(name)
            return super().__getattribute__(name)

    hostile = types.new_class("Hostile", (Exception,), {"metaclass": Meta})
    error = hostile("x")
    asked.clear()
    assert error_behind(error) is error
    assert asked == []


HEAD = """
import click, threading, typer
def fail(kind):
    raise kind
def fail_from(kind):
    try:
        raise LookupError
    except LookupError as error:
        raise kind from error
def in_thread(work, *args):
    thread = threading.Thread(target=work, args=args)
    thread.start()
    thread.join()
"""
ENDS = ("KeyboardInterrupt()", "SystemExit(1)", "GeneratorExit()", "click.exceptions.Exit(1)", "typer.Abort()")
SEND = "client.log_event(Tick(n=1)); client.flush_sync(20)"  # sends what earlier programs left


@pytest.mark.parametrize("end", ENDS)
def test_hooks_and_leaving_the_client_record_no_control_flow(program, receiver, end):
    program(f"{HEAD}\nin_thread(fail, {end})\nwith client:\n    fail({end})")
    program(f"{HEAD}\nfail({end})")
    program(SEND)
    assert receiver.errors() == []


@pytest.mark.parametrize("end", ENDS)
def test_hooks_and_leaving_the_client_record_the_cause_of_an_end_once(program, receiver, end):
    program(f"{HEAD}\nwith client:\n    fail_from({end})")
    assert program(SEND).code == 0
    assert program(f"{HEAD}\nin_thread(fail_from, {end})\nassert client.flush_sync(20)").code == 0
    types = [[value["type"] for value in event["exception"]["values"]] for event in receiver.errors()]
    assert types == [["LookupError"], ["LookupError"]]


def test_a_cause_that_was_captured_before_is_not_recorded_again(program, receiver):
    program(f"""
{HEAD}
with client:
    try:
        raise LookupError
    except LookupError as error:
        client.capture_exception(error)
        raise typer.Exit(1) from error
""")
    program(SEND)
    assert [event["exception"]["values"][-1]["mechanism"]["handled"] for event in receiver.errors()] == [True]


class Work(telemetry_sdk.Event, name="work"):
    ok: bool
    duration_ms: float


@pytest.mark.parametrize(
    ("error", "ok"),
    [
        (None, True),
        (SystemExit(1), True),
        (KeyboardInterrupt(), True),
        (asyncio.CancelledError(), True),
        (click.Exit(1), True),
        (usage_error(), True),
        (ValueError(), False),
    ],
)
def test_a_measured_block_that_ends_by_control_flow_is_ok(start, receiver, error, ok):
    client = start()

    def measured():
        with client.measure(Work):
            if error is not None:
                raise error

    if error is None:
        measured()
    else:
        with pytest.raises(type(error)):
            measured()
    assert client.flush_sync(20)
    [event] = receiver.metrics()
    assert event["metadata"]["ok"] is ok


def test_the_same_exception_captured_again_is_recorded_again(start, receiver):
    client = start()
    error = LookupError()
    ids = [client.capture_exception(error) for _ in range(7)]
    assert client.flush_sync(20)
    assert len(set(ids)) == 7
    stats = client.stats()
    assert (stats["spooled"]["errors"], stats["dropped"]) == (5, {"throttled": 2})
    client.close()


def test_a_group_whose_members_are_shared_is_judged_in_bounded_time():
    group: BaseExceptionGroup[BaseException] = BaseExceptionGroup("", [KeyboardInterrupt()])
    for _ in range(60):
        group = BaseExceptionGroup("", [group, group])
    assert not is_control_flow(group)
