"""The evidence of a case leaves the house: document, sheet and sums say the same, and a changed byte shows (J05)."""

import hashlib
import io
import json
import re
import zipfile

import pytest
from click.testing import CliRunner
from django.utils import translation

from clavero import clock
from clavero.audit.models import Entry
from clavero.cli.audit import command
from clavero.cli.frame import Clavero
from clavero.core import chain
from clavero.desk import casework, dossier
from clavero.recovery.models import Case
from clavero.ui.paper import pdf
from tests import staff
from tests.rooms.desk.people import member
from tests.rooms.desk.test_papers import JULIA, approved, is_tagged, words


@pytest.fixture
def visit(time, cast):
    ana = member(0)
    found = approved(time, ana)
    casework.hand_code(found, clock.now())
    casework.finish(found, clock.now())
    return found


def made(case: Case) -> dict[str, bytes]:
    return dossier.files(case, clock.now())


def run(*arguments: str) -> tuple[int, str]:
    found = CliRunner().invoke(command, arguments, obj=Clavero(lang="es"), standalone_mode=False)
    assert found.exception is None, found.exception
    return found.return_value, found.output


def test_the_sheet_prints_the_hash_of_the_very_document(visit):
    number = visit.case.number
    found = made(visit.case)
    said = words(found[f"{number}.pdf"])
    printed = re.search(r"[0-9a-f]{64}", said)[0]
    assert printed == hashlib.sha256(found[f"{number}.json"]).hexdigest()
    changed = found[f"{number}.json"].replace(b"officer", b"Officer", 1)
    assert printed != hashlib.sha256(changed).hexdigest()


def test_the_sheet_prints_every_entry_and_the_head(visit):
    case = visit.case
    found = made(case)
    said = words(found[f"{case.number}.pdf"])
    document = json.loads(found[f"{case.number}.json"])
    assert f"{document['head']['number']} · {document['head']['seal'][:12]}" in said
    entries = list(Entry.objects.filter(case_id=case.pk).order_by("number"))
    assert len(entries) == len(document["entries"]) > 8
    for entry in entries:
        assert f"{entry.number} " in said and bytes(entry.seal).hex()[:12] in said, entry
    assert "Personal 101 Personal 102 aprobado código de seis dígitos" in said
    assert is_tagged(found[f"{case.number}.pdf"], b"es-EC")


def test_the_sums_are_those_of_both_files(visit):
    found = made(visit.case)
    lines = found[f"{visit.case.number}.sha256"].decode().splitlines()
    sums = dict(reversed(line.split("  ")) for line in lines)
    assert len(sums) == 2
    for name, total in sums.items():
        assert hashlib.sha256(found[name]).hexdigest() == total


def test_a_changed_byte_of_any_entry_shows_without_the_server(visit, tmp_path, db):
    written = dossier.text(dossier.document(visit.case, clock.now()))
    file = tmp_path / "caso.json"
    file.write_text(written)
    total = hashlib.sha256(written.encode()).hexdigest()
    status, said = run("check", str(file), "--sha256", total)
    assert status == 0 and "Cada sello corresponde" in said and total in said
    found = json.loads(written)
    for place in (0, len(found["entries"]) // 2, -1):
        changed = json.loads(written)
        entry = changed["entries"][place]
        entry["body"] = entry["body"].replace('"done"', '"dome"')
        file.write_text(json.dumps(changed))
        status, said = run("check", str(file))
        assert status == 1 and f"El sello del registro {entry['number']} no corresponde" in said
    file.write_text(written.replace("handed_over", "handed_ower"))
    status, said = run("check", str(file), "--sha256", total)
    assert status == 1 and "La suma no es la de la hoja" in said


def test_an_entry_taken_out_of_the_middle_shows_where_its_neighbour_followed_it(visit):
    entries = dossier.document(visit.case, clock.now())["entries"]
    links = [(e["number"], e["previous"], e["body"], e["seal"]) for e in entries]
    assert chain.unsealed(links) is None
    twisted = [(n, "00" * 32 if n == links[3][0] else p, b, s) for n, p, b, s in links]
    assert chain.unsealed(twisted) == links[3][0]


def test_the_evidence_names_nobody(visit):
    written = dossier.text(dossier.document(visit.case, clock.now()))
    for hidden in (
        JULIA.identification,
        JULIA.ruc,
        JULIA.name,
        "Persona 0",
        "Perdió el correo",
        "faro.example",
    ):
        assert hidden not in written, hidden


def test_the_sheet_speaks_the_language_of_who_asks(visit):
    with translation.override("en"):
        found = dossier.document(visit.case, clock.now())
        sheet = dossier.sheet(visit.case, found, "0" * 64, clock.now())
    assert sheet.title == "Evidence of the case" and is_tagged(pdf(sheet), b"en-GB")


def test_the_command_writes_the_three_files(visit, tmp_path, monkeypatch):
    from clavero.cli import database

    monkeypatch.setattr(database, "ready", lambda **_: None)
    status, said = run("export", visit.case.number, "--to", str(tmp_path / "x"))
    assert status == 0 and said.count("\n") == 3
    for name in ("json", "pdf", "sha256"):
        assert (tmp_path / "x" / f"{visit.case.number}.{name}").stat().st_size > 100
    status, said = run("export", visit.case.number)
    assert status == 0 and json.loads(said)["case"] == visit.case.number


def test_who_audits_downloads_it_and_that_is_recorded(visit, time):
    case = visit.case
    elsa = staff.enter(time, _auditor())
    elsa.open("/mesa/evidencia/?number=26-999999")
    assert elsa.errors == ["desk.no_such_case"]
    elsa.open("/mesa/evidencia/?number=")
    assert elsa.errors == ["desk.number_empty"]
    elsa.open(f"/mesa/evidencia/?number={case.number}")
    looks = Entry.objects.filter(event="sensitive_read", case_id=case.pk, actor="auditor")
    assert not looks.exists()
    link = elsa.page.select_one("main a.govuk-button")["href"]
    answer = elsa.client.get(link)
    assert looks.count() == 1 and answer.headers["Cache-Control"] == "no-store"
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    document = json.loads(archive.read(f"{case.number}.json"))
    assert document["entries"][-1]["number"] == looks.get().number
    officer = staff.enter(time, "veronica")
    assert officer.client.get(link).status_code == 403
    assert officer.client.get("/mesa/evidencia/").status_code == 403
    assert looks.count() == 1


def _auditor() -> str:
    return next(one.id for one in staff.STAFF if one.role == "auditor")
