"""Tokens without a prefix of their own: webhooks, signatures, password hashes, keys of a known structure.

The border of a pattern is checked last, since it costs most.
"""

from __future__ import annotations

from .rule import BORDER, BORDER_BEHIND_ONE, MIXED, Row, border_behind

# A border that stands seldom within base64, where any short row of letters is found behind a sign.
_BASE64 = r"(?:(?<![A-Za-z0-9+/_\\-])|(?<=\\[bfnrt])|(?<=%[0-9A-F]{2}))"

# fmt: off
ROWS: tuple[Row, ...] = (
    ("slack-webhook", "hooks.slack.com",
     r"hooks\.slack\.com/(?:services|workflows|triggers)/(?P<secret>[A-Za-z0-9_/-]{20,})",
     "https://hooks.slack.com/services/T<10u>/B<10u>/<24>", "https://hooks.slack.com/help"),
    ("teams-webhook", "webhook.office.com",
     r"webhook\.office\.com/webhookb2/(?P<secret>[A-Za-z0-9@/-]{36,}(?:/[A-Za-z0-9/-]{8,})?)",
     "https://acme.webhook.office.com/webhookb2/<36x>@<36x>/IncomingWebhook/<32x>",
     "https://acme.webhook.office.com/webhookb2/about"),
    ("discord-webhook", "api/webhooks/", r"/api/webhooks/(?P<secret>\d{15,25}/[A-Za-z0-9_-]{40,})",
     "https://discord.com/api/webhooks/<18d>/<60>", "https://discord.com/api/webhooks/<18d>"),
    ("telegram-token", ":A", rf"(?:{BORDER}|(?<=/bot))\d{{5,16}}:A[A-Za-z0-9_-]{{33,}}", "<9d>:AA<33>", "<9d>:AA<12>"),
    ("jwt", "eyJ ewo",
     (rf"(?:eyJ|ewo){border_behind(3, 'A-Za-z0-9_-')}[A-Za-z0-9_-]{{8,}}+={{0,2}}+\."
      r"(?:(?:eyJ|ewo)[A-Za-z0-9_-]{4,}+(?:={0,2}\.[A-Za-z0-9_-]{0,4096}+){0,3}+"
      # one that is encrypted, or whose content is no JSON; a signed session's middle is a time
      r"|[A-Za-z0-9_-]{0,4096}+\.[A-Za-z0-9_-]{16,4096}+(?:\.[A-Za-z0-9_-]{0,4096}+){0,2}+)"),
     "eyJ<32>.eyJ<32>.<43>", "eyJ<32>"),
    ("jwt", ".eyJ",
     r"eyJ(?<=[A-Za-z0-9_-]eyJ)[A-Za-z0-9_-]{8,512}+\.eyJ[A-Za-z0-9_-]{4,4096}+(?:\.[A-Za-z0-9_-]{0,4096}+){0,3}+",
     "xeyJ<32>.eyJ<32>.<43>", "xeyJ<32>"),
    ("jwt", ".ey",
     (rf"ey{border_behind(2, 'A-Za-z0-9_-')}{MIXED}[A-Za-z0-9_-]{{16,}}+\.ey{MIXED}[A-Za-z0-9_-]{{16,}}+"
      r"(?:\.[A-Za-z0-9_-]{0,4096}+={0,2}+)?"),
     "ey<24>.ey<24>.<24>", "ey<24>.ey"),
    ("url-signature", "sig=", r"[?&;]sig=(?P<secret>[A-Za-z0-9%/+=_-]{20,})",
     "https://x.example/c?sv=1&sig=<32>%3D", "https://x.example/c?sv=1&sig=<12>"),
    ("aws-signature", "mz- ignature=",
     r"(?i:X-Amz-(?:Signature|Credential|Security-Token)|Signature)=(?P<secret>[A-Za-z0-9%/+=_~-]{24,})",
     "https://x.example/?X-Amz-Signature=<64x>", "https://x.example/?X-Amz-Expires=<24d>"),
    ("password-hash", "$",
     (r"\$(?:2[abxy]?\$\d\d\$[./A-Za-z0-9]{50,}|(?:[156789y]|apr1|gy)\$[^\s\"'\\:<>]{16,}|[PS]\$[./A-Za-z0-9]{31,}"
      r"|(?:argon2i?d?|scrypt|pbkdf2(?:-sha\d{1,3})?)\$[^\s\"'\\:<>]{20,})"),
     "bob:$6$salt$<64>", "bob:$6$salt"),
    ("password-hash", "pbkdf2 scrypt",
     (r"(?:pbkdf2_sha\d{1,3}\$\d{1,8}\$|pbkdf2:sha\d{1,3}:\d{1,8}\$|scrypt:\d{1,8}:\d{1,3}:\d{1,3}\$)"
      r"[A-Za-z0-9./_-]{1,64}\$[A-Za-z0-9+/=]{16,}"),
     "pbkdf2_sha256$390000$<12>$<43>=", "pbkdf2_sha256$390000$<12>"),
    # a checksum's mark near the end of the key
    ("azure-key", "AzFu ACDb +ASt AzSe AzCa AIoT +ABa +ACR",
     (rf"{_BASE64}[A-Za-z0-9+/_-]{{40,80}}(?:AzFu|ACDb|\+ASt|AzSe|AzCa|AIoT|\+ABa|\+ACR)[A-Za-z0-9+/_-]{{5,8}}"
      r"(?:={1,2}|(?![A-Za-z0-9+/_-]))"),
     "<76>+AStabcdef==", "<32>+AStabcdef=="),
    ("new-relic-key", "NRAL -NRMA",
     (BORDER + r"(?:(?:[0-9a-fA-F]{36}|[a-z]{2,3}\d\dxx[0-9a-fA-F]{30})NRAL"
      r"|(?:AA[0-9a-f]{40}|[a-z]{2,3}\d\dxx[0-9a-f]{36})-NRMA)(?![A-Za-z0-9])"),
     "<36x>NRAL", "<32x>NRAL"),
    ("yandex-token", "t1.", BORDER + r"t1\.[A-Za-z0-9_-]{8,64}={0,2}\.[A-Za-z0-9_-]{80,}",
     "t1.<8>.<80>", "t1.<8>.<20>"),
    ("azure-secret", "Q~", BORDER + r"[A-Za-z0-9_~.]{3}\dQ~[A-Za-z0-9_~.-]{31,}", "<3>8Q~<34>", "<3>8Q~<12>"),
    ("azure-devops-token", "AZDO", rf"[A-Za-z0-9]{BORDER_BEHIND_ONE}[A-Za-z0-9]{{75}}AZDO[A-Za-z0-9]{{4}}",
     "<76>AZDO<4>", "<20>AZDO<4>"),
    ("terraform-token", ".atlasv1.", BORDER + r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{56,}",
     "<14>.atlasv1.<67>", "<14>.atlasv1.<20>"),
    ("firebase-token", ":APA91b", r"(?:(?<![A-Za-z0-9_-])|(?<=\\[bfnrt]))[A-Za-z0-9_-]{8,64}:APA91b[A-Za-z0-9_-]{100,}",
     "<11>:APA91b<134>", "<11>:APA91b<20>"),
    # an image's empty pixels are such rows, too
    ("twitter-token", "A" * 10,
     (rf"{_BASE64}A{{20,23}}(?!A)(?:(?=[A-Za-z0-9]{{0,60}}%)[A-Za-z0-9%]{{40,}}"
      rf"|(?![A-Za-z0-9]{{0,100}}AAA){MIXED}[A-Za-z0-9]{{78,104}}(?![A-Za-z0-9+/=]))"),
     "A" * 22 + "bc%2B<32>%3D<32>", "A" * 22 + "bc<20>"),
    ("harness-token", "pat. sat.", BORDER + r"(?:pat|sat)\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9]{24}\.[A-Za-z0-9]{20}",
     "pat.<22>.<24>.<20>", "pat.<22>.<24>"),
    ("tableau-token", "==:", BORDER + r"[A-Za-z0-9+/]{22}==:[A-Za-z0-9]{32}(?![A-Za-z0-9])",
     "<22>==:<32>", "<22>==:<20>"),
    ("airtable-token", ".v1.", r"\.v1\.(?P<secret>[A-Za-z0-9_-]{16,256}+\.[0-9a-f]{32,})",
     "oaa.v1.<24>.<64x>", "oaa.v1.<24>"),
    ("stripe-client-secret", "_secret_", rf"_secret_(?P<secret>{MIXED}[A-Za-z0-9]{{20,}}(?![A-Za-z0-9_]))",
     "pi_<24>_secret_<25>", "pi_<24>_secret_<12>"),
    ("dropbox-token", "A" * 10,
     rf"{_BASE64}[A-Za-z0-9]{{11}}A{{10}}(?![A-Za-z0-9]{{0,40}}AAA)[A-Za-z0-9_=-]{{43}}(?![A-Za-z0-9+/=_-])",
     "<11l>" + "A" * 10 + "<43>", "<11l>" + "A" * 10 + "<20>"),
    ("webhook", "hooks.zapier.com .tines.com/ softlayer.com/",
     (r"(?:hooks\.zapier\.com/hooks/catch/|\.tines\.com/webhook/|\.softlayer\.com/soap/v3(?:\.1)?/)"
      r"(?P<secret>[A-Za-z0-9/_-]{12,256})"),
     "https://hooks.zapier.com/hooks/catch/<7d>/<7l>", "https://hooks.zapier.com/hooks/catch/docs"),
    ("authress-key", ".acc",
     (BORDER + r"(?:sc|ext|scauth|authress)_[A-Za-z0-9]{5,30}\.[A-Za-z0-9]{4,6}\.acc[_-][A-Za-z0-9-]{10,32}"
      r"\.[A-Za-z0-9+/_=-]{30,120}"),
     "sc_<20>.<4l>.acc-<14l>.<60>", "sc_<20>.<4l>.acc-<14l>"),
    ("maxmind-key", "_mmk", BORDER + r"[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk", "<6>_<29>_mmk", "<6>_<12>_mmk"),
    ("1password-key", "A3-", BORDER + r"A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(?:-[A-Z0-9]{5}){3}",
     "A3-<6u>-<11u>-<5u>-<5u>-<5u>", "A3-<6u>-<11u>-<5u>-<5u>"),
)
# fmt: on
