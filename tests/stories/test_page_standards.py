"""What the patterns of public services ask of our pages and notices (STANDARDS, L and M)."""

import pytest

from clavero.notices import letters
from tests.cast import by_id
from tests.rooms.notices.test_outbox import PAYLOAD
from tests.walk import Walker

LUIS, MARTA, ROSA = map(by_id, ("tres_sucursales", "ruc_suspendido", "primera_clave"))
PAGES = ("/", "/empleadores/recuperar-clave/", "/empleadores/recuperar-clave/identificacion/", "/guia/", "/guia/tabla/", "/precheck/",
         "/caso/", "/citas/", "/entrar/", "/ayuda/", "/nada/")  # fmt: skip


@pytest.mark.parametrize("kind", sorted(set(letters.KINDS) - {letters.VOID}))
@pytest.mark.parametrize("lang", ["es", "en"])
def test_every_message_says_what_to_do_if_it_was_not_you(kind, lang):
    """S-082: a way that needs no sign-in, the freezing link or our number."""
    blocks = letters.write(kind, PAYLOAD, lang).blocks
    said = " ".join(block.text for block in blocks)
    links = [block.url for block in blocks]
    assert any(word in said for word in ("fue usted", "No fui yo", "Wasn't it you", "It was not me"))  # fmt: skip
    assert PAYLOAD["not_me"] in links or letters.profile().institution.help_phone in said


def help_of(walker: Walker) -> list[str]:
    """What the help offers and where: after the main part, before the foot."""
    landmarks = [tag.name for tag in walker.page.select("main, aside.cl-help, footer")]
    assert landmarks == ["main", "aside", "footer"], walker.path
    return [item.get_text(" ", strip=True) for item in walker.page.select("aside.cl-help > * > *, aside.cl-help > *")]  # fmt: skip


def test_help_stands_in_the_same_place_and_order_on_every_page(cast, time):
    """S-119: number, what a message means, centres."""
    found = [help_of(Walker(time).open(path)) for path in PAGES]
    on_the_road = Walker(time).validate(ROSA)
    assert found[0] and all(one == found[0] for one in [*found, help_of(on_the_road)])


def test_a_ruc_that_is_not_active_is_a_page_with_next_steps_and_no_error(walker):
    """S-124: nobody did anything wrong."""
    walker.validate(MARTA)
    assert walker.errors == [] and walker.status == 200
    walker.to_visit("ruc_not_active")
    assert walker.errors == [] and walker.h1 == "Necesita ir una vez a un centro"
    assert "Qué hacer" in walker.text and walker.page.select_one("a[href$='/turno/']")


def test_the_last_page_has_number_next_date_help_and_paper_and_can_be_opened_again(walker, time):
    """S-125: and whoever opens its bookmark later is told where to go."""
    walker.to_key(LUIS).finish()
    assert walker.h1 == "Acceso comprobado"
    assert "El caso 26-" in walker.text and "Sus próximos aportes vencen" in walker.text
    assert walker.page.select_one("[data-print]") and walker.page.select_one("aside.cl-help")
    done = walker.path
    assert walker.open(done).h1 == "Acceso comprobado"
    stranger = Walker(time).open(done)
    assert stranger.status < 500 and stranger.page.select("main a[href]")


def test_where_a_message_is_awaited_another_one_and_another_way_are_always_there(walker, time):
    """S-126: also after a wrong code, and when its time is past."""
    walker.validate(LUIS)
    for typed in ("", "AAAAAAAA"):
        walker.press({"code": typed})
        names = {button.get_text(strip=True) for button in walker.page.select("main button")}
        assert {"Enviar otro mensaje", "Ya no tengo ese correo"} <= names
    link = walker.mail(LUIS.email).link.removeprefix("http://localhost:8000")
    time.wait(31 * 60)
    late = Walker(time).open(link)
    assert late.page.select("main a[href], main button"), late.text


def test_what_is_made_ready_for_a_visit_is_found_again_with_the_case_secret(walker, time):
    """S-127: save and return; the papers may be ticked in any order, each with its state."""
    walker.validate(ROSA).to_visit("first_key")
    secret, number = walker.secret("secret"), walker.page.select_one("h1").text
    back = Walker(time).open("/caso/").press({"secret": secret})
    assert back.page.select_one("h1").text == number
    back.open(back.path.replace("/visita/", "/papeles/"))
    assert len(back.page.select("main input[type=checkbox]")) >= 2
