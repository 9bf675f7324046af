"""A row of a list of employers → how each number is read, what is offered, the route, the next action, the dates.

Only the format, the public state of the RUC and what the list itself declares: the institution's own
facts are never asked (FEATURES A19, A20). A row is its own numbers and a *case*: which codes they got and
what is declared. Cases repeat, so that a million rows need a few hundred judgements.
"""

from datetime import date
from functools import lru_cache
from typing import NamedTuple

from clavero.core import names, triage, workdays
from clavero.core.identifiers import cedula, employer, foreign_id, phone, ruc, sucursal
from clavero.core.identifiers import email as addresses
from clavero.core.identifiers.reading import Reading, Repair, bare
from clavero.core.profile import Estimate, Profile
from clavero.core.triage import Facts
from clavero.core.workdays import Calendar

FIELDS = ("person", "ruc", "sucursal", "email")
"""The parts of a row that are read, as the machine form calls them."""

TO_ACCEPT = frozenset(
    "cedula.leading_zero_restored ruc.leading_zero_restored cedula.letter_for_digit ruc.letter_for_digit "
    "cedula.from_ruc columns.swapped domestic.suffix sucursal.establishment_taken domestic.branch".split()
)
"""Repairs that change what was written, so that somebody has to accept them. The others complete or clean it."""

_YES = frozenset(
    "si s x yes y 1 true verdadero domestico domestica domestic hogar household".split()
)
_NO = frozenset(
    ("", *"no n 0 false falso ninguno none - privado publico private public company".split())
)
_NO_EMAIL = frozenset(("no", "no tiene", "sin correo", "ninguno", "n/a", "na", "none", "no email", "-", "s/c"))  # fmt: skip
_KEYS = {
    **dict.fromkeys(("si", "s", "yes", "y", "1", "true", "activa", "active", "tiene"), "active"),
    **dict.fromkeys(("olvidada", "olvido", "perdida", "forgotten", "lost"), "active"),
    **dict.fromkeys(("no", "n", "0", "false", "nunca", "never", "no tiene", "none"), "never"),
    **dict.fromkeys(("primera", "primera vez", "primera clave", "first", "first key"), "never"),
    **dict.fromkeys(("bloqueada", "blocked"), "blocked"),
    **dict.fromkeys(("", "no se", "no sabe", "unknown", "?", "desconocido"), "unknown"),
}
_SITUATIONS = {
    **{name: name for name in triage.SITUATIONS},
    **dict.fromkeys(("primera clave", "primera vez", "first key"), "first_key"),
    **dict.fromkeys(("sin correo", "no tiene correo", "no email"), "no_email"),
    **dict.fromkeys(("cambio de representante", "cambio representante", "new representative"), "representative_changed"),
    **dict.fromkeys(("ruc suspendido", "ruc cerrado", "ruc suspended", "ruc closed"), "ruc_not_active"),
    **dict.fromkeys(("", "ninguna", "none", "no se"), "unknown"),
}  # fmt: skip


class Cells(NamedTuple):
    """One row of a list as text, by meaning. None where the list has no such column."""

    identification: str | None = None
    ruc: str | None = None
    branch: str | None = None
    domestic: str | None = None
    email: str | None = None
    representative: str | None = None
    name: str | None = None
    phone: str | None = None
    key: str | None = None
    situation: str | None = None


class Case(NamedTuple):
    """Everything that decides about a row, without the row's own numbers: equal cases get one judgement."""

    faults: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    solved: bool = False
    domestic: bool = False
    email: str = "unknown"  # valid mistyped none unknown
    key: str = "unknown"
    declared: str = "unknown"
    representative: str = "unknown"
    branch: str = "unknown"
    notes: tuple[str, ...] = ()


