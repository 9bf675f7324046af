"""Everything that is stored about one employer and one person, read by the data dictionary (S-130).

A table that holds personal data is in `SOURCES` or, with the reason, in `NOT_GIVEN`; a test wants each in one of them. Of a
row goes out what the dictionary calls personal or a trace: never a secret, a look-up, a hash or the number of a row.
Members of staff appear as role and number. What another person typed or gave stays out: of a case that this person
has not proved, only when it was opened and how it ended.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import QuerySet

from clavero.appointments.models import Booking
from clavero.audit import queries as audit
from clavero.audit.models import Entry
from clavero.catastro.models import Inquiry
from clavero.core.errors import Refused
from clavero.desk.models import Approval, Correction, Staff, Ticket, Visit
from clavero.employers import formats
from clavero.employers.models import Branch, Change, Contact, Employer, Fact, Representative
from clavero.institution import profile
from clavero.keys import history
from clavero.keys.models import Account, Device, FactorCode, KeyEvent, SavedCode, Session
from clavero.notices.models import Message, PostLetter
from clavero.privacy import dictionary, lookups
from clavero.privacy.dictionary import Column
from clavero.recovery.models import Case, CaseContact, ReadyPaper
from clavero.rights import texts
from clavero.rights.models import Request

FORMAT = "clavero-subject/1"
GIVEN = ("personal", "trace")
"""The classes of the dictionary that go out."""


@dataclass(frozen=True)
class Subject:
    """Whose data: an employer, and of its representatives one, with the account if there is one."""

    employer: Employer
    person: Representative | None = None
    account: Account | None = None

    @property
    def speaks_for_it(self) -> bool:
        """Whether what is stored of the employer is theirs to have: not of somebody who no longer represents it (A24)."""
        return self.person is None or self.person.state == Representative.CURRENT


def of_account(account: Account) -> Subject:
    """The employer and the person of a signed-in account."""
    assert account.employer is not None
    return Subject(account.employer, account.representative, account)


def find(ruc: str, identification: str = "") -> Subject:
    """By the numbers as they are typed. Raises `Refused`: a number that is none, rights.not_held."""
    number = formats.employer_ruc(ruc)
    employer = Employer.objects.filter(ruc_lookup__in=lookups.all_of("ruc", number)).first()
    if employer is None:
        raise Refused("rights.not_held")
    if not identification:
        return Subject(employer)
    known = lookups.all_of("person", formats.person_id(identification))
    person = Representative.objects.filter(
        employer=employer, identification_lookup__in=known
    ).first()
    if person is None:
        raise Refused("rights.not_held")
    return Subject(employer, person, account_of(person))


def of_request(asked: Request) -> Subject | None:
    """Whom a request is about, where the register knows them."""
    employer = Employer.objects.filter(pk=asked.employer_id or -1).first()
    if employer is None:
        return None
    person = Representative.objects.filter(
        pk=asked.representative_id or -1, employer=employer
    ).first()
    return Subject(employer, person, account_of(person) if person else None)


def account_of(person: Representative) -> Account | None:
    """The account through which this person acts for the employer."""
    return Account.objects.filter(employer_id=person.employer_id, representative=person).first()


# --- which rows -------------------------------------------------------------------------------------------


def _cases(who: Subject) -> QuerySet[Case]:
    found = Case.objects.filter(employer=who.employer, training=False).order_by("opened_at")
    return found if who.speaks_for_it else found.filter(representative=who.person)


def own_cases(who: Subject) -> QuerySet[Case]:
    """Those that this very person proved: what was typed in them is theirs."""
    person = who.person.pk if who.person else None
    return _cases(who).filter(proved_at__isnull=False, representative_id=person or -1)


def _ids(who: Subject) -> list[int]:
    return list(own_cases(who).values_list("pk", flat=True))


def _of_account(model: type[models.Model]) -> Callable[[Subject], QuerySet[Any]]:
    return lambda who: model._default_manager.filter(account=who.account) if who.account else model._default_manager.none()  # fmt: skip


def _of_employer(model: type[models.Model]) -> Callable[[Subject], QuerySet[Any]]:
    return lambda who: model._default_manager.filter(employer_id=who.employer.pk if who.speaks_for_it else -1)  # fmt: skip


def _of_cases(
    model: type[models.Model], name: str = "case_id"
) -> Callable[[Subject], QuerySet[Any]]:
    return lambda who: model._default_manager.filter(**{f"{name}__in": _ids(who)})


def _factors(who: Subject) -> QuerySet[Any]:
    found = apps.get_model("mfa", "Authenticator")._default_manager
    return found.filter(user_id=who.account.pk if who.account else -1)


def _entries(who: Subject) -> QuerySet[Entry]:
    """What its owner is shown of the record: not every event has a sentence, and a discreet hold has none (S-071)."""
    about = [*([who.employer.pk] if who.speaks_for_it else []), *([who.account.pk] if who.account else [])]  # fmt: skip
    return Entry.objects.filter(subject__in=about, event__in=list(history.SENTENCES)).order_by(
        "number"
    )


def _requests(who: Subject) -> QuerySet[Request]:
    person = who.person.pk if who.person else None
    return Request.objects.filter(employer_id=who.employer.pk, representative_id=person)


SOURCES: dict[str, Callable[[Subject], QuerySet[Any]]] = {
    "employers_employer": lambda who: Employer.objects.filter(pk=who.employer.pk),
    "employers_branch": lambda who: Branch.objects.filter(employer=who.employer).order_by("number"),
    "employers_representative": lambda who: Representative.objects.filter(pk=who.person.pk if who.person else -1),
    "employers_contact": _of_employer(Contact),
    "employers_fact": _of_employer(Fact),
    "employers_change": _of_employer(Change),
    "keys_account": lambda who: Account.objects.filter(pk=who.account.pk if who.account else -1),
    "keys_session": _of_account(Session),
    "keys_device": _of_account(Device),
    "keys_savedcode": _of_account(SavedCode),
    "keys_factorcode": _of_account(FactorCode),
    "keys_keyevent": _of_account(KeyEvent),
    "mfa_authenticator": _factors,
    "recovery_case": _cases,
    "recovery_casecontact": _of_cases(CaseContact),
    "recovery_readypaper": _of_cases(ReadyPaper),
    "appointments_booking": _of_cases(Booking),
    "desk_visit": _of_cases(Visit),
    "desk_correction": _of_cases(Correction, "visit__case_id"),
    "desk_approval": _of_cases(Approval),
    "desk_ticket": _of_cases(Ticket),
    "catastro_inquiry": _of_cases(Inquiry),
    "notices_message": _of_employer(Message),
    "notices_postletter": _of_employer(PostLetter),
    "rights_request": _requests,
    "audit_entry": _entries,
}  # fmt: skip
"""Table → its rows about one subject, in the order in which they are given."""

NOT_GIVEN: dict[str, str] = {
    "account_emailaddress": "stays empty",
    "precheck_sentlist": "says of nobody whose it is: who has its link reads and deletes it",
    "precheck_piece": "says of nobody whose it is: who has its link reads and deletes it",
    "desk_photo": "a picture of a paper, gone with the decision, a day at most",
    "desk_secondlook": "how the work of staff was looked at again; a doubt holds a case, and a hold shows nowhere (S-071)",
    "desk_answer": "of staff: how their work was looked at",
    "desk_staff": "of staff, who appear as role and number",
    "desk_enrolment": "of staff",
    "throttle_refusing": "networks that were refused lately, of nobody in particular",
    "desk_training": "of staff",
    "rights_breach": "what happened to the institution's data; whom it touched is told (art. 46)",
    "demo_mail": "nobody real stands there",
    "demo_text": "nobody real stands there",
}
"""Tables with personal columns that no export reads, each with its reason."""

KEPT_BACK: dict[str, str] = {
    "employers_change.value": "may be the number of another representative; the change itself is told",
    "notices_message.address": "stands among the contacts; wiped when it is sent",
    "notices_message.payload": "holds codes and links until it is sent; wiped then",
    "notices_postletter.payload": "the letter itself says it",
    "recovery_case.held": "a discreet hold shows nowhere (S-071)",
    "recovery_case.ref": "opens pages",
    "recovery_readypaper.image": "the picture that the person sent; gone with the case",
    "desk_approval.evidence_hash": "a hash",
    "desk_approval.drawn_id": "of staff; who decided is told",
    "audit_entry.subject": "the number of a row",
    "audit_entry.body": "the same again, as it is sealed",
}
"""Columns that stay in, each with its reason."""
IN_CLEAR_OF_OTHERS = ("identification", "ruc", "mask", "contact_data", "browser", "province", "declared", "proofs", "facts")  # fmt: skip
"""Of a case that this person did not prove, these are somebody else's."""


