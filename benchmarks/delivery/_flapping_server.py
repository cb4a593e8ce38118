"""Runs the counting server, up and down in turn, until terminated: `<home> <port>`.

Its requests are in `<home>/requests-<start>`. While `<home>/hold` exists it stays up, from its next start on.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from itertools import count
from pathlib import Path

SERVER = str(Path(__file__).with_name("_counting_server.py"))
UP, DOWN = 4.0, 2.0  # seconds
HOLD = "hold"


def main() -> None:
    """Start the server again and again."""
    home, port = Path(sys.argv[1]), sys.argv[2]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    for start in count():
        command = [sys.executable, SERVER, str(home / f"requests-{start}"), port]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
            try:
                time.sleep(UP)
                while (home / HOLD).exists():
                    time.sleep(0.1)
            finally:
                server.terminate()
        time.sleep(DOWN)


if __name__ == "__main__":
    main()
