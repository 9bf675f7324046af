"""A missing or contradictory setting stops the start with one line that names it; so does a profile with a typo."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from clavero import environment
from clavero.cli import operations
from clavero.cli.frame import Stop
from clavero.privacy import keyring
from tests.rooms.cli.test_commands import ROOT, SETTINGS, run

SHIPPED = ROOT / "clavero" / "profiles"
SERVER = SETTINGS | {"CLAVERO_SMTP_URL": "smtp://localhost:25"}


def stops(done, *words: str) -> None:
    assert done.returncode == 2, (done.returncode, done.stderr)
    assert len(done.stderr.strip().splitlines()) == 1 and "Traceback" not in done.stderr, (
        done.stderr
    )
    for word in words:
        assert word in done.stderr, done.stderr


@pytest.mark.parametrize("name", [*SERVER, "CLAVERO_DATABASE_URL"])
def test_nothing_may_be_missing_where_people_are_served(tmp_path, name):
    done = run(
        "serve" if "URL" in name else "send",
        database=tmp_path / "x.sqlite3",
        **(SERVER | {name: ""}),
    )
    stops(done, name)


BASES = ("clave.instituto.example", "ftp://x.example", "http://clave.instituto.example", "https://x.example/portal",
         "https://x.example:port", "https://yo@x.example", "https://x.example?x=1")  # fmt: skip
WRONG = {
    "CLAVERO_BASE_URL": (environment.base_url, BASES),
    "CLAVERO_DATABASE_URL": (environment.database, ("mysql://x/y", "sqlite://", "postgresql://h:port/db", "postgresql://h", "x",
                             *(f"postgresql://u@base.instituto.example/db?sslmode={mode}" for mode in ("disable", "allow", "prefer", "require", "verify-ca")),
                             "postgresql://u@localhost/db?hostaddr=192.0.2.7&sslmode=require", "postgresql://u@localhost,otra.example/db?sslmode=prefer",
                             "postgresql:///db?service=remote", "postgresql://u@localhost/db?serv%69ce=remote&sslmode=verify-full",
                             "postgresql:///db?%68ost=base.example&sslmode=require", "postgresql:///db?host=%252Ftmp&sslmode=require")),
    "CLAVERO_SMTP_URL": (environment.smtp_url, ("correo.example", "http://correo.example", "smtp://h:port", "smtp://", "smtp://correo.instituto.example:25", "smtp://10.0.0.7")),
    "CLAVERO_BOUNCES": (environment.bounces, ("rebotes", "re+botes@x.example", "a" * 23 + "@x.example", "a b@x.example", "a@x", "a@x.example,b@x.example")),
    "CLAVERO_TRUSTED_PROXIES": (environment.networks, ("10.0.0.0/40", "proxy.example", "10.0.0.1,x")),
    "CLAVERO_SECURITY_CONTACT": (environment.contacts, ("seguridad@instituto.example", "http://x.example", "mailto:a b")),
    "CLAVERO_SECURITY_EXPIRES": (lambda text: environment.expiry(text, "tel:1"), ("mañana", "", "2027-13-01")),
    "CLAVERO_KEY_PEPPER": (lambda text: keyring.parse(text, "CLAVERO_KEY_PEPPER"),
                           ("corta", "p1:abc", "P1:" + "A" * 43, "p1:" + "!" * 43, ",", "f1:" + "A" * 20)),
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"), [(n, v) for n, (_, values) in WRONG.items() for v in values]
)
def test_a_setting_that_says_nothing_is_refused_by_its_name(name, value):
    with pytest.raises((environment.BadSetting, keyring.BadKeys), match=name) as refused:
        WRONG[name][0](value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [*((name, values[0]) for name, (_, values) in WRONG.items()), ("CLAVERO_FIELD_KEYS", ","), ("CLAVERO_DESK_URL", "mesa"),
     ("CLAVERO_AUDIT_KEY", "abc"), ("CLAVERO_AUDIT_SINK", "ftp://x.example"), ("CLAVERO_AUDIT_SINK", "mail:")],
)  # fmt: skip
def test_a_setting_that_says_nothing_stops_the_start(tmp_path, name, value):
    given = SERVER | {"CLAVERO_DATABASE_URL": f"sqlite:///{tmp_path / 'x.sqlite3'}"} | {name: value}
    stops(run("send", "--once", **given), name)


@pytest.mark.parametrize(
    ("url", "mode"),
    [("postgresql://u@base.instituto.example/db", "verify-full"), ("postgresql://u@10.0.0.7/db?sslmode=verify-full", "verify-full"),
     ("postgresql://u@localhost/db?hostaddr=10.0.0.7", "verify-full"), ("postgresql:///db?host=base.instituto.example", "verify-full"),
     ("postgresql://u@10.0.0.7/db?sslmode=verify%2Dfull", "verify-full"), ("postgresql:///db", None),
     ("postgresql://u@127.0.0.1/db", None), ("postgresql:///db?host=/var/run/postgresql", None), ("postgresql://u@localhost/db?sslmode=disable", "disable")],
)  # fmt: skip
def test_a_database_elsewhere_is_asked_over_tls_or_not_at_all(url, mode):
    """S-137. What libpq does by itself is TLS where the server likes it, and no look at the certificate."""
    assert dict(environment.database(url).options).get("sslmode") == mode


@pytest.mark.parametrize(
    ("url", "named", "mode"),
    [("postgresql:///db", {"PGHOST": "base.instituto.example"}, "verify-full"), ("postgresql:///db", {"PGHOSTADDR": "10.0.0.7"}, "verify-full"),
     ("postgresql:///db?host=/var/run/postgresql", {"PGHOSTADDR": "10.0.0.7"}, "verify-full"), ("postgresql://u@localhost/db", {"PGHOSTADDR": "10.0.0.7"}, "verify-full"),
     ("postgresql://u@localhost/db", {"PGHOST": "base.instituto.example"}, None), ("postgresql:///db", {"PGHOST": "/tmp", "PGHOSTADDR": "127.0.0.1"}, None),
     ("postgresql:///db?hostaddr=127.0.0.1", {"PGHOSTADDR": "10.0.0.7"}, None)],
)  # fmt: skip
def test_what_libpq_takes_from_the_environment_is_elsewhere_too(url, named, mode, monkeypatch):
    for name, value in named.items():
        monkeypatch.setenv(name, value)
    assert dict(environment.database(url).options).get("sslmode") == mode
    if mode:
        with pytest.raises(environment.BadSetting, match=r"^CLAVERO_DATABASE_URL: .*verify-full"):
            environment.database(url + ("&" if "?" in url else "?") + "sslmode=prefer")


def test_a_service_in_the_environment_does_not_say_where_the_database_is(monkeypatch):
    monkeypatch.setenv("PGSERVICE", "remote")
    with pytest.raises(environment.BadSetting, match="CLAVERO_DATABASE_URL must say .*PGSERVICE"):
        environment.database("postgresql://u@localhost/db")
    assert environment.database("sqlite:///x.sqlite3").is_sqlite


@pytest.mark.parametrize(("query", "seconds"), [("", "5"), ("?connect_timeout=20", "20")])
def test_a_server_that_is_silent_is_given_up_after_five_seconds_or_what_the_address_says(
    query, seconds
):
    """As the portal has it, and as PostgreSQL's own tools are told."""
    script = (
        "from clavero.project.settings import DATABASES as d; from clavero.cli import operations; "
        "print(d['default']['OPTIONS']['connect_timeout'], operations._connection(d['default'])[0])"
    )
    env = {n: v for n, v in os.environ.items() if not n.startswith(("CLAVERO_", "DJANGO_", "PG"))}
    env |= SERVER | {"CLAVERO_DATABASE_URL": f"postgresql://u@localhost/db{query}"}
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=env, capture_output=True, text=True)  # fmt: skip
    said, _, told = done.stdout.strip().partition(" ")
    assert said == seconds and f"connect_timeout={seconds}" in told, done.stderr
    assert "prepare" not in told and "server_side_binding" not in told


