"""The page of centres and times: 78 centres × 60 days with 200,000 appointments, against one primary-key read.

The appointments stand from the first day on, so that the first free time is weeks away and every shown centre is
read to the horizon: the worst page there is. In this process, without a web server, as the pages are in `pages`.
`python -m benchmarks.slots_bench CENTRES BOOKINGS TIMES` prints one JSON object.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.machine import CLIENT_CORE, ROOT, Figure, median, pin
from benchmarks.sites import ours

if TYPE_CHECKING:
    from clavero.appointments.models import Booking, Centre

COUNTERS, A_BATCH = 5, 5000
PROVINCES = (
    "Azuay",
    "Guayas",
    "Imbabura",
    "Loja",
    "Manabí",
    "Pichincha",
    "Tungurahua",
    "Galápagos",
)
FLOOR = "slots.primary_key"
Sizes = tuple[int, int, int]


def measure(database: str, sizes: Sizes) -> tuple[list[Figure], Any]:
    """`sizes` are centres, appointments, repetitions."""
    command = [sys.executable, "-m", "benchmarks.slots_bench", *map(str, sizes)]
    env = os.environ | {"BENCH_DATABASE": database}
    done = subprocess.run(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    floor = found["primary_key"]
    figures = [Figure(FLOOR, floor, "ms")]
    figures += [
        Figure(f"slots.{name}", found[name], "ms", found[name] / floor, FLOOR)
        for name in ("page", "read", "everywhere", "load")
    ]
    figures.append(Figure("slots.page.statements", found["statements"], ""))
    return figures, {"sizes": list(sizes), "bookings": found["bookings"], "plans": found["plans"]}


# --- 78 full centres --------------------------------------------------------------------------------------


def bring_centres(many: int, now: datetime) -> None:
    from clavero.appointments import services

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "centres.jsonl")
        path.write_text("\n".join(json.dumps(_centre(n)) for n in range(many)), encoding="utf-8")
        services.import_centres(path, now)


def _centre(n: int) -> dict[str, Any]:
    place = PROVINCES[n % len(PROVINCES)]
    zone = "Pacific/Galapagos" if place == "Galápagos" else "America/Guayaquil"
    return {"code": f"c{n:02}", "name": f"Centro {n:02}", "province": place, "canton": f"{place} {n // 8}",
            "zone": zone, "hours": "lun-vie 08:00-16:30", "counters": COUNTERS}  # fmt: skip


def fill(most: int, now: datetime) -> int:
    """Appointments of nobody in every time of every centre, soonest first, until there are `most`; their cells by SQL."""
    from django.db import connection

    from clavero.appointments.models import Booking

    rows = []
    for row in _soonest(now):
        rows.append(row)
        if len(rows) == most:
            break
    Booking.objects.bulk_create(rows, batch_size=A_BATCH)
    with connection.cursor() as cursor:
        cursor.execute(_CELLS)
        for table in ("booking", "cell", "counter", "centre", "closure", "waiting"):
            cursor.execute(f"VACUUM ANALYZE appointments_{table}")
    return len(rows)


_CELLS = """INSERT INTO appointments_cell (counter_id, at, booking_id)
SELECT counter_id, extract(epoch FROM starts_at)::int / 60 + 5 * g, id FROM appointments_booking, generate_series(0, 5) g"""


def _soonest(now: datetime) -> "Iterator[Booking]":
    """Appointments at the soonest free times, as people book them."""
    from clavero.appointments import queries
    from clavero.appointments.models import Centre
    from clavero.core import slots

    wanted, today = queries.rules().services[0], queries.local_day(now, "America/Guayaquil")
    everybody, centres = (
        frozenset({slots.TODAY, slots.TOMORROW}),
        list(Centre.objects.order_by("code")),
    )
    for ahead in range(queries.rules().horizon_days + 1):
        for centre in centres:
            day = today + timedelta(days=ahead)
            for slot in queries.free_day(centre, day, wanted, now, extra=everybody):
                for counter in slot.counters:
                    yield _booking(centre, counter, slot.at, now)


_NUMBER = iter(range(1, 10**9))


def _booking(centre: "Centre", counter: int, at: int, now: datetime) -> "Booking":
    from clavero.appointments.models import Booking
    from clavero.core import slots

    starts_at, number = slots.instant(at), next(_NUMBER)
    return Booking(
        centre=centre, counter_id=counter, service="visit", starts_at=starts_at, ends_at=starts_at + timedelta(minutes=30),
        state=Booking.FIRM, case_id=number, person_lookup="-", number_key=f"bench {number}", made_at=now,
    )  # fmt: skip


# --- the page ---------------------------------------------------------------------------------------------


def to_slots() -> tuple[Any, str]:
    """A browser in this process with a case that needs a visit, and the address of its page of times."""
    from benchmarks.gate_bench import Inside

    browser = Inside()
    ours.to_check(browser, 7)  # an employer whom the register does not hold
    time.sleep(1.2)
    browser.go("POST", f"{ours.ROAD}/validar/", {})
    browser.go("POST", browser.path, {"situation": "unknown"})
    browser.go("POST", browser.path, {"email": "", "mobile": "", "landline": ""})
    (ref,) = re.findall(r"/caso/(\w+)/", browser.path)
    return browser, f"{ours.ROAD}/caso/{ref}/turno/"


def timed(deed: Callable[[], object], times: int) -> float:
    """The median, in milliseconds, after a warm-up."""
    deed()
    found = []
    for _ in range(times):
        began = time.perf_counter()
        deed()
        found.append(time.perf_counter() - began)
    return median(found) * 1000


def figures(times: int) -> dict[str, Any]:
    from benchmarks import plans
    from clavero import clock
    from clavero.appointments import queries
    from clavero.appointments.models import Booking, Centre
    from clavero.recovery import slot_page

    now, browser_path = clock.now(), to_slots()
    browser, path = browser_path
    wanted, key = queries.rules().services[0], Booking.objects.values_list("pk", flat=True)[0]
    near = {"cerca": "pichincha|"}
    page = lambda: browser.client.get(path, near)
    assert b"data-centre" in page().content, (
        path,
        page().status_code,
        page().headers,
        page().content[:300],
    )
    statements = plans.collected(page)
    centre, ranked = Centre.objects.order_by("code")[0], queries.nearest(queries.Place())
    load = lambda: queries.load(centre.code, queries.local_day(now, centre.zone), now)
    statements += plans.collected(load) + plans.collected(lambda: queries.first_of(ranked, now))
    return {
        "primary_key": timed(lambda: _read_one(key), times * 20),
        "page": timed(page, times),
        "read": timed(lambda: slot_page.page(slot_page.Search("pichincha|"), wanted, now), times),
        "everywhere": timed(lambda: queries.first_of(ranked, now), 3),
        "load": timed(load, times),
        "statements": _counted(page),
        "plans": plans.explained(statements),
    }


def _read_one(key: int) -> object:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM appointments_booking WHERE id = %s", [key])
        return cursor.fetchone()


def _counted(deed: Callable[[], object]) -> int:
    from django.db import connection

    found = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        found.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        deed()
    return len(found)


def main() -> int:
    centres, bookings, times = map(int, sys.argv[1:])
    pin(CLIENT_CORE)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["BENCH_FOLDER"] = folder
        ours.build(1)
        from clavero import clock

        bring_centres(centres, clock.now())
        filled = fill(bookings, clock.now())
        print(json.dumps(figures(times) | {"bookings": filled}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
