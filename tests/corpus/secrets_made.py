"""Secrets of many kinds, made from a seed in the shape of the real ones; none of them opens anything."""

from __future__ import annotations

import base64
import json
import string
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

UPPER, LOWER, DIGITS = string.ascii_uppercase, string.ascii_lowercase, string.digits
ALNUM = string.ascii_letters + DIGITS
HEX = "0123456789abcdef"
URLSAFE = ALNUM + "_-"
B64 = ALNUM + "+/"


def text(chance: random.Random, alphabet: str, least: int, most: int = 0) -> str:
    """Return random characters; one digit and one letter at least, where the alphabet has them, as in a real one."""
    length = chance.randint(least, max(least, most))
    while True:
        made = "".join(chance.choices(alphabet, k=length))
        if (
            (any(c in DIGITS for c in made) or not set(alphabet) & set(DIGITS))
            and made[0].isalnum()
            and made[-1].isalnum()
        ):
            return made


def _shape(*parts: str | tuple[str, int] | tuple[str, int, int]) -> Callable[[random.Random], str]:
    def make(chance: random.Random) -> str:
        return "".join(part if isinstance(part, str) else text(chance, *part) for part in parts)

    return make


def _one(*makers: Callable[[random.Random], str]) -> Callable[[random.Random], str]:
    return lambda chance: chance.choice(makers)(chance)


def _jwt(chance: random.Random) -> str:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    head = part({"alg": "HS256", "typ": "JWT"})
    return f"{head}.{part({'sub': text(chance, DIGITS, 10)})}.{text(chance, URLSAFE, 43)}"


def _pem(chance: random.Random) -> str:
    kind = chance.choice(
        ["RSA PRIVATE KEY", "PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY", "ENCRYPTED PRIVATE KEY"]
    )
    lines = "\n".join(text(chance, B64, 64) for _ in range(chance.randint(2, 8)))
    return f"-----BEGIN {kind}-----\n{lines}\n{text(chance, B64, 20)}==\n-----END {kind}-----"


def _mixed(length: int, alphabet: str = ALNUM) -> Callable[[random.Random], str]:
    """Return a maker of letters of both sizes and digits, three of each, as nearly all random ones have."""

    def make(chance: random.Random) -> str:
        while True:
            made = text(chance, alphabet, length)
            if min(sum(c in kind for c in made) for kind in (UPPER, LOWER, DIGITS)) >= 3:
                return made

    return make


def _then(before: str, *makers: Callable[[random.Random], str]) -> Callable[[random.Random], str]:
    return lambda chance: before + "".join(make(chance) for make in makers)


def _groups(before: str, alphabet: str = HEX) -> Callable[[random.Random], str]:
    return _shape(
        before, (alphabet, 8), *(part for _ in range(3) for part in ("-", (alphabet, 4))), "-", (alphabet, 12)
    )


