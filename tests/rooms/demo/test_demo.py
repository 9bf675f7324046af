"""`make demo`: what it says, what it keeps, where it refuses to start."""

import os
import socket
import sqlite3
import subprocess
import urllib.request

import pytest

from tests.running import ROOT, Browser, Demo, command, free_port

pytestmark = pytest.mark.once


def refused(folder, port, **more: str) -> str:
    """The one line of a demonstration that does not start."""
    done = subprocess.run(**command(folder, port, **more), capture_output=True, timeout=120)
    assert done.returncode == 2 and done.stdout == "", done
    assert len(done.stderr.strip().splitlines()) == 1 and "Traceback" not in done.stderr, (
        done.stderr
    )
    return done.stderr


def test_it_says_in_five_lines_where_to_go_keeps_its_data_and_ends_with_ctrl_c(tmp_path):
    first = Demo(tmp_path / "data")
    browser = Browser(first.base).open("/entrar/")
    ana = next(member for member in first.json("/demo/cast.json") if member["id"] == "en_orden")
    browser.send(identification=ana["identification"], ruc=ana["ruc"], key=ana["key"])
    assert browser.url.endswith("/cuenta/")
    browser.open("/cuenta/clave/").send(current=ana["key"], key="tortuga-vapor-cinta-lunes")
    code, said, error = first.end()
    assert code == 0 and error == "" and len(said.strip().splitlines()) == 5
    assert first.base in said and "/demo/" in said and "/demo/correo/" in said and "Ctrl-C" in said
    with pytest.raises(OSError):
        urllib.request.urlopen(first.base, timeout=2)

    second = Demo(tmp_path / "data")
    try:
        browser = Browser(second.base).open("/entrar/")
        browser.send(
            identification=ana["identification"], ruc=ana["ruc"], key="tortuga-vapor-cinta-lunes"
        )
        assert browser.url.endswith("/cuenta/")
    finally:
        second.end()

    fresh = Demo(tmp_path / "data", "--fresh")
    try:
        browser = Browser(fresh.base).open("/entrar/")
        browser.send(identification=ana["identification"], ruc=ana["ruc"], key=ana["key"])
        assert browser.url.endswith("/cuenta/")
    finally:
        fresh.end()


def test_a_taken_port_is_one_clear_line(tmp_path):
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        port = held.getsockname()[1]
        assert f"{port} is taken" in refused(tmp_path, port)


@pytest.mark.parametrize("port", ["nada", "0", "65536", "-1", "８０００x"])
def test_a_port_that_is_none_is_one_clear_line(tmp_path, port):
    assert "not a port" in refused(tmp_path, port)


def test_a_profile_with_a_typo_is_one_clear_line(tmp_path):
    mine = tmp_path / "mine.toml"
    mine.write_text(
        (ROOT / "clavero" / "profiles" / "iess.toml")
        .read_text()
        .replace("disclosure", "disclosur", 1)
    )
    assert "mine.toml: disclosur" in refused(
        tmp_path / "data", free_port(), CLAVERO_PROFILE=str(mine)
    )
    assert "nada" in refused(tmp_path / "data", free_port(), CLAVERO_PROFILE="nada")


def test_an_employer_who_is_not_of_the_cast_is_not_shown(tmp_path):
    running = Demo(tmp_path / "data")
    running.end()
    with sqlite3.connect(tmp_path / "data" / "clavero.sqlite3") as raw:
        raw.execute(
            "UPDATE employers_employer SET ruc = (SELECT ruc FROM employers_employer LIMIT 1) WHERE id = (SELECT max(id) FROM employers_employer)"
        )
    said = refused(tmp_path / "data", free_port())
    assert "not of the demonstration's cast" in said


def test_what_the_shell_had_set_for_a_real_server_is_not_touched(tmp_path):
    """A shell with an institution's settings starts the demonstration beside them, never on them."""
    real = tmp_path / "real.sqlite3"
    settings = {"CLAVERO_DATABASE_URL": f"sqlite:///{real}", "CLAVERO_BASE_URL": "https://clave.instituto.example",
                "CLAVERO_SMTP_URL": "smtp://localhost:25", "CLAVERO_FIELD_KEYS": "f1:" + "A" * 43}  # fmt: skip
    running = Demo(tmp_path / "data", **settings)
    try:
        assert Browser(running.base).open("/demo/").status == 200 and not real.exists()
    finally:
        running.end()


def test_its_secrets_are_its_owners_alone(tmp_path):
    running = Demo(tmp_path / "data")
    running.end()
    for name in ("secret_key", "key_pepper", "field_keys", "audit_key"):
        assert (tmp_path / "data" / name).stat().st_mode & 0o077 == 0, name


def test_it_listens_on_this_machine_alone():
    text = (ROOT / "clavero" / "demo" / "__main__.py").read_text()
    assert 'f"127.0.0.1:{port}"' in text and "0.0.0.0" not in text and os.sep
