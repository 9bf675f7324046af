"""The language is the address's: Spanish without a prefix, English under /en/, whatever the browser asks for."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("path", "language"),
    [("/", "es"), ("/ayuda/", "es"), ("/en/", "en"), ("/en/ayuda/", "en"), ("/enero/", "es")],
)
def test_the_address_decides_and_the_browser_does_not(path, language):
    answer = Client(headers={"accept-language": "en" if language == "es" else "es"}).get(path)
    assert answer.headers["Content-Language"] == language
    assert f'lang="{language}' in answer.content.decode()
    assert "Accept-Language" not in answer.headers.get("Vary", "")


def test_without_its_slash_english_is_found_and_an_answer_leaves_nothing_behind():
    client = Client()
    assert client.get("/en").headers["Location"] == "/en/"
    client.get("/en/")
    assert client.get("/").headers["Content-Language"] == "es"
