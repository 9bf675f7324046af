"""The command: exit status, one clear line, machine forms; copies and their return."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from clavero import words

ROOT = Path(__file__).resolve().parents[3]
SETTINGS = {
    "CLAVERO_BASE_URL": "http://localhost:8000", "CLAVERO_SECRET_KEY": "s" * 50, "CLAVERO_KEY_PEPPER": "p1:" + "A" * 43,
    "CLAVERO_FIELD_KEYS": "f1:" + "B" * 43, "CLAVERO_AUDIT_KEY": "C" * 43, "CLAVERO_PROFILE": "iess",
}  # fmt: skip


def run(*arguments, database=None, stdin=None, **more):
    env = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("CLAVERO_", "DJANGO_"))
    }
    if database:
        env |= SETTINGS | {"CLAVERO_DATABASE_URL": f"sqlite:///{database}"}
    command = [sys.executable, "-m", "clavero.cli", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=env | more, capture_output=True, text=True, input=stdin, timeout=120
    )


def test_identify_answers_as_promised():
    done = run("identify", "--json", "993370026001")
    assert json.loads(done.stdout) == [
        {
            "given": "993370026001", "kind": "ruc", "value": "0993370026001", "ok": True, "codes": [],
            "notes": ["ruc.checksum_not_computable"],
            "repairs": [{"to": "0993370026001", "code": "ruc.leading_zero_restored"}],
        }
    ]  # fmt: skip
    assert done.returncode == 1 and run("identify", "2453622207").returncode == 0


def test_deadline_answers_as_promised():
    assert json.loads(run("deadline", "--json", "2026-02").stdout) == {
        "kind": "contributions", "contribution_month": "2026-01", "due_month": "2026-02", "nominal_on": "2026-02-15",
        "due_on": "2026-02-18", "because": ["sunday", "holiday:carnival", "holiday:carnival"],
    }  # fmt: skip


@pytest.mark.parametrize(
    "arguments",
    [("identify",), ("nada",), ("deadline", "febrero"), ("deadline", "--kind", "x"), ("deadline", "--kind", "exit_notice", "--from", "ayer"),
     ("catastro", "show", "12"), ("catastro", "import", "no-hay.csv"), ("employers", "import", "no-hay.csv"), ("audit", "verify", "--head", "no-hay")],
)  # fmt: skip
def test_whatever_cannot_be_done_is_one_line_and_exit_2(tmp_path, arguments):
    done = run(*arguments, database=tmp_path / "x.sqlite3")
    assert done.returncode == 2 and done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1 and "Traceback" not in done.stderr


@pytest.mark.parametrize("day", ["0001-01-01", "2202-01-01", "9999-12-31"])
@pytest.mark.parametrize(
    "arguments",
    [("precheck", "-", "--on"), ("deadline", "--kind", "entry_notice", "--from"), ("deadline", "--kind", "exit_notice", "--from"),
     ("triage", "--on"), ("triage", "--deadline"), ("deadline",)],
    ids=" ".join,
)  # fmt: skip
def test_a_year_that_nobody_means_is_said(tmp_path, arguments, day):
    """At the ends of the calendar nothing can be reckoned: what failed there was told as an OverflowError."""
    done = run(
        *arguments, day[:7] if arguments == ("deadline",) else day, database=tmp_path / "x.sqlite3"
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.strip() == "clavero: " + words.say("date.far", first=1900, last=2200)


@pytest.mark.parametrize(
    "arguments",
    [("precheck", "-", "--format"), ("precheck", "-", "--catastro"), ("precheck", "-", "--since"), ("--lang",), ("catastro", "show")],
    ids=" ".join,
)  # fmt: skip
def test_what_was_typed_without_end_is_not_said_back_whole(tmp_path, arguments):
    done = run(*arguments, "\x1b[31m" + "9" * 50_000, database=tmp_path / "x.sqlite3")
    (line,) = done.stderr.strip().splitlines()
    assert (
        done.returncode == 2 and len(line) < 500 and line.isprintable() and "too long" not in line
    )


def test_people_are_answered_in_their_language():
    assert "no es un problema" in run("identify", "0993370026001").stdout.lower()
    assert "no problem" in run("--lang", "en", "identify", "0993370026001").stdout


def test_help_speaks_the_users_language_on_every_level():
    for arguments in (("--help",), ("audit", "--help"), ("audit", "verify", "--help")):
        spanish, english = run(*arguments).stdout, run("--lang", "en", *arguments).stdout
        assert spanish != english and " / " not in spanish + english
    assert "Busca el primer eslabón roto." in run("audit", "--help").stdout
    assert "Finds the first broken link." in run("audit", "--help", LANG="en_US.UTF-8").stdout


def test_a_line_that_says_no_speaks_the_users_language(tmp_path):
    nothing = ("restore", str(tmp_path))
    assert run(*nothing, database=tmp_path / "x").stderr.startswith("clavero: No está")
    english = run("--lang", "en", *nothing, database=tmp_path / "x").stderr
    assert english == "clavero: clavero.sqlite3 is not in that folder.\n"


def test_the_accountants_commands_start_without_django():
    code = "import sys; sys.modules['django'] = None; from clavero.cli import main; sys.argv = ['clavero', 'identify', '2453622207']; main()"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_closed_pipe_is_no_traceback():
    script = f"{sys.executable} -m clavero.cli identify {' '.join(['2453622207'] * 3000)} | head -1"
    done = subprocess.run(["bash", "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "name", ["CLAVERO_BASE_URL", "CLAVERO_SECRET_KEY", "CLAVERO_FIELD_KEYS", "CLAVERO_DATABASE_URL"]
)
def test_a_missing_setting_is_named(tmp_path, name):
    done = run("doctor", database=tmp_path / "x.sqlite3", **{name: ""})
    assert done.returncode == 2 and name in done.stderr and len(done.stderr.splitlines()) == 1


def test_settings_may_stand_in_files(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("x" * 50)
    secret.chmod(0o600)
    done = run(
        "doctor",
        "--json",
        database=tmp_path / "x.sqlite3",
        CLAVERO_SECRET_KEY="",
        CLAVERO_SECRET_KEY_FILE=str(secret),
    )
    assert done.returncode == 1, done.stderr
    found = {check["check"]: check["ok"] for check in json.loads(done.stdout)}
    assert found["profile"] and found["keys"] and found["hash"]
    assert not (found["database"] or found["mail"] or found["worker"])


def test_the_profile_may_be_named_by_a_file_too(tmp_path):
    named = tmp_path / "profile"
    named.write_text("nada")
    done = run("deadline", "2026-02", CLAVERO_PROFILE_FILE=str(named))
    assert done.returncode == 2 and "nada.toml" in done.stderr


def test_serve_outside_the_demonstration_wants_a_profile(tmp_path):
    done = run("serve", database=tmp_path / "x.sqlite3", CLAVERO_PROFILE="")
    assert done.returncode == 2 and "CLAVERO_PROFILE" in done.stderr


@pytest.mark.parametrize("command", [("serve",), ("send", "--once"), ("doctor",)])
def test_a_profile_with_a_typo_stops_the_start_and_names_the_place(tmp_path, command):
    shipped = (ROOT / "clavero" / "profiles" / "example.toml").read_text(encoding="utf-8")
    mine = tmp_path / "mine.toml"
    mine.write_text(shipped.replace("code_tries", "code_trys"), encoding="utf-8")
    done = run(*command, database=tmp_path / "x.sqlite3", CLAVERO_PROFILE=str(mine))
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1
    assert "mine.toml: limits: code_trys" in done.stderr


def test_the_demonstration_stops_so_too(tmp_path):
    env = os.environ | {
        "CLAVERO_PROFILE": "nada",
        "CLAVERO_DEMO_DIR": str(tmp_path / "demo"),
        "CLAVERO_PORT": "8243",
    }
    command = [sys.executable, "-m", "clavero.demo"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and done.stderr.startswith("nada.toml: cannot be read")


def test_starting_over_deletes_nothing_but_a_demonstration(tmp_path):
    kept = tmp_path / "letter.txt"
    kept.write_text("mine")
    env = os.environ | {
        "CLAVERO_PROFILE": "nada",
        "CLAVERO_DEMO_DIR": str(tmp_path),
        "CLAVERO_PORT": "8243",
    }
    command = [sys.executable, "-m", "clavero.demo", "--fresh"]
    subprocess.run(command, cwd=ROOT, env=env, capture_output=True, timeout=60)
    assert kept.read_text() == "mine"


def register(tmp_path) -> Path:
    from clavero.demo.services import register_lines

    path = tmp_path / "register.jsonl"
    path.write_text("\n".join(register_lines()), encoding="utf-8")
    return path


BRING = "import django; django.setup(); from clavero.demo import services; services.bring_cast()"
SIGN_IN = """import django; django.setup()
from clavero import clock
from clavero.core.identifiers.employer import EmployerNumber
from clavero.keys import services
from tests.cast import by_id
ana = by_id("en_orden")
number = EmployerNumber(ana.identification, ana.ruc, ana.branch)
print(services.check(number, ana.key, services.Try("test"), clock.now()).kind)"""


def python(code, url):
    env = os.environ | SETTINGS | {"CLAVERO_DATABASE_URL": url}
    env |= {"DJANGO_SETTINGS_MODULE": "clavero.project.settings"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def copied_and_brought_back(one, two, copies):
    """Copy the cast from one database, bring it back into another, walk its chain, sign in as Ana."""
    urls = [{"CLAVERO_DATABASE_URL": url} for url in (one, two)]
    assert run("migrate", database="-", **urls[0]).returncode == 0
    python(BRING, one)
    assert run("backup", str(copies), database="-", **urls[0]).returncode == 0
    assert no_key_in(copies)
    assert run("restore", str(copies), database="-", **urls[1]).returncode == 0
    assert json.loads(run("audit", "verify", "--json", database="-", **urls[1]).stdout)["ok"]
    assert python(SIGN_IN, two) == "employer"
    again = run("restore", str(copies), database="-", **urls[1])
    assert again.returncode == 2 and "no está vacía" in again.stderr
    assert python(SIGN_IN, two) == "employer"


def no_key_in(copies) -> bool:
    """Whether no file of a copy holds one of the keys. PostgreSQL's is packed: it is read as the text that would be brought back."""
    names = ("CLAVERO_SECRET_KEY", "CLAVERO_KEY_PEPPER", "CLAVERO_FIELD_KEYS", "CLAVERO_AUDIT_KEY")
    keys = [SETTINGS[name].rpartition(":")[2].encode() for name in names]
    texts = [_unpacked(file) for file in copies.rglob("*") if file.is_file()]
    assert any(b"keys_account" in text for text in texts), "this reads no copy"
    return not any(key in text for key in keys for text in texts)


