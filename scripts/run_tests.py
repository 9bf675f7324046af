"""`make test`: every test there is on this machine, on SQLite and then on PostgreSQL, and what was left out.

With CLAVERO_REQUIRE_ALL=1 a lane or test that this machine cannot run is a failure.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ALL = os.environ.get("CLAVERO_REQUIRE_ALL") == "1"
NO_SERVER = 3


def install(package: str) -> None:
    """Try to bring a Debian package that only tests need; silent where that is not possible."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(["apt-get", "update", "-qq"], check=False, **quiet)
        command = ["apt-get", "install", "-y", "-qq", *package.split()]
        env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(command, check=False, env=env, **quiet)


def has_postgres() -> bool:
    return bool(shutil.which("initdb") or list(Path("/usr/lib/postgresql").glob("*/bin/initdb")))


def lane(title: str, command: list[str]) -> int:
    print(f"\n== {title}", flush=True)
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def main() -> int:
    if not shutil.which("chromium") and not os.environ.get("CHROMIUM"):
        install("chromium libatomic1")
    if not has_postgres():
        install("postgresql")
    extra = sys.argv[1:]
    pytest = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadfile", "-rs", *extra]
    results = {"SQLite": lane("SQLite", pytest)}
    if has_postgres():
        with_server = [sys.executable, "scripts/with_postgres.py", *pytest, "-m", "not browser"]
        results["PostgreSQL"] = lane("PostgreSQL", with_server)
    else:
        results["PostgreSQL"] = NO_SERVER
    print()
    for name, code in results.items():
        said = (
            "not run: no server on this machine"
            if code == NO_SERVER
            else ("passed" if code == 0 else "FAILED")
        )
        print(f"{name}: {said}")
    bad = [code for code in results.values() if code not in (0, NO_SERVER)]
    return 1 if bad or (ALL and NO_SERVER in results.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
