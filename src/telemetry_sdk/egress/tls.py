"""TLS contexts: the system's trust store, or the certificates of settings and environment; TLS 1.2 at least."""

from __future__ import annotations

import os
import ssl
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

import truststore

if TYPE_CHECKING:
    from telemetry_sdk.endpoints.certificates import ClientCertificate


@dataclass(frozen=True, slots=True)
class TrustedCertificates:
    """The certificates to trust, as paths.

    `ca_file` and `ca_dir` (hashed names, as `openssl rehash` makes; several directories with the system's path
    separator) together replace the system's store; `extra_ca_file` adds to either.
    """

    ca_file: str | None = None
    ca_dir: str | None = None
    extra_ca_file: str | None = None


def context(trusted: TrustedCertificates, client: ClientCertificate | None = None) -> ssl.SSLContext:
    """Make a client's context that checks certificates and host names, and offers `client` to the server.

    Raises ssl.SSLError if any of the files or directories cannot be read. `create_default_context` is not used: it
    would write session keys to where `SSLKEYLOGFILE` points.
    """
    replaced = trusted.ca_file or trusted.ca_dir
    made: ssl.SSLContext = (ssl if replaced else truststore).SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        _trust(made, trusted)
        if client is not None:
            _present(made, client)
    except (OSError, ValueError):  # unreadable, no certificate in it, a wrong passphrase, a NUL in a path
        raise ssl.SSLError("a certificate cannot be read") from None
    return made


def _trust(made: ssl.SSLContext, trusted: TrustedCertificates) -> None:
    for path in (trusted.ca_file, trusted.extra_ca_file):
        if path:
            _check_regular(path)
            made.load_verify_locations(cafile=path)
    if trusted.ca_dir:
        for path in trusted.ca_dir.split(os.pathsep):
            os.scandir(path).close()  # OpenSSL takes a missing directory for an empty one
        made.load_verify_locations(capath=trusted.ca_dir)


def _present(made: ssl.SSLContext, client: ClientCertificate) -> None:
    for path in (client.cert_file, client.key_file or client.cert_file):
        _check_regular(path)
    # The passphrase is always given: without one OpenSSL asks the terminal.
    made.load_cert_chain(client.cert_file, client.key_file, client.passphrase or "")


def _check_regular(path: str) -> None:
    """Raise OSError for what is no regular file: OpenSSL would read a pipe or a device without end."""
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise OSError
