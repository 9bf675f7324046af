"""Every command and every bad file, a full disk, a closed pipe, Ctrl-C: one clear line, exit 2, nothing half-written."""

import json
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import zipfile

import pytest

from clavero.demo.services import catastro_lines, register_lines
from scripts.made_catastro import write_rows
from tests.rooms.cli.test_commands import ROOT, SETTINGS, run
from tests.rooms.cli.test_worker import until

KINDS = ("missing", "folder", "empty", "binary", "utf-16", "truncated", "other", "header")


def make(folder, kind, good: list[str]):
    """A file of this kind of badness; `good` is what a good one says."""
    path = folder / f"{kind}.file"
    text = "\n".join(good) + "\n"
    if kind == "folder":
        path.mkdir()
    elif kind != "missing":
        path.write_bytes({
            "empty": b"", "binary": os.urandom(50) + b"\x00" * 500, "utf-16": text.encode("utf-16"),
            "truncated": text.encode()[: len(text) - 40], "other": b"a;b;c\n1;2;3\n", "header": (good[0] + "\n").encode(),
        }[kind])  # fmt: skip
    return path


def one_line(done) -> None:
    assert done.returncode == 2, (done.returncode, done.stdout, done.stderr)
    assert len(done.stderr.strip().splitlines()) == 1 and "Traceback" not in done.stderr, (
        done.stderr
    )
    assert "Errno" not in done.stderr and done.stdout == ""


@pytest.fixture(scope="session")
def good(tmp_path_factory):
    """A folder with one good file of each register and a database that has both."""
    folder = tmp_path_factory.mktemp("good")
    for name, lines in {"taxes.csv": catastro_lines(), "register.jsonl": register_lines()}.items():
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    base = folder / "x.sqlite3"
    assert run("catastro", "import", str(folder / "taxes.csv"), database=base).returncode == 0
    run("employers", "import", str(folder / "register.jsonl"), database=base)
    return folder


@pytest.fixture
def base(tmp_path, good):
    """A copy of it for one test."""
    shutil.copytree(good, tmp_path, dirs_exist_ok=True)
    return tmp_path / "x.sqlite3"


def rows(base) -> dict[str, int]:
    tables = (
        "catastro_ruc",
        "catastro_snapshot",
        "employers_employer",
        "employers_contact",
        "audit_entry",
    )
    with sqlite3.connect(base) as raw:
        return {name: raw.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}


@pytest.mark.parametrize("kind", KINDS)
def test_a_bad_catastro_file_changes_nothing(tmp_path, base, kind):
    before = rows(base)
    path = make(tmp_path, kind, catastro_lines())
    done = run("catastro", "import", str(path), database=base)
    one_line(done)
    assert path.name in done.stderr and rows(base) == before


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "header"])
def test_a_bad_register_changes_nothing(tmp_path, base, kind):
    before = rows(base)
    path = make(tmp_path, kind, register_lines())
    done = run("employers", "import", str(path), database=base)
    one_line(done)
    assert path.name in done.stderr and rows(base) == before


