"""The table of secrets that their surroundings give away, and of those with a shape of their own (`secret_tokens`)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .patterns import EDGE, edge_before, kind

if TYPE_CHECKING:
    from .patterns import Kind

_NOT_DONE = r"(?!\[redacted:)"
_PEM = r"[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
_PEM_LINES = r"(?:(?:\s|\\{1,16}+[nrt]){1,8}+[ \t>|\u2192:0-9]{0,12}[A-Za-z0-9+/=]{20,4096}+){1,512}+"
_SLASHES = r":(?://|\\{1,8}/\\{1,8}/)"  # JSON may write / as \/
_QUOTE = r"(?:\\{0,15}+[\"'])?"
_NO_NUMBER = r"(?=[0-9.+-]{0,64}[A-DF-Za-df-z_~/=:])"  # a number in JSON takes no mark without quotes
_SCHEME = r"(?i:Bearer|Basic|Token|Digest|Negotiate|ApiKey|GenieKey|Bot)"
_NO_IDS = (
    r"(?!(?:sha|md|req|msg|toolu|run|resp|chatcmpl|call|thread|asst|file|event|evt|trace|span|batch|job)[0-9]{0,3}[_-])"
)

BLOCKS: tuple[Kind, ...] = (
    kind(
        "private-key",
        "private",
        rf"-----BEGIN {_PEM}(?:(?:[^\"-]|-(?!----)){{0,16384}}+-----END {_PEM}|{_PEM_LINES})",
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
        r":// :\/ :\\",
        rf"https?{_SLASHES}(?P<secret>[0-9a-f]{{32}}(?::[0-9a-f]{{32}})?)@[A-Za-z0-9.-]{{1,255}}",
    ),
    kind(
        "url-credentials",
        r":// :\/ :\\",
        rf"{_SLASHES}{_NOT_DONE}[^\s\"'\\/@:<>]{{0,256}}:{_NOT_DONE}(?!\$\{{?[A-Za-z_]{{1,64}}\}}?@)"
        r"(?P<secret>[^\s\"'\\/<>]{1,512})@",
    ),
    kind(
        "url-credentials",
        "http",
        rf"https?{_SLASHES}{_NOT_DONE}(?P<secret>[^\s\"'\\/@:<>]{{16,512}})@[A-Za-z0-9-]{{1,63}}[.:/]",
    ),
    kind(
        "authorization",
        "authorization",
        rf"(?i:authorization){_QUOTE}\s{{0,8}}[:=,]\s{{0,8}}{_QUOTE}{_SCHEME}\s{{1,8}}{_NOT_DONE}"
        r"(?P<secret>[^\s\"'\\,;)<>{$][^\s\"'\\<>]{3,})",
    ),
    kind(
        "authorization",
        "authorization",
        rf"(?i:authorization){_QUOTE}\s{{0,8}}[:=,]\s{{0,8}}{_QUOTE}{_NOT_DONE}"
        rf"{_NO_NUMBER}(?P<secret>(?=[^\s\"'\\<>]{{0,64}}[0-9])[A-Za-z0-9._~+/=:-]{{12,}})",
    ),
    kind(
        "bearer",
        "bearer",
        rf"(?i:bearer)\s{{1,8}}{_NOT_DONE}(?P<secret>(?=[^\s\"'\\]{{0,200}}[0-9])[A-Za-z0-9._~+/=-]{{12,}})",
    ),
    kind(
        "basic",
        "basic",
        rf"(?i:basic)\s{{1,8}}{_NOT_DONE}(?P<secret>(?=[A-Za-z+/]{{0,200}}[0-9])[A-Za-z0-9+/]{{12,}}={{0,2}})",
    ),
    kind(
        "cookie",
        "cookie",
        rf"(?i:cookie){_QUOTE}:\s{{0,8}}{_QUOTE}{_NOT_DONE}"
        r"(?P<secret>[A-Za-z0-9!#$%&*+.^_|~-]{1,256}=[^\r\n\"'\\]{1,8192})",
    ),
    kind(
        "curl-user",
        "curl",
        rf"(?:\s-u|\s--user)[ =][\"']?{_NOT_DONE}(?!\d{{1,8}}:\d{{1,8}}\b)"
        r"(?P<secret>[^\s\"'\\:]{1,128}:[^\s\"'\\]{1,128})",
    ),
    kind(
        "netrc",
        "login",
        rf"login\s{{1,8}}[^\s\"\\]{{1,128}}\s{{1,8}}password\s{{1,8}}{_NOT_DONE}(?P<secret>[^\s\"\\]{{1,256}})",
    ),
    kind(
        "command-password",
        "sshpass redis-cli mysql pass:",
        rf"(?:(?:sshpass[ \t]{{1,8}}-p[ \t]?|redis-cli\b[^\n\"'|;&]{{0,200}}?[ \t]-a[ \t]{{1,4}}"
        rf"|mysql(?:dump|admin)?\b[^\n\"'|;&]{{0,200}}?[ \t]-p)[\"']?|-pass(?:in|out)?[ \t]{{1,4}}pass:){_NOT_DONE}"
        r"(?P<secret>[^\s\"'\\$<>-][^\s\"'\\]{2,128})",
    ),
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
    kind("telegram-token", ":A", rf"(?:{EDGE}|(?<=/bot))\d{{8,10}}:A[A-Z][A-Za-z0-9_-]{{32,}}"),
    kind(
        "jwt",
        "eyJ",
        rf"eyJ{edge_before(3, 'A-Za-z0-9_-')}[A-Za-z0-9_-]{{8,}}+\.eyJ[A-Za-z0-9_-]{{4,}}+"
        r"(?:\.[A-Za-z0-9_-]{0,4096}+){0,3}+",
    ),
    kind("url-signature", "sig=", r"[?&;]sig=(?P<secret>[A-Za-z0-9%/+=_-]{20,})"),
    kind(
        "aws-signature",
        "X-Amz- Signature= signature= x-amz-",
        r"(?i:X-Amz-(?:Signature|Credential|Security-Token)|Signature)=(?P<secret>[A-Za-z0-9%/+=_-]{32,})",
    ),
    kind(
        "password-hash",
        "$2 $5$ $6$ $y$ $argon2",
        r"\$(?:2[abxy]?\$\d\d\$[./A-Za-z0-9]{50,}|[56y]\$[^\s\"'\\:]{16,}|argon2i?d?\$[^\s\"'\\:]{20,})",
    ),
    kind("azure-secret", "Q~", EDGE + r"[A-Za-z0-9_~.]{3}\dQ~[A-Za-z0-9_~.-]{31,}"),
    kind("azure-devops-token", "AZDO", EDGE + r"[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}"),
    kind("terraform-token", ".atlasv1.", EDGE + r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{56,}"),
    kind("firebase-token", ":APA91b", r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{8,64}:APA91b[A-Za-z0-9_-]{100,}"),
    kind("mailchimp-key", "-us", EDGE + r"[0-9a-f]{32}-us\d{1,2}(?![A-Za-z0-9])"),
    kind("asana-token", "1/ 2/", EDGE + r"\d/\d{14,17}(?:/\d{14,17})?:[0-9a-f]{32}"),
    kind("twitter-token", "A" * 20, EDGE + r"A{20}[A-Za-z0-9%]{40,}"),
    kind("harness-token", "pat. sat.", EDGE + r"(?:pat|sat)\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9]{24}\.[A-Za-z0-9]{20}"),
    kind("maxmind-key", "_mmk", EDGE + r"[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk"),
    kind("1password-key", "A3-", EDGE + r"A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(?:-[A-Z0-9]{5}){3}"),
)

# The last net: tokens without a literal that is worth looking for; each with a part of it that is found fast.
NAMELESS: tuple[tuple[re.Pattern[str], Kind], ...] = (
    (
        re.compile(r"\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27}"),
        kind("discord-token", "", EDGE + r"[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,}"),
    ),
    # A prefix that the table does not know, and a long rest of small and capital letters and digits. Not: digests,
    # and the ids that vendors print (`req_…`, `msg_…`).
    (
        re.compile(r"[_-][A-Za-z0-9]{32}"),
        kind(
            "token",
            "",
            rf"(?:(?<![A-Za-z0-9_./+-])|(?<=\\[bfnrt]))(?<!\\){_NO_IDS}[a-z][a-z0-9]{{1,11}}(?:[_-][a-z0-9]{{1,10}}){{0,2}}[_-]"
            r"(?=[A-Za-z]{0,40}\d)(?=[A-Z0-9]{0,40}[a-z])(?=[a-z0-9]{0,40}[A-Z])"
            r"[A-Za-z0-9]{32,}(?![A-Za-z0-9+/=_-])",
        ),
    ),
)
