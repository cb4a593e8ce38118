"""Tokens that hold no keyword. A row has a short pattern in its place, which is looked for in long words first."""

from __future__ import annotations

from .rule import BORDER, BORDER_BEHIND_ONE, MIXED, Row, border_behind

_NO_IDS = (
    r"(?!(?i:sha|md|req|msg|toolu|run|resp|chatcmpl|call|thread|asst|file|event|evt|trace|span|batch|job|cs|nonce|etag)"
    r"[0-9]{0,3}[_-])"
)
_NO_IMAGE = r"(?<![+/]EAA)(?![A-Za-z0-9]{0,60}AAA)"  # its empty pixels are a row of A

# Few letters, and a rest that may stand in base64 by chance.
_SK = r"sk(?:(?<![A-Za-z0-9+/]sk)|(?<=\\[bfnrt]sk))[A-Za-z0-9]{79}(?![A-Za-z0-9+/=])"
_CAPITAL_SK = rf"SK{border_behind(2)}(?:[0-9a-fA-F]{{32}}|(?<![+/]SK){MIXED}[A-Za-z0-9]{{32}})(?![A-Za-z0-9+/])"
_YC = rf"YC{border_behind(2)}(?<![+/]YC){MIXED}[A-Za-z0-9_-]{{38}}(?![A-Za-z0-9+/_-])"
_U = rf"u\+{border_behind(2)}(?<![+/]u\+){MIXED}[A-Za-z0-9_+-]{{18}}(?![A-Za-z0-9_+/=-])"
_KEY = rf"KEY{border_behind(3)}{MIXED}[A-Za-z0-9_-]{{50,60}}(?![A-Za-z0-9_-])"
_EAAA = (
    rf"EAAA{border_behind(4)}(?<![+/]EAAA){_NO_IMAGE}{MIXED}(?:[A-Za-z0-9_-]{{22,64}}|[A-Za-z0-9_+=-]{{60}})"
    r"(?![A-Za-z0-9+/=_-])"
)
_EAA = rf"EAA{border_behind(3)}{_NO_IMAGE}(?=[A-Za-z]{{0,40}}[0-9])[A-Za-z0-9]{{60,}}(?![+/=])"

# fmt: off
ROWS: tuple[Row, ...] = (
    ("mailchimp-key", r"-us\d", BORDER + r"[0-9A-Za-z]{32}-us\d{1,2}(?![A-Za-z0-9])", "<32x>-us7", "<31x>-us7"),
    ("asana-token", r":(?<=\d{14}:)[0-9a-f]{32}", rf"\d{BORDER_BEHIND_ONE}/\d{{14,17}}(?:/\d{{14,17}})?:[0-9a-f]{{32}}",
     "2/<16d>/<16d>:<32x>", "2/<16d>:<16x>"),
    ("mailgun-key", "-[0-9a-h]{8}-[0-9a-h]{8}", BORDER + r"[0-9a-h]{32}-[0-9a-h]{8}-[0-9a-h]{8}(?![A-Za-z0-9-])",
     "<32x>-<8x>-<8x>", "<8x>-<8x>-<8x>"),
    ("discord-token", r"\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27}",
     BORDER + r"[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,}",
     "MT<22>.<6>.<38>", "MT<22>.<6>.<12>"),
    ("telegram-token", r":(?<=\d:)[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])",
     rf"\d{BORDER_BEHIND_ONE}\d{{7,9}}:{MIXED}[A-Za-z0-9_-]{{35}}(?![A-Za-z0-9_-])",
     "<9d>:<35>", "<9d>:<34>"),
    ("airtable-token", r"\.[0-9a-f]{64}", BORDER + r"pat[A-Za-z0-9]{14}\.[0-9a-fA-F]{64}",
     "pat<14>.<64x>", "pat.<64x>"),
    ("vault-token", r"s\.[A-Za-z0-9]{24}", rf"{BORDER}s\.{MIXED}[A-Za-z0-9]{{24}}(?![A-Za-z0-9])", "s.<24>", "s.<23>"),
    ("rapidapi-key", "msh[a-z0-9]{15}p1[a-z0-9]{6}jsn",
     rf"[a-z0-9]{BORDER_BEHIND_ONE}[a-z0-9]{{9}}msh[a-z0-9]{{15}}p1[a-z0-9]{{6}}jsn[a-z0-9]{{12}}(?![A-Za-z0-9])",
     "<10x>msh<15x>p1<6x>jsn<12x>", "<10x>msh<15x>p1<6x>jsn"),
    ("storyblok-token", r"tt-\d{6}-", BORDER + r"[0-9A-Za-z]{22}tt-\d{6}-[A-Za-z0-9_-]{20}",
     "<22>tt-<6d>-<20>", "tt-<6d>-<20>"),
    ("sanity-token", _SK, _SK, "sk<79>", "sk<20>"),
    ("twilio-key", _CAPITAL_SK, _CAPITAL_SK, "SK<32x>", "SK<30x>"),
    ("yandex-key", _YC, _YC, "YC<38>", "YC<36>"),
    ("pagerduty-key", _U, _U, "u+<18>", "u+<17>"),
    ("telnyx-key", _KEY, _KEY, "KEY<55>", "KEY<40>"),
    ("square-token", _EAAA, _EAAA, "EAAA<60>", "EAAA<20>"),
    ("facebook-token", _EAA, _EAA, "EAAJ<72>", "EAAJ<30>"),
    # A prefix that no table knows, and a long rest. Not: digests, and the ids that vendors print (`req_…`, `msg_…`).
    ("token", rf"[_-](?=[A-Za-z0-9]{{32}}){MIXED}",
     (rf"(?:(?<![A-Za-z0-9_./+!-])|(?<=\\[bfnrt]))(?<!\\)(?<!sha256=){_NO_IDS}[A-Za-z][A-Za-z0-9]{{0,11}}"
      r"(?:[_-][a-z0-9]{1,10}){0,2}[_-](?=[A-Za-z]{0,40}\d)(?=[A-Z0-9]{0,40}[a-z])(?=[a-z0-9]{0,40}[A-Z])"
      r"[A-Za-z0-9]{32,}(?![A-Za-z0-9+/=_-])"),
     "acme_live_<36>", "msg_<36>"),
)
# fmt: on
