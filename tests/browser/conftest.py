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
    from clavero.demo import services

    Head.objects.get_or_create(pk=1)
    services.bring_cast()
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
    return re.sub("127.0.0.1|localhost", "localhost", live_server.url)


@pytest.fixture
def page(chromium, site):
    """A phone of 320 px that speaks Ecuadorian Spanish and counts what leaves the site."""
    context = chromium.new_context(
        viewport={"width": 320, "height": 640}, locale="es-EC", base_url=site
    )
    page = context.new_page()
    page.off_site = []
    page.problems = []
    page.on(
        "request",
        lambda request: (
            page.off_site.append(request.url)
            if not request.url.startswith((site, "data:"))
            else None
        ),
    )
    page.on(
        "console",
        lambda message: (
            page.problems.append(message.text)
            if "Content Security Policy" in message.text
            else None
        ),
    )
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    yield page
    assert page.off_site == [] and page.problems == []
    context.close()
