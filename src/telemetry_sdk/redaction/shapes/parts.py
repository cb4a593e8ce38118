"""The table of tokens without a literal that is worth looking for: each with a part of it that is found fast."""

from __future__ import annotations

import re

from .patterns import EDGE, EDGE_BEHIND_ONE, MIXED, Kind, edge_before, kind

_NO_IDS = (
    r"(?!(?i:sha|md|req|msg|toolu|run|resp|chatcmpl|call|thread|asst|file|event|evt|trace|span|batch|job|cs|nonce|etag)"
    r"[0-9]{0,3}[_-])"
)
_NO_IMAGE = r"(?<![+/]EAA)(?![A-Za-z0-9]{0,60}AAA)"  # its empty pixels are a row of A

# Few letters, and a rest that may stand in base64 by chance: each is its own part, and a line break tears none of them.
_LETTERS = tuple(
    (made.pattern, made)
    for made in (
        kind("sanity-token", "", r"sk(?<![A-Za-z0-9+/]sk)[A-Za-z0-9]{79}(?![A-Za-z0-9+/=])"),
        kind(
            "twilio-key",
            "",
            rf"SK{edge_before(2)}(?:[0-9a-fA-F]{{32}}|(?<![+/]SK){MIXED}[A-Za-z0-9]{{32}})(?![A-Za-z0-9+/])",
        ),
        kind("yandex-key", "", rf"YC{edge_before(2)}(?<![+/]YC){MIXED}[A-Za-z0-9_-]{{38}}(?![A-Za-z0-9+/_-])"),
        kind("pagerduty-key", "", rf"u\+{edge_before(2)}(?<![+/]u\+){MIXED}[A-Za-z0-9_+-]{{18}}(?![A-Za-z0-9_+/=-])"),
        kind("telnyx-key", "", rf"KEY{edge_before(3)}{MIXED}[A-Za-z0-9_-]{{50,60}}(?![A-Za-z0-9_-])"),
        kind(
            "square-token",
            "",
            rf"EAAA{edge_before(4)}(?<![+/]EAAA){_NO_IMAGE}{MIXED}(?:[A-Za-z0-9_-]{{22,64}}|[A-Za-z0-9_+=-]{{60}})(?![A-Za-z0-9+/=_-])",
        ),
        kind(
            "facebook-token", "", rf"EAA{edge_before(3)}{_NO_IMAGE}(?=[A-Za-z]{{0,40}}[0-9])[A-Za-z0-9]{{60,}}(?![+/=])"
        ),
    )
)

# The last net.
BY_PART: tuple[tuple[re.Pattern[str], Kind], ...] = (
    (re.compile(r"-us\d"), kind("mailchimp-key", "", EDGE + r"[0-9A-Za-z]{32}-us\d{1,2}(?![A-Za-z0-9])")),
    (
        re.compile(r":(?<=\d{14}:)[0-9a-f]{32}"),
        kind("asana-token", "", rf"\d{EDGE_BEHIND_ONE}/\d{{14,17}}(?:/\d{{14,17}})?:[0-9a-f]{{32}}"),
    ),
    (
        re.compile("-[0-9a-h]{8}-[0-9a-h]{8}"),
        kind("mailgun-key", "", EDGE + r"[0-9a-h]{32}-[0-9a-h]{8}-[0-9a-h]{8}(?![A-Za-z0-9-])"),
    ),
    (
        re.compile(r"\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27}"),
        kind("discord-token", "", EDGE + r"[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,}"),
    ),
    (
        re.compile(r":(?<=\d:)[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])"),
        kind("telegram-token", "", rf"\d{EDGE_BEHIND_ONE}\d{{7,9}}:{MIXED}[A-Za-z0-9_-]{{35}}(?![A-Za-z0-9_-])"),
    ),
    (
        re.compile(r"\.[0-9a-f]{64}"),
        kind("airtable-token", "", EDGE + r"pat[A-Za-z0-9]{14}\.[0-9a-fA-F]{64}"),
    ),
    (
        re.compile(r"s\.[A-Za-z0-9]{24}"),
        kind("vault-token", "", rf"{EDGE}s\.{MIXED}[A-Za-z0-9]{{24}}(?![A-Za-z0-9])"),
    ),
    (
        re.compile("msh[a-z0-9]{15}p1[a-z0-9]{6}jsn"),
        kind(
            "rapidapi-key",
            "",
            rf"[a-z0-9]{EDGE_BEHIND_ONE}[a-z0-9]{{9}}msh[a-z0-9]{{15}}p1[a-z0-9]{{6}}jsn[a-z0-9]{{12}}(?![A-Za-z0-9])",
        ),
    ),
    (
        re.compile(r"tt-\d{6}-"),
        kind("storyblok-token", "", EDGE + r"[0-9A-Za-z]{22}tt-\d{6}-[A-Za-z0-9_-]{20}"),
    ),
    *_LETTERS,
    # A prefix that the table does not know, and a long rest of small and capital letters and digits. Not: digests,
    # and the ids that vendors print (`req_…`, `msg_…`).
    (
        re.compile(rf"[_-](?=[A-Za-z0-9]{{32}}){MIXED}"),
        kind(
            "token",
            "",
            rf"(?:(?<![A-Za-z0-9_./+!-])|(?<=\\[bfnrt]))(?<!\\)(?<!sha256=){_NO_IDS}[A-Za-z][A-Za-z0-9]{{0,11}}(?:[_-][a-z0-9]{{1,10}}){{0,2}}[_-]"
            r"(?=[A-Za-z]{0,40}\d)(?=[A-Z0-9]{0,40}[a-z])(?=[a-z0-9]{0,40}[A-Z])"
            r"[A-Za-z0-9]{32,}(?![A-Za-z0-9+/=_-])",
        ),
    ),
)
