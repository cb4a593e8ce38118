"""Names that give a secret away, and the shape that a value must have where a name is also one of harmless things.

Names are common in code (`token = self.token`, `max_tokens`, `"token": " the"`), so values are judged, too (`values`).
"""

from __future__ import annotations

import re
from functools import lru_cache

MARK = "[redacted:"
LEAST = 4  # characters of a secret that is no password; digits of a PIN

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_LONGEST_NAME = 96  # characters looked at
_SUFFIXES = frozenset(
    (
        *("prod", "production", "dev", "test", "staging", "live", "base", "default"),
        *("value", "raw", "plain", "plaintext", "b64", "base64"),
    )
)
_STRONG = (
    *("password", "passwd", "passphrase", "passcode", "passwort", "kennwort", "contraseña", "contrasena"),
    *("пароль", "密码", "密碼", "パスワード"),
)
_PASSWORDS = frozenset(  # words that say it alone, and no other word ends with them
    ("psk", "pw", "bindpw", "rootpw", "requirepass", "masterauth", "senha", "mnemonic", "otp", "pin")
)
_ALSO_HARMLESS = frozenset(("auth", "sessionid", "phpsessid"))  # mostly a way to log in, a number of rows
SHORT_NAMES = frozenset(("pass", "pwd"))  # alone they are counts and directories, too
_PHRASES = (
    ["access", "key", "id"],
    ["mot", "de", "passe"],
    ["seed", "phrase"],
    ["recovery", "phrase"],
    ["connection", "string"],
    ["pin", "code"],
    ["verification", "code"],
    ["key", "material"],
    ["pass", "word"],
    ["pass", "phrase"],
)
_WORDS_IN_FRONT = frozenset(("existing", "public", "publickey"))  # of names of secrets, and of what is none
_NO_PASSES = ("bypass", "compass", "trespass", "surpass", "overpass", "underpass", "subpass", "renderpass")
_GLUED = (
    *("apikey", "secretkey", "accesskey", "privatekey", "authkey", "authtoken", "accesstoken"),
    *("refreshtoken", "sessiontoken", "idtoken", "clientsecret", "bearertoken", "authtok", "identitytoken"),
    *("middlewaretoken", "csrftoken", "apitoken", "bottoken", "devicetoken", "usertoken", "secretid"),
)
_KEYS = frozenset(
    (
        *("api", "access", "secret", "private", "account", "signing", "encryption", "decryption", "master"),
        *("auth", "shared", "admin", "deploy", "ssh", "service", "subscription", "webhook", "license", "hmac"),
        *("app", "anon", "role", "fernet", "preshared", "recovery", "unseal", "security"),
        *("ingestion", "ingest", "application", "write", "search", "monitoring", "consumer", "integration", "routing"),
    )
)
_NOT_TOKENS = frozenset(  # cursors, and the marks of language models
    (
        *("next", "page", "max", "min", "pad", "eos", "bos", "unk", "sep", "mask", "cls", "stop"),
        *("start", "end", "special", "continuation"),
    )
)
_NOT_KEYS = frozenset(
    (
        *("", "public", "pub", "primary", "foreign", "cache", "sort", "partition", "object", "group", "host", "verify"),
        *("idempotency", "dedupe", "message", "unique", "natural", "index", "row", "map", "dict", "lookup"),
    )
)
INNER_NAMES = (  # of the value in an object that has the secret's name: `{"password": {"value": "…"}}`
    *("value", "data", "secret", "plain", "plaintext", "current", "text", "string", "stringValue", "S"),
)
_HEADERS = {"authorization", "proxy_authorization", "cookie", "set_cookie"}

