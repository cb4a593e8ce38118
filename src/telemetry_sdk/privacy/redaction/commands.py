"""The table of secrets in command lines, and in calls and statements that take them by their place.

Facts: the manuals of the commands. What stands between a command and its option is short and on its line; a value has
no quote and no backslash, so that a match never leaves the JSON string in which it stands.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from .patterns import AT_QUOTE, NOT_DONE, QUOTE, START
from .spans import BLANKS, Span
from .words import longest_word

if TYPE_CHECKING:
    from collections.abc import Iterator

_ARGUMENTS = r"\b(?:[^\n|;&\\]|\\{1,15}[\"']){0,200}?[ \t]"
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

# What must stand in a word of the text, where the pattern may begin, the pattern.
_TABLE: tuple[tuple[str, str, str], ...] = (
    (
        " -p",
        "docker,podman,az,oc,buildah,skopeo,helm registry,crane auth",
        _option(r"(?:docker|podman|az|oc|buildah|skopeo|helm registry|crane auth)[ \t]login", "-p"),
    ),
    (" -p", "mongo", _option("mongo[a-z]{0,8}", "-p")),
    (" -P", "zip,unzip", _option("zip|unzip|zipcloak", "-P")),
    (" -p", "7z", _option("7z[azr]?", "-p", "")),
    (" -p", "rar,unrar", _option("(?:un)?rar", "-h?p", "")),
    (" -p", "sshpass", rf"sshpass[ \t]{{1,8}}-p[ \t]?{_VALUE}"),
    ("redis-cli", "redis-cli", _option("redis-cli", "-a")),
    (" -p", "mysql", _option("mysql(?:dump|admin|import)?", "-p", "")),
    (" -p", "mariadb", _option("mariadb(?:-dump|-admin)?", "-p", "")),
    (
        "pass:",
        "-pass,-srcstorepass,-deststorepass",
        rf"(?:-pass(?:in|out)?|-srcstorepass|-deststorepass)[ \t]{{1,4}}{QUOTE}?pass:{_VALUE}",
    ),
    ("openssl", "openssl", _option("openssl", "-k")),
    (" -P", "sqlcmd", _option("sqlcmd", "-P")),
    ("ldap", "ldap", _option("ldap(?:search|add|modify|delete|passwd|whoami|compare)", "-w")),
    ("ssh-keygen", "ssh-keygen", _option("ssh-keygen", "-[NP]")),
    (
        "passwd",
        "htpasswd",
        (
            rf"htpasswd[ \t]{{1,4}}-[a-zA-Z]{{0,6}}b[a-zA-Z]{{0,6}}[ \t]{{1,4}}(?:{_WORD}"
            rf"[ \t]{{1,4}}){{2}}{_VALUE}"
        ),
    ),
    ("add_user", "add_user", _two("add_user")),
    ("change_password", "change_password", _two("change_password")),
    (
        "alias",
        "mc alias ",
        (
            rf"{START}mc[ \t]alias[ \t]set[ \t]{_WORD}[ \t]{_WORD}[ \t]"
            rf"{QUOTE}?{_WORD}{QUOTE}?[ \t]{{1,4}}{_VALUE}"
        ),
    ),
    ("sqlplus", "sqlplus", rf"{START}sqlplus\b(?:[ \t]-[A-Za-z]{{1,8}}){{0,3}}[ \t]{{1,4}}{QUOTE}?{_USER_SLASH}"),
    ("oracle:thin:", "oracle:thin:", rf"oracle:thin:{_USER_SLASH}"),
    ("smbclient", "smbclient", _option("smbclient", "-U", rf"[ \t]?{QUOTE}?[^\s\"'\\%]{{1,64}}%")),
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
        " gh",
        "gh secret ",
        rf"{START}gh[ \t]secret[ \t]set[ \t]{_WORD}[^\n\"|;&\\]{{0,80}}?[ \t](?:--body|-b)[ =]{_VALUE}",
    ),
    (
        " >",
        "user ",
        (
            rf"{START}user[ \t]{_WORD}[ \t][^\n\"\\]{{0,60}}?>"
            rf"{NOT_DONE}(?P<secret>(?!\s)[^\s\"'\\<>]{{3,128}})[ \t]{{1,4}}[~+&]"
        ),
    ),
    (
        "SecureString",
        "SecureString ",
        (
            rf"SecureString[ \t](?:-String[ \t])?(?P<quote>{QUOTE})"
            rf"{NOT_DONE}(?P<secret>[^\s\"'\\$]{{3,128}})(?P=quote)"
        ),
    ),
    ("IDENTIFIED", "IDENTIFIED ", _IDENTIFIED),
    ("identified", "identified by ", _IDENTIFIED.replace("by)", "by)(?=[^0-9\\n]{0,40}[0-9])")),
    ("Content", "Key Content", rf"Key Content[ \t]{{1,16}}:[ \t]{_VALUE}"),
    ("getConnection", "getConnection(", rf"getConnection{_THIRD}"),
    ("PDO", "new PDO(", rf"new PDO{_THIRD}"),
    ("DBI-", "DBI->connect(", rf"DBI->connect{_THIRD}"),
    (" login", "cargo login ", rf"cargo[ \t]login[ \t]{_VALUE}"),
    (
        "poetry",
        "poetry config ",
        rf"poetry[ \t]config[ \t](?:pypi-token|http-basic)\.\S{{1,64}}[ \t](?:{_WORD}[ \t])?{_VALUE}",
    ),
    ("-oauth.", "-oauth.", rf"-oauth\.[\w.-]{{1,64}}[ \t]{_VALUE}"),
    ("rclone", "rclone obscure ", rf"rclone[ \t]obscure[ \t]{_VALUE}"),
    ("walletpassphrase", "walletpassphrase ", rf"walletpassphrase[ \t]{_VALUE}"),
    ("cryptsetup", "echo ,printf ", _piped(r"[^\n\"|;&\\]{0,40}cryptsetup")),
    ("set-pin", "set-pin ", rf"set-pin[ \t]{_VALUE}"),
    (" -P", "mosquitto,ipmitool", _option("mosquitto_(?:pub|sub|rr)|ipmitool", "-P")),
    ("snmp", "snmp", _option("snmp(?:get|walk|set|bulkwalk|getnext)", "-[AX]")),
    ("issecret=true", "issecret=true", rf"issecret=true\]{_VALUE}"),
    ("NetworkCredential", "NetworkCredential(", rf"NetworkCredential\({_PAIR}"),
    ("WiFi.begin", "WiFi.begin(", rf"WiFi\.begin\({_PAIR}"),
    (
        "AUTH",
        "AUTH ",
        rf"{START}AUTH[ \t](?:[a-z]\w{{1,32}}[ \t])?{NOT_DONE}{_DIGIT}(?P<secret>[^\s\"'\\<$]{{6,256}})",
    ),
    ("PASS", "PASS ", rf"{START}PASS[ \t]{NOT_DONE}{_DIGIT}(?P<secret>[^\s\"'\\<$]{{6,256}})"),
    ("LOGIN", " LOGIN ", rf"[ ]LOGIN[ \t]{_WORD}[ \t]{_DIGIT}{_VALUE}"),
    (" login", "vault login ", rf"vault[ \t]login[ \t](?:token=)?{_VALUE}"),
    (" -p", "twine,xfreerdp,pscp,plink,pgloader", _option("twine|pscp|plink", "-p|-pw")),
    (" /p:", "freerdp", rf"freerdp{_ARGUMENTS}/p:{_VALUE}"),
    (" user", "net user ", rf"{START}net[ \t]user[ \t]{_WORD}[ \t]{_VALUE}"),
    (" /user:", "net use ", rf"{START}net[ \t]use[ \t](?:\S{{1,128}}[ \t]){{1,3}}/user:\S{{1,64}}[ \t]{_VALUE}"),
    (" /rp", "schtasks", rf"schtasks{_ARGUMENTS}/rp[ \t]{_VALUE}"),
    ("lftp", "lftp ", rf"{START}lftp{_ARGUMENTS}-u[ \t][^\s,\"'\\]{{1,64}},{_VALUE}"),
    (" -a", "http ,https ", rf"{START}https?{_ARGUMENTS}-a[ \t]{_COLON}"),
    ("stats", "stats auth ", rf"stats[ \t]auth[ \t]{_COLON}"),
    ("isakmp", "isakmp key ", rf"isakmp[ \t]key[ \t](?:\d[ \t])?{_VALUE}"),
    ("-server", "-server ", rf"-server[ \t](?:[^\n\"\\]{{1,64}}[ \t])?key[ \t](?:[0-9][ \t])?{_VALUE}"),
    ("option", "option key ", rf"option[ \t]key[ \t]{_DIGIT}{_VALUE}"),
    ("wpa_passphrase", "wpa_passphrase ", rf"wpa_passphrase[ \t]{_WORD}[ \t]{_VALUE}"),
    ("chpasswd", "chpasswd:", rf"chpasswd:{BLANKS}list:[ ]?\|?{BLANKS}(?:-[ ])?[a-z]\w{{0,31}}:{_VALUE}"),
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
    ("snmp-server", "snmp-server ", rf"snmp-server[ \t]community[ \t]{_VALUE}"),
    ("password", "password 7 ", rf"password 7[ \t]{_HASHED}"),
    ("key", "key 7 ", rf"key 7[ \t]{_HASHED}"),
)
KIND = "command-password"


def _by_sign() -> dict[str, list[tuple[str, str, str]]]:
    found: dict[str, list[tuple[str, str, str]]] = {}
    for sign, begins, pattern in _TABLE:
        found.setdefault(sign, []).extend((longest_word(begin), begin, pattern) for begin in begins.split(","))
    return found


_COMMANDS = _by_sign()


def command_secrets(text: str, words: str) -> list[Span]:
    """Return where commands and calls give a secret, in order and without overlaps.

    A pattern is tried only where it may begin: looking for a word is much faster than for a pattern.
    """
    found = sorted(
        match.span("secret")
        for sign, commands in _COMMANDS.items()
        if sign in words
        for word, begin, pattern in commands
        if word in words
        for at in _places(text, begin)
        if (match := _compiled(pattern).match(text, at)) is not None
    )
    spans: list[Span] = []
    for start, end in found:
        if not spans or start >= spans[-1].end:
            spans.append(Span(start, end, KIND))
    return spans


@cache  # most texts hold few commands, and most of these patterns are never needed
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


def _places(text: str, word: str) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + len(word))