# Families whose facts the field's rule sets give: the private halves of pairs, tokens of two parts, rarer vendors.
_FAMILIES: dict[str, Callable[[random.Random], str]] = {
    "pair": _one(
        _shape("sk_", (LOWER + DIGITS, 32)),
        _then("sk_app_", _mixed(40)),
        _shape("sk_test_1x3_", (HEX, 64)),
        _shape("sk_1234_123456_", (HEX, 32)),
        _groups("sk_"),
        _groups("sk_test_"),
        _shape("pk_", (HEX, 34)),
        _then("lk_", _mixed(20)),
    ),
    "live": _one(
        _shape("live_", (HEX, 35)),
        _then("live_", _mixed(40, URLSAFE)),
        _then("test_", _mixed(27)),
        _shape("live_pub_", (HEX, 31)),
        _shape("ak_live_", (ALNUM, 30)),
        _shape("flb_live_", (ALNUM, 20)),
    ),
    "groups": _one(
        *(_groups(before) for before in ("pat-na1-", "pat-eu1-", "rh-api-", "pub-c-", "sub-c-")),
        _groups("api-", LOWER + DIGITS),
    ),
    "atlassian of one service": _one(
        _shape("ATCTT3xFfG", (URLSAFE, 40), "=", (ALNUM, 8)), _shape("ATATT3", (URLSAFE, 186))
    ),
    "bitbucket of one's own": _shape("BBDC-", (B64, 44)),
    "authress": _shape("sc_", (ALNUM, 20), ".", (LOWER, 4), ".acc-", (LOWER + DIGITS, 14), ".", (URLSAFE, 60)),
    "appsync": _shape("da2-", (LOWER + DIGITS, 26)),
    "azure registry": _shape((ALNUM, 42), "+ACR", (ALNUM, 6)),
    "azure refresh": _shape("0.A", (URLSAFE, 60), ".Ag", (URLSAFE, 260)),
    "azure repository": _shape("git&", (DIGITS, 12), "&", (B64, 85), "A=="),
    "dropbox, long lived": _shape((LOWER + DIGITS, 11), "AAAAAAAAAA", (URLSAFE, 43)),
    "facebook app": _then("", _shape((DIGITS, 16), "|"), _mixed(27)),
    "facebook page": _shape("EAAJ", (ALNUM, 120)),
    "flutterwave test": _shape("FLWSECK_TEST-", (HEX, 32), "-X"),
    "gitlab session": _shape("_gitlab_session=", (HEX, 32)),
    "grafana, old": _shape("eyJrIjoi", (ALNUM, 90)),
    "jwt, encrypted": lambda chance: (
        f"{_jwt(chance).split('.')[0]}.{'.'.join(text(chance, URLSAFE, n) for n in (86, 16, 40, 22))}"
    ),
    "jwt in base64": lambda chance: base64.b64encode(_jwt(chance).encode()).decode().rstrip("="),
    "session, signed": lambda chance: (
        f"eyJ{text(chance, ALNUM, 30)}.{text(chance, URLSAFE, 6)}.{text(chance, URLSAFE, 27)}"
    ),
    "mailchimp in capitals": _shape((HEX.upper(), 32), "-us", ("123456789", 1)),
    "mailgun signing": _shape((HEX, 32), "-", (HEX, 8), "-", (HEX, 8)),
    "new relic of europe": _one(_shape("eu01xx", (HEX, 26), "FFFFNRAL"), _shape("eu01xx", (HEX, 36), "-NRMA")),
    "new relic, rarer": _one(_shape("NRBR-", (HEX, 19)), _shape("NRIQ-", (URLSAFE, 25))),
    "octopus": _shape("API-", (UPPER + DIGITS, 26, 34)),
    "pagerduty": _then("u+", _mixed(18)),
    "payment": _then("", _shape("pi_", (ALNUM, 24), "_secret_"), _mixed(25)),
    "salesforce": _one(_shape("00D", (ALNUM, 12), "!", (ALNUM + "_.", 96)), _shape("3MVG9", (ALNUM + "._", 85))),
    "square of a sandbox": _one(_shape("sandbox-sq0csp-", (URLSAFE, 43)), _shape("sq0idb-", (URLSAFE, 22))),
    "storyblok": _shape((ALNUM, 22), "tt-", (DIGITS, 6), "-", (URLSAFE, 20)),
    "tableau": _shape((ALNUM, 22), "==:", (ALNUM, 32)),
    "telegram, old": _then("", _shape(("123456789", 9), ":"), _mixed(35)),
    "twilio in capitals": _one(_shape("SK", (HEX.upper(), 32)), _then("SK", _mixed(32))),
    "voiceflow": _shape("VF.DM.", (HEX, 24), ".", (ALNUM, 16)),
    "webhook": _one(
        _shape("https://hooks.zapier.com/hooks/catch/", (DIGITS, 7), "/", (LOWER + DIGITS, 7)),
        _shape("https://acme.tines.com/webhook/", (HEX, 32), "/", (HEX, 32)),
    ),
    "zoho": _shape("1000.", (HEX, 32), ".", (HEX, 32)),
    "rare": _one(
        _shape("bb_pr_", (HEX, 30)),
        _shape("pri_", (HEX, 32)),
        _shape("endr+", (ALNUM, 16)),
        _shape("API_KEY", (UPPER + DIGITS, 32)),
        _shape("na1.", (B64, 100)),
        _shape("pgar_", (ALNUM, 27)),
        _shape("rootly_", (HEX, 64)),
        _shape("ramp_sec_", (ALNUM, 48)),
        _shape("spu-", (LOWER + DIGITS, 32)),
        _shape("shltm_", (URLSAFE, 40)),
        _shape("apify_api_", (ALNUM, 36)),
        _shape("ddp_", (ALNUM, 36)),
        _shape("BBFF-", (ALNUM, 30)),
        _shape("thog-secret-", (HEX, 32)),
        _shape("slk_", (HEX, 64)),
        _shape("sqco_", (ALNUM, 59)),
        _shape("tkn.v1_", (ALNUM, 71)),
        _then("NF-", _mixed(32)),
        _then("KEY", _mixed(55)),
        _then("YC", _mixed(38)),
    ),
    "named header": _one(_shape("X-Acme-Key: ", (HEX, 32)), _shape("acme.api.key = ", (HEX, 32))),
}

