"""The numbers of the last hour that show an attack (S-054): from what is stored anyway, nothing is counted twice.

The record gives deeds and failures, the buckets what was tried and refused, the outbox what was sent. They are counts
alone: no address, no number of anybody. `core.watch` says what each means and when it rings.
"""

from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import F, Max, Q, QuerySet, Sum

from clavero.audit import queries as audit
from clavero.core import watch
from clavero.core.watch import Alarm
from clavero.institution import profile
from clavero.notices import letters
from clavero.notices.models import Message
from clavero.throttle import blocks
from clavero.throttle.models import Bucket, Ticket

OPENED = ("case_open_online", "case_open_visit")
WRONG = ("proof_failed", "binding_wrong", "pickup_wrong")
RIGHT = (
    "case_prove", "case_prove_contact", "case_prove_again", "case_prove_by_passkey", "binding_typed",
)  # fmt: skip
WHO_GOT_IN = {"employers_right": RIGHT, "accounts_in": ("signin",)}
"""Of how many: somebody who gets in a thousand times with one account hides nothing of what others meet (S-054)."""
OF_A_NETWORK = ("asker_open", "asker_try", "signin_asker")
STATES = (Message.QUEUED, Message.LEASED, Message.SENT, Message.DROPPED, Message.DEAD)


def numbers(now: datetime) -> dict[str, float]:
    """Every metric of `core.watch.METRICS`, by its name and in its order."""
    before = now - watch.HOUR
    found = _recorded(before) | _tried(before, now) | _networks(now) | _sent(before, now)
    return {name: found[name] for name in watch.METRICS}


def ringing(now: datetime) -> list[tuple[Alarm, int]]:
    """The alarms that ring now, each with the number that rings it."""
    found = numbers(now)
    return [(alarm, round(found[alarm.counts])) for alarm in watch.ringing(found)]


def _recorded(before: datetime) -> dict[str, float]:
    """Deeds and failures on record. (Of refusals by a limit the record has the 1st, 10th, 100th: ADR 18.)"""
    first = audit.first_since(before)
    found = audit.counted(first)
    return {
        "requests": sum(found.get(event, 0) for event in OPENED),
        "codes_right": sum(found.get(event, 0) for event in RIGHT),
        "codes_wrong": sum(found.get(event, 0) for event in WRONG),
        "signins": found.get("signin", 0),
        "signins_failed": found.get("signin_failed", 0),
        "staff_signins_failed": found.get("staff_signin_failed", 0),
        **audit.counted_apart(first, WHO_GOT_IN),
    }


def _tried(before: datetime, now: datetime) -> dict[str, float]:
    """What was tried: a good sign-in empties its bucket, so that those that are left are tries that failed."""
    touched = Bucket.objects.filter(at__gte=before.timestamp())
    employers, networks = _count(touched, "employer_open"), _count(touched, "asker_open")
    of_networks = touched.filter(reduce(or_, (_named(name) for name in OF_A_NETWORK)))
    fullest = of_networks.aggregate(most=Max(F("level") / F("most")))["most"] or 0
    return {
        "challenges": Ticket.objects.filter(expires_at__gt=now).count(),
        "throttled": touched.aggregate(times=Sum("refused"))["times"] or 0,
        "accounts_tried": _count(touched, "signin_unknown"),
        "employers_asked": employers,
        "networks_asked": networks,
        "employers_per_network": round(employers / max(networks, 1), 1),
        "fullest_network_percent": round(100 * fullest),
        "employers_of_one_network": _of_one_network(touched, "asker_open"),
        "accounts_of_one_network": _of_one_network(touched, "signin_asker"),
    }


def _of_one_network(touched: QuerySet[Bucket], bucket: str) -> int:
    """About how many employers the network asked for that asked for most. A shared one has a larger bucket, and is left out."""
    alone = touched.filter(_named(bucket), most__lte=profile().buckets[bucket].limit)
    seats = alone.filter(asked__gt=0).values_list("asked", flat=True)
    return max((blocks.about(each or 0) for each in seats.iterator()), default=0)


def _named(bucket: str) -> Q:
    return Q(key__startswith=f"{bucket}:")


def _count(touched: QuerySet[Bucket], bucket: str) -> int:
    return touched.filter(_named(bucket)).count()


def _networks(now: datetime) -> dict[str, float]:
    refused = blocks.refusing(now)
    silent = sum(each.employers == 0 for each in refused)
    return {"networks_refused": len(refused), "networks_refused_without_signin": silent}


def _sent(before: datetime, now: datetime) -> dict[str, float]:
    """Found by the outbox's index: every state, what was due since. What goes to nobody is left out: strangers make as much of it
    as they like, and it hides no mail that fails."""
    due = Message.objects.filter(state__in=STATES, due_at__gte=before, made_at__gte=before)
    made = due.exclude(kind=letters.VOID)
    sms = next((each for each in blocks.of_everybody(now) if each.charge.bucket == "sms_day"), None)
    return {
        "messages": made.count(),
        "messages_dead": made.filter(state=Message.DEAD).count(),
        "sms_day_percent": round(100 * sms.spent / sms.most) if sms else 0,
    }


def as_text(now: datetime) -> str:
    """The numbers and the alarms as Prometheus reads them."""
    found, lines = numbers(now), []
    for name, value in found.items():
        lines += [f"# HELP clavero_{name} {watch.METRICS[name]}", f"# TYPE clavero_{name} gauge"]
        lines.append(f"clavero_{name} {value:g}")
    lines += ["# HELP clavero_alarm whether a rule fires", "# TYPE clavero_alarm gauge"]
    for alarm in watch.ALARMS:
        lines.append(f'clavero_alarm{{rule="{alarm.code}"}} {int(alarm.fires(found))}')
    return "\n".join(lines) + "\n"
