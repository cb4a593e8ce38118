"""A plugin of proxy.py: every name is this machine."""

from __future__ import annotations

import os
from pathlib import Path

from proxy.http.proxy import HttpProxyBasePlugin


class LoopbackPlugin(HttpProxyBasePlugin):  # type: ignore[misc]
    """Resolves all names, and notes them."""

    def resolve_dns(self, host: str, port: int) -> tuple[str, None]:
        """Return the address that proxy.py connects to."""
        with Path(os.environ["PROXY_HOSTS_FILE"]).open("a") as hosts:
            hosts.write(host + "\n")
        return "127.0.0.1", None