@pytest.mark.postgres
def test_a_server_elsewhere_without_tls_is_not_spoken_to():
    """The server of these tests has no TLS. Under a name that is not this machine's it is elsewhere."""
    here = urlsplit(os.environ["CLAVERO_TEST_DATABASE_URL"])
    url = f"postgresql://{here.username}@base.instituto.example:{here.port}/postgres?hostaddr=127.0.0.1"
    done = run("doctor", **(SERVER | {"CLAVERO_DATABASE_URL": url}))
    assert done.returncode and "SSL" in done.stdout + done.stderr
    near = run(
        "doctor",
        **(SERVER | {"CLAVERO_DATABASE_URL": url.replace("base.instituto.example", "localhost")}),
    )
    assert "SSL" not in near.stdout + near.stderr


def test_what_is_said_twice_is_contradictory(tmp_path):
    path = tmp_path / "secret"
    path.write_text("x" * 50)
    base = tmp_path / "x.sqlite3"
    stops(
        run("send", "--once", database=base, **SERVER, CLAVERO_SECRET_KEY_FILE=str(path)),
        "CLAVERO_SECRET_KEY",
    )


@pytest.mark.parametrize("kind", ["missing", "folder", "binary", "empty"])
def test_a_file_of_a_setting_that_cannot_be_read_is_named(tmp_path, kind, monkeypatch):
    path = tmp_path / "secret"
    if kind == "folder":
        path.mkdir()
    elif kind != "missing":
        path.write_bytes(b"\xff\xfe\x00" if kind == "binary" else b"")
    monkeypatch.delenv("CLAVERO_SECRET_KEY", raising=False)
    monkeypatch.setenv("CLAVERO_SECRET_KEY_FILE", str(path))
    with pytest.raises(environment.BadSetting, match="CLAVERO_SECRET_KEY"):
        environment.require("CLAVERO_SECRET_KEY")


