"""Canaries: a whole journey online and at the desk, then everything that is stored, written, sent and shown is searched.

What a person typed or was handed stands nowhere but in the columns that the dictionary calls public, in the
demonstration's own mailbox, and on the pages of those whom it concerns (S-018, S-039, S-098, S-128, S-134).
"""

import base64
import hashlib
import json
import re
from collections.abc import Iterator

import pytest
from django.db import connection

from clavero import clock
from clavero.cli import send
from clavero.demo.models import Mail
from clavero.keys.models import Session
from clavero.notices.models import Announcement, Message
from clavero.privacy import dictionary
from tests import staff
from tests.cast import by_id
from tests.stories.test_circle import Desk, prepare
from tests.walk import NEW_KEY, Walker, deliver, sign_in

LUIS, JORGE, ANA = by_id("tres_sucursales"), by_id("domestica"), by_id("en_orden")
NOTE, REASON = "falta la firma de eulalia", "lo contó llorando en ventanilla"
NEW_MAIL, MOBILE, WRONG_KEY = "jorge.nuevo@alero.example", "+593991234567", "no-es-la-clave-de-luis"
DESK_KEY = "canasta-relato-humo-viernes"


class Journey:
    """What was planted, by name, and who saw which page: what each window showed, one after the other."""

    def __init__(self) -> None:
        self.planted: dict[str, str] = {}
        self.seen: dict[str, list[str]] = {"home": [], "officer": [], "second": [], "others": []}

    def watch(self, walker: Walker, who: str) -> Walker:
        land = walker._land

        def noted(response, path):
            landed = land(response, path)
            self.seen[who].append(response.content.decode())
            return landed

        walker._land = noted
        return walker


@pytest.fixture
def journey(counter, time, lines) -> Journey:
    """Luis recovers online; Jorge's case goes to the desk with a note, and comes back; others look on."""
    found = Journey()
    _online(found, time)
    _at_the_desk(found, counter, time)
    _others(found, time)
    deliver()
    for mail in Mail.objects.all():
        found.planted[f"code {mail.pk}"] = mail.code
        found.planted[f"link {mail.pk}"] = mail.link.rstrip("/").rpartition("/")[2]
    found.planted = {name: text for name, text in found.planted.items() if text}
    found.log = json.dumps(lines(), ensure_ascii=False)
    return found


def _online(found: Journey, time) -> None:
    home = found.watch(Walker(time), "home").to_key(LUIS).finish().press(button="save_code")
    found.planted |= {
        "cédula": LUIS.identification, "RUC": LUIS.ruc, "name": LUIS.name, "mail": LUIS.email, "key": NEW_KEY,
        "former key": LUIS.key, "wrong key": WRONG_KEY,
        "saved code": home.page.select_one("[data-saved-code]").get_text("").replace(" ", ""),
    }  # fmt: skip
    found.watch(Walker(time), "home")
    sign_in(Walker(time), LUIS, WRONG_KEY)


def _at_the_desk(found: Journey, counter: tuple[Desk, Desk], time) -> None:
    officer, second = counter
    found.watch(officer.walker, "officer")
    found.watch(second.walker, "second")
    home, secret, continuation = prepare(time, JORGE, "no_email")
    found.watch(home, "home")
    officer.press("Abrir", continuation=continuation)
    officer.follow("Cambiar el correo registrado").press("Anotar la corrección", value=NEW_MAIL)
    names = {
        radio["name"] for radio in officer.walker.page.select(".cl-evidence input[type=radio]")
    }
    noted = dict.fromkeys((name.replace("m_", "n_", 1) for name in names), NOTE)
    officer.press("Guardar y seguir", reason=REASON, **dict.fromkeys(names, "seen"), **noted)
    officer.press("Pedir la segunda aprobación")
    second.walker.open("/mesa/")
    second.follow("Ver").follow("Decidir")
    second.press("Firmar la decisión", decision="approved", code=staff.next_code(time, "beatriz"))
    officer.follow("Ver si ya decidió").press("Entregar el código")
    binding = officer.walker.page.select_one("[data-binding]").get_text("").replace(" ", "")
    phone = found.watch(Walker(time), "home").open("/caso/").press({"secret": secret})
    phone.press({"code": binding}).press({"key": DESK_KEY}).press({"key": DESK_KEY})
    officer.follow("Seguir").press("Terminar la atención")
    found.planted |= {
        "cédula of Jorge": JORGE.identification, "name of Jorge": JORGE.name, "mail of Jorge": JORGE.email,
        "new mail": NEW_MAIL, "key of Jorge": DESK_KEY, "case secret": secret, "continuation code": continuation,
        "binding code": binding, "note": NOTE, "reason": REASON,
    }  # fmt: skip


def _others(found: Journey, time) -> None:
    """Another employer, a stranger who knows the numbers, and staff who have nothing to do with the cases."""
    other = found.watch(Walker(time), "others")
    sign_in(other, ANA, ANA.key)
    for path in ("/", "/cuenta/", "/cuenta/historia/", "/caso/", "/guia/", "/citas/"):
        other.open(path)
    found.watch(staff.enter(time, "ramiro"), "others").open("/mesa/").open("/mesa/carga/")


