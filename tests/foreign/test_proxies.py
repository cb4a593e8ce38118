"""mitmproxy, which opens TLS under an authority of its own, and proxy.py, which passes it on; both want a password."""

from __future__ import annotations

import json
import ssl
from pathlib import Path

import pytest
import trustme

from tests import commands
from tests.accepting import accepting
from tests.foreign.proxies import BUG_REPORTS, ERRORS, METRICS, ProxyStarter, endpoints

RECORD = """
client.log_event(Tick(n=1))
client.capture_exception(ValueError())
"""
FLUSH = """
import json
flushed = client.flush_sync(FLUSH_TIMEOUT)
print(json.dumps({"flushed": flushed, "health": client.stats()["health"]}))
"""
REPORT = """
import json
draft = client.draft_bug_report("It froze", transcript=[{"role": "user", "content": "Deploy it"}])
outcome = client.send_bug_report_sync(draft, consent=draft.preview().consent(), timeout=REPORT_TIMEOUT)
print(json.dumps([outcome.kind, outcome.message, draft.report_id, outcome.path]))
"""
LONG = "FLUSH_TIMEOUT = REPORT_TIMEOUT = 20\n"
NO_ISSUER = "or of the proxy on the way to it, is not known here (SSL_CERT_FILE or NODE_EXTRA_CA_CERTS names it"
NO_LOGIN = "no valid login (is HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT right?"


@pytest.fixture
def proxies(serving, until, installed):
    """Start proxies."""
    return ProxyStarter(serving, until, installed)


@pytest.fixture
def mitmproxy(request, proxies, tmp_path):
    """Run mitmproxy. The parameter is its mode."""
    return proxies.mitmproxy(tmp_path / "mitmproxy", getattr(request, "param", "regular"))


@pytest.fixture
def trusted(mitmproxy, tmp_path):
    """Return the variable that names mitmproxy's authority."""
    return {"SSL_CERT_FILE": str(tmp_path / "mitmproxy" / "mitmproxy-ca-cert.pem")}


@pytest.fixture
def at_receiver(receiver):
    """Return the variables of endpoints that are the receiver, as mitmproxy resolves their names."""
    return endpoints(receiver.port, receiver.token)


def printed(done):
    assert done.err == ""
    return [json.loads(line) for line in done.out.splitlines()]


@pytest.mark.timeout(90)
@pytest.mark.parametrize(
    ("mitmproxy", "scheme"), [("regular", "http"), ("regular", "https"), ("socks5", "socks5h")], indirect=["mitmproxy"]
)
def test_every_service_passes_mitmproxy(mitmproxy, trusted, at_receiver, program, receiver, scheme):
    done = program(LONG + RECORD + FLUSH + REPORT, **at_receiver, **trusted, **mitmproxy.variable(scheme))
    records, (kind, *_) = printed(done)
    assert records["flushed"]
    assert kind == "sent"
    assert mitmproxy.hosts == {METRICS, ERRORS, BUG_REPORTS}
    assert [event["metadata"]["n"] for event in receiver.metrics()] == [1]
    assert [event["exception"]["values"][0]["type"] for event in receiver.errors()] == ["ValueError"]
    (report,) = receiver.bug_reports()
    assert report.report["description"] == "It froze"
    assert all("proxy-authorization" not in request.headers for request in receiver.requests())


@pytest.mark.timeout(90)
@pytest.mark.usefixtures("no_sender_remains")
def test_the_detached_sender_passes_mitmproxy(mitmproxy, trusted, at_receiver, program, receiver, until):
    done = program(RECORD, **at_receiver, **trusted, **mitmproxy.variable(), TELEMETRY_SDK_AT_EXIT="")
    assert done.err == ""
    until(lambda: receiver.metrics() and receiver.errors())
    assert mitmproxy.hosts == {METRICS, ERRORS}


@pytest.mark.timeout(90)
@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"SSL_CERT_FILE": ""}, NO_ISSUER),
        ({"SSL_CERT_FILE": "", "scheme": "https"}, NO_ISSUER),
        ({"login": "me:wrong"}, NO_LOGIN),
    ],
    ids=["ca", "ca-of-https-proxy", "password"],
)
def test_health_and_outcome_say_why_nothing_passes(
    mitmproxy, trusted, at_receiver, program, environment, world, receiver, given, words
):
    short = "FLUSH_TIMEOUT = 1\nREPORT_TIMEOUT = 20\n"
    right = {**at_receiver, **trusted, **mitmproxy.variable()}
    changed = dict(given)
    named = mitmproxy.variable(changed.pop("scheme", "http"), changed.pop("login", None))
    wrong = {**right, **named, **changed}
    records, (kind, message, report_id, path) = printed(program(short + RECORD + FLUSH + REPORT, **wrong))
    assert not records["flushed"]
    for service in ("metrics", "errors"):
        assert words in records["health"][service]["summary"]
    assert kind == "saved"
    assert words in message
    assert Path(path).exists()
    assert receiver.requests() == []
    command = f"telemetry-sdk bug send {report_id[:8]}"
    assert f"send it again with: {command}" in message
    status = commands.as_process(["status"], {**environment, **wrong}, world / "work")
    assert words in " ".join(status.stdout.split())
    environ = {**environment, **right}
    shown = commands.as_process(["bug", "show", report_id[:8], "--json"], environ, world / "work")
    consent = json.loads(shown.stdout)["sha256"]
    sent = commands.as_process([*command.split()[1:], "--consent", consent], environ, world / "work")
    assert (sent.returncode, sent.stdout[:7]) == (0, "Sent as")
    assert [report.idempotency_key for report in receiver.bug_reports()] == [report_id]


