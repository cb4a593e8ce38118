"""Proxies of other projects on a free port, which alone know where the names below `.test` are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.conftest import clean_environment
from tests.foreign.programs import PROGRAMS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

METRICS, ERRORS, BUG_REPORTS = "metrics.example.test", "errors.example.test", "bugs.example.test"


@dataclass(frozen=True)
class ForeignProxy:
    """A running proxy. `login`: a user and a password that it takes, as they stand in a URL."""

    port: int
    login: str
    hosts_file: Path

    @property
    def hosts(self) -> set[str]:
        """The hosts for which it had a request."""
        return set(self.hosts_file.read_text().split()) if self.hosts_file.exists() else set()

    def variable(self, scheme: str = "http", login: str | None = None) -> dict[str, str]:
        """Return the variable that names the proxy. `login`: another one."""
        return {"HTTPS_PROXY": f"{scheme}://{login or self.login}@127.0.0.1:{self.port}"}


def endpoints(port: int, token: str) -> dict[str, str]:
    """Return the variables of endpoints that are at a port of this machine, as a proxy resolves their names."""
    return {
        "TELEMETRY_SDK_STATSIG_URL": f"https://{METRICS}:{port}/v1",
        "TELEMETRY_SDK_STATSIG_KEY": f"client-{token}",
        "TELEMETRY_SDK_SENTRY_DSN": f"https://{token}@{ERRORS}:{port}/1",
        "TELEMETRY_SDK_BUG_REPORT_URL": f"https://{BUG_REPORTS}:{port}/v1/bug-reports",
        "TELEMETRY_SDK_BUG_REPORT_TOKEN": token,
    }


class ProxyStarter:
    """Starts proxies of the environment that scripts/test-foreign made."""

    def __init__(self, serving: Callable[..., object], until: Callable[..., object], installed: Path) -> None:
        self._serving = serving
        self._until = until
        self._programs = installed / "proxies" / "bin"

    def mitmproxy(self, home: Path, mode: str = "regular") -> ForeignProxy:
        """Start mitmproxy, which opens TLS; `mitmproxy-ca-cert.pem` in `home` is the certificate of its authority."""
        settings = (f"confdir={home}", "connection_strategy=lazy", "upstream_cert=false", "proxyauth=me:pa ss")
        port = self._start(
            home,
            *(self._programs / "mitmdump", "--mode", mode, "--listen-host", "127.0.0.1", "--listen-port", "0"),
            *(part for setting in settings for part in ("--set", setting)),
            *("--scripts", PROGRAMS / "loopback_mitmproxy.py"),
        )
        return ForeignProxy(port, "me:pa%20ss", home / "hosts")

    def proxy_py(self, home: Path) -> ForeignProxy:
        """Start proxy.py, which passes TLS on."""
        port = self._start(
            home,
            *(self._programs / "proxy", "--hostname", "127.0.0.1", "--port", "0", "--port-file", home / "port"),
            *("--num-workers", "1", "--num-acceptors", "1", "--threaded", "--data-dir", home),
            *("--basic-auth", "me:right", "--plugins", "loopback_proxy_py.LoopbackPlugin"),
        )
        return ForeignProxy(port, "me:right", home / "hosts")

    def _start(self, home: Path, *command: str | Path) -> int:
        home.mkdir()
        port = home / "port"
        named = {"PROXY_PORT_FILE": str(port), "PROXY_HOSTS_FILE": str(home / "hosts")}
        self._serving(*command, environ={**clean_environment(home), **named})
        self._until(lambda: port.exists() and port.read_text().strip())
        return int(port.read_text())
