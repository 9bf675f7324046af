"""What Clavero is made of stands in docs/sbom.cdx.json, with licences that may ship (S-139)."""

import json
import re
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

from scripts import parts_docs

ROOT = Path(__file__).resolve().parents[2]
LISTED = json.loads((ROOT / "docs" / "sbom.cdx.json").read_text(encoding="utf-8"))
COMPONENTS = {one["name"]: one for one in LISTED["components"]}
MAY_SHIP = {
    "MIT",
    "MIT-0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "Apache-2.0",
    "ISC",
    "MPL-2.0",
    "PSF-2.0",
    "Unlicense",
    "OFL-1.1",
}
MAY_STAND_BESIDE = MAY_SHIP | {"LGPL-3.0-only"}
"""The driver of PostgreSQL, which an institution installs beside: no part of what ships links it in."""


def licences(one: dict) -> set[str]:
    return set(re.split(r" (?:OR|AND) ", one["licenses"][0]["expression"]))


def test_every_pinned_package_stands_in_the_list_with_the_hashes_that_pip_takes():
    for file, scope in (("requirements.txt", "required"), ("requirements-postgres.txt", None)):
        for name, version, hashes in parts_docs.pinned(file):
            found = COMPONENTS[name]
            assert (found["version"], found["purl"]) == (version, f"pkg:pypi/{name}@{version}")
            assert hashes and {each["content"] for each in found["hashes"]} == set(hashes)
            assert scope in (None, found["scope"])


def test_nothing_ships_under_a_licence_that_binds_what_uses_it():
    for one in COMPONENTS.values():
        allowed = MAY_SHIP if one["scope"] == "required" else MAY_STAND_BESIDE
        assert licences(one) <= allowed, one["name"]


def test_each_licence_is_the_one_that_the_package_itself_names():
    told = 0
    for one in COMPONENTS.values():
        try:
            named = metadata(one["name"]).get("License-Expression")
        except PackageNotFoundError:
            continue
        told += named is not None
        assert named in (None, one["licenses"][0]["expression"]), one["name"]
    assert told > 10


def test_what_others_made_and_lies_in_the_repository_is_listed():
    carried = {
        file
        for one in parts_docs.tomllib.loads(parts_docs.PARTS.read_text(encoding="utf-8"))["carried"]
        for file in one["files"]
    }
    fonts = {
        path.relative_to(ROOT / "clavero").as_posix()
        for end in ("woff2", "ttf")
        for path in (ROOT / "clavero").rglob(f"*.{end}")
    }
    assert fonts <= carried


def test_the_list_has_no_address_of_a_registry_and_no_moment():
    text = (ROOT / "docs" / "sbom.cdx.json").read_text(encoding="utf-8")
    assert set(re.findall(r"https?://[^\"]+", text)) == {
        "http://cyclonedx.org/schema/bom-1.5.schema.json"
    }
    assert "timestamp" not in text and "serialNumber" not in text
    refs = [one["bom-ref"] for one in LISTED["components"]]
    assert len(refs) == len(set(refs)) and LISTED["specVersion"] == "1.5"