# --- searching ----------------------------------------------------------------------------------------------


STAGING = {"catastro_staging.ruc", "catastro_staging.name"}
"""PostgreSQL's temporary table of an import of the SRI's file: gone with its transaction, which a test never ends."""


def allowed() -> set[str]:
    """Columns that may hold them: published by the SRI, or the demonstration's own."""
    read = dictionary.read()
    return STAGING | {
        f"{table.name}.{column.name}"
        for table in read.tables
        for column in table.columns
        if column.kind == "public" or table.keeps == "demo"
    }


def dump() -> Iterator[tuple[str, str]]:
    """Every value of every table that the database has, as it stands there."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            names = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                yield from ((f"{table}.{name}", plain(value)) for name, value in zip(names, row, strict=True))  # fmt: skip


def plain(value: object) -> str:
    raw = bytes(value) if isinstance(value, memoryview) else value
    return raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw)


def disguises(text: str) -> set[str]:
    """As it is, without spaces, in small letters, in JSON, in base64, and as a hash that anybody could make."""
    raw = text.encode()
    found = {text, text.lower(), text.replace(" ", ""), json.dumps(text)[1:-1]}
    found |= {base64.b64encode(raw).decode().rstrip("="), raw.hex()}
    for algorithm in ("md5", "sha1", "sha256"):
        digest = hashlib.new(algorithm, raw).digest()
        found |= {digest.hex(), base64.urlsafe_b64encode(digest).decode().rstrip("=")}
    return found


def found_in(texts: Iterator[tuple[str, str]], planted: dict[str, str]) -> set[tuple[str, str]]:
    """(place, name) of every canary that stands there in some form."""
    wanted = {name: disguises(text) for name, text in planted.items()}
    return {
        (place, name)
        for place, text in texts
        for name, forms in wanted.items()
        if any(form in text or form in text.replace(" ", "") for form in forms)
    }


def test_no_canary_stands_in_the_database_but_where_the_dictionary_says_so(journey):
    assert len(journey.planted) >= 20
    held = found_in(dump(), journey.planted)
    assert {one for one in held if one[0] not in allowed()} == set()
    assert {place for place, _ in held} & allowed(), "the search finds what is there"


def test_what_a_session_packs_is_no_canary_either(journey):
    store = Session.get_session_store_class()()
    packed = [store.decode(data) for data in Session.objects.values_list("session_data", flat=True)]
    assert packed and not found_in(iter([("session", json.dumps(packed))]), journey.planted)


def test_no_canary_stands_in_a_log_or_in_the_record(journey):
    assert "request" in journey.log or journey.log == "[]"
    send._tried("canary", lambda now: 1 / 0, clock.now())
    assert not found_in(iter([("log", journey.log)]), journey.planted)


def test_a_message_that_waits_or_left_shows_nothing_in_the_queue(journey):
    assert Message.objects.exists()
    held = found_in(dump(), journey.planted)
    assert not {place for place, _ in held if place.startswith("notices_")}


NEVER_MAILED = ("key", "former key", "wrong key", "key of Jorge", "case secret", "binding code", "note", "reason", "cédula", "cédula of Jorge", "RUC")  # fmt: skip


def test_no_message_carries_a_key_a_case_secret_or_what_the_desk_noted(journey):
    texts = [("mail", mail.subject + mail.text + re.sub(r"<[^>]+>", " ", mail.html)) for mail in Mail.objects.all()]  # fmt: skip
    secret = {name: journey.planted[name] for name in NEVER_MAILED}
    assert texts and not found_in(iter(texts), secret)


HIDDEN = {
    "officer": {"case secret", "key", "key of Jorge", "saved code"},
    "second": {"case secret", "key", "key of Jorge", "saved code", "binding code", "continuation code"},
    "home": {"note", "reason", "key of Jorge", "former key", "wrong key"},
}  # fmt: skip


@pytest.mark.parametrize("who", [*HIDDEN, "others"])
def test_nobody_is_shown_what_is_not_theirs(journey, who):
    hidden = HIDDEN.get(who, set(journey.planted))
    planted = {name: text for name, text in journey.planted.items() if name in hidden}
    pages = [(f"page {at}", page) for at, page in enumerate(journey.seen[who])]
    assert pages and not found_in(iter(pages), planted)


def test_the_second_person_reads_the_note_and_the_search_finds_it(journey):
    """What is shown is found: a search that finds nothing anywhere would prove nothing."""
    pages = [("page", page) for page in journey.seen["second"]]
    assert ("page", "reason") in found_in(iter(pages), journey.planted)


def test_a_canary_in_clear_is_found_wherever_it_stands(db, time):
    now = clock.now()
    for text in ("ana@trigo.example", base64.b64encode(b"ana@trigo.example").decode()):
        Announcement.objects.create(es=text, en="x", since=now, until=now)
        held = found_in(dump(), {"mail": "ana@trigo.example"})
        assert held == {("notices_announcement.es", "mail")}
        Announcement.objects.all().delete()
