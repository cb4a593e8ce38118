"""An endpoint as JSON's types and back, for the pipe to a detached sender; it holds the credentials."""

from __future__ import annotations

from .certificates import ClientCertificate
from .endpoint import Endpoint
from .proxies import Proxy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from telemetry_sdk._internal.frozen import Frozen


def to_json(endpoint: Endpoint) -> dict[str, Any]:
    """Return the fields of an endpoint of metrics or errors that are not the default."""
    return _fields(endpoint)


def from_json(fields: dict[str, Any]) -> Endpoint:
    """Return the endpoint of `to_json`'s fields. Raises TypeError for anything else."""
    proxy = fields.get("proxy")
    plain = {name: value for name, value in fields.items() if name not in {"proxy", "client_certificate"}}
    certificate = _certificate(fields.get("client_certificate"))
    return Endpoint(proxy=_proxy(proxy) if proxy else None, client_certificate=certificate, **plain)


def _proxy(fields: dict[str, Any]) -> Proxy:
    credentials = fields.get("credentials")
    certificate = _certificate(fields.get("client_certificate"))
    return Proxy(
        url=fields["url"], credentials=tuple(credentials) if credentials else None, client_certificate=certificate
    )


def _certificate(fields: dict[str, Any] | None) -> ClientCertificate | None:
    return ClientCertificate(**fields) if fields else None


def _fields(value: Frozen) -> dict[str, Any]:
    """Return the fields of a value that are not the default, values within as tables."""
    given = vars(value).items()
    return {
        name: _fields(field) if isinstance(field, (Proxy, ClientCertificate)) else field
        for name, field in given
        if field != getattr(type(value), name, None)
    }
