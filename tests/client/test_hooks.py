"""What nobody caught: recorded once, the host's own hooks as ever, everything given back."""

from __future__ import annotations

import sys

import pytest

ERROR = """
def fail(kind=ZeroDivisionError):
    raise kind
"""
SEND = "client.log_event(Tick(n=1)); client.flush_sync(20)"  # what earlier runs left goes along


def arrived(receiver):
    """(type, mechanism, handled, level) of every event."""
    found = []
    for event in receiver.errors():
        value = event["exception"]["values"][-1]
        how = value["mechanism"]
        found.append((value["type"], how["type"], how["handled"], event["level"]))
    return sorted(found)


def test_a_crash_is_on_disk_before_the_hosts_own_hook_runs(program, receiver):
    done = program(
        ERROR
        + """
def mine(kind, error, trace):
    print("mine", kind.__name__)
    sys.stdout.flush()
    os._exit(7)
client.close()
sys.excepthook = mine
client = telemetry_sdk.start(app="acme-agent", version="1.4.2")
fail()
"""
    )
    assert (done.code, done.out) == (7, "mine ZeroDivisionError\n")
    assert receiver.errors() == []
    program(SEND)
    assert arrived(receiver) == [("ZeroDivisionError", "excepthook", False, "fatal")]


def test_the_interpreter_still_tells_of_a_crash(program):
    done = program(ERROR + "fail()")
    assert done.code == 1
    assert done.err.splitlines()[-1] == "ZeroDivisionError"
    assert done.err.count("Traceback") == 1


def test_threads_finalizers_and_the_loop(program, receiver):
    done = program(
        ERROR
        + """
import asyncio, gc, threading
class Dying:
    def __del__(self):
        fail(LookupError)
thread = threading.Thread(target=fail)
thread.start()
thread.join()
Dying()
gc.collect()
async def failing():
    fail(EOFError)
async def main():
    told = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda loop, context: told.append(context))
    mine = loop.get_exception_handler()
    async with telemetry_sdk.start(app="acme-agent", version="1.4.2"):  # another one owns the hooks
        assert loop.get_exception_handler() is mine
    async with client:
        assert loop.get_exception_handler() is not mine
        task = asyncio.create_task(failing())
        await asyncio.wait([task])
        del task
        gc.collect()
        assert [type(context["exception"]) for context in told] == [EOFError], "the host's own handler"
        await client.flush()
    assert loop.get_exception_handler() is mine
asyncio.run(main())
"""
    )
    assert (done.code, done.out) == (0, "")
    assert done.err.count("Traceback") == 2, "the interpreter tells of the thread and of the finalizer, as ever"
    assert arrived(receiver) == [
        ("EOFError", "asyncio", False, "error"),
        ("LookupError", "unraisablehook", False, "error"),
        ("ZeroDivisionError", "threading", False, "error"),
    ]


def test_trio_has_no_handler_to_stand_before(program, receiver):
    done = program(
        """
import asyncio, trio
async def main():
    async with client:
        client.capture_exception(KeyError())
        assert await client.flush(20)
trio.run(main)
"""
    )
    assert (done.code, done.err) == (0, "")
    assert len(receiver.errors()) == 1


def test_who_loads_threading_later_finds_the_hook(program, receiver):
    done = program(
        """
import sys
assert "threading" not in sys.modules
import _thread
original = _thread._excepthook
import telemetry_sdk
client = telemetry_sdk.start(app="acme-agent", version="1.4.2")
import threading
"""
        + ERROR
        + """
thread = threading.Thread(target=fail)
thread.start()
thread.join()
assert client.flush_sync(20)
client.close()
assert threading.excepthook is original and threading.__excepthook__ is original and _thread._excepthook is original
""",
        bare=True,
    )
    assert done.code == 0, done.err
    assert arrived(receiver) == [("ZeroDivisionError", "threading", False, "error")]


