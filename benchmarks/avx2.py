"""The same hash, built from its published source for AVX2: into a folder of its own, nothing installed is touched."""

import os
import shutil
import subprocess
import sys
from importlib.metadata import version

PACKAGE = "argon2-cffi-bindings"
FLAGS = "-O3 -mavx2"


def built(folder: str) -> str:
    """`folder` with the build inside, or "" and one line on why there is none."""
    why = _missing()
    if not why:
        wanted = f"{PACKAGE}=={version(PACKAGE)}"
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps",
                   "--no-binary", ":all:", "--target", folder, wanted]  # fmt: skip
        env = os.environ | {"CFLAGS": FLAGS}
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        why = "" if done.returncode == 0 else f"the build failed: {done.stderr.strip()[-200:]}"
    if why:
        print(f"AVX2 build of the hash: skipped, {why}", file=sys.stderr)
    return "" if why else folder


def _missing() -> str:
    if not shutil.which("gcc"):
        return "no gcc on this machine"
    with open("/proc/cpuinfo") as file:  # noqa: PTH123 (a file of the kernel)
        return "" if " avx2 " in file.read() else "this processor has no AVX2"
