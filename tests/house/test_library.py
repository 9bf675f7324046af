"""The library's page is true, and needs no Django (L04)."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RUN = """
import doctest, sys
for name in ("django", "click", "rich", "cryptography", "python_calamine", "xlsxwriter"):
    sys.modules[name] = None
found = doctest.testfile({page!r}, module_relative=False)
sys.exit(found.failed or found.attempted < 15)
"""


def test_every_example_of_the_librarys_page_runs_without_django():
    code = RUN.format(page=str(ROOT / "docs" / "library.md"))
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]


@pytest.mark.parametrize("name", ["identifiers", "triage", "workdays", "sheet", "columns", "names"])
def test_the_core_gives_each_of_its_parts(name):
    code = f"import sys; sys.modules['django'] = None; from clavero.core import {name}"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
