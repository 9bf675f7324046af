"""Reading the SRI's files: a stream of rows, whatever release they are of (DOMAIN §3.1)."""

import codecs
import csv
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from clavero.core.errors import Refused

NEEDED = (
    "NUMERO_RUC", "RAZON_SOCIAL", "ESTADO_CONTRIBUYENTE", "TIPO_CONTRIBUYENTE", "FECHA_ACTUALIZACION",
    "CODIGO_JURISDICCION",
)  # fmt: skip
OLDER = {"PROVINCIA_JURISDICCION": "CODIGO_JURISDICCION"}
STATES = {"ACTIVO": 1, "SUSPENDIDO": 2, "PASIVO": 3}
LARGEST = 8 * 1024**3
_BLOCK = 1 << 20


@dataclass
class Report:
    """What was found in one file, without a single identifier: counts, and the first lines of each kind."""

    encoding: str = "utf-8"
    rows: int = 0
    stored: int = 0
    establishments: int = 0
    padded: int = 0
    test_records: int = 0
    rejected: dict[str, int] = field(default_factory=dict)
    lines: dict[str, list[int]] = field(default_factory=dict)
    province: str = ""
    as_of: str = ""
    lines_in_file: int = 0
    last_shifted: int = 0

    def reject(self, code: str, line: int) -> None:
        self.rejected[code] = self.rejected.get(code, 0) + 1
        if self.rejected[code] <= 5:
            self.lines.setdefault(code, []).append(line)

    def shift(self, line: int) -> None:
        """A row of another width; if it is the last one, the file may have been cut."""
        self.reject("catastro.shifted", line)
        self.last_shifted = line


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """The bytes of a CSV, or of the one CSV inside a ZIP. Raises `Refused` for what is neither."""
    try:
        if not zipfile.is_zipfile(path):
            with path.open("rb") as file:
                yield file
            return
        with zipfile.ZipFile(path) as archive, archive.open(_only_member(archive)) as member:
            yield member  # type: ignore[misc]
    except OSError as error:
        raise Refused("file.unreadable", why=error.strerror or "") from error
    except (zipfile.BadZipFile, EOFError, NotImplementedError) as error:
        raise Refused("file.broken_zip") from error


