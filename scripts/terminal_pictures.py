"""Makes the pictures of commands in docs/pictures: what a terminal shows, as SVG. Nothing is sent.

.venv/bin/python scripts/terminal_pictures.py
"""

from __future__ import annotations

import fcntl
import io
import json
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import termios
from pathlib import Path

from rich.console import Console
from rich.text import Text

TARGET = Path(__file__).parents[1] / "docs" / "pictures"
HOME, SHOWN_HOME = "/tmp/janes", "/home/jane"  # of the same length, so that no column moves  # noqa: S108
LINES = 40
SETTINGS = {
    "DISABLE_TELEMETRY": "1",
    "TELEMETRY_SDK_SENTRY_DSN": "https://key@errors.acme.example/1",
    "TELEMETRY_SDK_BUG_REPORT_URL": "https://bugs.acme.example/v1/reports",
}
AGENT = """
import telemetry_sdk

class Edited(telemetry_sdk.Event, name="edited"):
    lines: int

with telemetry_sdk.start(
    app="acme-agent", version="1.4.2", statsig_key="client-key", sentry_dsn="https://key@errors.acme.example/1",
    bug_report_url="https://bugs.acme.example/v1/reports",
) as client:
    client.log_event(Edited(lines=12))
    client.flush_sync(10)  # to the ledger: local mode sends nothing
"""
TRANSCRIPT = """\
{"role": "user", "content": "Deploy it with AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLE2"}
{"role": "assistant", "content": "The deployment failed: the bucket does not exist."}
"""
PICTURES = {  # the command, and the columns of the terminal
    "status": ("telemetry-sdk status", 120),
    "preview": ("telemetry-sdk bug new 'The deployment fails' --transcript session.jsonl", 100),
}
CONSTANT = (  # what differs from run to run, and what stands in its place
    (HOME, SHOWN_HOME),
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "caf41e03-f11f-4b84-9fb0-4ec1a6c3449d"),
    (r"\b[0-9a-f]{64}\b", "507d6ce6e2ff0935be7cbd8e87072810a230195c0ea90d23aa2be362b3c60eb6"),
    (r"(?<=bug send )[0-9a-f]{8}", "caf41e03"),
    (r"(?<=acme-agent/)[0-9a-f]{16}", "4c1d0a9e5b7f2836"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "2026-11-27T15:39:35Z"),
    (r"(?<=ledger: )\d+(?= bytes)", "763"),
    (r"Linux \d[\d.]+", "Linux 6.1"),
    (r"(?<=python: )3\.\d+\.\d+", "3.13.1"),
)


def main() -> None:
    """Run the sample, then each command in a terminal; write the pictures."""
    TARGET.mkdir(exist_ok=True)
    Path(HOME).mkdir(mode=0o700)
    try:
        _prepare()
        for name, (command, columns) in PICTURES.items():
            text = _constant(
                _run_in_terminal(command.replace("telemetry-sdk", f"{sys.executable} -m telemetry_sdk"), columns)
            )
            path = TARGET / f"{name}.svg"
            path.write_text(_svg(name, command, text, columns), encoding="utf-8")
            print(f"{path.name}: {path.stat().st_size:,} bytes")
    finally:
        shutil.rmtree(HOME)


def _environment() -> dict[str, str]:
    foreign = ("TELEMETRY_SDK_", "DISABLE_", "DO_NOT_TRACK", "CLAUDE_CODE_", "XDG_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    return {**kept, "HOME": HOME, "TERM": "xterm-256color", "COLORTERM": "truecolor", "PAGER": "cat"}


def _prepare() -> None:
    """Write the settings, which turn metrics off, and let an agent leave its profile in the state directory."""
    home = Path(HOME)
    (home / "agent.py").write_text(AGENT)
    (home / "session.jsonl").write_text(TRANSCRIPT)
    subprocess.run(
        [sys.executable, "agent.py"], cwd=HOME, env={**_environment(), "TELEMETRY_SDK_MODE": "local"}, check=True
    )
    (home / ".claude").mkdir()
    (home / ".claude" / "settings.json").write_text(json.dumps({"env": SETTINGS}))


def _run_in_terminal(command: str, columns: int) -> str:
    """Return what a command writes to a terminal; its input is none, so that it asks nothing."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, columns, 0, 0))
    with subprocess.Popen(  # noqa: S602 - a constant command line
        command, shell=True, cwd=HOME, env=_environment(), stdin=subprocess.DEVNULL, stdout=its, stderr=its
    ):
        os.close(its)
        written = b"".join(_read(ours))
    os.close(ours)
    return written.decode().replace("\r\n", "\n")


def _read(terminal: int) -> list[bytes]:
    pieces: list[bytes] = []
    while True:
        try:
            piece = os.read(terminal, 1 << 16)
        except OSError:  # the command has ended
            return pieces
        pieces.append(piece)


def _constant(text: str) -> str:
    for pattern, value in CONSTANT:
        text = re.sub(pattern, value, text)
    lines = text.rstrip().split("\n")
    return "\n".join([*lines[:LINES], "…"] if len(lines) > LINES else lines)


def _svg(name: str, command: str, text: str, columns: int) -> str:
    """Return the picture; its fonts are the reader's, nothing is fetched."""
    console = Console(width=columns, record=True, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text(f"$ {command}", style="bold"))
    console.print(Text.from_ansi(text), soft_wrap=False)
    svg = console.export_svg(title="", unique_id=name)
    return re.sub(r"@font-face \{.*?\}\n", "", svg, flags=re.DOTALL)


if __name__ == "__main__":
    main()
