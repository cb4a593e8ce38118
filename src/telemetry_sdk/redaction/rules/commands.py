"""Secrets in command lines.

The keywords of a row are the commands (`!`: at the beginning of a word; `␣`: a blank), its pattern is the rest of the
line. The facts are those of the manuals. What stands between a command and its option is short and on its line; a value
has no quote and no backslash, so that a match never leaves the JSON string in which it stands.
"""

from __future__ import annotations

from .rule import NOT_REDACTED, QUOTE, Row

KIND = "command-password"
VALUE = (  # in quotes with blanks, or up to the next blank
    rf"(?P<open>{QUOTE})?{NOT_REDACTED}(?P<secret>(?![-$<>{{%])(?(open)[^\n\"'\\]{{3,256}}|[^\s\"'\\]{{3,256}}))"
)
ARGUMENT = r"[^\s\"'\\|;&,()]{1,128}"
WITH_DIGIT = r"(?=[^\s0-9]{0,64}[0-9])"
USER_COLON = rf"[^\s\"':\\]{{1,64}}:{NOT_REDACTED}(?P<secret>[^\s\"'\\]{{3,128}})"
USER_SLASH = rf"[A-Za-z_][\w$#]{{0,64}}/{NOT_REDACTED}(?P<secret>[^\s\"'\\/]{{3,128}})@"
_ARGUMENTS = r"\b(?:[^\n|;&\\]|\\{1,15}[\"']|\\\r?\n){0,200}?[ \t]"
_USER_AND_VALUE = rf"[ \t]{{1,4}}{ARGUMENT}[ \t]{{1,4}}{VALUE}"
_PIPED = (  # to the standard input of a command that asks for it
    rf"[ \t](?:-n[ \t])?{VALUE}{QUOTE}?[ \t]{{0,4}}\|[ \t]{{0,4}}(?:[^\n\"|;&\\]{{0,160}}--(?:password|token)-stdin"
    r"|sudo[ \t](?:-\w[ \t]){0,2}-S\b|(?:sudo[ \t])?passwd\b|[^\n\"|;&\\]{0,40}cryptsetup)"
)
_TO_CHPASSWD = (
    rf"[ \t](?:-[a-z][ \t])?{QUOTE}?[a-z_][a-z0-9_-]{{0,31}}:{VALUE}{QUOTE}?[ \t]{{0,4}}\|[ \t]{{0,4}}"
    r"(?:sudo[ \t])?chpasswd"
)


def _option(options: str, between: str = r"[ \t]{1,4}") -> str:
    return rf"{_ARGUMENTS}(?:{options}){between}{VALUE}"


