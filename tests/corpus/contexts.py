"""Where secrets stand: sentences, settings, headers, commands, source; and how a report may hold such a text."""

from __future__ import annotations

import json
import urllib.parse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

AROUND = [
    "it failed with {} twice",
    "{}",
    "- {}\n- next",
    "curl -H 'X-Thing: {}' https://example.com",
    "export THING={}",
    'thing = "{}"',
    "thing: {}",
    "<thing>{}</thing>",
    "2026-11-24T10:44:43Z INFO sent {} in 12 ms",
    "`{}`",
    "({})",
    "https://example.com/?q={}&page=2",
    "args: ['run', '{}', '--fast']",
    "diff\n-old\n+new {}\n",
    "\t{},",
]
# Words that are no token: only the name gives them away.
PASSWORDS = ["hunter2!", "Tr0ub4dor&3", "swordfish99", "p4ssw0rd_x", "zaq12wsxCDE", "N0tS0S3cret"]
NAMED = [
    "DB_PASSWORD={}",
    "export PGPASSWORD='{}'",
    '{{"password": "{}", "user": "bob"}}',
    "password: {}\n",
    "mysql --password {} -u bob",
    '["login", "--password", "{}", "--fast"]',
    "my password is {}",
    "https://bob:{}@example.com/",
    "curl -u bob:{} https://example.com",
    "<password>{}</password>",
    '{{"name": "DB_PASSWORD", "value": "{}"}}',
    '<add key="DbPassword" value="{}"/>',
    "Server=a;Pwd={};Uid=b",
    "client_secret={}&grant=x",
    "secretKey: '{}'",
    "sshpass -p {} ssh bob@host",
    "api key: {}",
    "password%3D{}%26user%3Dbob",
    "api_key = os.getenv('X') or '{}'",
    "-e ADMIN_PASSWORD={} \\",
    'passwd = r"{}"',
    '{{:password, "{}"}}',
    "auth_token => '{}',",
    "machine h login bob password {}",
    "redis-cli -h x -a {} ping",
]


def _inside(sign: Callable[[random.Random], str]) -> Callable[[str, str, random.Random], str]:
    def put(text: str, secret: str, chance: random.Random) -> str:
        place = chance.randrange(len(secret) // 3, len(secret) - 2)
        return text.replace(secret, secret[:place] + sign(chance) + secret[place:])

    return put


HELD: dict[str, Callable[[str, str, random.Random], str]] = {
    "as it is": lambda text, _secret, _chance: text,
    "json": lambda text, _secret, _chance: json.dumps({"content": text, "n": 1}),
    "json in json": lambda text, _secret, _chance: json.dumps({"line": json.dumps({"content": text})}),
    "json, three deep": lambda text, _secret, _chance: json.dumps([json.dumps([json.dumps([text])])]),
    "url": lambda text, _secret, _chance: "https://x.example/?next=" + urllib.parse.quote(text, safe=""),
    "coloured": _inside(lambda chance: f"\x1b[{chance.choice(['31', '0', '1;32'])}m"),
    "invisible": _inside(lambda chance: chance.choice("\u200b\u200d\u2060\ufeff\u00ad")),
    "coloured in json": lambda text, secret, chance: json.dumps([HELD["coloured"](text, secret, chance)]),
    "invisible in json": lambda text, secret, chance: json.dumps([HELD["invisible"](text, secret, chance)]),
    "at the end of a long line": lambda text, _secret, _chance: "lorem ipsum dolor " * 400 + text,
    "windows": lambda text, _secret, _chance: text.replace("\n", "\r\n") + "\r\n",
}
