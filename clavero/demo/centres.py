"""The made-up centres: one in Guayas that is full for two weeks, one in Tungurahua that is closed next Friday,
one in Galápagos with its own clock. Seeded once, relative to the demonstration's clock."""

import json
import tempfile
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.db import transaction

from clavero.appointments import queries, services
from clavero.appointments.models import Booking, Cell, Centre
from clavero.appointments.services import Holder
from clavero.core import slots
from clavero.desk import measuring
from clavero.desk import queries as desk
from clavero.desk.models import Ticket

FULL, CLOSES, ISLANDS = "guayaquil", "ambato", "puerto-ayora"
FULL_DAYS = 14
_MADE_UP = {"checked_on": "2026-11-20", "source": "inventado para la demostración", "quality": "our choice"}  # fmt: skip
CENTRES = (
    {"code": FULL, "name": "Centro Guayaquil", "province": "Guayas", "canton": "Guayaquil",
     "address": "Calle de los Capulíes 120", "zone": "America/Guayaquil", "hours": "lun-vie 08:00-16:30", "counters": 2},
    {"code": CLOSES, "name": "Centro Ambato", "province": "Tungurahua", "canton": "Ambato",
     "address": "Av. de los Guaytambos 45", "zone": "America/Guayaquil", "hours": "lun-vie 08:00-17:00", "counters": 3},
    {"code": ISLANDS, "name": "Centro Puerto Ayora", "province": "Galápagos", "canton": "Santa Cruz",
     "address": "Calle de las Iguanas 8", "zone": "Pacific/Galapagos", "hours": "lun-vie 08:00-12:00 13:00-16:00", "counters": 1},
)  # fmt: skip


def bring_centres(now: datetime) -> None:
    """Import the centres, close Ambato next Friday, fill Guayaquil for two weeks. Once."""
    if Centre.objects.exists():
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "centres.jsonl")
        lines = [json.dumps(centre | _MADE_UP, ensure_ascii=False) for centre in CENTRES]
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        services.import_centres(file, now)
    today = queries.local_day(now, "America/Guayaquil")
    friday = today + timedelta(days=(4 - today.weekday()) % 7 or 7)
    services.close(
        friday, "training", now, centre=Centre.objects.get(code=CLOSES),
        es="por capacitación del personal", en="for staff training",
    )  # fmt: skip
    with transaction.atomic():
        _fill(Centre.objects.get(code=FULL), now)


def _fill(centre: Centre, now: datetime) -> None:
    """Every time of two weeks taken by appointments of nobody."""
    wanted = queries.rules().services[0]
    first = queries.local_day(now, centre.zone)
    everybody = frozenset({slots.TODAY, slots.TOMORROW})
    for ahead in range(FULL_DAYS + 1):
        day = first + timedelta(days=ahead)
        for slot in queries.free_day(centre, day, wanted, now, extra=everybody):
            for counter in slot.counters:
                _take(centre, counter, slot.at, now)


def _take(centre: Centre, counter: int, at: int, now: datetime) -> None:
    wanted = queries.rules().services[0]
    starts_at = slots.instant(at)
    holder = Holder(case_id=at * 100 + counter % 100, person_lookup="", number_key="demonstration")
    booking = Booking.objects.create(
        centre=centre, counter_id=counter, service=wanted.code, starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=wanted.minutes), state=Booking.FIRM, case_id=holder.case_id,
        number_key=holder.number_key, made_at=now, confirmed_at=now, reminded_at=now,
    )  # fmt: skip
    minutes = slots.cells(at, wanted.minutes, queries.rules().grain_minutes)
    Cell.objects.bulk_create(
        [Cell(counter_id=counter, at=minute, booking=booking) for minute in minutes]
    )


def bring_numbers(now: datetime) -> None:
    """Four weeks of numbers that a queue served, made up, and what was measured from them (G12). Once."""
    if Ticket.objects.exists():
        return
    today = desk.local_day(now)
    days = [day for n in range(1, 29) if (day := today - timedelta(days=n)).weekday() < 5]
    made = [_served(centre, day, n) for centre in (FULL, CLOSES) for day in days for n in range(6)]
    Ticket.objects.bulk_create(made)
    measuring.measure(today)


def _served(centre: str, day: date, n: int) -> Ticket:
    """The n-th number of a day: with an appointment a short wait, without a longer one."""
    line, odd = "AB"[n % 2], (day.toordinal() * 7 + n * 13) % 11
    came = datetime.combine(day, time(9 + n), ZoneInfo("America/Guayaquil"))
    called = came + timedelta(minutes=1 + odd if line == "A" else 12 + 4 * odd)
    return Ticket(
        centre=centre, day=day, line=line, number=n // 2 + 1, state=Ticket.SERVED, issued_at=came,
        called_at=called, ended_at=called + timedelta(minutes=16 + 2 * odd), counter="1",
    )  # fmt: skip
