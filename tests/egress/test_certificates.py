"""Which certificates are trusted, and to whom a client certificate is offered: real TLS servers and proxies."""

from __future__ import annotations

import hashlib
import os
import ssl
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from telemetry_sdk.egress.client import Egress
from telemetry_sdk.egress.response import Response
from telemetry_sdk.endpoints import Endpoint
from telemetry_sdk.endpoints.certificates import ClientCertificate
from telemetry_sdk.endpoints.proxies import Proxy
from telemetry_sdk.exceptions import NetworkFailure
from tests.egress.test_tls_and_proxies import NAME, OK, connect_proxy, endpoint, post

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ACCEPTED = Response(202, {}, b"{}")


@pytest.fixture(scope="module")
def first() -> trustme.CA:
    return trustme.CA(organization_name="first")


@pytest.fixture(scope="module")
def second() -> trustme.CA:
    return trustme.CA(organization_name="second")


def server_context(authority: trustme.CA, clients: ssl.VerifyMode = ssl.CERT_NONE) -> ssl.SSLContext:
    """A server's context; `clients`: whether it asks for a client certificate of the same authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(NAME, "127.0.0.1").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = clients
    return context


def pem(authority: trustme.CA, path: Path) -> str:
    authority.cert_pem.write_to_path(path)
    return str(path)


def hashed_directory(authority: trustme.CA, path: Path) -> str:
    """A directory as `openssl rehash` makes it: the file's name is a hash of the canonical subject."""
    path.mkdir()
    subject = x509.load_pem_x509_certificate(authority.cert_pem.bytes()).subject
    canonical = [x509.NameAttribute(part.oid, " ".join(str(part.value).lower().split())) for part in subject]
    encoded = b"".join(x509.Name([part]).public_bytes()[2:] for part in canonical)
    number = int.from_bytes(hashlib.sha1(encoded).digest()[:4], "little")
    authority.cert_pem.write_to_path(path / f"{number:08x}.0")
    return str(path)


def client_files(authority: trustme.CA, directory: Path, passphrase: str | None = None) -> ClientCertificate:
    issued = authority.issue_cert("me@example.com")
    key = issued.private_key_pem.bytes()
    if passphrase:
        loaded = serialization.load_pem_private_key(key, None)
        key = loaded.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(passphrase.encode()),
        )
    directory.mkdir(exist_ok=True)
    (directory / "cert.pem").write_bytes(issued.cert_chain_pems[0].bytes())
    (directory / "key.pem").write_bytes(key)
    return ClientCertificate(
        cert_file=str(directory / "cert.pem"), key_file=str(directory / "key.pem"), passphrase=passphrase
    )


def presented(names: list[bool], answer: bytes = OK) -> Callable[..., object]:
    """A server that notes for each request whether its client presented a certificate."""

    def talk(_server: Any, connection: ssl.SSLSocket, _request: bytes) -> object:
        names.append(bool(connection.getpeercert()))
        connection.sendall(answer)
        return True

    return talk


def test_a_ca_file_and_a_ca_directory_hold_together(serve, run, first, second, tmp_path):
    servers = [serve(OK, tls=server_context(authority)) for authority in (first, second)]
    trusted = {"ca_file": pem(first, tmp_path / "ca.pem"), "ca_dir": hashed_directory(second, tmp_path / "ca")}
    assert [post(run, endpoint(server.port, **trusted)) for server in servers] == [ACCEPTED, ACCEPTED]
    assert [post(run, endpoint(servers[1].port, ca_file=trusted["ca_file"])), len(servers[1].requests)] == ["issuer", 1]
    assert [post(run, endpoint(servers[0].port, ca_dir=trusted["ca_dir"])), len(servers[0].requests)] == ["issuer", 1]


def test_each_directory_of_a_list_is_trusted(serve, run, first, second, tmp_path):
    paths = [hashed_directory(first, tmp_path / "1"), hashed_directory(second, tmp_path / "2")]
    servers = [serve(OK, tls=server_context(authority)) for authority in (first, second)]
    joined = os.pathsep.join(paths)
    assert [post(run, endpoint(server.port, ca_dir=joined)) for server in servers] == [ACCEPTED, ACCEPTED]


