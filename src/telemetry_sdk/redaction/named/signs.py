"""What binds a secret's name to its value: `=`, `:`, a type and `=`, `>`, a blank, a comma, `is`, a call, a table."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from ..spans import LINE_BREAK
from .names import words_of_name

if TYPE_CHECKING:
    from .mentions import Mention

_CLOSE = r"(?P<close>\\{0,63}+[\"'`])?"
_TYPE = r"[&*A-Za-z](?:'[a-z_]{1,16} )?[A-Za-z0-9_.]{0,40}+(?:<[^<>\n\"]{0,40}+>|\[[^\[\]\n\"]{0,40}+\])?\??"
_TYPED = (  # `password: String? = …`, `password: string | undefined = …`, Go's `password string = …`
    rf"(?:[ \t]{{0,4}}:[ \t]{{0,4}}{_TYPE}(?:[ \t]?\|[ \t]?{_TYPE}){{0,3}}(?=[ \t]{{1,4}}=(?![=>])|=[\w\"'`])"
    r"|[ \t](?:string|(?i:as)[ \t]\w{1,16})(?=[ \t]{0,4}=)|[ \t]?\{[ \t]?get;[a-z; \t]{0,16}+\}(?=[ \t]{0,4}=))?"
)
_INDEX = (
    r"(?:\](?:\[\\{0,15}[\"']\w{1,32}\\{0,15}[\"']\]){0,2}|\[\d{0,4}\])?"  # `["password"]["ann"]`, C's `password[32]`
)
_ADDED = (  # `Unseal Key 1:`, `Secret Access Key [None]:`, `PASSWORD FOR 'app'@'%' =`
    r"(?:[ ]\d{1,2}(?=:)|[ ]\[[^\[\]\n\"]{0,24}\](?=:)|[ ](?i:for)[ ][^\s\"]{1,64}(?=[ ]=))?"
)
_MARKUP = r"(?:\*\*[ \t]{0,4}|</(?:b|strong|label|span|th|td|dt)>[ \t]{0,4}(?:<(?:code|td|dd|span)>)?)?"
_ASSIGNED = re.compile(
    rf"{_CLOSE}{_INDEX}\*{{0,2}}{_TYPED}{_ADDED}[ \t]{{0,8}}"
    r"(?P<sign>={1,3}>?|:{2,3}=|[.?+]=|:(?!:)[=-]?|>|<-|\|\|=?(?=[ ])|\?\?=?|\?:)"
    rf"[ \t]{{0,8}}{_MARKUP}"
)
_OPENS_ELEMENT = re.compile(r"<(?:[\w-]{1,32}[:.]){0,4}\Z")
_ATTRIBUTES = re.compile(r"[ \t][^<>\n]{0,200}+(?<!/)>(?:<!\[CDATA\[)?|><!\[CDATA\[")
_SAID = re.compile(
    rf"{_CLOSE}[ \t]{{1,8}}(?:(?:is|was|are)(?:[ \t](?:now|set[ \t]to))?|(?:re)?set[ \t]to|changed[ \t]to):?"
    r"[ \t]{1,4}"
)
_OPTION = re.compile(rf"{_CLOSE}(?:[ \t]{{1,8}}|,(?P<comma>)\s{{0,64}})")
_QUOTE_NEXT = re.compile(r"\\{0,63}+[\"'`]")
_NO_CLOSE = re.compile(r"<<|\]|\(|,[ ]\Z")
_ATOM = re.compile(r"(?:\W|\A):\Z")
_ONE_DASH = re.compile(r"[\s\"']-[a-z]")
_CALL = re.compile(r"[({][ \t]?(?=\\{0,63}+[\"'`])")
_NEXT_ARGUMENT = re.compile(
    rf"{_CLOSE}(?:,[ \t]{{0,16}}(?:default[ ]?=[ ]?|<<)?|[ \t]{{1,4}}"
    r"|\)\.(?:unwrap_or|or|get|default|type|fill|send|set)\w{0,16}\((?:\|_\|[ ]|\(\)[ ]->[ ])?"
    r"|\]\\{0,15}[\"'`],[ ]?|\(\)\)?\.to[A-Z]\w{1,16}\(|(?:\r?\n|\\{1,15}n)\d{1,2}\)[ ]"
    r"|[ ](?:with|to|as|=|value)[ ])(?=\\{0,63}+[\"'`])"
)
_RETURNS = re.compile(  # `def password(): return "…"`
    rf"\([^()\n]{{0,64}}\)[^\n:{{]{{0,32}}[:{{][ \t]{{0,4}}(?:{LINE_BREAK}[ \t]{{1,32}})?return[ ](?=\\{{0,63}}+[\"'`])"
    rf"|{LINE_BREAK}[ ]{{2}}[^\n\r]{{0,200}}input_value=(?=[\"'])"  # pydantic
)
_BLANK = re.compile(r"[ \t]{1,64}")
_CELL = re.compile(
    r"(?:\*\*|`)?(?:[ \t]{0,64}(?:[|\u2502\u2503]|\\{1,15}u250[23])[ \t]{0,64}(?:\*\*)?|[,;](?=\S)|[ ]{0,4}\t{1,4}"
    r"|[ ]{0,4}\\{1,15}+t)`?"
)

_PLACE = re.compile(r"(?:[A-Za-z0-9_-]{1,32}[.:]){1,6}\Z")
_BEGINS_LINE = re.compile(r"[ \t]{0,64}(?:[-*#>][ \t]{1,4})?")
_BEGINS_CELL = re.compile(r"(?:.*(?:[|\u2502\u2503\t]|u250[23]|\\t))?[ \t]{0,64}(?:\*\*|`)?")
_DIRECTIVE = re.compile(  # takes a name and a value, a blank between
    r"(?:.*[\s;&|(`])?(?:(?P<any>ENV|ARG|setx|setenv|SetEnv|fastcgi_param|#[ \t]?define)"
    r"|export|declare|configure[ ]set|setq|proxy_set_header"
    r"|(?i:(?:config[ ])?set)(?:[ ]-{1,2}[A-Za-z]{1,12}){0,3})[ \t]{1,8}"
    r"(?:\\{0,15}\"?[\w-]{1,32}:|//\S{1,64}:)?"
)
_ASKS = frozenset(  # calls of such names take no secret, they look for one
    (
        *("get", "load", "read", "fetch", "find", "has", "is", "require", "resolve", "lookup", "parse", "check"),
        *("delete", "remove", "revoke", "env", "next", "expect", "match", "validate", "verify", "hash", "generate"),
    )
)


class Sign(NamedTuple):
    """What binds a name to its value. `close`: the quote that closes the name; `weak`: the value must look made."""

    written: str
    value_at: int
    close: str | None = None
    weak: bool = False
    fills_line: bool = False  # nothing may stand behind the value


def sign_after(mention: Mention) -> Sign | None:
    """Return what binds this name to a value behind it, or None."""
    if mention.text[mention.end : mention.end + 1].isalnum():
        return None
    for read in (_assigned, _said, _option, _argument, _cell, _directive, _returned, _call):
        sign = read(mention)
        if sign is not None:
            return sign
    return None


def _assigned(mention: Mention) -> Sign | None:
    text, start, end = mention.text, mention.start, mention.end
    if text[start - 1 : start] in {"<", ":"} and (tag := _ATTRIBUTES.match(text, end)):
        return Sign(">", tag.end())
    found = _ASSIGNED.match(text, end)
    if found is None or (found["sign"] == ">" and not _OPENS_ELEMENT.search(text[max(0, start - 64) : start])):
        return None
    if found[0] == text[start - 1 : start] == ":":
        return None  # `arn:aws:secretsmanager:…:secret:…`
    return Sign(found["sign"], found.end(), _own_quote(found["close"]))


def _said(mention: Mention) -> Sign | None:
    found = _SAID.match(mention.text, mention.end)
    return Sign("is", found.end(), _own_quote(found["close"])) if found else None


def _option(mention: Mention) -> Sign | None:
    """Read `--token …`, `"--token", "…"`, Elixir's `:token, "…"`."""
    text, start = mention.text, mention.start
    found = _OPTION.match(text, mention.end)
    is_option = text.startswith("--", start)
    is_atom = _ATOM.search(text[max(0, start - 2) : start]) is not None
    if found is None or not (is_option or is_atom or _ONE_DASH.match(text, start - 1)):
        return None
    if found["comma"] is not None and not (_QUOTE_NEXT.match(text, found.end()) and (is_atom or found["close"])):
        return None
    if found["comma"] is not None and not is_atom and text[start - 1 : start] != found["close"][-1]:
        return None  # `"--ask-pass", "n"`: the quote closes more than the name
    if not is_option and found["comma"] is None:
        return Sign("", found.end(), _own_quote(found["close"]), weak=True)
    return Sign("" if found["comma"] is None else ",", found.end(), _own_quote(found["close"]))


