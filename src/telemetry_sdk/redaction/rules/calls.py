"""Secrets that calls, statements, protocols and configurations of devices take by position."""

from __future__ import annotations

from .commands import ARGUMENT, KIND, USER_COLON, USER_SLASH, VALUE, WITH_DIGIT
from .rule import BEFORE_QUOTE, BLANKS, NOT_REDACTED, QUOTE, Row

_PAIR = (
    rf"\({QUOTE}[^\"'\s,\\]{{1,64}}{QUOTE},[ \t]?{QUOTE}{NOT_REDACTED}(?P<secret>[^\"'\s\\<>$]{{3,128}}){BEFORE_QUOTE}"
)
_THIRD = (  # an address, a user, a password
    rf"\({QUOTE}[^\"'\n\\]{{1,160}}{QUOTE},[ \t]?{QUOTE}?[^\"'\n,\\]{{1,64}}{QUOTE}?,[ \t]?"
    rf"{QUOTE}{NOT_REDACTED}(?P<secret>[^\"'\n\\]{{1,128}}){BEFORE_QUOTE}"
)
_CONNECT = (
    rf"\({QUOTE}?[^\"'\n,\\]{{1,64}}{QUOTE}?,[ \t]?{QUOTE}[^\"'\n,\\]{{1,64}}{QUOTE},[ \t]?"
    rf"{QUOTE}{NOT_REDACTED}(?P<secret>[^\"'\n\\]{{1,128}}){BEFORE_QUOTE}"
)
_BY = r"[ \t](?i:(?:with[ \t]\S{1,40}[ \t])?by)"
_IDENTIFIED = (
    rf"[ \t]{{1,4}}(?i:password[ \t])?"
    rf"(?P<open>{QUOTE})?{NOT_REDACTED}(?P<secret>(?(open)[^\n\"'\\]{{1,128}}|{WITH_DIGIT}[^\s\"'\\;:<$]{{4,128}}))"
)
_ACL_USER = (
    rf"[ \t]{ARGUMENT}[ \t][^\n\"\\]{{0,60}}?>{NOT_REDACTED}(?P<secret>(?!\s)[^\s\"'\\<>]{{3,128}})[ \t]{{1,4}}[~+&]"
)

# fmt: off
ROWS: tuple[Row, ...] = (
    (KIND, "!user", _ACL_USER, "user bob on >hunter2 ~* +@all", "user bob on nopass ~* +@all"),
    (KIND, "IDENTIFIED", _BY + _IDENTIFIED, "IDENTIFIED BY 'hunter2'", "IDENTIFIED BY ?"),
    (KIND, "identified", rf"{_BY}(?=[^0-9\n]{{0,40}}[0-9]){_IDENTIFIED}",
     "identified by 'hunter2'", "the user is identified by 'the name'"),
    (KIND, "Key␣Content", rf"[ \t]{{1,16}}:[ \t]{VALUE}",
     "Key Content            : hunter2x9", "Key Content            : $X"),
    (KIND, "walletpassphrase set-pin", rf"[ \t]{VALUE}", "walletpassphrase hunter2 60", "walletpassphrase <words> 60"),
    (KIND, "!AUTH", rf"[ \t](?:[a-z]\w{{1,32}}[ \t])?{NOT_REDACTED}{WITH_DIGIT}(?P<secret>[^\s\"'\\<$]{{6,256}})",
     "AUTH default hunter2x9", "AUTH required"),
    (KIND, "send", rf"[ \t](?:--[ \t])?{QUOTE}{WITH_DIGIT}(?P<secret>[^\s\"'\\]{{6,256}})\\{{1,15}}r",
     'send "hunter2x9\\r"', 'send "yes\\r"'),
    (KIND, "!PASS", rf"[ \t]{NOT_REDACTED}{WITH_DIGIT}(?P<secret>[^\s\"'\\<$]{{6,256}})",
     "PASS hunter2x9", "PASS required"),
    (KIND, "LOGIN", rf"(?<=[ ]LOGIN)[ \t]{ARGUMENT}[ \t]{WITH_DIGIT}{VALUE}",
     "a1 LOGIN bob hunter2x9", "a1 LOGIN bob again"),
    (KIND, "stats␣auth", rf"[ \t]{USER_COLON}", "stats auth bob:hunter2", "stats auth bob"),
    (KIND, "isakmp␣key", rf"[ \t](?:\d[ \t])?{VALUE}",
     "crypto isakmp key hunter2 address 0.0.0.0", "crypto isakmp policy 10"),
    (KIND, "option␣key", rf"[ \t]{WITH_DIGIT}{VALUE}", "option key hunter2x9", "option key pressed"),
    (KIND, "chpasswd:", rf"{BLANKS}list:[ ]?\|?{BLANKS}(?:-[ ])?[a-z]\w{{0,31}}:{VALUE}",
     "chpasswd:\n  list: |\n    bob:hunter2", "chpasswd:\n  expire: false"),
    (KIND, "snmp-server␣community", rf"[ \t]{VALUE}", "snmp-server community hunter2 RO", "snmp-server location here"),
    (KIND, "password␣7 key␣7", rf"[ \t]{NOT_REDACTED}(?P<secret>[^\s\"'\\]{{4,128}})",
     "username bob password 7 094F471A1A0A", "password 7 and 8"),
    (KIND, "SecureString",
     rf"[ \t](?:-String[ \t])?(?P<quote>{QUOTE}){NOT_REDACTED}(?P<secret>[^\s\"'\\$]{{3,128}})(?P=quote)",
     "ConvertTo-SecureString 'hunter2' -AsPlainText", "ConvertTo-SecureString $x"),
    (KIND, "getConnection DBI->connect", _THIRD,
     'getConnection("jdbc:x", "bob", "hunter2")', 'getConnection("jdbc:x")'),
    (KIND, "PDO", _THIRD, "new PDO('mysql:x', 'bob', 'hunter2')", "new PDO('mysql:x')"),
    (KIND, "issecret=true", rf"\]{VALUE}",
     "##vso[task.setvariable variable=x;issecret=true]hunter2", "##vso[task.setvariable variable=x;issecret=true]$x"),
    (KIND, "NetworkCredential WiFi.begin .login .auth BasicAuth HTTPBasicAuth", _PAIR,
     "smtp.login('me', 'hunter2')", "smtp.login(me, word)"),
    (KIND, "auth=", rf"(?<!\wauth=){_PAIR}", "get(url, auth=('bob', 'hunter2'))", "get(url, auth=(user, word))"),
    (KIND, "-server", rf"[ \t](?:[^\n\"\\]{{1,64}}[ \t])?key[ \t](?:[0-9][ \t])?{VALUE}",
     "tacacs-server host h key hunter2", "tacacs-server host h"),
    (KIND, "mysqli_connect mysql_connect pg_connect", _CONNECT,
     "mysqli_connect('h', 'bob', 'hunter2')", "mysqli_connect($h)"),
    (KIND, "oracle:thin:", USER_SLASH, "jdbc:oracle:thin:scott/hunter2@//db:1521/x", "jdbc:oracle:thin:@//db:1521/x"),
)
# fmt: on
