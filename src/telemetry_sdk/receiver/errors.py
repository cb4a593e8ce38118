"""The exception with which a service refuses a request."""

from __future__ import annotations


class Refusal(Exception):
    """A request is refused. `status`: the HTTP status; `detail`: the reason."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
