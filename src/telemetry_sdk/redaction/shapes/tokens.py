"""The table of tokens that their own prefix gives away: the kind, its prefixes, the alphabet and length of the rest.

The facts (prefixes, alphabets, lengths) are those of the vendors' documents and of the rule sets that the field keeps
(gitleaks' 222 rules, of which some 100 have a prefix; the other half are names beside a value, `named`). The
lengths here are a little shorter than the vendors' own, since tokens are cut in logs.

A `!` before a prefix: it is short or a common word, so that a border must stand before it.
"""

from __future__ import annotations

import re
import string
from typing import TYPE_CHECKING, NamedTuple

from .patterns import token

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .patterns import Kind

_ALNUM, _URL, _HEX, _B64 = r"[A-Za-z0-9]", r"[A-Za-z0-9_-]", r"[0-9a-fA-F]", r"[A-Za-z0-9+/]"
_WORD, _LOWER, _DONE = r"[A-Za-z0-9_]", r"[0-9a-z]", r"(?![A-Za-z0-9])"
_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_GROUPS = r"[0-9A-Za-z]{8}(?:-[0-9A-Za-z]{4}){3}-[0-9A-Za-z]{12}"
_MIXED = r"(?=[A-Za-z]{0,24}[0-9])(?=[A-Z0-9]{0,24}[a-z])(?=[a-z0-9]{0,24}[A-Z])"
_MIXED_URL = r"(?=[A-Za-z_-]{0,32}[0-9])(?=[A-Z0-9_-]{0,32}[a-z])(?=[a-z0-9_-]{0,32}[A-Z])"
_DIGITS = r"(?=(?:[A-Za-z]{0,16}[0-9]){3})"
_DIGIT = r"(?=[A-Za-z_-]{0,64}[0-9])"

