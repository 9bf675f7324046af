"""Each row of the attack table as a plain test: from outside, over HTTP; SQL as another client where that is the attacker."""

import re

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client, override_settings

from clavero import clock
from clavero.audit import queries as audit
from clavero.demo.models import Mail
from clavero.employers import bounces
from clavero.employers.models import Contact
from clavero.keys.models import Account
from clavero.notices import returns
from clavero.notices import services as notices
from clavero.notices.models import Message
from clavero.recovery.models import Case
from scripts import made_employers
from tests.cast import CAST, by_id
from tests.reports import report
from tests.walk import NEW_KEY, Walker, deliver, sign_in

ANA, LUIS, JORGE = by_id("en_orden"), by_id("tres_sucursales"), by_id("domestica")
STEPS = ("codigo", "preguntas", "contacto", "clave", "probar", "listo", "visita", "estado")


def at(case: Case, step: str) -> str:
    return f"/empleadores/recuperar-clave/caso/{case.ref}/{step}/"


def test_attack_01_no_step_can_be_skipped(walker):
    walker.validate(LUIS)
    case = Case.objects.get()
    for step in STEPS[1:]:
        walker.client.get(at(case, step), follow=True)
        walker.client.post(
            at(case, step), {"key": NEW_KEY, "answer": "4", "keep_key": "1"}, follow=True
        )
    case.refresh_from_db()
    assert case.state == "code_sent" and case.key_set_at is None
    assert audit.history(case=case.pk)[-1].event == "sequence_fail"


def test_attack_01_a_stranger_with_the_address_sees_nothing(walker, time):
    walker.to_key(LUIS)
    case = Case.objects.get()
    for step in STEPS:
        stranger = Walker(time)
        response = stranger.client.post(at(case, step), {"key": NEW_KEY})
        assert response.status_code in (404, 405) and LUIS.name not in response.content.decode()


@pytest.mark.parametrize(
    "header",
    [
        "HTTP_HOST",
        "HTTP_X_FORWARDED_HOST",
        "HTTP_FORWARDED",
        "HTTP_X_HOST",
        "HTTP_X_ORIGINAL_URL",
        "HTTP_X_FORWARDED_SERVER",
    ],
)
def test_attack_02_links_come_from_the_configured_address(walker, time, header):
    walker.to_check(LUIS)
    time.wait(10)
    forged = {header: "host=evil.example" if header == "HTTP_FORWARDED" else "evil.example"}
    draft = walker.typed(walker.form)
    response = walker.client.post(walker.path, draft, **forged)
    deliver()
    for mail in Mail.objects.all():
        assert "evil.example" not in mail.text + mail.html and mail.link.startswith(
            "http://localhost:8000/"
        )
    assert header != "HTTP_HOST" or response.status_code == 400


def test_attack_03_an_array_of_addresses_reaches_nobody(walker):
    walker.validate(LUIS)
    path = walker.path
    walker.client.post(path, {"email": [LUIS.email, "eve@evil.example"], "code": ["A", "B"]})
    walker.client.post(path.replace("codigo", "otro-mensaje"), {"email": ["eve@evil.example"]})
    deliver()
    assert {mail.to for mail in Mail.objects.all()} == {LUIS.email}


def test_attack_04_a_lookalike_address_is_the_address_on_record_or_another_one(cast):
    from clavero.employers.services import contact_lookup

    assert contact_lookup("email", "LUIS@Tuercas.Example") == contact_lookup("email", LUIS.email)
    assert contact_lookup("email", "luıs@tuercas.example") != contact_lookup("email", LUIS.email)


def test_attack_05_the_destination_is_never_in_the_request(walker):
    walker.validate(LUIS)
    walker.press(
        {"email": "eve@evil.example", "to": "eve@evil.example", "contact": "1", "code": "AAAAAAAA"}
    )
    deliver()
    assert {mail.to for mail in Mail.objects.all()} == {LUIS.email}


