"""Shapes that hold no data of the user's: numbers, dates, times, versions, media types, names of models.

Every shape is closed: digits and signs, or words of a fixed list. None has room for a word of somebody's own.
"""

from __future__ import annotations

import re
from functools import cache

LONGEST = 96  # characters of one shape: `application/vnd.openxmlformats-officedocument...` has 71
MOST_DIGITS = 26  # of one shape: a moment with nanoseconds and its zone has 27 at most, a model's name fewer


def _any(words: str) -> str:
    return "(?:" + "|".join(words.split()) + ")"


_UNIT = _any(
    r"""
    [nu\u00b5m]?s sec seconds? mins? minutes? hrs? hours? days? weeks? months? years? bits? bytes? way step line page
    fold time [kKMGTP]?i?B [kKMGT]?b [kMG]?bps [kMG]?Hz [kMG]?B/s fps px pt r?em dpi [kcm]?m k?g lbs? k?Wh? m?Ah? V
    [hdxkKM%] bn \u00b0?[CF]
    """
)
_NUMBERS = (
    r"[~<>\u2248+\u00b1-]?\d{1,5}(?:\.\d{1,6})?",
    r"[+-]?\d{1,3}(?:,\d{3}){1,4}(?:\.\d{1,4})?",
    r"[+-]?\d{1,4}(?:\.\d{1,8})?[eE][+-]?\d{1,3}",
    r"[$\u20ac\u00a3]\d{1,3}(?:,\d{3}){0,3}(?:\.\d\d)?",
    r"\d{1,3}(?:\.\d{1,2})?(?:[-\u2013]|\.\.)\d{1,3}(?:\.\d{1,2})?|(?:19|20)\d\d[-\u2013](?:19|20)?\d\d",  # a range
    r"\d{1,3}[/:]\d{1,3}",  # a fraction, a score, a ratio, a line with its column
    r"\d{1,4}[xX\u00d7]\d{1,4}",
    r"#\d{1,6}",
    r"\d{1,4}(?:st|nd|rd|th)",
    rf"[~<>]?\d{{1,5}}(?:\.\d{{1,6}})?-?{_UNIT}",
    r"\d{1,3}(?:x\d{1,3})?(?:\.\d)?[bBmM]",  # parameters of a model
    r"[1-5]xx",
)
_RATE = r"(?:[kKMGT]i?B|[kMG]bit|bytes|tokens|requests|events|messages|words|rows)/(?:s|sec|second|min|minute|hour)"
_ZONE = r"(?:Z|[ ]?(?:UTC|GMT)|[+-]\d\d:?\d\d)?"
_CLOCK = r"\d{1,2}:\d\d(?::\d\d(?:[.,]\d{1,9})?)?"
_TIMES = (
    rf"\d{{4}}-\d\d-\d\d(?:[T_]{_CLOCK}{_ZONE})?",
    rf"{_CLOCK}(?:[ap]m|[AP]M|{_ZONE})",
    r"\d{4}/\d{1,2}/\d{1,2}|\d{1,2}/\d{1,2}/(?:\d\d){1,2}|\d{1,2}\.\d{1,2}\.\d{4}|\d{4}\.\d\d\.\d\d",
    r"\d{4}-(?:W\d\d(?:-\d)?|Q[1-4]|\d\d|\d{3})|Q[1-4]|[QH][1-4]/\d{4}",
    r"\d{1,2}-(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)-\d{4}",
    r"\d{8}T\d{6}Z?",
    r"\d{1,2}(?:am|pm|AM|PM)",
    r"P(?:\d{1,3}[YMWD]){1,4}(?:T(?:\d{1,4}[HMS]){1,3})?|PT(?:\d{1,4}[HMS]){1,3}",
    r"(?:\d{1,4}(?:d|h|m|s|ms)){2,4}",
    r"(?:19|20)\d\ds|'\d0s",
    r"(?:UTC|GMT)[+-]\d{1,2}(?::\d\d)?",
)
_STAGE = (
    r"(?:[-.+~]?(?:alpha|beta|rc|a|b|c|dev|post|pre|preview|snapshot|SNAPSHOT|nightly|final|ga|lts|LTS)[-.]?\d{0,8})?"
)
_VERSION = rf"\d{{1,5}}(?:\.\d{{1,6}}){{1,2}}{_STAGE}"
_PROGRAM = _any(
    """
    python py cpython node pip npm rust go java jdk ruby php gcc clang glibc kernel linux macos windows chrome firefox
    safari curl openssl sqlite postgres postgresql mysql redis docker git bash zsh Python Node CPython Chrome Firefox
    Safari Mozilla Java OpenSSL PyPy Go Rust
    """
)
_VERSIONS = (
    rf"(?:[v^~]|~=|[<>=!]=|[<>])?{_VERSION}",
    r"v?\d{1,5}(?:\.\d{1,6}){1,2}[-+](?:\d{1,4}|build\.?\d{1,6})",
    r"v\d{1,4}|\d{1,4}\.(?:x|\*)|\d{1,4}\.\d{1,4}\.(?:x|\*)",
    r"10\.0\.\d{5}(?:\.\d{1,5})?|127\.0\.0\.1|0\.0\.0\.0|::1|localhost(?::\d{2,5})?",
    rf"{_PROGRAM}[-/@]?v?(?:{_VERSION}|\d{{1,3}})",
    r"C(?:\+\+)?(?:11|14|17|20|23|99)|ES(?:\d|20\d\d)|c\+\+\d\d|cp3\d{1,2}|py3(?:\.\d{1,2})?|[Hh]ttp/[123](?:\.\d)?",
)
_SUBTYPES = _any(
    r"""
    plain html css csv xml markdown javascript calendar rtf event-stream vcard tab-separated-values json json5
    jsonl ld\+json ndjson x-ndjson jsonlines problem\+json problem\+xml manifest\+json geo\+json hal\+json
    schema\+json merge-patch\+json json-patch\+json json-seq x-json-stream x-www-form-urlencoded octet-stream
    pdf zip gzip x-gzip x-tar x-bzip2? x-7z-compressed x-rar-compressed zstd wasm msgpack x-msgpack protobuf
    x-protobuf cbor yaml x-yaml toml graphql grpc grpc\+proto grpc-web sql xhtml\+xml rss\+xml atom\+xml
    soap\+xml svg\+xml x-sh x-shellscript x-python x-python-script x-c x-java-archive java-archive ecmascript
    typescript postscript epub\+zip msword vnd\.ms-(?:excel|powerpoint|fontobject)
    vnd\.oasis\.opendocument\.(?:text|spreadsheet|presentation)
    vnd\.openxmlformats-officedocument\.(?:wordprocessingml\.document|spreadsheetml\.sheet|presentationml\.presentation)
    vnd\.api\+json vnd\.github(?:\.v3)?(?:\.raw|\.diff)?\+json vnd\.docker\.distribution\.manifest\.v2\+json
    vnd\.apple\.mpegurl vnd\.sqlite3 vnd\.jupyter x-sentry-envelope x-ipynb\+json jwt jose pkcs8 x-x509-ca-cert
    x-pem-file png jpe?g gif webp avif apng bmp tiff? heic heif x-icon vnd\.microsoft\.icon jxl mpeg mp3 mp4 ogg
    opus wav x-wav webm aac flac midi quicktime x-msvideo x-matroska 3gpp ogv woff2? ttf otf sfnt form-data
    mixed alternative related byteranges rfc822 http partial \*
    """
)
_CHARSET = r"charset=(?:utf-8|UTF-8|us-ascii|iso-8859-1)|q=[01](?:\.\d)?"
_MEDIA = (
    rf"(?:application|audio|font|image|message|model|multipart|text|video|\*)/{_SUBTYPES}(?:;(?:{_CHARSET})?)?",
    _CHARSET,
    _RATE,
)
_CLOUD = r"(?:(?:us|eu|apac|global)\.)?(?:anthropic|amazon|meta|mistral|cohere|ai21|deepseek)\."
_MAKER = _any(
    """
    anthropic openai google meta meta-llama mistralai mistral deepseek deepseek-ai qwen x-ai xai cohere amazon
    microsoft nvidia models bedrock vertex_ai azure ollama openrouter groq
    """
)
_FAMILY = _any(
    r"""
    claude gpt chatgpt o[134] gemini gemma (?:meta-)?llama codellama mi[sx]tral codestral magistral ministral
    pixtral devstral deepseek qwen qwq grok phi command nova titan yi falcon kimi glm minimax dall-e whisper
    text-embedding text-davinci sora embed jamba palm granite nemotron starcoder flux stable-diffusion sonnet
    opus haiku codex
    """
)
_PART = _any(
    r"""
    opus sonnet haiku instant turbo mini nano micro pro flash lite light ultra plus max large small medium tiny
    base chat instruct it preview latest exp experimental beta rc alpha thinking reasoning reasoner coder code
    vision audio realtime search tts transcribe embedding ada babbage curie davinci distill deep research omni
    oss fast online dev schnell scout maverick xl vl hd image r r\+ hf gguf awq gptq fp16 bf16 fp8 int4 int8
    q\d(?:_[k0-9](?:_[sml])?)? [krv]\d{1,2}(?:\.\d)? \d{1,2}o \d{1,2}v \d{1,8} \d{1,3}(?:\.\d{1,2}){1,2}
    \d{1,3}x\d{1,3}b \d{1,3}(?:\.\d)?[bmk] a\d{1,3}b \d{1,3}e
    """
)
_MODELS = (rf"(?i:(?:{_CLOUD}|{_MAKER}/)?{_FAMILY}(?:\d{{1,2}}(?:\.\d)?)?(?:[-:@]{_PART}|\.\d{{1,2}}){{1,9}})",)


@cache
def _shapes(first: str) -> re.Pattern[str]:
    """Return the pattern of all shapes, those first that are likely: words of letters, or with a sign of times."""
    orders = {
        "letter": (_MODELS, _VERSIONS, _MEDIA, _TIMES, _NUMBERS),
        "time": (_TIMES, _NUMBERS, _VERSIONS, _MEDIA),
        "digit": (_NUMBERS, _VERSIONS, _TIMES, _MEDIA),
    }
    return re.compile("|".join(f"(?:{shape})" for kind in orders[first] for shape in kind), re.ASCII)


def is_harmless(word: str) -> bool:
    """Tell whether a word has one of the closed shapes."""
    if len(word) > LONGEST:
        return False
    if len(word) > MOST_DIGITS and sum(map(str.isdigit, word)) > MOST_DIGITS:
        return False
    first = "letter" if word[:1].isalpha() else "time" if ":" in word or "-" in word else "digit"
    return _shapes(first).fullmatch(word) is not None
