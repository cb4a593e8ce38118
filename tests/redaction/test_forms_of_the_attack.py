"""Forms of named values that an attacker wrote who had not seen the rules; each with passwords and tokens."""

from __future__ import annotations

import json
import random
import string

import pytest

from telemetry_sdk.redaction import redact_structure, redact_text

from ..corpus.plants import seed

ROUNDS = 3
FORMS = (
    "spring.datasource.password={}",
    "password ||= '{}'",
    "const {{ password = '{}' }} = cfg",
    '$env:DB_PASSWORD = "{}"',
    "SET PASSWORD FOR 'x'@'%' = PASSWORD('{}')",
    "CREATE USER bob WITH PASSWORD '{}';",
    "kubectl create secret generic x --from-literal=password={}",
    "kubectl create secret generic x --from-literal=api-key='{}'",
    "aws configure set aws_secret_access_key {}",
    "git remote add o https://oauth2:{}@gitlab.com/a/b.git",
    "wget --password={} https://x",
    "wget --http-password '{}' https://x",
    "psql 'host=h user=b password={} dbname=x'",
    "mysql -u root -p'{}' db",
    'curl -H "X-Auth-Token: {}" https://x',
    "curl -H 'PRIVATE-TOKEN: {}' x",
    "http POST x 'Authorization: Token {}'",
    "ansible_become_pass: {}",
    "ANSIBLE_SSH_PASS={}",
    'smtp_pass = "{}"',
    "<connectionString>Server=x;Password={};</connectionString>",
    "jdbc:mysql://h/x?user=a&password={}&useSSL=true",
    "jdbc:postgresql://h/x?user=a&password={}",
    "amqps://guest:{}@mq:5671/",
    "Login failed for user bob with password '{}'",
    "password is set to: {}",
    "PASS: {}",
    "PIN/password = {}",
    'echo "{}" | docker login -u bob --password-stdin',
    "ssh-keygen -P '{}'",
    "gpg --passphrase {} -d x",
    "gpg --batch --passphrase '{}' x",
    "openssl enc -aes-256-cbc -pass pass:{}",
    "vault kv put secret/x password={}",
    "heroku config:set API_SECRET={}",
    "fly secrets set API_SECRET={}",
    "terraform apply -var 'db_password={}'",
    "-Dkeystore.password={}",
    "--set auth.password={}",
    "helm install x --set-string postgresql.auth.password={}",
    'docker run -e "MYSQL_ROOT_PASSWORD={}" mysql',
    "ENV SECRET_KEY {}",
    "x-api-key: {}",
    "'api-key' => '{}'",
    "apiKey: `{}`",
    'token := "{}"',
    'let token: &str = "{}";',
    'private static final String PASSWORD = "{}";',
    '#define WIFI_PASSWORD "{}"',
    "password\t{}",
    "Password\n--------\n{}\n",
    "user,password\nbob,{}\n",
    "[default]\naws_secret_access_key = {}\n",
    "machine h\n  login bob\n  password {}\n",
    ".env: SECRET={}",
    'My password: "{}".',
    "my pwd was {} before",
    "mot de passe : {}",
    "contraseña: {}",
    "Kennwort lautet {}",
    "(password {})",
    "password -> {}",
    "password => {}",
    "password: >-\n  {}\n",
    "- password: |\n    {}\n",
    "Authorization: Bearer {}",
    "bearer_token={}",
    "Set-Cookie: session={}; HttpOnly",
    "document.cookie = 'sid={}'",
    "refresh_token: {}",
    '{{\\"refresh_token\\": \\"{}\\"}}',
    "otpauth://totp/x?secret={}&issuer=y",
    "WIFI:S:net;T:WPA;P:{};;",
    "sftp://bob:{}@host/path",
    "ftp://bob:{}@host",
    "redis-cli -u redis://:{}@h",
    "mongodb+srv://bob:{}@c.mongodb.net/x",
)


def planted(chance: random.Random) -> list[str]:
    """Return a password and a token; each has a digit, as a generator's have."""
    signs = string.ascii_letters + string.digits + "!#%^*"
    password = "".join(chance.choices(signs, k=chance.randint(9, 17))) + "7"
    return ["x" + password, "".join(chance.choices(string.ascii_letters + string.digits, k=35)) + "7"]


@pytest.mark.parametrize("form", FORMS)
def test_value_in_a_form_of_the_attack_is_redacted(form: str):
    number = seed()
    print(f"CORPUS_SEED={number}")
    chance = random.Random(number)
    for secret in [secret for _ in range(ROUNDS) for secret in planted(chance)]:
        text = form.format(secret)
        assert secret not in redact_text(text)[0]
        assert secret not in json.loads(redact_text(json.dumps({"a": text}))[0])["a"]
        assert secret not in redact_structure({"role": "user", "content": text})[0]["content"]