_MADE = re.compile(  # by a generator: small and capital letters and digits; no digest, no id, no name of code
    r"(?=[^0-9]*+[0-9])(?=[^a-z]*+[a-z])(?=[^A-Z]*+[A-Z])[A-Za-z0-9+/_-]{16,4096}+={0,2}"
)
_WITH_DIGITS = re.compile(r"(?=[^0-9]*+[0-9])[0-9A-Za-z-]{4,32}+")
_DIGITS = re.compile(r"[0-9]{4,12}")
_RANDOM = re.compile(
    r"(?!.*[a-z]{5})(?=(?:[^0-9]*+[0-9]){2})(?=(?:[^A-Z]*+[A-Z]){3})[A-Za-z0-9]{16,}"
)  # base64 that ends in `Pw`


@lru_cache(maxsize=512)  # a text has few names, and says them often
def secret_name(name: str) -> str | None:
    """Return the kind of secret that a thing of this name holds, `password` or `secret`, or None."""
    parts = _parts(name)
    if "_".join(parts) in _HEADERS:
        return "secret"
    last, before = _ending(parts)
    if (parts[:1] and parts[0] in _WORDS_IN_FRONT) or parts[:2] == ["sec", "websocket"] or _RANDOM.fullmatch(name):
        return None
    if last.endswith(_STRONG) or last in _PASSWORDS or _is_short(last, before):
        return "password"
    return "secret" if _is_secret(last, before) or _is_phrase(parts) else None


@lru_cache(maxsize=512)
def is_weak(name: str) -> bool:
    """Whether a name is one of other things, too: `pass` alone, `userpass`."""
    last, _ = _ending(_parts(name))
    return name.lower() in SHORT_NAMES or (last.endswith("pass") and last not in SHORT_NAMES)


def _is_short(last: str, before: str) -> bool:
    """Tell whether a name ends with `pass` or `pwd`, and with a word before it: `db_pass`, `remotepass`."""
    if last in SHORT_NAMES:
        return before not in {"", "old"}
    return last.endswith("pass") and last not in _NO_PASSES


def words_of_name(name: str) -> list[str]:
    """Return the words of a name, in small letters: `dbPassword2` has `db` and `password`."""
    return list(_parts(name))


@lru_cache(maxsize=512)
def is_phrase(name: str) -> bool:
    """Whether a value of this name is a row of words."""
    return _parts(name)[-1:] in (["mnemonic"], ["phrase"], ["passphrase"], ["psk"])


def _parts(name: str) -> list[str]:
    """Return the words of a name, without what says nothing at its end."""
    parts = [part for part in re.sub(r"[-. ]", "_", _CAMEL.sub("_", name[-_LONGEST_NAME:])).lower().split("_") if part]
    while parts and (parts[-1] in _SUFFIXES or parts[-1].isdecimal()):
        parts.pop()
    return parts


def _ending(parts: list[str]) -> tuple[str, str]:
    """Return the last word, in the singular, and the one before it; "" where there is none."""
    before, last = ["", "", *parts][-2:]
    return last if last.endswith("ss") or last == "tokens" else last.removesuffix("s"), before


def _is_phrase(parts: list[str]) -> bool:
    return parts[-3:] in _PHRASES or parts[-2:] in _PHRASES


def _is_secret(last: str, before: str) -> bool:
    if last == "key":
        return before not in _NOT_KEYS
    if last == "token":
        return before not in _NOT_TOKENS
    if last == "pat":  # a personal access token
        return before in {"ext", "devops", "github", "gitlab", "gh", "azure", "access", "git"}
    return last in {"secret", "credential"} or last in _ALSO_HARMLESS or last.endswith(_GLUED)


@lru_cache(maxsize=512)
def shape_of_value(name: str) -> re.Pattern[str] | None:
    """Return the shape that a value must have under a name that is also one of harmless things; None: any."""
    last, before = _ending(_parts(name))
    if last == "pin" or (before, last) == ("pin", "code"):
        return _DIGITS
    if last == "otp" or (before, last) == ("verification", "code"):
        return _WITH_DIGITS
    if last in _ALSO_HARMLESS:
        return _MADE
    is_header = name[:2] in {"x-", "X-"} and before not in {"request", "cache", "surrogate"}
    return _MADE if last == "key" and before not in _KEYS and not is_header else None
