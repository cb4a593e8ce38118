"""The table of secrets in command lines, and in calls and statements that take them by their place.

Facts: the manuals of the commands. What stands between a command and its option is short and on its line; a value has
no quote and no backslash, so that a match never leaves the JSON string in which it stands.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from .named.values import is_placeholder, names_one
from .shapes.patterns import AT_QUOTE, NOT_DONE, QUOTE, START
from .spans import BLANKS, Span
from .words import ends_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .words import Words

_ARGUMENTS = r"\b(?:[^\n|;&\\]|\\{1,15}[\"']|\\\r?\n){0,200}?[ \t]"
_VALUE = (  # in quotes with blanks, or up to the next blank
    rf"(?P<open>{QUOTE})?{NOT_DONE}(?P<secret>(?![-$<>{{%])(?(open)[^\n\"'\\]{{3,256}}|[^\s\"'\\]{{3,256}}))"
)
_WORD = r"[^\s\"'\\|;&,()]{1,128}"


def _option(commands: str, options: str, between: str = r"[ \t]{1,4}") -> str:
    return rf"{START}(?:{commands}){_ARGUMENTS}(?:{options}){between}{_VALUE}"


def _two(command: str) -> str:
    """Return the pattern of a command that takes a user and a password."""
    return rf"{command}[ \t]{{1,4}}{_WORD}[ \t]{{1,4}}{_VALUE}"


def _piped(command: str) -> str:
    """Return the pattern of a secret that is written to a command's standard input."""
    return rf"{START}(?:echo|printf)[ \t](?:-n[ \t])?{_VALUE}{QUOTE}?[ \t]{{0,4}}\|[ \t]{{0,4}}{command}"


_USER_SLASH = rf"[A-Za-z_][\w$#]{{0,64}}/{NOT_DONE}(?P<secret>[^\s\"'\\/]{{3,128}})@"
_PAIR = rf"{QUOTE}[^\"'\s,\\]{{1,64}}{QUOTE},[ \t]?{QUOTE}{NOT_DONE}(?P<secret>[^\"'\s\\<>$]{{3,128}}){AT_QUOTE}"
_DIGIT = r"(?=[^\s0-9]{0,64}[0-9])"
_IDENTIFIED = (
    rf"(?i:identified[ \t](?:with[ \t]\S{{1,40}}[ \t])?by)[ \t]{{1,4}}(?i:password[ \t])?"
    rf"(?P<open>{QUOTE})?{NOT_DONE}(?P<secret>(?(open)[^\n\"'\\]{{1,128}}|{_DIGIT}[^\s\"'\\;:<$]{{4,128}}))"
)
_THIRD = (  # a place, a user, a password
    rf"\({QUOTE}[^\"'\n\\]{{1,160}}{QUOTE},[ \t]?{QUOTE}?[^\"'\n,\\]{{1,64}}{QUOTE}?,[ \t]?"
    rf"{QUOTE}{NOT_DONE}(?P<secret>[^\"'\n\\]{{1,128}}){AT_QUOTE}"
)
_COLON = rf"[^\s\"':\\]{{1,64}}:{NOT_DONE}(?P<secret>[^\s\"'\\]{{3,128}})"
_HASHED = rf"{NOT_DONE}(?P<secret>[^\s\"'\\]{{4,128}})"

