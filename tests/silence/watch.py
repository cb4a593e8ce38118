"""Runs a program under an audit hook: `python -S -B watch.py REPORT PROGRAM`.

Each event that could break a silence becomes a line of REPORT the moment it happens: imports, threads, sockets and
look-ups, processes, files opened and all that changes them. So nothing is missed when the program ends by `os._exit`,
or while the interpreter itself ends. Only light modules are used: what the program imports shows.
"""

from __future__ import annotations

import _thread
import os
import sys

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
NETWORK = ("socket.", "urllib.", "http.", "ftplib.", "smtplib.", "ssl.")
PROCESSES = ("subprocess.", "os.fork", "os.posix_spawn", "os.spawn", "os.exec", "os.system", "os.startfile", "pty.")
THREADS = ("_thread.start",)
CHANGES = (
    *("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod"),
    *("os.chown", "os.utime", "os.lockf", "os.setxattr", "fcntl.flock", "fcntl.lockf", "fcntl.fcntl"),
    *("shutil.", "tempfile.", "sqlite3.", "winreg.", "msvcrt.", "ctypes.", "syslog."),
)
KINDS = {"network": NETWORK, "process": PROCESSES, "thread": THREADS, "change": CHANGES}


def classify(event, args):
    """Return (kind, what) for an event that counts, else None."""
    if event == "import":
        return "import", args[0]
    if event == "open":
        path, _, flags = args
        if not isinstance(path, (str, bytes)):
            return None  # a descriptor that somebody has opened already
        return ("change" if flags & WRITES else "read"), os.fsdecode(path)
    for kind, heads in KINDS.items():
        if event.startswith(heads):
            return kind, f"{event} {plain(args)}"
    return None


def plain(args):
    """Return arguments as text without running foreign code."""
    return " ".join(repr(arg) if type(arg) in {str, bytes, int, tuple} else type(arg).__name__ for arg in args)


def watch(report):
    """Report from now on until the process, or a child that it forks, has ended."""

    def hook(event, args):
        found = classify(event, args)
        if found is not None:
            os.write(report, f"{found!r}\n".encode("utf-8", "backslashreplace"))

    os.write(report, f"{('preloaded', sorted(sys.modules))!r}\n".encode())
    sys.addaudithook(hook)
    if sys.version_info < (3, 12):  # earlier no audit event tells of a new thread
        begin = _thread.start_new_thread

        def start_new_thread(*args):
            hook("_thread.start_new_thread", args)
            return begin(*args)

        _thread.start_new_thread = _thread.start_new = start_new_thread


def tasks():
    """Return the number of threads of this process as the system counts them, in any language."""
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:  # not Linux: those that Python has started
        return _thread._count() + 1


def main():
    report, program = sys.argv[1:]
    with open(program, encoding="utf-8") as file:
        code = compile(file.read(), program, "exec")
    descriptor = os.open(report, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    sys.argv[:] = [program]
    watch(descriptor)
    try:
        exec(code, {"__name__": "__main__", "__file__": program, "__spec__": None})
    finally:
        os.write(descriptor, f"{('tasks', tasks())!r}\n".encode())


if __name__ == "__main__":
    main()
