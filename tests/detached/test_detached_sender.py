"""A program ends at once; a detached sender delivers what it left."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.commands import as_process
from tests.detached.background import LONG, RECORD, is_running

pytestmark = pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="looks at processes through /proc")

PROCESSES = 16  # benchmarks/delivery/processes.py and commands.py run more
CLIENT = """
import sys, time
import telemetry_sdk
class Tick(telemetry_sdk.Event, name="tick"):
    n: int
client = telemetry_sdk.start(app="acme-agent", version="1.4.2")
"""


def delivered(receiver):
    numbers = sorted(int(event["metadata"]["n"]) for event in receiver.metrics())
    return numbers, [error["exception"]["values"][0]["type"] for error in receiver.errors()]


def test_what_a_program_left_arrives_after_its_end(background, receiver):
    done = background.run()
    assert (done.code, done.out, done.err) == (0, "", "")
    assert receiver.wait_for(metrics=20, errors=1, timeout=LONG)
    assert delivered(receiver) == (list(range(20)), ["ZeroDivisionError"])
    assert background.ended() == ""
    assert background.waiting() == []


def test_a_closed_client_hands_over_at_the_end_of_the_program(background, receiver):
    source = "client.log_event(Tick(n=1))\nassert client.close()\nprint(len(sys.modules))\n"
    done = background.run(source)
    assert (done.code, done.err) == (0, "")
    assert receiver.wait_for(metrics=1, timeout=LONG)


def test_a_short_program_loads_no_network(background, receiver):
    done = background.run(RECORD + "import atexit\natexit._run_exitfuncs()\nprint('httpx' in sys.modules)\n")
    assert (done.out.strip(), done.err) == ("False", "")
    assert receiver.wait_for(metrics=20, errors=1, timeout=LONG)


def test_a_program_that_recorded_nothing_starts_nothing(background):
    assert background.run("client.close()\n").code == 0
    assert not (background.home / ".local").exists()


def test_the_sender_deletes_old_drafts_of_bug_reports(background, receiver):
    source = "draft = client.draft_bug_report('It froze')\nos.utime(draft.path, (time.time() - 60 * 86_400,) * 2)\n"
    assert background.run(source + RECORD).err == ""
    assert receiver.wait_for(metrics=20, errors=1, timeout=LONG)
    assert os.listdir(background.directory / "drafts") == []


def test_many_programs_share_one_sender(background, receiver):
    """Each finds the lock taken and leaves its records to the sender that looks once a second."""
    receiver.delay("errors", 0.2)
    pids = set()
    for _ in range(8):
        assert background.run().err == ""
        pids.add(background.began())
    assert receiver.wait_for(metrics=160, errors=8, timeout=LONG)
    assert len(pids) == 1
    assert background.ended() == ""


def test_processes_that_end_at_once_start_one_interpreter(background, receiver, world, environment):
    script = world / "work" / "one.py"
    script.write_text(CLIENT + "client.log_event(Tick(n=1))\nclient.flush_sync(30, to='spool')\ninput()\n")
    running = [
        subprocess.Popen(
            [sys.executable, str(script)], env=environment, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(PROCESSES)
    ]
    for one in running:  # all wait for a line: then all end together
        assert one.stdin is not None
        one.stdin.write("\n")
        one.stdin.close()
        one.stdin = None
    assert [one.communicate(timeout=LONG)[1] for one in running] == [""] * PROCESSES
    assert receiver.wait_for(metrics=PROCESSES, timeout=LONG)
    assert len(receiver.metrics()) == PROCESSES
    first = background.began()
    assert background.ended() == ""
    assert background.status()["pid"] == first


def test_credentials_are_in_no_argument_no_variable_and_no_file(background, receiver):
    receiver.hang("metrics")
    receiver.hang("errors")
    assert background.run().code == 0
    pid = background.began()
    assert receiver.wait_for(requests=1, timeout=LONG)
    secret = [receiver.statsig_key.encode(), receiver.sentry_dsn.partition("//")[2].partition("@")[0].encode()]
    seen = [Path(f"/proc/{pid}/cmdline").read_bytes(), Path(f"/proc/{pid}/environ").read_bytes()]
    app = background.directory.parent
    seen += [path.read_bytes() for path in app.rglob("*") if path.is_file()]
    assert [key for key in secret for text in seen if key in text] == []
    receiver.release()


def test_the_sender_is_apart_from_the_program(background, receiver, environment):
    """A session of its own, null streams, `/`, an own niceness; nothing inherited but the lock and its own."""
    receiver.hang("errors")
    assert background.run(LANG="C", ACME_TOKEN="secret").code == 0
    pid = background.began()
    assert receiver.wait_for(requests=1, timeout=LONG)
    proc = Path(f"/proc/{pid}")
    streams = {os.readlink(proc / "fd" / str(number)) for number in range(3)}
    assert streams == {"/dev/null"}
    assert os.readlink(proc / "cwd") == "/"
    assert os.getsid(pid) == pid
    assert os.getpriority(os.PRIO_PROCESS, pid) == min(19, os.getpriority(os.PRIO_PROCESS, 0) + 5)
    assert "Umask:\t0077" in (proc / "status").read_text()
    names = {line.partition("=")[0] for line in (proc / "environ").read_text().split("\0")} - {""}
    assert names <= {"SYSTEMROOT", "TEMP", "HOME", "USERPROFILE", "LANG", "LD_LIBRARY_PATH", "LC_CTYPE"}
    receiver.release()


def test_a_caller_that_waits_for_the_end_of_every_descriptor_is_not_held(background, receiver, world, environment):
    """An inherited pipe, not one of the three streams, ends with the program."""
    receiver.hang("errors")
    script = world / "work" / "program.py"
    script.write_text(CLIENT + RECORD)
    reader, writer = os.pipe()
    subprocess.run([sys.executable, str(script)], env=environment, pass_fds=[writer], check=True, timeout=LONG)
    os.close(writer)
    began = background.began()
    assert os.read(reader, 1) == b""  # returns although the sender lives
    assert is_running(began)
    os.close(reader)
    receiver.release()


def test_a_kill_at_any_moment_loses_nothing(background, receiver):
    receiver.hang("errors", stored=False)
    receiver.hang("metrics", stored=False)
    assert background.run().code == 0
    os.kill(background.began(), signal.SIGKILL)
    receiver.release()
    background.until(lambda: not is_running(background.status()["pid"]))
    assert background.run("client.log_event(Tick(n=20))\n").code == 0
    assert receiver.wait_for(metrics=21, errors=1, timeout=LONG)
    assert delivered(receiver) == (list(range(21)), ["ZeroDivisionError"])


@pytest.mark.parametrize("command", [["send", "--stop"], ["opt-out", "--app", "acme-agent"], ["purge", "--yes"]])
def test_a_command_ends_it(background, receiver, environment, world, command):
    receiver.hang("errors")
    receiver.hang("metrics")
    assert background.run().code == 0
    pid = background.began()
    assert receiver.wait_for(requests=1, timeout=LONG)
    began = time.monotonic()
    assert as_process(command, environment, world).returncode == 0
    background.until(lambda: not is_running(pid))
    assert time.monotonic() - began < 10.0  # ten times the contract's bound
    receiver.release()
    assert receiver.metrics() == []


def test_an_opt_out_between_exit_and_sending_is_obeyed(background, receiver, environment, world):
    """The sender is stopped before it begins to send; the edited settings file withdraws metrics only."""
    settings = world / ".claude" / "settings.json"
    settings.parent.mkdir()
    source = RECORD + (
        "import os, pathlib\n"
        f'pathlib.Path({str(settings)!r}).write_text(\'{{"env": {{"DISABLE_TELEMETRY": "1"}}}}\')\n'
        "os.environ['PATH'] = ''\n"
    )
    assert background.run(source).code == 0
    assert background.ended() == ""
    assert receiver.metrics() == []
    assert background.waiting() == []


def test_an_opt_out_of_one_application_keeps_no_other_from_its_delivery(background, receiver, environment, world):
    """One detached sender serves the two applications of a program."""
    receiver.hang("metrics")
    source = """
