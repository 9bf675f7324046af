"""Reading the SRI's files: a stream of rows, whatever release they are of (DOMAIN §3.1)."""

import codecs
import csv
import itertools
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import BinaryIO

from clavero.core.errors import Refused

NEEDED = (
    "NUMERO_RUC", "RAZON_SOCIAL", "ESTADO_CONTRIBUYENTE", "TIPO_CONTRIBUYENTE", "FECHA_ACTUALIZACION",
    "CODIGO_JURISDICCION",
)  # fmt: skip
OLDER = {"PROVINCIA_JURISDICCION": "CODIGO_JURISDICCION"}
STATES = {b"ACTIVO": 1, b"SUSPENDIDO": 2, b"PASIVO": 3}
Row = tuple[int, int, str]
"""RUC, status and name (of societies alone)."""
LARGEST = 8 * 1024**3
_BLOCK = 1 << 20


@dataclass
class Report:
    """What was found in one file, without a single identifier: counts, and the first lines of each kind."""

    encoding: str = "utf-8"
    rows: int = 0
    continued: int = 0  # lines beyond one a record
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

    def line(self, row: int) -> int:
        """The line of the file on which the row of this number ends; the header is the first."""
        return row + 1 + self.continued

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


def rows(path: Path, report: Report) -> Iterator[Row]:
    """(RUC, status, name) of each right row; the rest is counted in `report`. Streams."""
    seen = look(path)
    report.encoding, report.lines_in_file = seen.encoding, seen.lines
    with _opened(path) as raw:
        records = _records(raw, report)
        try:
            header = [name.decode(report.encoding) for name in next(records, [])]
            yield from _right_rows(records, _columns(header), report)
            if not seen.ends and report.last_shifted == report.line(report.rows):
                raise Refused("file.cut")
        except csv.Error as error:
            raise Refused("file.not_csv", line=report.line(report.rows + 1)) from error
        except UnicodeDecodeError as error:
            raise Refused("file.encoding") from error


def _records(raw: Iterable[bytes], report: Report) -> Iterator[list[bytes]]:
    """The fields of each record. A line without a quote is taken apart as it is, three times as fast as by `csv`."""
    lines = iter(raw)
    for line in lines:
        if b'"' in line:
            yield _quoted(line, lines, report)
        else:
            yield line.rstrip(b"\r\n").split(b"|")


def _quoted(first: bytes, more: Iterator[bytes], report: Report) -> list[bytes]:
    """A record with quotes, which may go on over the next lines."""
    encoding = report.encoding.removesuffix("-sig")
    texts = (line.decode(encoding) for line in itertools.chain((first,), more))
    reader = csv.reader(texts, delimiter="|", quotechar='"')
    fields = next(reader)
    report.continued += reader.line_num - 1
    return [field.encode(encoding) for field in fields]


def _columns(header: list[str]) -> tuple[int, list[int]]:
    """The width of a row and where the needed columns stand. Raises `Refused("catastro.columns")`."""
    names = [OLDER.get(name.strip().upper(), name.strip().upper()) for name in header]
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise Refused("catastro.columns", missing=", ".join(missing))
    return len(names), [names.index(name) for name in NEEDED]


def _right_rows(
    records: Iterable[list[bytes]], shape: tuple[int, list[int]], report: Report
) -> Iterator[Row]:
    """The right rows; what the rest is and how many, in `report`. Three million pass here: no call that none needs."""
    width, places = shape
    needed, states, newest = itemgetter(*places), STATES, b""
    provinces: dict[bytes, int] = {}
    for number, row in enumerate(records, start=1):
        report.rows = number
        if len(row) != width:
            report.shift(report.line(report.rows))
            continue
        ruc, name, state, kind, when, where = needed(row)
        if len(ruc) != 13 or not ruc.isdigit():
            ruc = _mended(ruc, report)
        if not ruc or state not in states:
            report.reject("catastro.state" if ruc else "catastro.ruc", report.line(report.rows))
            continue
        if when > newest:
            newest = when
        provinces[where] = provinces.get(where, 0) + 1
        yield int(ruc), states[state], _public_name(name, report) if kind == b"SOCIEDAD" else ""
    report.as_of = newest[:10].decode(report.encoding).replace("/", "-")
    report.province = _province(provinces).decode(report.encoding)


def _mended(ruc: bytes, report: Report) -> bytes:
    """A RUC without the blanks around it, or with its lost zero (which a number brings back); b"" for what is none."""
    bare = ruc.strip()
    if not bare.isdigit():
        return b""
    if len(bare) == 12 and bare.endswith(b"001"):
        report.padded += 1
        return bare
    return bare if len(bare) == 13 else b""


def _public_name(raw: bytes, report: Report) -> str:
    """A society's name; the SRI's own test records are counted."""
    name = raw.decode(report.encoding)
    if name.startswith("PRUEBA"):
        report.test_records += 1
    return name[:300]


def _province(counted: dict[bytes, int]) -> bytes:
    """The jurisdiction of a file: that of nine rows in ten. A stray row moves no copy to another place."""
    most = max(counted, key=lambda where: counted[where], default=b"")
    whole = sum(counted.values())
    return most if counted and counted[most] >= whole * 0.9 else (b"MIXED" if counted else b"")


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


def sifted(path: Path, passes: bytearray, report: Report) -> Iterator[Row]:
    """As `rows`, of the RUCs that pass the sieve, and a few more: the others are passed by without being parsed."""
    with _opened(path) as raw:
        header = raw.readline()
        names = header.decode("utf-8-sig", errors="replace").strip().split("|")
        width, places = _columns(names)
        at_date = places[NEEDED.index("FECHA_ACTUALIZACION")]
        if places[0] == 0:
            found = Report()
            records = _records(_passing(raw, passes, at_date, report), found)
            yield from _right_rows(records, (width, places), found)
    if places[0]:
        yield from rows(path, report)


def _passing(raw: BinaryIO, passes: bytearray, at_date: int, report: Report) -> Iterator[bytes]:
    """The lines that pass, in UTF-8; the newest date of all lines goes into the report."""
    crc32, newest = zlib.crc32, b""
    for line in raw:
        report.rows += 1
        parts = line.split(b"|", at_date + 1)
        if len(parts) > at_date and newest < parts[at_date] < b"3":
            newest = parts[at_date]
        if passes[crc32(line[:13]) % _SIEVE]:
            yield _in_utf8(line)
    report.as_of = newest[:10].decode("ascii", errors="replace").replace("/", "-")


def _in_utf8(line: bytes) -> bytes:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("latin-1").encode()
    return line