@pytest.mark.parametrize("name", ["sin_correo", "correo_rebota", "correo_del_contador"])
def test_attack_06_without_a_usable_address_there_is_only_the_visit(walker, name):
    walker.validate(by_id(name))
    case = Case.objects.get()
    assert case.state == "visit_needed" and walker.routes == {"visit", "correct_data"}
    deliver()
    assert not Mail.objects.exists()


def test_attack_07_and_09_guesses_are_counted_across_restarted_flows(walker, time):
    from clavero.institution import profile

    tried = 0
    for flow in range(20):
        one = Walker(time).validate(LUIS)
        if one.status == 429:
            break
        for guess in range(6):
            one.press({"code": f"ZZZZ{flow + 20}{guess + 20}"})
            if one.status == 429:
                break
            tried += "code.wrong" in one.errors
    assert tried <= profile().buckets["employer_try"].limit


def test_attack_10_a_rejected_key_does_not_burn_the_proof(walker):
    walker.to_key(LUIS)
    for bad in ("corta", LUIS.ruc + "!!", "123456789012345", "qwertyuiopasdfgh", "a" * 300):
        assert walker.press({"key": bad}).step == "key"
    assert walker.finish().h1 == "Acceso comprobado"


def test_attack_11_one_case_sets_one_key(walker, time):
    walker.to_key(LUIS)
    case, form = Case.objects.get(), walker.typed(walker.form)
    first = walker.client.post(at(case, "clave"), form | {"key": NEW_KEY})
    second = walker.client.post(at(case, "clave"), form | {"key": "otra-clave-muy-distinta"})
    assert first.status_code == second.status_code == 303
    assert sign_in(Walker(time), LUIS, "otra-clave-muy-distinta").errors == ["signin.no_match"]
    assert sign_in(Walker(time), LUIS, NEW_KEY).path == "/cuenta/"


def test_attack_12_a_dead_mail_server_shows_nothing(walker, time):
    class Dead:
        def send(self, address, finished):
            raise notices.TemporaryFailure("smtp.connectionrefusederror")

    walker.validate(LUIS)
    before = same_to_everybody(walker.open(walker.path).response)
    notices.deliver_due(clock.now(), Dead())
    assert Message.objects.get().state == "queued"
    assert same_to_everybody(walker.open(walker.path).response) == before


def same_to_everybody(response) -> tuple[object, ...]:
    """A page without what differs by chance: references, tokens, hours, the typed numbers."""
    html = response.content.decode()
    html = re.sub(r'value="[^"]{20,}"', "", html)
    html = re.sub(r"/caso/[0-9A-Z]{8}/", "/caso/REF/", html)
    html = re.sub(r'<span class="cl-num">.*?</span></span>', "NUM", html)
    html = re.sub(r"EXT\d+|\d{1,2}:\d{2}", "X", html)
    headers = {k: v for k, v in response.headers.items() if k not in ("Content-Length",)}
    return html, response.status_code, sorted(headers), sorted(response.cookies)


@override_settings(BOUNCES="rebotes@instituto.example")
def test_attack_18_forged_reports_do_not_close_the_owners_online_road(cast, time):
    """S-086. The attacker knows address, message and day, and has a message of their own; only the key is not theirs."""
    for member in (LUIS, ANA):
        Walker(time).validate(member)
    deliver()
    now, sent = clock.now(), {mail.employer_id: mail.pk for mail in Message.objects.all()}
    contacts = {contact.value: contact for contact in Contact.objects.filter(kind="email")}
    of_luis, of_ana = (sent[contacts[one.email].employer_id] for one in (LUIS, ANA))
    genuine, own = returns.make(of_luis, LUIS.email, now), returns.make(of_ana, ANA.email, now)
    head, mac = genuine[:-16], own[-16:]
    tags = [
        "a" * 32,
        "f1-" + "a" * 32,
        own,
        head + mac,
        head + "a" * 16,
        own[:-16] + genuine[-16:],
        genuine[:-1],
        "zz" + genuine,
        "+",
    ]
    forged = ["rebotes@instituto.example", *(f"rebotes+{tag}@instituto.example" for tag in tags)]
    for to in (*forged, ", ".join(forged[-2:])):
        for status in ("5.1.1", "5.4.4"):
            raw = report(to, LUIS.email, status=status)
            said = {bounces.take(raw, to, now), bounces.take(raw, "", now)}
            assert bounces.CLOSED not in said, to
    assert Walker(time).to_key(LUIS).finish().h1 == "Acceso comprobado"
    to = f"rebotes+{genuine}@instituto.example"
    assert bounces.take(report(to, LUIS.email), to, clock.now()) == bounces.CLOSED
    assert Walker(time).validate(LUIS).routes == {"visit", "correct_data"}


