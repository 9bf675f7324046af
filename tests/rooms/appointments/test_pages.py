"""The directory of centres, for everybody; centres as files."""

import json
from dataclasses import asdict
from datetime import timedelta

import pytest

from benchmarks import bad_month
from clavero.appointments import queries, services
from clavero.appointments.files import Report, records
from clavero.appointments.models import Booking, Centre, Counter
from clavero.cli.frame import run
from clavero.core.errors import Refused
from clavero.institution import load
from tests.house.test_languages import check
from tests.walk import Walker


@pytest.fixture
def visitor(office, time):
    return Walker(time).open("/citas/")


def test_the_directory_shows_each_centre_with_its_first_free_time(visitor):
    assert visitor.h1 == "Centros de atención"
    assert len(visitor.page.select("[data-centre]")) == 3
    assert visitor.text.count("Primera hora libre") == 3 and "hora de Galápagos" in visitor.text


def test_the_directory_asks_no_case_and_says_nothing_of_anybody(visitor):
    assert visitor.page.select("form[method=post]") == []


def test_a_centre_has_a_page_with_its_hours_its_closed_days_and_its_source(visitor, office):
    visitor.open("/citas/ambato/")
    assert "Lunes a viernes, de 8:00 a 17:00" in visitor.text
    assert "por capacitación del personal" in visitor.text
    assert "Datos revisados el" in visitor.text and "inventado para la demostración" in visitor.text
    assert visitor.open("/citas/nada/").status == 404


def test_a_decree_is_on_the_directory_at_once(visitor, office):
    tomorrow = queries.local_day(office.now, "America/Guayaquil") + timedelta(days=1)
    services.close(tomorrow, "decree", office.now)
    visitor.open("/citas/")
    assert "no abre ningún centro, por un feriado por decreto" in visitor.text


def test_a_centre_that_is_shut_says_so(visitor):
    Centre.objects.filter(code="ambato").update(active=False)
    assert "no atiende por ahora" in visitor.open("/citas/ambato/").text
    assert "no atiende por ahora" in visitor.open("/citas/").text


@pytest.mark.parametrize("lang", ["es", "en"])
def test_the_directory_speaks_one_language(office, time, lang):
    walker = Walker(time, lang)
    for path in ("/citas/", "/citas/ambato/", "/citas/puerto-ayora/", "/citas/simulacion/"):
        page = walker.open(walker.prefix + path).page
        for name in page.select("option:not([value=''])"):
            name.decompose()
        check(page, lang, path)


def test_many_centres_come_ten_at_a_time(office, visitor):
    for n in range(15):
        Centre.objects.create(
            code=f"c{n:02}", name=f"Centro {n:02}", province="Loja", canton="Loja", zone="America/Guayaquil"
        )  # fmt: skip
    assert len(visitor.open("/citas/").page.select("[data-centre]")) == 10
    more = visitor.page.select_one("a[href*=desde]")["href"]
    assert len(visitor.open("/citas/" + more).page.select("[data-centre]")) == 8


# --- files -----------------------------------------------------------------------------------------------

ROW = {"code": "loja", "name": "Centro Loja", "province": "Loja", "canton": "Loja", "zone": "America/Guayaquil",
       "hours": "lun-vie 8:00-12:30 13:30-17:00; sáb 9:00-12:00", "counters": 2}  # fmt: skip


def read(tmp_path, *rows, name: str = "centres.jsonl") -> tuple[list, Report]:
    path, report = tmp_path / name, Report()
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return list(records(path, report)), report


def test_hours_are_written_as_people_write_them(tmp_path):
    (found,), _ = read(tmp_path, ROW)
    assert found.hours["mon"] == [["8:00", "12:30"], ["13:30", "17:00"]]
    assert found.hours["sat"] == [["9:00", "12:00"]] and "sun" not in found.hours
    assert found.counters == ((1, ()), (2, ()))


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("code", "Loja Norte", "centre.code"),
        ("code", "", "centre.text"),
        ("name", "x" * 81, "centre.text"),
        ("zone", "Quito", "centre.zone"),
        ("hours", "lun-vie 8-12", "centre.hours"),
        ("hours", "vie-lun 08:00-12:00", "centre.hours"),
        ("hours", "lunes", "centre.hours"),
        ("hours", 7, "centre.hours"),
        ("kind", "tienda", "centre.kind"),
        ("counters", 0, "centre.counters"),
        ("counters", "tres", "centre.counters"),
        ("checked_on", "ayer", "centre.date"),
        ("quality", "verdad", "centre.quality"),
        ("otro", 1, "centres.row"),
    ],
)
def test_a_row_that_makes_no_sense_is_a_finding_and_the_rest_is_read(tmp_path, field, value, code):
    found, report = read(tmp_path, ROW, ROW | {field: value})
    assert len(found) == 1
    assert report.findings == {code: 1} and report.lines[code] == [2]


