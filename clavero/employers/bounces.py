"""What the mail says of an address on record: a report that came back, or a refusal in the conversation, closes it (S-086).

Nobody is believed who does not know the tag of a message of ours to this very address (`notices.returns`). What is ignored
leaves a line in the log with its kind, and nothing else anywhere.
"""

from datetime import datetime

import structlog
from django.conf import settings
from django.db import transaction

from clavero.core import bounces as rule
from clavero.core.identifiers import email as emails
from clavero.employers import services
from clavero.employers.models import Contact
from clavero.notices import returns
from clavero.notices import services as notices
from clavero.notices.models import Message
from clavero.privacy.fields import opened

log = structlog.get_logger()
CLOSED = "closed"


def take(raw: bytes, to: str, now: datetime) -> str:
    """One mail that came to the address of reports, sent `to` ("": its headers say). What became of it, as a word.

    `closed`; or ignored: off, broken, other, no_tag, tags, wrong_tag, expired, no_message, not_ours, again, not_about_it.
    """
    kind = _take(raw, to, now) if settings.BOUNCES else "off"
    log.info("bounce", kind=kind)
    return kind


def _take(raw: bytes, to: str, now: datetime) -> str:
    report = rule.read(raw)
    if report.kind != "report":
        return report.kind
    tags = returns.tags_in([to] if to else report.sent_to)
    if len(tags) != 1:
        return "tags" if tags else "no_tag"
    tag = returns.opened(tags.pop())
    if tag is None:
        return "wrong_tag"
    if tag.is_over(now):
        return "expired"
    sent = Message.objects.filter(pk=tag.message_id, channel=Message.MAIL).first()
    if sent is None or sent.employer_id is None:
        return "no_message"
    with transaction.atomic():
        return _close(sent.employer_id, tag, report, now)


def _close(employer_id: int, tag: returns.Tag, report: rule.Report, now: datetime) -> str:
    """The address that the tag was made for, as it stands now. In a transaction."""
    held = _emails_of(employer_id)
    matching = [contact for contact in held if tag.is_of(contact.value)]
    if not matching:
        return "not_ours"
    found = matching[0]
    if found.state != Contact.ON_RECORD:
        return "again"
    status = rule.closed_by(report, found.value)
    if not status:
        return "not_about_it"
    services.mark_contact(found, "bounced", actor="system", reason=status, now=now)
    return CLOSED


def due(now: datetime) -> int:
    """Close what the mail server refused for good in the conversation itself. Called by the worker."""
    return sum(_refused(message, now) for message in notices.refused_for_good())


def _refused(message: Message, now: datetime) -> int:
    with transaction.atomic():
        if not notices.take_refused(message):
            return 0  # another worker was faster
        address = emails.comparable(opened(message, "address"))
        for contact in _emails_of(message.employer_id or 0):
            is_it = emails.comparable(contact.value) == address
            if is_it and contact.state == Contact.ON_RECORD:
                status = message.last_error.partition(".")[2]
                services.mark_contact(contact, "bounced", actor="system", reason=status, now=now)
                return 1
        return 0


def _emails_of(employer_id: int) -> list[Contact]:
    """Held for this deed; a row that another hand wrote is none."""
    held = Contact.objects.select_for_update().filter(employer=employer_id, kind=Contact.EMAIL)
    return [contact for contact in held if contact.is_genuine]