def test_every_setting_may_stand_in_a_file(tmp_path):
    given = SERVER | {"CLAVERO_DATABASE_URL": f"sqlite:///{tmp_path / 'x.sqlite3'}"}
    for name, value in given.items():
        (tmp_path / name).write_text(value + "\n")
    named = {f"{name}_FILE": str(tmp_path / name) for name in given}
    done = run("send", "--once", **named)
    assert done.returncode == 0, done.stderr


def test_the_profile_may_be_named_in_a_file_and_is_the_one_that_runs(tmp_path):
    named, profile = tmp_path / "named", tmp_path / "mine.toml"
    profile.write_text(
        (SHIPPED / "example.toml").read_text().replace('name = "example"', 'name = "mine"', 1)
    )
    named.write_text(str(profile))
    done = run(
        "doctor",
        database=tmp_path / "x.sqlite3",
        CLAVERO_PROFILE="",
        CLAVERO_PROFILE_FILE=str(named),
    )
    assert "mine" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("line", "place"),
    [("disclosure = \"nothing\"", "disclosure"), ("code_minutes = 30", "code_minutes"), ("[hash]", "hash"), ("help_phone", "help_phone")],
)  # fmt: skip
def test_a_profile_with_a_typo_stops_the_start_and_names_the_place(tmp_path, line, place):
    path = tmp_path / "mine.toml"
    text = (SHIPPED / "example.toml").read_text()
    assert line in text
    path.write_text(text.replace(line, "x" + line if line[0] != "[" else "[xhash]", 1))
    command = "serve" if place in ("hash", "disclosure") else "send"
    done = run(
        command, database=tmp_path / "x.sqlite3", **(SERVER | {"CLAVERO_PROFILE": str(path)})
    )
    stops(done, "mine.toml", place)