# Where a pattern may begin, with a word of its own; the pattern.
_COMMANDS: tuple[tuple[str, str], ...] = (
    (
        "docker,podman,az,oc,buildah,skopeo,helm registry,crane auth",
        _option(r"(?:docker|podman|az|oc|buildah|skopeo|helm registry|crane auth)[ \t]login", "-p"),
    ),
    ("mongo,mongosh,mongodump,mongorestore,mongoexport,mongoimport,mongostat", _option("mongo[a-z]{0,8}", "-p")),
    ("zip,unzip,zipcloak", _option("zip|unzip|zipcloak", "-P")),
    ("7z,7za,7zr,7zz", _option("7z[azr]?", "-p", "")),
    ("rar,unrar", _option("(?:un)?rar", "-h?p", "")),
    ("sshpass", rf"sshpass(?:[ \t]|\\\r?\n){{1,8}}-p[ \t]?{_VALUE}"),
    ("redis-cli", _option("redis-cli", "-a")),
    ("mysql,mysqldump,mysqladmin,mysqlimport", _option("mysql(?:dump|admin|import)?", "-p", "")),
    ("mariadb,mariadb-dump,mariadb-admin", _option("mariadb(?:-dump|-admin)?", "-p", "")),
    ("openssl", _option("openssl", "-k")),
    ("sqlcmd", _option("sqlcmd", "-P")),
    (
        "ldapsearch,ldapadd,ldapmodify,ldapdelete,ldappasswd,ldapwhoami,ldapcompare",
        _option("ldap(?:search|add|modify|delete|passwd|whoami|compare)", "-w"),
    ),
    ("ssh-keygen", _option("ssh-keygen", "-[NP]")),
    (
        "htpasswd",
        (
            rf"htpasswd[ \t]{{1,4}}-[a-zA-Z]{{0,6}}b[a-zA-Z]{{0,6}}[ \t]{{1,4}}(?:{_WORD}"
            rf"[ \t]{{1,4}}){{2}}{_VALUE}"
        ),
    ),
    ("add_user", _two("add_user")),
    ("change_password", _two("change_password")),
    (
        "mc alias ",
        (
            rf"{START}mc[ \t]alias[ \t]set[ \t]{_WORD}[ \t]{_WORD}[ \t]"
            rf"{QUOTE}?{_WORD}{QUOTE}?[ \t]{{1,4}}{_VALUE}"
        ),
    ),
    ("sqlplus", rf"{START}sqlplus\b(?:[ \t]-[A-Za-z]{{1,8}}){{0,3}}[ \t]{{1,4}}{QUOTE}?{_USER_SLASH}"),
    ("smbclient", _option("smbclient", "-U", rf"[ \t]?{QUOTE}?[^\s\"'\\%]{{1,64}}%")),
    ("gh secret ", rf"{START}gh[ \t]secret[ \t]set[ \t]{_WORD}[^\n\"|;&\\]{{0,80}}?[ \t](?:--body|-b)[ =]{_VALUE}"),
    (
        "user ",
        (
            rf"{START}user[ \t]{_WORD}[ \t][^\n\"\\]{{0,60}}?>"
            rf"{NOT_DONE}(?P<secret>(?!\s)[^\s\"'\\<>]{{3,128}})[ \t]{{1,4}}[~+&]"
        ),
    ),
    ("IDENTIFIED ", _IDENTIFIED),
    ("identified by ", _IDENTIFIED.replace("by)", "by)(?=[^0-9\\n]{0,40}[0-9])")),
    ("Key Content", rf"Key Content[ \t]{{1,16}}:[ \t]{_VALUE}"),
    ("cargo login ", rf"cargo[ \t]login[ \t]{_VALUE}"),
    ("poetry config ", rf"poetry[ \t]config[ \t](?:pypi-token|http-basic)\.\S{{1,64}}[ \t](?:{_WORD}[ \t])?{_VALUE}"),
    ("rclone obscure ", rf"rclone[ \t]obscure[ \t]{_VALUE}"),
    ("walletpassphrase ", rf"walletpassphrase[ \t]{_VALUE}"),
    ("set-pin ", rf"set-pin[ \t]{_VALUE}"),
    ("mosquitto_pub,mosquitto_sub,mosquitto_rr,ipmitool", _option("mosquitto_(?:pub|sub|rr)|ipmitool", "-P")),
    ("snmpget,snmpwalk,snmpset,snmpbulkwalk,snmpgetnext", _option("snmp(?:get|walk|set|bulkwalk|getnext)", "-[AX]")),
    ("AUTH ", rf"{START}AUTH[ \t](?:[a-z]\w{{1,32}}[ \t])?{NOT_DONE}{_DIGIT}(?P<secret>[^\s\"'\\<$]{{6,256}})"),
    ("send ", rf"send[ \t](?:--[ \t])?{QUOTE}{_DIGIT}(?P<secret>[^\s\"'\\]{{6,256}})\\{{1,15}}r"),
    ("PASS ", rf"{START}PASS[ \t]{NOT_DONE}{_DIGIT}(?P<secret>[^\s\"'\\<$]{{6,256}})"),
    ("LOGIN ", rf"(?<=[ ])LOGIN[ \t]{_WORD}[ \t]{_DIGIT}{_VALUE}"),
    ("vault login ", rf"vault[ \t]login[ \t](?:token=)?{_VALUE}"),
    ("twine,pscp,plink", _option("twine|pscp|plink", "-p|-pw")),
    ("net user ", rf"{START}net[ \t]user[ \t]{_WORD}[ \t]{_VALUE}"),
    ("net use ", rf"{START}net[ \t]use[ \t](?:\S{{1,128}}[ \t]){{1,3}}/user:\S{{1,64}}[ \t]{_VALUE}"),
    ("schtasks", rf"schtasks{_ARGUMENTS}/rp[ \t]{_VALUE}"),
    ("lftp ", rf"{START}lftp{_ARGUMENTS}-u[ \t][^\s,\"'\\]{{1,64}},{_VALUE}"),
    ("http ,https ", rf"{START}https?{_ARGUMENTS}-a[ \t]{_COLON}"),
    ("stats auth ", rf"stats[ \t]auth[ \t]{_COLON}"),
    ("isakmp key ", rf"isakmp[ \t]key[ \t](?:\d[ \t])?{_VALUE}"),
    ("option key ", rf"option[ \t]key[ \t]{_DIGIT}{_VALUE}"),
    ("wpa_passphrase ", rf"wpa_passphrase[ \t]{_WORD}[ \t]{_VALUE}"),
    ("chpasswd:", rf"chpasswd:{BLANKS}list:[ ]?\|?{BLANKS}(?:-[ ])?[a-z]\w{{0,31}}:{_VALUE}"),
    ("snmp-server ", rf"snmp-server[ \t]community[ \t]{_VALUE}"),
    ("password 7 ", rf"password 7[ \t]{_HASHED}"),
    ("key 7 ", rf"key 7[ \t]{_HASHED}"),
)

