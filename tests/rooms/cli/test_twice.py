"""Every command and every chore of the worker, twice on the same state: the second run changes nothing (O05).

What a second run may do stands in `clavero.cli.again`; a command or a chore that is not in it, or has no run here, fails.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from django.apps import apps
from django.db import connection, transaction

from clavero import cli, clock, institution
from clavero.audit.models import Entry
from clavero.catastro.models import Inquiry
from clavero.cli import again, database, frame, send
from clavero.demo.models import Mail
from clavero.demo.services import catastro_lines, register_lines
from clavero.desk import post as printing
from clavero.employers.models import Contact, Employer
from clavero.employers.services import contact_lookup
from clavero.institution import profile
from clavero.notices import returns
from clavero.notices.models import Message, PostLetter
from clavero.rights.models import Breach, Request
from tests.cast import by_id
from tests.reports import report
from tests.rooms.cli.test_commands import run as run_as_a_process
from tests.rooms.desk.people import member
from tests.rooms.desk.test_casework import prepare, visit_by
from tests.rooms.desk.test_limits import strangers_fill
from tests.rooms.desk.test_post import house
from tests.rooms.privacy import test_retention as old
from tests.stories.test_booking import code_to, times, to_slots
from tests.walk import Walker, sign_in

ANA, LUIS = by_id("en_orden"), by_id("tres_sucursales")
RECORD = {"audit_entry", "audit_head", "audit_publication"}
APART = RECORD | {"notices_heartbeat", "django_session"}


def paths(command: click.Command, path: str) -> Iterator[str]:
    """The words that one types for each command that does something."""
    if isinstance(command, click.Group):
        for name, each in command.commands.items():
            yield from paths(each, f"{path} {name}")
    else:
        yield path


PATHS = [path for name in cli.COMMANDS for path in paths(cli.raw(name), name)]
CHORES = {name: (module, verb) for name, module, verb in (*send.OFTEN, *send.SELDOM)}


def dump(*, but: frozenset[str] | set[str] = frozenset()) -> dict[str, list[tuple]]:
    """Every row of every table as it is stored, the record apart."""
    found = {}
    with connection.cursor() as cursor:
        for table in sorted({model._meta.db_table for model in apps.get_models()} - APART - but):
            cursor.execute(f'SELECT * FROM "{table}"')
            found[table] = sorted(cursor.fetchall(), key=repr)
    return found


def events_after(number: int) -> set[str]:
    return set(Entry.objects.filter(number__gt=number).values_list("event", flat=True))


def last_entry() -> int:
    return Entry.objects.order_by("-number").values_list("number", flat=True).first() or 0


@dataclass(frozen=True)
class Run:
    """One way to run a command. `given` prepares and may return more words; `but` are tables that a second run touches on
    purpose; `first` and `second` are what each ends with, `before` how often it runs until it has done all (a worker's rounds)."""

    words: str = ""
    given: Callable[[Path], list[str]] | None = None
    but: frozenset[str] = frozenset()
    first: int = 0
    second: int = 0
    before: int = 1


def file_of(lines: Callable[[], list[str]]) -> Callable[[Path], list[str]]:
    def made(folder: Path) -> list[str]:
        (folder / "file").write_text("\n".join(lines()) + "\n", encoding="utf-8")
        return [str(folder / "file")]

    return made


def centres() -> list[str]:
    from clavero.demo.centres import _MADE_UP, CENTRES

    return [json.dumps(one | _MADE_UP | {"phone": "02 000 0000"}) for one in CENTRES]


def changed_register() -> list[str]:
    """Tonight's register: one name differs, one employer is new."""
    first, *others = register_lines()
    return [
        json.dumps(json.loads(first) | {"name": "Otro Nombre", "as_of": "2027-10-31"}),
        *others,
        json.dumps({"ruc": "2499999999001", "name": "Firma Nueva", "kind": "company"}),
    ]


def nothing_stands(_folder: Path) -> list[str]:
    connection.cursor().execute("DELETE FROM desk_staff")
    return []


def breach(**more: Any) -> Breach:
    from clavero.rights import breaches

    now = clock.now()
    facts = breaches.Facts("Un disco", now, now - timedelta(days=1), now, scope="all")
    return breaches.open_breach(replace(facts, **more), now)


def opened(*told: str, **more: object) -> Callable[[Path], list[str]]:
    def made(_folder: Path) -> list[str]:
        from clavero.desk.people import local_day
        from clavero.rights import breaches

        one = breach(**more)
        for to in told:
            breaches.tell(one, to, local_day(clock.now()))
        return [one.number]

    return made


def at_risk(folder: Path) -> list[str]:
    return opened(risk_at=clock.now())(folder)


def evidence(folder: Path) -> list[str]:
    from clavero.desk import dossier
    from clavero.recovery.models import Case

    text = dossier.text(dossier.document(Case.objects.order_by("-pk")[0], clock.now()))
    (folder / "case.json").write_text(text, encoding="utf-8")
    return [str(folder / "case.json")]


def a_case(_folder: Path) -> list[str]:
    from clavero.recovery.models import Case

    return [Case.objects.order_by("-pk")[0].number]


def letters_wait(folder: Path) -> list[str]:
    house(ANA)
    return [str(folder / "cartas")]


def a_batch(folder: Path) -> list[str]:
    house(ANA)
    return [str(folder / "cartas"), "--batch", printing.export(None, clock.now())]


def came_back(folder: Path) -> list[str]:
    """A Maildir with a genuine report about the newest message to Ana."""
    to = f"rebotes+{returns.make(of_ana().pk, ANA.email, clock.now())}@instituto.example"
    (folder / "mail" / "new").mkdir(parents=True)
    (folder / "mail" / "new" / "1.a").write_bytes(report(to, ANA.email))
    return [str(folder / "mail")]


def of_ana() -> Message:
    employer = Employer.objects.get(contacts__value_lookup=contact_lookup("email", ANA.email))
    return Message.objects.filter(employer_id=employer.pk, channel="mail").order_by("made_at")[0]


def blocked(_folder: Path) -> list[str]:
    strangers_fill()
    return []


def list_of_employers(folder: Path) -> list[str]:
    (folder / "list.csv").write_text(f"ruc,sucursal\n{ANA.ruc},0001\n", encoding="utf-8")
    return [str(folder / "list.csv"), "-o", str(folder / "out.csv")]


DAY = f"{clock.now() + timedelta(days=9):%Y-%m-%d}"
OPEN = '--what "Un disco" --known "2026-11-20 10:05" --from 2026-11-19 --until 2026-11-20'
OF_LUIS = f"--ruc {LUIS.ruc} --branch {LUIS.branch} --identification {LUIS.identification}"
AS_A_PROCESS = ("migrate", "backup", "restore", "serve", "precheck")
"""Commands about a whole database, an address or files alone: the tests below."""
COPY = frozenset({"catastro_snapshot", "catastro_ruc"})

RUNS: dict[str, list[Run]] = {
    "identify": [Run("2453622207")],
    "deadline": [Run("2026-02")],
    "triage": [Run("--scenario key_forgotten")],
    "catastro import": [Run("", file_of(catastro_lines), COPY)],
    "catastro show": [Run(ANA.ruc)],
    "employers import": [Run("", file_of(register_lines), first=1, second=1), Run("", file_of(changed_register), first=1, second=1)],
    "employers changes": [Run("--since 2020-01-01")],
    "centres import": [Run("", file_of(centres))],
    "centres close": [Run(DAY), Run(f"{DAY} --centre ambato --reason works"), Run(f"{DAY} --opens")],
    "centres list": [Run()],
    "audit verify": [Run()],
    "audit publish": [Run()],
    "audit export": [Run("", a_case)],
    "audit check": [Run("", evidence)],
    "operator create": [Run("maria", nothing_stands, frozenset({"desk_enrolment", "desk_staff"}))],
    "rotate-keys": [Run()],
    "letters count": [Run(first=1, second=1)],
    "letters export": [Run("", letters_wait), Run("", a_batch)],
    "bounces": [Run("", came_back)],
    "subject export": [Run(ANA.ruc)],
    "subject requests": [Run()],
    "subject erase": [Run(f"{ANA.ruc} --yes"), Run(ANA.ruc)],
    "subject correct": [Run(f"{ANA.ruc} Trigo")],
    "breach open": [Run(OPEN)],
    "breach list": [Run("", lambda folder: opened()(folder)[:0])],
    "breach told": [Run("authority", lambda folder: [opened()(folder)[0], "authority"])],
    "breach risk": [Run("", opened())],
    "breach report": [Run("", opened())],
    "breach notify": [Run("--yes", at_risk), Run("", at_risk)],
    "breach close": [Run("", opened("authority", "arcotel"))],
    "breach drill": [Run()],
    "announce": [Run('"Mañana no." "Not tomorrow." --until "{later}"'), Run("--end"), Run()],
    "maintenance": [Run('--until "{later}"'), Run("--end"), Run()],
    "throttle": [Run(f"{OF_LUIS} --lift signin_unknown --reason own_test", blocked, second=2), Run(OF_LUIS, blocked, first=1, second=1)],
    "send": [Run("--once", before=3)],
    "doctor": [Run(first=1, second=1)],
    "watch": [Run()],
}  # fmt: skip


def test_every_command_and_every_chore_says_what_a_second_run_does_and_is_run_twice_here():
    """A new command without an entry fails here."""
    assert set(PATHS) == set(again.COMMANDS) == {*RUNS, *AS_A_PROCESS}
    assert set(CHORES) == set(again.CHORES)
    for one in (*again.COMMANDS.values(), *again.CHORES.values()):
        assert one.kind in again.KINDS and (one.kind == again.READS or one.twice and one.killed)
        assert one.kind not in (again.NOTED,) or one.records


@pytest.fixture
def lived_in(walker, time, monkeypatch):
    """A database with something of everything: cases at every place, an appointment, letters, an account that was used."""
    held = replace(profile(), post_letters=True)
    monkeypatch.setattr(institution, "profile", lambda: held)
    for module in ("clavero.notices.post", "clavero.desk.post"):
        monkeypatch.setattr(f"{module}.profile", lambda: held)
    walker.to_key(ANA).finish()
    Walker(time).validate(LUIS)
    sign_in(Walker(time), LUIS, LUIS.key)
    to_slots(firm := Walker(time)).press({"slot": times(firm, "ambato")[0]})
    firm.press({"email": "turno@correo.example"})
    firm.press({"code": code_to("turno@correo.example")})
    return walker


@pytest.fixture
def command(lived_in, monkeypatch, tmp_path, capsys, settings):
    """Types a command in this process, on the test's own database."""
    monkeypatch.setattr(database, "ready", lambda **_: None)
    monkeypatch.setattr("django.db.close_old_connections", lambda: None)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setenv("CLAVERO_AUDIT_SINK", f"file:{tmp_path / 'heads'}")
    (tmp_path / "offline").mkdir()
    settings.OFFLINE, settings.BOUNCES = str(tmp_path / "offline"), "rebotes@instituto.example"

    def typed(*words: str) -> tuple[int, str]:
        capsys.readouterr()
        done = frame.run(cli.group, words)
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return done, said.out + said.err

    return typed


def of(path: str, run: Run, folder: Path) -> list[str]:
    import shlex

    later = f"{clock.now() + timedelta(days=2):%Y-%m-%d %H:%M}"
    words = shlex.split(run.words.replace("{later}", later))
    more = run.given(folder) if run.given else []
    positional = [*path.split(), *more, *(word for word in words if word not in more)]
    return positional if more else [*path.split(), *words]


EACH = [(path, run) for path, runs in RUNS.items() for run in runs]


@pytest.mark.parametrize(("path", "run"), EACH, ids=[f"{path} {run.words}".strip() for path, run in EACH])  # fmt: skip
def test_a_command_run_twice_has_done_what_once_does(command, tmp_path, path, run):
    words, says = of(path, run, tmp_path), again.COMMANDS[path]
    before = dump()
    assert [command(*words)[0] for _ in range(run.before)][0] == run.first
    if says.kind == again.READS:
        assert dump() == before
    once, number, mails = dump(but=run.but), last_entry(), Mail.objects.count()
    done, said = command(*words)
    assert done == run.second, said
    assert dump(but=run.but) == once
    assert events_after(number) <= set(says.records) and Mail.objects.count() == mails
    if says.kind == again.NOTED and "--yes" in words:
        assert events_after(number) == set(says.records)


def test_a_register_of_rucs_twice_is_one_copy_with_the_same_rows(command, tmp_path):
    """What answers is the same; the former copy is gone, not kept beside it."""
    from clavero.catastro.models import Ruc, Snapshot

    def answers():
        return sorted(Ruc.objects.values_list("ruc", "status", "establishments", "name"))

    words = ["catastro", "import", *file_of(catastro_lines)(tmp_path)]
    command(*words)
    first = answers()
    command(*words)
    assert answers() == first and Snapshot.objects.count() == 1


def test_a_breach_that_is_opened_once_more_has_the_number_it_had(command):
    import shlex

    words = ["breach", "open", *shlex.split(OPEN)]
    first, second = (command(*words)[1] for _ in range(2))
    assert first == second and Breach.objects.count() == 1
    assert Entry.objects.filter(event="breach_opened").count() == 1
    assert command(*words, "--scope", "all")[1] != first and Breach.objects.count() == 2


def test_a_day_that_was_noted_and_a_risk_that_was_seen_do_not_move_when_it_is_said_again(command, time):  # fmt: skip
    """Otherwise the second run of the next day would say that the authority was told too late, or begin a term anew."""
    one = breach()
    for words in (("told", one.number, "authority"), ("risk", one.number)):
        command("breach", *words)
    first = Breach.objects.get()
    time.wait(2 * 86400)
    for words in (("told", one.number, "authority"), ("risk", one.number)):
        assert command("breach", *words)[0] == 0
    second = Breach.objects.get()
    assert (second.told, second.risk_at) == (first.told, first.risk_at)


def test_notifying_once_more_says_that_nobody_new_was_written_to(command):
    one = breach(risk_at=clock.now())
    first, second = (command("breach", "notify", one.number, "--yes")[1] for _ in range(2))
    written = Message.objects.filter(kind="breach").count()
    assert written > 5 and f": {written}." in first and ": 0." in second


def test_where_nothing_waits_the_last_batch_is_named_so_that_it_can_be_written_again(command, tmp_path):  # fmt: skip
    """Who was killed between the batch and its files finds it again: no letter is lost, none is printed twice."""
    house(ANA)
    batch = printing.export(None, clock.now())  # … and killed before a file was written
    done, said = command("letters", "export", str(tmp_path / "out"))
    assert done == 0 and batch in said and "--batch" in said and not (tmp_path / "out").exists()
    assert batch in command("letters", "count")[1]
    assert command("letters", "export", str(tmp_path / "out"), "--batch", batch)[0] == 0
    assert len(list((tmp_path / "out").glob("*.pdf"))) == PostLetter.objects.exclude(batch="").count()  # fmt: skip


# --- the chores of the worker -------------------------------------------------------------------------------


@pytest.fixture
def something_of_everything(lived_in, time):
    """Beside what people did: rows that retention will take, a request and a breach that wait, an address to settle."""
    from clavero.rights import services as rights

    for rows in old.ROWS.values():
        for _, make in rows:
            with suppress(Exception):
                make(clock.now())
    for state in ("received", "answered"):
        asked = rights.Asked("access", "todo", proof="document")
        one = rights.receive(asked, None, None, clock.now())
        Request.objects.filter(pk=one.pk).update(state=state, answered_at=clock.now())
    breach(risk_at=clock.now())
    Inquiry.objects.create(case_id=1, ruc_lookup="x", asked_at=clock.now(), state="answered", answered_at=clock.now(), status="active")  # fmt: skip
    visit_by(member(0), prepare(time, by_id("primera_clave"), "first_key")[1])
    return lived_in


STEPS = (0, 1, 3, 12, 24, 24, 48, 24 * 5, 24 * 40, 24 * 400, 24 * 4000)
"""Hours between two looks: what is due in an hour, tomorrow, next week, after years."""
ELSEWHERE = {"sri", "lists", "heartbeat", "folders", "kept lists", "waits", "ready papers", "passkeys", "employers", "refused addresses", "visits", "measured", "watch"}  # fmt: skip
"""Chores that find nothing in this state; what they do, and that they do it once, their own rooms test."""


def test_every_chore_done_twice_at_the_same_moment_is_done_once(something_of_everything, time, monkeypatch, tmp_path, settings):  # fmt: skip
    """No second message, no second letter, no second entry; and on the way every chore that can had something to do."""
    settings.OPERATORS_MAIL = ["olga@operador.example"]
    monkeypatch.setenv("CLAVERO_AUDIT_SINK", f"file:{tmp_path / 'heads'}")
    worked = set()
    for hours in STEPS:
        time.wait(hours * 3600)
        for name, (module, verb) in CHORES.items():
            now, chore = clock.now(), send.chore(module, verb)
            number = last_entry()
            before = dump()
            chore(now)
            once, entries = dump(), last_entry()
            if once != before or entries != number:
                worked.add(name)
            chore(now)
            assert dump() == once, (name, hours)
            assert last_entry() == entries, (name, hours, events_after(entries))
    idle = set(CHORES) - worked
    assert idle <= ELSEWHERE, idle - ELSEWHERE


def confirmed() -> Contact:
    """An address that was confirmed and has rested."""
    from clavero.employers import services as employers

    made = Contact(employer=Employer.objects.order_by("pk")[0], kind="email", value="nuevo@trigo.example", state=Contact.PROPOSED, value_lookup=employers.contact_lookup("email", "nuevo@trigo.example"), usable_from=clock.now(), confirmed_at=clock.now())  # fmt: skip
    made.seal()
    made.save(force_insert=True)
    return made


def test_an_address_that_two_workers_settle_is_settled_once(cast):
    from clavero.employers import services as employers

    made = confirmed()
    with transaction.atomic():
        for seen in (made, Contact.objects.get(pk=made.pk)):  # each read it before the other wrote
            seen.state = Contact.PROPOSED
            employers._settle(seen, clock.now())
    assert Entry.objects.filter(event="contact_settled").count() == 1
    assert Contact.objects.get(pk=made.pk).is_genuine


def test_an_address_that_another_hand_changed_is_on_record_once_a_day_and_not_each_minute(cast, time):  # fmt: skip
    from clavero.employers import services as employers

    made = confirmed()
    Contact.objects.filter(pk=made.pk).update(mac="f1.nothing")
    for _ in range(5):
        employers.due(clock.now())
        time.wait(60)
    assert Entry.objects.filter(event="contact_tampered").count() == 1
    time.wait(86400)
    employers.due(clock.now())
    assert Entry.objects.filter(event="contact_tampered").count() == 2


# --- as a process, on a database of its own -----------------------------------------------------------------


def test_tables_that_are_up_to_date_stay_as_they_are(tmp_path):
    base = tmp_path / "x.sqlite3"
    assert run_as_a_process("migrate", database=base).returncode == 0
    second = run_as_a_process("migrate", database=base)
    assert second.returncode == 0 and "No migrations to apply" in second.stdout


def test_a_second_copy_takes_the_place_of_the_first_and_a_copy_is_brought_back_once(tmp_path):
    base, other = tmp_path / "x.sqlite3", tmp_path / "y.sqlite3"
    run_as_a_process("migrate", database=base)
    for _ in range(2):
        assert run_as_a_process("backup", str(tmp_path / "copy"), database=base).returncode == 0
    assert [each.name for each in (tmp_path / "copy").iterdir()] == ["clavero.sqlite3"]
    assert run_as_a_process("restore", str(tmp_path / "copy"), database=other).returncode == 0
    held = other.read_bytes()
    assert run_as_a_process("restore", str(tmp_path / "copy"), database=other).returncode == 2
    assert other.read_bytes() == held


def test_a_second_server_at_the_same_address_is_refused_in_one_line(tmp_path):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        bind = f"127.0.0.1:{taken.getsockname()[1]}"
        done = run_as_a_process("serve", "--bind", bind, database=tmp_path / "x.sqlite3", CLAVERO_SMTP_URL="smtp://127.0.0.1:1")  # fmt: skip
    assert done.returncode == 2 and len(done.stderr.strip().splitlines()) == 1


def test_a_list_that_is_checked_twice_has_the_same_result(tmp_path):
    words = ["precheck", *list_of_employers(tmp_path)]
    first = run_as_a_process(*words)
    held = (tmp_path / "out.csv").read_bytes()
    second = run_as_a_process(*words)
    assert first.returncode == second.returncode and (tmp_path / "out.csv").read_bytes() == held
