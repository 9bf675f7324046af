"""Provinces, copies and files that end too soon; each quirk of DOMAIN §3.1 as a line of one file."""

import zipfile
from datetime import date, timedelta

import pytest

from clavero import clock
from clavero.catastro import queries, services
from clavero.catastro.models import Ruc, Snapshot
from clavero.core.errors import Refused
from tests.rooms.catastro.test_import import COLUMNS, bring, row, write

pytestmark = pytest.mark.django_db
PROVINCES = (
    "AZUAY BOLIVAR CAÑAR CARCHI CHIMBORAZO COTOPAXI EL_ORO ESMERALDAS GALAPAGOS GUAYAS IMBABURA LOJA LOS_RIOS MANABI "
    "MORONA_SANTIAGO NAPO ORELLANA PASTAZA PICHINCHA SANTA_ELENA SANTO_DOMINGO SUCUMBIOS TUNGURAHUA ZAMORA_CHINCHIPE"
).split()
QUIRKS = {
    "an old suspension of an active RUC": (row("2499000017001", suspended="2019-01-01 00:00:00"), "2499000017001", "active"),
    "an establishment in another province": (row("2499000025001", where="INVENTADA"), "2499000025001", "active"),
    "a closed RUC with an open establishment": (row("2499000033001", state="PASIVO"), "2499000033001", "closed"),
    "a leading zero lost by a spreadsheet": (row("993370026001"), "0993370026001", "active"),
    "a test record of the SRI": (row("2499000041001", name="PRUEBA MATRIZ GLOBAL CATASTRO"), "2499000041001", "active"),
    "a quoted name with a pipe": (row("2499000058001", name='"UNO | DOS S.A."'), "2499000058001", "active"),
    "a name with a quoted word": (row("2499000066001", name='CIA "LA UNION" S.A.'), "2499000066001", "active"),
    "a natural person": (row("2453622207001", name="PERSONA", kind="PERSONA NATURAL"), "2453622207001", "active"),
    "an older date": (row("2499000074001", when="2021/03/04 00:00:00"), "2499000074001", "active"),
    "a RUC that fails modulo 11": (row("2499371235001"), "2499371235001", "active"),
    "spaces around the number": (row(" 2499000082001 "), "2499000082001", "active"),
}  # fmt: skip


def test_one_file_with_every_quirk_is_imported_without_a_loss(tmp_path):
    path = write(
        tmp_path / "a.csv", *(line for line, _, _ in QUIRKS.values()), encoding="utf-8-sig"
    )
    report = bring(path)
    assert report.rejected == {} and (report.rows, report.stored) == (len(QUIRKS), len(QUIRKS))
    for quirk, (_, ruc, status) in QUIRKS.items():
        assert queries.status(ruc).status == status, quirk
    assert (report.padded, report.test_records) == (1, 1)
    assert (
        queries.status("2499000058001").name == "UNO | DOS S.A."
        and queries.status("2453622207001").name == ""
    )


def test_a_file_of_one_row_is_a_copy_and_one_of_none_is_not(tmp_path):
    assert bring(write(tmp_path / "one.csv", row())).stored == 1
    with pytest.raises(Refused, match="catastro.no_rows"):
        bring(write(tmp_path / "none.csv"))


def test_the_columns_may_stand_in_any_order_with_others_between(tmp_path):
    header = ["NUEVA_COLUMNA", *reversed(COLUMNS.split("|"))]
    cells = ["x", *reversed(row().split("|"))]
    bring(write(tmp_path / "a.csv", "|".join(cells), header="|".join(header)))
    assert queries.status("2499000017001").status == "active"


