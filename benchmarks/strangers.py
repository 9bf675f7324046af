"""Can a stranger tell by time whether an employer exists? The timed comparison of S-056, on one worker of the real server.

    python -m benchmarks.strangers [--count N] [--out FILE]

Three or four kinds of employer take turns at every step, in an order drawn anew each round, so that whatever else the
machine does meets all of them alike: one that needs a visit, another such (the A/A pair), one that nobody knows, and, in
mode `nothing`, one that can recover online. With cold caches every request is about an employer never asked for before;
with warm ones about the same twenty. Of two kinds the rank-AUC says how well one time tells them apart: 0.5 is not at
all. Told apart: outside the band in two independent runs while the A/A pair stays inside.
"""

import argparse
import itertools
import json
import os
import secrets
import subprocess
import sys
import tempfile
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks import driving
from benchmarks.browser import Browser
from benchmarks.driving import Site
from benchmarks.machine import CLIENT_CORE, ROOT, described, median, pin
from benchmarks.sites import ours
from scripts.with_postgres import free_port

COUNT, SAME = 2000, 20
BAND, MOST_MS = (0.45, 0.55), 5.0
TRIES = 2
"""How often a run is repeated in which even the A/A pair falls outside the band: the machine was too busy to measure on."""
VISIT, AGAIN, UNKNOWN, ONLINE = "needs a visit", "needs a visit, again", "unknown", "online"
KINDS = {"route": (VISIT, AGAIN, UNKNOWN), "nothing": (VISIT, AGAIN, UNKNOWN, ONLINE)}
CLASS_SIZE = 200_000
TOKEN = secrets.token_hex(16)
WRONG = {"code": "ZZZZZZZZ", "saved": "Z" * 16, "key": "no-es-la-clave-de-nadie"}
ASKER = "127.0.0.1"
Times = dict[str, dict[str, list[float]]]
"""step → kind → seconds."""


@dataclass(frozen=True)
class Compared:
    """How one kind stands to the one that needs a visit, at one step: an AUC and a difference of medians (ms) a run."""

    mode: str
    caches: str
    step: str
    kind: str
    auc: tuple[float, ...]
    difference_ms: tuple[float, ...]
    told: bool
    median_ms: float


def auc(ours: list[float], theirs: list[float]) -> float:
    """How often a time of `theirs` is the longer one of a pair; ties count half."""
    ranked = sorted(ours)
    longer = sum(bisect_left(ranked, value) + bisect_right(ranked, value) for value in theirs)
    return longer / 2 / (len(ours) * len(theirs))


def is_outside(value: float, difference_ms: float) -> bool:
    return not BAND[0] <= value <= BAND[1] or abs(difference_ms) >= MOST_MS


# --- the portal that is asked -----------------------------------------------------------------------------


def settings(mode: str, folder: str) -> dict[str, str]:
    """An institution in one of the two modes, with budgets out of the way; SQLite, or a database of BENCH_DATABASE."""
    server = os.environ.get("BENCH_DATABASE")
    address = ours.create("strangers") if server else f"sqlite:///{folder}/strangers.sqlite3"
    found = ours.settings(address, folder)
    profile = Path(found["CLAVERO_PROFILE"])
    text = profile.read_text(encoding="utf-8")
    text = text.replace('disclosure = "route"', f'disclosure = "{mode}"')
    text = text.replace(
        "show_masked_contact = true", f"show_masked_contact = {str(mode == 'route').lower()}"
    )
    profile.write_text(text, encoding="utf-8")
    return found


def numbers(kind: str, count: int) -> range:
    """The made-up employers of a kind: twenty for warm caches, and as many for each run as it has requests."""
    first = [VISIT, AGAIN, UNKNOWN, ONLINE].index(kind) * CLASS_SIZE
    return range(first, first + SAME + count * 2 * TRIES)


def prepare(mode: str, count: int) -> None:
    """Tables, register and catastro: who needs a visit has an address and no key; nobody knows the unknown, the SRI does."""
    import django

    django.setup()
    from django.core.management import call_command

    from clavero import clock
    from clavero.catastro import services as catastro
    from clavero.employers import imports
    from scripts import made_catastro

    call_command("migrate", verbosity=0, interactive=False)
    with tempfile.TemporaryDirectory() as folder:
        register, taxes = Path(folder, "register.jsonl"), Path(folder, "taxes.csv")
        taxes.write_text(made_catastro.HEADER + "".join(_tax_lines(mode, count)), encoding="utf-8")
        register.write_text("".join(_register_lines(mode, count)), encoding="utf-8")
        catastro.import_file(taxes, clock.now())
        imports.import_file(register, clock.now())