@pytest.mark.parametrize(
    "block",
    [
        "with client:\n    fail()",
        "import asyncio\nasync def main():\n    async with client:\n        fail()\nasyncio.run(main())",
        "import trio\nasync def main():\n    async with client:\n        fail()\ntrio.run(main)",
    ],
)
def test_an_error_that_leaves_the_clients_own_block(program, receiver, block):
    assert program(f"{ERROR}\n{block}").code == 1
    program(SEND)
    assert arrived(receiver) == [("ZeroDivisionError", "generic", False, "error")]


@pytest.mark.parametrize("kind", ["KeyboardInterrupt", "SystemExit"])
def test_interrupts_are_nobodys_business(program, receiver, kind):
    program(
        ERROR
        + f"import threading\nt = threading.Thread(target=fail, args=({kind},)); t.start(); t.join()\nfail({kind})"
    )
    program(SEND)
    assert receiver.errors() == []


def test_one_that_was_captured_before_is_not_recorded_again(program, receiver):
    program(
        ERROR
        + """
try:
    fail()
except ZeroDivisionError as error:
    client.capture_exception(error)
    raise
"""
    )
    program(SEND)
    assert arrived(receiver) == [("ZeroDivisionError", "generic", True, "error")]


def test_hooks_are_given_back_if_they_are_still_ours(program):
    done = program(
        """
import sys, threading
first = (sys.excepthook, sys.unraisablehook, threading.excepthook)
import telemetry_sdk
client = telemetry_sdk.start(app="acme-agent", version="1.4.2")
ours = (sys.excepthook, sys.unraisablehook, threading.excepthook)
assert not set(ours) & set(first)
other = telemetry_sdk.start(app="acme-agent", version="1.4.2")
assert (sys.excepthook, sys.unraisablehook, threading.excepthook) == ours, "the first client's"
other.close()
assert (sys.excepthook, sys.unraisablehook, threading.excepthook) == ours
def mine(*args):
    ours[0](*args)
sys.excepthook = mine
client.close()
assert (sys.excepthook, sys.unraisablehook, threading.excepthook) == (mine, *first[1:])
again = telemetry_sdk.start(app="acme-agent", version="1.4.2")
assert sys.excepthook is not mine
again.close()
assert sys.excepthook is mine
raise KeyError("passes through ours, which is silent now")
""",
        bare=True,
    )
    assert (done.code, done.err.splitlines()[-1]) == (1, "KeyError: 'passes through ours, which is silent now'")


def test_with_errors_off_no_hook_is_touched(program, receiver):
    done = program(
        """
import sys, threading
first = (sys.excepthook, sys.unraisablehook, threading.excepthook)
import telemetry_sdk
client = telemetry_sdk.start(app="acme-agent", version="1.4.2")
assert (sys.excepthook, sys.unraisablehook, threading.excepthook) == first
""",
        bare=True,
        DISABLE_ERROR_REPORTING="1",
    )
    assert done.code == 0, done.err


def test_a_hostile_exception_does_no_harm(program, receiver):
    done = program(
        """
class Hostile(Exception):
    def __getattribute__(self, name):
        print("asked for", name)
        raise SystemExit
    __repr__ = __str__ = __hash__ = __eq__ = None
client.capture_exception(Hostile())
sys.excepthook(Hostile, Hostile(), None)
print(client.flush_sync(20), client.stats()["failures"])
"""
    )
    assert done.out.splitlines()[-1] == "True 0", done.err
    asked = {line for line in done.out.splitlines() if line.startswith("asked for") and "for __" not in line}
    assert asked <= {"asked for print_file_and_line"}, "Python 3.13's own hook asks for it"
    assert len(receiver.errors()) == 2


def test_the_script_leaves_nothing_beside_itself(program, receiver, world):
    """To judge a code object its file is compiled; nothing of that is written into the user's directory."""
    program(ERROR + "fail()")
    program(SEND)
    assert len(receiver.errors()) == 1
    assert sorted(path.name for path in (world / "work").iterdir()) == ["program.py"]


