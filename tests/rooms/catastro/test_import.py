"""The SRI's files, with every quirk that DOMAIN §3.1 knows; a broken one changes nothing."""

import zipfile
from datetime import date

import pytest

from clavero import clock
from clavero.catastro import queries, services
from clavero.catastro.models import Ruc, Snapshot
from clavero.core.errors import Refused
from clavero.demo.services import HEADER

pytestmark = pytest.mark.django_db


def row(
    ruc="2499000017001",
    name="EMPRESA INVENTADA S.A.",
    state="ACTIVO",
    kind="SOCIEDAD",
    when="2026-10-31 00:00:00",
    suspended="",
    place="1",
    where="INVENTADA",
):
    return f"{ruc}|{name}|{where}|{state}|GEN|2015-01-01 00:00:00|{when}|{suspended}||S|{kind}|{place}||ABI|OTRA|CANTON|CENTRO|G47|COMERCIO|N|N"


COLUMNS = "|".join(HEADER)


def write(path, *rows, header=COLUMNS, encoding="utf-8"):
    path.write_bytes("\n".join([header, *rows, ""]).encode(encoding))
    return path


def bring(path, **options):
    return services.import_file(path, clock.now(), **options)


def test_the_state_decides_and_an_old_suspension_does_not(tmp_path):
    bring(
        write(
            tmp_path / "a.csv",
            row(suspended="2019-01-01 00:00:00"),
            row("2499000025001", state="SUSPENDIDO"),
            row("2499000033001", state="PASIVO"),
        )
    )
    found = [
        queries.status(ruc).status
        for ruc in ("2499000017001", "2499000025001", "2499000033001", "2499000041001")
    ]
    assert found == ["active", "suspended", "closed", "unknown"]


def test_every_answer_says_the_date_of_the_copy(tmp_path):
    bring(write(tmp_path / "a.csv", row(), row("2499000025001", when="2026-11-02 10:00:00")))
    assert (
        queries.status("2499000017001").as_of
        == queries.status("2499000999001").as_of
        == date(2026, 11, 2)
    )
    assert not queries.status("2499000999001").known


def test_one_row_an_establishment_is_one_ruc(tmp_path):
    report = bring(
        write(
            tmp_path / "a.csv", row(place="1"), row("2499000025001"), row(place="2"), row(place="3")
        )
    )
    assert (report.rows, report.stored) == (4, 2)
    assert queries.status("2499000017001").establishments == 3


def test_a_quoted_pipe_shifts_nothing(tmp_path):
    bring(write(tmp_path / "a.csv", row(name='"UNO | DOS S.A."')))
    assert queries.status("2499000017001").name == "UNO | DOS S.A."


def test_a_shifted_row_is_rejected_and_counted(tmp_path):
    report = bring(
        write(
            tmp_path / "a.csv",
            row(),
            row("2499000025001", name="UNO | DOS S.A."),
            row("2499000033001", state="RARO"),
        )
    )
    assert report.rejected == {"catastro.shifted": 1, "catastro.state": 1} and report.lines[
        "catastro.shifted"
    ] == [3]


def test_a_lost_zero_is_put_back(tmp_path):
    report = bring(write(tmp_path / "a.csv", row("993370026001"), row("12345")))
    assert report.padded == 1 and report.rejected == {"catastro.ruc": 1}
    assert queries.status("0993370026001").status == "active"


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("utf-8-sig", "NIÑO S.A."), ("latin-1", "NIÑO S.A."), ("utf-8", "NIÑO S.A.")],
)
def test_releases_in_every_encoding_are_read(tmp_path, encoding, name):
    bring(write(tmp_path / "a.csv", row(name=name), encoding=encoding))
    assert queries.status("2499000017001").name == name


def test_columns_are_found_by_name_and_older_dates_are_read(tmp_path):
    header = "NUMERO_RUC|ESTADO_CONTRIBUYENTE|RAZON_SOCIAL|PROVINCIA_JURISDICCION|TIPO_CONTRIBUYENTE|FECHA_ACTUALIZACION"
    bring(
        write(
            tmp_path / "a.csv",
            "2499000017001|ACTIVO|VIEJA S.A.|X|SOCIEDAD|2021/03/04 00:00:00",
            header=header,
        )
    )
    assert queries.status("2499000017001").as_of == date(2021, 3, 4)


