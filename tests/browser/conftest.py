"""A real Chromium on a real server that runs in a thread of the test."""

import os
import re

import pytest

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def pytest_sessionfinish() -> None:
    from tests.browser import seen

    seen.keep()


@pytest.fixture(scope="session")
def chromium(chromium_path):
    from playwright.sync_api import sync_playwright

    flags = [
        "--no-sandbox",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    with sync_playwright() as tools:
        browser = tools.chromium.launch(executable_path=chromium_path, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def site(live_server, transactional_db, time, settings):
    """The address of a portal with the cast on it."""

    from clavero.audit.models import Head
    from tests import brought
    from tests.conftest import BEGIN

    Head.objects.get_or_create(pk=1)
    brought.bring(BEGIN)
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
    return re.sub("127.0.0.1|localhost", "localhost", live_server.url)


PHONE = {"viewport": {"width": 320, "height": 640}, "locale": "es-EC"}


@pytest.fixture
def window(chromium, site):
    """`window(**options)` opens another browser, by itself a phone of 320 px that speaks Ecuadorian Spanish.

    In none of its pages may anything leave the site, break its policy or fail as a script; and none outlives the test,
    for a page that asks for itself again would meet the next test's database.
    """
    contexts, off_site, problems = [], [], []

    def asked(request) -> None:
        if not request.url.startswith((site, "data:")):
            off_site.append(request.url)

    def said(message) -> None:
        if "Content Security Policy" in message.text:
            problems.append(message.text)

    def opened(**options):
        context = chromium.new_context(**(PHONE | {"base_url": site} | options))
        contexts.append(context)
        context.on("request", asked)
        context.on("console", said)
        context.on("weberror", lambda failed: problems.append(str(failed.error)))
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()
    assert off_site == [] and problems == []


@pytest.fixture
def page(window):
    """A phone of 320 px, watched as every window is."""
    return window()
