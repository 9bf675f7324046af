"""A message as an SMS: one language, the subject of the letter, the code where there is one, how to know that it is ours.

Like the mail it names no employer and no number of anybody. Letters that would double the price of a message are
written plainly: of the accents only those of the GSM alphabet stay.
"""

import hashlib
import json
from dataclasses import dataclass

import phonenumbers
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from clavero.core import challenge
from clavero.core.errors import Refused
from clavero.institution import profile
from clavero.notices import letters
from clavero.notices.models import Message

COUNTRY = "EC"
"""Codes go to mobiles of this country alone: numbers elsewhere are how a gateway is made to pay strangers."""
LONGEST = 306
"""Two parts of a message of the GSM alphabet."""
_PLAIN = str.maketrans("áíóúÁÍÓÚ«»–—…·", 'aiouAIOU""--.-')


@dataclass(frozen=True)
class Sms:
    """A finished SMS. `id` is the same at every attempt, so that a gateway can tell a second copy."""

    text: str
    id: str
    code: str = ""


def is_on() -> bool:
    """Whether this server sends to mobiles at all (CLAVERO_SMS_URL)."""
    return bool(settings.SMS_TRANSPORT)


def e164(number: str) -> str:
    """`+593991234567` of a mobile as people write it. Raises `Refused("phone.shape")` for what can be no mobile here."""
    try:
        found = phonenumbers.parse(number, COUNTRY)
    except phonenumbers.NumberParseException:
        raise Refused("phone.shape") from None
    kind = phonenumbers.number_type(found)
    if kind != phonenumbers.PhoneNumberType.MOBILE or phonenumbers.region_code_for_number(found) != COUNTRY:  # fmt: skip
        raise Refused("phone.shape")
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)


def finish(message: Message) -> Sms:
    """The SMS of a message, in the person's language."""
    payload = json.loads(message.payload)
    letter = letters.write(message.kind, payload, message.language)
    with translation.override(message.language):
        said = _text(letter.subject, payload.get("code", ""))
    digest = hashlib.sha256(message.key.encode()).hexdigest()[:32]
    return Sms(said[:LONGEST], digest, payload.get("code", ""))


def _text(subject: str, code: str) -> str:
    words = {"name": profile().institution.short_name, "subject": subject, "host": letters.host()}
    if code:
        words["code"] = challenge.grouped(code)
        said = _(
            "%(name)s: %(code)s. %(subject)s. Escríbalo solo en %(host)s. Nadie se lo pide por teléfono."
        )
    else:
        said = _("%(name)s: %(subject)s. Más en %(host)s/caso/ con su clave de caso.")
    return (said % words).translate(_PLAIN)
