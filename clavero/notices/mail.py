"""A message as a mail: the person's language first, the other below a line; text and HTML with the same sentences."""

import hashlib
import json
import textwrap
from dataclasses import dataclass, replace
from email.headerregistry import Address
from email.message import EmailMessage
from urllib.parse import urlsplit

from django.conf import settings
from django.template.loader import render_to_string

from clavero import clock, environment
from clavero.institution import profile
from clavero.notices import announcing, letters, returns
from clavero.notices.letters import Block, Letter
from clavero.notices.models import Announcement, Message


@dataclass(frozen=True)
class Mail:
    """A finished mail. `message_id` is the same at every attempt, so that a second copy can be told."""

    subject: str
    text: str
    html: str
    message_id: str
    link: str
    code: str
    calendar: str = ""
    returns: str = ""
    """Where a report of failure goes; "": to the sender."""


def finish(message: Message) -> Mail:
    """The mail of a message, in both languages."""
    payload = json.loads(message.payload)
    order = ("en", "es") if message.language == "en" else ("es", "en")
    told = announcing.standing(clock.now())
    written = [_with(told, letters.write(message.kind, payload, lang)) for lang in order]
    digest = hashlib.sha256(message.key.encode()).hexdigest()[:32]
    institution = profile().institution.name
    both = "\n\n----------------------------------------\n\n".join(map(plain, written))
    return Mail(
        written[0].subject,
        f"{institution}\n\n{both}\n",
        render_to_string("notices/mail.html", {"letters": written, "institution": institution}),
        f"<{digest}@{urlsplit(settings.BASE_URL).hostname}>",
        payload.get("link", ""),
        payload.get("code", ""),
        payload.get("ics", ""),
        returns.address(message, clock.now()),
    )


def _with(told: Announcement | None, letter: Letter) -> Letter:
    """What everybody is told now, below what the message itself says (F13)."""
    if told is None:
        return letter
    return replace(letter, blocks=(*letter.blocks, Block("p", told.says(letter.lang))))


def plain(letter: Letter) -> str:
    """A letter as text."""
    return "\n\n".join([letter.title, *map(_plain, letter.blocks)])


def _plain(block: Block) -> str:
    """A block in lines of at most 72 characters; an address is never broken."""
    if block.kind in ("button", "link"):
        return f"{_wrapped(block.text + ':')}\n{block.url}"
    if block.kind == "list":
        return "\n".join(_wrapped(item, "- ", "  ") for item in block.items)
    return f"    {block.text}" if block.kind == "code" else _wrapped(block.text)


def _wrapped(text: str, first: str = "", rest: str = "") -> str:
    return textwrap.fill(
        text,
        72,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def envelope(address: str, finished: Mail) -> EmailMessage:
    """The mail as RFC 5322 has it. A header never takes a line break from anybody."""
    mail = EmailMessage()
    name, _, domain = sender().rpartition("@")
    mail["From"] = Address(profile().institution.short_name, name, domain)
    mail["To"] = address.replace("\r", "").replace("\n", "")
    mail["Subject"] = " ".join(finished.subject.split())
    mail["Message-ID"] = finished.message_id
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(finished.text)
    mail.add_alternative(finished.html, subtype="html")
    if finished.calendar:
        mail.add_attachment(finished.calendar, subtype="calendar", filename="turno.ics")
    return mail


def sender() -> str:
    return environment.read("CLAVERO_MAIL_FROM") or f"clave@{urlsplit(settings.BASE_URL).hostname}"