# What must stand in a word of the text, where the pattern may begin, the pattern.
_CALLS: tuple[tuple[str, str, str], ...] = (
    (
        "pass:",
        "-pass,-srcstorepass,-deststorepass",
        rf"(?:-pass(?:in|out)?|-srcstorepass|-deststorepass)[ \t]{{1,4}}{QUOTE}?pass:{_VALUE}",
    ),
    ("oracle:thin:", "oracle:thin:", rf"oracle:thin:{_USER_SLASH}"),
    (
        "passwd",
        "echo ",
        (
            rf"{START}echo[ \t](?:-[a-z][ \t])?{QUOTE}?[a-z_][a-z0-9_-]{{0,31}}:{_VALUE}{QUOTE}?[ \t]{{0,4}}\|"
            rf"[ \t]{{0,4}}(?:sudo[ \t])?chpasswd"
        ),
    ),
    ("-stdin", "echo ,printf ", _piped(r"[^\n\"|;&\\]{0,160}--(?:password|token)-stdin")),
    (" sudo", "echo ,printf ", _piped(r"sudo[ \t](?:-\w[ \t]){0,2}-S\b")),
    ("passwd", "echo ,printf ", _piped(r"(?:sudo[ \t])?passwd\b")),
    (
        "SecureString",
        "SecureString ",
        (
            rf"SecureString[ \t](?:-String[ \t])?(?P<quote>{QUOTE})"
            rf"{NOT_DONE}(?P<secret>[^\s\"'\\$]{{3,128}})(?P=quote)"
        ),
    ),
    ("getConnection", "getConnection(", rf"getConnection{_THIRD}"),
    ("PDO", "new PDO(", rf"new PDO{_THIRD}"),
    ("DBI-", "DBI->connect(", rf"DBI->connect{_THIRD}"),
    ("-oauth.", "-oauth.", rf"-oauth\.[\w.-]{{1,64}}[ \t]{_VALUE}"),
    ("cryptsetup", "echo ,printf ", _piped(r"[^\n\"|;&\\]{0,40}cryptsetup")),
    ("issecret=true", "issecret=true", rf"issecret=true\]{_VALUE}"),
    ("NetworkCredential", "NetworkCredential(", rf"NetworkCredential\({_PAIR}"),
    ("WiFi.begin", "WiFi.begin(", rf"WiFi\.begin\({_PAIR}"),
    (" /p:", "freerdp", rf"freerdp{_ARGUMENTS}/p:{_VALUE}"),
    ("-server", "-server ", rf"-server[ \t](?:[^\n\"\\]{{1,64}}[ \t])?key[ \t](?:[0-9][ \t])?{_VALUE}"),
    (
        "connect",
        "mysqli_connect(,mysql_connect(,pg_connect(",
        (
            rf"(?:mysqli?_connect|pg_connect)\({QUOTE}?[^\"'\n,\\]{{1,64}}{QUOTE}?,[ \t]?"
            rf"{QUOTE}[^\"'\n,\\]{{1,64}}{QUOTE},[ \t]?{QUOTE}{NOT_DONE}(?P<secret>[^\"'\n\\]{{1,128}}){AT_QUOTE}"
        ),
    ),
    ("login", ".login(", rf"\.login\({_PAIR}"),
    (".auth", ".auth(", rf"\.auth\({_PAIR}"),
    ("auth=", "auth=(", rf"(?<!\w)auth=\({_PAIR}"),
    ("BasicAuth", "BasicAuth(", rf"BasicAuth\({_PAIR}"),
)
KIND = "command-password"
_BETWEEN = re.compile(r"\\{0,15}[\"'],\s{0,16}\\{0,15}[\"']")
_ITEMS = re.compile(r"[\"'][^\"'\n\\]{1,64}(?:\\{0,15}[\"'],\s{0,16}\\{0,15}[\"'][^\"'\n\\]{0,256}){1,32}+")


