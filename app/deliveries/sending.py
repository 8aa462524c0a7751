"""Sends one message to the address of a webhook: once, to the address that was checked, for a bounded time."""

import http.client
import socket
import ssl
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from http import HTTPStatus
from urllib.parse import SplitResult

from app.deliveries.addresses import AddressRefused, Network, checked_url, resolve
from app.jobs.queue import Outcome

TIMEOUT = 15.0
"""Seconds for all of it: the name, the connection, what is sent and the head of the answer."""
GONE = "410 Gone"
_TOO_LATE = "It did not answer in time."


class _Checked(http.client.HTTPConnection):
    """A connection to an address that was resolved and looked at before; the server is named in TLS and `Host`."""

    def __init__(self, parts: SplitResult, allowed: Sequence[Network], timeout: float) -> None:
        host = parts.hostname or ""
        super().__init__(host, parts.port or (443 if parts.scheme == "https" else 80), timeout=timeout)
        self._parts, self._allowed = parts, allowed
        self.late = False

    def hang_up(self) -> None:
        """End it now, from another thread: a server that answers letter by letter keeps within each single timeout."""
        self.late = True
        if self.sock is not None:
            # It may have been closed just now.
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)

    def connect(self) -> None:
        """Connect, with TLS where the address says so."""
        place = resolve(self._parts, self._allowed)
        if self.late:
            raise TimeoutError
        self.sock = socket.create_connection(place, self.timeout)
        if self._parts.scheme == "https":
            self.sock = _tls().wrap_socket(self.sock, server_hostname=self.host)


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def post(
    url: str, body: bytes, headers: Mapping[str, str], *, allowed: Sequence[Network], timeout: float = TIMEOUT
) -> Outcome:
    """Send a message and return what became of it: a 2xx is success, 410 means never again, all else is tried again.

    A redirect is not followed: it would lead where nobody looked. Of the answer only its head is read.
    """
    try:
        parts = checked_url(url, allowed)
    except AddressRefused as refusal:
        return Outcome("again", str(refusal))
    connection = _Checked(parts, allowed, timeout)
    end = threading.Timer(timeout, connection.hang_up)
    end.start()
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", target, body, dict(headers))
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException, AddressRefused, ValueError) as error:
        return Outcome("again", _TOO_LATE if connection.late else _why(error))
    finally:
        end.cancel()
        connection.close()
    if connection.late:
        return Outcome("again", _TOO_LATE)
    if status == HTTPStatus.GONE:
        return Outcome("never", GONE)
    return Outcome("done" if 200 <= status < 300 else "again", f"{status} {_phrase(status)}".strip())


def _why(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return _TOO_LATE
    if isinstance(error, socket.gaierror):
        return "Its name leads nowhere."
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"Its certificate is not valid: {error.verify_message}."
    return str(error) or type(error).__name__


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