def _tax_lines(mode: str, count: int) -> Iterator[str]:
    from scripts import made_employers

    for kind in KINDS[mode]:
        for n in numbers(kind, count):
            yield f"{made_employers.ruc(n)}|X|INVENTADA|ACTIVO|GEN||2026-10-31|||N|SOCIEDAD|1||ABI|A|B|C|G|X|N|N\n"


def _register_lines(mode: str, count: int) -> Iterator[str]:
    from scripts import made_employers

    for kind in set(KINDS[mode]) - {UNKNOWN}:
        of_kind = numbers(kind, count)
        for record in made_employers.records(len(of_kind), of_kind.start):
            key = "active" if kind == ONLINE else "never"
            yield json.dumps(record | {"key": key}, ensure_ascii=False) + "\n"


def give_keys(kinds: tuple[str, ...]) -> None:
    """Twenty of each known kind have an account; their key is nobody's guess."""
    from django.db import transaction

    from clavero import clock
    from clavero.core.identifiers.employer import EmployerNumber
    from clavero.employers import queries
    from clavero.keys import services as keys
    from scripts import made_employers

    for kind in set(kinds) - {UNKNOWN}:
        for n in numbers(kind, 0):
            number = EmployerNumber(made_employers.person(n), made_employers.ruc(n), "0001", False)
            dossier, now = queries.gather(number), clock.now()
            assert dossier.employer and dossier.representative
            account = keys.account_for(number, dossier.employer, dossier.representative.pk, now)
            prepared = keys.prepare(account.pk, 1, secrets.token_urlsafe(16))
            with transaction.atomic():
                keys.issue(account, prepared, how="demonstration", case_id=None, now=now)


def open_centres(bookings: int) -> list[tuple[str, int]]:
    """So many centres that nobody's choice makes another's page longer; the times that are chosen, each once."""
    from clavero import clock
    from clavero.appointments import queries, services
    from clavero.appointments.models import Centre

    count = bookings // 150 + 2
    row = '{{"code": "c{n}", "name": "Centro {n}", "province": "Guayas", "canton": "Guayaquil", "zone": "America/Guayaquil", "hours": "lun-vie 08:00-16:30", "counters": 3}}\n'
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "centres.jsonl")
        file.write_text("".join(row.format(n=n) for n in range(count)), encoding="utf-8")
        services.import_centres(file, clock.now())
    now, wanted, found = clock.now(), queries.rules().services[0], []
    today = queries.local_day(now, "America/Guayaquil")
    for centre in Centre.objects.all():
        for ahead in range(5, queries.rules().horizon_days - 2):
            day = today.fromordinal(today.toordinal() + ahead)
            found += [
                (centre.code, slot.at)
                for slot in list(queries.free_day(centre, day, wanted, now))[:5]
            ]
    return found


# --- asking -------------------------------------------------------------------------------------------------


class Stranger:
    """Somebody with three numbers and no proof, over one kept connection; `took` has the seconds of each step."""

    def __init__(self, connection: Browser, kind: str, number: int) -> None:
        from django.conf import settings as ours_

        self.kind, self.number, self.took = kind, number, dict[str, float]()
        self.browser = connection
        connection.cookies, connection.hidden = (
            {ours_.CSRF_COOKIE_NAME: TOKEN},
            {"csrfmiddlewaretoken": TOKEN},
        )
        self.case = ""

    def ask(self, step: str, path: str, *expected: int, **fields: str) -> None:
        """One POST, timed from its first byte sent to its last byte read."""
        began = perf_counter()
        answer, page = self.browser.ask("POST", path, fields)
        self.took[step] = perf_counter() - began
        assert answer.status in expected, (step, self.kind, answer.status, page[-2000:])
        if answer.headers["Location"] and "/caso/" in answer.headers["Location"]:
            self.case = "/".join(answer.headers["Location"].split("/")[:5])