def _by_word() -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for begins, pattern in _COMMANDS:
        for begin in begins.split(","):
            found.setdefault(begin.split()[0], []).append((begin, pattern))
    return found


_BY_WORD = _by_word()
_IN_BYTES = {word.encode(): word for word in _BY_WORD}


def command_secrets(text: str, words: Words) -> list[Span]:
    """Return where commands and calls give a secret, in order and without overlaps."""
    spans: list[Span] = []
    for start, end in sorted(_found(text, words)):
        if not spans or start >= spans[-1].end:
            spans.append(Span(start, end, KIND))
    return spans


def _found(text: str, words: Words) -> Iterator[tuple[int, int]]:
    """Yield where secrets stand. A pattern is tried only where it may begin: that is found much faster."""
    there = {_IN_BYTES[word] for word in _IN_BYTES.keys() & words.each} | (_BY_WORD.keys() & ends_of(words.text))
    commands = [command for word in there for command in _BY_WORD[word]]
    calls = [(begin, pattern) for sign, begins, pattern in _CALLS if sign in words.text for begin in begins.split(",")]
    for begin, pattern in commands:
        yield from _in_lists(text, begin, pattern)
    for begin, pattern in (*commands, *calls):
        for at in _places(text, begin):
            match = _compiled(pattern).match(text, at)
            if match is not None and not is_placeholder(match["secret"]) and not names_one(match["secret"]):
                yield match.span("secret")


def _in_lists(text: str, begin: str, pattern: str) -> Iterator[tuple[int, int]]:
    """Yield where a list of arguments gives a secret: `["mysql", "-u", "root", "-p…"]`."""
    word = begin.split(maxsplit=1)[0]
    for at in (*_places(text, f'"{word}'), *_places(text, f"'{word}")):
        items = _ITEMS.match(text, at)
        line = _BETWEEN.sub(" ", items[0])[1:] if items is not None else ""
        match = _compiled(pattern).match(line) if line.startswith(begin) else None
        if items is None or match is None or is_placeholder(match["secret"]) or names_one(match["secret"]):
            continue
        start = text.find(match["secret"], at, items.end())
        if start >= 0:
            yield start, start + len(match["secret"])


@cache  # most texts hold few commands, and most of these patterns are never needed
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


def _places(text: str, word: str) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + len(word))
