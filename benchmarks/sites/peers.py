"""What the peers share: a Django site of its own database, keys in Argon2id, mail into files."""

import os
from typing import Any

from django.conf import settings

from benchmarks import driving
from clavero import environment

LOGIN = (
    '<!DOCTYPE html><form method="post">{% csrf_token %}{{ form.as_p }}<button>x</button></form>'
)
SECRET = "peer" * 12


def configure(name: str, **more: Any) -> None:
    """Settings of the peer `name`; `more` are its own. With BENCH_SERVES it counts its statements."""
    base = environment.database(os.environ["BENCH_DATABASE"])
    mode = os.environ.get("BENCH_SERVES")
    hasher = "Nothing" if mode == "no_hash" else "Argon2"
    common = {
        "SECRET_KEY": SECRET,
        "ALLOWED_HOSTS": ["*"],
        "PASSWORD_HASHERS": [f"benchmarks.sites.hashers.{hasher}", "benchmarks.sites.hashers.Nothing"],
        "DATABASES": {"default": {"ENGINE": base.engine, "NAME": name, "HOST": base.host, "PORT": base.port,
                                  "USER": base.user, "PASSWORD": base.password, "CONN_MAX_AGE": None}},
        "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "EMAIL_FILE_PATH": os.environ["PEER_MAIL"],
        "LOGIN_REDIRECT_URL": "/account/",
        "USE_TZ": True,
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "STATIC_URL": "/static/",
    }  # fmt: skip
    settings.configure(**common | more)
    import django

    if mode:
        from benchmarks.sites import counting

        counting.begin()
    django.setup()


def create(name: str, count: int) -> None:
    """The peer's database with `count` people who have an old key."""
    import psycopg

    with psycopg.connect(os.environ["BENCH_DATABASE"], autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}")
        connection.execute(f"CREATE DATABASE {name}")
    from django.contrib.auth.hashers import make_password
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.db import connections

    call_command("migrate", verbosity=0)
    User.objects.bulk_create(
        User(
            username=f"u{n}",
            email=f"u{n}@peer.example",
            password=make_password(driving.OLD, hasher="nothing"),
        )
        for n in range(count)
    )
    connections.close_all()


def home() -> Any:
    """The page behind the sign-in."""
    from django.contrib.auth.decorators import login_required
    from django.http import HttpResponse

    return login_required(lambda request: HttpResponse(f"<h1>{request.user}</h1>"))
