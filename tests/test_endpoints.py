"""Where services send: strict URLs, one layer for endpoint and credential, proxies and certificates by layer."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telemetry_sdk.endpoints import Endpoint, resolve_endpoints
from telemetry_sdk.endpoints.proxies import Proxy
from telemetry_sdk.policy import resolve_policy

KEY = "client-abc123"
DSN = "https://0123abcd@errors.example.com/42"
EVIL = "https://evil.example/collect"


@pytest.fixture
def resolve(tmp_path):
    """Resolve with settings files; returns the endpoints and the policy."""

    def resolved(environ=None, *, managed=None, user=None, project=None, application=True, **host):
        for name, content in (
            ("managed.json", managed),
            ("home/.claude/settings.json", user),
            ("home/p/.claude/settings.json", project),
        ):
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps({"env": content or {}}))
        environ = environ or {}
        policy = resolve_policy(
            environ, cwd=tmp_path / "home" / "p", home=tmp_path / "home", managed=tmp_path / "managed.json"
        )
        return resolve_endpoints(policy, environ, application=application, **host)

    return resolved


def why(policy, service: str) -> str:
    return " ".join(reason.effect for reason in policy.service(service).reasons if reason.effect.startswith("off"))


def test_the_full_urls_of_the_posts(resolve):
    endpoints, policy = resolve(statsig_key=KEY, sentry_dsn=DSN, bug_report_url="https://bugs.example.com/v1/report")
    assert endpoints.metrics.url == "https://events.statsigapi.net/v1/log_event"
    assert endpoints.metrics.key == KEY
    assert endpoints.errors.url == "https://errors.example.com/api/42/envelope/"
    assert endpoints.errors.key == "0123abcd"
    assert endpoints.bug_reports.url == "https://bugs.example.com/v1/report"
    assert {endpoint.layer for endpoint in (endpoints.metrics, endpoints.errors, endpoints.bug_reports)} == {"host"}
    assert policy.metrics.destination == "events.statsigapi.net"
    assert policy.errors.destination == "errors.example.com"
    assert any(reason.effect == "sends to errors.example.com" for reason in policy.errors.reasons)
    assert all(row.enabled for row in policy.rows)


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("https://statsig.example", "https://statsig.example/log_event"),
        ("https://statsig.example/", "https://statsig.example/log_event"),
        ("HTTPS://Statsig.EXAMPLE:443/v1/", "https://statsig.example/v1/log_event"),
        ("https://statsig.example:8443/a/b", "https://statsig.example:8443/a/b/log_event"),
        ("http://127.0.0.1:9000/v1", "http://127.0.0.1:9000/v1/log_event"),
        ("http://127.255.0.9", "http://127.255.0.9/log_event"),
        ("http://localhost:9000", "http://localhost:9000/log_event"),
        ("http://[::1]:9000/v1", "http://[::1]:9000/v1/log_event"),
        ("http://[0:0::0:1]/v1", "http://[::1]/v1/log_event"),
        ("https://[2001:DB8::5]:1/v1", "https://[2001:db8::5]:1/v1/log_event"),
        ("https://8.8.8.8/v1", "https://8.8.8.8/v1/log_event"),
        ("https://a-b.c1.xn--p1ai/v%20x", "https://a-b.c1.xn--p1ai/v%20x/log_event"),
        ("https://exa_mple.com/", "https://exa_mple.com/log_event"),
        ("https://_.example.com", "https://_.example.com/log_event"),
        ("https://example.com./v1", "https://example.com./v1/log_event"),
        (" https://example.com/v1\n", "https://example.com/v1/log_event"),
    ],
)
def test_urls_that_are_right(resolve, base, url):
    endpoints, _ = resolve(statsig_key=KEY, statsig_url=base)
    assert endpoints.metrics.url == url
    assert endpoints.metrics.loopback is (base.startswith("http://"))


HOSTILE = [
    "",
    " ",
    "events.example.com",
    "//events.example.com",
    "/v1",
    "ftp://example.com",
    "file:///etc/passwd",
    "javascript://example.com/%0aalert(1)",
    "https:example.com",
    "https:/example.com",
    "https://",
    "https:///v1",
    "https://:443/v1",
    "http://example.com/v1",
    "http://localhost.evil.example/v1",
    "http://localhost./v1",
    "http://notlocalhost/v1",
    "http://127.0.0.1.evil.example/",
    "http://127.0.0.1@evil.example/",
    "http://localhost:80@evil.example/",
    "http://evil.example@127.0.0.1/",
    "https://user@example.com/v1",
    "https://user:pass@example.com/v1",
    "https://@example.com/v1",
    "http://127.1/",
    "http://127.0.0.256/",
    "http://0127.0.0.1/",
    "http://127.0.0.01/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.0.0.1/",
    "http://127.0.0.1.0x1/",
    "https://1.2.3/",
    "https://256.1.1.1/",
    "http://0.0.0.0/",
    "http://10.0.0.1/",
    "http://[::]/",
    "http://[::2]/",
    "http://[::ffff:127.0.0.1]/",
    "https://[::1%25eth0]/",
    "https://[::1/",
    "https://::1/",
    "https://[::1]evil.example/",
    "https://[v1.x]/",
    "https://[]/",
    "https://example.com:/v1",
    "https://example.com:0/v1",
    "https://example.com:00443/v1",
    "https://example.com:65536/v1",
    "https://example.com:+443/v1",
    "https://example.com:44 3/v1",
    "https://example.com:\uff14\uff14\uff13/v1",
    "https://example.com/v1?x=1",
    "https://example.com/v1?",
    "https://example.com/v1#x",
    "https://example.com#@evil.example/",
    "https://example.com?@evil.example/",
    "https://example.com\\@evil.example/",
    "https://example.com\\.evil.example/",
    "https://example.com/v1\r\nX-Evil: 1",
    "https://exam\tple.com/",
    "https://exam\0ple.com/",
    "https://example.com/\x7f",
    "https://exämple.com/",
    "https://example。com/",
    "https://ⓔxample.com/",
    "https://example.com/ä",
    "https://exam%70le.com/",
    "https://-example.com/",
    "https://example-.com/",
    "https://example..com/",
    "https://.example.com/",
    "https://example.com../",
    "https://./",
    "https://127.0.0.1./",
    "https://*.example.com/",
    "https://" + "a" * 64 + ".com/",
    "https://" + "a." * 130 + "com/",
    "https://example.com/" + "a" * 3000,
    "https://example.com/../secret",
    "https://example.com/a/./b",
    "https://example.com/a/%2e%2E/b",
    "https://example.com/a/.%2e",
    "https://example.com/%",
    "https://example.com/%0d%0aX",
    "https://example.com/%zz",
    "https://example.com/%+1",
    "https://example.com/%7f",
    'https://example.com/"',
    "https://example.com/<x>",
    "https://example.com/{x}",
    "http+unix://%2Ftmp%2Fs/v1",
    b"https://example.com/",
    17,
    ["https://example.com/"],
]


@pytest.mark.parametrize("url", HOSTILE, ids=lambda url: ascii(url)[:60])
def test_urls_that_are_refused(resolve, url):
    endpoints, policy = resolve(statsig_key=KEY, statsig_url=url, bug_report_url=url)
    assert endpoints.metrics is None
    assert endpoints.bug_reports is None
    assert not policy.metrics.enabled
    assert why(policy, "metrics").startswith("off: the URL ")
    assert {reason.variable for reason in policy.metrics.reasons} == {"statsig_url"}
    assert policy.metrics.destination is None


@pytest.mark.parametrize(
    ("dsn", "url", "key"),
    [
        ("https://abc@sentry.example/1", "https://sentry.example/api/1/envelope/", "abc"),
        ("https://abc@sentry.example:8443/pre/fix/77", "https://sentry.example:8443/pre/fix/api/77/envelope/", "abc"),
        ("https://abc:oldsecret@sentry.example/1", "https://sentry.example/api/1/envelope/", "abc"),
        ("http://abc@127.0.0.1:8000/1", "http://127.0.0.1:8000/api/1/envelope/", "abc"),
        ("http://abc@localhost:8000/1", "http://localhost:8000/api/1/envelope/", "abc"),
    ],
)
def test_dsns_that_are_right(resolve, dsn, url, key):
    endpoints, policy = resolve(sentry_dsn=dsn)
    assert (endpoints.errors.url, endpoints.errors.key) == (url, key)
    assert "oldsecret" not in f"{endpoints!r}{endpoints.errors!r}{endpoints.identity}{policy!r}"


@pytest.mark.parametrize(
    "dsn",
    [
        "",
        "abc",
        "https://sentry.example/1",
        "https://@sentry.example/1",
        "https://:secret@sentry.example/1",
        "https://abc@sentry.example",
        "https://abc@sentry.example/",
        "https://abc@sentry.example/1/",
        "https://abc@sentry.example/project",
        "https://abc@sentry.example/-1",
        "https://abc@sentry.example/" + "1" * 21,
        "http://abc@sentry.example/1",
        "https://a b@sentry.example/1",
        "https://abc@evil@sentry.example/1",
        "https://abc,sentry_key=x@sentry.example/1",
        "https://abc@sentry.example/1?x=1",
        "https://abc@sentry.example/1#x",
        "https://a%0ab@sentry.example/1",
        "https://" + "a" * 257 + "@sentry.example/1",
        b"https://abc@sentry.example/1",
    ],
)
def test_dsns_that_are_refused(resolve, dsn):
    endpoints, policy = resolve(sentry_dsn=dsn)
    assert endpoints.errors is None
    assert why(policy, "errors").startswith("off: the DSN")


@pytest.mark.parametrize(
    "key", ["", "abc", "client-", "console-x", "CLIENT-x", "client-x\r\nX: y", "client-ü", "client-" + "x" * 300, 7]
)
def test_statsig_keys_that_are_refused(resolve, key):
    endpoints, policy = resolve(statsig_key=key)
    assert endpoints.metrics is None
    assert "client- key" in why(policy, "metrics")


def test_a_secret_key_is_refused_with_its_reason_and_never_shown(resolve):
    endpoints, policy = resolve(statsig_key="secret-hunter2")
    assert endpoints.metrics is None
    assert "secret key" in why(policy, "metrics")
    assert "hunter2" not in f"{policy!r}{policy.explain()}{policy.to_json()}{endpoints!r}{endpoints.identity}"


def test_no_key_no_dsn_no_url_is_off_and_says_so(resolve):
    endpoints, policy = resolve()
    assert (endpoints.metrics, endpoints.errors, endpoints.bug_reports) == (None, None, None)
    assert why(policy, "metrics") == "off: no Statsig key is given"
    assert why(policy, "errors") == "off: no DSN is given"
    assert why(policy, "bug_reports") == "off: no URL is given"
    assert not any(reason.effect == "on" for row in policy.rows for reason in row.reasons)


def test_a_service_that_is_off_gets_no_endpoint_and_keeps_its_destination_and_identity(resolve):
    on, _ = resolve(statsig_key=KEY, sentry_dsn=DSN)
    off, policy = resolve({"DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "1"}, statsig_key=KEY, sentry_dsn=DSN)
    assert off.metrics is None
    assert off.errors is None
    assert policy.metrics.destination == "events.statsigapi.net"
    assert off.identity == on.identity
    assert {reason.variable for reason in policy.metrics.reasons} == {"DISABLE_TELEMETRY", "DO_NOT_TRACK"}


LAYERS = ["managed", "host", "user", "environment"]
NAMES = {"managed": "managed settings", "host": "host", "user": "user settings", "environment": "environment"}
ARGUMENTS = {
    "TELEMETRY_SDK_STATSIG_KEY": "statsig_key",
    "TELEMETRY_SDK_STATSIG_URL": "statsig_url",
    "TELEMETRY_SDK_SENTRY_DSN": "sentry_dsn",
    "TELEMETRY_SDK_BUG_REPORT_URL": "bug_report_url",
    "TELEMETRY_SDK_BUG_REPORT_TOKEN": "bug_report_auth",
}


def layered(**by_layer):
    """Arguments of `resolve` from {layer: {variable: value}}."""
    call = dict(by_layer)
    environ = call.pop("environment", {})
    return (environ,), {**{ARGUMENTS[n]: v for n, v in call.pop("host", {}).items()}, **call}


@pytest.mark.parametrize("upper", range(4))
@pytest.mark.parametrize("lower", range(4))
def test_the_highest_layer_that_names_anything_is_used_alone(resolve, upper, lower):
    if lower <= upper:
        upper, lower = lower, upper
    above, below = LAYERS[upper], LAYERS[lower]
    if above == below:
        args, kwargs = layered(**{above: {"TELEMETRY_SDK_STATSIG_KEY": "client-up"}})
        assert resolve(*args, **kwargs)[0].metrics.layer == NAMES[above]
        return
    args, kwargs = layered(
        **{
            above: {"TELEMETRY_SDK_STATSIG_KEY": "client-up"},
            below: {"TELEMETRY_SDK_STATSIG_KEY": "client-down", "TELEMETRY_SDK_STATSIG_URL": EVIL},
        }
    )
    endpoints, policy = resolve(*args, **kwargs)
    assert endpoints.metrics.url == "https://events.statsigapi.net/v1/log_event"
    assert endpoints.metrics.key == "client-up"
    assert endpoints.metrics.layer == NAMES[above]
    assert sum("is ignored" in warning for warning in policy.warnings) == 2
    assert "evil" not in f"{policy.to_json()}"

    args, kwargs = layered(
        **{
            above: {"TELEMETRY_SDK_STATSIG_URL": "https://up.example"},
            below: {"TELEMETRY_SDK_STATSIG_KEY": "client-down"},
        }
    )
    endpoints, policy = resolve(*args, **kwargs)
    assert endpoints.metrics is None
    assert "no Statsig key in the layer that sets the URL" in why(policy, "metrics")


def test_a_url_of_the_environment_never_gets_the_hosts_credential(resolve):
    asked = []

    def auth():
        asked.append(1)
        return "Authorization", "Bearer host"

    environ = {"TELEMETRY_SDK_STATSIG_URL": EVIL, "TELEMETRY_SDK_BUG_REPORT_URL": EVIL}
    endpoints, policy = resolve(environ, statsig_key=KEY, bug_report_auth=auth)
    assert "evil" not in endpoints.metrics.url
    assert endpoints.bug_reports is None
    assert "no URL in the layer that sets the credential" in why(policy, "bug_reports")
    endpoints, _ = resolve(environ, bug_report_url="https://bugs.example/r", bug_report_auth=auth)
    assert endpoints.bug_reports.host == "bugs.example"
    assert endpoints.bug_reports.auth is auth
    assert asked == []


def test_the_environments_url_gets_the_environments_token(resolve):
    environ = {"TELEMETRY_SDK_BUG_REPORT_URL": "https://bugs.example/r", "TELEMETRY_SDK_BUG_REPORT_TOKEN": "t0ken"}
    endpoints, policy = resolve(environ)
    assert endpoints.bug_reports.auth() == ("Authorization", "Bearer t0ken")
    assert endpoints.bug_reports.layer == "environment"
    assert "t0ken" not in f"{endpoints!r}{endpoints.bug_reports.auth!r}{endpoints.identity}{policy!r}"


@pytest.mark.parametrize("token", ["a b", "a\r\nX: y", "ü", "x" * 5000])
def test_a_token_that_cannot_be_a_header_turns_off(resolve, token):
    environ = {"TELEMETRY_SDK_BUG_REPORT_URL": "https://bugs.example/r", "TELEMETRY_SDK_BUG_REPORT_TOKEN": token}
    assert resolve(environ)[0].bug_reports is None


def test_an_auth_that_cannot_be_called_turns_off(resolve):
    endpoints, policy = resolve(bug_report_url="https://bugs.example/r", bug_report_auth="Bearer x")
    assert endpoints.bug_reports is None
    assert "not callable" in why(policy, "bug_reports")


@pytest.mark.parametrize("layer", ["managed", "user"])
@pytest.mark.parametrize("value", ["", None])
def test_settings_cancel_the_shells_variable(resolve, layer, value):
    environ = {"TELEMETRY_SDK_SENTRY_DSN": DSN}
    endpoints, policy = resolve(environ, **{layer: {"TELEMETRY_SDK_SENTRY_DSN": value}})
    assert endpoints.errors is None
    assert why(policy, "errors") == "off: no DSN is given"
    assert resolve(environ, **{layer: {"TELEMETRY_SDK_SENTRY_DSN": value}}, sentry_dsn=DSN)[0].errors.layer == "host"


def test_a_project_names_nothing(resolve):
    project = dict.fromkeys(ARGUMENTS, EVIL)
    endpoints, policy = resolve(project=project)
    assert (endpoints.metrics, endpoints.errors, endpoints.bug_reports) == (None, None, None)
    assert {reason.variable for reason in policy.ignored} == set(ARGUMENTS)


def test_the_identity_tells_destinations_apart_and_holds_no_secret(resolve):
    first = resolve(statsig_key=KEY, sentry_dsn=DSN)[0].identity
    assert first == resolve(statsig_key=KEY, sentry_dsn=DSN)[0].identity
    assert first != resolve(statsig_key="client-other", sentry_dsn=DSN)[0].identity
    assert first != resolve(statsig_key=KEY, sentry_dsn=DSN, statsig_url="https://x.example")[0].identity
    assert first == resolve({"HTTPS_PROXY": "http://proxy:1"}, statsig_key=KEY, sentry_dsn=DSN)[0].identity


# Proxies


def proxy_of(resolve, environ, **host):
    endpoints, policy = resolve(environ, **(host or {"statsig_key": KEY}))
    assert endpoints.metrics is not None, policy.explain()
    return endpoints.metrics.proxy


@pytest.mark.parametrize(
    ("value", "url", "credentials"),
    [
        ("http://proxy.example:3128", "http://proxy.example:3128", None),
        ("HTTP://Proxy.example:3128/", "http://proxy.example:3128", None),
        ("proxy.example:3128", "http://proxy.example:3128", None),
        ("http://proxy.example", "http://proxy.example:80", None),
        ("https://proxy.example", "https://proxy.example:443", None),
        ("socks5://10.0.0.1", "socks5://10.0.0.1:1080", None),
        ("socks5h://[fd00::1]:9050", "socks5h://[fd00::1]:9050", None),
        ("http://user:pass@proxy:1", "http://proxy:1", ("user", "pass")),
        ("user:pass@proxy:1", "http://proxy:1", ("user", "pass")),
        ("http://user@proxy:1", "http://proxy:1", ("user", "")),
        ("http://us%40er:p%3Aa%2Fs%25s%C3%A4@proxy:1", "http://proxy:1", ("us@er", "p:a/s%sä")),
        ("http://corp\\user:p@ss@proxy:1", "http://proxy:1", ("corp\\user", "p@ss")),
        ("  http://proxy:1 ", "http://proxy:1", None),
    ],
)
@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
def test_proxies_that_are_right(resolve, variable, value, url, credentials):
    proxy = proxy_of(resolve, {variable: value})
    assert (proxy.url, proxy.credentials) == (url, credentials)
    assert "pass" not in repr(proxy)
    assert "p@ss" not in repr(proxy)


UNUSABLE = [
    "http://",
    "ftp://proxy:1",
    "socks4://proxy:1",
    "http://proxy:99999",
    "http://proxy:x",
    "http://proxy/path",
    "http://proxy?x",
    "http://pro xy",
    "http://präxy",
    "http://user:%zz@proxy",
    "http://user:%ff@proxy",
    "http://user:%0a@proxy",
    "http://user:pa/ss@proxy",
    "http://user:pa#ss@proxy",
    "://proxy",
    "none",
    17,
]


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
@pytest.mark.parametrize("value", [value for value in UNUSABLE if value != "none"])
def test_an_unusable_proxy_means_nothing_is_sent(resolve, variable, value):
    host = {"statsig_key": KEY, "sentry_dsn": DSN, "bug_report_url": "https://bugs.example/r"}
    endpoints, policy = resolve({variable: value}, **host)
    assert (endpoints.metrics, endpoints.errors, endpoints.bug_reports) == (None, None, None)
    for service in policy.rows:
        assert f"{variable}: the proxy cannot be used" in policy.explain()
        assert not service.enabled
    assert "pa/ss" not in policy.explain()


def test_https_proxy_goes_before_all_proxy_and_lower_case_before_upper(resolve):
    environ = {"ALL_PROXY": "http://all:1", "HTTPS_PROXY": "http://upper:1", "https_proxy": "http://lower:1"}
    assert proxy_of(resolve, environ).url == "http://lower:1"
    assert proxy_of(resolve, {**environ, "https_proxy": " "}).url == "http://upper:1"
    assert proxy_of(resolve, {"ALL_PROXY": "http://all:1", "HTTPS_PROXY": ""}).url == "http://all:1"


def test_http_proxy_serves_no_https_url_and_an_unusable_one_is_a_warning(resolve):
    assert proxy_of(resolve, {"HTTP_PROXY": "http://proxy:1"}) is None
    endpoints, policy = resolve({"HTTP_PROXY": "garbage://"}, statsig_key=KEY)
    assert endpoints.metrics.proxy is None
    assert [warning for warning in policy.warnings if warning.startswith("HTTP_PROXY (environment) cannot be used")]
    assert resolve({"HTTP_PROXY": "garbage://", "REQUEST_METHOD": "GET"}, statsig_key=KEY)[1].warnings == ()


def test_the_proxy_that_applies_decides(resolve):
    """GNOME sets an unusable `all_proxy` beside a good `https_proxy`."""
    environ = {"all_proxy": "socks://127.0.0.1:1080/", "https_proxy": "http://proxy:3128/"}
    endpoints, policy = resolve(environ, statsig_key=KEY)
    assert endpoints.metrics.proxy.url == "http://proxy:3128"
    assert [warning for warning in policy.warnings if "all_proxy" in warning and "no destination" in warning]
    endpoints, policy = resolve({"all_proxy": "http://good:1", "https_proxy": "socks://bad:1"}, statsig_key=KEY)
    assert endpoints.metrics is None
    assert not any("all_proxy" in warning for warning in policy.warnings)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9000", "http://localhost:9000", "http://[::1]:9000", "https://localhost"]
)
@pytest.mark.parametrize("value", ["http://proxy:1", "garbage://"])
def test_loopback_never_goes_through_a_proxy(resolve, url, value):
    environ = {"HTTPS_PROXY": value, "HTTP_PROXY": value, "ALL_PROXY": value}
    assert proxy_of(resolve, environ, statsig_key=KEY, statsig_url=url) is None


@pytest.mark.parametrize(
    ("entries", "url", "direct"),
    [
        ("*", "https://api.example.com", True),
        ("example.com", "https://api.example.com", True),
        (".example.com", "https://api.example.com", True),
        ("*.example.com", "https://api.example.com", True),
        ("api.example.com", "https://api.example.com", True),
        ("API.EXAMPLE.COM", "https://api.example.com", True),
        ("a, b , example.com", "https://api.example.com", True),
        ("a b example.com", "https://api.example.com", True),
        ("example.com:443", "https://api.example.com", True),
        ("example.com:8443", "https://api.example.com", False),
        ("example.com:8443", "https://api.example.com:8443", True),
        ("ample.com", "https://api.example.com", False),
        ("api.example.com.evil", "https://api.example.com", False),
        ("", "https://api.example.com", False),
        (",.,", "https://api.example.com", False),
        ("10.0.0.0/8", "https://10.1.2.3", True),
        ("10.0.0.0/8", "https://11.1.2.3", False),
        ("10.0.0.0/8", "https://10.example.com", False),
        ("10.0.0.0/99", "https://10.1.2.3", False),
        ("10.1.2.3", "https://10.1.2.3", True),
        ("2001:db8::1", "https://[2001:db8::1]", True),
        ("[2001:db8::1]", "https://[2001:db8::1]", True),
        ("[2001:db8::1]:443", "https://[2001:db8::1]", True),
        ("2001:db8::/32", "https://[2001:db8::1]", True),
        ("2001:db8::/32", "https://10.1.2.3", False),
    ],
)
@pytest.mark.parametrize("variable", ["NO_PROXY", "no_proxy"])
def test_no_proxy(resolve, variable, entries, url, direct):
    environ = {"HTTPS_PROXY": "http://proxy:1", variable: entries}
    proxy = proxy_of(resolve, environ, statsig_key=KEY, statsig_url=url)
    assert (proxy is None) is direct


def test_no_proxy_exempts_a_host_from_an_unusable_proxy(resolve):
    environ = {"HTTPS_PROXY": "garbage://", "NO_PROXY": "statsigapi.net"}
    endpoints, policy = resolve(environ, statsig_key=KEY, sentry_dsn=DSN)
    assert endpoints.metrics.proxy is None
    assert endpoints.errors is None
    assert not policy.errors.enabled


def test_proxies_and_certificates_of_a_project_are_ignored(resolve):
    names = {
        "HTTPS_PROXY": "http://evil:1",
        "All_Proxy": "http://evil:1",
        "SSL_CERT_FILE": "/evil.pem",
        "NODE_EXTRA_CA_CERTS": "/evil.pem",
        "CLAUDE_CODE_CLIENT_CERT": "/evil.pem",
    }
    endpoints, policy = resolve(statsig_key=KEY, project=names)
    assert endpoints.metrics.proxy is None
    assert (endpoints.metrics.ca_file, endpoints.metrics.extra_ca_file) == (None, None)
    assert endpoints.metrics.client_certificate is None
    assert {reason.variable for reason in policy.ignored} == set(names)


def test_the_certificates_are_a_value(resolve):
    endpoints, _ = resolve({"SSL_CERT_FILE": "/etc/ca.pem"}, statsig_key=KEY, sentry_dsn=DSN)
    assert endpoints.metrics.ca_file == endpoints.errors.ca_file == "/etc/ca.pem"
    assert resolve({"SSL_CERT_FILE": ""}, statsig_key=KEY)[0].metrics.ca_file is None


# Proxies and certificates by layer


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "Https_Proxy"])
@pytest.mark.parametrize("layer", ["managed", "user"])
def test_proxies_of_trusted_settings_stand_over_the_environment(resolve, name, layer):
    environ = {"HTTPS_PROXY": "http://env:1", "https_proxy": "http://env:2"}
    assert (
        proxy_of(resolve, environ, statsig_key=KEY, **{layer: {name: "http://settings:1"}}).url == "http://settings:1"
    )


def test_one_managed_proxy_variable_replaces_all_others(resolve):
    environ = {"HTTPS_PROXY": "http://env:1", "NO_PROXY": "statsigapi.net"}
    user = {"HTTPS_PROXY": "http://user:1", "NO_PROXY": "statsigapi.net"}
    proxy = proxy_of(resolve, environ, statsig_key=KEY, user=user, managed={"ALL_PROXY": "http://managed:1"})
    assert proxy.url == "http://managed:1"
    assert proxy_of(resolve, environ, statsig_key=KEY, user={}, managed={"NO_PROXY": "x"}) is None
    assert proxy_of(resolve, environ, statsig_key=KEY, user=user, managed={"HTTPS_PROXY": ""}) is None


def test_user_settings_stand_over_the_environment_for_each_variable(resolve):
    environ = {"HTTPS_PROXY": "http://env:1", "NO_PROXY": "statsigapi.net"}
    assert proxy_of(resolve, environ, statsig_key=KEY, user={"HTTPS_PROXY": "http://user:1"}) is None
    assert proxy_of(resolve, environ, statsig_key=KEY, user={"NO_PROXY": "x"}).url == "http://env:1"
    assert proxy_of(resolve, {"HTTPS_PROXY": "http://env:1"}, statsig_key=KEY, user={"HTTPS_PROXY": ""}) is None


@pytest.mark.parametrize("value", ["garbage://", ["http://a:1"]])
def test_an_unusable_proxy_of_settings_names_its_file(resolve, value):
    endpoints, policy = resolve(statsig_key=KEY, user={"HTTPS_PROXY": value})
    assert endpoints.metrics is None
    (reason,) = policy.metrics.reasons
    assert (reason.layer, reason.variable) == ("user settings", "HTTPS_PROXY")
    assert reason.source.endswith("settings.json")


def test_a_lower_case_name_goes_first_within_a_layer(resolve):
    user = {"https_proxy": "http://lower:1", "HTTPS_PROXY": "http://upper:1"}
    assert proxy_of(resolve, {}, statsig_key=KEY, user=user).url == "http://lower:1"
    assert proxy_of(resolve, {}, statsig_key=KEY, user=dict(reversed(user.items()))).url == "http://lower:1"


def test_certificates_are_those_of_the_highest_layer(resolve):
    environ = {"SSL_CERT_FILE": "/env.pem", "SSL_CERT_DIR": "/env", "NODE_EXTRA_CA_CERTS": " /env-extra.pem "}
    found = resolve(environ, statsig_key=KEY)[0].metrics
    assert (found.ca_file, found.ca_dir, found.extra_ca_file) == ("/env.pem", "/env", "/env-extra.pem")
    found = resolve(environ, statsig_key=KEY, user={"SSL_CERT_DIR": "/user"})[0].metrics
    assert (found.ca_file, found.ca_dir, found.extra_ca_file) == (None, "/user", "/env-extra.pem")
    found = resolve(
        environ, statsig_key=KEY, user={"SSL_CERT_DIR": "/user"}, managed={"NODE_EXTRA_CA_CERTS": "/managed.pem"}
    )[0].metrics
    assert (found.ca_file, found.ca_dir, found.extra_ca_file) == (None, "/user", "/managed.pem")


CLIENT = {
    "CLAUDE_CODE_CLIENT_CERT": "/c.pem",
    "CLAUDE_CODE_CLIENT_KEY": "/k.pem",
    "CLAUDE_CODE_CLIENT_KEY_PASSPHRASE": "pa55",
}


@pytest.mark.parametrize(
    ("certificate", "endpoint", "offered"),
    [
        ("managed", "managed", True),
        ("managed", "host", True),
        ("managed", "environment", True),
        ("user", "user", True),
        ("user", "host", False),
        ("user", "environment", False),
        ("environment", "environment", True),
        ("environment", "host", False),
        ("environment", "managed", False),
    ],
)
def test_a_client_certificate_is_offered_where_its_layer_allows(resolve, certificate, endpoint, offered):
    args, kwargs = layered(**{endpoint: {"TELEMETRY_SDK_SENTRY_DSN": DSN}})
    environ = {**args[0], **(CLIENT if certificate == "environment" else {})}
    if certificate != "environment":
        kwargs[certificate] = {**kwargs.get(certificate, {}), **CLIENT}
    endpoints, policy = resolve(environ, **kwargs)
    found = endpoints.errors.client_certificate
    assert (found is not None) is offered
    assert any("is not offered to errors.example.com" in warning for warning in policy.warnings) is not offered
    if found:
        assert (found.cert_file, found.key_file, found.passphrase) == ("/c.pem", "/k.pem", "pa55")
    assert "pa55" not in f"{endpoints!r}{found!r}{policy!r}{policy.explain()}{policy.to_json()}"


def test_a_client_certificate_is_offered_to_an_https_proxy(resolve):
    proxy = proxy_of(resolve, {**CLIENT, "HTTPS_PROXY": "https://proxy:1"}, statsig_key=KEY)
    assert proxy.client_certificate.cert_file == "/c.pem"
    assert proxy_of(resolve, {**CLIENT, "HTTPS_PROXY": "http://proxy:1"}, statsig_key=KEY).client_certificate is None


def test_a_client_certificate_takes_key_and_passphrase_of_its_own_layer(resolve):
    environ = {"CLAUDE_CODE_CLIENT_KEY": "/env.pem", "CLAUDE_CODE_CLIENT_KEY_PASSPHRASE": "x"}
    endpoints, _ = resolve(environ, statsig_key=KEY, managed={"CLAUDE_CODE_CLIENT_CERT": "/c.pem"})
    found = endpoints.metrics.client_certificate
    assert (found.cert_file, found.key_file, found.passphrase) == ("/c.pem", None, None)


# Blanks, the development receiver


def test_blanks_around_keys_and_urls_are_stripped(resolve):
    environ = {
        "TELEMETRY_SDK_STATSIG_KEY": f" {KEY}\n",
        "TELEMETRY_SDK_SENTRY_DSN": f"\t{DSN} ",
        "TELEMETRY_SDK_BUG_REPORT_URL": " https://bugs.example/r\r\n",
        "TELEMETRY_SDK_BUG_REPORT_TOKEN": " t0ken ",
    }
    for args, kwargs in (((environ,), {}), (({},), {"user": environ})):
        endpoints, _ = resolve(*args, **kwargs)
        assert endpoints.metrics.key == KEY
        assert endpoints.errors.key == "0123abcd"
        assert endpoints.bug_reports.url == "https://bugs.example/r"
        assert endpoints.bug_reports.auth() == ("Authorization", "Bearer t0ken")


RECEIVER = "TELEMETRY_SDK_RECEIVER"


def test_the_development_receiver_replaces_every_endpoint_and_credential(resolve):
    endpoints, policy = resolve(
        {RECEIVER: "http://127.0.0.1:8123/T0ken_x", "HTTPS_PROXY": "http://proxy:1"},
        statsig_key=KEY,
        sentry_dsn=DSN,
        bug_report_url="https://bugs.example/r",
        bug_report_auth=lambda: ("Authorization", "host"),
        managed={"TELEMETRY_SDK_STATSIG_URL": "https://managed.example"},
    )
    assert endpoints.metrics.url == "http://127.0.0.1:8123/v1/log_event"
    assert endpoints.errors.url == "http://127.0.0.1:8123/api/1/envelope/"
    assert endpoints.bug_reports.url == "http://127.0.0.1:8123/v1/bug-reports"
    for endpoint in (endpoints.metrics, endpoints.errors, endpoints.bug_reports):
        assert (endpoint.receiver_token, endpoint.proxy, endpoint.loopback) == ("T0ken_x", None, True)
        assert "T0ken" not in f"{endpoint!r}"
    assert KEY not in endpoints.metrics.key
    assert endpoints.bug_reports.auth() == ("Authorization", "Bearer T0ken_x")
    assert "development receiver" in policy.explain()
    assert "T0ken" not in policy.explain() + str(policy.to_json())


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8123",
        "http://127.0.0.1:8123/",
        "http://127.0.0.1:8123/a/b",
        "http://127.0.0.1:8123/a.b",
        "http://127.0.0.1:8123/" + "a" * 129,
        "https://evil.example/token",
        "http://evil.example/token",
        "http://user@127.0.0.1:1/token",
        "1",
    ],
)
def test_a_development_receiver_that_is_not_one_turns_everything_off(resolve, url):
    endpoints, policy = resolve({RECEIVER: url}, statsig_key=KEY, sentry_dsn=DSN, bug_report_url="https://b.example/r")
    assert (endpoints.metrics, endpoints.errors, endpoints.bug_reports) == (None, None, None)
    assert all("http://127.0.0.1:PORT/TOKEN" in why(policy, row.name) for row in policy.rows)
    assert policy.withdrawn == ()


def test_an_opt_out_stands_over_the_development_receiver(resolve):
    environ = {RECEIVER: "http://127.0.0.1:8123/T0ken", "DISABLE_TELEMETRY": "1"}
    endpoints, _ = resolve(environ)
    assert endpoints.metrics is None
    assert endpoints.errors is not None


# Without the application


def test_without_the_application_nothing_is_guessed(resolve):
    endpoints, policy = resolve({"TELEMETRY_SDK_SENTRY_DSN": DSN}, application=False)
    assert policy.metrics.enabled
    assert policy.metrics.destination is None
    assert policy.errors.destination == "errors.example.com"
    assert endpoints.metrics is None


def test_without_the_application_an_unusable_proxy_is_reported(resolve):
    _, policy = resolve({"HTTPS_PROXY": "garbage://"}, application=False)
    assert not any(row.enabled for row in policy.rows)


def test_keys_never_show():
    endpoint = Endpoint(service="metrics", url="https://x/y", host="x", port=443, layer="host", key="client-k")
    assert "client-k" not in repr(endpoint)
    assert "pw" not in repr(Proxy(url="http://p:1", credentials=("u", "pw")))


PLAUSIBLE = r"https?://([a-z0-9_-]{1,8}\.){0,2}[a-z0-9]{1,4}\.?(:[0-9]{1,5})?(/[a-zA-Z0-9%._~!$&'()*+,;=:@-]{0,9}){0,3}"
TWISTED = r"https?://[a-z0-9.@:/\[\]%\\-]{0,30}"
SIX = r"https://\[[0-9a-f:.]{2,30}\](:[0-9]{1,5})?/"


@settings(max_examples=settings().max_examples * 5)  # 500; fewer with the profile `fast`
@given(st.text(max_size=40) | st.one_of([st.from_regex(r, fullmatch=True) for r in (PLAUSIBLE, TWISTED, SIX)]))
def test_whatever_passes_is_https_or_loopback_and_reads_the_same_elsewhere(text):
    """The independent reader is httpx's: what we accept it takes for the same host, port and path."""
    import httpx

    policy = resolve_policy({}, cwd="/", home="/nonexistent", managed="/nonexistent")
    endpoints, _ = resolve_endpoints(policy, {}, bug_report_url=text)
    if endpoints.bug_reports is None:
        return
    url = httpx.URL(endpoints.bug_reports.url)
    assert url.host == endpoints.bug_reports.host
    assert str(url) == endpoints.bug_reports.url
    assert url.userinfo == b""
    assert url.scheme == "https" or url.host in {"localhost", "::1"} or url.host.startswith("127.")


odd = (
    st.none() | st.text(max_size=30) | st.binary(max_size=9) | st.integers() | st.lists(st.text(max_size=3), max_size=2)
)
names = st.sampled_from(["HTTPS_PROXY", "http_proxy", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", *ARGUMENTS])
proxies = st.from_regex(
    r"(https?|socks5h?)://([a-z%0-9]{0,9}(:[a-z%0-9]{0,9})?@)?[a-z.0-9\[\]:]{0,12}/?", fullmatch=True
)


@settings(max_examples=settings().max_examples * 3)
@given(
    st.dictionaries(names, odd | proxies), st.fixed_dictionaries({}, optional=dict.fromkeys(ARGUMENTS.values(), odd))
)
def test_nothing_that_is_given_raises_and_what_is_on_has_an_endpoint(environ, host):
    policy = resolve_policy({}, cwd="/", home="/nonexistent", managed="/nonexistent")
    endpoints, resolved = resolve_endpoints(policy, environ, **host)
    for name in ("metrics", "errors", "bug_reports"):
        assert resolved.service(name).enabled is (getattr(endpoints, name) is not None)
    assert resolved.explain()
