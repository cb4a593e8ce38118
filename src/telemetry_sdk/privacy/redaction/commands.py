"""The table of secrets in command lines, and in calls and statements that take them by their place.

Facts: the manuals of the commands. What stands between a command and its option is short and on its line; a value has
no quote and no backslash, so that a match never leaves the JSON string in which it stands.
"""

from __future__ import annotations

from .patterns import NOT_DONE, START, kind

_Q = r"(?:\\{0,15}+[\"'])"
_ARGUMENTS = r"\b[^\n\"|;&\\]{0,160}?[ \t]"
_VALUE = rf"{NOT_DONE}(?P<secret>(?![-$<{{%])[^\s\"'`\\,;|&()<>]{{3,256}})"
_AT_CLOSE = r"(?=\\{0,15}+[\"'])"
_WORD = r"[^\s\"'\\|;&,()]{1,128}"


def _option(commands: str, options: str, between: str = r"[ \t]{1,4}") -> str:
    return rf"{START}(?:{commands}){_ARGUMENTS}(?:{options}){between}{_Q}?{_VALUE}"


COMMANDS = (
    kind(
        "command-password",
        "login mongo",
        _option(r"(?:docker|podman|az|oc|buildah|skopeo|helm registry|crane auth)[ \t]login|mongo[a-z]{0,8}", "-p"),
    ),
    kind("command-password", "zip", _option("zip|unzip|zipcloak", "-P")),
    kind("command-password", "7z rar", _option("7z[azr]?|(?:un)?rar", "-h?p", "")),
    kind("command-password", "sshpass", rf"sshpass[ \t]{{1,8}}-p[ \t]?{_Q}?{_VALUE}"),
    kind("command-password", "redis-cli", _option("redis-cli", "-a")),
    kind(
        "command-password", "mysql mariadb", _option("(?:mysql|mariadb)(?:dump|admin|import|-dump|-admin)?", "-p", "")
    ),
    kind(
        "command-password", "pass:", rf"(?:-pass(?:in|out)?|-srcstorepass|-deststorepass)[ \t]{{1,4}}{_Q}?pass:{_VALUE}"
    ),
    kind("command-password", "openssl", _option("openssl", "-k")),
    kind("command-password", "sqlcmd bcp", _option("sqlcmd|bcp", "-P")),
    kind("command-password", "ldap", _option("ldap(?:search|add|modify|delete|passwd|whoami|compare)", "-w")),
    kind("command-password", "ssh-keygen", _option("ssh-keygen", "-[NP]")),
    kind(
        "command-password",
        "htpasswd",
        rf"htpasswd[ \t]{{1,4}}-[a-zA-Z]{{0,6}}b[a-zA-Z]{{0,6}}[ \t]{{1,4}}(?:{_WORD}"
        rf"[ \t]{{1,4}}){{2}}{_Q}?{_VALUE}",
    ),
    kind(
        "command-password",
        "add_user change_password",
        rf"(?:add_user|change_password)[ \t]{{1,4}}{_WORD}[ \t]{{1,4}}{_Q}?{_VALUE}",
    ),
    kind(
        "command-password",
        "alias",
        rf"{START}mc[ \t](?:alias[ \t]set|config[ \t]host[ \t]add)[ \t]{_WORD}[ \t]{_WORD}[ \t]"
        rf"{_Q}?{_WORD}{_Q}?[ \t]{{1,4}}{_Q}?{_VALUE}",
    ),
    kind(
        "command-password",
        "sqlplus oracle:thin",
        rf"(?:{START}sqlplus\b(?:[ \t]-[A-Za-z]{{1,8}}){{0,3}}[ \t]{{1,4}}"
        rf"{_Q}?|jdbc:oracle:thin:)[A-Za-z_][\w$#]{{0,64}}/{NOT_DONE}(?P<secret>[^\s\"'\\/]{{3,128}})@",
    ),
    kind(
        "command-password",
        "smbclient mount.cifs",
        _option("smbclient|rpcclient|net", "-U", rf"[ \t]?{_Q}?[^\s\"'\\%]{{1,64}}%"),
    ),
    kind(
        "command-password",
        "chpasswd",
        rf"{START}echo[ \t](?:-[a-z][ \t])?{_Q}?[a-z_][a-z0-9_-]{{0,31}}:{_VALUE}{_Q}?[ \t]{{0,4}}\|"
        rf"[ \t]{{0,4}}(?:sudo[ \t])?chpasswd",
    ),
    kind(
        "command-password",
        "-s stdin passwd",
        rf"{START}(?:echo|printf)[ \t](?:-n[ \t])?{_Q}?{_VALUE}{_Q}?[ \t]{{0,4}}\|[ \t]{{0,4}}(?:sudo"
        rf"[ \t](?:-\w[ \t]){{0,2}}-S\b|[^\n\"|;&\\]{{0,160}}--(?:password|token)-stdin|passwd\b)",
    ),
    kind(
        "command-password",
        "secret",
        rf"{START}(?:gh|vercel|wrangler|fly|heroku)[ \t](?:secrets?|variable|env)[ \t](?:set|add|put)"
        rf"[ \t]{_WORD}[^\n\"|;&\\]{{0,80}}?[ \t](?:--body|-b)[ =]{_Q}?{_VALUE}",
    ),
    kind(
        "command-password",
        "on >",
        rf"{START}user[ \t]{_WORD}[ \t][^\n\"\\]{{0,60}}?>"
        rf"{NOT_DONE}(?P<secret>(?!\s)[^\s\"'\\<>]{{3,128}})[ \t]{{1,4}}[~+&]",
    ),
    kind(
        "command-password",
        "securestring",
        rf"SecureString[ \t](?:-String[ \t])?(?P<quote>{_Q})"
        rf"{NOT_DONE}(?P<secret>[^\s\"'\\$]{{3,128}})(?P=quote)",
    ),
    kind(
        "command-password",
        "identified",
        rf"(?i:identified[ \t](?:with[ \t]\S{{1,40}}[ \t])?by)[ \t]{{1,4}}(?i:password[ \t])?"
        rf"{_Q}{NOT_DONE}(?P<secret>[^\n\"'\\]{{1,128}}){_AT_CLOSE}",
    ),
    kind(
        "command-password",
        "connect(",
        rf"(?i:mysqli?_connect|new[ \t]mysqli|pg_connect)\({_Q}?[^\"'\n,\\]{{1,64}}{_Q}?,[ \t]?"
        rf"{_Q}[^\"'\n,\\]{{1,64}}{_Q},[ \t]?{_Q}{NOT_DONE}(?P<secret>[^\"'\n\\]{{1,128}}){_AT_CLOSE}",
    ),
    kind(
        "command-password",
        "login( auth",
        rf"(?:\.login\(|\.auth\(|\bauth=\(|BasicAuth\(){_Q}[^\"'\s,\\]{{1,64}}{_Q},[ \t]?{_Q}"
        rf"{NOT_DONE}(?P<secret>[^\"'\s\\<>$]{{3,128}}){_AT_CLOSE}",
    ),
    kind("command-password", "snmp", rf"snmp-server[ \t]community[ \t]{_VALUE}"),
    kind(
        "command-password",
        "password secret",
        rf"(?:password|secret)[ \t][5789][ \t]{NOT_DONE}(?P<secret>[^\s\"'\\]{{4,128}})",
    ),
)
