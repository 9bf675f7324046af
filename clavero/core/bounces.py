"""What closes an address: a refusal in the mail server's conversation, or a report that comes back later.

Sources: statuses RFC 3463 and its registry, replies RFC 2034, reports RFC 3464 in the frame of RFC 6522. Whether a report is
genuine is not decided here: `notices.returns` knows its tag. Complaints (RFC 5965) are no failures and are not read.
"""

import re
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser

from clavero.core.identifiers import email as emails

LARGEST = 1 << 20
"""Bytes of a report that are read; a larger one is none."""
CLOSING = frozenset("5.1.1 5.1.2 5.1.3 5.1.6 5.1.10 5.2.1 5.4.4".split())
"""No such mailbox, no such domain, no address, moved away, takes no mail (null MX), disabled, no route. A full mailbox
(5.2.2), a policy (5.7.x) and whatever may pass (4.x.x) say nothing of the address."""
TO = ("Delivered-To", "X-Original-To", "To")
"""Where a delivered mail says to whom it was sent."""
_STATUS = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})(?=[\s(]|$)")
_ACTION = re.compile(r"\s*([A-Za-z]+)(?=[\s(]|$)")


@dataclass(frozen=True)
class Said:
    """What a report says of one recipient: the address in comparable form, `failed` `delayed` …, and the status."""

    address: str
    action: str
    status: str


@dataclass(frozen=True)
class Report:
    """`kind` is report, other or broken; `sent_to` what the headers say that it was sent to, as they stand."""

    kind: str
    sent_to: tuple[str, ...] = ()
    said: tuple[Said, ...] = ()


def closes(action: str, status: str) -> bool:
    """The rule: failed, for good, because of the address."""
    return action == "failed" and status in CLOSING


def in_reply(code: int, text: bytes | str) -> str:
    """The status for which a reply to RCPT closes the address; "" where it does not, or says none."""
    words = text.decode("ascii", "replace") if isinstance(text, bytes) else text
    found = _first(_STATUS, words)
    return found if 500 <= code < 600 and closes("failed", found) else ""


def closed_by(report: Report, address: str) -> str:
    """The status for which this report closes `address`; "" where it speaks of others, or also says otherwise."""
    of_it = [each for each in report.said if each.address == emails.comparable(address)]
    whole = bool(of_it) and all(closes(each.action, each.status) for each in of_it)
    return of_it[0].status if whole else ""


def read(raw: bytes) -> Report:
    """Whatever comes in by mail, as a report. Raises nothing."""
    if len(raw) > LARGEST:
        return Report("broken")
    try:
        return _read(BytesParser().parsebytes(raw))
    except Exception:  # the library promises none and keeps it nearly always (nesting, RFC 2231)
        return Report("broken")


def _read(mail: Message) -> Report:
    sent_to = tuple(str(value) for name in TO for value in mail.get_all(name, []))
    if mail.get_content_type() != "multipart/report":
        return Report("other", sent_to)
    found = [part for part in _parts(mail) if part.get_content_type() == "message/delivery-status"]
    blocks = _parts(found[0]) if len(found) == 1 else []
    if not blocks:
        return Report("other", sent_to)
    return Report("report", sent_to, tuple(map(_said, blocks[1:])))


def _parts(mail: Message) -> list[Message]:
    held = mail.get_payload()
    return [part for part in held if isinstance(part, Message)] if isinstance(held, list) else []


def _said(block: Message) -> Said:
    kind, _, address = _only(block, "Final-Recipient").partition(";")
    named = address.strip().strip("<>") if kind.strip().lower() == "rfc822" else ""
    action = _first(_ACTION, _only(block, "Action")).lower()
    return Said(emails.comparable(named), action, _first(_STATUS, _only(block, "Status")))


def _only(block: Message, name: str) -> str:
    """The field where it stands once: of two that differ neither is believed."""
    values = block.get_all(name, [])
    return str(values[0]) if len(values) == 1 else ""


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.match(text)
    return found.group(1) if found else ""
