"""What the institution tells everybody for a time: an outage, a closure. On its pages and in its mail (F13).

An operator writes it in both languages with an end; it goes by itself. It never replaces what a person's own case says.
"""

from datetime import datetime, timedelta

from django.db import transaction

from clavero import rows
from clavero.audit import services as audit
from clavero.core.errors import Refused
from clavero.notices.models import Announcement

LONGEST = timedelta(days=31)
MOST = 200
"""Letters in each language: two short sentences."""


def announce(es: str, en: str, until: datetime, now: datetime) -> Announcement:
    """From now `until` then, everybody is told. The one that stood before ends; the same again stays as it is.

    Raises `Refused`: announcement.empty, announcement.too_long, announcement.until.
    """
    es, en = " ".join(es.split()), " ".join(en.split())
    if not (es and en):
        raise Refused("announcement.empty")
    if max(len(es), len(en)) > MOST:
        raise Refused("announcement.too_long", most=MOST)
    if not now < until <= now + LONGEST:
        raise Refused("announcement.until", days=LONGEST.days)
    with transaction.atomic():
        found = standing(now)
        if found and (found.es, found.en, found.until) == (es, en, until):
            return found
        _end(now)
        audit.record("announcement_made", actor="operator")
        return Announcement.objects.create(es=es, en=en, since=now, until=until)


def withdraw(now: datetime) -> int:
    """It is over. Returns how many stood: none or one."""
    with transaction.atomic():
        if ended := _end(now):
            audit.record("announcement_ended", actor="operator")
        return ended


def standing(now: datetime) -> Announcement | None:
    """What everybody is told now."""
    found = rows.some(Announcement, until__gt=now)
    return max(found, key=lambda one: (one.since, one.pk), default=None)


def _end(now: datetime) -> int:
    return Announcement.objects.filter(until__gt=now).update(until=now)
