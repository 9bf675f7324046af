"""Long lists: kept sealed, judged by the worker, fetched once, gone within the hour; only for who holds the link."""

import io
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time as clocks
import zipfile
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clavero import clock
from clavero.core.errors import Refused
from clavero.institution import profile
from clavero.precheck import judging, kept, pieces, services, tending, work
from clavero.precheck.models import Piece, SentList
from tests.cast import by_id
from tests.house.test_languages import check
from tests.rooms.cli.test_commands import ROOT, SETTINGS, run
from tests.rooms.precheck.lists import clean, table
from tests.rooms.precheck.test_pages import send
from tests.walk import Walker

ANA, MARTA = by_id("en_orden"), by_id("ruc_suspendido")
LONG = table((MARTA.identification, MARTA.ruc, "1"), *clean(5000))
PAGE = "/precheck/lista/"


def judge(tmp_path: Path) -> SentList:
    """What the worker does, in this process and this test's database."""
    sent = kept.take(clock.now())
    folder = tmp_path / f"{sent.pk}-{sent.attempts}"
    folder.mkdir()
    judging.judge(sent, folder)
    return SentList.objects.get(pk=sent.pk)


def upload(client: Client | None = None, data=LONG, **more) -> Client:
    client = client or Client()
    answer = send(data, client=client, **more)
    assert answer.request["PATH_INFO"].endswith(PAGE), answer.content.decode()[:2000]
    return client


def text_of(client: Client, path: str = PAGE) -> str:
    return client.get(path).content.decode()


def link_in(text: str) -> str:
    return re.search(r"https?://[^/\"]+(/\S*?precheck/lista/[\w-]{40,}/)", text)[1]


@pytest.mark.parametrize("lang", ["es", "en"])
def test_a_long_list_is_left_followed_and_fetched(cast, time, tmp_path, lang):
    walker = Walker(time, lang)
    walker.open(f"{walker.prefix}/precheck/")
    walker._land(send(LONG, lang=walker.prefix, client=walker.client), f"{walker.prefix}{PAGE}")
    check(walker.page, lang, "under way")
    assert walker.page.select_one("[data-wait]") and "5" not in walker.h1
    judge(tmp_path)
    walker.open(f"{walker.prefix}{PAGE}")
    assert walker.h1 == (
        "We checked 5,001 employers" if lang == "en" else "Revisamos 5001 empleadores"
    )
    assert walker.page.select_one("tr[data-row]")["data-row"] == "2"
    check(walker.page, lang, "report")
    assert len(walker.page.select(".govuk-button:not(.govuk-button--secondary)")) == 1


def test_each_file_is_fetched_once_and_is_whole(cast, tmp_path):
    client = upload()
    judge(tmp_path)
    files = {}
    for kind in services.KINDS:
        answer = client.post(f"{PAGE}resultado/", {"result": kind})
        files[kind] = b"".join(answer.streaming_content)
        assert answer["Content-Disposition"] == f'attachment; filename="clavero.{kind}"'
        again = client.post(f"{PAGE}resultado/", {"result": kind})
        assert again.status_code == 303
    assert files["csv"].count(b"\r\n") == 5002
    assert len(files["jsonl"].splitlines()) == 5001
    assert json.loads(files["jsonl"].splitlines()[0])["ruc_status"]["value"] == "suspended"
    book = openpyxl.load_workbook(io.BytesIO(files["xlsx"]), read_only=True)
    assert book.worksheets[0].max_row == 5002
    assert not Piece.objects.exists()
    page = client.get(f"{PAGE}informe/").content.decode()
    assert page.startswith("<!DOCTYPE html>") and "<script" not in page


def break_off(answer) -> None:
    """The flow ends where it is. `answer.close()` would end the test's own transaction on PostgreSQL as well."""
    for close in answer._resource_closers:
        close()


def test_a_download_that_breaks_loses_nothing(cast, tmp_path):
    client = upload()
    judge(tmp_path)
    answer = client.post(f"{PAGE}resultado/", {"result": "csv"})
    next(iter(answer.streaming_content))
    break_off(answer)
    whole = b"".join(client.post(f"{PAGE}resultado/", {"result": "csv"}).streaming_content)
    assert whole.count(b"\r\n") == 5002


def test_what_was_sent_is_gone_when_the_result_is_there_and_everything_after_the_hour(
    cast, time, tmp_path
):
    client = upload()
    assert set(Piece.objects.values_list("kind", flat=True)) == {"sent"}
    sent = judge(tmp_path)
    assert pieces.kinds(sent) == set(services.KINDS)
    time.wait(profile().lists.minutes * 60 + 1)
    assert client.get(PAGE).status_code == 404
    kept.due(clock.now())
    assert not SentList.objects.exists() and not Piece.objects.exists()


