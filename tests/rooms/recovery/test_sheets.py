"""The papers of a case: what they say, what they never say, the same for whoever exists or not."""

from dataclasses import replace

import pytest

from clavero import clock
from clavero.recovery import sheets, visits
from clavero.recovery.models import Case
from tests import pdfs, qr
from tests.cast import by_id
from tests.walk import Walker


@pytest.fixture
def at_visit(walker) -> Walker:
    return walker.validate(by_id("ruc_suspendido")).to_visit("no_email")


def sheet_path(walker: Walker) -> str:
    return walker.path.replace("/visita/", "/hoja/")


def test_the_sheet_shows_the_continuation_code_and_never_the_case_secret(at_visit):
    secret, continuation = at_visit.secret("secret"), at_visit.secret("continuation")
    page = sheet_path(at_visit)
    at_visit.open(page)
    assert at_visit.secret("continuation") == continuation
    assert secret not in at_visit.response.content.decode().replace(" ", "")
    answer = at_visit.client.get(page.rstrip("/") + ".pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    words = pdfs.text(answer.content).replace("\n", "")
    assert continuation in words and secret not in words
    assert "No muestre a nadie su clave de caso." in words


def test_page_pdf_and_qr_carry_the_same_code(at_visit):
    """S-026: the QR on the page and in the PDF decodes to the code that is printed beside it."""
    continuation = at_visit.secret("continuation")
    at_visit.open(sheet_path(at_visit))
    drawn = str(at_visit.page.select_one(".cl-continue__qr svg")).replace("viewbox", "viewBox")
    assert qr.decode(qr.from_svg(drawn)) == continuation
    from clavero.ui.paper import Code

    assert qr.from_svg(drawn) == qr.from_svg(Code("", continuation).drawing)


def test_a_browser_that_may_no_longer_see_the_code_is_sent_to_ask_for_another(at_visit, time):
    page = sheet_path(at_visit)
    time.wait(31 * 60)
    at_visit.open(page)
    assert at_visit.path.endswith("/visita/") and not at_visit.page.select("[data-continuation]")


def test_nobody_else_opens_the_papers_of_a_case(at_visit, time):
    page = sheet_path(at_visit)
    stranger = Walker(time)
    for path in (page, page.rstrip("/") + ".pdf"):
        assert stranger.open(path).status == 404


# --- papers to sign (F16) -------------------------------------------------------------------------------

CONTACT = {
    "email": "Marta.Nueva@casa.example",
    "mobile": "+593 99 123 4567",
    "landline": "(03) 282 1234",
    "address": "Calle Sucre 12-34, Ambato",
}


def flat(pdf: bytes) -> str:
    """The words of a PDF in one line; grouped digits joined."""
    return " ".join(pdfs.text(pdf).split())


def paper(walker: Walker, name: str) -> Walker:
    return walker.open(f"{walker.path.partition('/visita/')[0]}/papel/{name}/")


def test_the_request_has_every_field_that_the_official_page_demands_filled_in(walker):
    """DOMAIN §1.4: names, cédula, RUC, sucursal, razón social, what is asked, e-mail, address, phone, signature."""
    marta = by_id("ruc_suspendido")
    walker.validate(marta).to_visit("no_email", **CONTACT)
    paper(walker, "solicitud")
    words = flat(walker.client.get(walker.path.rstrip("/") + ".pdf").content)
    joined = words.replace(" ", "")
    for value in (
        marta.identification,
        marta.ruc,
        "0001",
        "Marta.Nueva@casa.example",
        "0991234567",
        "032821234",
    ):
        assert value in joined, value
    for label in (
        "Nombres y apellidos",
        "Razón social",
        "Qué pido",
        "Calle Sucre 12-34, Ambato",
        "Firma, a mano",
    ):
        assert label in words, label
    assert (
        "X Cambiar el correo registrado" in words
        and "X Que me atiendan con el RUC suspendido" in words
    )
    assert "X Es mi primera clave" not in words
    shown = walker.page.select_one(".cl-paper").get_text(" ")
    for value in ("Marta.Nueva@casa.example", "0991234567", "Calle Sucre 12-34, Ambato"):
        assert value in shown


def test_a_name_that_only_the_register_knows_stands_on_no_paper_before_proof(walker):
    marta = by_id("ruc_suspendido")
    walker.validate(marta).to_visit("first_key", **CONTACT)
    case = Case.objects.get()
    assert case.employer and case.employer.name == marta.name
    for code in ("request", "agreement", "authorisation"):
        assert marta.name not in str(sheets.to_sign(code, case)), code


@pytest.mark.parametrize(
    "situation", ["first_key", "no_email", "representative_changed", "unknown"]
)
def test_whoever_exists_or_not_the_papers_are_the_same_byte_for_byte(cast, time, situation):
    """S-056 for paper: same declared answers, same bytes; numbers and case number are the asker's own."""
    from clavero.ui.paper import pdf

    made = {}
    for name in ("en_orden", "primera_clave", "sin_correo", "nobody"):
        member = by_id("en_orden" if name == "nobody" else name)
        member = replace(member, branch="0099") if name in ("en_orden", "nobody") else member
        member = replace(member, ruc="2499099999001") if name == "nobody" else member
        time.ahead = 0.0
        Walker(time).validate(member).to_visit(situation, **CONTACT)
        case = Case.objects.latest("opened_at")
        case.number, case.identification, case.ruc, case.branch = (
            "26-1",
            "2450061920",
            "2450061920001",
            "0001",
        )
        papers = [sheets.to_sign(code, case) for code in sheets.papers.SHEETS]
        papers.append(sheets.visit_sheet(case, "4K7QM3PTX9RWC2HD", sheets.papers_of(case)))
        made[name] = [pdf(one) for one in papers]
    assert all(found == made["nobody"] for found in made.values())


def test_every_paper_to_sign_fits_one_sheet(walker):
    from clavero.ui.paper import pdf

    long = {"email": "x" * 60 + "@" + "y" * 60 + ".example", "address": "Muy larga " * 16}
    walker.validate(by_id("primera_clave")).to_visit("first_key", **long)
    visits.say_who_goes(Case.objects.get(), "third_party", clock.now())
    case = Case.objects.get()
    for code in sheets.papers.SHEETS:
        made = pdf(sheets.to_sign(code, case))
        assert made.count(b"/Type/Page/") == 1, code


def test_who_goes_decides_which_papers_there_are(walker):
    walker.validate(by_id("primera_clave")).to_visit("first_key")
    assert "autorización a tercero" not in walker.text.lower()
    walker.open(walker.page.select_one("a[href$='quien-va/']")["href"])
    assert walker.press({}).errors == ["field.choose"]
    walker.press({"situation": "third_party"})
    assert "Autorización a tercero" in paper(walker, "autorizacion").h1
    walker.open(walker.path.partition("/papel/")[0] + "/quien-va/")
    walker.press({"situation": "self"})
    assert walker.path.endswith("/visita/") and Case.objects.get().declared == ["first_key"]
    assert paper(walker, "autorizacion").path.endswith("/visita/")


def test_a_liquidator_writes_to_the_provincial_director(walker):
    walker.validate(by_id("ruc_suspendido")).to_visit("unknown")
    visits.say_who_goes(Case.objects.get(), "liquidator", clock.now())
    assert "Dirección Provincial" in str(sheets.to_sign("request", Case.objects.get()))


# --- contact data, once (S-113, S-116) -----------------------------------------------------------------------


def test_contact_data_are_asked_once_and_can_be_looked_over_and_changed(walker, time):
    walker.validate(by_id("ruc_suspendido")).press({"situation": "no_email"})
    assert walker.step == "contact"
    walker.press({"email": "mal", "address": "Calle Una"})
    assert walker.errors == ["email.shape"] and walker.typed(walker.form)["address"] == "Calle Una"
    walker.press(CONTACT)
    secret = walker.secret("secret")
    other = Walker(time).open("/caso/").press({"secret": secret})
    assert other.path.endswith("/visita/")
    paper(other, "solicitud")
    other.open(other.page.select_one("a[href$='sus-datos/']")["href"])
    assert other.typed(other.form)["email"] == "Marta.Nueva@casa.example"
    other.press({"mobile": "0987654321"})
    assert "0987654321" in paper(other, "solicitud").text


def test_contact_data_are_sealed_and_in_no_register(walker):
    from django.db import connection

    from clavero.employers.models import Contact

    before = Contact.objects.count()
    walker.validate(by_id("ruc_suspendido")).to_visit("no_email", **CONTACT)
    with connection.cursor() as cursor:
        cursor.execute("SELECT contact_data FROM recovery_case")
        stored = cursor.fetchone()[0]
    assert "casa.example" not in stored and "Ambato" not in stored
    assert Contact.objects.count() == before


def test_what_was_typed_online_is_not_asked_again_on_the_way_to_a_visit(walker):
    from clavero.recovery import queries

    luis = by_id("tres_sucursales")
    walker.validate(luis).prove(luis)
    walker.press({"email": "otro@casa.example"})
    case = Case.objects.get()
    assert queries.contact_data(case)["email"] == "otro@casa.example"


def test_once_the_desk_has_the_case_its_contact_data_stand(walker):
    from django.db import transaction

    walker.validate(by_id("ruc_suspendido")).to_visit("no_email", **CONTACT)
    case = visits.by_continuation(walker.secret("continuation"), clock.now())
    with transaction.atomic():
        visits.arrive(case, staff=1, centre="ambato", now=clock.now())
    base = walker.path.partition("/visita/")[0]
    walker.client.post(f"{base}/sus-datos/", {"email": "ladron@otro.example"})
    assert sheets.queries.contact_data(Case.objects.get())["email"] == "Marta.Nueva@casa.example"
    walker.open(f"{base}/papel/solicitud/")
    assert walker.h1 == "Solicitud para empleador" and not walker.page.select(
        "a[href$='sus-datos/']"
    )


def test_with_an_appointment_the_sheet_says_where_and_when(walker):
    from tests.stories.test_booking import times, to_slots

    to_slots(walker).press({"slot": times(walker, "ambato")[-1]})
    assert walker.form.select_one("[name=email]")["value"] == ""
    walker.press(button="no_access")
    walker.open(walker.path.partition("/turno/")[0] + "/hoja/")
    assert "(por confirmar)" in walker.text and "Ambato" in walker.text
    assert "Aún no tiene turno" not in walker.text


def test_the_address_given_once_stands_in_the_field_of_the_appointments_code(walker):
    from tests.stories.test_booking import times

    walker.validate(by_id("ruc_suspendido")).to_visit("unknown", **CONTACT)
    walker.open(walker.page.select_one("a[href$='/turno/']")["href"])
    walker.press({"slot": times(walker)[0]})
    assert walker.typed(walker.form)["email"] == "Marta.Nueva@casa.example"


# --- following a case (B17) -----------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["at_desk", "observed", "in_review", "frozen"])
def test_following_a_case_says_where_it_is_and_what_comes_next(walker, state):
    walker.validate(by_id("ruc_suspendido")).to_visit("no_email")
    Case.objects.update(state=state, frozen_until=clock.now(), observed_until=clock.now().date())
    walker.open(walker.path.replace("/visita/", "/estado/"))
    assert walker.page.select_one("[data-next]").get_text().strip()
    assert "Empezar de nuevo" not in walker.text and walker.h1.startswith("Caso ")
