"""`clavero bounces`: as Postfix pipes a report in, and from a Maildir (S-086)."""

import io
import sys

import pytest
from django.db import OperationalError, connection, transaction

from clavero import cli, clock
from clavero.cli import database, frame
from clavero.core.bounces import LARGEST
from clavero.employers import bounces
from clavero.employers.models import Contact
from clavero.employers.services import contact_lookup
from clavero.notices import returns
from clavero.notices import services as notices
from clavero.notices.models import Message
from tests.cast import by_id
from tests.reports import report
from tests.rooms.cli.test_commands import run as run_as_a_process
from tests.rooms.notices.test_outbox import PAYLOAD

pytestmark = pytest.mark.django_db
ANA = by_id("en_orden")


@pytest.fixture
def command(cast, monkeypatch, settings, capsys):
    settings.BOUNCES = "rebotes@instituto.example"
    monkeypatch.setattr(database, "ready", lambda **_: None)

    def typed(*words: str, stdin: bytes = b"") -> tuple[int, str]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        done = frame.run(cli.group, ["bounces", *words])
        return done, capsys.readouterr().out

    return typed


def contact() -> Contact:
    return Contact.objects.get(value_lookup=contact_lookup("email", ANA.email))


def genuine() -> tuple[str, bytes]:
    """The sender on the envelope of a message to Ana, and a report that came back to it."""
    with transaction.atomic():
        notices.enqueue(
            "code",
            address=ANA.email,
            payload=PAYLOAD,
            key="k",
            now=clock.now(),
            employer_id=contact().employer_id,
        )
    tag = returns.make(Message.objects.get(key="k").pk, ANA.email, clock.now())
    to = f"rebotes+{tag}@instituto.example"
    return to, report(to, ANA.email)


def test_a_report_that_is_piped_in_closes_the_address_and_says_nothing(command):
    assert command(stdin=genuine()[1]) == (0, "") and contact().state == "bounced"


def test_where_the_mail_server_says_to_whom_it_came_the_headers_do_not_count(command):
    to, raw = genuine()
    raw = raw.replace(to.encode(), b"x@instituto.example")
    assert command(stdin=raw) == (0, "") and contact().state == "on_record"
    assert command("--to", "rebotes@instituto.example", stdin=genuine()[1])[0] == 0
    assert contact().state == "on_record"
    assert command("--to", to, stdin=raw)[0] == 0 and contact().state == "bounced"


@pytest.mark.parametrize("raw", [b"", b"\xff\x00", b"Subject: hola\n\nhola", b"x" * (3 * LARGEST)])
def test_whatever_else_is_piped_in_is_taken_off_the_mail_servers_hands(command, raw):
    assert command(stdin=raw) == (0, "") and contact().state == "on_record"
    assert sys.stdin.buffer.read() == b""  # nobody is left writing into a closed pipe


def test_while_the_database_is_away_the_mail_server_keeps_the_report(
    command, monkeypatch, tmp_path
):
    raw, folder = genuine()[1], maildir(tmp_path, genuine()[1])

    def away(**_):
        raise OperationalError("could not connect")

    with monkeypatch.context() as broken:
        broken.setattr(database, "ready", away)
        assert command(stdin=raw) == (75, "") and command(str(folder)) == (75, "")
    with monkeypatch.context() as broken:
        broken.setattr(bounces, "take", lambda *_: away())
        assert command(str(folder)) == (75, "")
    assert len(list((folder / "new").iterdir())) == 2 and contact().state == "on_record"
    assert command(str(folder))[0] == 0 and contact().state == "bounced"


def test_a_wrong_statement_of_ours_is_no_reason_to_come_back(command, monkeypatch):
    """SQLite calls it operational too: the same judgement as that of the pages."""
    raw = genuine()[1]

    def wrong(*_):
        with connection.cursor() as cursor:
            cursor.execute("SELECT nothing_like_it FROM audit_entry")

    monkeypatch.setattr(bounces, "take", wrong)
    assert command(stdin=raw)[0] == 2
    monkeypatch.setattr(bounces, "take", lambda *_: (_ for _ in ()).throw(MemoryError()))
    assert command(stdin=raw)[0] == 75


def test_a_database_that_cannot_be_opened_is_75_as_a_process_too(tmp_path):
    (tmp_path / "x.sqlite3").mkdir()
    mail = {
        "CLAVERO_SMTP_URL": "smtp://localhost:25",
        "CLAVERO_BOUNCES": "rebotes@instituto.example",
    }
    done = run_as_a_process("bounces", database=tmp_path / "x.sqlite3", stdin="x", **mail)
    assert (done.returncode, done.stdout) == (75, ""), done.stderr
    base = tmp_path / "y.sqlite3"
    assert run_as_a_process("migrate", database=base).returncode == 0
    done = run_as_a_process("bounces", database=base, stdin="x", **mail)
    assert (done.returncode, done.stdout) == (0, "") and '"kind": "other"' in done.stderr


def maildir(folder, *mails: bytes):
    for name in ("new", "cur", "tmp"):
        (folder / "m" / name).mkdir(parents=True)
    for n, raw in enumerate((*mails, b"Subject: vacaciones\n\nvuelvo")):
        (folder / "m" / "new" / f"{n}.host").write_bytes(raw)
    return folder / "m"


def test_a_maildir_is_read_from_new_to_cur_and_counted(command, tmp_path):
    folder = maildir(tmp_path, genuine()[1], genuine()[1])
    (folder / "new" / "9.link").symlink_to(folder / "new" / "0.host")
    done, said = command(str(folder))
    assert done == 0 and ": 3." in said and ": 1." in said and contact().state == "bounced"
    assert sorted(path.name for path in (folder / "cur").iterdir()) == [
        "0.host:2,S",
        "1.host:2,S",
        "2.host:2,S",
    ]
    assert [path.name for path in (folder / "new").iterdir()] == ["9.link"]
    done, said = command("--to", "x", str(folder))
    assert done == 0 and ": 0." in said


def test_a_folder_that_is_no_maildir_is_said(command, tmp_path):
    assert command(str(tmp_path))[0] == 2
