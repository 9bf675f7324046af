"""`clavero precheck`: what it promises to scripts (INTERFACES), in every format, from every register."""

import csv
import io
import json
import random
import re
import subprocess
import sys
import zipfile

import openpyxl
import pytest
from bs4 import BeautifulSoup

from benchmarks.precheck_bench import make_register
from tests.rooms.precheck.lists import ANA, FIRM, ROOT, clean, firm, judged, person, run, sri, table

ON = ("--on", "2026-11-20")


def write(tmp_path, *rows, name="lista.csv", **more):
    path = tmp_path / name
    path.write_text(table(*rows, **more), newline="")
    return path


def test_the_machine_form_is_the_promised_one(tmp_path):
    path = write(tmp_path, ("245000001", "993370026001", "1"))
    register = sri(tmp_path / "sri.csv", ("0993370026001", "ACTIVO", "EMPRESA INVENTADA S.A."))
    done = run("precheck", path, "--format", "jsonl", *ON, "--catastro", register)
    assert done.stdout == (
        '{"row": 2, '
        '"person": {"given": "245000001", "kind": "cedula", "value": null, "ok": false, "codes": ["cedula.length"], "notes": []}, '
        '"ruc": {"given": "993370026001", "kind": "ruc", "value": "0993370026001", "ok": true, "codes": [], "notes": ["ruc.checksum_not_computable"]}, '
        '"sucursal": {"given": "1", "value": "0001", "ok": true, "codes": [], "notes": []}, '
        '"repairs": [{"field": "ruc", "from": "993370026001", "to": "0993370026001", "code": "ruc.leading_zero_restored"}, '
        '{"field": "sucursal", "from": "1", "to": "0001", "code": "sucursal.padded"}], '
        '"ruc_status": {"value": "active", "as_of": "2026-10-31", "source": "catastro"}, '
        '"route": "correct_data", "reasons": [{"code": "cedula.length"}], "doubts": ["email_not_valid", "first_key"], '
        '"next": "correct_data", "ready_from": "2026-11-23", "ready_to": "2026-11-25"}\n'
    )
    assert done.returncode == 1 and done.stderr == ""


def test_the_exit_status_says_whether_something_was_found(tmp_path):
    register = sri(tmp_path / "sri.csv", *[(firm(n), "ACTIVO", f"EMPRESA {n}") for n in range(5)])
    assert run("precheck", write(tmp_path, *clean(5)), "--catastro", register).returncode == 0
    assert run("precheck", write(tmp_path, *clean(5))).returncode == 0
    assert run("precheck", write(tmp_path, *clean(6)), "--catastro", register).returncode == 1
    assert run("precheck", write(tmp_path, (ANA, FIRM, "x"))).returncode == 1


def test_the_command_starts_without_django_and_without_a_database(tmp_path):
    path = write(tmp_path, *clean(3))
    code = f"import sys; sys.modules['django'] = None; from clavero.cli import main; sys.argv = ['clavero', 'precheck', {str(path)!r}, '--format', 'jsonl']; main()"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0 and len(done.stdout.splitlines()) == 3, done.stderr


@pytest.mark.parametrize("kind", ["csv", "xlsx", "jsonl", "html"])
def test_every_format_is_written_without_django(tmp_path, kind):
    path, out = write(tmp_path, *clean(3)), tmp_path / f"out.{kind}"
    code = f"import sys; sys.modules['django'] = None; from clavero.cli import main; sys.argv = ['clavero', 'precheck', {str(path)!r}, '-o', {str(out)!r}]; main()"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0 and out.stat().st_size > 100, done.stderr


def test_the_csv_is_the_same_table_in_the_same_order_with_columns_added(tmp_path):
    rows = [(*each, f"{n},5", "x\ny") for n, each in enumerate(clean(50))]
    rows[7] = ("", "", "", "", "")
    path = write(
        tmp_path, *rows, names=("cedula", "RUC", "sucursal", "honorarios", "notas"), delimiter=";"
    )
    out = tmp_path / "out.csv"
    run("precheck", path, "-o", out, *ON)
    found = list(
        csv.reader(io.StringIO(out.read_text(encoding="utf-8"), newline=""), delimiter=";")
    )
    assert [tuple(row[:5]) for row in found[1:]] == rows and len(found) == 51
    assert found[0][:6] == ["cedula", "RUC", "sucursal", "honorarios", "notas", "clavero_fila"]
    assert [row[5] for row in found[1:]] == [str(n) for n in range(2, 52)]
    assert all(len(row) == len(found[0]) for row in found)


