"""Short texts that give nothing away, and tokens that are no secrets though they look like some."""

from __future__ import annotations

import base64
import hashlib
import uuid
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

DATES = """2026-11-24|2026-11-24T10:44:43Z|2026-11-24T10:44:43.123456+00:00|2026-11-24 10:44:43|24 November 2026|Nov 24, 2026
10:44|10:44:43|3:30 PM|11/24/2026|24.11.2026|2026/11/24|Mon, 24 Nov 2026 10:44:43 GMT|Tuesday|next Monday|Q3 2026|2026-W48
in 5 minutes|3 days ago|yesterday at noon|12h|1h 30m|PT15M|UTC+2|the 1990s|two weeks ago""".replace("\n", "|").split(
    "|"
)
VERSIONS = """1.2.3|v1.2.3|v2|3.11|3.11.7|1.0.0-beta.2|2.0.0rc1|1.4.2.dev3|0.28.1|Python 3.11.7|Node.js v20.20.2|node 18|>=3.11|^1.2.3|~=2.1
macOS 14.5|Windows 11|Ubuntu 24.04|Linux 6.8.0|Chrome 126|Android 15|HTTP/1.1|HTTP/2|TLSv1.3|10.0.19045|version 2.4.1|SQLite 3.45.1
OpenSSL 3.0.13|Debian 12|git 2.43.0|npm 10.2.4|gcc 13.2.0|x86_64|arm64|C++17|Python 3""".replace("\n", "|").split("|")
NUMBERS = """42|3.14|-1|1,024|1e-5|50%|12.5 ms|30 s|3 MB|1.5 GiB|200 OK|404|16:9|1920x1080|3/4|2 of 5|~10 seconds|$5.00|60 fps|10-20
100 km/h|-40 °C|128k tokens|4,096 tokens|99.9 %|5 requests/s|7B|1st|0.1|500 ms|8 cores|16 GB RAM|3 retries""".replace(
    "\n", "|"
).split("|")
TERMS = """and/or|either/or|N/A|I/O|TCP/IP|client/server|read/write|yes/no|true/false|24/7|input/output|he/she|on/off|CI/CD|pass/fail
text/plain|application/json|image/png|text/html; charset=utf-8|multipart/form-data|application/octet-stream|video/mp4|audio/mpeg
application/x-www-form-urlencoded|text/event-stream|image/svg+xml|application/pdf|text/markdown|*/*|application/vnd.api+json
claude-sonnet-4-5-20250929|claude-3-5-haiku-latest|claude-opus-4-1|Claude Sonnet 4.5|gpt-4o|gpt-4o-mini|gpt-4.1-nano|o3-mini|GPT-4o
gemini-2.5-pro|gemini-1.5-flash-002|llama-3.1-70b-instruct|Llama 3.1 70B|mistral-large-latest|mixtral-8x7b|deepseek-chat|deepseek-r1
qwen2.5-coder-32b-instruct|grok-4|text-embedding-3-small|anthropic/claude-3.5-sonnet|us.anthropic.claude-sonnet-4-20250514-v1:0
whisper-1|dall-e-3|command-r-plus|phi-4|UTF-8|en-US|SHA-256|JSON|GET|ECONNRESET|SIGTERM|MIT|Apache-2.0|localhost|Wi-Fi
real-time|up-to-date|read-only|e.g.|ok|Yes|done|None|n/a|OpenAI|GitHub""".replace("\n", "|").split("|")
MESSAGES = """Connection refused|Connection reset by peer|Permission denied|No such file or directory|Operation timed out|Broken pipe
Too many open files|No space left on device|Not Found|Too Many Requests|Internal Server Error|Bad Gateway|Service Unavailable|404 Not Found
HTTP 429 Too Many Requests|Rate limit exceeded|Out of memory|Segmentation fault|division by zero|Invalid API key|Request timed out
The request timed out.|timed out|Unauthorized|Access denied|Authentication failed|Network is unreachable|Unexpected end of JSON input
maximum recursion depth exceeded|list index out of range|Address already in use|Disk full|Something went wrong|Unknown error
Retrying in 5 seconds...|The connection was closed|Server disconnected|Loading...|Please wait...|Nothing to do|All tests passed
Build succeeded|Session started|Upload complete|Download failed|Update available|Operation completed successfully|Done in 3.2 s
3 tests failed|0 errors, 2 warnings|1 of 3 attempts failed|Process exited with code 1""".replace("\n", "|").split("|")
PROSE = """The model is overloaded, please try again later.
The server did not respond within 30 seconds.
Please check your internet connection and try again.
Everything is fine.
It works on my machine.
The user cancelled the request.
We could not reach the server.
I don't know what to do about this.
This will take a few minutes.
The weather is nice today.
The quick brown fox jumps over the lazy dog
hello world
Thank you for your help!
How can I help you today?
The build finished without errors.
An update is available and will be installed tonight.
You have reached your daily limit.
The answer was longer than expected, so it was shortened.
Nothing has changed since yesterday.
Are you sure you want to continue?
The agent stopped because the budget was used up.
This feature is not available in your region.
Your session has expired, please sign in again.
The conversation is too long and was compacted.
There was a problem with the network.
Some tests are slow and should be improved.
We are working on a solution.
It was a dark and stormy night.
The application was started at 10:44 and stopped an hour later.
The results look good, but one of them is surprising.
He said that he would come back next week.
The team meets every Monday morning.
Most people prefer shorter answers.
I would like to cancel my subscription.
This is only a test.
The page was not found.
Try again in a few moments.
The tool ran for 12.5 seconds and used 300 MB of memory.
It seems that the disk is almost full.
The new version is much faster than the old one.
Once upon a time there was a small village near the sea.
Can you explain how this works?
The response was empty.
The cache was cleared and the process restarted.
Both services are off by default.""".splitlines()
HARMLESS = [*DATES, *VERSIONS, *NUMBERS, *TERMS, *MESSAGES, *PROSE]