def _unpacked(file) -> bytes:
    raw = file.read_bytes()
    if not raw.startswith(b"PGDMP"):
        return raw
    return subprocess.run(
        ["pg_restore", "-f", "-", str(file)], capture_output=True, check=True
    ).stdout


def test_backup_and_restore_elsewhere(tmp_path):
    one, two = (f"sqlite:///{tmp_path / name}.sqlite3" for name in ("one", "two"))
    copied_and_brought_back(one, two, tmp_path / "copies")


@pytest.mark.postgres
def test_backup_and_restore_elsewhere_on_postgresql(tmp_path):
    import psycopg

    server = os.environ["CLAVERO_TEST_DATABASE_URL"].rpartition("/")[0]
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        for name in ("copy_one", "copy_two"):
            connection.execute(f"DROP DATABASE IF EXISTS {name}")
            connection.execute(f"CREATE DATABASE {name}")
    copied_and_brought_back(f"{server}/copy_one", f"{server}/copy_two", tmp_path / "copies")


def test_the_first_operator_is_made_once(tmp_path):
    base = tmp_path / "one.sqlite3"
    assert run("operator", "create", "dos palabras", database=base).returncode == 2
    assert run("operator", "create", "maria", database=base).returncode == 0
    assert run("operator", "create", "pedro", database=base).returncode == 2