class Row(NamedTuple):
    """A row as it was read. A field is None where the list has no such column; `repairs` name their field."""

    person: Reading | None
    ruc: Reading | None
    sucursal: Reading | None
    email: Reading | None
    repairs: tuple[Repair, ...]
    case: Case

    @property
    def key(self) -> tuple[str, str, str]:
        """Person, RUC and sucursal as far as they could be read, else as written: who this row is about."""
        found = ((field.value or field.given) if field else "" for field in self[:3])
        return tuple(found)  # type: ignore[return-value]


class Verdict(NamedTuple):
    """`order`: smaller is more urgent. `late`: ready only after the contributions are due. `act_by`: the last day on
    which to begin so that it is ready by then; the day itself where that has passed, None where nobody knows."""

    route: str
    reasons: tuple[str, ...]
    doubts: tuple[str, ...]
    next: str
    ready_from: date | None
    ready_to: date | None
    order: int
    late: bool = False
    act_by: date | None = None


class Plan(NamedTuple):
    """By what rows are judged: the day, the calendar, how long things take, when contributions are due."""

    on: date
    calendar: Calendar
    ranges: dict[str, Estimate]
    due_on: date
    shared_from: int

    @classmethod
    def of(cls, profile: Profile, on: date) -> "Plan":
        """The plan of an institution for one day."""
        ranges = {each.scenario: each for each in profile.estimates if each.unit == "working_days"}
        due = workdays.next_contributions(on, profile.calendar, profile.deadline_overrides)
        most = profile.limits.shared_contact_employers
        return cls(on, profile.calendar, ranges, due.due_on, most + 1)


# --- reading --------------------------------------------------------------------------------------


def read(cells: Cells) -> Row:
    """The row as it can be read, with what is offered. Never raises."""
    ticked = _is_yes(cells.domestic)
    person = _who(cells)
    number = _ruc(cells.ruc, person, ticked)
    domestic = ticked or (number is not None and number.kind == "domestic")
    fields = (person, number, _branch(cells.branch, domestic), _email(cells.email))
    if all(map(_is_clean, fields)):
        return Row(*fields, (), _case(cells, fields, domestic))
    fields = (*_crosswise(*fields[:3]), fields[3])
    faults, offers, solved = _found(fields)
    case = _case(cells, fields, domestic)._replace(faults=faults, offers=offers, solved=solved)
    return Row(*fields, _repairs(fields), case)


EMPTY = Row(None, None, None, None, (), Case(faults=("row.empty",)))
"""A row in which nothing is written."""


Fields = tuple[Reading | None, Reading | None, Reading | None, Reading | None]


def _is_clean(field: Reading | None) -> bool:
    return field is None or (field.ok and not field.repairs)


def _answer(text: str) -> str:
    """An answer as it is compared."""
    return names.unaccented(text).strip().casefold()


@lru_cache(maxsize=1024)
def _is_yes(text: str | None) -> bool:
    return text is not None and _answer(text) in _YES


def _who(cells: Cells) -> Reading | None:
    """The identification; where the list has no such column, the number that stands as the representative."""
    if cells.identification is not None:
        return _person(cells.identification)
    return _person(cells.representative) if _is_number(cells.representative) else None  # type: ignore[arg-type]


def _may_be_number(text: str) -> bool:
    return text[:1].isdigit() or text[:1] in " '\""


def _is_number(text: str | None) -> bool:
    """Whether a cell that may hold a name holds an identification."""
    return bool(text) and _may_be_number(text) and sum(map(str.isdigit, text)) >= 9  # type: ignore[arg-type]


def _person(text: str) -> Reading:
    """A cédula; a foreigner's code where letters and digits say so."""
    reading = cedula.read(text)
    if reading.ok or reading.repairs or reading.codes != ("cedula.not_digits",):
        return reading
    code = foreign_id.read(text)
    is_code = code.value and any(map(str.isdigit, code.value)) and not code.value.isdigit()
    return code if is_code else reading


