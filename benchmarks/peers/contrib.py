"""The peer: Django's own password reset and sign-in, HTML pages, the same hash, database and client.

`python -m benchmarks.peers.contrib COUNT` runs the client; with `serve` in the environment it is the site.
"""

import json
import os
import re
import sys
import tempfile
import time
from pathlib import Path

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher

from clavero import environment


class Hasher(Argon2PasswordHasher):
    """The same cost as ours."""

    time_cost, memory_cost, parallelism = 2, 19456, 1


def configure() -> None:
    base = environment.database(os.environ["CLAVERO_TEST_DATABASE_URL"])
    settings.configure(
        SECRET_KEY=os.environ.get("PEER_SECRET", "peer" * 12),
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=__name__,
        PASSWORD_HASHERS=["benchmarks.peers.contrib.Hasher"],
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.messages", "django.contrib.admin"],
        MIDDLEWARE=[
            "django.middleware.security.SecurityMiddleware", "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware", "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware", "django.contrib.messages.middleware.MessageMiddleware",
        ],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "OPTIONS": {
            "context_processors": ["django.template.context_processors.request", "django.contrib.auth.context_processors.auth"],
            "loaders": [("django.template.loaders.cached.Loader", ["django.template.loaders.app_directories.Loader",
                ("django.template.loaders.locmem.Loader", {"registration/login.html": LOGIN})])]}}],
        DATABASES={"default": {"ENGINE": base.engine, "NAME": "peer", "HOST": base.host, "PORT": base.port, "USER": base.user,
                               "PASSWORD": base.password, "CONN_MAX_AGE": None}},
        EMAIL_BACKEND="django.core.mail.backends.filebased.EmailBackend",
        EMAIL_FILE_PATH=os.environ["PEER_MAIL"],
        LOGIN_REDIRECT_URL="/account/",
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        STATIC_URL="/static/",
    )  # fmt: skip
    import django

    django.setup()


LOGIN = (
    '<!DOCTYPE html><form method="post">{% csrf_token %}{{ form.as_p }}<button>x</button></form>'
)


def urls() -> list[object]:
    from django.contrib import admin
    from django.contrib.auth import urls as auth_urls
    from django.contrib.auth.decorators import login_required
    from django.http import HttpResponse
    from django.urls import include, path

    home = login_required(lambda request: HttpResponse(f"<h1>{request.user}</h1>"))
    return [path("", include(auth_urls)), path("admin/", admin.site.urls), path("account/", home)]


def __getattr__(name: str) -> object:
    if name == "urlpatterns":
        return urls()
    raise AttributeError(name)


if os.environ.get("PEER_SERVES"):
    from django.core.wsgi import get_wsgi_application

    configure()
    application = get_wsgi_application()


def prepare(count: int) -> None:
    import psycopg

    with psycopg.connect(os.environ["CLAVERO_TEST_DATABASE_URL"], autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS peer")
        connection.execute("CREATE DATABASE peer")
    configure()
    from django.contrib.auth.hashers import make_password
    from django.contrib.auth.models import User
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    old = make_password("an old password of theirs")
    User.objects.bulk_create(
        User(username=f"u{n}", email=f"u{n}@peer.example", password=old) for n in range(count)
    )


def main() -> int:
    from benchmarks.journey_bench import CLIENT_CORE, Browser, run, serve

    os.sched_setaffinity(0, {int(CLIENT_CORE)})
    count = int(sys.argv[1])
    with tempfile.TemporaryDirectory() as mail:
        os.environ["PEER_MAIL"] = mail
        prepare(count + 16)

        def link_of(number: int) -> str:
            for _ in range(100):
                for path in Path(mail).iterdir():
                    text = path.read_text()
                    found = re.search(r"http://[^/]+(/reset/\S+)", text)
                    if f"To: u{number}@peer.example" in text and found:
                        return found[1]
                time.sleep(0.01)
            raise SystemExit("no mail")

        def journey(browser: Browser, number: int) -> None:
            key = f"tortuga-vapor-cinta-{number}"
            browser.go("GET", "/password_reset/")
            browser.go("POST", "/password_reset/", {"email": f"u{number}@peer.example"})
            browser.go("GET", link_of(number))
            browser.go("POST", browser.path, {"new_password1": key, "new_password2": key})
            browser.go("GET", "/login/")
            assert f"u{number}" in browser.go(
                "POST", "/login/", {"username": f"u{number}", "password": key}
            )

        port = 8162
        gunicorn = [sys.executable, "-m", "gunicorn", "benchmarks.peers.contrib:application", f"--bind=127.0.0.1:{port}", "--workers=1",
                    "--worker-class=gthread", "--threads=8", "--keep-alive=60", "--no-control-socket", "--log-level=error"]  # fmt: skip
        server = serve(gunicorn, port, {"PEER_MAIL": mail, "PEER_SERVES": "1"})
        try:
            nothing = lambda browser, number: None
            run(16, port, server, nothing, journey)
            found = run(
                count, port, server, nothing, lambda browser, number: journey(browser, number + 16)
            )
        finally:
            server.terminate()
            server.wait()
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.modules["benchmarks.peers.contrib"] = sys.modules["__main__"]
    sys.exit(main())
