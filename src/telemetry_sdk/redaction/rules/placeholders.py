"""Values that stand for a secret, or that code and forms write in its place.

A row: a pattern that must match all of the value, and a value that stays.
"""

from __future__ import annotations

# fmt: off
PLACEHOLDERS: tuple[tuple[str, str], ...] = (
    (r"[*•.xX_?-]{3,64}|[*•._?-]{1,2}|[\w-]{0,8}\*{4,64}\w{0,8}", "********"),
    (r"(?i:[a-z]{2,12}[_-]){1,3}(?:[xX]{6,64}|\*{3,64}|0{6,64})", "ghp_xxxxxxxxxxxx"),
    (r"<[^<>]{0,64}>|\[[A-Za-z ]{1,24}\]|\[redacted:[a-z0-9-]{1,40}\]", "<password>"),
    (r"[\w-]{0,8}(?:\.{3}|\u2026)|\?.{0,64}", "abcd..."),
    (r"--?[a-z][a-z-]{0,32}", "--password-stdin"),
    (r"(?i:your|my|insert|put|enter|replace|change|add|set)(?:[-_](?i:[a-z]{1,16})){1,6}(?<=(?i:me|re|se|ey|en|rd|et|ue))",
     "MY_API_KEY_HERE"),
    (r"[a-z]{2,16}_in=\d{1,10}", "expires_in=3600"),
    # variables and templates
    (r"\$[A-Za-z_]\w{0,64}|%[A-Za-z_]{1,64}%|@{1,2}[A-Za-z_.]{1,64}@{1,2}|:'?[a-z_]{1,64}'?", "$PASSWORD"),
    (r"\$?\{{1,2}(?![^{}]{0,64}:[-=][^$}])[^{}]{0,64}\}{1,2}|[$(]?\([^()]{0,64}\){1,2}", "${{ secrets.X }}"),
    (r"%\(?\w{0,64}\)?[sdrv]|!(?:[A-Za-z_]{2,16}|vault.{0,3})", "%(word)s"),
    # types, pointers, bytes, exclamations
    (r"(?:Optional|Union|Literal|[Ll]ist|[Dd]ict)\[.{1,64}\]", "Optional[str]"),
    (r"0x[0-9A-Fa-f]{1,8}|(?:\\{1,8}x[0-9a-f]{2}){1,4}|[A-Za-z]{1,16}!", "0x7f3a"),
    # files, references, rules of forms
    (r"[\w./~-]{1,200}\.(?:pem|key|crt|cer|p12|pfx|jks|json|ya?ml|txt|env)", "certs/server.key"),
    (r"[a-z_]{1,16}:/.{1,200}|arn:.{1,200}|required\|.{1,200}", "vault:/kv/app"),
    (
     (r"(?i:none|null|nil|true|false|undefined|required|optional|yes|no|on|off|todo|changeme|env|file|text|hidden"
      r"|str|string|bytes|int|integer|number|bool|boolean|any|object|secretstr|unknown|include|omit|same-origin"
      r"|inherit|read|write|admin|your[-_ ].{0,64})"), "changeme"),
)
# fmt: on
