"""docs/sbom.cdx.json: what Clavero is made of, as CycloneDX 1.5 reads it (S-139). Written by `make docs`, like the other documents.

From the pinned requirements (a runtime's and PostgreSQL's), the licences of scripts/data/parts.toml and what is carried in the repository.
Without a serial number, a moment or a download address: the same commit gives the same bytes.
"""

import hashlib
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PARTS, TARGET = ROOT / "scripts" / "data" / "parts.toml", ROOT / "docs" / "sbom.cdx.json"
PINNED = re.compile(r"^([a-z0-9._-]+)==([^ ;\\]+)")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def pinned(file: str) -> Iterator[tuple[str, str, list[str]]]:
    """Name, version and the hashes of the files that pip may take, of each package of a requirements file."""
    name, version = "", ""
    hashes: list[str] = []
    for line in (ROOT / file).read_text(encoding="utf-8").splitlines():
        if found := PINNED.match(line):
            if name:
                yield name, version, hashes
            name, version, hashes = found[1], found[2], []
        hashes += HASH.findall(line)
    yield name, version, hashes


def _component(
    kind: str, name: str, version: str, licence: str, hashes: list[str]
) -> dict[str, Any]:
    purl = f"pkg:{kind}/{name}@{version}"
    return {
        "type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl,
        "licenses": [{"expression": licence}],
        "hashes": [{"alg": "SHA-256", "content": each} for each in sorted(set(hashes))],
    }  # fmt: skip


def document() -> dict[str, Any]:
    """The whole list. Raises KeyError for a package whose licence nobody wrote down."""
    parts = tomllib.loads(PARTS.read_text(encoding="utf-8"))
    needed = {name for name, *_ in pinned("requirements.txt")}
    components = []
    for name, version, hashes in pinned("requirements-postgres.txt"):
        one = _component("pypi", name, version, parts["licences"][name], hashes)
        components.append(one | {"scope": "required" if name in needed else "optional"})
    for one in parts["carried"]:
        files = [(ROOT / "clavero" / file).read_bytes() for file in one["files"]]
        hashes = [hashlib.sha256(raw).hexdigest() for raw in files]
        made = _component(one["kind"], one["name"], one["version"], one["licence"], hashes)
        components.append(made | {"scope": "required"})
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    about = {"type": "application", "bom-ref": "clavero", "name": "clavero", "version": project["version"], "licenses": [{"expression": "Apache-2.0"}]}  # fmt: skip
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json", "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "metadata": {"component": about},
        "components": sorted(components, key=lambda one: one["purl"]),
    }  # fmt: skip


def main() -> int:
    text = json.dumps(document(), indent=1, ensure_ascii=False) + "\n"
    if "--check" not in sys.argv:
        TARGET.write_text(text, encoding="utf-8")
        return 0
    if TARGET.exists() and TARGET.read_text(encoding="utf-8") == text:
        return 0
    print(f"docs/{TARGET.name} is stale: run make docs")
    return 1


if __name__ == "__main__":
    sys.exit(main())
