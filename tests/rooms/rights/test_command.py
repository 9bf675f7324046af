"""`clavero subject` and `clavero letters` as an operator types them."""

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner

from clavero import clock
from clavero.audit.models import Entry
from clavero.cli import letters, subject
from clavero.cli.frame import Clavero
from clavero.core.errors import Refused
from clavero.desk import post as printing
from clavero.employers.models import Contact, Employer
from clavero.institution import profile
from clavero.notices import post
from clavero.recovery.models import Case
from clavero.rights import services
from clavero.rights import subject as whose
from clavero.rights.services import Asked
from tests.cast import by_id
from tests.rooms.desk.test_post import house
from tests.walk import Walker

ANA, CARLOS = by_id("en_orden"), by_id("correo_rebota")


@pytest.fixture(autouse=True)
def ready(monkeypatch):
    for module in (letters, subject):
        monkeypatch.setattr(module.database, "ready", lambda **_: None)


def run(module, *words: str, lang: str = "es"):
    return CliRunner().invoke(module.command, words, obj=Clavero(lang), standalone_mode=False)


def test_a_copy_is_written_to_a_folder_and_is_on_record(cast, tmp_path):
    """S-130"""
    done = run(subject, "export", ANA.ruc, "--person", ANA.identification, "--to", str(tmp_path / "ana"))  # fmt: skip
    assert done.exception is None, done.output
    held = json.loads((tmp_path / "ana" / "sus-datos.json").read_text(encoding="utf-8"))
    assert held["tables"]["employers_employer"]["rows"][0]["ruc"] == ANA.ruc
    assert (tmp_path / "ana" / "sus-datos.pdf").read_bytes().startswith(b"%PDF")
    assert Entry.objects.filter(event="data_exported", reason="command").count() == 1


def test_without_a_person_nobody_s_number_goes_out(cast):
    held = json.loads(run(subject, "export", ANA.ruc).output)
    assert held["tables"]["employers_representative"]["rows"] == []
    assert held["other_representatives"] == 1 and ANA.identification not in json.dumps(held)


def test_a_folder_that_cannot_be_written_is_one_line(cast, tmp_path):
    (tmp_path / "file").write_text("x")
    done = run(subject, "export", ANA.ruc, "--to", str(tmp_path / "file" / "in"))
    assert done.exception.__class__.__name__ == "Stop" and "--to" in str(done.exception)


def test_the_open_requests_are_listed_and_one_that_lapsed_ends_with_one(cast, time):
    assert "No hay pedidos" in run(subject, "requests").output
    who = whose.find(ANA.ruc, ANA.identification)
    made = services.receive(Asked("access", "Todo"), who, None, clock.now())
    (one,) = json.loads(run(subject, "requests", "--json").output)
    assert one == {"number": made.number, "kind": "access", "due_on": made.due_on.isoformat(), "left": 15}  # fmt: skip
    assert run(subject, "requests").return_value == 0
    time.wait(16 * 86400)
    assert run(subject, "requests").return_value == 1


def test_an_erasure_only_counts_without_yes_and_names_what_stays_and_why(cast):
    counted = run(subject, "erase", CARLOS.ruc)
    assert "contactos 1, casos 0" in counted.output and "LOPDP art. 18" in counted.output
    assert Contact.objects.get(employer=whose.find(CARLOS.ruc).employer).value
    done = run(subject, "erase", CARLOS.ruc, "--yes", lang="en")
    assert "Erased: contacts 1" in done.output and "sealed record" in done.output
    assert not Contact.objects.get(employer=whose.find(CARLOS.ruc).employer).value


def test_a_link_that_follows_no_list_erases_nothing(cast, time):
    Walker(time).validate(CARLOS)
    before = Case.objects.get().state
    done = run(subject, "erase", CARLOS.ruc, "--yes", "--list", "https://x.example/precheck/lista/abc/")  # fmt: skip
    assert isinstance(done.exception, Refused) and done.exception.code == "rights.no_list"
    assert Case.objects.get().state == before
    assert Contact.objects.get(employer=whose.find(CARLOS.ruc).employer).value


def test_a_name_and_the_name_of_a_branch_are_corrected(cast):
    assert run(subject, "correct", ANA.ruc, "Trigo Nuevo S.A.").exception is None
    assert run(subject, "correct", ANA.ruc, "Matriz", "--branch", "0001").exception is None
    who = whose.find(ANA.ruc).employer
    assert who.name == "Trigo Nuevo S.A." and who.branches.get().name == "Matriz"
    done = run(subject, "correct", ANA.ruc, "Puerto", "--branch", "0077")
    assert isinstance(done.exception, Refused) and done.exception.code == "rights.no_branch"


def test_letters_are_written_to_a_folder_and_again_by_the_name_of_their_batch(walker, tmp_path, monkeypatch):  # fmt: skip
    held = replace(profile(), post_letters=True)
    for module in (post, printing):
        monkeypatch.setattr(module, "profile", lambda: held)
    walker.to_key(ANA).finish()
    assert run(letters, "count").return_value == 1
    none = run(letters, "export", str(tmp_path / "no"))
    assert none.return_value == 1 and "Sin dirección postal: 1" in none.output
    house(ANA)
    assert run(letters, "count").return_value == 0
    done = run(letters, "export", str(tmp_path / "first"))
    names = sorted(each.name for each in (tmp_path / "first").iterdir())
    assert done.exception is None and len(names) == 2
    batch = names[1].removesuffix(".csv")
    assert run(letters, "export", str(tmp_path / "again"), "--batch", batch.lower()).exception is None  # fmt: skip
    for name in names:
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / "first" / name).read_bytes()
    gone = run(letters, "export", str(tmp_path / "x"), "--batch", "P99-1")
    assert isinstance(gone.exception, Refused) and gone.exception.code == "post.unknown"


def test_where_letters_are_off_that_is_said(cast, tmp_path):
    done = run(letters, "export", str(tmp_path))
    assert isinstance(done.exception, Refused) and done.exception.code == "post.off"
    assert Employer.objects.exists()
