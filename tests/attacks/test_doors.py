"""The doors that must not be there, and what comes through those that are: allauth's ground, odd bytes, extra fields."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from clavero.recovery.models import Case
from tests.cast import by_id
from tests.walk import NEW_KEY, Walker, sign_in

ANA, LUIS = by_id("en_orden"), by_id("tres_sucursales")


def routes(patterns, prefix=""):
    for each in patterns:
        here = prefix + str(each.pattern).replace("^", "").replace("$", "").replace("\\Z", "")
        if isinstance(each, URLResolver):
            yield from routes(each.url_patterns, here)
        else:
            assert isinstance(each, URLPattern)
            yield here, each.name


def allauths() -> list[str]:
    """Every address that allauth brings, with something where it wants an argument."""
    import allauth.account.urls
    import allauth.mfa.urls
    import allauth.urls

    found = set()
    for module in (allauth.urls, allauth.account.urls, allauth.mfa.urls):
        found |= {path for path, _ in routes(module.urlpatterns)}
    plain = {re.sub(r"<[^>]+>|\\(\\?P<\\w+>[^)]*\\)", "x", path) for path in found}
    return sorted(path for path in plain if path)


def test_no_address_of_allauth_answers(cast):
    """Its reset, sign-up, e-mail and second-factor pages: not at its own place, not at ours."""
    paths = allauths()
    assert len(paths) > 20 and {"password/reset/", "signup/", "email/"} <= set(paths)
    client = Client()
    for path in paths:
        for root in (
            "/",
            "/accounts/",
            "/account/",
            "/entrar/",
            "/cuenta/",
            "/en/",
            "/en/accounts/",
        ):
            for answer in (client.get(root + path), client.post(root + path, {"email": ANA.email})):
                assert answer.status_code == 404, root + path


def test_only_views_of_this_house_are_routed():
    """No view of allauth, of Django's own sign-in or of its admin hangs anywhere."""

    def views(patterns):
        for each in patterns:
            if isinstance(each, URLResolver):
                yield from views(each.url_patterns)
            else:
                yield each.callback

    modules = {view.__module__ for view in views(get_resolver().url_patterns)}
    assert all(
        name.startswith("clavero.") or name == "django.views.generic.base" for name in modules
    ), modules


FIELDS = (
    "identification",
    "ruc",
    "branch",
    "code",
    "answer",
    "email",
    "mobile",
    "landline",
    "key",
    "secret",
    "situation",
    "draft",
    "website",
    "next",
)
ODD = {"nul": "a\x00b", "lines": "a\r\nBcc: eve@evil.example", "long": "9" * 10_240, "longer": "x" * 100_000, "emoji": "🔑", "marks": "\u202e\u200b\ufeff", "percent": "%00%0a{{7919*7907}}"}  # fmt: skip


def places(walker: Walker) -> list[str]:
    base = walker.path.removesuffix("codigo/")
    here = ["/empleadores/recuperar-clave/identificacion/", "/empleadores/recuperar-clave/numero/", "/empleadores/recuperar-clave/validar/",
            "/empleadores/recuperar-clave/enlace/", "/entrar/", "/caso/", "/salir/", "/cuenta/", "/cuenta/clave/"]  # fmt: skip
    return here + [
        base + part + "/"
        for part in (
            "codigo",
            "otro-mensaje",
            "preguntas",
            "contacto",
            "clave",
            "probar",
            "listo",
            "situacion",
        )
    ]


@pytest.mark.parametrize("name", ODD)
def test_whatever_arrives_in_whatever_field_of_whatever_page_nothing_falls(walker, name):
    walker.validate(LUIS)
    for path in places(walker):
        for field in FIELDS:
            response = walker.client.post(path, {field: ODD[name]})
            assert response.status_code < 500, (path, field)
            assert str(7919 * 7907).encode() not in response.content


@pytest.mark.parametrize("path", ["/%00/", "/empleadores/recuperar-clave/enlace/%00/", "/empleadores/recuperar-clave/caso/%00/codigo/",
                                  "/empleadores/recuperar-clave/correo/" + "x" * 3000 + "/", "/%ff%fe/", "/en/%0d%0aX:1/"])  # fmt: skip
def test_whatever_stands_in_the_address_nothing_falls(cast, path):
    answer = Client().get(path, follow=True)
    assert answer.status_code in (200, 400, 404, 410)