other = telemetry_sdk.start(app="other-agent", version="1")
client.log_event(Tick(n=1))
other.log_event(Tick(n=2))
"""
    assert background.run(source).code == 0
    assert background.began()
    assert receiver.wait_for(requests=2, timeout=LONG)
    assert as_process(["opt-out", "--app", "other-agent"], environment, world).returncode == 0
    receiver.release()
    assert background.ended() == ""
    assert background.waiting() == []
    state = json.loads((background.directory / "state.json").read_text())
    assert (state["delivered"], state.get("dropped")) == ({"metrics": 1}, None)


@pytest.mark.parametrize(
    ("source", "environ"),
    [
        ("", {"TELEMETRY_SDK_AT_EXIT": "leave"}),
        ("import respx\n", {}),
        ("sys.frozen = True\n", {"TELEMETRY_SDK_AT_EXIT": "wait"}),
        ("sys.executable = '/bin/sh'\n", {"TELEMETRY_SDK_STATSIG_URL": "http://127.0.0.1:9/v1"}),
        ("", {"TELEMETRY_SDK_DEBUG": "1", "TELEMETRY_SDK_STATSIG_URL": "http://127.0.0.1:9/v1"}),
    ],
)
def test_none_is_started_where_none_may_be(background, source, environ):
    done = background.run(source + "client.log_event(Tick(n=1))\n", **environ)
    assert done.code == 0
    assert background.status() == {}


def test_one_that_does_not_begin_is_told_and_not_tried_again(background, receiver, world, environment):
    """The interpreter named python starts, and does nothing."""
    broken = world / "python-that-ends"
    broken.write_text("#!/bin/sh\nexit 0\n")
    broken.chmod(stat.S_IRWXU)
    source = f"sys.executable = {str(broken)!r}\nclient.log_event(Tick(n=1))\n"
    assert background.run(source).err == ""
    handed = background.status()
    assert "pid" not in handed
    _age(background, 6.0)
    problem = "print(client.stats()['problem'])\n"
    told = background.run("client.log_event(Tick(n=1))\nclient.flush_sync(30, to='spool')\n" + problem)
    assert told.out.splitlines()[-1] == "background sender does not start: it did not begin within 5 seconds"
    assert background.status()["monotonic"] == handed["monotonic"] - 6.0
    status = as_process(["status", "--app", "acme-agent"], environment, world)
    assert "background sender does not start" in " ".join(status.stdout.split())


@pytest.mark.parametrize("changed", [{"boot": "another"}, {"namespace": "pid:[1]"}], ids=["machine", "container"])
def test_one_that_ended_with_its_machine_or_container_counts_for_nothing(background, receiver, world, changed):
    """The hand-over of another boot: power was off before the sender began. Of another container: it ended first."""
    broken = world / "python-that-ends"
    broken.write_text("#!/bin/sh\nexit 0\n")
    broken.chmod(stat.S_IRWXU)
    assert background.run(f"sys.executable = {str(broken)!r}\nclient.log_event(Tick(n=1))\n").err == ""
    path = background.directory / "state.json"
    table = json.loads(path.read_text())
    earlier = {clock: table["detached"][clock] - 60.0 for clock in ("wall", "monotonic")}
    table["detached"].update({**earlier, **changed})
    path.write_text(json.dumps(table))
    assert background.run("client.log_event(Tick(n=2))\n").code == 0
    assert receiver.wait_for(metrics=2, timeout=LONG)


def _age(background, seconds):
    """Let the hand-over have been `seconds` earlier."""
    path = background.directory / "state.json"
    table = json.loads(path.read_text())
    table["detached"]["monotonic"] -= seconds
    path.write_text(json.dumps(table))


def test_what_is_too_large_for_the_pipe_is_sent_at_the_exit(background, receiver, world, environment):
    source = """