def tickets(people: list[int]) -> dict[int, str]:
    """A sealed draft with a ticket that may be spent, for each: what comes before *Validar* is not what is measured."""
    from datetime import timedelta

    from clavero import clock
    from clavero.privacy import lookups, tokens
    from clavero.recovery.handles import Draft
    from clavero.throttle.models import Ticket
    from clavero.throttle.services import prefix
    from scripts import made_employers

    now, found, rows = clock.now(), {}, []
    for place, n in enumerate(people):
        token, person, ruc = tokens.new_token(16), made_employers.person(n), made_employers.ruc(n)
        binding = lookups.of("ticket", f"{person}|{ruc}|0001")
        asker = lookups.of("ticket", prefix(ASKER))
        rows.append(Ticket(token_hash=tokens.hash("ticket", token), binding=binding, asker=asker, not_before=now, expires_at=now + timedelta(days=2)))  # fmt: skip
        found[place] = Draft(identification=person, ruc=ruc, branch="0001", ticket=token).sealed()
    Ticket.objects.bulk_create(rows, batch_size=500)
    return found


def in_route(one: Stranger, draft: str, slot: tuple[str, int] | None) -> None:
    """Mode `route`: Validar, what happens, where to be found, a code to the contact on record, a time, booked without proof."""
    one.ask("Validar", f"{ours.ROAD}/validar/", 303, draft=draft)
    if slot is None:
        return
    one.ask("what happens", f"{one.case}/situacion/", 303, situation="unknown")
    one.ask(
        "where to be found",
        f"{one.case}/sus-datos/",
        303,
        email="",
        mobile="",
        landline="",
        address="Calle Una 1",
    )
    one.ask("a code to the contact", f"{one.case}/comprobar-correo/", 303, send="1")
    one.ask("a wrong code of that", f"{one.case}/comprobar-correo/", 200, code=WRONG["code"])
    one.ask("choosing a time", f"{one.case}/turno/", 303, slot=f"{slot[0]}:{slot[1]}")
    one.ask("booking it", f"{one.case}/turno/confirmar/", 303, no_access="1")


def in_nothing(one: Stranger, draft: str, slot: tuple[str, int] | None) -> None:
    """Mode `nothing`: Validar, a wrong code, a saved code that is none, another message, «I do not have that address»."""
    one.ask("Validar", f"{ours.ROAD}/validar/", 303, draft=draft)
    one.ask("a wrong code", f"{one.case}/codigo/", 200, code=WRONG["code"])
    one.ask("a saved code", f"{one.case}/codigo/", 200, code=WRONG["saved"])
    one.ask("another message", f"{one.case}/otro-mensaje/", 303)
    one.ask("without that address", f"{one.case}/codigo/", 303, no_access="1")


def signing_in(one: Stranger, draft: str, slot: tuple[str, int] | None) -> None:
    """A key that is not theirs."""
    from scripts import made_employers

    person, ruc = made_employers.person(one.number), made_employers.ruc(one.number)
    one.ask(
        "signing in",
        "/entrar/",
        200,
        identification=person,
        ruc=ruc,
        branch="0001",
        key=WRONG["key"],
    )


ROADS: dict[str, Callable[[Stranger, str, tuple[str, int] | None], None]] = {
    "route": in_route,
    "nothing": in_nothing,
    "sign-in": signing_in,
}


def asked(
    road: str,
    mode: str,
    port: int,
    count: int,
    caches: str,
    slots: list[tuple[str, int]],
    run: int = 0,
) -> Times:
    """`count` strangers of each kind, taking turns."""
    kinds = KINDS[mode][:3] if road == "sign-in" else KINDS[mode]
    order = [(place, kind) for place in range(count) for kind in _shuffled(kinds)]
    numbers_ = [_number(kind, place + run * count, caches) for place, kind in order]
    drafts = tickets(numbers_) if road != "sign-in" else {}
    connection, times = Browser(port), Times()
    for turn, (_, kind) in enumerate(order):
        one = Stranger(connection, kind, numbers_[turn])
        ROADS[road](one, drafts.get(turn, ""), slots.pop() if slots else None)
        for step, seconds in one.took.items():
            times.setdefault(step, {}).setdefault(kind, []).append(seconds)
    return times


def _shuffled(kinds: tuple[str, ...]) -> list[str]:
    return sorted(kinds, key=lambda _: secrets.token_bytes(8))


def _number(kind: str, place: int, caches: str) -> int:
    """With warm caches the same twenty in turn, who are asked for nowhere else."""
    first = numbers(kind, 0)
    return first.start + (place % SAME if caches == "warm" else SAME + place)


# --- judging ------------------------------------------------------------------------------------------------