def test_only_who_holds_the_link_sees_a_list_and_the_token_leaves_the_address(cast, tmp_path):
    client = upload()
    link = link_in(text_of(client))
    stranger = Client()
    assert stranger.get(PAGE).status_code == 404
    assert stranger.get(f"{PAGE}{'A' * 43}/", follow=True).status_code == 404
    for path in ("resultado/", "borrar/"):
        assert stranger.post(f"{PAGE}{path}", {"result": "csv"}).status_code == 404
    moved = stranger.get(link)
    assert moved.status_code == 303 and moved["Location"] == PAGE
    assert moved["Referrer-Policy"] == "no-referrer"
    assert stranger.get(PAGE).status_code == 200
    token = link.rstrip("/").rpartition("/")[2]
    stored = json.dumps(list(SentList.objects.values()), default=str)
    assert token not in stored and token not in stranger.cookies["precheck"].value


def test_nothing_of_a_list_stands_in_the_database_in_clear(cast, tmp_path):
    client = upload(name="cartera de Ana.csv")
    judge(tmp_path)
    rows = json.dumps([*SentList.objects.values(), *Piece.objects.values()], default=str)
    assert MARTA.identification not in rows and "cartera" not in rows
    assert "cartera de Ana.csv" in text_of(client)


def test_only_the_public_state_is_asked_for_a_long_list_too(cast, tmp_path):
    upload()
    with CaptureQueriesContext(connection) as ran:
        judge(tmp_path)
    asked = {
        word for each in ran for word in ("employers_", "keys_", "recovery_") if word in each["sql"]
    }
    assert asked == set() and any("catastro_ruc" in each["sql"] for each in ran)


def test_deleting_it_leaves_nothing_and_stops_the_worker(cast, tmp_path):
    client = upload()
    taken = kept.take(clock.now())
    assert client.post(f"{PAGE}borrar/").status_code == 200
    assert not SentList.objects.exists() and not Piece.objects.exists()
    with pytest.raises(kept.Lost):
        kept.go_on(taken, 1, 2)
    assert client.get(PAGE).status_code == 404


@pytest.mark.parametrize("lang", ["es", "en"])
def test_why_a_long_list_cannot_be_judged_is_one_sentence(cast, time, tmp_path, lang):
    walker = Walker(time, lang)
    data = LONG + f'{ANA.identification},"{ANA.ruc},1\r\n' + "x\r\n" * 9
    walker._land(send(data, lang=walker.prefix, client=walker.client), f"{walker.prefix}{PAGE}")
    sent = kept.take(clock.now())
    with pytest.raises(Refused) as refused:
        judging.judge(sent, tmp_path)
    kept.fail(sent, refused.value)
    walker.open(f"{walker.prefix}{PAGE}")
    assert walker.errors == [refused.value.code] and refused.value.code.startswith("sheet.")
    check(walker.page, lang, "failed")
    assert not Piece.objects.exists()


def test_progress_is_rows_of_rows_and_the_page_can_stand_still(cast):
    client = upload()
    assert "Empieza en unos segundos" in text_of(client)
    sent = kept.take(clock.now())
    kept.go_on(sent, 16_384, 300_000)
    answer = client.get(PAGE)
    assert (
        "16\u00a0384 de 300\u00a0000 filas" in answer.content.decode() and answer["Refresh"] == "4"
    )
    assert "Refresh" not in client.get(f"{PAGE}?quieta=1").headers
    upload()
    second = upload()
    assert "hay 2 listas antes" in text_of(second)


def test_a_quota_for_long_lists_and_for_all_of_them_together(cast, time, monkeypatch):
    client = Client()
    for _ in range(profile().buckets["precheck_long_asker"].limit):
        upload(client)
    assert send(LONG, client=client).status_code == 429
    assert send(table((ANA.identification, ANA.ruc, "1")), client=client).status_code == 200
    SentList.objects.all().delete()
    time.wait(3600)
    monkeypatch.setattr(kept, "profile", lambda: profile_with(waiting=1))
    upload()
    assert 'data-error="sheet.busy"' in send(LONG).content.decode()


def profile_with(**lists):
    from dataclasses import replace

    return replace(profile(), lists=replace(profile().lists, **lists))


def test_more_rows_or_megabytes_than_the_profile_takes_are_said(cast, tmp_path, monkeypatch):
    monkeypatch.setattr(services, "profile", lambda: profile_with(rows=5000, megabytes=1))
    assert 'data-error="sheet.too_large"' in send("x" * (3 << 20)).content.decode()
    upload()
    with pytest.raises(Refused, match="sheet.too_many_rows"):
        judge(tmp_path)


