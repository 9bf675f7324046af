"""English pages hold no Spanish, Spanish pages no English; the catalogues are complete."""

import ast
import gettext
import re
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, NavigableString

from clavero.demo.staff import STAFF
from tests.cast import by_id
from tests.walk import NEW_KEY, Walker

ROOT = Path(__file__).resolve().parents[2]
SPANISH = re.compile(
    r"\b(el|la|los|las|de|del|que|su|sus|una|para|con|clave|correo|usted|cómo|qué|sin|más)\b|[ñ¿]",
    re.I,
)
ENGLISH = re.compile(r"\b(the|of|your|you|with|for|and|is|that|key|what|how|sign|please)\b", re.I)
NAMES = ("Instituto", "Seguridad Social", "cédula", "RUC", "sucursal", "Clavero", "localhost")


def visible(soup: BeautifulSoup, other: str) -> list[str]:
    """The texts of a page, without those that say they are in the other language, and without names."""
    found = []
    for text in soup.body.find_all(string=True):
        if (
            not isinstance(text, NavigableString)
            or text.parent.name in ("script", "style")
            or not text.strip()
        ):
            continue
        if any(parent.get("lang", "").startswith(other) for parent in text.parents):
            continue
        if any(
            parent.get("class") and set(parent["class"]) & {"cl-offer__words", "cl-demo"}
            for parent in text.parents
        ):
            continue
        found.append(text.strip())
    return found


def check(page: BeautifulSoup, lang: str, place: str, names: set[str] = frozenset()) -> None:
    foreign, other = (SPANISH, "es") if lang == "en" else (ENGLISH, "en")
    member_names = {member.name for member in map(by_id, ("en_orden", "ruc_suspendido"))}
    for text in visible(page, other):
        plain = text
        for name in (*NAMES, *member_names, *names):
            plain = plain.replace(name, "")
        assert not foreign.search(plain), f"{place}: {text[:120]}"


PAGES = ("/", "/tramites/", "/tramites/empleadores/", "/empleadores/recuperar-clave/", "/ayuda/", "/es-de-verdad/", "/entrar/",
         "/caso/", "/datos-personales/", "/accesibilidad/", "/seguridad/", "/reclamos/", "/empleadores/recuperar-clave/identificacion/")  # fmt: skip


@pytest.mark.parametrize("lang", ["es", "en"])
def test_plain_pages_speak_one_language(cast, time, lang):
    walker = Walker(time, lang)
    for path in PAGES:
        walker.open(walker.prefix + path)
        assert walker.status == 200 and walker.page.html["lang"].startswith(lang)
        check(walker.page, lang, path)
        assert len(walker.page.select(f"a[hreflang={'es' if lang == 'en' else 'en'}]")) == 1


@pytest.mark.parametrize("lang", ["es", "en"])
def test_the_road_speaks_one_language(cast, time, lang):
    ana, walker = by_id("en_orden"), Walker(time, lang)
    walker.open(f"{walker.prefix}/empleadores/recuperar-clave/identificacion/").press(
        {"identification": "1"}
    )
    check(walker.page, lang, "who, wrong")
    walker.to_check(ana)
    check(walker.page, lang, "check")
    walker.validate(ana)
    check(walker.page, lang, "code")
    walker.press({"code": "AAAA"})
    check(walker.page, lang, "code, wrong")
    walker.prove(ana)
    while walker.step == "question":
        check(walker.page, lang, "question")
        walker.press({"answer": ana.facts[walker.page.select_one("[data-fact]")["data-fact"]]})
    check(walker.page, lang, "contact")
    check(walker.press().page, lang, "key")
    check(walker.press({"key": "corta"}).page, lang, "key, short")
    check(walker.press({"key": NEW_KEY}).page, lang, "test")
    check(walker.press({"key": NEW_KEY}).page, lang, "done")
    for path in ("/cuenta/", "/cuenta/clave/", "/salir/"):
        check(walker.open(walker.prefix + path).page, lang, path)


@pytest.mark.parametrize("lang", ["es", "en"])
def test_the_visit_speaks_one_language(cast, time, lang):
    walker = Walker(time, lang).validate(by_id("ruc_suspendido"))
    check(walker.page, lang, "situation")
    check(walker.press({"situation": "no_email"}).page, lang, "contact data")
    check(walker.press({"email": "x"}).page, lang, "contact data, a slip")
    check(walker.press({"email": "nuevo@casa.example"}).page, lang, "visit")
    for part in ("hoja", "papel/solicitud", "quien-va", "sus-datos"):
        walker.open(
            walker.path.partition("/caso/")[0]
            + "/caso/"
            + walker.path.split("/caso/")[1][:8]
            + f"/{part}/"
        )
        check(walker.page, lang, part)


@pytest.mark.parametrize("lang", ["es", "en"])
def test_the_desk_speaks_one_language(cast, time, lang):
    """The people of the desk and what they sign with; a code that is wrong, a page that is another's."""
    from tests.staff import enter, person

    names = {clerk.name for clerk in STAFF} | {"veronica", "ambato", "guayaquil", "puerto"}
    walker = Walker(time, lang)
    mesa = f"{walker.prefix}/mesa"
    for path in ("entrar/", "alta/"):
        check(walker.open(f"{mesa}/{path}").page, lang, path, names)
        check(walker.press().page, lang, f"{path}, empty", names)
    walker = enter(time, "olga", lang)
    one = f"personal/{person('veronica').number}/"
    paths = [
        "datos/",
        "datos/anotar/",
        "cartas/",
        "",
        "personal/",
        "personal/alta/",
        one,
        "altas/",
        "llaves/",
        "nada/",
        "visita/1/",
    ]
    for path in paths + [one + end for end in ("centro/", "capacitacion/", "llaves/", "salida/")]:
        check(walker.open(f"{mesa}/{path}").page, lang, path, names)
    walker.client.post(f"{mesa}/bloquear/")
    check(walker.open(f"{mesa}/").page, lang, "locked", names)


def test_the_mail_says_both_and_the_persons_own_first(cast, time):
    luis = by_id("tres_sucursales")
    walker = Walker(time, "en").validate(luis)
    text = walker.mail(luis.email).text
    assert text.index("Carry on with your employer key") < text.index(
        "Siga con su clave de empleador"
    )


@pytest.mark.gettext
def test_the_catalogues_are_complete_and_fresh():
    done = subprocess.run(
        [sys.executable, "scripts/messages.py", "--check"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def asked_of_the_catalogue() -> set[str]:
    """Every fixed sentence that the code asks in English, whatever it stands in: xgettext overlooks f-strings."""
    calls = [
        node
        for path in (ROOT / "clavero").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("_", "gettext", "_noop")
    ]
    return {
        one.args[0].value for one in calls if one.args and isinstance(one.args[0], ast.Constant)
    }


def test_no_sentence_of_the_code_is_missed_because_of_what_it_stands_in():
    catalogues = {**gettext.translation("django", str(ROOT / "clavero" / "locale"), ["en"])._catalog,
                  **gettext.translation("words", str(ROOT / "clavero" / "locale"), ["en"])._catalog}  # fmt: skip
    assert asked_of_the_catalogue() - catalogues.keys() == set()
