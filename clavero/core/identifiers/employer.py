"""An employer number: who represents it, its RUC and its sucursal, or the domestic form.

Source: DOMAIN §2.1, FEATURES A07, A08. Who employs somebody at home has no RUC of the SRI: RUC =
cédula (or foreigner's code) + `000`, sucursal `0001`. What they type instead is understood.
"""

from collections.abc import Callable
from dataclasses import dataclass

from clavero.core.errors import Refused
from clavero.core.identifiers import cedula, foreign_id, ruc, sucursal
from clavero.core.identifiers.reading import Reading, Repair, bare, without_float

DOMESTIC_SUFFIX, DOMESTIC_BRANCH = "000", "0001"
FIELDS = ("identification", "ruc", "branch")


@dataclass(frozen=True)
class EmployerNumber:
    """Normal forms: a cédula or foreigner's code, a RUC (or domestic number), four digits of a branch."""

    identification: str
    ruc: str
    branch: str
    domestic: bool = False


class Refusals(Refused):
    """Every field that needs something, at once: `fields` by name; `repairs` by name."""

    def __init__(self, fields: dict[str, Refused], repairs: dict[str, Repair]) -> None:
        first = next(iter(fields.values()))
        super().__init__(first.code, **first.details)
        self.fields, self.repairs = fields, repairs


def parse(
    identification: str,
    ruc_text: str,
    branch: str,
    *,
    domestic: bool = False,
    foreign: bool = False,
) -> EmployerNumber:
    """The employer number, or `Refusals`. With `domestic`, RUC and branch are filled from the identification."""
    fields: dict[str, Refused] = {}
    repairs: dict[str, Repair] = {}
    person = _part("identification", identification, person_reader(foreign), fields, repairs)
    if domestic or is_domestic_form(ruc_text, person):
        _refuse_other_domestic(ruc_text, branch, person, fields, repairs)
        number = EmployerNumber(person, person + DOMESTIC_SUFFIX, DOMESTIC_BRANCH, True)
    else:
        found = _part("ruc", ruc_text, _ruc, fields, repairs)
        number = EmployerNumber(person, found, _part("branch", branch, _sucursal, fields, repairs))
    if fields:
        raise Refusals({name: fields[name] for name in FIELDS if name in fields}, repairs)
    return number


def person_reader(foreign: bool) -> Callable[[str], str]:
    """How the identification is read: a cédula, or a foreigner's code as opaque text."""
    return _foreign if foreign else _cedula


def _cedula(text: str) -> str:
    return cedula.parse(text).value


def _foreign(text: str) -> str:
    return foreign_id.parse(text).value


def _ruc(text: str) -> str:
    return ruc.parse(text).value


def _sucursal(text: str) -> str:
    return sucursal.parse(text).value


def _part(
    name: str,
    text: str,
    reader: Callable[[str], str],
    fields: dict[str, Refused],
    repairs: dict[str, Repair],
) -> str:
    try:
        return reader(text)
    except Refused as refused:
        fields[name] = refused
        repair = offered(name, text)
        if repair:
            repairs[name] = repair
        return ""


def offered(name: str, text: str) -> Repair | None:
    """What is probably meant by `text` in this field."""
    readers = {"identification": cedula.read, "ruc": ruc.read, "branch": sucursal.read}
    found = readers[name](text).repairs
    return found[0] if found else None


def is_domestic_form(ruc_text: str, person: str) -> bool:
    """Whether what stands in the RUC field is the domestic number of this very person."""
    return bool(person) and bare(ruc_text).upper() == person + DOMESTIC_SUFFIX


def _refuse_other_domestic(
    ruc_text: str, branch: str, person: str, fields: dict[str, Refused], repairs: dict[str, Repair]
) -> None:
    """With «empleo a una persona en casa» ticked, RUC and branch may be empty or a variant of the domestic form."""
    typed = bare(ruc_text).upper()
    if person and typed and typed not in (person, person + DOMESTIC_SUFFIX):
        fields["ruc"] = Refused("domestic.other_ruc")
        repairs["ruc"] = Repair(person + DOMESTIC_SUFFIX, "domestic.suffix", "ruc", ruc_text)
    typed_branch = bare(branch)
    if typed_branch and typed_branch.zfill(4) != DOMESTIC_BRANCH:
        fields["branch"] = Refused("domestic.other_branch")
        repairs["branch"] = Repair(DOMESTIC_BRANCH, "domestic.branch", "branch", branch)


def read_domestic(text: str, person: str = "") -> Reading:
    """What stands in the RUC field of who employs at home, as a reading of kind `domestic`.

    From an empty field, a plain cédula, `cédula + 001` or a lost zero the form `cédula + 000` is offered.
    `person` is the normal form of the identification beside it; without one it is sought in `text`, where
    a foreigner's code stays opaque.
    """
    typed = bare(without_float(text) or text).upper()
    whose = person or _person_in(typed)
    value = whose + DOMESTIC_SUFFIX
    if not whose:
        codes = cedula.read(typed[: cedula.LENGTH]).codes or ("domestic.suffix_other",)
        return Reading(text, "domestic", codes=codes)
    if typed == value:
        repairs = () if text == value else (Repair(value, "ruc.separators_removed", source=text),)
        return Reading(text, "domestic", value, True, repairs=repairs)
    if "0" + typed == value:
        repair = Repair(value, "ruc.leading_zero_restored", source=text)
        return Reading(text, "domestic", value, True, repairs=(repair,))
    return _other_domestic(text, typed, whose, "domestic.other_ruc" if person else "")


def _other_domestic(text: str, typed: str, whose: str, other: str) -> Reading:
    """Not the domestic form: offered where it is plainly meant, and where the employer is told beside it."""
    repair = Repair(whose + DOMESTIC_SUFFIX, "domestic.suffix", source=text)
    if typed in ("", whose, whose + "001") or "0" + typed in (whose, whose + "001"):
        return Reading(text, "domestic", repair.to, True, repairs=(repair,))
    if other:
        return Reading(text, "domestic", codes=(other,), repairs=(repair,))
    return Reading(text, "domestic", codes=("domestic.suffix_other",))


def _person_in(typed: str) -> str:
    """Whose domestic number `typed` may be: a right cédula at its start, or a foreigner's code before `000`."""
    padded = "0" + typed if len(typed) in (cedula.LENGTH - 1, ruc.LENGTH - 1) else typed
    if cedula.is_right(padded[: cedula.LENGTH]):
        return padded[: cedula.LENGTH]
    code = typed.removesuffix(DOMESTIC_SUFFIX)
    is_code = code != typed and not typed.isdigit() and foreign_id.read(code).ok
    return code if is_code else ""


def read_domestic_branch(text: str) -> Reading:
    """What stands in the sucursal field of who employs at home: there is only 0001."""
    reading = sucursal.read(text)
    if reading.value == DOMESTIC_BRANCH:
        return reading
    repair = Repair(DOMESTIC_BRANCH, "domestic.branch", source=text)
    if not bare(text):
        return Reading(text, "sucursal", DOMESTIC_BRANCH, True, repairs=(repair,))
    return Reading(text, "sucursal", codes=("domestic.other_branch",), repairs=(repair,))
