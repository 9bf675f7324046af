"""What is stored about somebody, for reading: on a page with addresses masked, and as a sheet to keep."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from clavero import dates
from clavero.core import rights
from clavero.keys import history
from clavero.privacy import dictionary
from clavero.recovery import queries as cases
from clavero.rights import subject, texts
from clavero.rights.subject import Subject
from clavero.ui.marks import masked
from clavero.ui.paper import Field, Fields, Heading, Part, Sheet, Text
from clavero.ui.plain_html import language

SHOWN = 20
"""Rows of a group that a page shows; all of them stand in the download."""
Line = tuple[str, str]


@dataclass(frozen=True)
class Group:
    """One table as a person reads it: `records` are its newest rows as labelled values, `more` how many are not shown."""

    title: str
    what_for: str
    basis: str
    kept: str
    records: list[list[Line]]
    more: int = 0


def groups(who: Subject, *, whole: bool = False) -> list[Group]:
    """What is stored, group by group; nothing of a group that is empty. `whole`: nothing masked, nothing left out."""
    tables = {each.name: each for each in dictionary.read().tables}
    found = (_group(tables[name], who, whole) for name in subject.SOURCES)
    return [group for group in found if group.records]


def _group(table: dictionary.Table, who: Subject, whole: bool) -> Group:
    title, what_for = texts.GROUPS[table.name]
    every = [_record(table.name, row, whole) for row in subject.rows(table.name, who)]
    records = every if whole else every[-SHOWN:]
    return Group(
        str(title), str(what_for), str(texts.BASES[table.basis]), subject.kept(table.keeps), records,
        len(every) - len(records),
    )  # fmt: skip


def _record(table: str, row: dict[str, Any], whole: bool) -> list[Line]:
    lines = _event(row) if table in ("audit_entry", "keys_keyevent") else []
    for column, value in row.items():
        label = texts.LABELS.get(f"{table}.{column}")
        if label is not None and value not in (None, ""):
            lines.append((str(label), _said(f"{table}.{column}", value, whole)))
    return lines


def _event(row: dict[str, Any]) -> list[Line]:
    said = history.SENTENCES.get(row["event"], "")
    return [(_("Qué"), _(said))] if said else []


def _said(name: str, value: Any, whole: bool) -> str:
    if name in texts.MASKED and not whole:
        return masked(str(value))
    if name in texts.CODES:
        return str(texts.CODES[name].get(value, value))
    return _moment(value) if isinstance(value, str) and value[:2] == "20" else str(value)


def _moment(text: str) -> str:
    """A day, or day and hour, where the text is one; else the text."""
    try:
        if len(text) == len("2026-11-23"):
            return dates.short_date(date.fromisoformat(text), language())
        local = cases.local(datetime.fromisoformat(text))
    except ValueError:
        return text
    return f"{dates.short_date(local.date(), language())}, {dates.clock(local)}"


def sheet(who: Subject, now: datetime) -> Sheet:
    """All of it on paper: what, what for, how long, and what stays in with the reason."""
    parts: list[Part] = []
    for group in groups(who, whole=True):
        parts += [
            Heading(group.title),
            Text(f"{group.what_for} {group.basis} {group.kept}", small=True),
        ]
        parts += [
            Fields(tuple(Field(label, said) for label, said in record)) for record in group.records
        ]
    parts += [Heading(_("Lo que no se borra, y por qué")), *map(_stays, rights.STAYS)]
    lead = _("Hecha: %(when)s. Aquí no hay claves, códigos ni datos de otras personas.") % {
        "when": _moment(now.isoformat())
    }
    return Sheet(_("Sus datos"), _("sus-datos"), tuple(parts), language(), lead=lead)


def _stays(one: rights.Stays) -> Text:
    return Text(f"{texts.STAYS[one.what]} {texts.REASONS[one.why]} ({rights.REASONS[one.why]})")
