"""Writes tests/browser/seen.json: which template axe saw, and in which test. Runs every test of the browser, one after the other."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "seen.json")
        env = os.environ | {"CLAVERO_AXE_SEEN": str(file)}
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-n",
            "0",
            "-p",
            "no:randomly",
            "-m",
            "browser",
            "tests/browser",
            *sys.argv[1:],
        ]
        code = subprocess.run(command, cwd=ROOT, env=env, check=False).returncode
        if code == 0:
            (ROOT / "tests" / "browser" / "seen.json").write_text(
                file.read_text(encoding="utf-8"), encoding="utf-8"
            )
        return code


if __name__ == "__main__":
    sys.exit(main())
