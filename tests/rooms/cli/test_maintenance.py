"""`clavero maintenance` as an operator types it, with no database to be had (K02)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.rooms.cli.test_commands import run

pytestmark = pytest.mark.once
HERE = ZoneInfo("America/Guayaquil")


@pytest.fixture
def typed(tmp_path):
    folder = tmp_path / "offline"
    folder.mkdir()

    def typed(*words, offline=str(folder)):
        return run(
            "maintenance",
            *words,
            database=tmp_path / "nowhere" / "none.sqlite3",
            CLAVERO_OFFLINE=offline,
        )

    typed.folder = folder
    return typed


def in_hours(hours):
    return f"{datetime.now(HERE) + timedelta(hours=hours):%Y-%m-%d %H:%M}"


def test_it_shuts_says_so_and_opens_while_there_is_no_database(typed):
    until = in_hours(3)
    done = typed("Cambiamos de servidor.", "We change the server.", "--until", until)
    assert (done.returncode, done.stderr) == (0, "")
    text = (typed.folder / "maintenance.html").read_text(encoding="utf-8")
    assert "Cambiamos de servidor." in text
    hour = until.partition(" ")[2].removeprefix("0")
    assert f"a las {hour}" in text
    assert hour in done.stdout
    assert hour in typed().stdout
    assert "atiende otra vez" in typed("--end").stdout
    assert not (typed.folder / "maintenance.html").exists()
    assert "no estaba cerrado" in typed("--end").stdout


def test_without_arguments_it_writes_the_pages_that_stand_at_all_times(typed):
    assert typed().returncode == 0
    assert {path.name for path in typed.folder.iterdir()} == {
        "outage.html",
        "outage_desk.html",
        "too_large.html",
        "too_many.html",
    }


@pytest.mark.parametrize(
    ("words", "offline", "says"),
    [
        (("--until", "2020-01-01 00:00"), None, "hasta cuándo"),
        (("Solo español.", "--until", "LATER"), None, "en español y en inglés"),
        (("Cerrado.", "Closed."), None, "hasta cuándo"),
        (("--until", "LATER"), "", "CLAVERO_OFFLINE"),
        (("--until", "LATER"), "/nowhere", "CLAVERO_OFFLINE"),
        (("--until", "LATER"), "/proc", "CLAVERO_OFFLINE"),
        (("--until", "mañana"), None, "AAAA-MM-DD"),
    ],
)
def test_what_it_cannot_do_it_says_in_one_line(typed, words, offline, says):
    words = [in_hours(2) if word == "LATER" else word for word in words]
    done = typed(*words) if offline is None else typed(*words, offline=offline)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert says in done.stderr
    assert not (typed.folder / "maintenance.html").exists()
