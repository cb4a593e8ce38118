"""Controls: what a silent program must not do is seen when another program does it."""

from __future__ import annotations

import sys

import pytest


@pytest.mark.parametrize(
    ("kind", "source", "trace"),
    [
        ("network", "import _socket; _socket.socket().connect_ex(('192.0.2.1', 443))", "192.0.2.1"),
        ("network", "import _socket; _socket.socket(2, 2).sendto(b'hello', ('192.0.2.1', 53))", "192.0.2.1"),
        ("network", "import _socket; _socket.socket()", "socket.__new__"),
        ("network", "import socket\ntry: socket.getaddrinfo('a.example', 443)\nexcept OSError: pass", "a.example"),
        ("network", "import socket\ntry: socket.gethostbyname('b.example')\nexcept OSError: pass", "b.example"),
        ("thread", "import threading; threading.Thread(target=len, args=('',)).start()", "start"),
        ("thread", "import _thread; _thread.start_new_thread(len, ('',))", "start_new_thread"),
        ("change", "open('left', 'w').close()", "left"),
        ("change", "import os; os.close(os.open('left', os.O_CREAT | os.O_RDWR))", "left"),
        ("change", "import os; os.mkdir('left')", "left"),
        ("change", "import os; os.rename(__file__, 'left')", "left"),
        ("process", "import subprocess, sys; subprocess.run([sys.executable, '-c', ''], check=True)", "Popen"),
        ("process", "import os; os.system('exit')", "os.system"),
        ("import", "import json", "json"),
        ("import", "try: import sentry_sdk\nexcept ImportError: pass", "sentry_sdk"),
        ("read", "open('/dev/null').close()", "null"),
    ],
)
def test_the_audit_hook_detects(watched, kind, source, trace):
    done = watched(source, network=False)
    assert done.code == 0, done.err
    assert any(trace in what for what in done.seen(kind)), done.seen(kind)
    assert bool(done.changed) == (kind == "change"), "the trees are compared as well"


def test_the_audit_hook_detects_exit_and_forks(watched):
    done = watched("""
        import atexit, os
        atexit.register(lambda: open("left", "w").close())
        if hasattr(os, "fork"):
            child = os.fork()
            if child == 0:
                os.mkdir("by-the-child")
                os._exit(0)
            os.waitpid(child, 0)
        else:
            os.mkdir("by-the-child")
    """)
    assert [what.split()[0] for what in done.seen("change")] == ["os.mkdir", "left"]


def test_a_thread_without_an_audit_event_is_counted(watched):
    done = watched("""
        import os, time, _thread
        if os.path.exists("/proc/self/task"):
            import ctypes
            posix, thread = ctypes.CDLL(None), ctypes.c_ulong()
            posix.pthread_create(ctypes.byref(thread), None, posix.sleep, ctypes.c_void_p(30))
        else:
            _thread.start_new_thread(time.sleep, (30,))
    """)
    assert done.code == 0, done.err
    assert done.seen("tasks") == [2]


CHILD = "import socket; socket.socket().connect_ex(('192.0.2.1', 4443))"


@pytest.mark.parametrize(
    ("source", "port"),
    [
        ("import _socket; _socket.socket().connect_ex(('192.0.2.1', 443))", 443),
        ("import _socket; _socket.socket().connect_ex(('127.0.0.1', 8969))", 8969),
        ("import _socket; _socket.socket(2, 2).sendto(b'hello', ('198.51.100.7', 53))", 53),
        (f"import subprocess; subprocess.run([{sys.executable!r}, '-c', {CHILD!r}], check=True)", 4443),
    ],
)
def test_the_network_watch_detects_every_packet_of_the_process_tree(watched, own_network, source, port):
    done = watched(source)
    assert done.code == 0, done.err
    assert done.seen("network") or done.seen("process"), "the audit hook sees it in any case"
    if own_network:
        assert port in {packet[2] for packet in done.packets}
    else:
        assert done.packets is None


def test_the_network_watch_is_empty_without_traffic(watched):
    watched("").assert_silent()


def test_a_print_is_detected(watched):
    with pytest.raises(AssertionError):
        watched("print('hello')").assert_silent()
