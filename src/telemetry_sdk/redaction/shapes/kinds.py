"""The table of secrets that their surroundings give away, and of those with a shape of their own."""

from __future__ import annotations

import re

from .patterns import AT_QUOTE, EDGE, EDGE_BEHIND_ONE, MIXED, NOT_DONE, QUOTE, Kind, edge_before, kind

_PEM = r"[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
_PEM_LINES = r"(?:(?:\s|\\{1,16}+[nrt]){1,8}+[ \t>|\u2192:0-9]{0,12}[A-Za-z0-9+/=]{20,4096}+){1,512}+"
_PEM_LISTED = (  # each line a string of a list, or of a sum; whole strings go, so that the list still parses
    r"(?:(?:\\{1,16}+n)?\\{0,15}[\"'](?:,|[ ]?\+)?\s{0,32}\\{0,15}[\"'][A-Za-z0-9+/=]{20,4096}+){1,512}+"
    r"(?!(?:\\{1,16}+n)?\\{0,15}[\"']\s{0,8}:)"
)
_NO_PASSWORD = (  # what stands in its place
    rf"{NOT_DONE}(?!(?:(?i:password|passwd|pass|pwd|secret)|[xX]{{3,16}}|\*{{2,16}}|\$\{{?[A-Za-z_]{{1,64}}\}}?|\{{[\w.]{{0,64}}\}})@)"
)
_SLASHES = r":(?://|\\{1,8}/\\{1,8}/)"  # JSON may write / as \/
_QUOTE = rf"{QUOTE}?"
_NETRC = rf"\s{{1,8}}[^\s\"\\]{{1,128}}\s{{1,8}}password\s{{1,8}}{NOT_DONE}(?P<secret>(?!\$)[^\s\"'\\<>]{{1,256}})"
# The private members of a key (RFC 7518, 6.2.2, 6.3.2, 6.4.1): long values of names that are short.
_JWK = rf"(?:(?<=\")|(?<='))(?:dp|dq|qi|[dpqk]){_QUOTE}\s{{0,4}}:\s{{0,4}}{_QUOTE}{NOT_DONE}"
_NO_NUMBER = (
    r"(?!-?[0-9][0-9.]{0,64}(?:[eE][+-]?[0-9]{1,32})?(?![\w~/=:.+-]))"  # a number in JSON takes no mark without quotes
)
_SCHEME = (
    r"(?i:Bearer|Basic|Token(?:[ \t]token=)?|Negotiate|(?:X-)?Api-?(?:Key|Token)|GenieKey|Bot|SSWS|OAuth|JWT|Key"
    r"|[a-z]{2,16}-(?:api-?)?(?:auth-?)?(?:key|token|oauthtoken)|Splunk|PVEAPIToken)"
)

# A border that stands seldom within base64; within it, behind a sign, any short row of letters is found.
_BASE64 = r"(?:(?<![A-Za-z0-9+/_\\-])|(?<=\\[bfnrt])|(?<=%[0-9A-F]{2}))"
_AZURE = (  # a checksum's mark near the end of the key
    rf"{_BASE64}[A-Za-z0-9+/_-]{{40,80}}(?:AzFu|ACDb|\+ASt|AzSe|AzCa|AIoT|\+ABa|\+ACR)[A-Za-z0-9+/_-]{{5,8}}"
    r"(?:={1,2}|(?![A-Za-z0-9+/_-]))"
)

BLOCKS: tuple[Kind, ...] = (
    kind(
        "private-key",
        "private",
        rf"-----BEGIN {_PEM}(?:(?:[^\"-]|-(?!----)){{0,16384}}+-----END {_PEM}|{_PEM_LINES}|{_PEM_LISTED})",
    ),
    kind("putty-key", "private-lines", rf"Private-Lines: \d{{1,4}}(?P<secret>{_PEM_LINES})"),
)