def test_every_number_of_an_import_has_its_words(tmp_path):
    from clavero.employers.imports import Report
    from clavero.words import say

    path = register(tmp_path)
    rows = len(path.read_text(encoding="utf-8").splitlines())
    done = run("employers", "import", str(path), database=tmp_path / "x.sqlite3")
    assert done.returncode == 1 and f"Empleadores en el archivo: {rows}\n" in done.stdout
    for name, value in Report().as_dict().items():
        assert not isinstance(value, int) or say(f"employers.{name}", "en")


def test_a_copy_can_be_made_before_the_tables_are_brought_up_to_date(tmp_path):
    base = tmp_path / "one.sqlite3"
    run("employers", "import", str(register(tmp_path)), database=base)
    with sqlite3.connect(base) as raw:
        raw.execute("DELETE FROM django_migrations WHERE app = 'recovery'")
    assert run("audit", "verify", database=base).returncode == 2
    assert run("backup", str(tmp_path / "copies"), database=base).returncode == 0


def test_a_damaged_copy_is_refused_and_nothing_is_written(tmp_path):
    (tmp_path / "copies").mkdir()
    (tmp_path / "copies" / "clavero.sqlite3").write_bytes(b"not a database" * 100)
    done = run("restore", str(tmp_path / "copies"), database=tmp_path / "two.sqlite3")
    assert done.returncode == 2 and not (tmp_path / "two.sqlite3").exists()


