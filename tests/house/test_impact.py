"""The impact assessment fits the data dictionary, and says what is not ours to say (S-133)."""

import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

from clavero.core import evidence
from clavero.privacy import dictionary

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def page() -> str:
    return (ROOT / "docs" / "impact.md").read_text(encoding="utf-8")


def test_the_impact_assessment_fits_the_data_dictionary(page):
    """S-133: the fingerprint, every table of persons, every basis and period; written again it is the same."""
    print_ = hashlib.sha256(dictionary.SOURCE.read_bytes()).hexdigest()[:16]
    assert f"`{print_}`" in page
    found = dictionary.read()
    for held in found.tables:
        of_persons = any(c.kind in ("personal", "lookup", "secret", "trace") for c in held.columns)
        assert (f"| `{held.name}` |" in page) == of_persons, held.name
        assert not of_persons or f"| `{held.keeps}` |" in page, held.keeps
    assert all(f"| `{name}` | " in page for name in found.bases)
    assert all(f"| `{risk.signal}` |" in page for risk in evidence.RISKS)
    command = [sys.executable, "scripts/impact_docs.py", "--check"]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def test_what_is_the_institutions_to_complete_is_marked_and_nobody_has_signed(page):
    """S-133."""
    marked = set(re.findall(r"To be completed by the institution \((\w+)\)", page))
    assert marked == {"controller", "officer", "heard", "scale", "hosting", "processors", "law", "periods", "weights", "left", "review"}  # fmt: skip
    assert "**not** a finished one" in page and "nobody has signed it" in page


def test_every_document_that_the_assessment_leads_to_is_there(page):
    for file in re.findall(r"\]\((\w+\.md)", page):
        assert (ROOT / "docs" / file).exists(), file
