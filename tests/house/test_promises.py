"""Promises of the code itself."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "clavero"
SOURCES = sorted(PACKAGE.rglob("*.py"))


def test_every_refusal_code_has_a_sentence_in_both_languages():
    from clavero import words

    used = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Refused", "Repair"):
                place = 0 if node.func.id == "Refused" else 1
                if len(node.args) > place and isinstance(node.args[place], ast.Constant):
                    used.add(node.args[place].value)
    missing = sorted(code for code in used if code not in words.SENTENCES)
    assert missing == [] and len(used) > 60
    for code, spanish in words.SENTENCES.items():
        english = words._catalogue("en").gettext(spanish)
        assert english != spanish, code
        assert re.findall(r"{\w+}", spanish) == re.findall(r"{\w+}", english), code


@pytest.mark.parametrize(
    "word",
    [
        "inválid",
        "incorrect",
        "denegad",
        "error 0x",
        " favor",
        "usted no",
        "estimado",
        "proceder",
        "dicho",
        "habilitante",
    ],
)
def test_no_sentence_blames_or_bores(word):
    from clavero import words

    texts = list(words.SENTENCES.values())
    texts += [path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.html")]
    assert not [text[:80] for text in texts if word in text.lower()]


def test_no_condition_on_a_member_of_the_cast():
    from clavero.demo.cast import CAST

    for path in SOURCES:
        if path.name != "cast.py":
            text = path.read_text(encoding="utf-8")
            assert not [
                member.id
                for member in CAST
                if f'"{member.id}"' in text and member.id not in ("domestica",)
            ], path


def test_nothing_in_the_tree_names_a_machine():
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    hosts = "|".join(
        ("py" + "pi[.]org", "python" + "hosted", "registry[.]npm" + "js", "deb[.]deb" + "ian")
    )
    leak = re.compile(rf"(^|[^A-Za-z0-9_.-])/(wo[r]k|ro[o]t|ho[m]e)/|{hosts}")
    for name in listed:
        path = ROOT / name
        if (
            path.suffix
            in (".py", ".md", ".toml", ".txt", ".sh", ".json", ".html", ".scss", ".cfg", "")
            and path.is_file()
        ):
            found = leak.search(path.read_text(encoding="utf-8", errors="ignore"))
            assert found is None, (name, found)


def test_requirements_are_pinned_by_hash_without_addresses():
    files = [*ROOT.glob("requirements*.txt"), *ROOT.glob("tools/judges/requirements-*.txt")]
    assert len(files) == 7
    for path in files:
        text = path.read_text()
        assert "--hash=sha256:" in text and "://" not in text and "--index-url" not in text


def test_the_public_has_a_docstring():
    bare = []
    for path in SOURCES:
        if "migrations" in path.parts or path.name == "__init__.py":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if not ast.get_docstring(tree):
            bare.append(str(path))
    assert bare == []


def test_functions_are_short():
    lengths = []
    for path in SOURCES:
        if "migrations" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                lengths.append(
                    (
                        sum(isinstance(each, ast.stmt) for part in body for each in ast.walk(part)),
                        f"{path.name}:{node.name}",
                    )
                )
    lengths.sort(reverse=True)
    assert lengths[0][0] <= 30, lengths[:3]
    assert sum(length for length, _ in lengths) / len(lengths) < 7


@pytest.mark.django_db
def test_every_address_declares_its_methods():
    """A GET changes nothing; what takes no POST says 405."""
    from django.test import Client
    from django.urls import get_resolver

    def walk(patterns, prefix=""):
        for pattern in patterns:
            route = prefix + str(pattern.pattern)
            if hasattr(pattern, "url_patterns"):
                yield from walk(pattern.url_patterns, route)
            else:
                yield route

    routes = [
        re.sub(r"<\w+:\w+>", "AAAAAAAA", route).replace("^", "").replace("\\Z", "")
        for route in walk(get_resolver().url_patterns)
    ]
    client = Client()
    for route in set(routes):
        path = "/" + route.replace(
            "AAAAAAAA", "1" if "correo/AAAA" in route and route.startswith("demo") else "AAAAAAAA"
        )
        for method in ("put", "delete", "patch"):
            assert getattr(client, method)(path).status_code in (405, 403, 404, 302, 303), path
        assert client.get(path).status_code < 500, path


@pytest.mark.django_db
def test_every_answer_carries_the_policy():
    from django.test import Client

    for path in ("/", "/entrar/", "/nada/", "/empleadores/recuperar-clave/identificacion/"):
        headers = Client().get(path).headers
        assert (
            "default-src 'self'" in headers["Content-Security-Policy"]
            and "unsafe" not in headers["Content-Security-Policy"]
        )
        assert (
            headers["X-Content-Type-Options"] == "nosniff"
            and headers["Cache-Control"] == "no-store"
        )
        assert (
            headers["Cross-Origin-Opener-Policy"] == "same-origin"
            and headers["X-Frame-Options"] == "DENY"
        )


def test_no_key_field_limits_or_forbids():
    for path in PACKAGE.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert (
            "maxlength" not in text and "onpaste" not in text and 'autocomplete="off"' not in text
        ), path


def test_change_password_has_its_well_known_address(db):
    from django.test import Client

    assert Client().get("/.well-known/change-password").status_code == 302
    nothing = "/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200"
    assert Client().get(nothing).status_code == 404


def test_who_finds_a_weakness_is_told_whom_to_tell(db, settings):
    """S-140, RFC 9116: one Expires, contacts, Canonical, languages, plain text; without a contact no file at all."""
    from datetime import date

    from django.test import Client

    settings.SECURITY_CONTACT = [
        "mailto:seguridad@instituto.example",
        "https://instituto.example/s",
    ]
    settings.SECURITY_EXPIRES = date(2027, 6, 30)
    response = Client().get("/.well-known/security.txt")
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode().splitlines() == [
        "Contact: mailto:seguridad@instituto.example",
        "Contact: https://instituto.example/s",
        "Expires: 2027-06-30T23:59:59Z",
        "Preferred-Languages: es, en",
        f"Canonical: {settings.BASE_URL}/.well-known/security.txt",
        f"Policy: {settings.BASE_URL}/seguridad/",
    ]
    settings.SECURITY_CONTACT = []
    assert Client().get("/.well-known/security.txt").status_code == 404