def test_verify_finds_a_broken_chain(tmp_path):
    base = tmp_path / "one.sqlite3"
    run("employers", "import", str(register(tmp_path)), database=base)
    with sqlite3.connect(base) as raw:
        raw.execute("DROP TRIGGER audit_entry_no_update")
        raw.execute("UPDATE audit_entry SET body = '{}' WHERE number = 1")
    done = run("audit", "verify", "--json", database=base)
    assert done.returncode == 1 and json.loads(done.stdout) == {
        "ok": False,
        "entries": 1,
        "first_break": 1,
    }


def test_verify_holds_the_chain_against_a_head_that_was_sent_out(tmp_path):
    base, head = tmp_path / "one.sqlite3", tmp_path / "audit-heads.jsonl"
    run("employers", "import", str(register(tmp_path)), database=base)
    published = json.loads(run("audit", "publish", database=base).stdout)
    assert json.loads(head.read_text())["public_key"] == published["public_key"]
    verify = ("audit", "verify", "--head", str(head), "--public-key")
    assert run(*verify, published["public_key"], database=base).returncode == 0
    other = run(*verify, "A" * 43 + "=", database=base)
    assert other.returncode == 2 and "firma" in other.stderr
    with sqlite3.connect(base) as raw:
        raw.execute("DROP TRIGGER audit_entry_no_update")
        raw.execute("UPDATE audit_entry SET seal = x'00' WHERE number = 1")
    assert run(*verify[:-1], database=base).returncode == 1


def test_the_catastro_is_imported_and_looked_up(tmp_path):
    from clavero.demo.services import catastro_lines

    path, base = tmp_path / "made.csv", tmp_path / "one.sqlite3"
    path.write_text("\n".join(catastro_lines()), encoding="utf-8")
    assert run("catastro", "import", str(path), database=base).returncode == 0
    found = json.loads(run("catastro", "show", "--json", "2452756550001", database=base).stdout)
    copied = path.read_text(encoding="utf-8").splitlines()[1].split("|")[6][:10]
    assert (found["known"], found["status"], found["as_of"]) == (True, "suspended", copied)
    assert run("catastro", "show", "2452756550001", database=base).stdout == (
        f"2452756550001: suspendido.\nSegún la copia del {copied}.\n"
    )
    nobody = run("--lang", "en", "catastro", "show", "0993370026001", database=base)
    assert nobody.returncode == 1 and "not known" in nobody.stdout


def test_the_worker_makes_one_round(tmp_path):
    mail = {"CLAVERO_SMTP_URL": "smtp://localhost:25"}
    assert run("send", "--once", database=tmp_path / "x.sqlite3", **mail).returncode == 0


def test_the_first_operator_comes_from_the_command_once(tmp_path):
    """S-138: nobody is there before, the code is new until it is used, and another name is refused."""
    base = tmp_path / "one.sqlite3"
    made = run("operator", "create", "maria", database=base)
    name, code = made.stdout.splitlines()
    assert (made.returncode, name, len(code.replace(" ", ""))) == (0, "maria", 16)
    assert "/mesa/alta/" in made.stderr
    again = run("operator", "create", "maria", database=base)
    assert again.returncode == 0 and again.stdout.splitlines()[1] != code
    other = run("operator", "create", "pedro", database=base)
    assert other.returncode == 2 and other.stdout == "" and len(other.stderr.splitlines()) == 1
    with sqlite3.connect(base) as copy:
        assert copy.execute("SELECT count(*) FROM desk_staff").fetchone() == (1,)
        kept = str(copy.execute("SELECT * FROM desk_enrolment").fetchall())
    assert code.replace(" ", "") not in kept