IN_CONTEXT: tuple[Kind, ...] = (
    kind(
        "aws-secret-key",
        "aws",
        r"(?i:aws[a-z_ ]{0,32}+)\W{1,8}(?<![A-Za-z0-9+/=])(?![0-9A-Fa-f]{40}(?![A-Za-z0-9+/=]))"
        r"(?P<secret>[A-Za-z0-9+/]{40}(?![A-Za-z0-9+/=]))",
    ),
    kind(
        "sentry-dsn",
        "://",
        rf"https?{_SLASHES}(?P<secret>[0-9a-f]{{32}}(?::[0-9a-f]{{32}})?)@[A-Za-z0-9.-]{{1,255}}",
    ),
    kind(
        "url-credentials",
        ":x-oauth-",
        rf"{_SLASHES}{NOT_DONE}(?P<secret>[A-Za-z0-9_-]{{16,255}}):x-oauth-",
    ),
    kind(
        "url-credentials",
        "://",
        rf"{_SLASHES}{NOT_DONE}[^\s\"'\\/@:<>]{{0,256}}:{_NO_PASSWORD}"
        r"(?P<secret>[^\s\"'\\/<>]{1,512})@",
    ),
    kind(
        "url-credentials",
        "http",
        rf"https?{_SLASHES}{NOT_DONE}(?P<secret>[^\s\"'\\/@:<>]{{16,512}})@[A-Za-z0-9-]{{1,63}}[.:/]",
    ),
    kind("digest", "digest", rf"response={QUOTE}?(?P<secret>[0-9a-f]{{32,128}})"),
    kind(  # a line of .pgpass
        "pgpass",
        ":5432: :5433: :6432: :*:",
        r"(?:(?<![^\s\"'])|(?<=\\[nrt]))[\w.*-]{1,255}:(?:\d{2,5}|\*):[\w*-]{1,64}:[\w.@*-]{1,64}:"
        rf"{NOT_DONE}(?P<secret>[^\s\"'\\]{{4,256}})",
    ),
    kind(  # Go's writing
        "url-credentials",
        "@tcp @unix",
        rf"(?<![^\s\"'`=(])[\w.-]{{1,64}}:{NOT_DONE}(?P<secret>[^\s\"'\\:@]{{1,128}})@(?:tcp|unix)\(",
    ),
    kind(
        "authorization",
        "authorization",
        rf"(?i:authorization){_QUOTE}\s{{0,8}}[:=,]\s{{0,8}}{_QUOTE}{_SCHEME}\s{{1,8}}{NOT_DONE}"
        r"(?P<secret>[^\s\"'\\,;)<>{$][^\s\"'\\<>]{3,})",
    ),
    kind(
        "authorization",
        "authorization",
        rf"(?i:authorization){_QUOTE}\s{{0,8}}[:=,]\s{{0,8}}{_QUOTE}{NOT_DONE}"
        rf"{_NO_NUMBER}(?P<secret>(?=[A-Za-z._~+/=:-]{{0,64}}[0-9])[A-Za-z0-9._~+/=:-]{{12,}}+)(?![(\[])",
    ),
    kind(
        "bearer",
        "bearer",
        rf"(?i:bearer)\s{{1,8}}{NOT_DONE}(?P<secret>(?=[^\s\"'\\]{{0,200}}[0-9])[A-Za-z0-9._~+/=-]{{12,}})",
    ),
    kind(
        "basic",
        "basic",
        rf"(?i:basic)\s{{1,8}}{NOT_DONE}(?P<secret>(?=[A-Za-z+/]{{0,200}}[0-9])[A-Za-z0-9+/]{{12,}}={{0,2}})",
    ),
    kind(
        "cookie",
        "cookie",
        rf"(?i:cookie){_QUOTE}:\s{{0,8}}{_QUOTE}{NOT_DONE}"
        r"(?P<secret>[A-Za-z0-9!#$%&*+.^_|~-]{1,256}=(?!;)[^\r\n\"'\\]{1,8192})",
    ),
    kind(
        "curl-user",
        "curl",
        rf"(?:\s-u|\s--user)[ =][\"']?{NOT_DONE}(?!\d{{1,8}}:\d{{1,8}}\b|[^\s\"'\\:]{{1,128}}:\$)"
        r"(?P<secret>[^\s\"'\\:]{1,128}:[^\s\"'\\]{1,128})",
    ),
    kind("netrc", "login", "login" + _NETRC),
    kind("netrc", "machine", "machine" + _NETRC),
    kind(
        "authorization-code",
        "code=",
        rf"code=(?<=[?&]code=){NOT_DONE}(?P<secret>(?=[A-Za-z_/.%-]{{0,64}}[0-9])(?=[0-9_/.%-]{{0,64}}[A-Za-z])[\w/.%-]{{16,512}})",
    ),
    kind(
        "query-key",
        "key=",
        rf"key=(?<=[?&]key=){NOT_DONE}(?P<secret>(?=[A-Za-z_-]{{0,64}}[0-9])(?=[0-9_-]{{0,64}}[A-Za-z])[\w-]{{24,512}})",
    ),
    kind(  # an application's id and its secret: literal first, since the sign is common
        "facebook-token",
        "|",
        r"\|(?:(?<=(?<![0-9])[0-9]{15}\|)|(?<=(?<![0-9])[0-9]{16}\|))"
        rf"(?P<secret>{MIXED}[A-Za-z0-9_-]{{27,40}})(?![A-Za-z0-9_-])",
    ),
    kind(
        "salesforce-token",
        "!",
        r"!(?:(?<=(?<![A-Za-z0-9])00[A-Za-z0-9]{13}!)|(?<=\\[bfnrt]00[A-Za-z0-9]{13}!))(?P<secret>[A-Za-z0-9_.]{80,})",
    ),
    kind("azure-key", "&", r"&(?<=git&)[0-9]{12}&(?P<secret>[A-Za-z0-9+/]{80,}={0,2})"),
    kind("password-hash", "sha}", r"\{S?SHA(?:256|384|512)?\}(?P<secret>[A-Za-z0-9+/]{20,}={0,2})"),
    Kind("jwk", (" kty ",), re.compile(rf"{_JWK}(?P<secret>[A-Za-z0-9+/=_-]{{16,2048}}+){AT_QUOTE}", re.ASCII)),
)

