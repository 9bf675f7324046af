"""Online → desk → online: one visit, two officers, three windows, and only what the pages say."""

import re

from clavero.recovery.models import Case
from tests import staff
from tests.cast import by_id
from tests.walk import NEW_KEY, Walker, sign_in

JORGE, JULIA = by_id("domestica"), by_id("sin_correo")


class Desk:
    """A window of the desk: it reads labels and buttons, and presses what they say."""

    def __init__(self, time, name: str) -> None:
        self.walker = staff.enter(time, name)

    @property
    def text(self) -> str:
        return self.walker.text

    def press(self, words: str, **fields: str) -> "Desk":
        """Press the button that says `words`, with what was typed."""
        page = self.walker.page
        button = next(b for b in page.select("form button") if words in b.get_text(" ", strip=True))
        form = button.find_parent("form")
        typed = self.walker.typed(form)
        for radio in form.select("input[type=radio][checked]"):
            typed[radio["name"]] = radio["value"]
        if button.get("name"):
            typed[button["name"]] = button.get("value", "")
        address = form.get("action") or self.walker.path
        self.walker._land(
            self.walker.client.post(address, typed | fields, follow=True), self.walker.path
        )
        return self

    def follow(self, words: str) -> "Desk":
        link = next(a for a in self.walker.page.select("main a") if words in a.get_text(" "))
        self.walker.open(link["href"])
        return self

    def mark_everything_seen(self, reason: str) -> "Desk":
        names = {
            radio["name"] for radio in self.walker.page.select(".cl-evidence input[type=radio]")
        }
        return self.press("Guardar y seguir", reason=reason, **dict.fromkeys(names, "seen"))


def prepare(time, member, situation) -> tuple[Walker, str, str]:
    home = Walker(time).validate(member)
    if home.step == "code":
        home.press(button="no_access")
    home.to_visit(situation)
    return home, home.secret("secret"), home.secret("continuation")


def test_a_domestic_employer_with_a_lost_mail_from_the_first_page_to_a_tested_key(counter, time):
    officer, second = counter
    _, secret, code = prepare(time, JORGE, "no_email")

    officer.press("Abrir", continuation=code)
    assert "Qué decir" in officer.text and "Aprobar está bloqueado" in officer.text
    officer.follow("Cambiar el correo registrado")
    officer.press("Anotar la corrección", value="jorge.nuevo@alero.example")
    officer.mark_everything_seen("Perdió el correo.")
    officer.press("Pedir la segunda aprobación")
    assert "Espera la segunda aprobación" in officer.text

    second.walker.open("/mesa/")
    assert "Le toca decidir" in second.text
    second.follow("Ver").follow("Decidir")
    assert "jorge.nuevo@alero.example" in second.text and JORGE.name in second.text
    second.press("Firmar la decisión", decision="approved", code=staff.next_code(time, "beatriz"))
    assert "No hay nada para decidir" in second.text

    officer.follow("Ver si ya decidió").press("Entregar el código")
    binding = officer.walker.page.select_one("[data-binding]").get_text("").replace(" ", "")
    assert secret not in officer.walker.page.decode()

    phone = Walker(time).open("/caso/").press({"secret": secret})
    assert phone.h1 == "Escriba el código del centro"
    phone.press({"code": binding}).press({"key": NEW_KEY}).press({"key": NEW_KEY})
    assert phone.h1 == "Acceso comprobado"
    officer.follow("Seguir").press("Terminar la atención")
    assert officer.walker.h1 == "Acta de la atención"
    assert sign_in(Walker(time), JORGE, NEW_KEY).path == "/cuenta/"


def handed(officer, second, time, code: str) -> str:
    """The case of this continuation code, seen, decided by a second person and approved: the code that is handed over."""
    officer.press("Abrir", continuation=code).mark_everything_seen("Perdió el correo.")
    officer.press("Pedir la segunda aprobación")
    second.walker.open("/mesa/decidir/")
    second.follow("Decidir")
    second.press("Firmar la decisión", decision="approved", code=staff.next_code(time, "beatriz"))
    officer.follow("Ver si ya decidió").press("Entregar el código")
    return officer.walker.page.select_one("[data-binding]").get_text("").replace(" ", "")


def test_the_code_of_the_desk_does_not_follow_the_case_secret_to_another_browser(counter, time):
    """Either alone is refused, also after the other was typed somewhere else."""
    officer, second = counter
    _, secret, code = prepare(time, JORGE, "no_email")
    binding = handed(officer, second, time, code)
    thief = Walker(time).open("/caso/").press({"secret": secret})
    phone = Walker(time).open("/caso/").press({"secret": secret}).press({"code": binding})
    assert phone.step == "key"
    assert thief.open(phone.path).step != "key"
    again = phone.open("/caso/").press({"secret": secret})
    assert again.step == "key"
    thief.open("/caso/").press({"secret": secret})
    assert thief.h1 == "Escriba el código del centro"
    assert thief.press({"code": binding}).errors == ["binding.none"]
    thief.open(phone.path)
    assert thief.step != "key"


def test_who_comes_on_duty_decides_at_once_what_waited_for_somebody(cast, time):
    """In the order in which the demonstration tells it: the second person comes last, and waits for no worker."""
    officer = Desk(time, "veronica")
    officer.press("Empezar a atender", counter="3")
    _, _, code = prepare(time, JORGE, "no_email")
    officer.press("Abrir", continuation=code).mark_everything_seen("Perdió el correo.")
    officer.press("Pedir la segunda aprobación")
    second = Desk(time, "beatriz")
    second.press("Empezar a atender", counter="1")
    assert "Le toca decidir" in second.text
    second.follow("Ver").follow("Decidir")
    assert JORGE.name in second.text


