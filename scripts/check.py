"""`make check`: format, lint, types, import contracts, bandit, migrations, generated documents, deployment settings."""

import os
import secrets
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent


def production() -> dict[str, str]:
    """Settings as an institution would have them, with keys made for this run."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "clavero.project.settings",
        "CLAVERO_BASE_URL": "https://clave.instituto.example",
        "CLAVERO_SECRET_KEY": secrets.token_urlsafe(64),
        "CLAVERO_KEY_PEPPER": "p1:" + secrets.token_urlsafe(32),
        "CLAVERO_FIELD_KEYS": "f1:" + secrets.token_urlsafe(32),
        "CLAVERO_AUDIT_KEY": secrets.token_urlsafe(32),
        "CLAVERO_DATABASE_URL": "sqlite:///var/check.sqlite3",
        "CLAVERO_PROFILE": "example",
        "CLAVERO_SMTP_URL": "smtp://localhost:25",
    }


def steps() -> dict[str, list[str]]:
    python = sys.executable
    django = [python, "-m", "django"]
    found = {
        "format": [str(BIN / "ruff"), "format", "--check", "."],
        "lint": [str(BIN / "ruff"), "check", "."],
        "types": [str(BIN / "mypy")],
        "imports": [str(BIN / "lint-imports")],
        "bandit": [str(BIN / "bandit"), "-q", "-c", "pyproject.toml", "-r", "clavero"],
        "migrations": [*django, "makemigrations", "--check", "--dry-run"],
        "deployment": [*django, "check", "--deploy", "--fail-level", "WARNING"],
    }
    for script in sorted((ROOT / "scripts").glob("*_docs.py")):
        found[script.stem] = [python, str(script), "--check"]
    found["tests"] = [python, "-m", "pytest", "-qq", "--collect-only", "tests"]
    found["messages"] = [python, "scripts/messages.py", "--check"]
    return found


def main() -> int:
    (ROOT / "var").mkdir(exist_ok=True)
    failed = []
    for name, command in steps().items():
        env = None if name == "tests" else production()  # the tests bring settings of their own
        done = subprocess.run(
            command, cwd=ROOT, env=env, capture_output=True, text=True, check=False
        )
        print(f"{'ok    ' if done.returncode == 0 else 'FAILED'} {name}", flush=True)
        if done.returncode:
            failed.append(name)
            print(done.stdout[-6000:], done.stderr[-3000:])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
