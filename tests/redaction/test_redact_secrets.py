"""Secrets are redacted, all else is kept, in linear time, and JSON still parses."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import uuid

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from telemetry_sdk.redaction import redact_secrets, redact_structure, redact_text
from telemetry_sdk.redaction.rules import contexts

A, H, D = "aB3dE5gH7jK9mN1pQ3sT5vX7zA9cE1gI", "0123456789abcdef", "1234567890"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7bq\nq8+/x==\n-----END RSA PRIVATE KEY-----"
OPEN_PEM = f"-----BEGIN PRIVATE KEY-----\n{A * 2}\n{A * 2}"

# Samples are put together here, so that no scanner of repositories takes this file for a leak.
SAMPLES: list[tuple[str, str, str]] = [
    # kind, text, the part that must be gone
    ("digest", f'Authorization: Digest username="bob", response="{H * 2}"', H),
    ("pgpass", f"localhost:5432:app:joe:{A[:12]}", A[:12]),
    ("private-key", PEM, "MIIEpAIBAAKCAQEA7bq"),
    ("private-key", OPEN_PEM, A),
    ("putty-key", f"Private-Lines: 2\n{A}\n{A}", A),
    ("age-key", "AGE-SECRET-KEY-1" + "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L" * 2, "QPZRY9X8"),
    ("anthropic-key", f"sk-ant-api03-{A}_{A}-AA", A),
    ("openrouter-key", f"sk-or-v1-{A * 2}", A),
    ("openai-key", f"sk-{A}", A),
    ("openai-key", f"sk-proj-{A}_-{A}", A),
    ("aws-key-id", "AKIA" + "IOSFODNN7EXAMPL3", "IOSFODNN7"),
    ("aws-secret-key", f"aws secret: {A}abcd/+x9", f"{A}abcd"),
    ("aws-signature", f"https://x/?X-Amz-Signature={H * 4}", H),
    ("github-token", f"ghp_{A}abcd", A),
    ("github-token", f"github_pat_{A}_{A}", A),
    ("gitlab-token", f"glpat-{A[:20]}", A[:20]),
    ("slack-token", f"xoxb-{D}-{D}-{A}", A),
    ("slack-token", f"xapp-1-A{D}-{D}-{A}", A),
    ("slack-webhook", f"https://hooks.slack.com/services/T{D}/B{D}/{A}", A),
    ("discord-webhook", f"https://discord.com/api/webhooks/{D * 2}/{A * 2}", A),
    ("stripe-key", f"sk_live_{A}", A),
    ("stripe-webhook-secret", f"whsec_{A}", A),
    ("google-key", f"AIza{A}abc", A),
    ("google-oauth", f"GOCSPX-{A}", A),
    ("google-oauth", f"ya29.{A}", A),
    ("google-oauth", f"1//0{A}abc", A),
    ("npm-token", f"npm_{A}abcd", A),
    ("pypi-token", f"pypi-{A}{A}", A),
    ("huggingface-token", f"hf_{A}ab", A),
    ("sendgrid-key", f"SG.{A[:22]}.{A}", A[:22]),
    ("twilio-key", f"SK{H}{H}", H),
    ("shopify-token", f"shpat_{H}{H}", H),
    ("digitalocean-token", f"dop_v1_{H * 4}", H),
    ("vault-token", f"hvs.{A}", A),
    ("docker-token", f"dckr_pat_{A}", A),
    ("sentry-token", f"sntrys_{A}{A}", A),
    ("statsig-key", f"secret-{A}", A),
    ("statsig-key", f"console-{A}", A),
    ("telegram-token", f"{D}:AA{A}abc", A),
    ("telegram-token", f"https://api.telegram.org/bot{D}:AA{A}abc/sendMessage", A),
    ("telegram-token", f"{D}:AG{A}abc", A),
    ("jwt", f"eyJ{A}.eyJ{A}.{A}-_", A),
    ("sentry-dsn", f"https://{H}{H}@o1.ingest.sentry.io/42", H),
    ("url-credentials", "postgres://bob:s3cr3t@db.local:5432/x", "s3cr3t"),
    ("url-credentials", "https://bob:p@ss:w0rd@example.com/", "w0rd"),
    ("url-credentials", f"git clone https://{A}@github.com/a/b", A),
    ("url-signature", f"https://x.blob.core.windows.net/c?sv=1&sig={A}%3D", A),
    ("authorization", f"Authorization: Bearer {A.lower()}", A.lower()),
    ("authorization", "-H 'authorization: Basic dXNlcjpwYXNz'", "dXNlcjpwYXNz"),
    ("authorization", f"authorization: {A}", A),
    ("bearer", f"used bearer {A}", A),
    ("basic", "used Basic dXNlcjpwYXNzd29yZDEyMw==", "dXNlcjpw"),
    ("cookie", "Set-Cookie: sid=abc123; Path=/", "abc123"),
    ("curl-user", "curl -s -u bob:hunter2 https://example.com", "hunter2"),
    ("netrc", "machine x login bob password hunter2", "hunter2"),
    ("password", "my password is hunter2!", "hunter2"),
    ("password", "DB_PASSWORD=hunter2", "hunter2"),
    ("password", "export PGPASSWORD='it is long'", "it is long"),
    ("password", "\npassword: swordfish\n", "swordfish"),
    ("password", '{"password": "a\\"b c"}', "b c"),
    ("password", '{"password": 123456}', "123456"),
    ("password", "{'dbPassword': 'x y'}", "x y"),
    ("password", "Server=a;Pwd=hunter2;Uid=b", "hunter2"),
    ("password", "<password>hunter2</password>", "hunter2"),
    ("password", "mysql --password hunter2 -u x", "hunter2"),
    ("password", 'password: str = "hunter2"', "hunter2"),
    ("secret", '{"api_key": "abcd1234"}', "abcd1234"),
    ("secret", "\ntoken=abcd1234", "abcd1234"),
    ("secret", "\napi_key: abcd1234", "abcd1234"),
    ("secret", "client_secret=abcd1234&x=1", "abcd1234"),
    ("secret", "https://x/?access_token=abcd1234&y=2", "abcd1234"),
    ("secret", "//registry.npmjs.org/:_authToken=abcd1234", "abcd1234"),
    ("secret", f'x-api-key: "{A}"', A),
    ("secret", f"AccountKey={A}+/==;EndpointSuffix=x", A),
    ("secret", "AZURE_CLIENT_SECRET=aB~c.d_e-f1", "aB~c.d_e-f1"),
    ("command-password", "sshpass -p hunter2 ssh bob@host", "hunter2"),
    ("command-password", "openssl rsa -passin pass:hunter2", "hunter2"),
    ("password-hash", f"$2b$12${A}{A[:21]}", A),
    ("password-hash", f"bob:$6$salt${A}{A}:19000:0", A),
    ("password", '["login", "--password", "hunter2"]', "hunter2"),
    ("password", '{"name": "DB_PASSWORD", "value": "hunter2"}', "hunter2"),
    ("password", '{"value": "hunter2", "key": "DB_PASSWORD"}', "hunter2"),
    ("password", '<add key="DbPassword" value="hunter2"/>', "hunter2"),
    ("password", "https://x/?q=password%3Dhunter2%26y%3D1", "hunter2"),
    ("password", "https://x/?q=password%253Dhunter2%2526y%253D1", "hunter2"),
    ("url-credentials", "https%3A%2F%2Fbob%3As3cr3t%40host%2F", "s3cr3t"),
    ("secret", 'api_key = os.getenv("X") or "abcd1234"', "abcd1234"),
    ("password", 'password = """hunter2"""', "hunter2"),
    ("password", "[db]\npassword = '''hunter2'''", "hunter2"),
    ("password", '"password = b\\"\\"\\"hunter2\\"\\"\\""', "hunter2"),
    ("secret", "the secret key is abcd1234", "abcd1234"),
    ("github-token", f"ghp_{A[:16]}\x1b[31m{A[16:]}abcd", A[16:]),
    ("github-token", f"ghp_{A[:16]}\u200b{A[16:]}abcd", A[16:]),
    ("password", "pass\u2060word=hun\u00adter2", "ter2"),
    ("github-token", f"{'wrapped at sixty ' * 3} ghp_{A}\naBcd12", "aBcd12"),
    ("anthropic-key", f"{'wrapped at sixty ' * 3} sk-ant-api03-aB\n{A}", A),
    ("authorization-code", f"https://x.example/cb?code={A}&state=1", A),
    ("query-key", f"https://maps.example/js?key={A}", A),
    ("jwk", f'{{"kty": "oct", "k": "{A}"}}', A),
    ("url-credentials", f"https://{A}:x-oauth-basic@github.com/a/b", A),
    ("command-password", "\njdbc:oracle:thin:scott/hunter2@//db:1521/x", "hunter2"),
    ("command-password", "\ndocker login -u bob -p hunter2 reg.io", "hunter2"),
    ("command-password", "\n7z a -phunter2 a.7z dir", "hunter2"),
    ("command-password", "\nzip -r -P hunter2 a.zip dir", "hunter2"),
    ("command-password", "\nopenssl enc -aes-256-cbc -k hunter2 -in x", "hunter2"),
    ("command-password", "\nhtpasswd -b f bob hunter2", "hunter2"),
    ("command-password", "\nmysql -u bob -phun,te(r)2`;9 db", "te(r)2`;9"),
    ("command-password", "\nmc alias set n http://x:9000 AK9 hunter2", "hunter2"),
    ("command-password", "\necho hunter2 | sudo -S ls", "hunter2"),
    ("command-password", "IDENTIFIED BY 'hunter2'", "hunter2"),
    ("command-password", "smtp.login('me', 'hunter2')", "hunter2"),
    ("netrc", "machine h password hunter2 login bob", "hunter2"),
    ("password-hash", f"bob:$apr1$abcdefgh${A[:22]}", A[:22]),
    ("password-hash", f"pbkdf2_sha256$390000$abcdefgh${A}", A),
    ("password-hash", f"userPass {{SSHA}}{A}", A),
    ("new-relic-key", f"{H}{H}{H[:4]}NRAL", H),
    ("azure-key", f"{A}{A}{A[:12]}+AStabcdef==", A),
    ("defined-networking-key", f"dnkey-{A}-{A}", A),
    ("42-secret", f"s-s4t2ud-{H * 4}", H),
    ("vault-token", f"s.{A[:24]}", A[:24]),
    ("scaleway-key", "SCW" + "A1B2C3D4E5F6G7H8J", "D4E5F6"),
    ("tailscale-key", f"tskey-auth-{A}", A),
    ("hubspot-token", f"pat-na1-{uuid.UUID(int=7 << 90)}", str(uuid.UUID(int=7 << 90))),
    ("resend-key", f"re_{A[:8]}_{A[:24]}", A[:24]),
    ("razorpay-key", f"rzp_live_{A[:14]}", A[:14]),
    ("contentful-token", f"CFPAT-{A}{A}", A),
    ("mercadopago-token", f"APP_USR-{D}-{A}", A),
    ("trello-token", f"ATTA{H * 4}{H[:8]}", H),
    ("e2b-key", f"e2b_{H * 2}{H[:8]}", H),
    ("firecrawl-key", f"fc-{H * 2}", H),
    ("aws-session-token", f"IQoJb3JpZ2luX2Vj{A}{A}", A),
    ("private-key", f"LS0tLS1CRUdJTi{A}{A}", A),
    ("token", f"acme_live_{A}{A[:4]}", A),
    ("facebook-token", f"app {D}12345|{A}", A),
    ("salesforce-token", f"sid 00D{A[:12]}!{A}.{A}_{A}", A),
    ("azure-key", f"https://git&{D}12&{A}{A}{A}==", A),
    ("secret", f"X-Acme-Key: {H}{H}", H),
    ("secret", f"acme.api.key = {H}{H}", H),
    ("square-token", f"EAAA{A}{A[:28]}", A),
    ("twitter-token", f"{'A' * 22}bc%2B{A}%3D{A}", A),
    ("secret-key", f"sk_app_{A}", A),
]

KEPT = [
    "secrets: inherit",
    '{"token":"function_name_12","logprob":-0.1}',
    "password: !vault |",
    "Token::Ident(x)",
    hashlib.sha256(b"x").hexdigest(),
    hashlib.md5(b"x").hexdigest(),
    f"commit {hashlib.sha1(b'x').hexdigest()}",
    str(uuid.UUID(int=7 << 90)),
    "data:image/png;base64," + base64.b64encode(bytes(range(256)) * 40).decode(),
    "token = self.token",
    "password=args.password, token=get_token()",
    'api_key=os.environ["API_KEY"]',
    "max_tokens=4096, input_tokens: 512, token_count=3",
    '{"token": " the", "logprob": -0.1}',
    '{"next_page_token": "abcdefgh1"}',
    "def f(password: str, token: Token | None) -> str:",
    "if (password !== null) {",
    "Enter your password: then click",
    "PWD=/home/x OLDPWD=/tmp",
    "https://example.com:8080/@scope/pkg?a=1",
    "git@github.com:owner/repo.git",
    "ssh://git@example.com:22/x",
    "SECRET=${SECRET} TOKEN=$TOKEN PASSWORD=<password>",
    "Authorization: Bearer $TOKEN",
    "the secret key = value; basic understanding of bearer bonds",
    "task-abcdefghijklmnopqrstuvwxyz0123456789",
    "primary_key=id, cache_key: user, keyboard=us",
    '{"msg": "enter password:", "x": 1}',
    "a cookie: chocolate",
    "[redacted:github-token] password=[redacted:password]",
    "Keyword: secretary; tokens: 12, passes: 3",
    "req_011CSHoEeqs5C35K2UUqR7Fy toolu_01A09q90qw90lq917835lq9",
    "the next token is 'the' and the key is pressed",
    "mysql -u bob -p && docker run -p 8080:80",
    "https://example.com/a%20b?x=%7B%22y%22%3A1%7D",
    "a \x1b[31mred\x1b[0m word and a\u200bnother",
    "empty " + base64.b64encode(bytes(60) + bytes(range(0, 256, 3)) + bytes(90)).decode(),
    f"script-src 'nonce-{A}'",
    f"{'AAAA/' * 8}EAAA\n{A}",
    f"cs_test_{A}{A[:26]}",
    "X-Cache-Key: /a/b1/c2/d3/e4 X-Request-Id: 0123456789abcdef",
    "integrity sha512-" + base64.b64encode(hashlib.sha512(b"x").digest()).decode(),
]


@pytest.mark.parametrize(("kind", "text", "gone"), SAMPLES)
def test_secret_is_replaced_by_a_mark(kind: str, text: str, gone: str):
    before, after = "before, ", "\nafter"
    clean, counts = redact_text(before + text + after)
    assert gone not in clean
    assert f"[redacted:{kind}]" in clean
    assert counts == {kind: 1}
    assert clean.startswith(before)
    assert clean.endswith(after)


@pytest.mark.parametrize(("kind", "text", "gone"), SAMPLES)
@pytest.mark.parametrize("depth", [1, 2, 3, 5])
def test_secret_in_json_text_is_redacted_and_the_text_parses(kind: str, text: str, gone: str, depth: int):
    document: object = {"a": ["x", f"x\n{text}\ty"], "b": 1}
    for _ in range(depth):
        document = json.dumps(document)
    clean: object = redact_secrets(str(document))
    for _ in range(depth):
        clean = json.loads(str(clean))
    assert isinstance(clean, dict)
    assert clean["b"] == 1
    assert gone not in clean["a"][1]


@pytest.mark.parametrize("password", ['a"b', "a\\", '\\"', "a'b`c", 'x"', 'a\\\\"b\\', "a, b: {c}", "\n\u00e9\t", '"}'])
@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_quoted_value_is_redacted_whole_and_its_neighbours_are_kept(password: str, depth: int):
    clean: object = {"before": '"\\', "password": password, "after": '\\"'}
    for _ in range(depth):
        clean = json.dumps(clean)
    clean = redact_secrets(str(clean))
    for _ in range(depth):
        clean = json.loads(str(clean))
    assert clean == {"before": '"\\', "password": "[redacted:password]", "after": '\\"'}


@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize("key", ["password", "password\\", "password\\\\", 'password"'])
def test_redacted_json_number_gets_a_quoted_mark(key: str, depth: int):
    clean: object = {key: 123456, "after": 1}
    for _ in range(depth):
        clean = json.dumps(clean)
    clean = redact_secrets(str(clean))
    for _ in range(depth):
        clean = json.loads(str(clean))
    assert clean in ({key: "[redacted:password]", "after": 1}, {key: 123456, "after": 1})
    assert (key != "password") or "123456" not in str(clean)


@pytest.mark.parametrize("text", ["\npm_", "\r8_", "\nhf_", "\bearer "])
def test_redaction_keeps_json_escapes_whole(text: str):
    """The n of an escaped line break is not the n of `npm_`."""
    (clean,) = json.loads(redact_secrets(json.dumps(["x" + text + "a1" * 30])))
    assert clean.startswith("x" + text[0])


@pytest.mark.parametrize("text", KEPT)
def test_text_without_secrets_is_kept(text: str):
    assert redact_text(text) == (text, {})
    assert redact_structure({"a": [text]}) == ({"a": [text]}, {})
    assert redact_text(json.dumps([text])) == (json.dumps([text]), {})


def test_every_kind_in_a_context_has_a_sample():
    assert {row[0] for row in (*contexts.BLOCKS, *contexts.ROWS)} <= {kind for kind, _, _ in SAMPLES}


@pytest.mark.parametrize(
    "after", ["src/app2.py", "2026-11-24 10:44", "version2", "Next line 3", "getX2(1)", "A1b_name=1", "X2y: 1"]
)
def test_token_ends_before_the_next_line(after: str):
    text = f"{'a line that is long ' * 3} ghp_{A}abcd\n{after}"
    assert redact_secrets(text).endswith(f"[redacted:github-token]\n{after}")


def test_structure_is_redacted_by_its_keys():
    value = {
        "password": "x",
        "nested": [{"apiKey": "abcd1234", "pin_password": 12345, "ok": True}],
        "headers": {"Cookie": "sid=1", "Authorization": "abcd"},
        "env": [{"name": "DB_PASSWORD", "value": "hunter2"}, {"name": "HOME", "value": "/root"}],
        "api_keys": ["abcd1", "abcd2"],
        "max_tokens": 100,
        "token": "word",
        "password_hint": {"type": "string"},
    }
    clean, counts = redact_structure(value)
    assert clean == {
        "password": "[redacted:password]",
        "nested": [{"apiKey": "[redacted:secret]", "pin_password": "[redacted:password]", "ok": True}],
        "headers": {"Cookie": "[redacted:secret]", "Authorization": "[redacted:secret]"},
        "env": [{"name": "DB_PASSWORD", "value": "[redacted:password]"}, {"name": "HOME", "value": "/root"}],
        "api_keys": ["[redacted:secret]", "[redacted:secret]"],
        "max_tokens": 100,
        "token": "word",
        "password_hint": {"type": "string"},
    }
    assert counts == {"password": 3, "secret": 5}


def test_two_secret_keys_stay_two_keys():
    clean, counts = redact_structure({f"ghp_{A}abcd": 1, f"ghp_{A}abce": 2})
    assert clean == {"[redacted:github-token]": 1, "[redacted:github-token]#2": 2}
    assert counts == {"github-token": 2}


def test_structure_below_the_depth_limit_is_replaced_whole():
    value: object = "hunter2"
    for _ in range(900):
        value = [value]
    clean, counts = redact_structure(value)
    assert counts == {"too-deep": 1}
    assert "hunter2" not in json.dumps(clean)


FRAGMENTS = st.sampled_from(
    [
        *('"', "'", "\\", "\n", "{", "}", "[", "]", ":", ",", "=", " ", "/", "@", "&", "-", ">", "<", "`", "\t"),
        *("password", "PASSWORD=", "token: ", "api_key", "secret", "--token ", "Bearer ", "cookie: a=", "://", "sig="),
        *(
            "Authorization",
            "basic ",
            "login ",
            "curl -u a:b",
            "-----BEGIN PRIVATE KEY-----",
            "[redacted:jwt]",
            "\u0130",
        ),
        *(
            "**",
            "|",
            " | ",
            "(",
            ")",
            "\n  ",
            "\r\n",
            ": |\n ",
            "ENV ",
            "hunter2x9",
            "пароль",
            "setPassword",
            "secretstr(",
        ),
        *("<key>", "</key>", "<string>", "name", "value", "mnemonic: a b c", "contrase\u00f1a", "''", "or ", "was "),
        *(
            "\\npm_",
            "\\\\",
            '\\"',
            "is ",
            "1234",
            "x" * 20,
            "\u00e9",
            "\U0001f600",
            "ghp_",
            "-----END PRIVATE KEY-----",
        ),
    ]
)
TEXTS = st.lists(FRAGMENTS | st.text(max_size=6), max_size=14).map("".join)
VALUES = st.recursive(
    TEXTS | st.integers() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES, st.integers(1, 3))
@example({"-----BEGIN PRIVATE KEY-----": [10**15, "-----END PRIVATE KEY-----"]}, 1)
def test_redacted_json_text_parses(value: object, depth: int):
    text = value
    for _ in range(depth):
        text = json.dumps(text, indent=1 if depth == 2 else None)
    clean: object = redact_secrets(str(text))
    for _ in range(depth - 1):
        clean = json.loads(str(clean))
        assert isinstance(clean, str)
    json.loads(str(clean))


PAIRED = st.sampled_from(
    [
        *("name=", "value=", "name", "value", "key: ", '"PASSWORD"', "'PASSWORD'", "PASSWORD", '"', "'", '\\"', " "),
        *(",", ":", "hunter2", 'name="PASSWORD" value=', "name='PASSWORD' value='", '"value":"', "\n"),
    ]
)
PAIRED_TEXTS = st.lists(PAIRED, max_size=8).map("".join)


@given(st.dictionaries(PAIRED_TEXTS, PAIRED_TEXTS, max_size=4), st.integers(1, 3))
@example({"a": 'name="PASSWORD" value=', "b": ""}, 1)
@example({"a": 'name="PASSWORD" value="', "b": '"x'}, 1)
@example({"a": "name='PASSWORD' value='", "b": "'x"}, 1)
@example({"name": "PASSWORD", "value=": "x"}, 1)
def test_redacted_json_text_of_names_and_values_parses(value: dict[str, str], depth: int):
    text: object = value
    for _ in range(depth):
        text = json.dumps(text)
    clean: object = redact_secrets(str(text))
    for _ in range(depth):
        clean = json.loads(str(clean))
    assert isinstance(clean, dict)


def test_closing_quote_of_json_opens_no_value():
    text = json.dumps({"a": 'name="PASSWORD" value=', "b": ""})
    assert redact_text(text) == (text, {})


@given(TEXTS)
def test_redaction_of_text_is_idempotent(text: str):
    clean = redact_secrets(text)
    assert redact_text(clean) == (clean, {})


@given(VALUES)
@example({'-----BEGIN PRIVATE KEY-----"': "://=sig="})
def test_redaction_of_a_structure_is_idempotent_and_keeps_its_shape(value: object):
    clean, _ = redact_structure(value)
    assert redact_structure(clean) == (clean, {})
    assert json.dumps(clean).count("[") >= json.dumps(value).count("[") - str(value).count("[")


PLANTS = [(text, gone) for _, text, gone in SAMPLES if text.isprintable()]


@given(st.sampled_from(PLANTS), st.text(max_size=30), st.text(max_size=30), st.data())
def test_planted_secret_never_survives(plant, before: str, after: str, data: st.DataObject):
    text, gone = plant
    value: object = f"{before} {text}\n{after}"
    for _ in range(data.draw(st.integers(0, 5))):
        wrap = data.draw(st.sampled_from(["list", "dict", "text"]))
        value = [value, 1] if wrap == "list" else {"k": value} if wrap == "dict" else json.dumps(value)
    clean, counts = redact_structure(value)
    assert counts
    assert gone not in json.dumps(clean)


ATTACKS = [
    *("a.", "eyJ", "eyJa.eyJ", "sk-ant-", "-----BEGIN PRIVATE KEY-----", "password=", 'password="', "'password': '"),
    *(
        "://a:",
        "://",
        "https://a",
        "Bearer ",
        "Authorization: ",
        "\\",
        '\\"',
        'token": \\"',
        '\\\\\\"',
        " ",
        "\n",
        "=",
        "-",
    ),
    *(
        "Cookie: a=",
        "login a password ",
        "curl ",
        "aws_",
        "token is ",
        "SG.a",
        "secret: \\n",
        "key",
        "--token ",
        "<token>",
    ),
    *(
        "password" + " " * 7,
        "Private-Lines: 1\n",
        "-----BEGIN PRIVATE KEY-----\n" + "A" * 64 + "\n",
        "1",
        "A",
        "x_",
        "a-",
    ),
]


@pytest.mark.large
@pytest.mark.timeout(60)
@pytest.mark.parametrize("attack", ATTACKS)
def test_redaction_time_is_bounded(attack: str):
    """Half a megabyte takes a moment in linear time, most of an hour in quadratic time: then the limit ends it."""
    text = attack * (500_000 // len(attack))
    clean, counts = redact_text(text)
    assert (clean == text) == (not counts)


@pytest.mark.large
def test_long_inputs_lose_their_secrets_wherever_they_are():
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    words = ["the", "quick", "token", "key", "fox", "{", "}", '"', "\\n", "password", H]
    pieces = [chance.choice(words) for _ in range(200_000)]
    for place in chance.sample(range(len(pieces)), 50):
        pieces[place] = f"ghp_{A}abcd"
    clean, counts = redact_text(" ".join(pieces))
    assert A not in clean
    assert sum(counts.values()) >= 50
