"""The peer: Django's own password reset by link, and its sign-in. `python -m benchmarks.sites.contrib COUNT MODE…`"""

import os
import sys
import tempfile

from benchmarks import driving
from benchmarks.browser import Browser
from benchmarks.driving import Site
from benchmarks.sites import peers

PACKAGES = ["admin", "auth", "contenttypes", "messages", "sessions"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware", "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware", "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware", "django.contrib.messages.middleware.MessageMiddleware",
]  # fmt: skip
LOADERS = [
    "django.template.loaders.app_directories.Loader",
    ("django.template.loaders.locmem.Loader", {"registration/login.html": peers.LOGIN}),
]
PROCESSORS = [
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
]


def configure() -> None:
    peers.configure(
        "contrib",
        ROOT_URLCONF="benchmarks.sites.contrib_urls",
        INSTALLED_APPS=[f"django.contrib.{name}" for name in PACKAGES],
        MIDDLEWARE=MIDDLEWARE,
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "OPTIONS": {
            "context_processors": PROCESSORS, "loaders": [("django.template.loaders.cached.Loader", LOADERS)]}}],
    )  # fmt: skip


def journey(browser: Browser, number: int, key: str) -> None:
    """Ask, open the link, choose, sign in."""
    browser.go("GET", "/password_reset/")
    browser.go("POST", "/password_reset/", {"email": f"u{number}@peer.example"})
    link = driving.newest_mail(
        os.environ["PEER_MAIL"], r"http://[^/]+(/reset/\S+)", f"u{number}@peer.example"
    )
    browser.go("GET", link)
    browser.go("POST", browser.path, {"new_password1": key, "new_password2": key})
    assert sign_in(browser, number, key)


def sign_in(browser: Browser, number: int, key: str) -> bool:
    browser.go("GET", "/login/")
    page = browser.go("POST", "/login/", {"username": f"u{number}", "password": key})
    return f"<h1>u{number}</h1>" in page


def build(people: int) -> Site:
    configure()
    peers.create("contrib", people)
    return Site("benchmarks.sites.contrib_wsgi:application", lambda *_: None, journey, sign_in)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PEER_MAIL"] = folder
        sys.exit(driving.run(build, sys.argv[1:]))