def test_all_twenty_four_provinces_stand_beside_each_other_and_are_replaced_one_by_one(tmp_path):
    assert len(PROVINCES) == 24
    for number, province in enumerate(PROVINCES):
        path = write(
            tmp_path / f"{number}.csv",
            *(row(f"2499{number:03}{n:03}001", where=province) for n in range(3)),
        )
        if province in ("PICHINCHA", "GUAYAS"):
            with zipfile.ZipFile(tmp_path / "p.zip", "w") as archive:
                archive.write(path, f"SRI_RUC_{province}.csv")
            path = tmp_path / "p.zip"
        bring(path)
    assert Snapshot.objects.filter(live=True).count() == 24 and Ruc.objects.count() == 72
    bring(
        write(
            tmp_path / "again.csv",
            *(row(f"2499002{n:03}001", state="PASIVO", where="CAÑAR") for n in range(3)),
        )
    )
    assert Snapshot.objects.count() == 24 and queries.status("2499002000001").status == "closed"
    assert queries.status("2499001000001").status == "active"


def test_a_stray_row_does_not_move_a_copy_to_another_place(tmp_path):
    """Two provinces, each with one row of another jurisdiction: neither replaces the other."""
    for letter, province in (("1", "AZUAY"), ("2", "LOJA")):
        rows = [row(f"249900{letter}{n:03}001", where=province) for n in range(30)]
        bring(
            write(tmp_path / f"{province}.csv", *rows, row(f"249900{letter}999001", where="OTRA"))
        )
    assert {s.province for s in Snapshot.objects.filter(live=True)} == {"AZUAY", "LOJA"}
    assert queries.status("2499001000001").known and queries.status("2499002000001").known


def test_of_two_copies_that_hold_a_ruc_the_newer_one_decides(tmp_path):
    bring(write(tmp_path / "a.csv", row(where="AZUAY", when="2026-10-01 00:00:00")))
    bring(write(tmp_path / "b.csv", row(where="LOJA", state="PASIVO", when="2026-11-01 00:00:00")))
    found = queries.status("2499000017001")
    assert (found.status, found.as_of) == ("closed", date(2026, 11, 1))


@pytest.mark.parametrize("cut", [5, 60, 150])
def test_a_file_that_ends_in_the_middle_of_a_row_is_no_copy(tmp_path, cut):
    many = [row(f"24990{n:05}001") for n in range(50)]
    bring(write(tmp_path / "a.csv", *many))
    whole = write(tmp_path / "b.csv", *many).read_bytes()
    (tmp_path / "c.csv").write_bytes(whole[:-cut])
    with pytest.raises(Refused, match="file.cut"):
        bring(tmp_path / "c.csv")
    assert queries.status("2499000049001").known


def test_a_file_without_a_last_line_break_is_whole(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(f"{COLUMNS}\n{row()}", encoding="utf-8")
    assert bring(path).stored == 1


def test_progress_is_told_in_rows_of_all(tmp_path, monkeypatch):
    monkeypatch.setattr(services, "BATCH", 10)
    told = []
    many = [row(f"24990{n:05}001") for n in range(45)]
    bring(write(tmp_path / "a.csv", *many), tick=lambda done, whole: told.append((done, whole)))
    assert (
        told and told == sorted(told) and {whole for _, whole in told} == {46} and told[-1][0] <= 45
    )


def test_what_a_killed_import_left_behind_is_forgotten_a_day_later_and_no_running_one_is(tmp_path):
    old = Snapshot.objects.create(province="", imported_at=clock.now() - timedelta(days=2))
    running = Snapshot.objects.create(province="", imported_at=clock.now())
    Ruc.objects.create(ruc=1, snapshot=old, status=1, establishments=1)
    bring(write(tmp_path / "a.csv", row()))
    assert (
        not Snapshot.objects.filter(pk=old.pk).exists() and not Ruc.objects.filter(ruc=1).exists()
    )
    assert Snapshot.objects.filter(pk=running.pk).exists()


def test_a_look_up_during_an_import_sees_the_former_copy(tmp_path, monkeypatch):
    bring(write(tmp_path / "a.csv", row(state="ACTIVO")))
    seen = []
    real = services._switch

    def look_first(*args):
        seen.append(queries.status("2499000017001").status)
        real(*args)

    monkeypatch.setattr(services, "_switch", look_first)
    bring(write(tmp_path / "b.csv", row(state="SUSPENDIDO")))
    assert seen == ["active"] and queries.status("2499000017001").status == "suspended"
