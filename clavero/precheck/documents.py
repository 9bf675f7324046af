"""What a judged row says, to machines (INTERFACES, "Machine forms") and to people. No Django."""

import json
from datetime import date
from functools import cache
from typing import Any

from clavero import dates, words
from clavero.core.identifiers.reading import Reading, Repair
from clavero.precheck.checking import Judged, Note, Run
from clavero.precheck.files import Source

ROUTES = ("online", "visit", "correct_data", "unknown")
ADDED = {
    "es": (
        "clavero_fila", "clavero_ruta", "clavero_encontrado", "clavero_siguiente", "clavero_listo_desde", "clavero_listo_hasta",
        "clavero_dudas", "clavero_cedula", "clavero_ruc", "clavero_sucursal", "clavero_arreglos", "clavero_estado_ruc",
        "clavero_estado_del", "clavero_codigos", "clavero_actuar_hasta", "clavero_cambio",
    ),
    "en": (
        "clavero_row", "clavero_route", "clavero_found", "clavero_next", "clavero_ready_from", "clavero_ready_to",
        "clavero_doubts", "clavero_cedula", "clavero_ruc", "clavero_branch", "clavero_repairs", "clavero_ruc_state",
        "clavero_state_as_of", "clavero_codes", "clavero_act_by", "clavero_change",
    ),
}  # fmt: skip
"""The columns that a result adds to the list, in order."""


# --- for machines ---------------------------------------------------------------------------------


def as_document(judged: Judged, source: Source) -> dict[str, Any]:
    """The machine form of a row. What the list does not have or need stands in no key."""
    row, verdict = judged.row, judged.verdict
    document: dict[str, Any] = {
        "row": judged.number,
        "person": _part(row.person, "cedula"),
        "ruc": _part(row.ruc, "ruc"),
        "sucursal": _branch(row.sucursal),
        "repairs": [_repair(repair) for repair in row.repairs],
        "ruc_status": {
            "value": judged.state.value,
            "as_of": _iso(judged.state.as_of),
            "source": judged.state.source,
        },
        "route": verdict.route,
        "reasons": [{"code": code} for code in verdict.reasons],
        "doubts": list(verdict.doubts),
        "next": verdict.next,
        "ready_from": _iso(verdict.ready_from),
        "ready_to": _iso(verdict.ready_to),
    }
    return document | _beside(judged, source)


def as_line(judged: Judged, source: Source) -> str:
    return json.dumps(as_document(judged, source), ensure_ascii=False) + "\n"


def _part(field: Reading | None, kind: str) -> dict[str, Any]:
    """A number as it was read. A column that the list does not have is `given: null`."""
    if field is None:
        return {"given": None, "kind": kind, "value": None, "ok": False, "codes": [], "notes": []}
    return {
        "given": field.given, "kind": field.kind, "value": field.value, "ok": field.ok,
        "codes": list(field.codes), "notes": list(field.notes),
    }  # fmt: skip


def _branch(field: Reading | None) -> dict[str, Any]:
    part = _part(field, "sucursal")
    del part["kind"]
    return part


def _repair(repair: Repair) -> dict[str, str]:
    return {"field": repair.field, "from": repair.source, "to": repair.to, "code": repair.code}


def _beside(judged: Judged, source: Source) -> dict[str, Any]:
    """What the promised form does not have: the address, notes, carried columns, what changed."""
    found: dict[str, Any] = {}
    if judged.row.email is not None:
        found["email"] = _part(judged.row.email, "email")
        del found["email"]["kind"]
    if judged.notes:
        found["notes"] = [
            {name: value for name, value in note._asdict().items() if value}
            for note in judged.notes
        ]
    if source.header.other:
        found["other"] = {source.header.names[at]: judged.cells[at] for at in source.header.other}
    if judged.change:
        found["change"] = judged.change
    return found


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


# --- for people -----------------------------------------------------------------------------------


def label(code: str, lang: str, **details: object) -> str:
    """What was found, as short as a table needs it."""
    return words.say(f"label.{code}", lang, **details) if details else _label(code, lang)


