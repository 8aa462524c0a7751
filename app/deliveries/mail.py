"""Sends one e-mail through the office's server."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

import orjson

from app.core.clock import Clock
from app.jobs.queue import Job, Kind, Outcome

KIND = "mail"
_TIMEOUT = 20.0
_PORTS = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where e-mail is handed in, as whom, and which address it comes from."""

    host: str
    port: int
    tls_at_once: bool
    username: str | None
    password: str | None
    sender: str

    @classmethod
    def of(cls, url: str, sender: str) -> "MailServer":
        """Return the server of an address, `smtp://user:password@host:587` or `smtps://…`; raises ValueError."""
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError(url)
        username, password = (None if one is None else unquote(one) for one in (parts.username, parts.password))
        port = parts.port or _PORTS[parts.scheme]
        return cls(parts.hostname, port, parts.scheme == "smtps", username, password, sender)


class _NotSafe(Exception):
    """The server would have our password without TLS."""


def mail_kind(server: MailServer, clock: Clock) -> Kind:
    """Return how e-mails are sent: a refusal for good (5xx) ends one at once, everything else is tried again."""

    def send(job: Job) -> Outcome:
        told = orjson.loads(job.body)
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = server.sender, told["to"], told["subject"]
        message["Date"] = format_datetime(clock.now())
        # Each try is the same message to whoever receives it.
        message["Message-ID"] = f"<{job.id}@{server.sender.rpartition('@')[2].strip('<> ')}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(told["text"])
        try:
            with _connected(server) as connection:
                connection.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            ((code, text),) = error.recipients.values()
            return _refused(code, text)
        except smtplib.SMTPResponseException as error:
            return _refused(error.smtp_code, error.smtp_error)
        except _NotSafe:
            return Outcome("again", "The server offers no TLS, and would be sent the password in clear.")
        except (OSError, smtplib.SMTPException) as error:
            return Outcome("again", str(error) or type(error).__name__)
        return Outcome("done", "Handed in.")

    return Kind(send, lambda _uow, _job, _outcome: None)


@contextmanager
def _connected(server: MailServer) -> Iterator[smtplib.SMTP]:
    context = ssl.create_default_context()
    if server.tls_at_once:
        connection: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=_TIMEOUT, context=context)
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=_TIMEOUT)
    with connection:
        connection.ehlo()
        if not server.tls_at_once and connection.has_extn("starttls"):
            connection.starttls(context=context)
            connection.ehlo()
        elif not server.tls_at_once and server.username is not None:
            raise _NotSafe
        if server.username is not None:
            connection.login(server.username, server.password or "")
        yield connection


def _refused(code: int, text: bytes | str) -> Outcome:
    said = text.decode(errors="replace") if isinstance(text, bytes) else text
    return Outcome("never" if 500 <= code < 600 and code not in _OURS else "again", f"{code} {said}")


# The server does not let us in: that is ours to mend, and no fault of the message.
_OURS = frozenset({530, 534, 535, 538})