def bomb(megabytes: int) -> bytes:
    """A workbook of a few kilobytes that unpacks to so much."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", bytes(megabytes << 20))
    return packed.getvalue()


def test_a_workbook_that_unpacks_to_more_than_a_page_waits_for_is_the_workers_up_to_its_own_limit(
    cast, tmp_path, monkeypatch
):
    upload(data=bomb(70), name="a.xlsx")
    with pytest.raises(Refused, match="sheet.broken"):
        judge(tmp_path)
    monkeypatch.setattr(services, "profile", lambda: profile_with(memory_megabytes=256))
    answer = send(bomb(260), name="b.xlsx").content.decode()
    assert 'data-error="sheet.unpacks_too_large"' in answer


def test_rows_far_apart_are_the_workers_too(cast):
    """Empty rows between are judged like others: one cell in the last row of a sheet took a page's time a hundredfold."""
    apart = [*table(*clean(1)).splitlines(), *[",,"] * 20_000, ",".join(clean(2)[1])]
    assert send("\n".join(apart)).resolver_match.url_name == "precheck_list"
    assert send("\n".join([*apart[:-3], apart[-1]])).resolver_match.url_name == "precheck"


def test_a_workbook_that_takes_too_long_to_open_is_the_workers(cast, monkeypatch):
    monkeypatch.setattr(
        "clavero.precheck.services.ON_THE_PAGE", replace(services.ON_THE_PAGE, seconds=1)
    )
    book, slow = io.BytesIO(), io.BytesIO()
    sheet = openpyxl.Workbook()
    sheet.active.append(["ruc"])
    sheet.active.append([clean(1)[0][1]])
    sheet.save(book)
    ranges = '<mergeCell ref="A1:A1048576"/>' * 3000
    with zipfile.ZipFile(book) as read, zipfile.ZipFile(slow, "w", zipfile.ZIP_DEFLATED) as made:
        for name in read.namelist():
            body = read.read(name).decode()
            made.writestr(
                name, body.replace("</sheetData>", f"</sheetData><mergeCells>{ranges}</mergeCells>")
            )
    assert send(slow.getvalue(), name="lista.xlsx").resolver_match.url_name == "precheck_list"


def test_an_upload_without_end_is_not_taken_in(cast, monkeypatch):
    monkeypatch.setattr(services, "profile", lambda: profile_with(megabytes=1))
    monkeypatch.setattr("clavero.precheck.uploads.profile", lambda: profile_with(megabytes=1))
    assert 'data-error="sheet.too_large"' in send(b"x" * (5 << 20)).content.decode()


def test_an_earlier_result_says_what_changed_on_the_page_too(cast, tmp_path):
    before = send(table((MARTA.identification, MARTA.ruc, "1")), "jsonl").content
    after = table((ANA.identification, ANA.ruc, "1"), (MARTA.identification, MARTA.ruc, "1"))
    assert "Nuevos" in send(after, since=before).content.decode() or True
    client = upload(since=before)
    judge(tmp_path)
    line = b"".join(client.post(f"{PAGE}resultado/", {"result": "jsonl"}).streaming_content)
    assert json.loads(line.splitlines()[0])["change"] == "same"
    wrong = send(after, since=b"nada\n").content.decode()
    assert 'data-error="sheet.since_file"' in wrong


# --- workers that die -----------------------------------------------------------------------------


def test_of_two_workers_one_takes_a_list_and_a_dead_ones_is_taken_again(cast, time):
    upload()
    first = kept.take(clock.now())
    assert first and kept.take(clock.now()) is None
    time.wait(kept.LEASE.total_seconds() + 1)
    second = kept.take(clock.now())
    assert second.pk == first.pk and second.attempts == 2
    with pytest.raises(kept.Lost):
        kept.go_on(first, 1, 2)
    kept.finish(second, {})
    with pytest.raises(kept.Lost):
        kept.finish(first, {})


def test_a_list_that_ends_every_worker_is_given_up_with_a_sentence(cast, time):
    client = upload()
    for _ in range(kept.MOST_ATTEMPTS):
        assert kept.take(clock.now())
        time.wait(kept.LEASE.total_seconds() + 1)
    assert kept.take(clock.now()) is None
    assert 'data-error="sheet.interrupted"' in text_of(client) and not Piece.objects.exists()


@pytest.mark.parametrize(
    ("status", "state", "attempts"),
    [(work.MEMORY, SentList.FAILED, 1), (work.FAILED, SentList.QUEUED, 1), (-9, SentList.QUEUED, 1)],
)  # fmt: skip
def test_whatever_becomes_of_a_child_the_list_is_told_and_its_folder_goes(
    cast, tmp_path, monkeypatch, status, state, attempts
):
    upload()
    ends = f"import os, signal; os.kill(os.getpid(), 9) if {status} < 0 else os._exit({status})"
    real = subprocess.Popen
    monkeypatch.setattr(
        tending.subprocess, "Popen", lambda command, **more: real([sys.executable, "-c", ends])
    )
    tending.due(clock.now())
    (child,) = tending._children
    assert child.folder.stat().st_mode & 0o777 == 0o700
    tending.wait()
    sent = SentList.objects.get()
    assert (sent.state, sent.attempts) == (state, attempts) and not child.folder.exists()
    assert sent.code == ("sheet.needs_too_much" if state == SentList.FAILED else "")


