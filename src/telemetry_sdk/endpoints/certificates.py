"""Certificates: which ones are trusted, and the client certificate and to whom it is offered."""

from __future__ import annotations

from telemetry_sdk._internal.frozen import Frozen
from telemetry_sdk._internal.layers import MANAGED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .network_variables import NetworkLayers


class ClientCertificate(Frozen):
    """A client certificate: PEM files, and the passphrase of the key. `key_file` None: in the certificate's file."""

    cert_file: str
    key_file: str | None = None
    passphrase: str | None = None

    def __repr__(self) -> str:
        return "telemetry_sdk.ClientCertificate(<hidden>)"


class Certificates(Frozen):
    """The certificates of all layers, as `Endpoint` holds them; `client_layer` sets the client certificate."""

    ca_file: str | None = None
    ca_dir: str | None = None
    extra_ca_file: str | None = None
    client: ClientCertificate | None = None
    client_layer: str = ""
    client_variable: str = ""

    def for_endpoint(self, layer: str) -> ClientCertificate | None:
        """Return the client certificate for an endpoint that `layer` sets, None if it is not offered to it."""
        return self.client if self.client_layer in {MANAGED, layer} else None


def find_certificates(layers: NetworkLayers, client_variables: Sequence[str]) -> Certificates:
    """Return the certificates. Pure: no file is opened; one that cannot be read fails when a request is made."""
    replacing = layers.highest("SSL_CERT_FILE", "SSL_CERT_DIR")
    adding = layers.highest("NODE_EXTRA_CA_CERTS")
    values = {name: str(variable.value) for name, variable in (*replacing.items(), *adding.items())}
    trusted = Certificates(
        ca_file=values.get("SSL_CERT_FILE"),
        ca_dir=values.get("SSL_CERT_DIR"),
        extra_ca_file=values.get("NODE_EXTRA_CA_CERTS"),
    )
    client = layers.highest(*client_variables) if client_variables else {}
    if not client_variables or client_variables[0] not in client:
        return trusted
    certificate = client[client_variables[0]]
    rest = [str(client[name].value) if name in client else None for name in client_variables[1:]]
    key, passphrase = (*rest, None, None)[:2]
    return trusted.replace(
        client=ClientCertificate(cert_file=str(certificate.value), key_file=key, passphrase=passphrase),
        client_layer=certificate.layer,
        client_variable=certificate.name,
    )
