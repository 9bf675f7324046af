"""The peer: allauth's reset by code, its HTML pages, and its sign-in. `python -m benchmarks.sites.allauth_code COUNT MODE…`"""

import os
import sys
import tempfile

from benchmarks import driving
from benchmarks.browser import Browser
from benchmarks.driving import Site
from benchmarks.sites import peers

PACKAGES = ["auth", "contenttypes", "messages", "sessions"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware", "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware", "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware", "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]  # fmt: skip
PROCESSORS = [
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
]
LOADER = (
    "django.template.loaders.cached.Loader",
    ["django.template.loaders.app_directories.Loader"],
)


def configure() -> None:
    peers.configure(
        "allauth_code",
        ROOT_URLCONF="benchmarks.sites.allauth_code_urls",
        INSTALLED_APPS=[*(f"django.contrib.{name}" for name in PACKAGES), "allauth", "allauth.account"],
        MIDDLEWARE=MIDDLEWARE,
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates",
                    "OPTIONS": {"context_processors": PROCESSORS, "loaders": [LOADER]}}],
        AUTHENTICATION_BACKENDS=["allauth.account.auth_backends.AuthenticationBackend"],
        ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED=True,
        ACCOUNT_EMAIL_VERIFICATION="none",
        ACCOUNT_LOGIN_METHODS={"username"},
        ACCOUNT_SIGNUP_FIELDS=["username*", "email*", "password1*"],
        ACCOUNT_RATE_LIMITS=False,
    )  # fmt: skip


def journey(browser: Browser, number: int, key: str) -> None:
    """Ask, type the code, choose, sign in."""
    browser.go("GET", "/password/reset/")
    browser.go("POST", "/password/reset/", {"email": f"u{number}@peer.example"})
    code = driving.newest_mail(
        os.environ["PEER_MAIL"],
        r"\n([A-Z0-9]{4}-[A-Z0-9]{4})\n",
        f"u{number}@peer.example",
    )
    browser.go("POST", browser.path, {"code": code})
    browser.go("POST", browser.path, {"password1": key, "password2": key})
    assert sign_in(browser, number, key)


def sign_in(browser: Browser, number: int, key: str) -> bool:
    browser.go("GET", "/login/")
    page = browser.go("POST", "/login/", {"login": f"u{number}", "password": key})
    return f"<h1>u{number}</h1>" in page


def build(people: int) -> Site:
    configure()
    peers.create("allauth_code", people)
    return Site("benchmarks.sites.allauth_code_wsgi:application", lambda *_: None, journey, sign_in)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PEER_MAIL"] = folder
        sys.exit(driving.run(build, sys.argv[1:]))
