"""A child of a fork, at whatever moment: it records, flushes, imports and ends."""

from __future__ import annotations

import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no fork there")

FORKED = """
    import os, sys, threading, time, warnings
    from pathlib import Path
    from telemetry_sdk._internal.imports import IMPORTS, load
    warnings.simplefilter("ignore")  # newer Pythons warn of every fork with threads

    def importing(name, body):
        Path(f"{name}/__init__.py" if Path(name).is_dir() else f"{name}.py").write_text(body)
        sys.path.insert(0, os.getcwd())
        sys.started = threading.Event()
        threading.Thread(target=load, args=(name,), daemon=True).start()
        assert sys.started.wait(30)

    def ended(in_child):
        child = os.fork()
        if not child:
            try:
                in_child()
                os._exit(0)
            finally:
                os._exit(1)
        return os.waitpid(child, 0)[1]
"""


def test_a_fork_waits_for_the_module_that_our_thread_is_importing(program):
    done = program(
        FORKED
        + """
    importing("short", "import sys, time\\nsys.started.set()\\ntime.sleep(0.005)\\nwhole = True\\n")

    def in_child():
        import short
        assert short.whole

    assert ended(in_child) == 0
    """,
        bare=True,
    )
    assert (done.code, done.err) == (0, "")


def test_a_child_finishes_what_took_too_long_to_wait_for(program):
    """A package and its second part are unfinished, the first part is complete and stays."""
    done = program(
        FORKED
        + """
    sys.first = True
    Path("slow").mkdir()
    Path("slow/done.py").write_text("")
    Path("slow/part.py").write_text(
        "import sys, threading\\nsys.started.set()\\nif sys.first: threading.Event().wait(2)\\n"
    )
    importing("slow", "from . import done\\nfrom . import part\\nwhole = done, part\\n")

    def in_child():
        sys.first = False
        import slow.part
        assert slow.whole == (slow.done, slow.part) == (sys.modules["slow.done"], sys.modules["slow.part"])
        assert load("json")

    assert ended(in_child) == 0
    """,
        bare=True,
    )
    assert (done.code, done.err) == (0, "")


def test_a_thread_that_waits_for_the_lock_does_not_keep_it_in_the_child(program):
    done = program(
        FORKED
        + """
    def in_child():
        IMPORTS.release()
        load("email.message", time.monotonic() + 20)

    waiting = threading.Thread(target=load, args=("json",), daemon=True)
    with IMPORTS:
        waiting.start()
        while IMPORTS._next.acquire(timeout=0.001):  # until the thread has it
            IMPORTS._next.release()
        assert ended(in_child) == 0
    """,
        bare=True,
    )
    assert (done.code, done.err) == (0, "")


def test_what_our_threads_import_is_under_the_lock_that_a_fork_waits_for(program):
    done = program(
        """
        import threading
        from telemetry_sdk._internal.imports import IMPORTS

        class Finder:
            @staticmethod
            def find_spec(name, path=None, target=None):
                me = threading.get_ident()
                if me != threading.main_thread().ident:
                    (under if IMPORTS._owner == me else outside).append(name)

        under, outside = [], []
        sys.meta_path.insert(0, Finder)
        client.log_event(Tick(n=1))
        client.capture_exception(ValueError())
        assert client.flush_sync(20)
        assert outside == [] and "httpx" in under, outside
        """
    )
    assert (done.code, done.err) == (0, "")


def test_a_logging_module_loaded_while_a_fork_waits_keeps_its_lock_balanced(program):
    done = program(
        FORKED
        + """
    body = "import sys, time\\nsys.started.set()\\ntime.sleep(0.005)\\nimport logging\\n"
    assert "logging" not in sys.modules
    importing("logs", body)

    def in_child():
        import logging
        assert not logging._lock._is_owned()

    assert ended(in_child) == 0
    import logging
    assert not logging._lock._is_owned()
    """,
        bare=True,
    )
    assert (done.code, done.err) == (0, "")