def tokens(chance: random.Random, count: int) -> list[str]:
    """Return tokens that are no secrets: digests, ids, integrity marks, images, names of code."""
    makers = (
        lambda data: hashlib.sha256(data).hexdigest(),
        lambda data: hashlib.sha1(data).hexdigest(),
        lambda data: hashlib.md5(data).hexdigest(),
        lambda data: f"commit {hashlib.sha1(data).hexdigest()}",
        lambda data: hashlib.sha1(data).hexdigest()[:8],
        lambda data: f"sha256:{hashlib.sha256(data).hexdigest()}",
        lambda data: f'"integrity": "sha512-{base64.b64encode(hashlib.sha512(data).digest()).decode()}"',
        lambda data: str(uuid.UUID(bytes=data[:16], version=4)),
        lambda data: f"req_{hashlib.sha1(data).hexdigest()[:24]}",
        lambda data: f"toolu_01{base64.b32encode(data[:14]).decode().rstrip('=')}",
        lambda data: f"data:image/png;base64,{base64.b64encode(data * 8).decode()}",
        lambda data: f"https://example.com/commit/{hashlib.sha1(data).hexdigest()}?page={data[0]}",
        lambda data: f"0x{data[:8].hex()}",
        lambda data: f"task-{base64.b32encode(data[:20]).decode().lower()}",
        lambda data: f"index {data[:4].hex()}..{data[4:8].hex()} 100644",
        lambda data: f"max_tokens={data[0]}, total_tokens: {data[1]}",
        lambda data: f"the secret of {data[:2].hex()} is the key to success",
        lambda data: f'W/"{data[:12].hex()}"',
        lambda data: f"us-east-1 ami-{data[:8].hex()} vpc-{data[:4].hex()}",
        lambda data: f"2026-11-24T10:44:{data[0] % 60:02}Z 1.{data[1]}.{data[2]}",
    )
    return [chance.choice(makers)(chance.randbytes(32)) for _ in range(count)]