_TOKENS: tuple[tuple[str, str, str], ...] = (
    # models
    ("anthropic-key", "sk-ant-", _URL + "{16,}"),
    ("openrouter-key", "sk-or-", r"(?:v\d-)?" + _URL + "{32,}"),
    ("openai-key", "!sk-", rf"(?:(?:proj|svcacct|admin|None)-{_URL}{{20,}}|{_ALNUM}{{20,}})"),
    ("openai-key", "!sess-", _ALNUM + "{40,}"),
    ("groq-key", "gsk_", _ALNUM + "{32,}"),
    ("perplexity-key", "pplx-", _ALNUM + "{32,}"),
    ("replicate-token", "!r8_", _DIGIT + _URL + "{30,}"),
    ("xai-key", "!xai-", _DIGIT + _WORD + "{40,}"),
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
    ("github-token", "ghp_ gho_ ghu_ ghs_ ghr_", _WORD + "{30,}"),
    ("github-token", "github_pat_", r"[A-Za-z0-9_]{22,}"),
    (
        "gitlab-token",
        "glpat- gldt- glrt- glcbt- glptt- glft- glimt- glagent- glsoat- gloas- glffct- GR1348941",
        r"[A-Za-z0-9_.=-]{16,}",
    ),
    ("gitlab-session", "gitlab_session=", _LOWER + "{32}"),
    ("bitbucket-token", "!ATBB !ATCTT3xFf", r"[A-Za-z0-9+/_=-]{24,}"),
    ("bitbucket-token", "!BBDC-", r"[A-Za-z0-9+/@_-]{40,}"),
    ("atlassian-token", "ATATT3", r"[A-Za-z0-9+/_=-]{16,}"),
    ("sourcegraph-token", "sgp_", rf"(?:(?:{_HEX}{{16}}|local)_)?{_HEX}{{40}}"),
    ("sourcegraph-token", "slk_", _HEX + "{64}"),
    ("npm-token", "!npm_", _ALNUM + "{30,}"),
    ("pypi-token", "pypi-", _URL + "{50,}"),
    ("rubygems-token", "rubygems_", _LOWER + "{40,}"),
    ("crates-token", "!cio", _ALNUM + "{32}(?![A-Za-z0-9])"),
    ("nuget-key", "!oy2", "[a-z0-9]{43}(?![A-Za-z0-9])"),
    ("clojars-token", "CLOJARS_", _ALNUM + "{60}"),
    ("docker-token", "dckr_pat_ dckr_oat_", _URL + "{20,}"),
    ("artifactory-key", "!AKCp !cmVmd", _ALNUM + "{48,}"),
    ("sonar-token", "!squ_ !sqp_ !sqa_", _LOWER + "{40}"),
    ("sonar-token", "!sqco_", _ALNUM + "{48,}"),
    ("snyk-token", "snyk_uat. snyk_sat.", r"[A-Za-z0-9_.-]{30,}"),
    ("buildkite-token", "bkua_ bkaj_ !bkt_", _ALNUM + "{32,}"),
    ("circleci-token", "CCIPAT_ CCIPRJ_", rf"{_ALNUM}{{22}}_{_HEX}{{40}}"),
    ("codecov-token", "codecov_", _ALNUM + "{32,}"),
    ("postman-key", "PMAK-", "[A-Za-z0-9-]{50,}"),
    # clouds
    ("aws-key-id", "!AKIA !ASIA !ABIA !ACCA !A3T", "[A-Z0-9]{16,17}(?![A-Za-z0-9])"),
    ("aws-bedrock-key", "!ABSK", _B64 + "{80,}={0,2}"),
    ("aws-bedrock-key", "bedrock-api-key-", _B64 + "{24,}={0,2}"),
    ("aws-appsync-key", "!da2-", _LOWER + "{26}" + _DONE),
    ("google-key", "AIza", _URL + "{35}"),
    ("google-oauth", "GOCSPX-", _URL + "{20,}"),
    ("google-oauth", "!ya29.", _URL + "{10,}"),
    ("google-oauth", "!1//0", _URL + "{30,}"),
    ("alibaba-key", "!LTAI", _ALNUM + "{16,24}(?![A-Za-z0-9])"),
    ("digitalocean-token", "dop_v1_ doo_v1_ dor_v1_", _HEX + "{64}"),
    ("heroku-key", "HRKU-", _URL + "{30,}"),
    ("netlify-token", "!nfp_ !nfc_ !nfo_", _WORD + "{36,}"),
    ("vercel-token", "!vcp_ !vci_ !vca_ !vcr_ !vck_", _ALNUM + "{24,}"),
    ("vercel-token", "vercel_blob_rw_", "[A-Za-z0-9_]{30,}"),
    ("fly-token", "fm1r_ fm1a_ fm2_", r"[A-Za-z0-9+/,_=-]{80,}"),
    ("fly-token", "!fo1_", _URL + "{43}"),
    ("cloudflare-key", "!v1.0-", rf"(?:{_HEX}{{24}}-{_HEX}{{100,}}|[A-Za-z0-9-]{{160,}})"),
    ("cloudflare-key", "!cfut_ !cfat_ !cfk_", _ALNUM + "{40,}"),
    ("supabase-key", "!sbp_", r"(?:v\d_)?[0-9a-z]{40,}"),
    ("supabase-key", "sb_secret_ sb_publishable_", _URL + "{20,}"),
    ("planetscale-token", "pscale_tkn_ pscale_pw_ pscale_oauth_", r"[A-Za-z0-9_=.-]{32,}"),
    ("neon-password", "!npg_", _DIGIT + _ALNUM + "{10,}"),
    ("neon-key", "napi_", _ALNUM + "{40,}"),
    ("databricks-token", "!dapi", _HEX + r"{32}(?:-\d)?"),
    ("openshift-token", "!sha256~", _URL + "{43}"),
    ("pulumi-token", "!pul-", _LOWER + "{40}"),
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
        "[A-Za-z0-9%-]{8,}",
    ),
    ("slack-token", "xapp-", r"\d-[A-Za-z0-9-]{20,}"),
    ("sendgrid-key", "!SG.", r"(?:[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16,}|[A-Za-z0-9_.=-]{60,})"),
    ("mailgun-key", "!key- !pubkey-", _DIGIT + "(?:[0-9a-z]{32}|[A-Za-z0-9]{64})" + _DONE),
    ("mandrill-key", "!md-", _DIGIT + _URL + "{22}(?![A-Za-z0-9])"),
    ("brevo-key", "xkeysib- xsmtpsib-", _URL + "{70,}"),
    ("linear-key", "lin_api_ lin_oauth_", _ALNUM + "{32,}"),
    ("notion-token", "!ntn_", _ALNUM + "{40,}"),
    ("notion-token", "!secret_", _ALNUM + "{43}(?![A-Za-z0-9])"),
    ("figma-token", "!figd_ !figu_ !figo_ !figp_ !figh_ !figur_ !figuh_ !figor_ !figoh_", "[A-Za-z0-9_=-]{32,}"),
    ("typeform-token", "!tfp_", "[A-Za-z0-9_.=-]{40,}"),
    ("readme-key", "rdme_", "[a-z0-9]{60,}"),
    ("frameio-token", "fio-u-", "[A-Za-z0-9_=-]{50,}"),
    # watching
    ("grafana-token", "glsa_", _WORD + "{40,}"),
    ("grafana-token", "!glc_", "[A-Za-z0-9+/=]{32,}"),
    ("grafana-token", "!eyJrIjoi", _URL + "{50,}={0,3}"),
    ("new-relic-key", "NRAK- NRII- NRJS- NRRA- NRBR- NRIQ-", _URL + "{16,}"),
    ("sentry-token", "sntrys_ sntryu_ sntryi_", "[A-Za-z0-9+/=_-]{40,}"),
    ("dynatrace-token", "dt0c01. dt0s01. dt0s16.", rf"{_ALNUM}{{24}}\.{_ALNUM}{{64}}"),
    ("posthog-key", "!phx_ !phs_", _WORD + "{32,}"),
    ("honeycomb-key", "hcaik_ hcalk_ hcamk_", _ALNUM + "{32,}"),
    ("launchdarkly-key", "!sdk- !api- !mob-", _GROUPS),
    ("statsig-key", "!secret- !console-", _ALNUM + "{20,}"),
    # money and the rest
    ("stripe-key", "!sk_live_ !sk_test_ !sk_prod_ !rk_live_ !rk_test_ !rk_prod_ !pk_live_", "[A-Za-z0-9-]{10,}"),
    ("stripe-webhook-secret", "whsec_", "[A-Za-z0-9+/=]{20,}"),
    ("square-token", "sq0", "[a-z]{3}-" + _URL + "{22,}"),
    ("braintree-token", "access_token$production$ access_token$sandbox$", r"[a-z0-9]{16}\$[0-9a-f]{32}"),
    ("plaid-token", "access-production- access-sandbox- access-development-", _UUID),
    ("shopify-token", "shpat_ shpca_ shppa_ shpss_ shptka_", _HEX + "{32}"),
    ("shippo-token", "shippo_live_ shippo_test_", _HEX + "{40}"),
    ("easypost-key", "!EZAK !EZTK", _ALNUM + "{54}"),
    ("flutterwave-key", "FLWSECK FLWPUBK", r"(?:_TEST)?-[A-Za-z0-9]{12,}(?:-X)?"),
    ("duffel-token", "duffel_live_ duffel_test_", "[A-Za-z0-9_=-]{40,}"),
    ("dropbox-token", "!sl.", r"(?:u\.)?[A-Za-z0-9_=-]{100,}"),
    ("mapbox-token", "!sk. !pk. !tk.", r"(?:eyJ[A-Za-z0-9_-]{20,}|[A-Za-z0-9]{60,})\.[A-Za-z0-9_-]{16,}"),
    ("mapbox-token", "!sk.", rf"{_MIXED_URL}[A-Za-z0-9.-]{{80,}}"),
    ("locationiq-key", "!pk.", _DIGIT + _ALNUM + "{32}(?![A-Za-z0-9._])"),
    ("adobe-secret", "!p8e-", _ALNUM + "{32}"),
    ("octopus-key", "API-", _DIGIT + "[A-Z0-9]{25,34}" + _DONE),
    ("settlemint-token", "sm_aat_ sm_pat_ sm_sat_", _ALNUM + "{16}"),
    ("age-key", "AGE-SECRET-KEY-1", "[A-Z0-9]{40,}"),
    ("tailscale-key", "tskey-", "[a-z]{2,16}-[A-Za-z0-9_-]{20,}"),
    ("hubspot-token", "!pat-", r"[a-z]{2}\d-" + _GROUPS),
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
    ("lob-key", "!live_pub_ !test_pub_", _HEX + "{31}"),
    ("gocardless-token", "!live_", _MIXED_URL + "[A-Za-z0-9_=-]{40}(?![A-Za-z0-9_=-])"),
    ("column-key", "!live_ !test_", _DIGITS + _MIXED + _ALNUM + "{27}(?![A-Za-z0-9_-])"),
    ("yandex-key", "!AQVN", _URL + "{32,38}(?![A-Za-z0-9])"),
    ("42-secret", "s-s4t2ud- u-s4t2ud- s-s4t2af- u-s4t2af-", _ALNUM + "{64}"),
    ("scaleway-key", "!SCW", "[A-Z0-9]{17}(?![A-Za-z0-9])"),
    ("digitalocean-key", "!DO00", "[A-Z0-9]{16,18}(?![A-Za-z0-9])"),
    ("clickup-key", "!pk_", r"\d{6,9}_[A-Za-z0-9]{32}"),
    ("discord-token", "!mfa.", _URL + "{60,}"),
    # the private half of a pair: `sk_…`, `sk_test_…`, `sk_pr_app_…`; some vendors' `pk_…` is private too
    ("secret-key", "!sk_", rf"(?:[A-Za-z0-9]{{1,64}}_){{0,3}}{_DIGIT}{_ALNUM}{{18,}}(?![A-Za-z0-9_])"),
    ("secret-key", "!sk_", rf"(?:test_)?{_GROUPS}"),
    ("secret-key", "!lk_", rf"{_MIXED}{_ALNUM}{{18,}}(?![A-Za-z0-9_])"),
    ("secret-key", "!pk_", rf"(?:[A-Za-z0-9]{{1,64}}_)?{_DIGIT}{_ALNUM}{{28,}}(?![A-Za-z0-9_])"),
    ("convertapi-key", "!secret_", _MIXED + _ALNUM + "{16}(?![A-Za-z0-9_])"),
    ("jwt", "!ZXlK", "[A-Za-z0-9+/_-]{40,}={0,2}"),  # one in base64
    ("azure-refresh-token", "!0.A !1.A", rf"{_URL}{{40,}}(?:\.\d)?\.A[a-z]{_URL}{{60,}}"),
    ("salesforce-key", "!3MVG9 !5AEP861", "[A-Za-z0-9._+/=]{78,}"),
    ("zoho-token", "!1000.", rf"{_HEX}{{32}}\.{_HEX}{{32}}"),
    ("voiceflow-key", "!VF.", rf"(?:(?:DM|WS)\.)?{_HEX}{{24}}\.{_ALNUM}{{16}}"),
    ("teamwork-token", "!tkn.v1_", _ALNUM + "{60,}={0,2}"),
    ("pubnub-key", "!pub-c- !sub-c-", _GROUPS),
    ("pubnub-key", "!sec-c-", _B64 + "{40,}={0,2}"),
    ("salad-key", "salad_cloud_", rf"{_ALNUM}{{1,7}}_{_DIGIT}{_ALNUM}{{7,}}"),
    ("trufflehog-key", "thog-key- thog-secret-", _HEX + "{16,32}"),
    ("bannerbear-key", "!bb_pr_ !bb_ma_", _HEX + "{30}"),
    ("besttime-key", "!pri_", _HEX + "{32}" + _DONE),
    ("dfuse-key", "!web_", "(?![0-9a-f]{32})" + _DIGIT + _LOWER + "{32}(?![A-Za-z0-9_])"),
    ("endor-key", "!endr+", "[A-Za-z0-9-]{16}"),
    ("finage-key", "!API_KEY", "[A-Z0-9]{32}" + _DONE),
    ("fleetbase-key", "flb_live_ flb_test_", _ALNUM + "{20}"),
    ("fullstory-key", "!na1. !eu1.", _B64 + "{100}"),
    ("gemini-key", "!master- !account-", _MIXED + _ALNUM + "{20}(?![A-Za-z0-9_-])"),
    ("google-key", "!GOOG1", "[A-Z0-9]{20,60}" + _DONE),
    ("nightfall-key", "!NF-", _MIXED + _ALNUM + "{32}" + _DONE),
    ("pagarme-key", "!ak_live_ !ak_test_", _ALNUM + "{30}"),
    ("pganalyze-key", "pgar_", _ALNUM + "{27}"),
    ("portainer-token", "!ptr_", _MIXED + "[A-Za-z0-9/_+-]{40,}={0,2}"),
    ("rootly-key", "rootly_", _HEX + "{64}"),
    ("ramp-key", "ramp_id_ ramp_sec_", _ALNUM + "{40,}"),
    ("robinhood-key", "rh-api-", _UUID),
    ("spectral-token", "!spu-", _LOWER + "{32}" + _DONE),
    ("flexport-key", "shltm_", _URL + "{40}"),
    ("apify-token", "apify_api_", "[A-Za-z0-9-]{36}"),
    ("deno-token", "!ddp_ !ddw_", _ALNUM + "{36}"),
    ("shutterstock-token", "!v2/", _ALNUM + "{300,}"),
    ("ubidots-token", "!BBFF-", _ALNUM + "{30}"),
    ("scrapfly-key", "!scp-live- !scp-test-", _LOWER + "{32}"),
)


class Token(NamedTuple):
    """A kind of token, and its prefix as it is written."""

    kind: Kind
    prefix: str


def _heads(prefix: str) -> Iterator[str]:
    """Yield how the first word of such a token may begin: three characters, or the whole of a shorter word."""
    word = _FIRST_WORD.match(prefix)
    head = word[0][:_HEAD] if word else ""
    if len(head) < _HEAD and head == prefix:  # the word goes on behind the prefix: `SK` and digits
        yield from (head + character for character in _CHARACTERS)
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
_CHARACTERS = string.digits + string.ascii_letters
_FIRST_WORD = re.compile(r"[A-Za-z0-9]+")
TOKENS_BY_HEAD = _by_head()


def tokens_in(runs: str) -> list[Token]:
    """Return the tokens whose prefix stands in these runs of characters.

    Two looks: by the beginnings of words, which are few, then for the prefix itself.
    """
    heads = {word[:_HEAD] for word in _FIRST_WORD.findall(runs)}
    found = {entry for head in heads & TOKENS_BY_HEAD.keys() for entry in TOKENS_BY_HEAD[head] if entry.prefix in runs}
    return sorted(found, key=lambda entry: (-len(entry.prefix), entry.prefix))
