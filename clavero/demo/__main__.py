"""`python -m clavero.demo [--fresh]`: the portal, its worker and the made-up cast, on this machine alone.

Everything it needs it makes: keys, database, cast. Ctrl-C ends it; started again, nothing is lost.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(os.environ.get("CLAVERO_DEMO_DIR") or "var/demo")
PORT = os.environ.get("CLAVERO_PORT") or "8000"

SAID = ("BadProfile", "BadSetting", "Stranger", "UnsafeDemo")
"""What stops a demonstration with the one line that it carries."""


def stop_with(line: str) -> None:
    print(line, file=sys.stderr)
    raise SystemExit(2)


def free_port(port: str) -> int:
    """The port as a number; one clear line where it is taken or no port at all."""
    if not port.isdigit() or not 0 < int(port) < 65536:
        stop_with(f"CLAVERO_PORT={port} is not a port: choose a number from 1024 to 65535.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(port)))
        except OSError:
            stop_with(f"Port {port} is taken. Choose another: CLAVERO_PORT=8001 make demo")
    return int(port)


def secret_file(name: str, prefix: str = "") -> str:
    """A secret made once and kept beside the database, readable by its owner alone."""
    path = HERE / name
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(prefix + secrets.token_urlsafe(32))
    return path.read_text(encoding="ascii")


def prepare_environment(port: int) -> None:
    """The settings of the demonstration. What a shell may have set for another server is not used."""
    for name in [name for name in os.environ if name.startswith("CLAVERO_")]:
        if name not in ("CLAVERO_PROFILE", "CLAVERO_DEMO_DIR"):
            del os.environ[name]
    HERE.mkdir(parents=True, exist_ok=True)
    os.environ.update(
        DJANGO_SETTINGS_MODULE="clavero.project.settings",
        CLAVERO_DEMO="1",
        CLAVERO_DEMO_DIR=str(HERE),
        CLAVERO_BASE_URL=f"http://localhost:{port}",
        CLAVERO_DESK_URL=f"http://mesa.localhost:{port}",
        CLAVERO_DATABASE_URL=f"sqlite:///{HERE / 'clavero.sqlite3'}",
        CLAVERO_SECRET_KEY=secret_file("secret_key"),
        CLAVERO_KEY_PEPPER=secret_file("key_pepper", "p1:"),
        CLAVERO_FIELD_KEYS=secret_file("field_keys", "f1:"),
        CLAVERO_AUDIT_KEY=secret_file("audit_key"),
    )
    os.environ.setdefault("CLAVERO_PROFILE", "iess")


def prepare_database() -> None:
    """Tables, and the cast where it is missing. Data that are there stay."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    from clavero import clock
    from clavero.demo import centres, services

    services.bring_cast()
    centres.bring_numbers(clock.now())


def start(port: int) -> list[subprocess.Popen[bytes]]:
    """The web server and the worker, each its own process."""
    web = [sys.executable, "-m", "gunicorn", "clavero.project.wsgi", "--bind", f"127.0.0.1:{port}"]
    web += [
        "--worker-class",
        "gthread",
        "--threads",
        "4",
        "--no-control-socket",
        "--log-level",
        "warning",
    ]
    worker = [sys.executable, "-m", "clavero.cli", "send"]
    own_group = {"start_new_session": True}
    return [subprocess.Popen(web, **own_group), subprocess.Popen(worker, **own_group)]  # type: ignore[call-overload]


def wait_until_it_answers(port: int, web: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if web.poll() is not None:
            stop_with("The portal did not start; the lines above say why.")
        time.sleep(0.1)


def say_where(port: int) -> None:
    base = f"http://localhost:{port}"
    print(f"Clavero, demostración / demonstration: {base}/", flush=True)
    print(f"  Elenco y qué le pasa a cada uno / the cast: {base}/demo/", flush=True)
    print(f"  Correo de todos / everybody's mail: {base}/demo/correo/", flush=True)
    desk = f"http://mesa.localhost:{port}/mesa/"
    print(f"  In English: {base}/en/ · Mostrador / desk: {desk}", flush=True)
    print("  Ctrl-C termina todo y nada se pierde / ends everything, nothing is lost.", flush=True)


def serve(port: int) -> int:
    children = start(port)
    asked: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda got, _frame: asked.append(got))
    wait_until_it_answers(port, children[0])
    say_where(port)
    while not asked and all(child.poll() is None for child in children):
        time.sleep(0.2)
    return end(children, asked=bool(asked))


def end(children: list[subprocess.Popen[bytes]], *, asked: bool) -> int:
    """Ask every child to finish what it does, then wait for it."""
    for child in children:
        if child.poll() is None:
            child.terminate()
    for child in children:
        try:
            child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            child.kill()
    if not asked:
        print(
            "A part of the demonstration ended by itself; the lines above say why.", file=sys.stderr
        )
        return 2
    return 0


def main() -> int:
    port = free_port(PORT)
    if "--fresh" in sys.argv[1:] and (HERE / "field_keys").exists():
        shutil.rmtree(HERE, ignore_errors=True)
    prepare_environment(port)
    try:
        prepare_database()
    except Exception as error:
        if type(error).__name__ not in SAID:
            raise
        stop_with(str(error))
    return serve(port)


if __name__ == "__main__":
    sys.exit(main())
