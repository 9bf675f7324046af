"""`python scripts/with_postgres.py COMMAND…`: a throw-away PostgreSQL server around a command.

The server lives in a temporary folder, listens on loopback and ends with the command, whose
exit status is returned. The command finds it in CLAVERO_TEST_DATABASE_URL. Exit 3, with one line, where
this machine has no server.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NO_SERVER = 3
USER = "postgres"


def binary(name: str) -> str:
    """Debian keeps the server's binaries off the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    return str(found[0]) if found else (shutil.which(name) or "")


def as_server(command: list[str]) -> list[str]:
    """initdb and postgres refuse to run as root."""
    return ["runuser", "-u", USER, "--", *command] if os.geteuid() == 0 else command


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(folder: Path, port: int, more: dict[str, str]) -> subprocess.Popen[bytes]:
    data = folder / "data"
    initdb = [
        binary("initdb"),
        "-D",
        str(data),
        "-U",
        USER,
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--no-sync",
    ]
    subprocess.run(as_server(initdb), check=True, stdout=subprocess.DEVNULL)
    settings = {
        "listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": folder, "fsync": "off",
        "synchronous_commit": "off", "full_page_writes": "off", "max_connections": 100,
    } | more  # fmt: skip
    command = [binary("postgres"), "-D", str(data)]
    command += [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    log = (folder / "log").open("wb")
    return subprocess.Popen(as_server(command), stdout=log, stderr=log)


def wait_until_it_answers(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        ready = [binary("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
        if subprocess.run(ready, check=False).returncode == 0:
            return
        if server.poll() is not None:
            raise SystemExit("the PostgreSQL server did not start")
        time.sleep(0.1)
    raise SystemExit("the PostgreSQL server does not answer")


@contextmanager
def running(**settings: str) -> Iterator[str]:
    """A server while the block runs, with `settings` of its own; gives its address."""
    folder = Path(tempfile.mkdtemp(prefix="clavero-pg-"))
    folder.chmod(0o777)
    port = free_port()
    server = start(folder, port, settings)
    try:
        wait_until_it_answers(port, server)
        yield f"postgresql://{USER}@127.0.0.1:{port}/postgres"
    finally:
        server.terminate()
        server.wait(timeout=20)
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    if not binary("initdb"):
        print("PostgreSQL: no server on this machine", file=sys.stderr)
        return NO_SERVER
    with running() as address:
        env = os.environ | {"CLAVERO_TEST_DATABASE_URL": address}
        return subprocess.run(sys.argv[1:], env=env, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