def test_an_officer_needs_few_pages_and_every_page_says_one_thing_to_do(counter, time):
    """Under four minutes by the page alone: fewer than ten pages, one filled button on each."""
    officer, second = counter
    _, _, code = prepare(time, JORGE, "no_email")
    pages = []

    def seen() -> None:
        filled = [
            b.get_text(" ", strip=True)
            for b in officer.walker.page.select("main .govuk-button, .cl-scan .govuk-button")
            if not {"govuk-button--secondary", "govuk-button--warning"} & set(b["class"])
        ]
        pages.append(filled)

    officer.press("Abrir", continuation=code)
    seen()
    officer.mark_everything_seen("Perdió el correo.")
    seen()
    officer.press("Pedir la segunda aprobación")
    seen()
    second.walker.open("/mesa/decidir/")
    second.follow("Decidir").press(
        "Firmar la decisión", decision="approved", code=staff.next_code(time, "beatriz")
    )
    officer.follow("Ver si ya decidió")
    seen()
    officer.press("Entregar el código")
    seen()
    officer.follow("Seguir")
    seen()
    assert len(pages) < 10
    assert all(len(filled) == 1 for filled in pages), pages


def test_what_is_typed_at_the_desk_that_is_no_code_gets_one_sentence(counter, time):
    officer, _ = counter
    _, secret, code = prepare(time, JULIA, "no_email")
    for typed, said in (
        ("", "Escriba o escanee"),
        (secret, "clave de caso, que es solo de la persona"),
        ("K7QM3PTX", "código de 8"),
        ("0" * 16, "no abre ningún caso"),
        ("🔑" * 40, "16 letras y números"),
    ):
        officer.walker.open("/mesa/")
        officer.press("Abrir", continuation=typed)
        assert officer.walker.status == 200 and said in officer.text, typed
    officer.walker.open("/mesa/")
    officer.press("Abrir", continuation=f" {code[:4].lower()}-{code[4:].replace('0', 'O')} ")
    assert "Evidencia" in officer.text


def test_no_search_by_number_or_name_exists_at_the_desk(counter, time):
    officer, _ = counter
    prepare(time, JULIA, "no_email")
    for typed in (JULIA.ruc, JULIA.identification, JULIA.name):
        officer.walker.open("/mesa/")
        officer.press("Abrir", continuation=typed)
        assert "Evidencia" not in officer.text
    assert Case.objects.get().state == "visit_needed"


def test_the_page_after_a_discreet_flag_is_the_page_before(counter, time):
    officer, _ = counter
    _, _, code = prepare(time, JULIA, "no_email")
    officer.press("Abrir", continuation=code)

    def plain() -> str:
        page = re.sub(r'value="[^"]{30,}"', "", str(officer.walker.page.main))
        return re.sub(r"\d+:\d\d|data-session-seconds=.\d+.", "", page)

    before = plain()
    officer.press("Pedir una revisión")
    assert plain() == before and Case.objects.get().held


def test_the_binding_code_in_the_officers_own_window_sets_no_key(counter, time):
    officer, second = counter
    _, secret, code = prepare(time, JULIA, "no_email")
    officer.press("Abrir", continuation=code)
    officer.mark_everything_seen("Sin correo.").press("Pedir la segunda aprobación")
    second.walker.open("/mesa/decidir/")
    second.follow("Decidir").press(
        "Firmar la decisión", decision="approved", code=staff.next_code(time, "beatriz")
    )
    officer.follow("Ver si ya decidió").press("Entregar el código")
    officer.walker.open("/caso/").press({"secret": secret})
    assert officer.walker.status == 403
    assert Case.objects.get().key_set_at is None


def test_a_person_comes_back_with_what_was_missing_without_another_queue(counter, time):
    officer, _ = counter
    _, _, code = prepare(time, JULIA, "no_email")
    officer.press("Abrir", continuation=code)
    officer.press("Guardar y seguir", m_request="observed", reason="Sin correo.")
    assert "counter.note_needed" in officer.walker.errors
    officer.press(
        "Guardar y seguir", m_request="observed", n_request="Falta la firma.", reason="Sin correo."
    )
    officer.press("Falta algo: que vuelva")
    assert "Falta la firma." in officer.text and "No hace otra fila" in officer.text
    officer.walker.open("/mesa/")
    officer.press("Abrir", continuation=code)
    assert "Evidencia" in officer.text


def test_walk_ins_get_a_number_and_are_called(counter, time):
    officer, _ = counter
    visitor = Walker(time).open("/quiosco/ambato/numero/")
    given = visitor.client.post(visitor.path, {"continuation": ""}, follow=True)
    visitor._land(given, visitor.path)
    assert "Su número B01" in visitor.text
    officer.walker.open("/mesa/")
    assert "B01" in officer.text
    officer.press("Llamar al siguiente")
    board = Walker(time).open("/mesa/tablero/ambato/")
    assert "B01" in board.text and "3" in board.text
    officer.press("Atendido")
    assert "No hay personas esperando." in officer.text
    officer.press("Llamar al siguiente")
    assert officer.walker.errors == ["queue.empty"]


def test_the_whole_desk_speaks_english_too(counter, time):
    from tests.house.test_languages import check

    _, _, code = prepare(time, JORGE, "no_email")
    officer = counter[0].walker
    officer.open("/en/mesa/")
    check(officer.page, "en", "day")
    page = officer.client.post("/en/mesa/abrir/", {"continuation": code}, follow=True)
    officer._land(page, "/en/mesa/abrir/")
    check(officer.page, "en", "visit")
    for path in (
        "sin-codigo",
        "levantar",
        "revisiones",
        "papel",
        "papel/pasar",
        "dia",
        "recuento",
        "decidir",
    ):
        officer.open(f"/en/mesa/{path}/")
        check(officer.page, "en", path)
