"""The request under way, as an exiting thread sees it: once its last bytes leave, the server may accept it."""

from __future__ import annotations

from .future import Future


class RequestWithheld(BaseException):
    """The program ends, and the request's last bytes have not left: no failure of the network's."""


class InFlight:
    """Sender and exiting thread each set their own value before they read the other's, so no lock is needed."""

    def __init__(self) -> None:
        self._left: Future[None] | None = None  # set once the request that has left is settled
        self._withheld = False

    def leave(self) -> None:
        """Note that the last bytes leave. Raises `RequestWithheld` if none may leave any more."""
        self._left = Future()
        if self._withheld:
            self._left = None
            raise RequestWithheld

    def settle(self) -> None:
        """Note that what became of the request is written down."""
        left, self._left = self._left, None
        if left is not None:
            left.set(None)

    def withhold(self) -> Future[None] | None:
        """Let no request leave from now on; return what is set when one that has left is settled, None: none has."""
        self._withheld = True
        return self._left
