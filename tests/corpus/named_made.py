"""Names that give a value away, in the writing of many programs, and harmless lines that speak of the same names."""

from __future__ import annotations

WEAK = ("hunter2x9", "Zq7-kEp!x", "s3cr3tVal")  # only the name tells that they are secrets
MADE = "aB3dE5gH7jK9mN1pQ3sT5vX7"  # what a generator gives

NAMED = (
    "psk={}",
    "wpa_psk={}",
    "bindpw: {}",
    'ldap_pw = "{}"',
    "masterauth: {}",
    '{{"user": "b", "pass": "{}"}}',
    "{{'pwd': '{}'}}",
    "Kennwort: {}",
    "passwort={}",
    "mot_de_passe: {}",
    "contraseña: {}",
    "senha={}",
    "пароль: {}",
    "密码: {}",
    "パスワード: {}",
    "root_pw={}",
    'connection_string = "{}"',
)
NAMED_KEYS = (
    "STRIPE_KEY={}",
    "SUPABASE_KEY='{}'",
    "SERVICE_ROLE_KEY={}",
    "ANON_KEY: {}",
    "FERNET_KEY={}=",
    "DATADOG_APP_KEY={}",
    "storageKey: '{}'",
    "PresharedKey = {}=",
    "recovery_key: {}",
    "_auth={}=",
    "NPM_AUTH={}",
    '{{"auths": {{"x": {{"auth": "{}="}}}}}}',
    "sessionid={}",
)
HARMLESS = (
    "cache_key=user_12345678_profile_v2",
    "primary_key=True, foreign_key='accounts.id'",
    "public_key: MIIBIjANBgkqhkiG9w0BAQEF",
    "KeyError: 'name'",
    "storageKey: 'my-app-theme-v2'",
    "auth: basic",
    "auth=None, pin: 13",
    "requests.get(url, auth=HTTPBasicAuth(user, word))",
    '{"pass": true, "fail": 3}',
    '{"PWD": "/home/bob/src"}',
    "pin = board.pins[3]",
    "key: value",
    "session_id: 123e4567-e89b-42d3-a456-426614174000",
    "the password is required",
    "if password is None:",
    "token = next(tokens)",
    "passwordField.getText()",
    "api_key: ${{ secrets.X }}",
)