def test_whatever_stands_in_cookies_and_headers_nothing_falls(cast):
    for value in ("x" * 4000, "a\x00b", "ñ", '"', "f1." + "A" * 500, "{}"):
        client = Client()
        for name in (
            "clavero",
            "csrf",
            "lang",
            "borrador",
            "caso",
            "visita",
            "enlace",
            "confirmar",
            "equipo",
            "respaldo",
        ):
            client.cookies[name] = value
        for path in (
            "/",
            "/empleadores/recuperar-clave/numero/",
            "/caso/",
            "/cuenta/",
            "/empleadores/recuperar-clave/enlace/",
        ):
            assert (
                client.get(
                    path, headers={"user-agent": value, "accept-language": value, "referer": value}
                ).status_code
                < 500
            )


def test_a_body_that_is_too_large_or_has_too_many_fields_is_a_page_of_its_own(cast):
    client = Client()
    for data in ({"identification": "9" * 400_000}, {f"f{n}": "x" for n in range(100)}):
        answer = client.post("/empleadores/recuperar-clave/identificacion/", data)
        assert answer.status_code in (400, 413) and "No pudimos leer" in answer.content.decode()


EXTRA = {"state": "key_set", "is_staff": "1", "proofs": '["contact_code"]', "email_verified": "1", "employer": "1", "account": "1",
         "kind": "staff", "route": "online", "proved_at": "2026-01-01", "usable_from": "2020-01-01", "role": "operator"}  # fmt: skip


def test_fields_that_no_page_has_change_nothing(walker):
    """S-106: every step is sent with what a person might like to set."""
    walker.validate(LUIS)
    for fields in ({"code": walker.mail(LUIS.email).code}, {"email": "nuevo@tuercas.example"}):
        walker.press(fields | EXTRA)
    case = Case.objects.get()
    assert (case.state, case.route, case.key_set_at) == ("contact_settled", "online", None)
    walker.press({"key": NEW_KEY} | EXTRA).press({"key": NEW_KEY} | EXTRA)
    assert walker.h1 == "Acceso comprobado"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kind, role FROM keys_account WHERE id = %s", [Case.objects.get().account_id]
        )
        assert cursor.fetchone() == ("employer", "")
        cursor.execute(
            "SELECT count(*) FROM employers_contact WHERE state = 'proposed' AND usable_from > '2025-01-01'"
        )
        assert cursor.fetchone() == (1,)


def test_nothing_secret_or_personal_stands_in_an_address(walker, time):
    """Every address that the road leads over, with what came before it."""
    seen: list[str] = []
    real = walker.client.get

    def keep(path, *args, **kwargs):
        response = real(path, *args, **kwargs)
        seen.extend(url for url, _ in getattr(response, "redirect_chain", []))
        return response

    walker.client.get = keep
    walker.to_key(LUIS)
    link = walker.mail(LUIS.email).link
    walker.finish()
    seen.append(walker.path)
    visit = Walker(time).validate(by_id("primera_clave")).press({"situation": "first_key"})
    seen += [visit.path, sign_in(Walker(time), LUIS, NEW_KEY).path]
    token = link.rstrip("/").rsplit("/", 1)[1]
    for address in seen:
        for secret in (LUIS.identification, LUIS.ruc, LUIS.email, NEW_KEY, token):
            assert secret not in address


def test_every_form_that_changes_something_carries_and_needs_its_token(walker, time):
    """S-092: the forms as they stand on the pages, sent without the token."""
    walker.to_key(LUIS)
    base = walker.path.removesuffix("clave/")
    signed = sign_in(Walker(time), ANA, ANA.key)
    found = set()
    for who, paths in ((walker, [base + "clave/", "/empleadores/recuperar-clave/identificacion/", "/entrar/", "/caso/"]),
                       (signed, ["/cuenta/", "/cuenta/clave/", "/salir/"])):  # fmt: skip
        strict = Client(enforce_csrf_checks=True)
        strict.cookies = who.client.cookies
        for path in paths:
            who.open(path)
            for form in who.page.select("form[method=post]"):
                assert form.select_one("input[name=csrfmiddlewaretoken]"), path
                assert strict.post(form.get("action") or path, {"x": "1"}).status_code == 403, path
                found.add(path)
    assert found == {
        base + "clave/",
        "/empleadores/recuperar-clave/identificacion/",
        "/entrar/",
        "/caso/",
        "/cuenta/clave/",
        "/salir/",
    }
