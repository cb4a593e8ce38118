"""The modules that the sender's thread imports, in steps of at most some 20 ms: a fork waits for the end of one.

What a module imports comes before it. A group ends at the first module that is not installed: httpcore imports trio,
and httpx all of click, pygments and rich, where they are.
"""

from __future__ import annotations

SENDING = (
    ("typing", "inspect", "ssl", "logging", "ipaddress", "asyncio", "truststore", "certifi"),
    ("outcome", "sortedcontainers", "ctypes", "idna.idnadata", "trio"),
    ("h11", "httpcore", "urllib.request", "http.cookiejar", "email.message", "mimetypes"),
    ("click", "pygments.lexers", "rich.text", "rich.console", "rich.progress", "rich.syntax"),
    ("httpx", "anyio.abc", "anyio._backends._asyncio", "anyio.streams.tls"),
    ("telemetry_sdk.sanitizer.payload_schema", "telemetry_sdk.sender.batch_sender", "telemetry_sdk.egress.client"),
)