@cache
def _label(code: str, lang: str) -> str:
    return words.say(f"label.{code}", lang)


def note_label(note: Note, lang: str, most: int = 3) -> str:
    return label(note.code, lang, column=note.column, of=note.of, most=most)


def reason_label(code: str, state: str, lang: str) -> str:
    """A reason; of a RUC that is not active, which of the two it is."""
    known = f"{code}.{state}" if f"label.{code}.{state}" in words.SENTENCES else code
    return label(known, lang, most=3)


def found_label(judged: Judged, lang: str, most: int = 3) -> str:
    """Everything that was found in a row, in one line: what stops it, then what is only worth saying."""
    reasons = verdict_words(judged, lang)[1]
    if judged.is_plain:
        cleaned = (
            [label("sucursal.padded", lang)] if judged.sucursal and judged.sucursal.repairs else []
        )
    else:
        cleaned = [
            label(each.code, lang)
            for each in judged.row.repairs
            if each.code not in judged.verdict.reasons
        ]
    notes = [note_label(note, lang, most) for note in judged.notes]
    return "; ".join(dict.fromkeys([*([reasons] if reasons else []), *cleaned, *notes]))


def verdict_words(judged: Judged, lang: str) -> tuple[str, ...]:
    """(route, reasons, next, from, to, doubts, state, codes) of a judgement as text: made once for each."""
    held = judged.judgement.words.get(lang)
    if held is None:
        held = judged.judgement.words[lang] = _words(judged, lang)
    return held


def _words(judged: Judged, lang: str) -> tuple[str, ...]:
    verdict, state = judged.verdict, judged.state.value
    return (
        words.say(f"way.{verdict.route}", lang),
        "; ".join(dict.fromkeys(reason_label(code, state, lang) for code in verdict.reasons)),
        words.say(f"next.{verdict.next}", lang),
        _iso(verdict.ready_from) or "",
        _iso(verdict.ready_to) or "",
        "; ".join(words.say(f"doubt.{code}", lang) for code in verdict.doubts),
        words.say(f"ruc_state.{state}", lang),
        " ".join((verdict.route, *verdict.reasons)),
    )


def added(judged: Judged, lang: str) -> list[str]:
    """The cells of `ADDED` for a row."""
    way, _, action, first, last, doubts, state, codes = verdict_words(judged, lang)
    sucursal, as_of = judged.sucursal, judged.state.as_of
    found, repairs = "", ""
    if judged.is_plain:
        person, number = judged.picked[0] or "", judged.picked[1] or ""
        if sucursal and sucursal.repairs:
            repairs = f"sucursal: {sucursal.given} → {sucursal.value}"
    else:
        person, number = _value(judged.row.person), _value(judged.row.ruc)
        repairs = "; ".join(
            f"{each.field}: {each.source} → {each.to}" for each in judged.row.repairs
        )
    if repairs or judged.notes or judged.verdict.reasons:
        found = found_label(judged, lang)
    change = words.say(f"change.{judged.change}", lang) if judged.change else ""
    return [
        str(judged.number), way, found, action, first, last, doubts, person, number, _value(sucursal),
        repairs, state, as_of.isoformat() if as_of else "", codes, _iso(judged.verdict.act_by) or "", change,
    ]  # fmt: skip


def _value(field: Reading | None) -> str:
    return (field.value or "") if field else ""


def when(first: date | None, last: date | None, today: date, lang: str) -> str:
    """`hoy`, `del 23 al 25 nov.`: when an employer can be ready, for a table."""
    if first is None or last is None:
        return "–"
    if first == last == today:
        return "today" if lang == "en" else "hoy"
    short = [dates.short_date(day, lang).rsplit(" ", 1)[0] for day in (first, last)]
    if first == last:
        return short[0]
    if first.month == last.month:
        short[0] = str(first.day)
    return f"{short[0]} {'to' if lang == 'en' else 'a'} {short[1]}"


def copy_of_register(run: Run) -> date | None:
    """The date of the register that was asked."""
    return run.register.unknown.as_of
