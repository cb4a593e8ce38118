"""Endpoints, proxies and credentials as values. No `repr` shows a key, a token or a password."""

from __future__ import annotations

from telemetry_sdk._internal.frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class RefusedError(ValueError):
    """A value that cannot be used. Holds its variable and the reason, never the value."""

    def __init__(self, variable: str, why: str, *, layer: str = "", source: str = "") -> None:
        super().__init__(why)
        self.variable = variable
        self.layer = layer
        self.source = source


class ClientCertificate(Frozen):
    """A client certificate: PEM files, and the passphrase of the key. `key_file` None: in the certificate's file."""

    cert_file: str
    key_file: str | None = None
    passphrase: str | None = None

    def __repr__(self) -> str:
        return "telemetry_sdk.ClientCertificate(<hidden>)"


class Proxy(Frozen):
    """A proxy.

    `url` is `scheme://host:port`, IPv6 in brackets, and never holds credentials; the scheme is one of http,
    https, socks5, socks5h. `credentials` are user name and password, percent-decoded: what
    `httpx.Proxy(url, auth=credentials)` takes. `client_certificate` is for an https proxy only.
    """

    url: str
    credentials: tuple[str, str] | None = None
    client_certificate: ClientCertificate | None = None

    def __repr__(self) -> str:
        hidden = ", credentials=<hidden>" if self.credentials else ""
        return f"telemetry_sdk.Proxy(url={self.url!r}{hidden})"


class BearerToken(Frozen):
    """The header for a bug-report token; like the host's own `bug_report_auth`, called when sending only."""

    token: str

    def __call__(self) -> tuple[str, str]:
        """Return the header's name and value."""
        return "Authorization", f"Bearer {self.token}"

    def __repr__(self) -> str:
        return "telemetry_sdk.BearerToken(<hidden>)"


class Endpoint(Frozen):
    """The destination of one service, and its credential.

    `url` is the whole URL of the POST, rebuilt from validated parts; `host` is lower-case, without brackets or
    port. `key` is Statsig's client key or Sentry's public key, "" for bug reports; `auth` is for bug reports
    only. `loopback`: the host is 127.0.0.0/8, ::1 or `localhost`; egress resolves `localhost` to those and to
    nothing else. `layer` set it: "managed settings", "host", "user settings" or "environment" (where the
    URL is the default, the layer of the credential). `ca_file` and `ca_dir` together replace the system's certificates,
    `extra_ca_file` adds to them; the paths are as given, not opened. `client_certificate`: offered to this host.
    `receiver_token`: of a development receiver, which must prove that it knows it, "" for every other endpoint.
    """

    service: str
    url: str
    host: str
    port: int
    layer: str
    key: str = ""
    auth: Callable[[], tuple[str, str]] | None = None
    loopback: bool = False
    proxy: Proxy | None = None
    ca_file: str | None = None
    ca_dir: str | None = None
    extra_ca_file: str | None = None
    client_certificate: ClientCertificate | None = None
    receiver_token: str = ""

    def __repr__(self) -> str:
        return f"telemetry_sdk.Endpoint(service={self.service!r}, url={self.url!r}, layer={self.layer!r})"


class Endpoints(Frozen):
    """The endpoints of the services that are on; None where a service is off.

    `identity` is a stable text of all configured URLs and public keys, of services that are off too (so that
    the state directory of a service that was just turned off is found). It holds no token.
    """

    identity: str
    metrics: Endpoint | None = None
    errors: Endpoint | None = None
    bug_reports: Endpoint | None = None

    def __repr__(self) -> str:
        found = ", ".join(f"{name}={getattr(self, name)!r}" for name in ("metrics", "errors", "bug_reports"))
        return f"telemetry_sdk.Endpoints({found})"