def _argument(mention: Mention) -> Sign | None:
    """Read `put("password", "…")`, `["password", "…"]`."""
    found = _NEXT_ARGUMENT.match(mention.text, mention.end)
    if found is None or (found["close"] is None and not _NO_CLOSE.search(found[0])):
        return None
    before = _PLACE.sub("", mention.text[max(0, mention.start - 64) : mention.start])
    before = before.rstrip("\\\"'`").rstrip(" \t")
    is_argument = before.endswith(("{",) if found["close"] is None else ("(", "[", ",", "{"))
    is_argument = is_argument or "," not in found[0] or "]" in found[0]
    return Sign("(", found.end(), _own_quote(found["close"]), weak=True) if is_argument else None


def _directive(mention: Mention) -> Sign | None:
    """Read `ENV DB_PASSWORD …`, `requirepass …`, SQL's `PASSWORD '…'`."""
    found = _BLANK.match(mention.text, mention.end)
    if found is None:
        return None
    at = found.end()
    if mention.name.lower() == "password" and mention.text[at : at + 1] == "'":
        return Sign("", at, weak=mention.name == "password")
    before = mention.line_before()
    if before is None:
        return None
    if (directive := _DIRECTIVE.fullmatch(before)) is not None:
        return Sign("", at, weak=directive["any"] is None)
    return Sign("", at, weak=True, fills_line=True) if _BEGINS_LINE.fullmatch(before) else None


def _returned(mention: Mention) -> Sign | None:
    """Read `def password(): return "…"`."""
    found = _RETURNS.match(mention.text, mention.end)
    return Sign("", found.end(), weak=True) if found else None


def _call(mention: Mention) -> Sign | None:
    """Read `setPassword("…")`, `.password("…")`."""
    found = _CALL.match(mention.text, mention.end)
    if found is None or not _ASKS.isdisjoint(words_of_name(mention.name)[:1]):
        return None
    return Sign("(", found.end(), weak=True)


def _cell(mention: Mention) -> Sign | None:
    """Read a row of a table: `| DB_PASSWORD | … |`, `DB_PASSWORD,…`."""
    found = _CELL.match(mention.text, mention.end)
    before = mention.line_before() if found is not None else None
    if found is None or before is None or not _BEGINS_CELL.fullmatch(before):
        return None
    return Sign("|", found.end(), weak=True)


def _own_quote(close: str | None) -> str | None:
    r"""Return the quote that closes a name, without the backslashes that the name ends with: `"password\\": 1`."""
    if close is None:
        return None
    run = len(close) - 1
    depth = next(depth for depth in (0, 1, 3, 7, 15, 31, 63) if run % (2 * depth + 2) == depth)
    return close[run - depth :]