@pytest.mark.parametrize("replaced", [False, True])
def test_an_extra_ca_file_adds(serve, run, first, second, tmp_path, monkeypatch, replaced):
    """To the system's store, which OpenSSL is shown as another file here, or to what replaces it."""
    store = pem(first, tmp_path / "store.pem")
    if not replaced:
        monkeypatch.setenv("SSL_CERT_FILE", store)
    values = {"extra_ca_file": pem(second, tmp_path / "extra.pem"), "ca_file": store if replaced else None}
    servers = [serve(OK, tls=server_context(authority)) for authority in (first, second)]
    assert [post(run, endpoint(server.port, **values)) for server in servers] == [ACCEPTED, ACCEPTED]
    assert post(run, endpoint(servers[1].port, ca_file=values["ca_file"])) == "issuer"


def unreadable(directory: Path, authority: trustme.CA) -> dict[str, dict[str, Any]]:
    good = client_files(authority, directory / "good")
    other = client_files(authority, directory / "other")
    locked = client_files(authority, directory / "locked", "right")
    missing = str(directory / "missing")
    return {
        "missing directory": {"ca_dir": missing},
        "missing directory in a list": {"ca_dir": os.pathsep.join([str(directory), missing])},
        "file as directory": {"ca_dir": good.cert_file},
        "missing extra file": {"extra_ca_file": missing},
        "extra file without certificate": {"extra_ca_file": good.key_file},
        "NUL in a path": {"extra_ca_file": "ca\0.pem"},
        "missing certificate": {"client_certificate": good.replace(cert_file=missing)},
        "missing key": {"client_certificate": good.replace(key_file=missing)},
        "key in no file": {"client_certificate": good.replace(key_file=None)},
        "another's key": {"client_certificate": good.replace(key_file=other.key_file)},
        "wrong passphrase": {"client_certificate": locked.replace(passphrase="wrong")},
        "no passphrase": {"client_certificate": locked.replace(passphrase=None)},
        "endless passphrase": {"client_certificate": locked.replace(passphrase="x" * 5000)},
    }


UNREADABLE = (
    "missing directory",
    "missing directory in a list",
    "file as directory",
    "missing extra file",
    "extra file without certificate",
    "NUL in a path",
    "missing certificate",
    "missing key",
    "key in no file",
    "another's key",
    "wrong passphrase",
    "no passphrase",
    "endless passphrase",
)


@pytest.mark.parametrize("kind", UNREADABLE)
def test_nothing_is_sent_with_an_unreadable_certificate(serve, run, first, tmp_path, kind):
    server = serve(OK, tls=server_context(first))
    values = {"ca_file": pem(first, tmp_path / "ca.pem"), **unreadable(tmp_path, first)[kind]}
    assert post(run, endpoint(server.port, **values)) == "tls"
    assert server.connections == 0


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such files")
@pytest.mark.parametrize("device", ["pipe", "/dev/zero"])
@pytest.mark.parametrize("where", ["ca_file", "extra_ca_file", "cert_file", "key_file"])
def test_a_certificate_without_end_is_not_read(serve, run, first, tmp_path, device, where):
    """A thread that OpenSSL holds meets no deadline."""
    os.mkfifo(tmp_path / "pipe")
    path = str(tmp_path / device)  # an absolute one stands alone
    server = serve(OK, tls=server_context(first))
    values: dict[str, Any] = {"ca_file": pem(first, tmp_path / "ca.pem")}
    if where in {"cert_file", "key_file"}:
        values["client_certificate"] = client_files(first, tmp_path).replace(**{where: path})
    else:
        values[where] = path
    assert post(run, endpoint(server.port, **values)) == "tls"
    assert server.connections == 0


def test_nothing_is_sent_with_an_unreadable_certificate_for_the_proxy(serve, run, first, tmp_path):
    proxy_server = serve(connect_proxy(1), tls=server_context(first))
    certificate = client_files(first, tmp_path).replace(cert_file=str(tmp_path / "missing"))
    proxy = Proxy(url=f"https://127.0.0.1:{proxy_server.port}", client_certificate=certificate)
    assert post(run, endpoint(443, host=NAME, ca_file=pem(first, tmp_path / "ca.pem"), proxy=proxy)) == "tls"
    assert proxy_server.connections == 0


@pytest.mark.parametrize("passphrase", [None, "s3cret pass"])
def test_a_client_certificate_is_offered_to_an_endpoint_that_requires_it(serve, run, first, tmp_path, passphrase):
    server = serve(OK, tls=server_context(first, ssl.CERT_REQUIRED))
    values = {"ca_file": pem(first, tmp_path / "ca.pem")}
    assert post(run, endpoint(server.port, **values)) in {"tls", "closed"}
    assert server.requests == []
    certificate = client_files(first, tmp_path, passphrase)
    assert post(run, endpoint(server.port, client_certificate=certificate, **values)) == ACCEPTED