def _only_member(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    members = [
        item for item in archive.infolist() if item.filename.lower().endswith((".csv", ".txt"))
    ]
    if len(members) != 1:
        raise Refused("file.one_csv_in_zip", found=len(members))
    if members[0].file_size > LARGEST:
        raise Refused("file.too_large")
    return members[0]


@dataclass(frozen=True)
class Look:
    """What one reading of the bytes says: encoding, how many lines, and whether the last one ends."""

    encoding: str
    lines: int
    ends: bool


def look(path: Path) -> Look:
    """utf-8-sig or latin-1, by reading it all. Raises `Refused("file.binary")` where there are zero bytes."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    found, lines, last = "utf-8-sig", 0, b""
    with _opened(path) as raw:
        while block := raw.read(_BLOCK):
            if b"\x00" in block or (not last and block[:4] in (b"PK\x03\x04", b"%PDF")):
                raise Refused("file.binary")
            lines, last = lines + block.count(b"\n"), block[-1:]
            found = _guessed(decoder, block, found)
    if not last:
        raise Refused("file.empty")
    return Look(found, lines, last == b"\n")


def _guessed(decoder: codecs.IncrementalDecoder, block: bytes, found: str) -> str:
    if found == "latin-1":
        return found
    try:
        decoder.decode(block)
    except UnicodeDecodeError:
        return "latin-1"
    return found


def rows(path: Path, report: Report) -> Iterator[tuple[int, int, str]]:
    """(RUC, status, name) of each right row; the rest is counted in `report`. Streams."""
    seen = look(path)
    report.encoding, report.lines_in_file = seen.encoding, seen.lines
    with _opened(path) as raw:
        text = io.TextIOWrapper(raw, encoding=report.encoding, newline="")
        reader = csv.reader(text, delimiter="|", quotechar='"')
        try:
            yield from _right_rows(reader, _columns(next(reader, [])), report)
            if not seen.ends and report.last_shifted == reader.line_num:
                raise Refused("file.cut")
        except csv.Error as error:
            raise Refused("file.not_csv", line=reader.line_num) from error
        except UnicodeDecodeError as error:
            raise Refused("file.encoding") from error


def _columns(header: list[str]) -> tuple[int, list[int]]:
    """The width of a row and where the needed columns stand. Raises `Refused("catastro.columns")`."""
    names = [OLDER.get(name.strip().upper(), name.strip().upper()) for name in header]
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise Refused("catastro.columns", missing=", ".join(missing))
    return len(names), [names.index(name) for name in NEEDED]


def _right_rows(
    reader, shape: tuple[int, list[int]], report: Report
) -> Iterator[tuple[int, int, str]]:  # type: ignore[no-untyped-def]
    width, (at_ruc, at_name, at_state, at_type, at_date, at_where) = shape
    newest = ""
    provinces: dict[str, int] = {}
    states = STATES
    for row in reader:
        report.rows += 1
        if len(row) != width:
            report.shift(reader.line_num)
            continue
        ruc, state = row[at_ruc], states.get(row[at_state])
        if len(ruc) != 13 or not ruc.isdigit():
            ruc = ruc.strip()
            if len(ruc) == 12 and ruc.isdigit() and ruc.endswith("001"):
                report.padded += 1
            elif len(ruc) != 13 or not (ruc.isascii() and ruc.isdigit()):
                report.reject("catastro.ruc", reader.line_num)
                continue
        if state is None:
            report.reject("catastro.state", reader.line_num)
            continue
        name = row[at_name] if row[at_type] == "SOCIEDAD" else ""
        if name.startswith("PRUEBA"):
            report.test_records += 1
        if row[at_date] > newest:
            newest = row[at_date]
        where = row[at_where]
        provinces[where] = provinces.get(where, 0) + 1
        yield int(ruc), state, name
    report.as_of = newest[:10].replace("/", "-")
    report.province = _province(provinces)


def _province(counted: dict[str, int]) -> str:
    """The jurisdiction of a file: that of nine rows in ten. A stray row moves no copy to another place."""
    most = max(counted, key=lambda where: counted[where], default="")
    whole = sum(counted.values())
    return most if counted and counted[most] >= whole * 0.9 else ("MIXED" if counted else "")


# --- a few RUCs out of many -----------------------------------------------------------------------

_SIEVE = 1 << 24


def sieve(rucs: Iterable[int]) -> bytearray:
    """What lets a row pass whose RUC may be one of these: sixteen megabytes, whatever their number."""
    marked = bytearray(_SIEVE)
    for number in rucs:
        digits = b"%013d" % number
        marked[zlib.crc32(digits) % _SIEVE] = 1
        if digits.startswith(b"0"):
            marked[zlib.crc32(digits[1:] + b"|") % _SIEVE] = 1
    return marked


def sifted(path: Path, passes: bytearray, report: Report) -> Iterator[tuple[int, int, str]]:
    """As `rows`, of the RUCs that pass the sieve, and a few more: the others are passed by without being parsed."""
    with _opened(path) as raw:
        header = raw.readline()
        names = header.decode("utf-8-sig", errors="replace").strip().split("|")
        width, places = _columns(names)
        at_date = places[NEEDED.index("FECHA_ACTUALIZACION")]
        if places[0] == 0:
            lines = csv.reader(_passing(raw, passes, at_date, report), delimiter="|")
            yield from _right_rows(lines, (width, places), Report())
    if places[0]:
        yield from rows(path, report)


def _passing(raw: BinaryIO, passes: bytearray, at_date: int, report: Report) -> Iterator[str]:
    """The lines that pass, as text; the newest date of all lines goes into the report."""
    crc32, newest = zlib.crc32, b""
    for line in raw:
        report.rows += 1
        parts = line.split(b"|", at_date + 1)
        if len(parts) > at_date and newest < parts[at_date] < b"3":
            newest = parts[at_date]
        if passes[crc32(line[:13]) % _SIEVE]:
            yield _decoded(line)
    report.as_of = newest[:10].decode("ascii", errors="replace").replace("/", "-")


def _decoded(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("latin-1")