def test_the_short_way_of_writing_a_row_writes_what_the_long_way_writes(tmp_path):
    """A list whose first row is noisy takes the long way; a quiet one the short way. The same rows read the same."""
    rows = [(*each, 'Juan "El Ñato", hijo') for each in clean(30)]
    names = ("cedula", "ruc", "sucursal", "nota")
    quiet = run(
        "precheck", write(tmp_path, *rows, names=names), "--format", "csv", *ON
    ).stdout.splitlines()
    noisy_rows = [*rows, (person(99), firm(99), "0001", "=1+1")]
    noisy = run(
        "precheck", write(tmp_path, *noisy_rows, names=names), "--format", "csv", *ON
    ).stdout.splitlines()
    assert quiet == noisy[: len(quiet)]


def test_a_file_of_windows_comes_back_as_windows_can_read_it(tmp_path):
    path = tmp_path / "lista.csv"
    path.write_bytes(
        table((*clean(1)[0], "Peñafiel"), names=("cedula", "ruc", "sucursal", "nombre")).encode(
            "cp1252"
        )
    )
    run("precheck", path, "-o", tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_bytes().startswith(b"\xef\xbb\xbf") and "Peñafiel" in (
        tmp_path / "out.csv"
    ).read_text("utf-8-sig")


def test_the_workbook_is_sorted_by_urgency_with_filters_and_a_frozen_head(tmp_path):
    rows = [
        *clean(3),
        (person(50), firm(50), "0001"),
        (person(51)[:-1], firm(51), "0001"),
        (person(52), firm(52)[1:], "0001"),
    ]
    register = sri(
        tmp_path / "sri.csv",
        *[
            (firm(n), "SUSPENDIDO" if n == 50 else "ACTIVO", f"EMPRESA {n}")
            for n in (0, 1, 2, 50, 51, 52)
        ],
    )
    out = tmp_path / "out.xlsx"
    run("precheck", write(tmp_path, *rows), "-o", out, "--catastro", register, *ON)
    book = openpyxl.load_workbook(out)
    sheet = book.worksheets[0]
    values = list(sheet.iter_rows(values_only=True))
    assert [row[0] for row in values[1:]] == [5, 6, 7, 2, 3, 4]
    assert [row[1] for row in values[1:3]] == ["Con una visita", "Corregir datos"]
    assert (
        sheet.freeze_panes == "C2"
        and sheet.auto_filter.ref == f"A1:{openpyxl.utils.get_column_letter(len(values[0]))}7"
    )
    assert all(
        cell.data_type in "snd"
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    )
    assert values[1][4].date().isoformat() == "2026-11-25"
    assert book.worksheets[1].title == "Resumen" and ("Ruta", "En línea", 3) in list(
        book.worksheets[1].values
    )
    zeros = [
        cell.value for cell in sheet[2] if isinstance(cell.value, str) and cell.value == person(50)
    ]
    assert zeros, "numbers stay text, so that no zero is lost again"


@pytest.mark.parametrize("lang", ["es", "en"])
def test_the_report_says_how_many_whom_to_call_first_and_by_when(tmp_path, lang):
    rows = [*clean(40), (person(50), firm(50), "0001"), (person(51)[:-1], firm(51), "0001")]
    register = sri(
        tmp_path / "sri.csv",
        *[(row[1], "SUSPENDIDO" if row[1] == firm(50) else "ACTIVO", "EMPRESA") for row in rows],
    )
    out = tmp_path / "out.html"
    done = run(
        "--lang",
        lang,
        "precheck",
        write(tmp_path, *rows),
        "-o",
        out,
        "--catastro",
        register,
        "--on",
        "2026-12-02",
    )
    page = BeautifulSoup(out.read_text(encoding="utf-8"), "html.parser")
    assert page.h1.text == (
        "We checked 42 employers" if lang == "en" else "Revisamos 42 empleadores"
    ), done.stderr
    assert [each.text for each in page.select(".cl-figures strong")] == ["40", "1", "1", "0"]
    assert [row["data-row"] for row in page.select("table.cl-table tbody tr")][:2] == ["42", "43"]
    assert (
        "15" in page.select_one(".cl-source").text and "2026" in page.select_one(".cl-source").text
    )
    text = out.read_text(encoding="utf-8")
    assert "<script" not in text and not re.search(
        r"""(src|href)=|url\((?!["']?(data:|#))""", text
    ), "nothing is fetched"


def test_nothing_in_a_list_becomes_markup(tmp_path):
    evil = '<img src=x onerror="alert(1)">&'
    path = write(
        tmp_path,
        ("1", FIRM, "0001", evil),
        names=("cedula", "ruc", "sucursal", "nombre"),
        name="a&b.csv",
    )
    run("precheck", path, "-o", tmp_path / "out.html")
    text = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert "<img" not in text and "&lt;img src=x" in text and "a&amp;b.csv" in text


def test_the_report_dates_every_copy_that_was_asked_and_leaves_unread_columns_out_of_its_rows(
    tmp_path,
):
    copies = [sri(tmp_path / f"{n}.csv", (firm(n), "SUSPENDIDO", f"EMPRESA {n}")) for n in (7, 8)]
    copies[0].write_text(
        copies[0].read_text(encoding="utf-8").replace("2026-10-31", "2024-12-26"), encoding="utf-8"
    )
    who, _, branch = clean(1)[0]
    path = tmp_path / "lista.csv"
    rows = "".join(f"{who},{firm(n)},{branch},=1+1\n" for n in (7, 8))
    path.write_text(f"cedula,ruc,sucursal,observaciones\n{rows}")
    out = tmp_path / "informe.html"
    run(
        "precheck",
        path,
        *(part for copy in copies for part in ("--catastro", copy)),
        "-o",
        out,
        *ON,
    )
    page = BeautifulSoup(out.read_text(encoding="utf-8"), "html.parser")
    text = " ".join(page.get_text(" ").split())
    assert "26 de diciembre de 2024" in text and "31 de octubre de 2026" in text
    assert (
        page.select("tr[data-row]") and "observaciones" not in page.select_one("tr[data-row]").text
    )


def test_people_get_rows_and_a_summary_in_their_language(tmp_path):
    path = write(tmp_path, ("245000001", FIRM, "1"))
    spanish, english = run("precheck", path).stdout, run("--lang", "en", "precheck", path).stdout
    assert "La cédula no tiene 10 dígitos" in spanish and "1 filas" in spanish
    assert "The cédula does not have 10 digits" in english and "Corregir" not in english


def test_the_summary_is_one_document(tmp_path):
    found = json.loads(run("precheck", write(tmp_path, *clean(4)), "--json").stdout)
    assert found["rows"] == 4 and found["routes"] == {
        "online": 0,
        "visit": 0,
        "correct_data": 0,
        "unknown": 4,
    }
    assert "urgent" not in found


# --- registers ------------------------------------------------------------------------------------


STATES = [
    (firm(1), "ACTIVO", "EMPRESA 1"),
    (firm(2), "SUSPENDIDO", "EMPRESA 2"),
    (person(3) + "001", "PASIVO", ""),
]
ROWS = [(person(1), firm(1), "0001"), (person(2), firm(2), "0001"), (person(3), person(3) + "001", "0001"), (person(4), firm(4), "0001"), (person(5), person(5) + "000", "0001")]  # fmt: skip
SAID = [
    ("active", "online"),
    ("suspended", "visit"),
    ("closed", "visit"),
    ("unknown", "unknown"),
    ("unknown", "online"),
]


def states(path, *catastro):
    arguments = [each for where in catastro for each in ("--catastro", where)]
    return [(each["ruc_status"]["value"], each["route"]) for each in judged(path, *arguments)]


def test_states_come_from_an_sri_file_a_zip_a_folder_or_several(tmp_path):
    path, plain = write(tmp_path, *ROWS), sri(tmp_path / "sri.csv", *STATES)
    packed = tmp_path / "sri.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(plain, "SRI_RUC_Pichincha.csv")
    folder = tmp_path / "sri"
    folder.mkdir()
    sri(folder / "uno.csv", *STATES[:1])
    sri(folder / "dos.csv", *STATES[1:])
    for where in ([plain], [packed], [folder], [folder / "uno.csv", folder / "dos.csv"]):
        assert states(path, *where) == SAID, where


def test_states_come_from_this_servers_copy(tmp_path):
    base, path = tmp_path / "copy.sqlite3", write(tmp_path, *ROWS)
    settings = {"CLAVERO_DATABASE_URL": f"sqlite:///{base}"}
    assert run("catastro", "import", sri(tmp_path / "sri.csv", *STATES), **settings).returncode == 0
    assert states(path, base) == states(path, f"sqlite:///{base}") == SAID
    documents = judged(path, "--catastro", base)
    assert documents[3]["ruc_status"] == {
        "value": "unknown",
        "as_of": "2026-10-31",
        "source": "catastro",
    }
    assert documents[4]["ruc_status"] == {"value": "unknown", "as_of": None, "source": None}
    assert (
        documents[3]["notes"] == [{"code": "ruc.not_in_register"}] and "notes" not in documents[4]
    )


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_states_come_from_a_copy_on_postgresql(tmp_path):
    from urllib.parse import quote

    from django.db import connection

    from clavero import clock
    from clavero.catastro import services

    services.import_file(sri(tmp_path / "sri.csv", *STATES), clock.now())
    held = connection.settings_dict
    where = f"postgresql://{quote(held['USER'] or '')}:{quote(held['PASSWORD'] or '')}@/{held['NAME']}?host={quote(str(held['HOST']), safe='')}&port={held['PORT']}"
    assert states(write(tmp_path, *ROWS), where) == SAID


def test_a_lost_zero_in_the_sris_own_file_is_no_matter(tmp_path):
    register = sri(tmp_path / "sri.csv", ("993370026001", "SUSPENDIDO", "EMPRESA"))
    assert states(write(tmp_path, (ANA, "0993370026001", "0001")), register) == [
        ("suspended", "visit")
    ]


def test_a_file_that_is_not_the_sris_is_said(tmp_path):
    path = write(tmp_path, *ROWS)
    done = run("precheck", path, "--catastro", path)
    assert (
        done.returncode == 2 and "NUMERO_RUC" in done.stderr and len(done.stderr.splitlines()) == 1
    )


def test_another_name_under_the_same_ruc_is_said(tmp_path):
    register = sri(
        tmp_path / "sri.csv",
        (firm(1), "ACTIVO", "PANADERIA TRIGO CIA LTDA"),
        (firm(2), "ACTIVO", "FERRETERIA TUERCA SA"),
    )
    names = ("cedula", "ruc", "sucursal", "razón social")
    path = write(
        tmp_path,
        (person(1), firm(1), "0001", "Panadería Trigo Cía. Ltda."),
        (person(2), firm(2), "0001", "Librería Faro"),
        names=names,
    )
    first, second = judged(path, "--catastro", register)
    assert "notes" not in first and second["notes"] == [
        {"code": "name.other_in_register", "column": "razón social"}
    ]


# --- what one row cannot know ---------------------------------------------------------------------


def test_repeated_employers_are_said_with_the_row_they_repeat(tmp_path):
    rows = [(person(1), firm(1), "0001"), (person(2), firm(2), "0001"), (person(1), f"{firm(1)[:10]}-{firm(1)[10:]}", "1"), (person(1), firm(1), "0002"), (person(1), firm(1), "0001")]  # fmt: skip
    documents = judged(write(tmp_path, *rows))
    found = {
        each["row"]: [
            note["of"] for note in each.get("notes", []) if note["code"] == "row.duplicate"
        ]
        for each in documents
    }
    assert found == {2: [], 3: [], 4: [2], 5: [], 6: [2]}


def test_an_address_of_more_than_three_employers_needs_a_visit_in_each_row_of_it(tmp_path):
    shared, own = "contabilidad@cuentas.example", "uno@uno.example"
    rows = [(person(n), firm(n), "0001", shared.upper() if n == 2 else shared) for n in range(4)]
    rows += [(person(9), firm(9), f"000{n}", own) for n in range(1, 6)]
    documents = judged(write(tmp_path, *rows, names=("cedula", "ruc", "sucursal", "correo")))
    assert [each["route"] for each in documents[:4]] == ["visit"] * 4
    assert all({"code": "email.shared"} in each["notes"] for each in documents[:4])
    assert all(each["route"] == "unknown" for each in documents[4:]), (
        "five branches are one employer"
    )


def test_the_domain_of_an_address_is_asked_once_and_only_where_somebody_says_so():
    from clavero.precheck.domains import Domains

    asked = []
    domains = Domains()
    domains._ask = lambda domain: (
        asked.append(domain) or {"viva.example": True, "muerta.example": False}.get(domain)
    )
    assert [
        domains.takes_mail(d)
        for d in ("viva.example", "muerta.example", "muda.example", "viva.example")
    ] == [True, False, None, True]
    assert asked == ["viva.example", "muerta.example", "muda.example"]
    late = Domains(seconds=0)
    late._ask = lambda domain: pytest.fail("asked after the time was over")
    assert late.takes_mail("x.example") is None


def test_a_dead_domain_needs_a_visit(tmp_path):
    from datetime import date

    from clavero.core.sheet import Plan
    from clavero.institution import profile
    from clavero.precheck import checking, files, registers
    from clavero.precheck.domains import Domains

    domains = Domains()
    domains._ask = lambda domain: domain != "muerta.example"
    rows = [(*clean(2)[0], "a@viva.example", "si"), (*clean(2)[1], "b@MUERTA.example", "si")]
    path = write(tmp_path, *rows, names=("cedula", "ruc", "sucursal", "correo", "clave"))
    with files.opened(path) as source:
        run_ = checking.prepare(
            source, Plan.of(profile(), date(2026, 11, 20)), registers.Nothing(), domains=domains
        )
        found = [each.verdict for each in checking.check(run_)]
    assert [each.route for each in found] == ["unknown", "visit"] and found[1].reasons == (
        "email_not_valid",
    )


def test_what_got_better_and_what_got_worse_since_last_time(tmp_path):
    old, now = tmp_path / "antes.jsonl", tmp_path / "ahora.jsonl"
    register = sri(tmp_path / "sri.csv", *[(firm(n), "ACTIVO", f"EMPRESA {n}") for n in range(9)])
    before = [
        (person(0), firm(0), "0001"),
        ("1", firm(1), "0001"),
        (person(2), firm(2), "0001"),
        (person(3), firm(3), "0001"),
    ]
    after = [
        (person(0), firm(0), "0001"),
        (person(1), firm(1), "1"),
        ("2", firm(2), "0001"),
        (person(8), firm(8), "0001"),
    ]
    run("precheck", write(tmp_path, *before), "-o", old, "--catastro", register)
    run("precheck", write(tmp_path, *after), "-o", now, "--catastro", register, "--since", old)
    assert [json.loads(line)["change"] for line in now.read_text().splitlines()] == [
        "same",
        "better",
        "worse",
        "new",
    ]
    summary = json.loads(
        run(
            "precheck", write(tmp_path, *after), "--catastro", register, "--since", old, "--json"
        ).stdout
    )
    assert (
        summary["changes"] == {"same": 1, "better": 1, "worse": 1, "new": 1}
        and summary["gone"] == 1
    )
    head = run(
        "precheck", write(tmp_path, *after), "--since", old, "--format", "csv"
    ).stdout.splitlines()[0]
    assert head.endswith("clavero_cambio")


@pytest.mark.parametrize("line", ["no es json", '{"row": 2}', "[]", '{"route": "online"}'])
def test_an_earlier_result_that_is_none_is_said_with_its_line(tmp_path, line):
    old = tmp_path / "antes.jsonl"
    old.write_text(f"\n{line}\n")
    done = run("precheck", write(tmp_path, *clean(2)), "--since", old)
    assert done.returncode == 2 and "2" in done.stderr and "--since" in done.stderr


def test_memory_stays_flat(tmp_path):
    """Ten times the rows, with a register that is asked for each of them, need at most a fifth more memory (O04)."""
    # The high-water mark of this process alone: that of getrusage is handed down by whoever started it.
    script = (
        "import re, sys; from clavero.cli import group; from clavero.cli.frame import run; "
        "run(group, ['precheck', sys.argv[1], '-o', sys.argv[2], '--catastro', sys.argv[3]]); "
        "print(int(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1]) // 1024)"
    )
    peaks, register, chance = [], tmp_path / "catastro.sqlite3", random.Random(4)
    make_register(register, 1000)
    for count in (20_000, 200_000):
        path = tmp_path / f"{count}.csv"
        with path.open("w", encoding="utf-8") as file:
            file.write("cedula,ruc,sucursal,correo\n")
            base = clean(1000)
            for n in range(count):
                who, _, branch = base[n % 1000]
                file.write(
                    f"{who},{firm(chance.randrange(10**6))},{branch},correo{n}@dominio{n % 50}.example\n"
                )
        done = subprocess.run(
            [sys.executable, "-c", script, path, tmp_path / "out.csv", register],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        peaks.append(int(done.stdout.splitlines()[-1]))
    assert peaks[1] < peaks[0] * 1.2 + 5, peaks
