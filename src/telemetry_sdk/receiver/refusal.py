"""The one way in which a request is refused."""

from __future__ import annotations


class Refusal(Exception):
    """A request is not taken: `status` is the HTTP status, `detail` the reason in words."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
