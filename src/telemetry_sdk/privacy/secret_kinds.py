"""The table of secrets: per kind a name, substrings that must occur, and a pattern.

Rules of the table, which keep every pattern linear:

- a repeat is bounded, possessive, or the last thing in its pattern; none stands inside another;
- a pattern whose first repeat is long starts at a border (a look-behind of the same class), so that it is
  tried once for each run of characters and not once for each character;
- no class holds a double quote or a backslash, save between a PEM's two marks: a match never crosses the
  end of a JSON string, and JSON that is given as text still parses afterwards.

The group `secret` is what goes; without it the whole match does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of secret. `hints`: lower-case substrings, one of which every match holds."""

    name: str
    hints: tuple[str, ...]
    pattern: re.Pattern[str]


def _kind(name: str, hints: str, pattern: str, flags: int = 0) -> Kind:
    return Kind(name, tuple(hints.split()), re.compile(pattern, flags | re.ASCII))


# A border: no letter or digit before, or the end of a JSON escape (there a line break is the two characters \n).
_ESCAPE = r"(?<=\\[bfnrt])|(?<=\\u[0-9A-Fa-f]{4})"
_EDGE = rf"(?:(?<![A-Za-z0-9])|{_ESCAPE})"
_DASH_EDGE = rf"(?:(?<![A-Za-z0-9_-])|{_ESCAPE})"


def _edge_before(width: int, characters: str = "A-Za-z0-9") -> str:
    """Return the border, to stand after the `width` characters that it precedes: literals first are found faster."""
    back = f".{{{width}}}"
    return rf"(?:(?<![{characters}]{back})|(?<=\\[bfnrt]{back})|(?<=\\u[0-9A-Fa-f]{{4}}{back}))"


_NOT_DONE = r"(?!\[redacted:)"
_PEM = r"[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
_PEM_LINES = r"(?:(?:\s|\\{1,16}+[nrt]){1,8}+[ \t>|\u2192:0-9]{0,12}[A-Za-z0-9+/=]{20,4096}+){1,512}+"
_SLASHES = r":(?://|\\{1,8}/\\{1,8}/)"  # JSON may write / as \/
_QUOTE = r"(?:\\{0,15}+[\"'])?"
_NO_NUMBER = r"(?=[0-9.+-]{0,64}[A-DF-Za-df-z_~/=:])"  # a number in JSON takes no mark without quotes
_SCHEME = r"(?i:Bearer|Basic|Token|Digest|Negotiate|ApiKey|GenieKey|Bot)"