@pytest.mark.timeout(90)
def test_a_host_in_no_proxy_is_not_asked_of_the_proxy(mitmproxy, trusted, at_receiver, program, receiver):
    environ = {**at_receiver, **trusted, **mitmproxy.variable(), "NO_PROXY": f"localhost,{METRICS}"}
    source = "FLUSH_TIMEOUT = 4\nREPORT_TIMEOUT = 20\n"
    records, (kind, *_) = printed(program(source + RECORD + FLUSH + REPORT, **environ))
    assert kind == "sent"
    assert len(receiver.errors()) == 1
    assert records["health"]["metrics"]["failures_in_a_row"] > 0
    assert mitmproxy.hosts == {ERRORS, BUG_REPORTS}


@pytest.mark.timeout(90)
def test_a_report_without_an_answer_behind_mitmproxy_is_kept_and_sent_again(
    mitmproxy, trusted, at_receiver, program, receiver
):
    environ = {**at_receiver, **trusted, **mitmproxy.variable()}
    receiver.hang("bug_reports", stored=True)
    ((kind, message, report_id, path),) = printed(program("REPORT_TIMEOUT = 3\n" + REPORT, **environ))
    assert kind == "saved"
    assert f"did not answer within 3 seconds. The draft is kept in {path}; send it again with: " in message
    receiver.release()
    again = """
    (draft,) = client.drafts()
    print(client.send_bug_report_sync(draft, consent=draft.preview().consent()).kind, draft.report_id, client.drafts())
    """
    done = program(again, **environ)
    assert (done.out, done.err) == (f"sent {report_id} []\n", "")
    assert len(receiver.bug_reports()) == 1


@pytest.mark.timeout(90)
def test_connect_names_the_proxy_and_what_is_wrong_with_it(
    mitmproxy, trusted, at_receiver, program, environment, world, receiver
):
    right = {**at_receiver, **trusted, **mitmproxy.variable()}
    assert program(RECORD, **right).err == ""  # leaves the profile, without which `status` knows no endpoint
    sent = len(receiver.requests())

    def connected(**changed):
        environ = {name: value for name, value in {**environment, **right, **changed}.items() if value}
        done = commands.as_process(["status", "--connect"], environ, world / "work")
        assert "pa%20ss" not in done.stdout
        assert "pa ss" not in done.stdout
        return done.returncode, " ".join(done.stdout.split())

    through = f"through the proxy http://127.0.0.1:{mitmproxy.port}"
    code, text = connected()
    assert code == 0
    for host in (METRICS, ERRORS, BUG_REPORTS):
        assert f"{host} answered {through} (HTTP 4" in text
    assert [request.body for request in receiver.requests()[sent:]] == [b"", b"", b""]
    for changed, words in (({"SSL_CERT_FILE": ""}, NO_ISSUER), (mitmproxy.variable(login="me:wrong"), NO_LOGIN)):
        code, text = connected(**changed)
        assert code == 1
        assert f"{METRICS} cannot be reached {through}: " in text
        assert words in text
    assert len(receiver.requests()) == sent + 3


@pytest.mark.timeout(90)
@pytest.mark.parametrize("login", [None, "me:wrong"])
def test_every_service_passes_proxy_py_with_the_right_password_only(proxies, program, tmp_path, login):
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("*.example.test").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    proxy = proxies.proxy_py(tmp_path / "proxy.py")
    with accepting(tls=context) as server:
        environ = endpoints(server.server_port, "0123456789abcdef0123456789abcdef")
        environ |= {**proxy.variable(login=login), "SSL_CERT_FILE": str(tmp_path / "ca.pem")}
        source = f"FLUSH_TIMEOUT = {1 if login else 20}\nREPORT_TIMEOUT = 20\n"
        records, (kind, message, *_) = printed(program(source + RECORD + FLUSH + REPORT, **environ))
    paths = sorted(path for path, _ in server.bodies)
    if login is None:
        assert (records["flushed"], kind) == (True, "sent")
        assert paths == ["/api/1/envelope/", "/v1/bug-reports", "/v1/log_event"]
        assert proxy.hosts == {METRICS, ERRORS, BUG_REPORTS}
    else:
        assert (records["flushed"], kind) == (False, "saved")
        assert NO_LOGIN in message
        assert all(NO_LOGIN in records["health"][service]["summary"] for service in ("metrics", "errors"))
        assert (paths, proxy.hosts) == ([], set())