def test_a_key_in_the_certificates_file_is_found(serve, run, first, tmp_path):
    files = client_files(first, tmp_path)
    both = tmp_path / "both.pem"
    both.write_text((tmp_path / "key.pem").read_text() + (tmp_path / "cert.pem").read_text())
    certificate = files.replace(cert_file=str(both), key_file=None)
    server = serve(OK, tls=server_context(first, ssl.CERT_REQUIRED))
    to = endpoint(server.port, ca_file=pem(first, tmp_path / "ca.pem"), client_certificate=certificate)
    assert post(run, to) == ACCEPTED


@pytest.mark.parametrize("offered", ["proxy", "endpoint", "both", "neither"])
def test_a_client_certificate_is_offered_only_where_the_values_say(serve, run, first, tmp_path, offered):
    shown: dict[str, list[bool]] = {"proxy": [], "endpoint": []}
    certificate = client_files(first, tmp_path)
    server = serve(presented(shown["endpoint"]), tls=server_context(first, ssl.CERT_OPTIONAL))
    tunnel = connect_proxy(server.port)

    def talk(proxy: Any, connection: ssl.SSLSocket, request: bytes) -> object:
        shown["proxy"].append(bool(connection.getpeercert()))
        return tunnel(proxy, connection, request)

    proxy_server = serve(talk, tls=server_context(first, ssl.CERT_OPTIONAL))
    to = {name: certificate if offered in {name, "both"} else None for name in shown}
    proxy = Proxy(url=f"https://127.0.0.1:{proxy_server.port}", client_certificate=to["proxy"])
    ca_file = pem(first, tmp_path / "ca.pem")
    post(run, endpoint(443, host=NAME, ca_file=ca_file, proxy=proxy, client_certificate=to["endpoint"]))
    assert shown == {name: [to[name] is not None] for name in shown}


def test_endpoints_with_other_certificates_share_no_connection(serve, run, first, tmp_path):
    shown: list[bool] = []
    server = serve(presented(shown), tls=server_context(first, ssl.CERT_OPTIONAL))
    plain = endpoint(server.port, ca_file=pem(first, tmp_path / "ca.pem"))
    certificate = client_files(first, tmp_path)
    named = plain.replace(client_certificate=certificate)
    untrusted = [plain.replace(ca_file=None), plain.replace(ca_file=None, ca_dir=str(tmp_path))]

    async def send() -> list[str]:
        egress = Egress()
        failures = []
        for to in (plain, named, plain, named.replace(url=named.url + "/other"), *untrusted):
            try:
                await egress.post(to, headers={}, body=b"")
            except NetworkFailure as failure:
                failures.append(str(failure))
        await egress.aclose()
        return failures

    assert run(send()) == ["issuer", "issuer"]
    assert shown == [False, True, False, True]
    assert server.connections == 4  # two of them are kept, two failed


PROMPT = """
import fcntl, ssl, sys, termios
from telemetry_sdk.egress import tls
from telemetry_sdk.endpoints.certificates import ClientCertificate
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
try:
    tls.context(tls.TrustedCertificates(), ClientCertificate(cert_file=sys.argv[1], key_file=sys.argv[2]))
except ssl.SSLError as error:
    print(error)
"""


@pytest.mark.skipif(os.name != "posix", reason="no terminal of its own can be made for a process")
def test_no_passphrase_is_asked_of_the_terminal(first, tmp_path):
    """OpenSSL would ask the controlling terminal, and wait."""
    import pty

    files = client_files(first, tmp_path, "right")
    controlling, terminal = pty.openpty()
    command = [sys.executable, "-c", PROMPT, files.cert_file, files.key_file]
    with subprocess.Popen(command, stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True) as child:
        os.close(terminal)
        written = b""
        try:
            while b"phrase" not in written and (data := os.read(controlling, 4096)):
                written += data
        except OSError:  # Linux: the child has ended
            pass
        finally:
            child.kill()  # of no effect on one that has ended
            os.close(controlling)
    assert b"phrase" not in written
    assert b"a certificate cannot be read" in written


def test_paths_and_passphrases_are_in_no_repr(first, tmp_path):
    certificate = client_files(first, tmp_path, "s3cret pass")
    to = Endpoint(service="s", url="https://a.example/", host="a.example", port=1, layer="host")
    proxy = Proxy(url="https://127.0.0.1:1", client_certificate=certificate)
    shown = repr((to.replace(client_certificate=certificate, proxy=proxy), proxy, certificate))
    assert "s3cret" not in shown
    assert str(tmp_path) not in shown
