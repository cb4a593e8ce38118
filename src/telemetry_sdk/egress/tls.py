"""TLS contexts: the system's trust store, or the one CA file that the environment names; TLS 1.2 at least."""

from __future__ import annotations

import ssl

import truststore


def context(ca_file: str | None) -> ssl.SSLContext:
    """Make a client's context that checks certificates and host names.

    `ca_file`: the value of `SSL_CERT_FILE`; it takes the place of the system's store, as with all OpenSSL.
    Raises ssl.SSLError if it cannot be read: then nothing is sent. `create_default_context` is not used: it
    would write session keys to where `SSLKEYLOGFILE` points.
    """
    if ca_file is None:
        made: ssl.SSLContext = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    else:
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        try:
            made.load_verify_locations(cafile=ca_file)
        except OSError:
            raise ssl.SSLError("the CA file cannot be read") from None
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    return made