MAKERS: dict[str, Callable[[random.Random], str]] = {
    "private key": _pem,
    "age": _shape("AGE-SECRET-KEY-1", ("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58)),
    "anthropic": _one(_shape("sk-ant-api03-", (URLSAFE, 93), "AA"), _shape("sk-ant-oat01-", (URLSAFE, 80, 95))),
    "anthropic admin": _shape("sk-ant-admin01-", (URLSAFE, 93), "AA"),
    "openai": _one(
        _shape("sk-", (ALNUM, 20), "T3BlbkFJ", (ALNUM, 20)),
        _shape("sk-proj-", (URLSAFE, 74), "T3BlbkFJ", (URLSAFE, 74)),
    ),
    "openai service": _shape("sk-svcacct-", (URLSAFE, 58), "T3BlbkFJ", (URLSAFE, 58)),
    "openrouter": _shape("sk-or-v1-", (HEX, 64)),
    "groq": _shape("gsk_", (ALNUM, 52)),
    "perplexity": _shape("pplx-", (ALNUM, 48)),
    "replicate": _shape("r8_", (ALNUM, 37)),
    "xai": _shape("xai-", (ALNUM, 80)),
    "fireworks": _shape("fw_", (ALNUM, 22, 24)),
    "nvidia": _shape("nvapi-", (URLSAFE, 64)),
    "langsmith": _one(_shape("lsv2_pt_", (HEX, 32), "_", (HEX, 10)), _shape("lsv2_sk_", (HEX, 32), "_", (HEX, 10))),
    "tavily": _shape("tvly-", (ALNUM, 32)),
    "huggingface": _one(_shape("hf_", (ALNUM, 34)), _shape("api_org_", (ALNUM, 34))),
    "wandb": _shape("wandb_v1_", (URLSAFE, 60)),
    "aws id": _one(_shape("AKIA", ("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16)), _shape("ASIA", (UPPER + "234567", 16))),
    "aws bedrock": _shape("ABSK", (B64, 120, 128)),
    "github": _one(*(_shape(prefix, (ALNUM, 36)) for prefix in ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"))),
    "github fine": _shape("github_pat_", (ALNUM, 22), "_", (ALNUM, 59)),
    "gitlab": _one(_shape("glpat-", (URLSAFE, 20)), _shape("gldt-", (URLSAFE, 20)), _shape("glrt-", (URLSAFE, 20))),
    "gitlab trigger": _shape("glptt-", (HEX, 40)),
    "gitlab runner": _shape("GR1348941", (URLSAFE, 20)),
    "bitbucket": _shape("ATBB", (ALNUM, 32)),
    "atlassian": _shape("ATATT3xFfGF0", (URLSAFE, 170, 190)),
    "slack": _one(
        _shape("xoxb-", (DIGITS, 12), "-", (DIGITS, 12), "-", (ALNUM, 24)),
        _shape("xoxp-", (DIGITS, 12), "-", (DIGITS, 12), "-", (DIGITS, 12), "-", (HEX, 32)),
    ),
    "slack app": _shape("xapp-1-A", (UPPER + DIGITS, 10), "-", (DIGITS, 13), "-", (HEX, 64)),
    "slack hook": _shape(
        "https://hooks.slack.com/services/T", (UPPER + DIGITS, 10), "/B", (UPPER + DIGITS, 10), "/", (ALNUM, 24)
    ),
    "discord hook": _shape("https://discord.com/api/webhooks/", (DIGITS, 18), "/", (URLSAFE, 68)),
    "discord bot": _shape("MT", (ALNUM, 22), ".", (URLSAFE, 6), ".", (URLSAFE, 38)),
    "teams hook": _shape(
        "https://acme.webhook.office.com/webhookb2/",
        (HEX, 8),
        "-",
        (HEX, 4),
        "-4",
        (HEX, 3),
        "-a",
        (HEX, 3),
        "-",
        (HEX, 12),
        "@",
        (HEX, 8),
        "-",
        (HEX, 4),
        "-4",
        (HEX, 3),
        "-b",
        (HEX, 3),
        "-",
        (HEX, 12),
        "/IncomingWebhook/",
        (HEX, 32),
        "/",
        (HEX, 8),
        "-",
        (HEX, 4),
        "-4",
        (HEX, 3),
        "-a",
        (HEX, 3),
        "-",
        (HEX, 12),
    ),
    "telegram": _shape(("123456789", 9), ":AA", (URLSAFE, 33)),
    "stripe": _one(
        _shape("sk_live_", (ALNUM, 24, 99)), _shape("rk_live_", (ALNUM, 24, 99)), _shape("sk_test_", (ALNUM, 24, 99))
    ),
    "stripe hook": _shape("whsec_", (ALNUM, 32)),
    "square": _one(_shape("sq0csp-", (URLSAFE, 43)), _shape("EAAA", (URLSAFE, 60))),
    "braintree": _shape("access_token$production$", (LOWER + DIGITS, 16), "$", (HEX, 32)),
    "shopify": _one(*(_shape(prefix, (HEX, 32)) for prefix in ("shpat_", "shpca_", "shppa_", "shpss_"))),
    "google": _shape("AIza", (URLSAFE, 35)),
    "google oauth": _one(
        _shape("GOCSPX-", (URLSAFE, 28)), _shape("ya29.", (URLSAFE, 100, 200)), _shape("1//0", (URLSAFE, 60))
    ),
    "firebase": _shape("AAAA", (URLSAFE, 7), ":APA91b", (URLSAFE, 134)),
    "azure storage": _shape(
        "DefaultEndpointsProtocol=https;AccountName=acme;AccountKey=", (B64, 86), "==;EndpointSuffix=core.windows.net"
    ),
    "azure ad": _shape((ALNUM, 3), "8Q~", (URLSAFE + "~.", 34)),
    "azure sas": _shape("https://acme.blob.core.windows.net/c?sv=2022-11-02&sp=rl&sig=", (ALNUM, 43), "%3D"),
    "azure devops": _shape((ALNUM, 76), "AZDO", (ALNUM, 4)),
    "digitalocean": _one(_shape("dop_v1_", (HEX, 64)), _shape("doo_v1_", (HEX, 64))),
    "heroku": _shape("HRKU-AA", (URLSAFE, 58)),
    "netlify": _shape("nfp_", (ALNUM, 36)),
    "vercel": _one(_shape("vcp_", (ALNUM, 56)), _shape("vercel_blob_rw_", (ALNUM, 16), "_", (ALNUM, 30))),
    "fly": _shape("FlyV1 fm2_", (B64, 120, 200)),
    "cloudflare": _shape("v1.0-", (HEX, 24), "-", (HEX, 146)),
    "supabase": _one(_shape("sbp_", (HEX, 40)), _shape("sb_secret_", (URLSAFE, 31))),
    "planetscale": _one(_shape("pscale_tkn_", (URLSAFE, 43)), _shape("pscale_pw_", (URLSAFE, 43))),
    "neon": _shape("npg_", (ALNUM, 12, 16)),
    "npm": _shape("npm_", (ALNUM, 36)),
    "pypi": _shape("pypi-AgEIcHlwaS5vcmc", (URLSAFE, 100, 160)),
    "rubygems": _shape("rubygems_", (HEX, 48)),
    "cargo": _shape("cio", (ALNUM, 32)),
    "nuget": _shape("oy2", (LOWER + DIGITS, 43)),
    "docker": _one(_shape("dckr_pat_", (URLSAFE, 27)), _shape("dckr_oat_", (URLSAFE, 32))),
    "artifactory": _shape("AKCp", (ALNUM, 69)),
    "sendgrid": _shape("SG.", (URLSAFE, 22), ".", (URLSAFE, 43)),
    "mailgun": _shape("key-", (HEX, 32)),
    "mailchimp": _shape((HEX, 32), "-us", ("123456789", 1)),
    "sendinblue": _shape("xkeysib-", (HEX, 64), "-", (ALNUM, 16)),
    "postman": _shape("PMAK-", (HEX, 24), "-", (HEX, 34)),
    "twilio": _shape("SK", (HEX, 32)),
    "linear": _shape("lin_api_", (ALNUM, 40)),
    "notion": _one(_shape("ntn_", (ALNUM, 46)), _shape("secret_", (ALNUM, 43))),
    "airtable": _shape("pat", (ALNUM, 14), ".", (HEX, 64)),
    "figma": _shape("figd_", (URLSAFE, 40)),
    "asana": _shape("2/", (DIGITS, 16), "/", (DIGITS, 16), ":", (HEX, 32)),
    "typeform": _shape("tfp_", (URLSAFE + ".", 59)),
    "grafana": _one(_shape("glsa_", (ALNUM, 32), "_", (HEX, 8)), _shape("glc_", (B64, 60, 120))),
    "datadog": _shape("DD_API_KEY=", (HEX, 32)),
    "new relic": _shape("NRAK-", (UPPER + DIGITS, 27)),
    "sentry": _one(_shape("sntrys_eyJ", (B64, 120), "_", (B64, 43)), _shape("sntryu_", (HEX, 64))),
    "dynatrace": _shape("dt0c01.", (UPPER + DIGITS, 24), ".", (UPPER + DIGITS, 64)),
    "posthog": _shape("phx_", (ALNUM, 43)),
    "launchdarkly": _one(
        _shape("sdk-", (HEX, 8), "-", (HEX, 4), "-4", (HEX, 3), "-a", (HEX, 3), "-", (HEX, 12)),
        _shape("api-", (HEX, 8), "-", (HEX, 4), "-4", (HEX, 3), "-a", (HEX, 3), "-", (HEX, 12)),
    ),
    "statsig": _one(_shape("secret-", (ALNUM, 43)), _shape("console-", (ALNUM, 43))),
    "doppler": _one(_shape("dp.pt.", (ALNUM, 43)), _shape("dp.st.dev.", (ALNUM, 43))),
    "vault": _one(_shape("hvs.", (URLSAFE, 90, 120)), _shape("hvb.", (URLSAFE, 138, 160))),
    "terraform": _shape((ALNUM, 14), ".atlasv1.", (URLSAFE, 67)),
    "pulumi": _shape("pul-", (HEX, 40)),
    "1password": _shape("ops_eyJ", (B64, 250, 300)),
    "databricks": _shape("dapi", (HEX, 32)),
    "snyk": _shape("SNYK_TOKEN=", (HEX, 8), "-", (HEX, 4), "-4", (HEX, 3), "-a", (HEX, 3), "-", (HEX, 12)),
    "sonar": _one(_shape("squ_", (HEX, 40)), _shape("sqp_", (HEX, 40))),
    "buildkite": _shape("bkua_", (HEX, 40)),
    "circleci": _shape("CCIPAT_", (ALNUM, 22), "_", (HEX, 40)),
    "facebook": _shape("EAACEdEose0cBA", (ALNUM, 60, 120)),
    "twitter": _shape("AAAAAAAAAAAAAAAAAAAAA", (ALNUM, 30), "%3D", (ALNUM, 50)),
    "dropbox": _shape("sl.", (URLSAFE, 135, 140)),
    "plaid": _shape("access-production-", (HEX, 8), "-", (HEX, 4), "-4", (HEX, 3), "-a", (HEX, 3), "-", (HEX, 12)),
    "prefect": _shape("pnu_", (LOWER + DIGITS, 36)),
    "readme": _shape("rdme_", (LOWER + DIGITS, 70)),
    "flutterwave": _shape("FLWSECK-", (HEX, 32), "-X"),
    "duffel": _shape("duffel_live_", (URLSAFE, 43)),
    "easypost": _shape("EZAK", (ALNUM, 54)),
    "frameio": _shape("fio-u-", (URLSAFE, 64)),
    "jwt": _jwt,
    "sentry dsn": _shape("https://", (HEX, 32), ":", (HEX, 32), "@sentry.acme.example/42"),
    "connection string": _one(
        *(
            _shape(f"{scheme}://admin:", (ALNUM + "_-", 12, 20), "@db.internal:5432/main")
            for scheme in ("postgres", "mysql", "mongodb+srv", "redis", "amqp", "ftp")
        )
    ),
    "bearer": _shape("Authorization: Bearer ", (URLSAFE, 24, 60)),
    "basic": lambda chance: (
        "Authorization: Basic " + base64.b64encode(f"bob:{text(chance, ALNUM, 14)}".encode()).decode()
    ),
    "cookie": _shape("Cookie: sessionid=", (LOWER + DIGITS, 32)),
    "env": _one(
        *(
            _shape(f"{name}=", (ALNUM, 12, 24))
            for name in ("DB_PASSWORD", "API_KEY", "SECRET_KEY", "ACCESS_TOKEN", "CLIENT_SECRET")
        )
    ),
    "defined networking": _shape("dnkey-", (ALNUM, 26), "-", (ALNUM, 52)),
    "yandex": _shape("AQVN", (URLSAFE, 35)),
    "scaleway": _shape("SCW", (UPPER + DIGITS, 17)),
    "spaces": _shape("DO00", (UPPER + DIGITS, 16)),
    "new relic ingest": _shape((HEX, 36), "NRAL"),
    "rapidapi": _shape((HEX, 10), "msh", (HEX, 15), "p1", (HEX, 6), "jsn", (HEX, 12)),
    "azure key": _shape((ALNUM, 76), "+ASt", (ALNUM, 6), "=="),
    "apache hash": _shape("$apr1$", (ALNUM, 8), "$", (ALNUM, 22)),
    "django hash": _shape("pbkdf2_sha256$390000$", (ALNUM, 22), "$", (ALNUM, 43), "="),
    "wireguard": _shape("PrivateKey = ", (B64, 43), "="),
    **_FAMILIES,
}

# Of most of them the last twelve characters must be gone; of these another part.
BODIES: dict[str, Callable[[str], str]] = {
    "connection string": lambda secret: secret.split(":")[2].split("@")[0],
    "sentry dsn": lambda secret: secret.split("/")[2].split("@")[0].split(":")[1],
    "azure storage": lambda secret: secret.split("AccountKey=")[1][:60],
    "azure sas": lambda secret: secret.split("sig=")[1][:40],
    "private key": lambda secret: secret.split("\n")[1],
}