KINDS: tuple[Kind, ...] = (
    _kind(
        "private-key",
        "private",
        rf"-----BEGIN {_PEM}(?:(?:[^\"-]|-(?!----)){{0,16384}}+-----END {_PEM}|{_PEM_LINES})",
    ),
    _kind("putty-key", "private-lines", rf"Private-Lines: \d{{1,4}}(?P<secret>{_PEM_LINES})"),
    _kind("age-key", "age-secret-key-", r"AGE-SECRET-KEY-1[A-Z0-9]{40,}"),
    _kind("anthropic-key", "sk-ant-", r"sk-ant-[A-Za-z0-9_-]{16,}"),
    _kind("openrouter-key", "sk-or-", r"sk-or-(?:v\d-)?[A-Za-z0-9_-]{32,}"),
    _kind(
        "openai-key",
        "sk-",
        _DASH_EDGE + r"sk-(?:(?:proj|svcacct|admin|None)-[A-Za-z0-9_-]{20,}|[A-Za-z0-9]{20,})",
    ),
    _kind("aws-key-id", "akia asia abia acca", rf"A(?:KIA|SIA|BIA|CCA){_edge_before(4)}[A-Z0-9]{{16}}(?![A-Za-z0-9])"),
    _kind(
        "aws-secret-key",
        "aws",
        r"(?i:aws[a-z_ ]{0,32}+)\W{1,8}(?<![A-Za-z0-9+/=])(?![0-9A-Fa-f]{40}(?![A-Za-z0-9+/=]))"
        r"(?P<secret>[A-Za-z0-9+/]{40}(?![A-Za-z0-9+/=]))",
    ),
    _kind(
        "aws-signature",
        "x-amz- signature=",
        r"(?i:X-Amz-(?:Signature|Credential|Security-Token)|Signature)=(?P<secret>[A-Za-z0-9%/+=_-]{32,})",
    ),
    _kind("github-token", "ghp_ gho_ ghu_ ghs_ ghr_", r"gh[pousr]_[A-Za-z0-9]{30,}"),
    _kind("github-token", "github_pat_", r"github_pat_[A-Za-z0-9_]{22,}"),
    _kind("gitlab-token", "gl", r"gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|soat|oas|ffct)-[A-Za-z0-9_.-]{16,}"),
    _kind("slack-token", "xox", r"xox[abeoprs](?:\.xox[bp])?-[A-Za-z0-9-]{10,}"),
    _kind("slack-token", "xapp-", r"xapp-\d-[A-Za-z0-9-]{20,}"),
    _kind(
        "slack-webhook",
        "hooks.slack.com",
        r"hooks\.slack\.com/(?:services|workflows|triggers)/(?P<secret>[A-Za-z0-9_/-]{20,})",
    ),
    _kind("discord-webhook", "api/webhooks/", r"/api/webhooks/(?P<secret>\d{15,25}/[A-Za-z0-9_-]{40,})"),
    _kind("stripe-key", "_live_ _test_", _EDGE + r"[srp]k_(?:live|test)_[A-Za-z0-9]{10,}"),
    _kind("stripe-webhook-secret", "whsec_", r"whsec_[A-Za-z0-9+/=]{20,}"),
    _kind("google-key", "aiza", r"AIza[A-Za-z0-9_-]{35}"),
    _kind("google-oauth", "gocspx-", r"GOCSPX-[A-Za-z0-9_-]{20,}"),
    _kind("google-oauth", "ya29.", _EDGE + r"ya29\.[A-Za-z0-9_-]{20,}"),
    _kind("google-oauth", "1//0", rf"1//0{_edge_before(4)}[A-Za-z0-9_-]{{30,}}"),
    _kind("npm-token", "npm_", _EDGE + r"npm_[A-Za-z0-9]{30,}"),
    _kind("pypi-token", "pypi-", r"pypi-[A-Za-z0-9_-]{50,}"),
    _kind("huggingface-token", "hf_ api_org_", _EDGE + r"(?:hf|api_org)_[A-Za-z0-9]{30,}"),
    _kind("sendgrid-key", "sg.", _EDGE + r"SG\.[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16,}"),
    _kind("twilio-key", "sk", rf"SK{_edge_before(2)}[0-9a-f]{{32}}(?![A-Za-z0-9])"),
    _kind("shopify-token", "shpat_ shpca_ shppa_ shpss_", r"shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{32}"),
    _kind("digitalocean-token", "_v1_", r"do[opr]_v1_[a-f0-9]{64}"),
    _kind("vault-token", "hvs. hvb. hvr.", _EDGE + r"hv[sbr]\.[A-Za-z0-9_-]{20,}"),
    _kind("docker-token", "dckr_", r"dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}"),
    _kind("sentry-token", "sntrys_ sntryu_", r"sntry[su]_[A-Za-z0-9+/=_-]{40,}"),
    _kind("statsig-key", "secret- console-", _EDGE + r"(?:secret|console)-[A-Za-z0-9]{20,}"),
    _kind("telegram-token", ":aa", _EDGE + r"\d{8,10}:AA[A-Za-z0-9_-]{32,}"),
    _kind(
        "jwt",
        "eyj",
        rf"eyJ{_edge_before(3, 'A-Za-z0-9_-')}[A-Za-z0-9_-]{{8,}}+\.eyJ[A-Za-z0-9_-]{{4,}}+"
        r"(?:\.[A-Za-z0-9_-]{0,4096}+){0,3}+",
    ),
    _kind(
        "sentry-dsn",
        r":// :\/ :\\",
        rf"https?{_SLASHES}(?P<secret>[0-9a-f]{{32}}(?::[0-9a-f]{{32}})?)@[A-Za-z0-9.-]{{1,255}}",
    ),
    _kind(
        "url-credentials",
        r":// :\/ :\\",
        rf"{_SLASHES}{_NOT_DONE}[^\s\"'\\/@:<>]{{0,256}}:{_NOT_DONE}(?!\$\{{?[A-Za-z_]{{1,64}}\}}?@)"
        r"(?P<secret>[^\s\"'\\/<>]{1,512})@",
    ),
    _kind(
        "url-credentials",
        "http",
        rf"https?{_SLASHES}{_NOT_DONE}(?P<secret>[^\s\"'\\/@:<>]{{16,512}})@[A-Za-z0-9-]{{1,63}}[.:/]",
    ),
    _kind("url-signature", "sig=", r"[?&;]sig=(?P<secret>[A-Za-z0-9%/+=_-]{20,})"),
    _kind(
        "authorization",
        "authorization",
        rf"(?i:authorization){_QUOTE}\s{{0,8}}[:=,]\s{{0,8}}{_QUOTE}{_SCHEME}\s{{1,8}}{_NOT_DONE}"
        r"(?P<secret>[^\s\"'\\,;)<>{$][^\s\"'\\<>]{3,})",
    ),
    _kind(
        "authorization",
        "authorization",
        rf"(?i:authorization){_QUOTE}\s{{0,8}}[:=,]\s{{0,8}}{_QUOTE}{_NOT_DONE}"
        rf"{_NO_NUMBER}(?P<secret>(?=[^\s\"'\\<>]{{0,64}}[0-9])[A-Za-z0-9._~+/=:-]{{12,}})",
    ),
    _kind(
        "bearer",
        "bearer",
        rf"(?i:bearer)\s{{1,8}}{_NOT_DONE}(?P<secret>(?=[^\s\"'\\]{{0,200}}[0-9])[A-Za-z0-9._~+/=-]{{12,}})",
    ),
    _kind(
        "basic",
        "basic",
        rf"(?i:basic)\s{{1,8}}{_NOT_DONE}(?P<secret>(?=[A-Za-z+/]{{0,200}}[0-9])[A-Za-z0-9+/]{{12,}}={{0,2}})",
    ),
    _kind(
        "cookie",
        "cookie",
        rf"(?i:cookie){_QUOTE}:\s{{0,8}}{_QUOTE}{_NOT_DONE}"
        r"(?P<secret>[A-Za-z0-9!#$%&*+.^_|~-]{1,256}=[^\r\n\"'\\]{1,8192})",
    ),
    _kind(
        "curl-user",
        "curl",
        rf"(?:\s-u|\s--user)[ =][\"']?{_NOT_DONE}(?!\d{{1,8}}:\d{{1,8}}\b)"
        r"(?P<secret>[^\s\"'\\:]{1,128}:[^\s\"'\\]{1,128})",
    ),
    _kind(
        "netrc",
        "login",
        rf"login\s{{1,8}}[^\s\"\\]{{1,128}}\s{{1,8}}password\s{{1,8}}{_NOT_DONE}(?P<secret>[^\s\"\\]{{1,256}})",
    ),
    _kind(
        "password",
        "pass secret token key",
        rf"(?i:pass(?:word|phrase|code)|api[ _-]?key|token|secret)\s{{1,4}}(?:is|was)\s{{1,4}}{_QUOTE}{_NOT_DONE}"
        r"(?P<secret>(?=[^\s\"'`\\]{0,100}[0-9!@#$%^&*])[^\s\"'`\\,;<>()\[\]{}]{6,})",
    ),
)