def test_a_crash_goes_before_all_that_waits(program, receiver):
    done = program(
        """
errors = [type(f"E{n}", (Exception,), {}) for n in range(2_000)]
def before(kind, error, trace):
    os._exit(7)
client.close()
sys.excepthook = before
client = telemetry_sdk.start(app="acme-agent", version="1.4.2")
for kind in errors:
    client.capture_exception(kind())
raise LookupError
"""
    )
    assert done.code == 7
    program(SEND)
    assert ("LookupError", "excepthook", False, "fatal") in arrived(receiver)


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals there")
def test_ctrl_c_ends_a_program_as_ever(program):
    done = program("client.log_event(Tick(n=1))\nimport signal\nsignal.raise_signal(signal.SIGINT)")
    bare = program("import signal\nsignal.raise_signal(signal.SIGINT)", bare=True)
    assert done.code == bare.code


LOADS_AFTER_AN_INTERRUPT = """
import signal, threading
def until_loaded(name):
    while name not in sys.modules:
        time.sleep(0.001)
client.log_event(Tick(n=1))
threading.Thread(target=client.flush_sync, daemon=True).start()
sys.excepthook = lambda *_: until_loaded("telemetry_sdk.egress.client")
until_loaded("ssl")
signal.raise_signal(signal.SIGINT)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals there")
def test_ctrl_c_ends_a_program_as_ever_while_the_sender_loads_modules(program):
    done = program(LOADS_AFTER_AN_INTERRUPT)
    assert (done.code, done.err) == (-2, "")


def test_a_program_that_ends_after_an_interrupt_at_a_prompt_ends_as_ever(program):
    interrupted = "sys.ps1 = '> '\nsys.last_type = KeyboardInterrupt\nclient.log_event(Tick(n=1))"
    assert program(interrupted).code == 0


def test_the_last_act_of_a_script_is_told_by_its_names(program, receiver):
    program(ERROR + "\ntry:\n    fail()\nexcept ZeroDivisionError:\n    client.capture_exception()")
    program(SEND)
    [event] = receiver.errors()
    frames = event["exception"]["values"][0]["stacktrace"]["frames"]
    assert [(frame.get("module"), frame["function"]) for frame in frames] == [
        ("__main__", "<module>"),
        ("__main__", "fail"),
    ]


def test_an_event_whose_class_is_code_is_dropped_unasked(program, receiver):
    done = program(
        """
class Hostile:
    @property
    def __class__(self):
        print("asked")
        raise SystemExit
client.log_event(Hostile())
client.log_event(Tick(n=1))
print(client.flush_sync(20), client.stats()["dropped"], client.stats()["failures"])
"""
    )
    assert done.out.splitlines() == ["True {'undeclared_event': 1} 0"], done.err
    assert len(receiver.metrics()) == 1


LATER_HOOKS = {
    "rich": "from rich.traceback import install; install(); fail()",
    "own": "sys.excepthook = lambda *args: print('mine'); fail()",
    "typer": """
import typer
app = typer.Typer()
@app.command()
def main():
    fail()
sys.argv[1:] = []
app()
""",
}


@pytest.mark.parametrize("hook", LATER_HOOKS)
def test_a_hook_that_is_installed_later_loses_no_crash(program, receiver, hook):
    done = program(ERROR + LATER_HOOKS[hook])
    program(SEND)
    assert done.code == 1
    assert arrived(receiver) == [("ZeroDivisionError", "excepthook", False, "fatal")]


@pytest.mark.parametrize("end", ["sys.exit(3)", "pass", "raise KeyboardInterrupt"])
def test_an_end_without_an_error_records_none(program, receiver, end):
    """What the interpreter saw before the start is not the application's."""
    done = program(
        ERROR
        + f"""
client.close()
try:
    fail()
except ZeroDivisionError as error:
    sys.last_value = sys.last_exc = error
client = telemetry_sdk.start(app="acme-agent", version="1.4.2")
sys.excepthook = lambda *args: None
{end}
"""
    )
    program(SEND)
    assert (done.out, done.err) == ("", "")
    assert receiver.errors() == []
