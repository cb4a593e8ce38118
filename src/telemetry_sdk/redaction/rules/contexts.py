"""Secrets that the text around them gives away: key blocks, URLs, headers, hashes.

The keywords of a row are in lower case (`␣`: a blank).
"""

from __future__ import annotations

from .rule import BEFORE_QUOTE, MIXED, NOT_REDACTED, QUOTE, Row

_PEM = r"[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?"
_NO_PASSWORD = (  # what stands in its place
    rf"{NOT_REDACTED}(?!(?:(?i:password|passwd|pass|pwd|secret)|[xX]{{3,16}}|\*{{2,16}}|\$\{{?[A-Za-z_]{{1,64}}\}}?"
    r"|\{[\w.]{0,64}\})@)"
)
_SLASHES = r":(?://|\\{1,8}/\\{1,8}/)"  # JSON may write / as \/
_OPENED = rf"{QUOTE}?"
_NETRC = rf"\s{{1,8}}[^\s\"\\]{{1,128}}\s{{1,8}}password\s{{1,8}}{NOT_REDACTED}(?P<secret>(?!\$)[^\s\"'\\<>]{{1,256}})"
# The private members of a key (RFC 7518, 6.2.2, 6.3.2, 6.4.1): long values of names that are short.
_JWK = rf"(?:(?<=\")|(?<='))(?:dp|dq|qi|[dpqk]){_OPENED}\s{{0,4}}:\s{{0,4}}{_OPENED}{NOT_REDACTED}"
_NO_NUMBER = (
    r"(?!-?[0-9][0-9.]{0,64}(?:[eE][+-]?[0-9]{1,32})?(?![\w~/=:.+-]))"  # a number in JSON takes no mark without quotes
)
_SCHEME = (
    r"(?i:Bearer|Basic|Token(?:[ \t]token=)?|Negotiate|(?:X-)?Api-?(?:Key|Token)|GenieKey|Bot|SSWS|OAuth|JWT|Key"
    r"|[a-z]{2,16}-(?:api-?)?(?:auth-?)?(?:key|token|oauthtoken)|Splunk|PVEAPIToken)"
)