def test_a_profile_that_is_not_there_is_one_line(tmp_path):
    stops(
        run(
            "send",
            "--once",
            database=tmp_path / "x.sqlite3",
            **(SERVER | {"CLAVERO_PROFILE": "nada"}),
        ),
        "nada",
    )


def test_commands_without_settings_use_the_shipped_profile():
    done = run("deadline", "--json", "2026-02")
    assert done.returncode == 0 and "2026-02-18" in done.stdout


@pytest.mark.parametrize(
    ("name", "value"),
    [("CLAVERO_BASE_URL", "https://clave.instituto.example"), ("CLAVERO_DESK_URL", "https://mesa.instituto.example"),
     ("CLAVERO_DATABASE_URL", "postgresql://127.0.0.1:9/x")],
)  # fmt: skip
def test_the_demonstration_refuses_wherever_it_could_harm(tmp_path, name, value):
    given = (
        SERVER
        | {"CLAVERO_DATABASE_URL": f"sqlite:///{tmp_path / 'x.sqlite3'}", "CLAVERO_DEMO": "1"}
        | {name: value}
    )
    stops(run("send", "--once", **given), "CLAVERO_DEMO=1")


def test_a_database_that_cannot_be_opened_is_one_line(tmp_path):
    stops(run("audit", "verify", database=tmp_path / "no" / "folder" / "x.sqlite3"))
    (tmp_path / "text").write_text("this is no database" * 100)
    stops(run("audit", "verify", database=tmp_path / "text"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_a_taken_port_is_one_line(tmp_path):
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        bind = f"127.0.0.1:{held.getsockname()[1]}"
        stops(run("serve", "--bind", bind, database=tmp_path / "x.sqlite3", **SERVER), bind)
    for bind in ("nada", "127.0.0.1:", "127.0.0.1:99999", "203.0.113.9:80"):
        with pytest.raises(Stop, match="--bind"):
            operations._can_bind(bind)


def test_serve_answers_with_the_shipped_settings_and_ends_when_asked(tmp_path):
    port = free_port()
    env = {n: v for n, v in os.environ.items() if not n.startswith(("CLAVERO_", "DJANGO_"))}
    env |= SERVER | {
        "CLAVERO_DATABASE_URL": f"sqlite:///{tmp_path / 'x.sqlite3'}",
        "CLAVERO_BASE_URL": f"http://localhost:{port}",
    }
    command = [
        sys.executable,
        "-m",
        "clavero.cli",
        "serve",
        "--bind",
        f"127.0.0.1:{port}",
        "--workers",
        "1",
    ]
    server = subprocess.Popen(command, cwd=ROOT, env=env, stderr=subprocess.DEVNULL)
    try:
        page = answer(f"http://localhost:{port}/")
        assert "Clave de empleador" in page and "Demostración" not in page
        assert status(f"http://localhost:{port}/demo/") == 404
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=20) == 0


def answer(address: str) -> str:
    for _ in range(200):
        try:
            return urllib.request.urlopen(address, timeout=5).read().decode()
        except OSError:
            time.sleep(0.1)
    raise AssertionError("it did not answer")


def status(address: str) -> int:
    try:
        return urllib.request.urlopen(address, timeout=5).status
    except urllib.error.HTTPError as error:
        return error.code


def test_no_setting_is_read_past_the_one_door():
    """`os.environ` stands in `environment`, in the command's frame, where the demonstration makes its own, and
    where a process that judges a list is given its parent's (`tending`) and names its settings (`work`)."""
    allowed = {"environment.py", "frame.py", "database.py", "operations.py", "__main__.py", "wsgi.py", "doctor.py", "services.py", "settings_test.py", "tending.py", "work.py"}  # fmt: skip
    found = {
        path.name
        for path in Path(ROOT / "clavero").rglob("*.py")
        if "os.environ" in path.read_text(encoding="utf-8")
    }
    assert found <= allowed, found - allowed
