"""An addon of mitmproxy: names below `.test` are this machine, which is asked by plain http."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from mitmproxy import ctx

if TYPE_CHECKING:
    from mitmproxy.http import HTTPFlow


def running() -> None:
    """Write the port, for it is any free one."""
    address = ctx.master.addons.get("proxyserver").listen_addrs()[0]
    Path(os.environ["PROXY_PORT_FILE"]).write_text(str(address[1]))


def request(flow: HTTPFlow) -> None:
    """Note the host, and send the request to the port of its URL."""
    with Path(os.environ["PROXY_HOSTS_FILE"]).open("a") as hosts:
        hosts.write(flow.request.host + "\n")
    if flow.request.host.endswith(".test"):
        flow.request.scheme, flow.request.host = "http", "127.0.0.1"