@pytest.mark.parametrize("cut", [10, 0.99])
def test_a_truncated_zip_changes_nothing(tmp_path, base, cut):
    before, whole = rows(base), tmp_path / "whole.zip"
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(tmp_path / "taxes.csv", "SRI_RUC_Inventada.csv")
    raw = whole.read_bytes()
    part = tmp_path / "part.zip"
    part.write_bytes(raw[: int(cut if cut > 1 else len(raw) * cut)])
    one_line(run("catastro", "import", str(part), database=base))
    damaged = bytearray(raw)
    damaged[len(raw) // 2] ^= 0xFF
    part.write_bytes(bytes(damaged))
    one_line(run("catastro", "import", str(part), database=base))
    assert rows(base) == before


def test_of_several_files_the_bad_one_is_named_and_the_good_ones_before_it_are_in(tmp_path, base):
    other = tmp_path / "other.csv"
    other.write_text((tmp_path / "taxes.csv").read_text().replace("INVENTADA|", "OTRA|"))
    done = run("catastro", "import", str(other), str(tmp_path / "nada.csv"), database=base)
    assert done.returncode == 2 and "nada.csv" in done.stderr and "other.csv" in done.stdout
    assert rows(base)["catastro_snapshot"] == 2


@pytest.mark.parametrize("kind", ["missing", "binary"])
def test_a_bad_head_or_copy_is_one_line(tmp_path, base, kind):
    path = make(tmp_path, kind, ["{}"])
    one_line(run("audit", "verify", "--head", str(path), database=base))
    one_line(run("restore", str(path), database=tmp_path / "new.sqlite3"))
    assert not (tmp_path / "new.sqlite3").exists()


def test_a_copy_that_was_cut_is_refused_and_nothing_is_written(tmp_path, base):
    assert run("backup", str(tmp_path / "copies"), database=base).returncode == 0
    copy = tmp_path / "copies" / "clavero.sqlite3"
    copy.write_bytes(copy.read_bytes()[: copy.stat().st_size // 2])
    one_line(run("restore", str(tmp_path / "copies"), database=tmp_path / "new.sqlite3"))
    assert not (tmp_path / "new.sqlite3").exists() and not list(tmp_path.glob("*.part"))


def test_a_backup_goes_nowhere_where_there_is_no_folder(tmp_path, base):
    one_line(run("backup", str(tmp_path / "taxes.csv"), database=base))
    one_line(run("backup", "/proc/nowhere", database=base))


def limited(*arguments, database, most):
    """A command that can write no file longer than `most` bytes: a disk that fills up."""
    env = {n: v for n, v in os.environ.items() if not n.startswith(("CLAVERO_", "DJANGO_"))}
    env |= SETTINGS | {"CLAVERO_DATABASE_URL": f"sqlite:///{database}"}
    return subprocess.run(
        [sys.executable, "-m", "clavero.cli", *arguments], cwd=ROOT, env=env, capture_output=True, text=True, timeout=120,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)),
    )  # fmt: skip


def test_a_backup_onto_a_full_disk_leaves_no_half_copy(tmp_path, base):
    size = base.stat().st_size
    done = limited("backup", str(tmp_path / "copies"), database=base, most=size // 2)
    one_line(done)
    assert list((tmp_path / "copies").iterdir()) == []


def test_a_copy_brought_back_onto_a_full_disk_leaves_no_half_database(tmp_path, base):
    run("backup", str(tmp_path / "copies"), database=base)
    done = limited(
        "restore", str(tmp_path / "copies"), database=tmp_path / "new.sqlite3", most=100_000
    )
    one_line(done)
    assert not (tmp_path / "new.sqlite3").exists() and not list(tmp_path.glob("*.part"))


def test_an_import_onto_a_full_disk_changes_nothing(tmp_path, base):
    before, path = rows(base), tmp_path / "big.csv"
    write_rows(path, 300_000)
    done = limited(
        "catastro", "import", str(path), database=base, most=base.stat().st_size + 100_000
    )
    one_line(done)
    with sqlite3.connect(base) as raw:
        live = "SELECT count(*) FROM catastro_ruc WHERE snapshot_id IN (SELECT id FROM catastro_snapshot WHERE live)"
        assert raw.execute(live).fetchone() == (before["catastro_ruc"],)


def test_a_head_that_cannot_be_sent_out_is_not_said_to_have_gone(tmp_path, base):
    done = run("audit", "publish", database=base, CLAVERO_AUDIT_SINK="file:/dev/full")
    one_line(done)
    with sqlite3.connect(base) as raw:
        assert raw.execute("SELECT count(*) FROM audit_publication").fetchone() == (0,)


ANSWERS = (
    ("identify", "2453622207"), ("deadline", "--json", "2026-02"), ("--help",), ("audit", "verify", "--json"),
    ("catastro", "show", "2452756550001"), ("doctor",),
)  # fmt: skip


@pytest.mark.parametrize("arguments", ANSWERS, ids=" ".join)
def test_an_answer_that_fits_nowhere_is_one_line(base, arguments):
    command = f"{sys.executable} -m clavero.cli {' '.join(arguments)} > /dev/full"
    done = shell(command, base)
    assert done.returncode == 2 and "disco" in done.stderr, (done.returncode, done.stderr)
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("arguments", ANSWERS, ids=" ".join)
def test_an_answer_that_nobody_reads_is_one_line(base, arguments):
    command = f"{{ sleep 0.1; {sys.executable} -m clavero.cli {' '.join(arguments)}; echo $? >&2; }} | true"
    done = shell(command, base)
    line, status = done.stderr.strip().splitlines()
    assert status == "2" and line.startswith("clavero: ")


def shell(command, base):
    env = {n: v for n, v in os.environ.items() if not n.startswith(("CLAVERO_", "DJANGO_"))}
    env |= SETTINGS | {
        "CLAVERO_DATABASE_URL": f"sqlite:///{base}",
        "CLAVERO_AUDIT_SINK": f"file:{base.parent / 'heads'}",
    }
    return subprocess.run(
        ["bash", "-c", command], cwd=ROOT, env=env, capture_output=True, text=True, timeout=120
    )


def _as_at_a_terminal() -> None:
    """A shell hands Ctrl-C on as ignored to what it starts in the background, these tests too."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize("command", ["catastro", "employers"])
def test_ctrl_c_in_the_middle_of_an_import_leaves_what_was_there(tmp_path, base, command):
    from scripts.made_employers import write_register

    path, before = tmp_path / "big", rows(base)
    (write_rows if command == "catastro" else write_register)(
        path, 400_000 if command == "catastro" else 60_000
    )
    env = {n: v for n, v in os.environ.items() if not n.startswith(("CLAVERO_", "DJANGO_"))}
    env |= SETTINGS | {"CLAVERO_DATABASE_URL": f"sqlite:///{base}"}
    process = subprocess.Popen(
        [sys.executable, "-m", "clavero.cli", command, "import", str(path)], cwd=ROOT, env=env, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        preexec_fn=_as_at_a_terminal,
    )  # fmt: skip
    wal = base.with_name(base.name + "-wal")
    until(lambda: wal.exists() and wal.stat().st_size > 3_000_000)
    process.send_signal(signal.SIGINT)
    out, said = process.communicate(timeout=60)
    assert process.returncode == 2 and said.strip() == "clavero: Interrumpido." and out == ""
    assert rows(base) == before


def test_what_a_killed_import_left_is_cleared_by_the_next_one(tmp_path, base):
    with sqlite3.connect(base) as raw:
        raw.execute(
            "INSERT INTO catastro_snapshot (province, as_of, imported_at, live, rucs, report) VALUES ('', NULL, '2020-01-01 00:00:00', 0, 0, '{}')"
        )
        left = raw.execute("SELECT max(id) FROM catastro_snapshot").fetchone()[0]
        raw.execute(
            "INSERT INTO catastro_ruc (ruc, status, establishments, name, snapshot_id) VALUES (1, 1, 1, '', ?)",
            [left],
        )
    assert run("catastro", "import", str(tmp_path / "taxes.csv"), database=base).returncode == 0
    with sqlite3.connect(base) as raw:
        assert raw.execute("SELECT count(*) FROM catastro_ruc WHERE ruc = 1").fetchone() == (0,)
        assert raw.execute("SELECT count(*) FROM catastro_snapshot").fetchone() == (1,)


def test_a_text_that_no_terminal_can_show_is_no_trouble():
    done = run(
        "identify",
        "\x1b[31m24536\x07",
        "🔑",
        "\u202e1",
        "x" * 5000,
        LC_ALL="C",
        PYTHONIOENCODING="ascii",
    )
    assert (
        done.returncode in (1, 2) and "\x1b" not in done.stdout and "Traceback" not in done.stderr
    )
    found = json.loads(run("identify", "--json", "\x1b[31m24536\x07").stdout)
    assert found[0]["ok"] is False