def _ruc(text: str | None, person: Reading | None, ticked: bool) -> Reading | None:
    if ticked:
        return employer.read_domestic(text or "", (person and person.value) or "")
    if text is None:
        return None
    reading = ruc.read(text)
    if reading.codes == ("ruc.establishment",) or reading.codes == ("ruc.length",):
        as_domestic = employer.read_domestic(text)
        if as_domestic.ok and bare(text).endswith(employer.DOMESTIC_SUFFIX):
            return as_domestic
    return reading


@lru_cache(maxsize=4096)
def _branch(text: str | None, domestic: bool) -> Reading | None:
    if domestic:
        return employer.read_domestic_branch(text or "")
    return None if text is None else sucursal.read(text)


def _email(text: str | None) -> Reading | None:
    """The address as it can be read. Empty is not known; `no tiene` is an answer."""
    if text is None:
        return None
    if "@" in text:
        return addresses.read(text)
    if not text.strip() or text.strip().casefold() in _NO_EMAIL:
        notes = ("email.declared_none",) if text.strip() else ()
        return Reading(text, "email", ok=True, notes=notes)
    return addresses.read(text)


def _crosswise(
    person: Reading | None, number: Reading | None, branch: Reading | None
) -> tuple[Reading | None, Reading | None, Reading | None]:
    """What one field says about another: values in each other's column, a cédula that stands in the RUC."""
    if person and number and _holds_ruc(person) and _holds_person(number):
        swapped = _meant(person, _person(number.given)), _meant(number, ruc.read(person.given))
        return (*swapped, branch)
    if number and branch and _holds_ruc(branch) and sucursal.read(number.given).ok:
        as_ruc, as_branch = ruc.read(branch.given), sucursal.read(number.given)
        return person, _meant(number, as_ruc), _meant(branch, as_branch)
    owner = _owner(number)
    if owner and number and person and not person.ok and bare(person.given) in ("", number.value):
        person = person._replace(repairs=(Repair(owner, "cedula.from_ruc", source=person.given),))
    return person, number, branch


def _holds_ruc(field: Reading) -> bool:
    return not field.ok and ruc.read(field.given).ok


def _holds_person(field: Reading) -> bool:
    return not field.ok and _person(field.given).ok


def _meant(field: Reading, meant: Reading) -> Reading:
    """`field` with the value offered that stands in another column."""
    repair = Repair(meant.value or "", "columns.swapped", source=field.given)
    return field._replace(repairs=(repair,))


def _owner(number: Reading | None) -> str:
    """The cédula of the natural person whose RUC or domestic number this is; "" of a firm."""
    value = number.value if number else None
    is_natural = value and (number.kind == "domestic" or value[2] <= "5") and value[:10].isdigit()  # type: ignore[union-attr]
    return value[:10] if value and is_natural else ""


def _repairs(fields: Fields) -> tuple[Repair, ...]:
    return tuple(
        Repair(repair.to, repair.code, name, repair.source)
        for name, field in zip(FIELDS, fields, strict=True)
        if field is not None
        for repair in field.repairs
    )


# --- the case -------------------------------------------------------------------------------------


def _case(cells: Cells, fields: Fields, domestic: bool) -> Case:
    """The case of a row in which every number could be read; `_found` says what could not."""
    person, number, branch, email = fields
    return Case(
        (), (), False, domestic, _email_state(email),
        _key(cells.key), _situation(cells.situation), _representative(cells, person, number),
        "unknown" if branch is None else "match", _notes(cells, number),
    )  # fmt: skip


def _found(fields: Fields) -> tuple[tuple[str, ...], tuple[str, ...], bool]:
    """The codes of what is to be corrected, of what is offered, and whether what is offered is all it needs."""
    there = [field for field in fields if field is not None]
    faults = tuple(code for field in there for code in field.codes)
    offers = tuple(each.code for field in there for each in field.repairs if _is_to_accept(each))
    solved = all(field.ok or field.repairs for field in there)
    return faults, offers, solved and bool(faults or offers)


def _email_state(email: Reading | None) -> str:
    if email is None or email.value is None:
        return "none" if email and email.notes else "unknown"
    return "mistyped" if email.repairs else "valid"