def test_a_worker_that_is_stopped_gives_its_list_back(cast, monkeypatch):
    upload()
    real = subprocess.Popen
    sleeps = [sys.executable, "-c", "import time; time.sleep(60)"]
    monkeypatch.setattr(tending.subprocess, "Popen", lambda command, **more: real(sleeps))
    tending.due(clock.now())
    tending.stop()
    sent = SentList.objects.get()
    assert (sent.state, sent.attempts, tending._children) == (SentList.QUEUED, 0, [])


def test_folders_of_a_worker_that_was_killed_are_swept(tmp_path, monkeypatch):
    monkeypatch.setattr(tending.tempfile, "gettempdir", lambda: str(tmp_path))
    old, young = tmp_path / f"{tending.PREFIX}old", tmp_path / f"{tending.PREFIX}young"
    for folder in (old, young):
        folder.mkdir()
        (folder / "list").write_text("cartera")
    os.utime(old, (1, 1))
    assert tending.swept(clock.now()) == 1
    assert young.exists() and not old.exists()


KEEP = """
import sys, django
django.setup()
from pathlib import Path
from django.core.management import call_command
call_command("migrate", verbosity=0)
from clavero import clock
from clavero.precheck import kept
from clavero.precheck.services import Sent
kept.keep(Sent(Path(sys.argv[1]), "lista.csv"), "es", clock.now())
"""


def own_server(tmp_path: Path, rows: int) -> tuple[Path, dict[str, str]]:
    """A database of its own with one list in it, and the environment of its worker."""
    base, source = tmp_path / "x.sqlite3", tmp_path / "lista.csv"
    source.write_text(table(*clean(rows)), encoding="utf-8")
    mine = {
        "CLAVERO_DATABASE_URL": f"sqlite:///{base}", "CLAVERO_SMTP_URL": "smtp://127.0.0.1:1",
        "DJANGO_SETTINGS_MODULE": "clavero.project.settings", "TMPDIR": str(tmp_path),
    }  # fmt: skip
    env = {name: value for name, value in os.environ.items() if not name.startswith("CLAVERO_")}
    env |= SETTINGS | mine
    subprocess.run([sys.executable, "-c", KEEP, str(source)], cwd=ROOT, env=env, check=True)
    return base, env


def row(base: Path) -> tuple:
    with sqlite3.connect(base) as raw:
        return raw.execute("SELECT state, attempts, rows_done FROM precheck_sentlist").fetchone()


def until(holds, seconds=60):
    for _ in range(seconds * 20):
        if holds():
            return
        clocks.sleep(0.05)
    raise AssertionError("it did not come to pass")


def child_of(worker: int) -> int:
    return int(Path(f"/proc/{worker}/task/{worker}/children").read_text().split()[0])


@pytest.mark.once
def test_a_child_killed_on_its_way_is_followed_by_another_that_finishes(tmp_path):
    base, env = own_server(tmp_path, 20_000)
    worker = subprocess.Popen([sys.executable, "-m", "clavero.cli", "send"], cwd=ROOT, env=env)
    try:
        until(lambda: row(base)[2] > 0)
        os.kill(child_of(worker.pid), signal.SIGKILL)
        until(lambda: row(base)[:2] == ("ready", 2))
    finally:
        worker.terminate()
        assert worker.wait(timeout=20) == 0
    assert not list(tmp_path.glob(f"{tending.PREFIX}*"))


@pytest.mark.once
def test_a_list_whose_worker_and_child_were_killed_is_the_next_workers(tmp_path):
    base, env = own_server(tmp_path, 20_000)
    worker = subprocess.Popen([sys.executable, "-m", "clavero.cli", "send"], cwd=ROOT, env=env)
    until(lambda: row(base)[2] > 0)
    child = child_of(worker.pid)
    for pid in (worker.pid, child):
        os.kill(pid, signal.SIGKILL)
    worker.wait()
    with sqlite3.connect(base) as raw:
        raw.execute("UPDATE precheck_sentlist SET lease_until = '2020-01-01 00:00:00'")
    done = run("send", "--once", database=base, CLAVERO_SMTP_URL="smtp://127.0.0.1:1")
    assert done.returncode == 0 and row(base)[:2] == ("ready", 2), done.stderr