# fmt: off
ROWS: tuple[Row, ...] = (
    (KIND, "!docker␣login !podman␣login !az␣login !oc␣login !buildah␣login !skopeo␣login", _option("-p"),
     "docker login -u bob -p hunter2 reg.io", "docker run -p 8080:80"),
    (KIND, "!helm␣registry␣login", _option("-p"), "helm registry login -p hunter2 x", "helm registry login x"),
    (KIND, "!crane␣auth␣login", _option("-p"), "crane auth login -u bob -p hunter2 x", "crane auth login x"),
    (KIND, "!mongo !mongosh !mongodump !mongorestore !mongoexport !mongoimport !mongostat", _option("-p"),
     "mongo -u bob -p hunter2", "mongo -u bob -p"),
    (KIND, "!zip !unzip !zipcloak", _option("-P"), "zip -r -P hunter2 a.zip dir", "zip -r a.zip dir"),
    (KIND, "!7z !7za !7zr !7zz", _option("-p", ""), "7z a -phunter2 a.7z dir", "7z a a.7z dir"),
    (KIND, "!rar !unrar", _option("-h?p", ""), "rar a -hphunter2 a.rar dir", "rar a a.rar dir"),
    (KIND, "sshpass", rf"(?:[ \t]|\\\r?\n){{1,8}}-p[ \t]?{VALUE}",
     "sshpass -p hunter2 ssh bob@host", "sshpass -e ssh bob@host"),
    (KIND, "!redis-cli", _option("-a"), "redis-cli -h x -a hunter2 ping", "redis-cli -h x ping"),
    (KIND, "!mysql !mysqldump !mysqladmin !mysqlimport", _option("-p", ""),
     "mysql -u bob -phun,te(r)2`;9 db", "mysql -u bob -p db"),
    (KIND, "!mariadb !mariadb-dump !mariadb-admin", _option("-p", ""),
     "mariadb -u bob -phunter2 db", "mariadb -u bob -p db"),
    (KIND, "!openssl", _option("-k"), "openssl enc -aes-256-cbc -k hunter2 -in x", "openssl enc -aes-256-cbc -in x"),
    (KIND, "!sqlcmd", _option("-P"), "sqlcmd -U sa -P hunter2", "sqlcmd -U sa"),
    (KIND, "!ldapsearch !ldapadd !ldapmodify !ldapdelete !ldappasswd !ldapwhoami !ldapcompare", _option("-w"),
     "ldapsearch -D x -w hunter2", "ldapsearch -D x -W"),
    (KIND, "!ssh-keygen", _option("-[NP]"), "ssh-keygen -t rsa -N hunter2", "ssh-keygen -t rsa"),
    (KIND, "htpasswd",
     rf"[ \t]{{1,4}}-[a-zA-Z]{{0,6}}b[a-zA-Z]{{0,6}}[ \t]{{1,4}}(?:{ARGUMENT}[ \t]{{1,4}}){{2}}{VALUE}",
     "htpasswd -b f bob hunter2", "htpasswd -c f bob"),
    (KIND, "add_user change_password", _USER_AND_VALUE, "rabbitmqctl add_user bob hunter2", "rabbitmqctl add_user bob"),
    (KIND, "!mc␣alias␣set", rf"[ \t]{ARGUMENT}[ \t]{ARGUMENT}[ \t]{QUOTE}?{ARGUMENT}{QUOTE}?[ \t]{{1,4}}{VALUE}",
     "mc alias set n http://x:9000 AK9 hunter2", "mc alias set n http://x:9000"),
    (KIND, "!sqlplus", rf"\b(?:[ \t]-[A-Za-z]{{1,8}}){{0,3}}[ \t]{{1,4}}{QUOTE}?{USER_SLASH}",
     "sqlplus -s scott/hunter2@db", "sqlplus -s scott@db"),
    (KIND, "!smbclient", _option("-U", rf"[ \t]?{QUOTE}?[^\s\"'\\%]{{1,64}}%"),
     "smbclient //h/s -U bob%hunter2", "smbclient //h/s -U bob"),
    (KIND, "!gh␣secret␣set", rf"[ \t]{ARGUMENT}[^\n\"|;&\\]{{0,80}}?[ \t](?:--body|-b)[ =]{VALUE}",
     "gh secret set X --body hunter2", "gh secret set X"),
    (KIND, "cargo␣login", rf"[ \t]{VALUE}", "cargo login hunter2x9", "cargo login"),
    (KIND, "poetry␣config", rf"[ \t](?:pypi-token|http-basic)\.\S{{1,64}}[ \t](?:{ARGUMENT}[ \t])?{VALUE}",
     "poetry config pypi-token.foo hunter2x9", "poetry config virtualenvs.path x"),
    (KIND, "rclone␣obscure", rf"[ \t]{VALUE}", "rclone obscure hunter2", "rclone copy hunter2 x"),
    (KIND, "!mosquitto_pub !mosquitto_sub !mosquitto_rr !ipmitool", _option("-P"),
     "mosquitto_pub -u bob -P hunter2", "mosquitto_pub -u bob"),
    (KIND, "!snmpget !snmpwalk !snmpset !snmpbulkwalk !snmpgetnext", _option("-[AX]"),
     "snmpget -v3 -A hunter2x9 h", "snmpget -v3 h"),
    (KIND, "vault␣login", rf"[ \t](?:token=)?{VALUE}", "vault login hunter2x9", "vault login -method=ldap"),
    (KIND, "!twine !pscp !plink", _option("-p|-pw"), "twine upload -u bob -p hunter2 dist/*", "twine upload dist/*"),
    (KIND, "!net␣user", rf"[ \t]{ARGUMENT}[ \t]{VALUE}", "net user bob hunter2 /add", "net user bob"),
    (KIND, "!net␣use", rf"[ \t](?:\S{{1,128}}[ \t]){{1,3}}/user:\S{{1,64}}[ \t]{VALUE}",
     r"net use z: //h/s /user:bob hunter2", r"net use z: //h/s"),
    (KIND, "schtasks", rf"{_ARGUMENTS}/rp[ \t]{VALUE}",
     "schtasks /create /ru bob /rp hunter2", "schtasks /create /ru bob"),
    (KIND, "!lftp", rf"{_ARGUMENTS}-u[ \t][^\s,\"'\\]{{1,64}},{VALUE}", "lftp -u bob,hunter2 h", "lftp -u bob h"),
    (KIND, "!http !https", rf"{_ARGUMENTS}-a[ \t]{USER_COLON}",
     "http -a bob:hunter2 example.com", "http -a bob example.com"),
    (KIND, "wpa_passphrase", rf"[ \t]{ARGUMENT}[ \t]{VALUE}", "wpa_passphrase home hunter2x9", "wpa_passphrase home"),
    (KIND, "-pass -passin -passout -srcstorepass -deststorepass", rf"[ \t]{{1,4}}{QUOTE}?pass:{VALUE}",
     "openssl rsa -passin pass:hunter2", "openssl rsa -passin file:x"),
    (KIND, "!echo", _TO_CHPASSWD, "echo 'bob:hunter2' | sudo chpasswd", "echo 'bob:x' | cat"),
    (KIND, "!echo !printf", _PIPED, "echo hunter2 | sudo -S ls", "echo hunter2 | cat"),
    (KIND, "freerdp xfreerdp wfreerdp", rf"{_ARGUMENTS}/p:{VALUE}",
     "xfreerdp /u:bob /p:hunter2 /v:h", "xfreerdp /u:bob /v:h"),
    (KIND, "-oauth.", rf"[\w.-]{{1,64}}[ \t]{VALUE}",
     "composer config github-oauth.github.com hunter2x9", "composer config github-oauth.github.com"),
)
# fmt: on