# What begins and ends a key, whose lines stand between; the rest of a row as in `Rule`.
# fmt: off
BLOCKS: tuple[Row, ...] = (
    ("private-key",
     rf"-----BEGIN {_PEM}-----|---- BEGIN SSH2 {_PEM} ----", rf"-----END {_PEM}-----|---- END SSH2 {_PEM} ----",
     "-----BEGIN PRIVATE KEY-----\n<64>\n<20>==\n-----END PRIVATE KEY-----",
     "-----BEGIN PRIVATE KEY----- begins a key"),
    ("putty-key", r"Private-Lines: \d{1,4}(?!\d)", r"Private-(?:MAC|Hash):", "Private-Lines: 2\n<64>\n<64>",
     "Private-Lines: 2 or more"),
    ("private-key",  # in base64, on several lines; its end is on a line with the key's last bytes
     r"LS0tLS1CRUdJTi[A-Za-z0-9+/]{40,114}+(?![A-Za-z0-9+/=])", r"(?!)",
     "LS0tLS1CRUdJTi<40>\n<64>\n<64>", "LS0tLS1CRUdJTi begins one"),
)
ROWS: tuple[Row, ...] = (
    ("aws-secret-key", "aws",
     (r"(?i:aws[a-z_ ]{0,32}+)\W{1,8}(?<![A-Za-z0-9+/=])(?![0-9A-Fa-f]{40}(?![A-Za-z0-9+/=]))"
      r"(?P<secret>[A-Za-z0-9+/]{40}(?![A-Za-z0-9+/=]))"),
     "aws secret: <40>", "aws commit: <40x>"),
    ("sentry-dsn", "://", rf"https?{_SLASHES}(?P<secret>[0-9a-f]{{32}}(?::[0-9a-f]{{32}})?)@[A-Za-z0-9.-]{{1,255}}",
     "https://<32x>@o1.ingest.sentry.io/42", "https://o1.ingest.sentry.io/<32x>"),
    ("url-credentials", ":x-oauth-", rf"{_SLASHES}{NOT_REDACTED}(?P<secret>[A-Za-z0-9_-]{{16,255}}):x-oauth-",
     "https://<32>:x-oauth-basic@github.com/a/b", "https://bob:x-oauth-basic"),
    ("url-credentials", "://",
     rf"{_SLASHES}{NOT_REDACTED}[^\s\"'\\/@:<>]{{0,256}}:{_NO_PASSWORD}(?P<secret>[^\s\"'\\/<>]{{1,512}})@",
     "postgres://bob:s3cr3t@db.local:5432/x", "postgres://bob:${PASSWORD}@db.local:5432/x"),
    ("url-credentials", "://",  # a slash in the password: no port, and a host behind it
     (rf"{_SLASHES}{NOT_REDACTED}[^\s\"'\\/@:<>.]{{0,64}}:(?!\d{{1,5}}/){_NO_PASSWORD}(?P<secret>[^\s\"'\\<>@/]{{0,256}}"
      r"/[^\s\"'\\<>@]{0,256})@(?=[A-Za-z0-9-]{1,63}(?:[.:/]|(?![^\s\"'\\<>])))"),
     "postgres://bob:s3/cr3t@db.local:5432/x", "http://localhost:8080/files@2x/logo"),
    ("password", "pwd= password=",  # ODBC writes a value in braces, and a brace in it twice
     (rf"(?i:pwd|password)=\{{{NOT_REDACTED}(?P<secret>(?!(?!{MIXED}\w{{12}})[A-Za-z_][\w.]{{0,64}}[A-Za-z_]\}})(?=(?:[^{{}}\"'\\]|\}}\}}){{0,64}}[0-9!@#$%^&*;=~])"
      r"[^{}\"'\\\n]{1,128}(?:\}\}[^{}\"'\\\n]{0,64}|\{[^{}\"'\\\n]{0,64}){0,4})\}(?=;|(?![^\s\"'\\]))"),
     "Driver={x};PWD={hun;ter2};", "PWD={password};UID={user}"),
    ("password", "wifi:",  # as a QR code holds it
     rf"(?i:wifi):(?:[STHsth]:[^;\"'\\\n]{{0,64}};){{1,3}}[Pp]:{NOT_REDACTED}(?P<secret>[^;\"'\\\s]{{4,128}});",
     "WIFI:S:net;T:WPA;P:hunter2x9;;", "WIFI:S:net;T:nopass;P:;;"),
    ("cookie", "httponly samesite hostonly expirationdate",
     (rf"(?<![A-Za-z])[Vv]alue{_OPENED}\s{{0,4}}[:=]\s{{0,4}}{QUOTE}{NOT_REDACTED}(?P<secret>[^\"'\\\n]{{4,4096}}+)"
      rf"(?={QUOTE}[^{{}}]{{0,400}}(?i:http_?only|same_?site|host_?only|expirationdate))"),
     '{"name": "sid", "value": "<12>", "httpOnly": true}', '{"name": "sid", "value": "", "httpOnly": true}'),
    ("cookie", "httponly samesite hostonly expirationdate",
     (rf"(?i:http_?only|same_?site|host_?only|expirationdate){QUOTE}[^{{}}]{{0,400}}?(?<![A-Za-z])[Vv]alue{_OPENED}\s{{0,4}}[:=]"
      rf"\s{{0,4}}{QUOTE}{NOT_REDACTED}(?P<secret>[^\"'\\\n]{{4,4096}}+)(?={QUOTE})"),
     '{"httpOnly": true, "name": "sid", "value": "<12>"}', '{"httpOnly": true}, {"value": "<12>"}'),
    ("url-credentials", "http",
     rf"https?{_SLASHES}{NOT_REDACTED}(?P<secret>[^\s\"'\\/@:<>]{{16,512}})@[A-Za-z0-9-]{{1,63}}[.:/]",
     "git clone https://<32>@github.com/a/b", "git clone https://bob@github.com/a/b"),
    ("digest", "digest", rf"response={QUOTE}?(?P<secret>[0-9a-f]{{32,128}})",
     'Authorization: Digest username="bob", response="<32x>"', "a digest of the response=<32u>"),
    # a line of .pgpass
    ("pgpass", ":5432: :5433: :6432: :*:",
     (r"(?:(?<![^\s\"'])|(?<=\\[nrt]))[\w.*-]{1,255}:(?:\d{2,5}|\*):[\w*-]{1,64}:[\w.@*-]{1,64}:"
      rf"{NOT_REDACTED}(?P<secret>[^\s\"'\\]{{4,256}})"),
     "localhost:5432:app:joe:<12>", "localhost:5432:app:joe"),
    ("url-credentials", "@tcp @unix",
     rf"(?:(?<![^\s\"'`=(])|(?<=\\[nrt]))[\w.-]{{1,64}}:{NOT_REDACTED}(?P<secret>[^\s\"'\\:@]{{1,128}})@(?:tcp|unix)\(",
     "bob:hunter2@tcp(db:3306)/x", "bob@tcp(db:3306)/x"),
    ("authorization", "authorization",
     (rf"(?i:authorization){_OPENED}\s{{0,8}}[:=,]\s{{0,8}}{_OPENED}{_SCHEME}\s{{1,8}}{NOT_REDACTED}"
      r"(?P<secret>[^\s\"'\\,;)<>{$][^\s\"'\\<>]{3,})"),
     "Authorization: Bearer <32l>", "Authorization: Bearer $TOKEN"),
    ("authorization", "authorization",
     (rf"(?i:authorization){_OPENED}\s{{0,8}}[:=,]\s{{0,8}}{_OPENED}{NOT_REDACTED}"
      rf"{_NO_NUMBER}(?P<secret>(?=[A-Za-z._~+/=:-]{{0,64}}[0-9])[A-Za-z0-9._~+/=:-]{{12,}}+)(?![(\[])"),
     "authorization: <32>", "authorization: required"),
    ("bearer", "bearer",
     rf"(?i:bearer)\s{{1,8}}{NOT_REDACTED}(?P<secret>(?=[^\s\"'\\]{{0,200}}[0-9])[A-Za-z0-9._~+/=-]{{12,}})",
     "used bearer <32>", "the bearer of the message"),
    ("basic", "basic",
     rf"(?i:basic)\s{{1,8}}{NOT_REDACTED}(?P<secret>(?=[A-Za-z+/]{{0,200}}[0-9])[A-Za-z0-9+/]{{12,}}={{0,2}})",
     "used Basic <24>==", "a basic understanding"),
    ("cookie", "cookie",
     (rf"(?i:cookie){_OPENED}"
      rf"(?::|[ ]?=[ ]?(?=\\{{0,63}}[\"']))\s{{0,8}}(?:\[(?:\s|\\{{1,16}}n){{0,16}})?{_OPENED}{NOT_REDACTED}"
      r"(?P<secret>[A-Za-z0-9!#$%&*+.^_|~-]{1,256}=(?!;)[^\r\n\"'\\]{1,8192})"),
     "Set-Cookie: sid=abc123; Path=/", "a cookie: chocolate"),
    ("curl-user", "curl",
     (rf"(?:\s-u|\s--user)[ =][\"']?{NOT_REDACTED}(?!\d{{1,8}}:\d{{1,8}}\b|[^\s\"'\\:]{{1,128}}:\$)"
      r"(?P<secret>[^\s\"'\\:]{1,128}:[^\s\"'\\]{1,128})"),
     "curl -s -u bob:hunter2 https://example.com", "curl -s -u bob https://example.com"),
    ("netrc", "login", "login" + _NETRC, "login bob password hunter2", "login bob password $X"),
    ("netrc", "machine", "machine" + _NETRC, "machine h password hunter2 login bob", "machine h password $X"),
    ("authorization-code", "code=",
     (rf"code=(?<=[?&]code=){NOT_REDACTED}(?P<secret>(?=[A-Za-z_/.%-]{{0,64}}[0-9])(?=[0-9_/.%-]{{0,64}}[A-Za-z])"
      r"[\w/.%-]{16,512})"),
     "https://x.example/cb?code=<32>&state=1", "https://x.example/cb?code=404&state=1"),
    ("query-key", "key=",
     rf"key=(?<=[?&]key=){NOT_REDACTED}(?P<secret>(?=[A-Za-z_-]{{0,64}}[0-9])(?=[0-9_-]{{0,64}}[A-Za-z])[\w-]{{24,512}})",
     "https://maps.example/js?key=<32>", "https://maps.example/js?key=name"),
    # an application's id and its secret: literal first, since the sign is common
    ("facebook-token", "|",
     (r"\|(?:(?<=(?<![0-9])[0-9]{15}\|)|(?<=(?<![0-9])[0-9]{16}\|))"
      rf"(?P<secret>{MIXED}[A-Za-z0-9_-]{{27,40}})(?![A-Za-z0-9_-])"),
     "app <15d>|<32>", "app <15d>|<20>"),
    ("salesforce-token", "!",
     r"!(?:(?<=(?<![A-Za-z0-9])00[A-Za-z0-9]{13}!)|(?<=\\[bfnrt]00[A-Za-z0-9]{13}!))(?P<secret>[A-Za-z0-9_.]{80,})",
     "sid 00D<12>!<96>", "sid 00D<12>!<20>"),
    ("azure-key", "&", r"&(?<=git&)[0-9]{12}&(?P<secret>[A-Za-z0-9+/]{80,}={0,2})",
     "https://git&<12d>&<85>==", "https://git&<12d>&<20>"),
    ("password-hash", "sha}", r"\{S?SHA(?:256|384|512)?\}(?P<secret>[A-Za-z0-9+/]{20,}={0,2})",
     "userPass {SSHA}<32>", "userPass {SSHA}<12>"),
    ("jwk", "␣kty␣", rf"{_JWK}(?P<secret>[A-Za-z0-9+/=_-]{{16,2048}}+){BEFORE_QUOTE}",
     '{"kty": "oct", "k": "<32>"}', '{"kty": "oct", "k": "short"}'),
)
# fmt: on