def test_attack_13_an_unknown_employer_looks_like_one_that_needs_a_visit(cast, time):
    """Same public state of the RUC, same typed branch: not a byte apart."""
    pages = {}
    for name in (
        "primera_clave",
        "sin_correo",
        "correo_rebota",
        "representante_cambio",
        "correo_del_contador",
        "no_existe",
    ):
        walker = Walker(time).validate(by_id(name))
        pages[name] = same_to_everybody(walker.response)
    assert len(set(map(str, pages.values()))) == 1


def test_attack_13_the_same_work_is_done_for_the_unknown(cast, time):
    from django.test.utils import CaptureQueriesContext

    counts = {}
    for name in ("primera_clave", "sin_correo", "no_existe"):
        walker = Walker(time).to_check(by_id(name))
        time.wait(10)
        with CaptureQueriesContext(connection) as found:
            walker.client.post(walker.path, walker.typed(walker.form))
        kinds = [re.sub(r"[^A-Z ]", "", query["sql"][:40].upper()) for query in found]
        counts[name] = (len(found), tuple(kinds), Message.objects.count())
    assert len({count[:2] for count in counts.values()}) == 1
    assert Message.objects.count() == 3


def test_attack_13_sign_in_says_the_same_whatever_does_not_match(cast, time):
    texts = set()
    for member, key in (
        (ANA, "una clave equivocada"),
        (by_id("no_existe"), "una clave equivocada"),
        (by_id("clave_bloqueada"), by_id("clave_bloqueada").key),
    ):
        walker = sign_in(Walker(time), member, key)
        texts.add((walker.status, tuple(walker.errors)))
    assert texts == {(200, ("signin.no_match",))}


def test_attack_14_no_function_of_the_address_leaves_the_server(walker):
    from clavero.employers.services import contact_lookup

    walker.validate(LUIS)
    sent = str(walker.response.content) + str(walker.client.cookies)
    assert contact_lookup("email", LUIS.email) not in sent and LUIS.email not in sent
    assert "l•••@t•••.example" in walker.text


def test_attack_15_scanners_open_links_and_nothing_happens(walker, time):
    walker.validate(LUIS)
    link = walker.mail(LUIS.email).link.removeprefix("http://localhost:8000")
    for _ in range(10):
        scanner = Client()
        scanner.head(link, follow=True)
        page = scanner.get(link, follow=True)
        soup = BeautifulSoup(page.content.decode(), "html.parser")
        for form in soup.select("form"):
            fields = {
                field["name"]: field.get("value") or "1" for field in form.select("input[name]")
            }
            assert scanner.post("/empleadores/recuperar-clave/enlace/", fields).status_code in (
                200,
                410,
            )
    case = Case.objects.get()
    assert case.state == "code_sent"
    assert walker.prove(LUIS).step == "contact"


def test_attack_16_a_spoofed_forwarded_for_changes_no_bucket(cast):
    """One network with another header and another employer at every try: its own budget is spent all the same.

    An employer's own budget is none of it: nobody is tried twice.
    """

    def tried(n: int, network: str) -> int:
        asked = {"identification": made_employers.person(n), "ruc": made_employers.ruc(n), "key": "no es la clave suya"}  # fmt: skip
        client = Client(REMOTE_ADDR=network, HTTP_X_FORWARDED_FOR=f"198.51.{n}.1")
        return client.post("/entrar/", asked).status_code

    answers = [tried(n, "203.0.113.9") for n in range(130)]
    assert answers[0] == 200 and answers[-1] == 429
    assert tried(131, "203.0.114.9") == 200, "whoever asks from elsewhere is not refused"


