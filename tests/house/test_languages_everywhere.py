"""A crawl of /en/ finds no Spanish, a crawl of / no English; nor do the pages that nobody wants to see."""

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from clavero import clock
from clavero.recovery import services
from clavero.recovery.models import Case
from tests.cast import by_id
from tests.house.test_languages import check
from tests.walk import NEW_KEY, Walker, as_if, sign_in

pytestmark = pytest.mark.parametrize("lang", ["es", "en"])
ANA, LUIS, JORGE, ROSA = map(by_id, ("en_orden", "tres_sucursales", "domestica", "primera_clave"))
START = "/empleadores/recuperar-clave/"


def home(lang: str) -> str:
    return "/en/" if lang == "en" else "/"


def test_every_page_that_links_lead_to_speaks_one_language(cast, lang):
    seen, waiting, client = set(), [home(lang)], Client()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        answer = client.get(path, follow=True)
        if not answer.headers["Content-Type"].startswith("text/html"):
            continue
        page = BeautifulSoup(answer.content.decode(), "html.parser")
        assert answer.status_code == 200, path
        check(page, lang, path)
        for link in page.select("a[href^='/']:not([hreflang])"):
            there = link["href"].partition("#")[0]
            in_this = there.startswith("/en/") == (lang == "en")
            assert in_this or there.startswith(("/demo/", "/static/")), (path, there)
            if not there.startswith(("/demo/", "/static/")):
                waiting.append(there)
    assert len(seen) > 12


def page_of(answer) -> BeautifulSoup:
    return BeautifulSoup(answer.content.decode(), "html.parser")


def test_the_pages_for_when_something_fails(cast, lang, monkeypatch):
    prefix = home(lang).rstrip("/")
    strict = Client(enforce_csrf_checks=True, raise_request_exception=False)
    who = f"{prefix}{START}identificacion/"
    answers = {
        400: strict.get(f"{prefix}/", headers={"host": "evil.example"}),
        403: strict.post(who, {}),
        404: strict.get(f"{prefix}/nada/"),
        405: Client().put(f"{prefix}{START}"),
    }
    monkeypatch.setattr("clavero.recovery.views.opening.handles.draft", lambda request: 1 / 0)
    answers[500] = strict.get(who)
    for status, answer in answers.items():
        assert answer.status_code == status and answer.content, status
        if status != 400:  # where the address itself is not ours, there is no language in it
            assert page_of(answer).html["lang"].startswith(lang), status
            check(page_of(answer), lang, str(status))


def test_too_often(cast, time, lang):
    walker = Walker(time, lang)
    for _ in range(200):
        walker.to_check(LUIS)
        if walker.status == 429:
            break
    assert walker.status == 429 and walker.page.select_one("[data-wait]")
    check(walker.page, lang, "429")


def test_the_ways_in_which_a_link_is_gone(cast, time, lang):
    walker = Walker(time, lang).validate(LUIS)
    mail = walker.mail(LUIS.email)
    other = Walker(time, lang)
    other.open(mail.link.removeprefix("http://localhost:8000"))
    check(other.page, lang, "link, elsewhere")
    check(other.press({"identification": ANA.identification}).page, lang, "link, another number")
    path = walker.path
    walker.prove(LUIS)
    check(other.open(other.path).page, lang, "link, used")
    check(Walker(time, lang).open(path).page, lang, "not here")
    walker.client.cookies["caso"] = walker.client.cookies["caso"].value
    check(
        Walker(time, lang).open(f"{home(lang).rstrip('/')}{START}correo/").page,
        lang,
        "confirm, no token",
    )


def test_the_code_expired_superseded_used_and_spent(cast, time, lang):
    walker = Walker(time, lang).validate(LUIS)
    code, path, held = (
        walker.mail(LUIS.email).code,
        walker.path,
        walker.client.cookies["caso"].value,
    )
    time.wait(31 * 60)
    check(walker.open(path).press({"code": code}).page, lang, "expired")
    walker.client.post(path.replace("codigo", "otro-mensaje"))
    check(walker.open(path).press({"code": code}).page, lang, "superseded")
    fresh = walker.mail(LUIS.email).code
    form = walker.typed(walker.form)
    walker.client.post(path, form | {"code": fresh})
    walker.client.cookies["caso"] = held
    check(page_of(walker.client.post(path, form | {"code": fresh})), lang, "used")
    spent = Walker(time, lang).validate(JORGE)
    for _ in range(6):
        spent.press({"code": "ZZZZZZZZ"})
    check(spent.page, lang, "no tries left")