def test_no_name_of_a_natural_person_is_kept(tmp_path):
    bring(
        write(
            tmp_path / "a.csv",
            row("2453622207001", name="PERSONA INVENTADA", kind="PERSONA NATURAL"),
        )
    )
    assert queries.status("2453622207001").known and not Ruc.objects.exclude(name="").exists()


def test_test_records_of_the_sri_are_counted(tmp_path):
    assert (
        bring(write(tmp_path / "a.csv", row(name="PRUEBA MATRIZ GLOBAL CATASTRO"))).test_records
        == 1
    )


def test_a_zip_with_one_csv_is_read(tmp_path):
    inner = write(tmp_path / "a.csv", row())
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(inner, "SRI_RUC_Inventada.csv")
    assert bring(tmp_path / "a.zip").stored == 1


def broken_files(tmp_path):
    whole = write(tmp_path / "whole.csv", row())
    with zipfile.ZipFile(tmp_path / "whole.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", whole.read_text() * 500)
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.writestr("a.csv", "x")
        archive.writestr("b.csv", "x")
    raw = (tmp_path / "whole.zip").read_bytes()
    return {
        "missing": (None, "file.unreadable"),
        "empty": (b"", "file.empty"),
        "binary": (b"\x00\x01\x02" * 50, "file.binary"),
        "header": ("|".join(HEADER).encode() + b"\n", "catastro.no_rows"),
        "other": (b"a,b,c\n1,2,3\n", "catastro.columns"),
        "pdf": (b"%PDF-1.4 \n", "file.binary"),
        "truncated": (raw[: len(raw) // 2], "file.binary"),
        "two": ((tmp_path / "two.zip").read_bytes(), "file.one_csv_in_zip"),
    }


def test_a_broken_file_changes_nothing(tmp_path):
    bring(write(tmp_path / "good.csv", row()))
    for name, (raw, code) in broken_files(tmp_path).items():
        path = tmp_path / f"{name}.broken"
        if raw is not None:
            path.write_bytes(raw)
        with pytest.raises(Refused, match=code):
            bring(path)
        assert queries.status("2499000017001").known and Snapshot.objects.count() == 1


def test_far_fewer_rows_than_before_are_refused_unless_forced(tmp_path):
    many = [row(f"24990{n:05}001") for n in range(100)]
    bring(write(tmp_path / "a.csv", *many))
    few = write(tmp_path / "b.csv", *many[:50])
    with pytest.raises(Refused, match="catastro.fewer_rows"):
        bring(few)
    assert queries.status("2499000099001").known
    assert bring(few, force=True).stored == 50
    assert not queries.status("2499000099001").known and Snapshot.objects.count() == 1


def test_provinces_stand_beside_each_other(tmp_path):
    bring(write(tmp_path / "a.csv", row()))
    bring(write(tmp_path / "b.csv", row("2499000025001", where="OTRA")))
    assert Snapshot.objects.filter(live=True).count() == 2
    assert queries.status("2499000017001").known and queries.status("2499000025001").known


@pytest.mark.shared
def test_the_real_sample_of_galapagos_is_imported(shared_data):
    report = bring(shared_data / "SRI_RUC_Galapagos.csv")
    assert (report.rows, report.stored, report.test_records, report.rejected) == (1367, 1092, 1, {})


def test_three_hundred_thousand_rows_stream(tmp_path):
    from scripts.made_catastro import write_rows

    path = tmp_path / "big.csv"
    write_rows(path, 300_000)
    report = bring(path)
    assert report.rows == 300_000 and report.stored > 100_000


def test_looking_up_is_one_statement_and_uses_an_index(tmp_path, count_sql):
    from django.db import connection

    bring(write(tmp_path / "a.csv", row()))
    with count_sql(1):
        queries.status("2499000017001")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET enable_seqscan = off")
        explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
        cursor.execute(f"{explain} {queries._LOOK_UP}", [2499000017001])
        plan = " ".join(str(line) for line in cursor.fetchall())
    assert "catastro_ruc_pkey" in plan or "USING INDEX" in plan
    assert "SCAN r" not in plan.replace("SCAN ruc", "")