def test_attack_17_a_double_click_on_validar_opens_one_case(walker, time):
    walker.to_check(LUIS)
    time.wait(10)
    form = walker.typed(walker.form)
    first = walker.client.post(walker.path, form)
    second = Client().post(walker.path, form, headers={"user-agent": "x"})
    assert first.headers["Location"] == second.headers["Location"] and Case.objects.count() == 1


def test_attack_17_a_double_click_on_the_code_loses_nothing(walker):
    walker.validate(LUIS)
    code, path, form = walker.mail(LUIS.email).code, walker.path, walker.typed(walker.form)
    held = walker.client.cookies["caso"].value
    walker.client.post(path, form | {"code": code})
    walker.client.cookies["caso"] = held
    again = walker.client.post(path, form | {"code": code})
    assert 'data-error="code.used"' in again.content.decode()
    assert walker.open(path).step == "contact"


def test_attack_18_a_thousand_strangers_do_not_lock_the_owner_out(cast, time):
    owner = sign_in(Walker(time), ANA, ANA.key)
    owner.client.post("/salir/")
    for n in range(120):
        stranger = Client(REMOTE_ADDR=f"198.51.{n}.7")
        stranger.post(
            "/entrar/",
            {"identification": ANA.identification, "ruc": ANA.ruc, "key": "no es la clave suya"},
        )
    assert sign_in(owner, ANA, ANA.key).path == "/cuenta/"


def test_attack_24_only_the_systems_generator_makes_secrets():
    from pathlib import Path

    for path in Path("clavero").rglob("*.py"):
        assert not re.search(
            r"^\s*(import random|from random|import uuid|from uuid)",
            path.read_text(encoding="utf-8"),
            re.M,
        ), path


def test_attack_28_every_kind_of_real_employer_passes_the_gate(walker, time):
    for name in ("domestica", "sin_modulo_11", "publica", "extranjera"):
        assert Walker(time).validate(by_id(name)).step == "code"


def test_attack_30_expired_never_looks_like_wrong(walker, time):
    walker.validate(LUIS)
    code = walker.mail(LUIS.email).code
    time.wait(29 * 60)
    walker.open(walker.path)
    time.wait(61)
    assert walker.press({"code": code}).errors == ["code.expired"]
    walker.client.post(walker.path.replace("codigo", "otro-mensaje"))
    assert walker.open(walker.path).press({"code": code}).errors == ["code.superseded"]
    assert walker.prove(LUIS).step == "contact"


def test_attack_31_a_hash_copied_into_the_victims_row_opens_nothing(cast, time):
    """The attacker is the database administrator and knows Luis's key."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT key_hash, key_mac FROM keys_account WHERE id = %s", [account(LUIS).pk]
        )
        copied = cursor.fetchone()
        cursor.execute(
            "UPDATE keys_account SET key_hash = %s, key_mac = %s WHERE id = %s",
            [*copied, account(ANA).pk],
        )
    assert sign_in(Walker(time), ANA, LUIS.key).errors == ["signin.no_match"]
    assert sign_in(Walker(time), LUIS, LUIS.key).path == "/cuenta/"


def test_attack_31_a_case_marked_as_proved_by_hand_sets_no_key(cast, time):
    """The attacker asks as Ana, proves nothing, and writes that everything was proved."""
    walker = Walker(time).validate(ANA)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE recovery_case SET state = 'contact_settled', proofs = %s, proved_at = moved_at",
            ['["contact_code", "questions"]'],
        )
    walker.open(walker.path.replace("/codigo/", "/clave/"))
    assert walker.step == "key"
    walker.press({"key": NEW_KEY})
    assert walker.status == 410 and walker.h1 == "Este caso no sirve más"
    assert sign_in(Walker(time), ANA, ANA.key).path == "/cuenta/"
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_entry WHERE body LIKE '%%case_tampered%%'")
        assert cursor.fetchone() == (1,)


def test_attack_31_a_secret_of_ones_own_copied_into_another_case_opens_it_for_nobody(cast, time):
    """The attacker prepared a visit of their own, and copies its secret into Ana's case."""
    own = Walker(time).validate(by_id("sin_correo")).to_visit("no_email")
    secret, mine = own.secret("secret"), own.path.split("/")[-3]
    victim = Walker(time).validate(by_id("ruc_suspendido")).to_visit("ruc_not_active")
    theirs = victim.path.split("/")[-3]
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret_hash FROM recovery_case WHERE ref = %s", [mine])
        (copied,) = cursor.fetchone()
        cursor.execute("UPDATE recovery_case SET secret_hash = '' WHERE ref = %s", [mine])
        cursor.execute("UPDATE recovery_case SET secret_hash = %s WHERE ref = %s", [copied, theirs])
    thief = Walker(time).open("/caso/").press({"secret": secret})
    assert thief.errors == ["case.tampered"] and theirs not in thief.path