@lru_cache(maxsize=1024)
def _key(text: str | None) -> str:
    return "unknown" if text is None else _KEYS.get(_answer(text), "unknown")


@lru_cache(maxsize=1024)
def _situation(text: str | None) -> str:
    return "unknown" if text is None else _SITUATIONS.get(_answer(text), "unknown")


def _is_to_accept(repair: Repair) -> bool:
    """Filling in an empty field of who employs at home is no change of what was written."""
    return repair.code in TO_ACCEPT and not (
        repair.code.startswith("domestic.") and not repair.source.strip()
    )


def _representative(cells: Cells, person: Reading | None, number: Reading | None) -> str:
    """Of a natural person's RUC the first ten digits are the person's own cédula; who represents is who signs in."""
    if person is None:
        return "unknown"
    if not person.ok or person.kind != "cedula":
        return "declared"
    owner = _owner(number) if number and number.ok else ""
    named = _person(cells.representative).value if _is_number(cells.representative) else None  # type: ignore[arg-type]
    others = {owner or person.value, named or person.value}
    return "declared" if others == {person.value} else "not_the_rucs"


def _notes(cells: Cells, number: Reading | None) -> tuple[str, ...]:
    """What is worth saying and stops nobody."""
    found = _answers(cells.domestic, cells.key, cells.situation)
    if cells.phone and not _rings(cells.phone):
        found += ("phone.shape",)
    if cells.name and cells.representative and cells.name != cells.representative:
        is_person = _owner(number) and not _is_number(cells.representative)
        if is_person and not names.same(cells.name, cells.representative):
            found += ("name.other_person",)
    return found


@lru_cache(maxsize=1024)
def _answers(domestic: str | None, key: str | None, situation: str | None) -> tuple[str, ...]:
    """Which answers are none that we know."""
    asked = (
        (domestic, _YES | _NO, "domestic"),
        (key, _KEYS, "key"),
        (situation, _SITUATIONS, "situation"),
    )
    return tuple(
        f"{name}.answer" for text, known, name in asked if text and _answer(text) not in known
    )


def _rings(text: str) -> bool:
    """Whether the shape is a telephone number's; plain mobiles are seen at once."""
    return (len(text) == 10 and text.startswith("09") and text.isdigit()) or phone.read(text).ok


# --- the plain road ---------------------------------------------------------------------------------


def plain(cells: Cells) -> tuple[Case, Reading | None] | None:
    """(case, sucursal) of a row in whose other numbers there is nothing to clean, offer or refuse; None for any other row.

    Says what `read` says, in a fifth of the time: most rows of most lists are such, and lists are long.
    """
    who, number, branch, domestic, email, representative, name, ringing, key, situation = cells
    if not who or not number or not cedula.is_right(who):
        return None
    natural = number[2:3] <= "5"
    if natural and (number[:10] != who or number[10:] not in ruc.ESTABLISHMENTS):
        return None
    if not natural and not ruc.is_right(number):
        return None
    if ringing and not (len(ringing) == 10 and ringing.startswith("09") and ringing.isdecimal()):
        return None
    if representative and (
        not representative[0].isalpha() or (natural and name and name != representative)
    ):
        return None
    if email:
        user, _, domain = email.partition("@")
        if not (user.isalnum() and user.isascii() and len(user) <= 64 and _is_plain_domain(domain)):
            return None
    return _plain(bool(email), branch, domestic, key, situation)


@lru_cache(maxsize=4096)
def _plain(
    has_email: bool,
    branch: str | None,
    domestic: str | None,
    key: str | None,
    situation: str | None,
) -> tuple[Case, Reading | None] | None:
    """What the columns of few values come to; None where one of them needs a second look."""
    reading = _branch(branch, False)
    if _is_yes(domestic) or (reading is not None and not reading.ok):
        return None
    email, known = "valid" if has_email else "unknown", "unknown" if reading is None else "match"
    case = Case(
        email=email, key=_key(key), declared=_situation(situation), representative="declared", branch=known,
        notes=_answers(domestic, key, situation),
    )  # fmt: skip
    return case, reading