def test_half_an_hour_later(cast, time, lang):
    walker = Walker(time, lang).to_key(LUIS)
    time.wait(31 * 60)
    check(walker.open(walker.path).page, lang, "lapsed")
    signed = sign_in(Walker(time, lang), ANA, ANA.key)
    time.wait(31 * 60)
    check(signed.open(signed.path).page, lang, "session over")


def test_how_a_case_stands(cast, time, lang):
    walker = Walker(time, lang).validate(LUIS)
    for state in ("cancelled", "expired", "superseded", "refused", "closed_unfinished"):
        Case.objects.update(state=state, closed_at=clock.now())
        check(walker.open(walker.path).page, lang, state)
    as_if(Case.objects.get(), state="code_sent", closed_at=None)
    with pytest.raises(Exception, match="evidence.not_sufficient"):
        services.keep_key(Case.objects.get(), clock.now())


def test_the_account_with_everything_that_happened(cast, time, lang):
    walker = Walker(time, lang).to_key(by_id("clave_bloqueada"))
    check(walker.page, lang, "keep or change")
    walker.press(button="keep_key").press({"key": by_id("clave_bloqueada").key})
    check(walker.press(button="save_code").page, lang, "saved code")
    prefix = home(lang).rstrip("/")
    check(walker.open(f"{prefix}/cuenta/").page, lang, "account")
    for part in ("", "pedir/", "copia/"):
        check(walker.open(f"{prefix}/cuenta/datos/{part}").page, lang, f"your data {part}")
    check(
        walker.open(f"{prefix}/cuenta/clave/").press({"current": "x", "key": NEW_KEY}).page,
        lang,
        "wrong current",
    )
    check(
        walker.open(f"{prefix}/entrar/").press({"identification": "1", "key": "x"}).page,
        lang,
        "sign-in, wrong",
    )


def test_contact_data_and_their_confirmation(cast, time, lang):
    walker = Walker(time, lang).validate(LUIS).prove(LUIS)
    wrong = {"email": "luis@gmial.com", "mobile": "022345678", "landline": "0991234567"}
    check(walker.press(wrong).page, lang, "contact, wrong")
    walker.press({"email": "nuevo@correo.example", "mobile": "", "landline": ""})
    link = walker.mail("nuevo@correo.example").link.removeprefix("http://localhost:8000")
    other = Walker(time, lang).open(link)
    check(other.page, lang, "confirm")
    check(other.press().page, lang, "confirmed")


def test_every_refusal_at_every_field(cast, time, lang):
    prefix = home(lang).rstrip("/")
    walker = Walker(time, lang)
    for typed in (
        "",
        "1",
        "abc!",
        "9999999999",
        "2453622208",
        "2,45E+09",
        "245362220",
        "x" * 11_000,
        "12\x0034",
    ):
        check(
            walker.open(f"{prefix}{START}identificacion/").press({"identification": typed}).page,
            lang,
            f"who {typed[:12]!r}",
        )
    walker.open(f"{prefix}{START}identificacion/").press({"identification": ANA.identification})
    for ruc, branch in (
        ("", ""),
        ("12", "x"),
        ("9999999999999", "00001"),
        ("2453622207000", "2"),
        ("993370026001", "1-2"),
        ("2473622207001", "0"),
    ):
        check(
            walker.open(f"{prefix}{START}numero/").press({"ruc": ruc, "branch": branch}).page,
            lang,
            f"number {ruc}",
        )


def test_the_visit_with_every_situation(cast, time, lang):
    for said in ("first_key", "representative_changed", "no_email", "ruc_not_active", "unknown"):
        walker = Walker(time, lang).validate(ROSA)
        check(walker.press({}).page, lang, "nothing chosen")
        check(walker.press({"situation": said}).page, lang, said)
    found = Walker(time, lang).open(f"{home(lang).rstrip('/')}/caso/").press({"secret": "A" * 26})
    check(found.page, lang, "secret, unknown")