def test_attack_31_a_link_of_ones_own_copied_into_another_case_proves_nothing(cast, time):
    """The attacker asks as Luis, whose mailbox is theirs, and copies the link into Ana's case."""
    own = Walker(time).validate(LUIS)
    link = own.mail(LUIS.email).link.removeprefix("http://localhost:8000")
    victim = Walker(time).validate(ANA)
    mine, theirs = own.path.split("/")[-3], victim.path.split("/")[-3]
    with connection.cursor() as cursor:
        cursor.execute("SELECT link_hash FROM recovery_case WHERE ref = %s", [mine])
        (copied,) = cursor.fetchone()
        cursor.execute("UPDATE recovery_case SET link_hash = '' WHERE ref = %s", [mine])
        cursor.execute("UPDATE recovery_case SET link_hash = %s WHERE ref = %s", [copied, theirs])
    thief = Walker(time).open(link).press({"identification": ANA.identification})
    assert thief.errors == ["case.tampered"] and theirs not in thief.path


def test_attack_31_a_case_spoilt_by_hand_keeps_nobody_else_from_the_key_and_is_forgotten(
    cast, time
):
    """The database administrator spoils a stranger's case of Ana's number: hers goes on."""
    from clavero.recovery import services as recovery

    Walker(time).validate(ANA)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE recovery_case SET proofs = %s", ['["contact_code"]'])
    spoilt = Case.objects.get()
    assert Walker(time).to_key(ANA).step == "key"
    time.wait(31 * 24 * 3600)
    recovery.due(clock.now())
    spoilt.refresh_from_db()
    assert spoilt.state == "expired" and spoilt.closed_at


def test_attack_31_no_fui_yo_stops_a_key_whose_case_was_spoilt_afterwards(cast, time):
    """Whoever set a key and writes in its case does not take the owner's stop away."""
    Walker(time).to_key(ANA).press({"key": NEW_KEY})
    deliver()
    told = next(
        mail.text for mail in Mail.objects.order_by("-sent_at") if "/no-fui-yo/" in mail.text
    )
    link = re.search(r"/no-fui-yo/\S+", told)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE recovery_case SET held = true")
    owner = Walker(time).open(link.group())
    assert owner.client.post("/no-fui-yo/").status_code == 200
    assert account(ANA).frozen_until > clock.now()


def account(member) -> Account:
    from clavero.core.identifiers.employer import EmployerNumber
    from clavero.keys import services as keys

    number = EmployerNumber(member.identification, member.ruc, member.branch, member.domestic)
    return Account.objects.get(username=keys.username(number))


def test_attack_32_an_address_written_into_the_victims_contact_gets_no_code(cast, time):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.id, c.value, c.mac FROM employers_contact c JOIN keys_account a ON a.employer_id = c.employer_id WHERE a.id = %s",
            [account(LUIS).pk],
        )
        _luis, value, mac = cursor.fetchone()
        cursor.execute(
            "SELECT c.id FROM employers_contact c JOIN keys_account a ON a.employer_id = c.employer_id WHERE a.id = %s",
            [account(ANA).pk],
        )
        (victim,) = cursor.fetchone()
        cursor.execute(
            "UPDATE employers_contact SET value = %s, mac = %s WHERE id = %s", [value, mac, victim]
        )
    walker = Walker(time).validate(ANA)
    assert walker.routes == {"visit", "correct_data"}
    deliver()
    assert not Mail.objects.exists()