# As tokens, these are looked for in long runs of characters; their border is checked last, since it costs most.
SHAPES: tuple[Kind, ...] = (
    kind(
        "slack-webhook",
        "hooks.slack.com",
        r"hooks\.slack\.com/(?:services|workflows|triggers)/(?P<secret>[A-Za-z0-9_/-]{20,})",
    ),
    kind(
        "teams-webhook",
        "webhook.office.com",
        r"webhook\.office\.com/webhookb2/(?P<secret>[A-Za-z0-9@/-]{36,}(?:/[A-Za-z0-9/-]{8,})?)",
    ),
    kind("discord-webhook", "api/webhooks/", r"/api/webhooks/(?P<secret>\d{15,25}/[A-Za-z0-9_-]{40,})"),
    kind("telegram-token", ":A", rf"(?:{EDGE}|(?<=/bot))\d{{5,16}}:A[A-Za-z0-9_-]{{33,}}"),
    kind(
        "jwt",
        "eyJ ewo",
        rf"(?:eyJ|ewo){edge_before(3, 'A-Za-z0-9_-')}[A-Za-z0-9_-]{{8,}}+={{0,2}}+\."
        r"(?:(?:eyJ|ewo)[A-Za-z0-9_-]{4,}+(?:={0,2}\.[A-Za-z0-9_-]{0,4096}+){0,3}+"
        # one that is encrypted, or whose content is no JSON; a signed session's middle is a time
        r"|[A-Za-z0-9_-]{0,4096}+\.[A-Za-z0-9_-]{16,4096}+(?:\.[A-Za-z0-9_-]{0,4096}+){0,2}+)",
    ),
    kind(
        "jwt",
        ".ey",
        rf"ey{edge_before(2, 'A-Za-z0-9_-')}{MIXED}[A-Za-z0-9_-]{{16,}}+\.ey{MIXED}[A-Za-z0-9_-]{{16,}}+"
        r"(?:\.[A-Za-z0-9_-]{0,4096}+={0,2}+)?",
    ),
    kind("url-signature", "sig=", r"[?&;]sig=(?P<secret>[A-Za-z0-9%/+=_-]{20,})"),
    kind(
        "aws-signature",
        "mz- ignature=",
        r"(?i:X-Amz-(?:Signature|Credential|Security-Token)|Signature)=(?P<secret>[A-Za-z0-9%/+=_~-]{24,})",
    ),
    kind(
        "password-hash",
        "$",
        r"\$(?:2[abxy]?\$\d\d\$[./A-Za-z0-9]{50,}|(?:[156789y]|apr1|gy)\$[^\s\"'\\:<>]{16,}|[PS]\$[./A-Za-z0-9]{31,}"
        r"|(?:argon2i?d?|scrypt|pbkdf2(?:-sha\d{1,3})?)\$[^\s\"'\\:<>]{20,})",
    ),
    kind(
        "password-hash",
        "pbkdf2 scrypt",
        r"(?:pbkdf2_sha\d{1,3}\$\d{1,8}\$|pbkdf2:sha\d{1,3}:\d{1,8}\$|scrypt:\d{1,8}:\d{1,3}:\d{1,3}\$)"
        r"[A-Za-z0-9./_-]{1,64}\$[A-Za-z0-9+/=]{16,}",
    ),
    kind("azure-key", "AzFu ACDb +ASt AzSe AzCa AIoT +ABa +ACR", _AZURE),
    kind(
        "new-relic-key",
        "NRAL -NRMA",
        EDGE + r"(?:(?:[0-9a-fA-F]{36}|[a-z]{2,3}\d\dxx[0-9a-fA-F]{30})NRAL"
        r"|(?:AA[0-9a-f]{40}|[a-z]{2,3}\d\dxx[0-9a-f]{36})-NRMA)(?![A-Za-z0-9])",
    ),
    kind(
        "yandex-token",
        "t1.",
        EDGE + r"t1\.[A-Za-z0-9_-]{8,64}={0,2}\.[A-Za-z0-9_-]{80,}",
    ),
    kind("azure-secret", "Q~", EDGE + r"[A-Za-z0-9_~.]{3}\dQ~[A-Za-z0-9_~.-]{31,}"),
    kind("azure-devops-token", "AZDO", rf"[A-Za-z0-9]{EDGE_BEHIND_ONE}[A-Za-z0-9]{{75}}AZDO[A-Za-z0-9]{{4}}"),
    kind("terraform-token", ".atlasv1.", EDGE + r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{56,}"),
    kind("firebase-token", ":APA91b", r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{8,64}:APA91b[A-Za-z0-9_-]{100,}"),
    kind(  # an image's empty pixels are such rows too
        "twitter-token",
        "A" * 10,
        rf"{_BASE64}A{{20,23}}(?!A)(?:(?=[A-Za-z0-9]{{0,60}}%)[A-Za-z0-9%]{{40,}}"
        rf"|(?![A-Za-z0-9]{{0,100}}AAA){MIXED}[A-Za-z0-9]{{78,104}}(?![A-Za-z0-9+/=]))",
    ),
    kind("harness-token", "pat. sat.", EDGE + r"(?:pat|sat)\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9]{24}\.[A-Za-z0-9]{20}"),
    kind("tableau-token", "==:", EDGE + r"[A-Za-z0-9+/]{22}==:[A-Za-z0-9]{32}(?![A-Za-z0-9])"),
    kind("airtable-token", ".v1.", r"\.v1\.(?P<secret>[A-Za-z0-9_-]{16,256}+\.[0-9a-f]{32,})"),
    kind("stripe-client-secret", "_secret_", rf"_secret_(?P<secret>{MIXED}[A-Za-z0-9]{{20,}}(?![A-Za-z0-9_]))"),
    kind(
        "dropbox-token",
        "A" * 10,
        rf"{_BASE64}[A-Za-z0-9]{{11}}A{{10}}(?![A-Za-z0-9]{{0,40}}AAA)[A-Za-z0-9_=-]{{43}}(?![A-Za-z0-9+/=_-])",
    ),
    kind(
        "webhook",
        "hooks.zapier.com .tines.com/ softlayer.com/",
        r"(?:hooks\.zapier\.com/hooks/catch/|\.tines\.com/webhook/|\.softlayer\.com/soap/v3(?:\.1)?/)"
        r"(?P<secret>[A-Za-z0-9/_-]{12,256})",
    ),
    kind(
        "authress-key",
        ".acc",
        EDGE + r"(?:sc|ext|scauth|authress)_[A-Za-z0-9]{5,30}\.[A-Za-z0-9]{4,6}\.acc[_-][A-Za-z0-9-]{10,32}"
        r"\.[A-Za-z0-9+/_=-]{30,120}",
    ),
    kind("maxmind-key", "_mmk", EDGE + r"[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk"),
    kind("1password-key", "A3-", EDGE + r"A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(?:-[A-Z0-9]{5}){3}"),
)