def judged(mode: str, caches: str, run: Callable[[], Times]) -> list[Compared]:
    """One run; a second where something stands outside the band; a run that the A/A pair condemns is made again."""
    runs = [_sound(run)]
    if _outside(runs[0]):
        runs.append(_sound(run))
    return [
        _compared(mode, caches, step, kind, runs)
        for step in runs[0]
        for kind in runs[0][step]
        if kind != VISIT
    ]


def _sound(run: Callable[[], Times]) -> Times:
    times = run()
    for _ in range(TRIES - 1):
        if AGAIN not in {kind for _, kind in _outside(times)}:
            break
        times = run()
    return times


def _figures(times: Times, step: str, kind: str) -> tuple[float, float]:
    mine, theirs = times[step][VISIT], times[step][kind]
    return auc(mine, theirs), (median(theirs) - median(mine)) * 1000


def _outside(times: Times) -> set[tuple[str, str]]:
    """(step, kind) that one run tells apart."""
    pairs = [(step, kind) for step in times for kind in times[step] if kind != VISIT]
    return {pair for pair in pairs if is_outside(*_figures(times, *pair))}


def _compared(mode: str, caches: str, step: str, kind: str, runs: list[Times]) -> Compared:
    figures = [_figures(times, step, kind) for times in runs]
    told = len(runs) > 1 and all((step, kind) in _outside(times) for times in runs)
    middle = median(runs[0][step][VISIT]) * 1000
    aucs, differences = (tuple(round(found[n], 3) for found in figures) for n in (0, 1))
    return Compared(mode, caches, step, kind, aucs, differences, told, round(middle, 2))


def one_mode(mode: str, count: int) -> list[Compared]:
    """Everything that is asked in one mode, on one server. Settings are one a process: call it once."""
    found, slots = list[Compared](), list[tuple[str, int]]()
    with tempfile.TemporaryDirectory() as folder, tempfile.NamedTemporaryFile() as counter:
        os.environ.update(settings(mode, folder))
        prepare(mode, count)
        give_keys(KINDS[mode])
        if mode == "route":
            slots = open_centres(3 * count * 2 * TRIES)
        port = free_port()
        site = Site("clavero.project.wsgi", _never, _never, _never)
        server = driving.serve(site, "published", counter.name, port)
        try:
            for road, caches in _roads(mode):
                asked(road, mode, port, min(count, 20), "warm", [], 0)
                taken, runs = slots if caches == "cold" else [], itertools.count()
                run = partial(_next, road, mode, port, count, caches, taken, runs)
                found += judged(mode, caches, run)
        finally:
            server.terminate()
            server.wait()
    return found


def _roads(mode: str) -> list[tuple[str, str]]:
    """What is asked in a mode, with which caches. A key is hashed one way in both."""
    return [(mode, "cold"), (mode, "warm"), *([("sign-in", "warm")] if mode == "route" else [])]


def _next(
    road: str,
    mode: str,
    port: int,
    count: int,
    caches: str,
    slots: list[tuple[str, int]],
    runs: Iterator[int],
) -> Times:
    return asked(road, mode, port, count, caches, slots, next(runs))


def _never(*_: Any) -> Any:
    raise AssertionError("strangers ask for themselves")


def line(one: Compared) -> str:
    said = "TOLD APART" if one.told else "alike"
    aucs = " and ".join(f"{value:.3f}" for value in one.auc)
    return f"{said:10} {one.mode:8} {one.caches:5} {one.step:22} {one.kind:22} AUC {aucs}"


def main() -> int:
    """0 where no kind is told apart from the one that needs a visit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--mode", choices=sorted(KINDS))
    given = parser.parse_args()
    pin(CLIENT_CORE)
    if given.mode:
        print(json.dumps([asdict(one) for one in one_mode(given.mode, given.count)]))
        return 0
    found = [
        Compared(**{**row, "auc": tuple(row["auc"])})
        for mode in KINDS
        for row in _apart(mode, given.count)
    ]
    for one in found:
        print(line(one), flush=True)
    if given.out:
        report = {
            "described": described(),
            "count": given.count,
            "compared": [asdict(one) for one in found],
        }
        given.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return 1 if any(one.told for one in found) else 0


def _apart(mode: str, count: int) -> list[dict[str, Any]]:
    """One mode in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.strangers", "--mode", mode, "--count", str(count)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])  # type: ignore[no-any-return]


if __name__ == "__main__":
    sys.exit(main())
