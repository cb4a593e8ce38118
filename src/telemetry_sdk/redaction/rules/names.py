"""Names that give a secret away: the words that they are made of. `names.lookup` applies them.

Names are common in code (`token = self.token`, `max_tokens`, `"token": " the"`), so values are judged, too.
"""

from __future__ import annotations

# What a name is found by in a text: a keyword, which the words of the text must hold, and the pattern of the word.
SEARCHED: tuple[tuple[str, str], ...] = (
    *((word, word) for word in ("pass", "pw", "secret", "token", "key", "credential", "psk", "kennwort")),
    *((word, word) for word in ("contrase", "senha", "mnemonic", "phrase", "sessid", "sessionid", "authtok")),
    *((word, rf"{word}(?![a-z])") for word in ("auth", "otp", "pin")),
    ("string", "connection_?string"),
    ("cookies", "cookies(?![a-z])"),
    ("_pat", "(?<=_)pat(?![a-z])"),
    ("passe", "mot[ _-]de[ _-]passe"),
    ("verification", "verification[ _-]code"),
)
SEARCHED_NOT_ASCII = ("пароль", "密码", "密碼", "パスワード")
WORDS_BEFORE = (  # a blank between: `API key`, `seed phrase`
    *("api", "access", "secret", "private", "auth", "account", "unseal", "signing", "encryption", "master"),
    *(
        "seed",
        "recovery",
        "pin",
        "admin",
        "application",
        "storage",
        "ingestion",
        "service",
        "webhook",
        "shared",
        "license",
    ),
)
NEED_A_WORD_BEFORE = frozenset(("key", "phrase", "code"))

# Passwords. A name may end with one of the first; the others must be its last word.
PASSWORD_ENDINGS = (
    *("password", "passwd", "passphrase", "passcode", "passwort", "kennwort", "contraseña", "contrasena"),
    *SEARCHED_NOT_ASCII,
)
PASSWORDS = frozenset(("psk", "pw", "bindpw", "rootpw", "requirepass", "masterauth", "senha", "mnemonic", "otp", "pin"))
SHORT_NAMES = frozenset(("pass", "pwd"))  # alone they are counts and directories, too
NO_PASSES = ("bypass", "compass", "trespass", "surpass", "overpass", "underpass", "subpass", "renderpass")

# Other secrets: a last word, an ending, the last words, a whole name.
SECRETS = frozenset(("secret", "credential"))
ALSO_HARMLESS = frozenset(("auth", "sessionid", "phpsessid"))  # mostly a way to log in, a number of rows
SECRET_ENDINGS = (
    *("apikey", "secretkey", "accesskey", "privatekey", "authkey", "authtoken", "accesstoken"),
    *("refreshtoken", "sessiontoken", "idtoken", "clientsecret", "bearertoken", "authtok", "identitytoken"),
    *("privkey", "middlewaretoken", "csrftoken", "apitoken", "bottoken", "devicetoken", "usertoken", "secretid"),
)
PHRASES = frozenset(
    (
        *("access key id", "mot de passe", "seed phrase", "recovery phrase", "connection string", "pin code"),
        *("verification code", "key material", "pass word", "pass phrase"),
    )
)
HEADERS = frozenset(("authorization", "proxy authorization", "cookie", "cookies", "set cookie"))
PERSONAL_TOKENS = frozenset(("ext", "devops", "github", "gitlab", "gh", "azure", "access", "git"))  # before `pat`

# Before `key` and `token`: of secrets, whatever the value; of what is none.
SECRET_KEYS = frozenset(
    (
        *("api", "access", "secret", "private", "account", "signing", "encryption", "decryption", "master"),
        *("auth", "shared", "admin", "deploy", "ssh", "service", "subscription", "webhook", "license", "hmac"),
        *("priv", "prv", "app", "anon", "role", "fernet", "preshared", "recovery", "unseal", "security"),
        *("ingestion", "ingest", "application", "write", "search", "monitoring", "consumer", "integration", "routing"),
    )
)
NO_KEYS = frozenset(
    (
        *("", "public", "pub", "primary", "foreign", "cache", "sort", "partition", "object", "group", "host", "verify"),
        *("idempotency", "dedupe", "message", "unique", "natural", "index", "row", "map", "dict", "lookup"),
    )
)
NO_TOKENS = frozenset(  # cursors, and the marks of language models
    (
        *("next", "page", "max", "min", "pad", "eos", "bos", "unk", "sep", "mask", "cls", "stop"),
        *("start", "end", "special", "continuation"),
    )
)
NO_KEY_HEADERS = frozenset(("request", "cache", "surrogate"))  # `X-Request-Key` needs a random value

FIRST_WORDS_OF_OTHERS = frozenset(("existing", "public", "publickey"))  # of names of secrets, and of what is none
SUFFIXES = frozenset(  # say nothing at the end of a name
    (
        *("prod", "production", "dev", "test", "staging", "live", "base", "default"),
        *("value", "raw", "plain", "plaintext", "b64", "base64"),
    )
)
ASKING = frozenset(  # the first words of calls that look for a secret, and take none
    (
        *("get", "load", "read", "fetch", "find", "has", "is", "require", "resolve", "lookup", "parse", "check"),
        *("delete", "remove", "revoke", "env", "next", "expect", "match", "validate", "verify", "hash", "generate"),
    )
)
INNER_NAMES = (  # of the value in an object that has the secret's name: `{"password": {"value": "…"}}`
    *("value", "data", "secret", "plain", "plaintext", "current", "text", "string", "stringValue", "S"),
)
COOKIE_KEYS = frozenset(
    ("httponly", "samesite", "hostonly", "storeid", "partitionkey")
)  # of an object that is a cookie