client = telemetry_sdk.start(app="acme-agent", version="1.4.2", exit_timeout=5.0)
client.log_event(Tick(n=1))
assert client.flush_sync(20)
client.log_event(Tick(n=2))
"""
    assert background.run(source, APPDATA=os.urandom(6_000).hex()).err == ""
    assert [event["metadata"]["n"] for event in receiver.metrics()] == [1, 2]
    status = as_process(["status", "--app", "acme-agent"], {**environment, "COLUMNS": "300"}, world).stdout
    assert "too much to hand over" in status


def test_a_lock_that_cannot_be_taken_is_named(background, environment, world):
    assert background.run(RECORD, TELEMETRY_SDK_AT_EXIT="leave").code == 0
    lock = background.directory / "sender.lock"
    lock.unlink(missing_ok=True)
    lock.mkdir()
    assert background.run().err == ""
    status = as_process(["status", "--app", "acme-agent"], {**environment, "COLUMNS": "300"}, world).stdout
    assert f"cannot lock {lock}" in status.replace("\n", "")


def test_a_limit_on_descriptors_keeps_no_program_from_handing_over(background, receiver):
    source = "import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))\n"
    assert background.run(source + RECORD).err == ""
    assert receiver.wait_for(metrics=20, errors=1, timeout=LONG)


def test_a_folder_of_data_with_the_name_of_a_module_is_no_module(background, receiver, world):
    """It stands beside the program, in a directory that others may write to."""
    (world / "work" / "httpx").mkdir()
    (world / "work").chmod(0o777)
    assert background.run().err == ""
    assert receiver.wait_for(metrics=20, errors=1, timeout=LONG)


def test_a_host_that_has_no_search_path_hands_over(background, receiver):
    done = background.run(f"import atexit\natexit.register(lambda: print(sys.path))\nsys.path = None\n{RECORD}")
    assert (done.code, done.out, done.err) == (0, "None\n", "")
    assert receiver.wait_for(metrics=20, errors=1, timeout=LONG)


def test_what_is_no_text_in_the_search_path_is_ignored(background, receiver):
    """The interpreter ignores it, too."""
    source = "import pathlib\nsys.path[:0] = [None, pathlib.Path(telemetry_sdk.__file__).parents[1]]\n"
    assert background.run(source + RECORD).err == ""
    assert receiver.wait_for(metrics=20, errors=1, timeout=LONG)


def test_an_interrupt_during_the_hand_over_shows_nothing_and_loses_nothing(background, receiver):
    """It comes when the pipe is made."""
    source = "import signal\npipe = os.pipe\nos.pipe = lambda: signal.raise_signal(signal.SIGINT) or pipe()\n"
    done = background.run(source + RECORD)
    assert (done.code, done.err) == (0, "")
    assert background.status() == {}  # else no sender would be started for 24 hours
    assert background.run(RECORD).err == ""
    assert receiver.wait_for(metrics=40, errors=2, timeout=LONG)


def test_an_interrupt_while_an_exit_spools_loses_nothing(background, receiver):
    """It comes while a module of the exit is looked for."""
    source = """