def test_a_file_that_is_none_changes_nothing(office, tmp_path):
    for name, raw, code in (
        ("a", b"", "file.empty"),
        ("b", b'{"code": ', "file.not_json"),
        ("c", b"code,nombre\n", "centres.columns"),
        ("d", b"\xff\xfe", "file.encoding"),
        ("e", b"code,name,province,canton,zone,hours\n", "centres.no_rows"),
    ):
        (tmp_path / name).write_bytes(raw)
        with pytest.raises(Refused) as refused:
            services.import_centres(tmp_path / name, office.now)
        assert refused.value.code == code
    assert Centre.objects.count() == 3


def test_an_import_again_changes_what_changed_and_shuts_counters_that_are_gone(office, tmp_path):
    path = tmp_path / "centres.csv"
    path.write_text("code,name,province,canton,zone,hours,counters\nambato,Centro Ambato,Tungurahua,Ambato,America/Guayaquil,lun-vie 08:00-17:00,2\n")  # fmt: skip
    report = services.import_centres(path, office.now)
    assert (report.rows, report.new) == (1, 0)
    assert Counter.objects.filter(centre__code="ambato", active=True).count() == 2


def test_the_command_imports_closes_and_lists(office, tmp_path, capsys):
    path = tmp_path / "centres.jsonl"
    path.write_text(json.dumps(ROW), encoding="utf-8")
    from clavero.cli import group

    assert run(group, ["centres", "import", str(path)]) == 0
    booking = office.book("ana")
    assert (
        run(
            group, ["centres", "close", f"{booking.day}", "--centre", "ambato", "--reason", "works"]
        )
        == 0
    )
    assert run(group, ["centres", "close", "2027-01-04", "--centre", "nada"]) == 2
    assert run(group, ["centres", "list", "--json"]) == 0
    said = capsys.readouterr()
    assert '"code": "loja"' in said.out and "No hay un centro" in said.err
    assert Booking.objects.filter(state="firm", centre__code="ambato").count() == 0


# --- the bad month ---------------------------------------------------------------------------------------


def test_the_simulated_month_is_the_same_for_the_same_seed():
    assert bad_month.run(centres=2) == bad_month.run(centres=2)


def test_the_shipped_numbers_are_what_the_simulation_gives_today():
    found = queries.bad_month()
    row = next(row for row in found["rows"] if row["quota"] == found["advised"])
    assert row["with"] == bad_month.month(row["quota"], True, bad_month.CENTRES)
    assert found["assumed"] == asdict(bad_month.Assumed())


def test_the_shipped_profile_keeps_what_the_simulation_advises():
    assert load("iess").appointments.walk_in_percent == queries.bad_month()["advised"]


def test_a_simulated_day_gives_no_piece_twice_and_loses_nobody():
    result = bad_month.Result()
    centre = bad_month.opened(0, 20, True, bad_month.Assumed(), result)
    asked = 0
    for today, asking in enumerate(bad_month.people(0, centre.assumed)):
        asked += len(asking)
        for person in asking:
            bad_month.ask(centre, person, today, person.minute)
        taken = [
            (day, one.booked[1]) for day in range(len(centre.booked)) for one in centre.booked[day]
        ]
        assert all(taken.count(one) <= centre.assumed.counters for one in set(taken))
        bad_month.serve(centre, today)
        bad_month.evening(centre, today)
    for today in range(bad_month.DAYS, bad_month.DAYS + 60):
        bad_month.serve(centre, today)
        bad_month.evening(centre, today)
    ended = result.one_visit + result.later + result.gave_up + result.missed + result.given_back
    assert ended == asked


def test_the_page_says_what_the_simulation_wrote_and_that_it_is_no_measurement(visitor):
    found = queries.bad_month()
    visitor.open("/citas/simulacion/")
    assert f"guardar el {found['advised']} %" in visitor.text
    assert "No es una medición" in visitor.text and "Nadie ha medido" in visitor.text
    assert len(visitor.page.select("tbody tr")) == 2 * len(found["rows"])
    assert "style=" not in str(visitor.page.main)
