"""Derives the list of common keys of 15 characters or more that the key policy refuses (S-034).

From the list that Django ships (public common passwords, BSD) and own words: doubled, joined, with
years and digits. Writes clavero/keys/data/common.txt.gz. `--check` says whether it is fresh.
"""

import gzip
import sys
from importlib.resources import files
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "clavero" / "keys" / "data" / "common.txt.gz"
LEAST = 15
OWN = """clave clavepatronal claveempleador claveiess iess empleador patrono patronal miclave miclavesegura
contrasena contrasenasegura micontrasena ecuador quito guayaquil cuenca ambato galapagos empresa negocio
teamo tequiero familia jesus dios amor barcelona emelec ligadequito seguro segurosocial salud trabajo
bienvenido administrador usuario sistema computadora internet correo gerente contador secretaria""".split()
YEARS = [str(year) for year in range(1950, 2036)]
TAILS = ["1", "12", "123", "1234", "12345", "123456", "2024", "2025", "2026", "2027", "."]
JOINED = 400


def django_list() -> list[str]:
    raw = (files("django.contrib.auth") / "common-passwords.txt.gz").read_bytes()
    return gzip.decompress(raw).decode().split()


def derived() -> set[str]:
    """Every common key and what people make of it when it has to be longer."""
    common = django_list()
    found = set(common) | {word * 2 for word in common} | {word * 3 for word in common[:2000]}
    found |= {a + b for a in common[:JOINED] for b in common[:60]}
    found |= {a + b for a in OWN for b in OWN} | {word * n for word in OWN for n in (2, 3, 4)}
    found |= {word + tail for word in OWN for tail in YEARS + TAILS}
    found |= {a + b + tail for a in OWN for b in OWN[:20] for tail in TAILS}
    found |= {word + year for word in common[:2000] for year in YEARS[-40:]}
    return {word for word in found if LEAST <= len(word) <= 64}


def text() -> bytes:
    return gzip.compress("\n".join(sorted(derived())).encode(), mtime=0)


def main() -> int:
    fresh = text()
    if "--check" in sys.argv:
        same = TARGET.exists() and gzip.decompress(TARGET.read_bytes()) == gzip.decompress(fresh)
        return 0 if same else 1
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_bytes(fresh)
    print(f"{len(derived())} keys, {len(fresh)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
