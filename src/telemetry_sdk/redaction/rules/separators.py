r"""What stands between a secret's name and its value: `=`, `:`, a type and `=`, a blank, a comma, `is`, a call, a cell.

The first row that fits counts. Texts may stand in strings of JSON, so that a quote may have backslashes before it.
"""

from __future__ import annotations

from typing import NamedTuple

from .names import ASKING
from .rule import LINE_BREAK

_BLANK = " \t"
_QUOTES = "\"'`\\"


class Separator(NamedTuple):
    r"""A way to separate a name and its value.

    `sign`: how the separator counts for the value; "": the group `sign` of `after`; None: no value follows.
    `after`: matches at the end of the name up to the value; its group `close` is the quote that closes the name.
    `begins`: the characters of which the first behind the name must be one; "": any.
    `before`: is searched in the 96 characters before the name, and ends with `\Z`.
    `name`: matches at the beginning of the name, as it is written.
    `line`: matches all that stands before the name on its line.
    `weak`: the value must look random; `ends_line`: nothing may stand behind it.
    `example`, `counter_example`: as in `Rule`.
    """

    sign: str | None
    after: str
    example: str
    counter_example: str
    begins: str = ""
    before: str = ""
    name: str = ""
    line: str = ""
    weak: bool = False
    ends_line: bool = False


_QUOTE = r"\\{0,63}+[\"'`]"
_CLOSE = rf"(?P<close>{_QUOTE})?"
_CLOSED = rf"(?P<close>{_QUOTE})"
_TYPE = r"[&*A-Za-z](?:'[a-z_]{1,16} )?[A-Za-z0-9_.]{0,40}+(?:<[^<>\n\"]{0,40}+>|\[[^\[\]\n\"]{0,40}+\])?\??"
_TYPED = (  # `password: String? = …`, `password: string | undefined = …`, `password string = …`
    rf"(?:[ \t]{{0,4}}:[ \t]{{0,4}}{_TYPE}(?:[ \t]?\|[ \t]?{_TYPE}){{0,3}}(?=[ \t]{{1,4}}=(?![=>])|=[\w\"'`])"
    r"|[ \t](?:string|(?i:as)[ \t]\w{1,16})(?=[ \t]{0,4}=)|[ \t]?\{[ \t]?get;[a-z; \t]{0,16}+\}(?=[ \t]{0,4}=))?"
)
_INDEX = r"(?:\](?:\[\\{0,15}[\"']\w{1,32}\\{0,15}[\"']\]){0,2}|\[\d{0,4}\])?"  # `["password"]["ann"]`, `password[32]`
_ADDED = (  # `Unseal Key 1:`, `Secret Access Key [None]:`, `PASSWORD FOR 'app'@'%' =`
    r"(?:[ ]\d{1,2}(?=:)|[ ]\[[^\[\]\n\"]{0,24}\](?=:)|[ ](?i:for)[ ][^\s\"]{1,64}(?=[ ]=))?"
)
_MARKUP = r"(?:\*\*[ \t]{0,4}|</(?:b|strong|label|span|th|td|dt)>[ \t]{0,4}(?:<(?:code|td|dd|span)>)?)?"
_BETWEEN = rf"{_CLOSE}{_INDEX}\*{{0,2}}{_TYPED}{_ADDED}[ \t]{{0,8}}"
_SIGNS = r"={1,3}>?|:{2,3}=|[.?+]=|:(?!:)[=-]?|<-|\|\|=?(?=[ ])|\?\?=?|\?:"
_PATH = r"(?:[A-Za-z0-9_-]{1,32}[.:]){0,6}"
_IN_CALL = rf"[ \t]*[\\\"'`]*{_PATH}\Z"
_TO_QUOTE = rf"(?={_QUOTE})"
_ATOM = r"(?:\W|\A):\Z"
_NOT_ASKING = (
    rf"(?![_-]*(?:(?:{'|'.join((*sorted(ASKING), *map(str.title, sorted(ASKING))))})(?![a-z0-9])"
    rf"|(?:{'|'.join(map(str.upper, sorted(ASKING)))})(?![A-Za-z0-9])))"
)
_CELL = (
    r"(?:\*\*|`)?(?:[ \t]{0,64}(?:[|\u2502\u2503]|\\{1,15}u250[23])[ \t]{0,64}(?:\*\*)?|[,;](?=\S)|[ ]{0,4}\t{1,4}"
    r"|[ ]{0,4}\\{1,15}+t)`?"
)
_BEGINS_CELL = r"(?:.*(?:[|\u2502\u2503\t]|u250[23]|\\t))?[ \t]{0,64}(?:\*\*|`)?"
_BEGINS_LINE = r"[ \t]{0,64}(?:[-*#>][ \t]{1,4})?"
_DIRECTIVE_BEGINS = r"(?:.*[\s;&|(`])?"
_DIRECTIVE_ENDS = r"[ \t]{1,8}(?:\\{0,15}\"?[\w-]{1,32}:|//\S{1,64}:)?"