def test_attack_33_a_rewritten_audit_is_found_against_a_head_sent_out_earlier(walker, time):
    from clavero.audit import publishing
    from clavero.audit.models import Entry
    from clavero.core import chain

    sign_in(Walker(time), ANA, ANA.key)
    head = publishing.signed_head(clock.now())
    assert publishing.is_genuine(head)
    entries = list(Entry.objects.order_by("number"))
    triggers_off()
    previous = bytes(entries[0].seal)
    with connection.cursor() as cursor:
        for entry in entries[1:]:
            body = entry.body.replace('"event":"signin"', '"event":"signin_failed"')
            previous = chain.seal(previous, body)
            cursor.execute(
                "UPDATE audit_entry SET body = %s, seal = %s WHERE number = %s",
                [body, previous, entry.number],
            )
        cursor.execute("UPDATE audit_head SET seal = %s", [previous])
    assert audit.verify().ok
    assert not audit.verify((head["number"], head["seal"])).ok


def triggers_off() -> None:
    """What only the owner of the database can do."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
        else:
            cursor.execute("DROP TRIGGER audit_entry_no_update")


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_entry SET event = 'x'", "DELETE FROM audit_entry", "DELETE FROM audit_head"],
)
def test_attack_33_entries_are_append_only_for_every_client(cast, statement):
    from django.db import DatabaseError, transaction

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_attack_34_the_demonstration_starts_only_where_it_harms_nobody():
    from clavero.demo.apps import UnsafeDemo, refuse_unsafe

    refuse_unsafe("http://localhost:8000", "django.db.backends.sqlite3")
    with pytest.raises(UnsafeDemo):
        refuse_unsafe("https://clave.instituto.example", "django.db.backends.sqlite3")
    with pytest.raises(UnsafeDemo):
        refuse_unsafe("http://localhost:8000", "django.db.backends.postgresql")


def test_attack_34_the_demonstration_refuses_an_employer_who_is_not_of_the_cast(cast):
    from clavero.demo import services
    from clavero.employers.models import Employer

    services.refuse_strangers()
    Employer.objects.create(ruc="0993370026001", ruc_lookup="x")
    with pytest.raises(services.Stranger):
        services.refuse_strangers()


def test_attack_35_the_mail_leads_with_the_link_and_says_who_asked(walker):
    walker.validate(LUIS)
    mail = walker.mail(LUIS.email)
    assert mail.text.index(mail.link) < mail.text.index(mail.code[:4])
    for words in (
        "Firefox · Android",
        "este mismo equipo",
        "no escriba este código en ninguna parte",
        "localhost:8000",
    ):
        assert words in " ".join(mail.text.split())
    assert mail.code not in mail.subject


def test_no_page_of_allauths_own_exists(cast):
    client = Client()
    for path in (
        "password/reset/",
        "signup/",
        "email/",
        "confirm-email/",
        "password/change/",
        "login/",
        "logout/",
        "inactive/",
        "reauthenticate/",
    ):
        for root in ("/", "/accounts/", "/entrar/", "/cuenta/"):
            assert client.get(root + path).status_code == 404, root + path
    assert client.get("/admin/").status_code == 404


@override_settings(ALLOWED_HOSTS=["localhost", "testserver"])
def test_every_form_of_the_cast_needs_its_token(cast):
    strict = Client(enforce_csrf_checks=True)
    for path in (
        "/empleadores/recuperar-clave/identificacion/",
        "/empleadores/recuperar-clave/validar/",
        "/entrar/",
        "/caso/",
        "/salir/",
    ):
        assert strict.post(path, {}).status_code == 403
    assert len(CAST) == 16