import signal
class Interrupting:
    def find_spec(self, name, *_):
        if name == "telemetry_sdk.sender.hand_over":
            sys.meta_path.remove(self)
            signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, Interrupting())
"""
    done = background.run(source + RECORD)
    assert (done.code, done.err) == (0, "")
    assert receiver.wait_for(metrics=20, errors=1, timeout=LONG)


def test_children_of_multiprocessing_that_return_at_once_are_delivered(background, receiver):
    """They end by `os._exit`: each drains and hands over by itself."""
    source = """
import multiprocessing
def work(n):
    client.log_event(Tick(n=n))
if __name__ == "__main__":
    context = multiprocessing.get_context("fork")
    children = [context.Process(target=work, args=(n,)) for n in range(4)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    print([child.exitcode for child in children])
    import os
    os._exit(0)  # the parent hands nothing over
"""
    done = background.run(source)
    assert (done.out.strip(), done.err) == ("[0, 0, 0, 0]", "")
    assert receiver.wait_for(metrics=4, timeout=LONG)
    assert sorted(int(event["metadata"]["n"]) for event in receiver.metrics()) == [0, 1, 2, 3]


def test_an_exit_takes_longer_once_where_no_sender_can_be_started(background, receiver, environment, world):
    """A frozen application of many short runs would never deliver within 300 ms."""
    receiver.delay("metrics", 0.8)
    frozen = "sys.frozen = True\nclient.log_event(Tick(n=1))\n"
    leave = {"TELEMETRY_SDK_AT_EXIT": "leave"}
    assert background.run(frozen, **leave).code == 0
    for path in (background.directory / "spool").iterdir():  # as if left two hours ago
        old = f"{int(time.time()) - 7200:010x}"
        path.rename(path.with_name(old + path.name[10:]))
    source = "sys.frozen = True\nclient.log_event(Tick(n=2))\nprint(client.stats()['problem'])\n"
    assert background.run(source).code == 0
    assert receiver.wait_for(metrics=2, timeout=LONG)
    told = background.run(source)
    assert "no background sender can be started: the application is frozen" in as_process(
        ["status", "--app", "acme-agent"], {**environment, "COLUMNS": "200"}, world
    ).stdout.replace("\n", " ")
    assert told.err == ""


def test_what_waits_behind_a_request_in_flight_is_sent_when_the_program_is_gone(background, receiver):
    """The program's own thread holds the lock at its end: its server answers after the exit's time."""
    receiver.hang("metrics")
    source = """
import time
client.log_event(Tick(n=1))
client.flush_sync(2)
for n in range(2, 6):
    client.log_event(Tick(n=n))
"""
    assert background.run(source).code == 0
    assert background.began()
    receiver.release()
    assert receiver.wait_for(metrics=5, timeout=LONG)
    assert sorted(set(delivered(receiver)[0])) == [1, 2, 3, 4, 5]
    assert background.ended() == ""


def test_a_program_that_blocks_signals_has_a_sender_that_does_not(background, receiver):
    receiver.hang("errors")
    source = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    source += "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])\n"
    assert background.run(source + RECORD).code == 0
    status = Path(f"/proc/{background.began()}/status").read_text()
    masks = dict(line.split(":\t") for line in status.splitlines() if line.startswith("Sig"))
    assert int(masks["SigBlk"], 16) == 0
    assert not int(masks["SigIgn"], 16) >> (signal.SIGTERM - 1) & 1
    receiver.release()