# fmt: off
SEPARATORS: tuple[Separator, ...] = (
    Separator(">",
     r"[ \t][^<>\n]{0,200}+(?<!/)>(?:<!\[CDATA\[)?|><!\[CDATA\[", '<wsse:Password Type="text">hunter2x9</a>',
     '<a:Password Type="text"/>', begins=_BLANK + ">", before=r"[<:]\Z"),
    Separator(">", rf"[ \t]{{0,8}}>[ \t]{{0,8}}{_MARKUP}", "<password>hunter2</password>", "if password > maximum",
     begins=_BLANK + ">", before=r"<(?:[\w-]{1,32}[:.]){0,4}\Z"),
    Separator(None, r":(?![:=\t -]|\*\*|</)", "", "arn:aws:secretsmanager:eu:1:secret:name", begins=":", before=r":\Z"),
    Separator("",
     rf"{_BETWEEN}(?P<sign>{_SIGNS})[ \t]{{0,8}}{_MARKUP}", "DB_PASSWORD=hunter2", "password = args.password"),
    Separator("is",
     (rf"{_CLOSE}[ \t]{{1,8}}(?:(?:is|was|are)(?:[ \t](?:now|set[ \t]to))?|(?:re)?set[ \t]to|changed[ \t]to):?"
      r"[ \t]{1,4}"), "my password is hunter2!", "the password is required", begins=_BLANK + _QUOTES),
    # options and atoms, with a blank or as items of a list
    Separator(" ", rf"{_CLOSE}[ \t]{{1,8}}", "mysql --password hunter2 -u x", "mysql --password -u x",
     begins=_BLANK + _QUOTES, name="--"),
    Separator(" ", rf"{_CLOSE}[ \t]{{1,8}}", "run -password hunter2x9", "run -password word", begins=_BLANK + _QUOTES,
     name=r"(?<=[\s\"'])-[a-z]", weak=True),
    Separator(" ", rf"{_CLOSE}[ \t]{{1,8}}", "{:password  'hunter2x9'}", ":password or :token", begins=_BLANK + _QUOTES,
     before=_ATOM, weak=True),
    Separator(",",
     rf"{_CLOSE},\s{{0,64}}{_TO_QUOTE}", '{:password, "hunter2"}', ":password, :token", begins="," + _QUOTES,
     before=_ATOM),
    *(
        Separator(
            ",",
            rf"(?P<close>\\{{0,63}}+{quote}),\s{{0,64}}{_TO_QUOTE}",
            "['--password', 'hunter2']".replace("'", quote),
            f"[{quote}ask --password{quote}, 'word']",
            begins=quote + "\\",
            before=rf"{quote}\Z",
            name="--|-[a-z]",
        )
        for quote in ('"', "'", "`")
    ),
    # arguments: `put("password", "…")`, `["password", "…"]`
    Separator("(", rf"{_CLOSED},[ \t]{{0,16}}(?:default[ ]?=[ ]?|<<)?{_TO_QUOTE}", 'put("password", "hunter2x9")',
     'put("password", "Password")', begins=_QUOTES, before=rf"[(\[,{{]{_IN_CALL}", weak=True),
    Separator("(", rf",(?:[ \t]{{0,16}}<<|[ ]){_TO_QUOTE}", '{password, "hunter2x9"}', '{password, "word"}', begins=",",
     before=rf"\{{{_IN_CALL}", weak=True),
    Separator("(",
     rf"{_CLOSED}(?:[ \t]{{1,4}}|(?:\r?\n|\\{{1,15}}n)\d{{1,2}}\)[ ]|[ ](?:with|to|as|=|value)[ ]){_TO_QUOTE}",
     "set 'password' to 'hunter2x9'", "set 'password' to 'word'", begins=_QUOTES, weak=True),
    Separator("(",
     (rf"{_CLOSE}(?:\)\.(?:unwrap_or|or|get|default|type|fill|send|set)\w{{0,16}}\((?:\|_\|[ ]|\(\)[ ]->[ ])?"
      rf"|\]\\{{0,15}}[\"'`],[ ]?|\(\)\)?\.to[A-Z]\w{{1,16}}\(){_TO_QUOTE}"),
     'env("DB_PASSWORD").unwrap_or("hunter2x9")', 'env("DB_PASSWORD").unwrap_or("word")', begins=")](" + _QUOTES,
     weak=True),
    # rows of tables: `| DB_PASSWORD | … |`
    Separator("|", _CELL, "| DB_PASSWORD | hunter2x9 |", "| password | text | not null |",
     begins="*`|\u2502\u2503,;\\" + _BLANK, line=_BEGINS_CELL, weak=True),
    # directives that take a name and a value, a blank between
    Separator(" ",
     r"[ \t]{1,64}(?=')", "ALTER USER bob PASSWORD 'hunter2'", "ALTER USER bob PASSWORD '?'", begins=_BLANK,
     name=r"-*(?!password)(?i:password)\d*(?![\w-])"),
    Separator(" ", r"[ \t]{1,64}(?=')", "alter user bob password 'hunter2x9'", "the password 'word'", begins=_BLANK,
     name=r"-*password\d*(?![\w-])", weak=True),
    Separator(" ", r"[ \t]{1,64}", "ENV DB_PASSWORD hunter2", "ENV DB_PASSWORD $PASSWORD", begins=_BLANK,
     line=rf"{_DIRECTIVE_BEGINS}(?:ENV|ARG|setx|setenv|SetEnv|fastcgi_param|#[ \t]?define){_DIRECTIVE_ENDS}"),
    Separator(" ", r"[ \t]{1,64}", "set -gx DB_PASSWORD hunter2x9", "set -gx DB_PASSWORD word", begins=_BLANK,
     line=(rf"{_DIRECTIVE_BEGINS}(?:export|declare|configure[ ]set|setq|proxy_set_header"
      rf"|(?i:(?:config[ ])?set)(?:[ ]-{{1,2}}[A-Za-z]{{1,12}}){{0,3}}){_DIRECTIVE_ENDS}"), weak=True),
    Separator(" ", r"[ \t]{1,64}", "requirepass hunter2x9", "requirepass hunter2x9 is there", begins=_BLANK,
     line=_BEGINS_LINE, weak=True, ends_line=True),
    # functions: `def password(): return "…"`, `setPassword("…")`
    Separator(" ",
     (rf"\([^()\n]{{0,64}}\)[^\n:{{]{{0,32}}[:{{][ \t]{{0,4}}(?:{LINE_BREAK}[ \t]{{1,32}})?return[ ]{_TO_QUOTE}"
      rf"|{LINE_BREAK}[ ]{{2}}[^\n\r]{{0,200}}input_value=(?=[\"'])"), 'def password(): return "hunter2x9"',
     'def password(): return "word"', begins="(\r\n\\", weak=True),
    Separator("(", rf"[({{][ \t]?{_TO_QUOTE}", 'user.setPassword("hunter2x9");', 'getToken("id_4821x")', begins="({",
     name=_NOT_ASKING, weak=True),
)
# fmt: on