# --- what of a row ----------------------------------------------------------------------------------------


@cache
def given(table: str) -> list[Column]:
    """The columns of a table that go out."""
    found = next(each for each in dictionary.read().tables if each.name == table)
    return [one for one in found.columns if one.kind in GIVEN and _is_given(table, one.name)]


def _is_given(table: str, column: str) -> bool:
    """No number of a row: such a column is a row's own, or ends in `_id` and leads to no member of staff."""
    if f"{table}.{column}" in KEPT_BACK or column == "id":
        return False
    return not column.endswith("_id") or _field(table, column).related_model is Staff


@cache
def _field(table: str, column: str) -> Any:
    model = next(each for each in apps.get_models() if each._meta.db_table == table)
    return next(each for each in model._meta.concrete_fields if each.column == column)


def rows(table: str, who: Subject) -> list[dict[str, Any]]:
    """What goes out of a table, a row each: column → value as JSON knows it."""
    columns, mine = given(table), _ids(who) if table == "recovery_case" else []
    found = []
    for row in SOURCES[table](who):
        foreign = table == "recovery_case" and row.pk not in mine
        hidden = IN_CLEAR_OF_OTHERS if foreign else ()
        found.append({one.name: _value(table, row, one.name) for one in columns if one.name not in hidden})  # fmt: skip
    return found