@lru_cache(maxsize=8192)
def _is_plain_domain(domain: str) -> bool:
    reading = addresses.read(f"a@{domain}")
    return reading.ok and not reading.repairs and len(domain) < 180


# --- judging --------------------------------------------------------------------------------------


def judge(
    case: Case, state: str, plan: Plan, *, shared: bool = False, dead: bool = False
) -> Verdict:
    """The verdict on a case whose RUC is in `state` (active, suspended, closed, unknown).

    `shared`: its address stands for more employers than the institution takes for one's own (A26).
    `dead`: the domain of its address takes no mail (A15).
    """
    faults = case.faults or case.offers
    facts = Facts(
        branch=case.branch,
        representative=case.representative,
        email=_email_fact(case.email, shared, dead),
        key=case.key,
        ruc="not_applicable" if case.domestic else state,
        domestic=case.domestic,
        declared=frozenset((case.declared,)),
    )
    found = triage.from_list(facts, faulty=bool(faults))
    reasons = (*(reason.code for reason in found.reasons), *faults)
    doubts = tuple(doubt.code for doubt in found.doubts)
    action = _next(case, found)
    first, last = _ready(found, action, plan)
    late = last is not None and last > plan.due_on
    return Verdict(
        found.route, reasons, doubts, action, first, last, _order(found.route, action, late, last, plan), late,
        _act_by(last, plan),
    )  # fmt: skip


def _email_fact(email: str, shared: bool, dead: bool) -> str:
    if dead:
        return "bounced"
    if shared:
        return "shared"
    return "unknown" if email == "mistyped" else email


def _next(case: Case, found: triage.Verdict) -> str:
    """One action: what is offered is accepted, what is mistyped is confirmed, else what the route asks."""
    if found.route == triage.CORRECT_DATA and case.solved and not found.reasons:
        return "accept_repairs"
    if found.route == triage.ONLINE and case.email == "mistyped":
        return "confirm_email"
    return found.next


def _ready(found: triage.Verdict, action: str, plan: Plan) -> tuple[date | None, date | None]:
    """Between which days the employer can be in, by the profile's ranges. Online, the same day."""
    if found.route == triage.UNKNOWN:
        return None, None
    if found.route == triage.ONLINE or action == "accept_repairs":
        return plan.on, plan.on
    scenarios = [reason.code for reason in found.reasons] if found.route == triage.VISIT else []
    known = [plan.ranges[name] for name in scenarios if name in plan.ranges]
    known = known or [plan.ranges[name] for name in (found.route,) if name in plan.ranges]
    if not known:
        return None, None
    least, most = max(each.min for each in known), max(each.max for each in known)
    return (
        workdays.add_workdays(plan.on, least, plan.calendar),
        workdays.add_workdays(plan.on, most, plan.calendar),
    )


def _act_by(last: date | None, plan: Plan) -> date | None:
    """The day that contributions are due, less what it takes at most."""
    if last is None:
        return None
    takes = workdays.between(plan.on, last, plan.calendar)
    begun = workdays.add_workdays(plan.due_on, -takes, plan.calendar) if takes else plan.due_on
    return max(begun, plan.on)


_URGENCY = {triage.VISIT: 1, triage.CORRECT_DATA: 2, triage.UNKNOWN: 3, triage.ONLINE: 6}
_LIGHTER = {"accept_repairs": 4, "confirm_email": 5}


def _order(route: str, action: str, late: bool, last: date | None, plan: Plan) -> int:
    """Whom to call first: late, then visits, data, unknown, offers, online; the longest wait first within each."""
    rank = 0 if late else _LIGHTER.get(action, _URGENCY.get(route, 1))
    days = (last - plan.on).days if last else 0
    return rank * 1000 + 999 - min(days, 999)
