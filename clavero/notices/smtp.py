"""Sending by SMTP: `smtps://` or `smtp+starttls://`, `smtp://` on this machine, with `user:password@` where it is asked for."""

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate
from urllib.parse import unquote, urlsplit

from django.conf import settings

from clavero.core import bounces
from clavero.notices import mail
from clavero.notices.services import REFUSED, PermanentFailure, TemporaryFailure

TIMEOUT = 15


class Smtp:
    """One connection a message: a worker that waits holds nothing open."""

    def send(self, address: str, finished: mail.Mail) -> None:
        """Raises `TemporaryFailure` or `PermanentFailure`, each with a code and no address."""
        letter = mail.envelope(address, finished)
        letter["Date"] = formatdate(localtime=True)
        try:
            with _connection() as server:
                server.send_message(letter, finished.returns or mail.sender(), [address])
        except smtplib.SMTPRecipientsRefused as error:
            code, said = max(error.recipients.values())
            status = bounces.in_reply(code, said)
            raise (PermanentFailure(f"{REFUSED}{status}") if status else _judged(code)) from None
        except smtplib.SMTPResponseException as error:
            raise _judged(error.smtp_code) from None
        except (OSError, smtplib.SMTPException) as error:
            raise TemporaryFailure(f"smtp.{type(error).__name__.lower()}") from None


def post(address: str, subject: str, text: str) -> None:
    """A plain text to an institution's own address, now: the audit's head, not a person's message."""
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = mail.sender(), address, subject
    letter["Date"] = formatdate(localtime=True)
    letter.set_content(text)
    with _connection() as server:
        server.send_message(letter)


def _judged(code: int) -> Exception:
    return (
        PermanentFailure(f"smtp.{code}")
        if 500 <= code < 600 and code not in (530, 535)
        else TemporaryFailure(f"smtp.{code}")
    )


def _connection() -> smtplib.SMTP:
    parts = urlsplit(settings.SMTP_URL or "")
    host, context = parts.hostname or "localhost", ssl.create_default_context()
    server: smtplib.SMTP
    if parts.scheme == "smtps":
        server = smtplib.SMTP_SSL(host, parts.port or 465, timeout=TIMEOUT, context=context)
    else:
        server = smtplib.SMTP(host, parts.port or 25, timeout=TIMEOUT)
    if parts.scheme == "smtp+starttls":
        server.starttls(context=context)
    if parts.username:
        server.login(unquote(parts.username), unquote(parts.password or ""))
    return server