def _value(table: str, row: Any, column: str) -> Any:
    field = _field(table, column)
    if field.is_relation:
        one = getattr(row, field.name)
        return f"{one.role} {one.number}" if one else None
    if table == "audit_entry" and column == "actor":
        return _actor(row)
    return _plain(getattr(row, field.attname))


def _actor(entry: Entry) -> str:
    number = audit.staff_of(entry)
    return f"{entry.actor} {number}" if number else entry.actor


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value


# --- the document -----------------------------------------------------------------------------------------


def document(who: Subject, now: datetime) -> dict[str, Any]:
    """All of it as plain data, explained in the language in force: what for, basis, period and rows; what stays in, and why."""
    held = dictionary.read()
    tables = {each.name: each for each in held.tables}
    return {
        "format": FORMAT,
        "institution": profile().institution.name,
        "made_at": now.isoformat(timespec="seconds"),
        "tables": {
            name: {
                "name": str(texts.GROUPS[name][0]),
                "purpose": str(texts.GROUPS[name][1]),
                "basis": str(texts.BASES[tables[name].basis]),
                "kept": kept(tables[name].keeps),
                "columns": {one.name: label(f"{name}.{one.name}") for one in given(name)},
                "rows": rows(name, who),
            }
            for name in SOURCES
        },
        "not_included": {
            name: str(texts.STAYS_OUT[name]) for name in sorted({**NOT_GIVEN, **KEPT_BACK})
        },
        "other_representatives": _others(who),
    }


def label(name: str) -> str:
    """What a column that goes out is called, in the language in force."""
    return str(texts.LABELS.get(name) or texts.MORE_LABELS[name])


def kept(name: str) -> str:
    """How long, in words; the days are the profile's."""
    periods = dictionary.read().keeps[name].period.split()
    days = {each: profile().retention_days[each] for each in periods}
    said = str(texts.KEPT[name])
    return said % (days | {"days": days[periods[0]]}) if days else said


def _others(who: Subject) -> int:
    """How many more represent the employer; who they are is theirs."""
    mine = who.person.pk if who.person else -1
    return Representative.objects.filter(employer=who.employer).exclude(pk=mine).count()
