"""The sender on the envelope: an address of its own for each message, to which alone a report of failure may come back.

`rebotes+KEY-TAG@…` (`CLAVERO_BOUNCES`). TAG is base32 of the message's id (8 bytes), the day of its sending (2) and the first 80
bits of a MAC over both and the address it goes to, under the field key KEY. Who does not see the message cannot make it up; who
does can speak of this address and of no other (S-086). Nothing is stored.
"""

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings

from clavero.core.identifiers import email as emails
from clavero.environment import TAG_LETTERS
from clavero.notices.models import Message
from clavero.privacy import keyring, macs, tokens

DAYS = 10
"""Mail servers give up after five; then the report travels."""
_TAG = re.compile(r"([a-z0-9]{1,8})-([a-z2-7]{32})")
_BEGIN = date(1970, 1, 1)
assert TAG_LETTERS == 8 + 1 + 32


@dataclass(frozen=True)
class Tag:
    """A tag as it was read; whether it is genuine says `is_of`."""

    key_id: str
    head: bytes
    mac: str

    @property
    def message_id(self) -> int:
        return int.from_bytes(self.head[:8], "big")

    def is_over(self, now: datetime) -> bool:
        """Of a day too long ago, or still to come."""
        return not 0 <= _days(now) - int.from_bytes(self.head[8:], "big") <= DAYS

    def is_of(self, address: str) -> bool:
        """Whether it was made for a message to this address, under a key that is still in use. In constant time.

        Not counted before it is checked, as secrets elsewhere are: who may send mail here is the mail server's matter, and a
        budget would let anybody use it up and keep the genuine reports out. 80 bits of each message and day, ten days long:
        a million tries a second for those days hit one message's tag with 10^12 / 2^80, less than one in 10^12.
        """
        return tokens.same(self.mac, _mac(self.key_id, self.head, address))


def address(message: Message, now: datetime) -> str:
    """The envelope's sender of `message`, sent now; "" without the setting: then it is the sender of the letter."""
    if not settings.BOUNCES:
        return ""
    name, _, domain = settings.BOUNCES.partition("@")
    return f"{name}+{make(message.pk, message.address, now)}@{domain}"


def make(message_id: int, to: str, now: datetime) -> str:
    """The tag under the newest key; at most `TAG_LETTERS` letters, the same in capitals."""
    head = message_id.to_bytes(8, "big") + _days(now).to_bytes(2, "big")
    key_id = keyring.newest()
    raw = head + bytes.fromhex(_mac(key_id, head, to))
    return f"{key_id}-{base64.b32encode(raw).decode().lower()}"


def tags_in(texts: Iterable[str]) -> set[str]:
    """Every text behind the `+` of an address of ours in these headers, in small letters, whatever it is."""
    name = re.escape(settings.BOUNCES.partition("@")[0].lower())
    pattern = re.compile(rf"(?<![\w.+-]){name}\+([^@\s<>,;]{{1,64}})@")
    return {tag for text in texts for tag in pattern.findall(text.lower())}


def opened(text: str) -> Tag | None:
    """The parts of a tag; None for what has no tag's form or is under a key that nobody has any more."""
    found = _TAG.fullmatch(text)
    if found is None or found[1] not in keyring.field_keys():
        return None
    raw = base64.b32decode(found[2].upper())
    return Tag(found[1], raw[:10], raw[10:].hex())


def _mac(key_id: str, head: bytes, to: str) -> str:
    return macs.short(key_id, "bounce", head.hex(), emails.comparable(to))


def _days(now: datetime) -> int:
    """Days since 1970 in UTC: two bytes last until 2149."""
    return (now.date() - _BEGIN).days
