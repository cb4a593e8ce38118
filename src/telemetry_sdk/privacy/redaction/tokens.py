"""The table of tokens that their own prefix gives away: the kind, its prefixes, the alphabet and length of the rest.

The facts (prefixes, alphabets, lengths) are those of the vendors' documents and of the rule sets that the field keeps
(gitleaks' 222 rules, of which some 100 have a prefix; the other half are names beside a value, `named_values`). The
lengths here are a little shorter than the vendors' own, since tokens are cut in logs.

A `!` before a prefix: it is short or a common word, so that a border must stand before it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from .patterns import token

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .patterns import Kind

_ALNUM, _URL, _HEX, _B64 = r"[A-Za-z0-9]", r"[A-Za-z0-9_-]", r"[0-9a-fA-F]", r"[A-Za-z0-9+/]"
_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_MIXED = r"(?=[A-Za-z]{0,24}[0-9])(?=[A-Z0-9]{0,24}[a-z])(?=[a-z0-9]{0,24}[A-Z])"
_DIGIT = r"(?=[A-Za-z_-]{0,64}[0-9])"

_TOKENS: tuple[tuple[str, str, str], ...] = (
    # models
    ("anthropic-key", "sk-ant-", _URL + "{16,}"),
    ("openrouter-key", "sk-or-", r"(?:v\d-)?" + _URL + "{32,}"),
    ("openai-key", "!sk-", rf"(?:(?:proj|svcacct|admin|None)-{_URL}{{20,}}|{_ALNUM}{{20,}})"),
    ("openai-key", "!sess-", _ALNUM + "{40,}"),
    ("groq-key", "gsk_", _ALNUM + "{32,}"),
    ("perplexity-key", "pplx-", _ALNUM + "{32,}"),
    ("replicate-token", "!r8_", _ALNUM + "{30,}"),
    ("xai-key", "!xai-", _ALNUM + "{40,}"),
    ("fireworks-key", "!fw_", _DIGIT + _ALNUM + "{20,}"),
    ("nvidia-key", "nvapi-", _URL + "{40,}"),
    ("langsmith-key", "lsv2_pt_ lsv2_sk_ ls__", _ALNUM + "{20,}(?:_[0-9a-f]{6,})?"),
    ("langfuse-key", "!sk-lf- !pk-lf-", _UUID),
    ("tavily-key", "tvly-", rf"(?:(?:dev|prod)-)?{_ALNUM}{{20,}}"),
    ("huggingface-token", "!hf_ api_org_", _ALNUM + "{30,}"),
    ("wandb-key", "wandb_v1_", _URL + "{40,}"),
    ("cerebras-key", "!csk-", _ALNUM + "{32,}"),
    ("voyage-key", "!pa-", _URL + "{40,}"),
    ("pinecone-key", "pcsk_", _URL + "{40,}"),
    ("elevenlabs-key", "!sk_", _HEX + "{48}(?![A-Za-z0-9])"),
    # code and packages
    ("github-token", "ghp_ gho_ ghu_ ghs_ ghr_", _ALNUM + "{30,}"),
    ("github-token", "github_pat_", r"[A-Za-z0-9_]{22,}"),
    (
        "gitlab-token",
        "glpat- gldt- glrt- glcbt- glptt- glft- glimt- glagent- glsoat- gloas- glffct- GR1348941",
        r"[A-Za-z0-9_.-]{16,}",
    ),
    ("bitbucket-token", "!ATBB !ATCTT3xFf", r"[A-Za-z0-9_=-]{24,}"),
    ("atlassian-token", "ATATT3xFf", r"[A-Za-z0-9_=-]{100,}"),
    ("sourcegraph-token", "sgp_", rf"(?:(?:{_HEX}{{16}}|local)_)?{_HEX}{{40}}"),
    ("npm-token", "!npm_", _ALNUM + "{30,}"),
    ("pypi-token", "pypi-", _URL + "{50,}"),
    ("rubygems-token", "rubygems_", _HEX + "{40,}"),
    ("crates-token", "!cio", _ALNUM + "{32}(?![A-Za-z0-9])"),
    ("nuget-key", "!oy2", "[a-z0-9]{43}(?![A-Za-z0-9])"),
    ("clojars-token", "CLOJARS_", _ALNUM + "{60}"),
    ("docker-token", "dckr_pat_ dckr_oat_", _URL + "{20,}"),
    ("artifactory-key", "!AKCp !cmVmd", _ALNUM + "{56,}"),
    ("sonar-token", "!squ_ !sqp_ !sqa_", _HEX + "{40}"),
    ("snyk-token", "snyk_uat. snyk_sat.", r"[A-Za-z0-9_.-]{30,}"),
    ("buildkite-token", "bkua_ bkaj_ !bkt_", _ALNUM + "{32,}"),
    ("circleci-token", "CCIPAT_ CCIPRJ_", rf"{_ALNUM}{{22}}_{_HEX}{{40}}"),
    ("codecov-token", "codecov_", _ALNUM + "{32,}"),
    ("postman-key", "PMAK-", rf"{_HEX}{{24}}-{_HEX}{{34}}"),
    # clouds
    ("aws-key-id", "!AKIA !ASIA !ABIA !ACCA !A3T", "[A-Z0-9]{16,17}(?![A-Za-z0-9])"),
    ("aws-bedrock-key", "!ABSK", _B64 + "{80,}={0,2}"),
    ("aws-bedrock-key", "bedrock-api-key-", _B64 + "{40,}={0,2}"),
    ("google-key", "AIza", _URL + "{35}"),
    ("google-oauth", "GOCSPX-", _URL + "{20,}"),
    ("google-oauth", "!ya29.", _URL + "{20,}"),
    ("google-oauth", "!1//0", _URL + "{30,}"),
    ("alibaba-key", "!LTAI", _ALNUM + "{16,24}(?![A-Za-z0-9])"),
    ("digitalocean-token", "dop_v1_ doo_v1_ dor_v1_", _HEX + "{64}"),
    ("heroku-key", "HRKU-", _URL + "{30,}"),
    ("netlify-token", "!nfp_ !nfc_ !nfo_", _ALNUM + "{36,}"),
    ("vercel-token", "!vcp_ !vci_ !vca_ !vcr_ !vck_", _ALNUM + "{24,}"),
    ("vercel-token", "vercel_blob_rw_", "[A-Za-z0-9_]{30,}"),
    ("fly-token", "fm1r_ fm1a_ fm2_", r"[A-Za-z0-9+/,_=-]{80,}"),
    ("fly-token", "!fo1_", _URL + "{43}"),
    ("cloudflare-key", "!v1.0-", rf"{_HEX}{{24}}-{_HEX}{{100,}}"),
    ("supabase-key", "!sbp_", _HEX + "{40,}"),
    ("supabase-key", "sb_secret_ sb_publishable_", _URL + "{20,}"),
    ("planetscale-token", "pscale_tkn_ pscale_pw_ pscale_oauth_", r"[A-Za-z0-9_=.-]{32,}"),
    ("neon-password", "!npg_", _DIGIT + _ALNUM + "{10,}"),
    ("neon-key", "napi_", _ALNUM + "{40,}"),
    ("databricks-token", "!dapi", _HEX + r"{32}(?:-\d)?"),
    ("openshift-token", "!sha256~", _URL + "{43}"),
    ("pulumi-token", "!pul-", _HEX + "{40}"),
    ("vault-token", "!hvs. !hvb. !hvr.", _URL + "{20,}"),
    ("doppler-token", "dp.pt. dp.ct. dp.sa. dp.scim. dp.audit.", _ALNUM + "{40,}"),
    ("doppler-token", "dp.st.", r"(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,}"),
    ("1password-token", "ops_eyJ", _B64 + "{100,}={0,3}"),
    ("infracost-key", "!ico-", _ALNUM + "{32}(?![A-Za-z0-9])"),
    ("prefect-key", "!pnu_ !pnb_", _ALNUM + "{36}"),
    ("scalingo-token", "tk-us-", _URL + "{48}"),
    ("clickhouse-key", "!4b1d", _ALNUM + "{38}(?![A-Za-z0-9])"),
    # messages and work
    (
        "slack-token",
        "xoxa- xoxb- xoxe- xoxo- xoxp- xoxr- xoxs- xoxe.xoxb- xoxe.xoxp- xoxc- xoxd-",
        "[A-Za-z0-9%-]{10,}",
    ),
    ("slack-token", "xapp-", r"\d-[A-Za-z0-9-]{20,}"),
    ("sendgrid-key", "!SG.", r"[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16,}"),
    ("mailgun-key", "!key-", "[0-9a-f]{32}(?![A-Za-z0-9])"),
    ("mandrill-key", "!md-", _DIGIT + _URL + "{22}(?![A-Za-z0-9])"),
    ("brevo-key", "xkeysib- xsmtpsib-", rf"{_HEX}{{64}}-{_ALNUM}{{16}}"),
    ("twilio-key", "!SK", "[0-9a-f]{32}(?![A-Za-z0-9])"),
    ("linear-key", "lin_api_ lin_oauth_", _ALNUM + "{32,}"),
    ("notion-token", "!ntn_", _ALNUM + "{40,}"),
    ("notion-token", "!secret_", _ALNUM + "{43}(?![A-Za-z0-9])"),
    ("airtable-token", "!pat", rf"{_ALNUM}{{14}}\.{_HEX}{{64}}"),
    ("figma-token", "!figd_ !figu_ !figo_", _URL + "{32,}"),
    ("typeform-token", "!tfp_", "[A-Za-z0-9_.-]{40,}"),
    ("readme-key", "rdme_", "[a-z0-9]{60,}"),
    ("frameio-token", "fio-u-", "[A-Za-z0-9_=-]{50,}"),
    # watching
    ("grafana-token", "glsa_", rf"{_ALNUM}{{32}}_{_HEX}{{8}}"),
    ("grafana-token", "!glc_", _B64 + "{32,}={0,3}"),
    ("new-relic-key", "NRAK- NRII- NRJS- NRRA-", _URL + "{16,}"),
    ("sentry-token", "sntrys_ sntryu_ sntryi_", "[A-Za-z0-9+/=_-]{40,}"),
    ("dynatrace-token", "dt0c01. dt0s01. dt0s16.", rf"{_ALNUM}{{24}}\.{_ALNUM}{{64}}"),
    ("posthog-key", "!phx_ !phs_", _ALNUM + "{32,}"),
    ("honeycomb-key", "hcaik_ hcalk_ hcamk_", _ALNUM + "{32,}"),
    ("launchdarkly-key", "!sdk- !api- !mob-", _UUID),
    ("statsig-key", "!secret- !console-", _ALNUM + "{20,}"),
    # money and the rest
    ("stripe-key", "!sk_live_ !sk_test_ !sk_prod_ !rk_live_ !rk_test_ !rk_prod_ !pk_live_", _ALNUM + "{10,}"),
    ("stripe-webhook-secret", "whsec_", "[A-Za-z0-9+/=]{20,}"),
    ("square-token", "sq0csp- sq0atp- sq0idp-", _URL + "{22,}"),
    ("square-token", "!EAAA", _DIGIT + _URL + "{56,}"),
    ("braintree-token", "access_token$production$ access_token$sandbox$", r"[a-z0-9]{16}\$[0-9a-f]{32}"),
    ("plaid-token", "access-production- access-sandbox- access-development-", _UUID),
    ("shopify-token", "shpat_ shpca_ shppa_ shpss_ shptka_", _HEX + "{32}"),
    ("shippo-token", "shippo_live_ shippo_test_", _HEX + "{40}"),
    ("easypost-key", "!EZAK !EZTK", _ALNUM + "{54}"),
    ("flutterwave-key", "FLWSECK", r"(?:_TEST)?-[A-Za-z0-9]{12,}(?:-X)?"),
    ("duffel-token", "duffel_live_ duffel_test_", "[A-Za-z0-9_=-]{40,}"),
    ("facebook-token", "!EAACEdEose0cBA !EAAB !EAAC !EAAG !EAAM", _ALNUM + "{60,}"),
    ("dropbox-token", "!sl.", r"(?:u\.)?[A-Za-z0-9_=-]{100,}"),
    ("mapbox-token", "!sk.eyJ !pk.eyJ !tk.eyJ", r"[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{16,}"),
    ("adobe-secret", "!p8e-", _ALNUM + "{32}"),
    ("octopus-key", "API-", r"[A-Z0-9]{26}(?![A-Za-z0-9])"),
    ("settlemint-token", "sm_aat_ sm_pat_ sm_sat_", _ALNUM + "{16}"),
    ("age-key", "AGE-SECRET-KEY-1", "[A-Z0-9]{40,}"),
    ("tailscale-key", "tskey-auth- tskey-api-", _URL + "{20,}"),
    ("hubspot-token", "!pat-na1- !pat-eu1-", _UUID),
    ("resend-key", "!re_", _ALNUM + "{8}_" + _ALNUM + "{20,}"),
    ("razorpay-key", "rzp_live_", _ALNUM + "{14,}"),
    ("contentful-token", "!CFPAT-", _URL + "{40,}"),
    ("mercadopago-token", "!APP_USR-", _DIGIT + _URL + "{30,}"),
    ("trello-token", "!ATTA", _HEX + "{72}"),
    ("e2b-key", "!e2b_", _HEX + "{40}"),
    ("firecrawl-key", "!fc-", _HEX + "{32}(?![A-Za-z0-9])"),
    ("aws-session-token", "!IQoJb3JpZ2luX2Vj", _B64 + "{40,}={0,2}"),
    ("private-key", "!LS0tLS1CRUdJTi", _B64 + "{40,}={0,2}"),
    ("defined-networking-key", "dnkey-", r"[A-Za-z0-9=_-]{20,}"),
    ("stripe-key", "!ek_live_ !ek_test_", _ALNUM + "{16,}"),
    ("wakatime-key", "!waka_", rf"(?:{_UUID}|{_ALNUM}{{32,}})"),
    ("adafruit-key", "!aio_", _DIGIT + _ALNUM + "{28}(?![A-Za-z0-9])"),
    ("render-key", "!rnd_", _DIGIT + _ALNUM + "{28,}"),
    ("lob-key", "!live_ !test_", _DIGIT + _ALNUM + "{35}(?![A-Za-z0-9])"),
    ("yandex-key", "!AQVN", _URL + "{32,38}(?![A-Za-z0-9])"),
    ("vault-token", "!s.", _MIXED + _ALNUM + "{24}(?![A-Za-z0-9])"),
    ("42-secret", "s-s4t2ud- u-s4t2ud-", _ALNUM + "{64}"),
    ("scaleway-key", "!SCW", "[A-Z0-9]{17}(?![A-Za-z0-9])"),
    ("digitalocean-key", "!DO00", "[A-Z0-9]{16,18}(?![A-Za-z0-9])"),
    ("clickup-key", "!pk_", r"\d{6,9}_[A-Za-z0-9]{32}"),
    ("discord-token", "!mfa.", _URL + "{60,}"),
)


class Token(NamedTuple):
    """A kind of token, and its prefix as it is written."""

    kind: Kind
    prefix: str


def _heads(prefix: str) -> Iterator[str]:
    """Yield how the first word of such a token may begin: three characters, or the whole of a shorter word."""
    word = _FIRST_WORD.match(prefix)
    head = word[0][:_HEAD] if word else ""
    if len(head) < _HEAD and head == prefix:  # the word goes on behind the prefix: `SK` and hexadecimal digits
        yield from (head + digit for digit in "0123456789abcdef")
    yield head


def _by_head() -> dict[str, tuple[Token, ...]]:
    table: dict[str, tuple[Token, ...]] = {}
    for name, prefixes, rest in _TOKENS:
        for prefix in prefixes.split():
            entry = Token(token(name, prefix, rest), prefix.removeprefix("!"))
            for head in _heads(entry.prefix):
                table[head] = (*table.get(head, ()), entry)
    return table


_HEAD = 3
_FIRST_WORD = re.compile(r"[A-Za-z0-9]+")
TOKENS_BY_HEAD = _by_head()


def tokens_in(runs: str) -> list[Token]:
    """Return the tokens whose prefix stands in these runs of characters.

    Two looks: by the beginnings of words, which are few, then for the prefix itself.
    """
    heads = {word[:_HEAD] for word in _FIRST_WORD.findall(runs)}
    found = {entry for head in heads & TOKENS_BY_HEAD.keys() for entry in TOKENS_BY_HEAD[head] if entry.prefix in runs}
    return sorted(found, key=lambda entry: (-len(entry.prefix), entry.prefix))
