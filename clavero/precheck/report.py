"""The report of a list, to look at: how many per route and reason, whom to call first, by when. HTML without Django.

`facts` says everything as codes and numbers, so that a server can keep it and speak either language later;
`body` draws it, for the page and for the command's own file alike (DESIGN §11; the table is the chart).
"""

import base64
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from html import escape
from pathlib import Path
from typing import Any

from clavero import dates, words
from clavero.core import sheet
from clavero.core.profile import Institution
from clavero.numbers import count, groups
from clavero.precheck import documents, tally
from clavero.precheck.checking import Judged, Note, Run
from clavero.precheck.tally import Tally
from clavero.ui.shapes import svg

Facts = Mapping[str, Any]
STATIC = Path(__file__).resolve().parent.parent / "ui" / "static" / "clavero"
CALL_FIRST = 5
_ROUTES = {
    "online": ("online", "screen"), "visit": ("visit", "pin"), "correct_data": ("fix", "pencil"), "unknown": ("unknown", "question"),
}  # fmt: skip
_HATCHED = {"unknown": "raya", "late": "tarde"}
_VISITS = frozenset(("ruc_not_active", "first_key", "email_not_valid", "representative_changed"))
"""Scenarios that end at a counter."""
_PATTERNS = (
    '<svg class="cl-patterns" width="0" height="0" aria-hidden="true" focusable="false"><defs>'
    '<pattern id="raya" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="6" height="6" fill="#fff"/><rect width="3.2" height="6" fill="#6D7975"/></pattern>'
    '<pattern id="tarde" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)">'
    '<rect width="8" height="8" fill="#C4820E"/><rect width="3" height="8" fill="#6B4700"/></pattern></defs></svg>'
)


# --- what there is to say -------------------------------------------------------------------------


def facts(run: Run, counted: Tally, name: str, at: datetime) -> dict[str, Any]:
    """Everything about a finished run, as JSON can hold it. Raises nothing."""
    plan, register = run.plan, run.register.unknown
    return {
        "file": name, "at": at.isoformat(), "on": plan.on.isoformat(), "due_on": plan.due_on.isoformat(),
        "shared_most": plan.shared_from - 1, "sheet": run.source.sheet, "other_sheets": list(run.source.other_sheets),
        "register_asked": register.source is not None, "register_as_of": _iso(register.as_of),
        "register_oldest": _iso(run.register.oldest),
        "rows": counted.rows, "empty": counted.empty, "with_findings": counted.with_findings,
        "needing": tally.needing(run), "offered": tally.offered(run),
        "routes": {route: tally.routes(run)[route] for route in documents.ROUTES},
        "reasons": [[*key, number] for key, number in tally.reasons(run).most_common()],
        "doubts": [[code, number] for code, number in tally.doubts(run).most_common()],
        "days": [[_iso(first), _iso(last), *rest, number] for (first, last, *rest), number in tally.days(run).items()],
        "repairs": counted.repairs.most_common(), "notes": counted.notes.most_common(),
        "changes": dict(counted.changes), "gone": run.former.gone if run.former else None,
        "urgent": [_urgent(judged, run) for judged in counted.urgent],
    }  # fmt: skip


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _urgent(judged: Judged, run: Run) -> dict[str, Any]:
    """A row as the report's table needs it. Notes on columns that nobody reads are counted below the table, not here."""
    row, verdict = judged.row, judged.verdict
    header = run.source.header.at
    is_read = {run.source.names[at] for at in header.values()} | {""}
    at_name = header.get("name", header.get("representative"))
    return {
        "row": judged.number, "name": judged.cells[at_name].strip() if at_name is not None else "",
        "person": _written(row.person), "ruc": _written(row.ruc), "sucursal": _written(row.sucursal), "domestic": row.case.domestic,
        "route": verdict.route, "state": judged.state.value, "reasons": list(verdict.reasons), "next": verdict.next,
        "repairs": [[each.field, each.code, each.source, each.to] for each in row.repairs],
        "notes": [list(note) for note in judged.notes if note.column in is_read], "from": _iso(verdict.ready_from), "to": _iso(verdict.ready_to),
        "late": verdict.late, "act_by": _iso(verdict.act_by),
    }  # fmt: skip


def _written(field: Any) -> str:
    return (field.value or field.given) if field else ""


# --- how it is said -------------------------------------------------------------------------------


def say(key: str, lang: str, **details: object) -> str:
    return words.say(f"report.{key}", lang, **details)


def title(found: Facts, lang: str) -> str:
    """`Revisamos 312 empleadores`."""
    employers = found["rows"] - found["empty"]
    return say("title_one" if employers == 1 else "title", lang, rows=count(employers, lang))


def body(found: Facts, lang: str, *, downloads: str = "", after: str = "") -> str:
    """The report between header and footer. `downloads` is markup after the figures, `after` after the first rows."""
    parts = [
        _PATTERNS, _head(found, lang), _share(found, lang), _figures(found, lang), _share_table(found, lang), downloads,
        _changes(found, lang), call_first(found, lang, CALL_FIRST), after, _when_and_why(found, lang), _besides(found, lang),
    ]  # fmt: skip
    return "\n".join(part for part in parts if part)


def _head(found: Facts, lang: str) -> str:
    moment = datetime.fromisoformat(found["at"])
    when = f"{dates.long_date(moment.date(), lang)}, {dates.clock(moment, lang)}"
    lines = [
        say("file", lang, file="{file}", when=when).replace(
            "{file}", f"<strong>{escape(found['file'])}</strong>"
        )
    ]
    oldest, newest = found["register_oldest"], found["register_as_of"]
    if newest and oldest != newest:
        lines.append(say("registers", lang, first=_long(oldest, lang), last=_long(newest, lang)))
    elif newest:
        lines.append(say("register", lang, day=_long(newest, lang)))
    elif found["register_asked"]:
        lines.append(say("register_undated", lang))
    else:
        lines.append(say("no_register", lang))
    if found["other_sheets"]:
        lines.append(
            escape(
                say(
                    "other_sheets",
                    lang,
                    sheet=found["sheet"],
                    others=", ".join(found["other_sheets"]),
                )
            )
        )
    return f'<h1 class="govuk-heading-l govuk-!-margin-bottom-2">{escape(title(found, lang))}</h1>\n<p class="govuk-body">{" ".join(lines)}</p>'


def _long(day: str, lang: str) -> str:
    return dates.long_date(date.fromisoformat(day), lang)


def _percent(part: int, whole: int, lang: str) -> str:
    return f"{round(100 * part / max(1, whole))}" + ("%" if lang == "en" else " %")


def _share(found: Facts, lang: str) -> str:
    """One bar in parts: a picture of the table below it."""
    routes, whole = found["routes"], max(1, sum(found["routes"].values()))
    spoken = ", ".join(
        f"{_way(route, lang)} {_percent(routes[route], whole, lang)}" for route in documents.ROUTES
    )
    at, bars = 0.0, ""
    for route in documents.ROUTES:
        width = 100 * routes[route] / whole
        if routes[route]:
            bars += f'<rect {_fill(_ROUTES[route][0])} x="{at:.2f}%" width="{max(width - 0.4, 0.3):.2f}%" height="34" rx="4"/>'
        at += width
    about = escape(say("share_alt", lang, shares=spoken))
    return (
        f'<figure class="cl-chart"><figcaption class="govuk-visually-hidden">{escape(say("share", lang))}</figcaption>'
        f'<svg width="100%" height="34" role="img" aria-label="{about}" focusable="false">{bars}</svg></figure>'
    )


def _way(route: str, lang: str) -> str:
    return words.say(f"way.{route}", lang)


def _fill(kind: str) -> str:
    hatched = f' fill="url(#{_HATCHED[kind]})"' if kind in _HATCHED else ""
    return f'class="c-{kind}"{hatched}'


def _figures(found: Facts, lang: str) -> str:
    items = ""
    for route in documents.ROUTES:
        kind, _ = _ROUTES[route]
        items += (
            f'<li class="is-{kind}"><strong>{count(found["routes"][route], lang)}</strong><span>{escape(_way(route, lang))}</span>'
            f"<small>{escape(_about(route, found, lang))}</small></li>"
        )
    return f'<ul class="cl-figures">{items}</ul>'


def _about(route: str, found: Facts, lang: str) -> str:
    """What stands under a figure."""
    if route == "visit":
        return say("about_visit", lang, day=date.fromisoformat(found["due_on"]).day)
    if route == "correct_data":
        return say("about_correct_data", lang, rows=count(found["offered"], lang))
    if route == "unknown":
        return say("about_unknown" if found["register_asked"] else "about_unknown_unasked", lang)
    doubtful = {code for code, _ in found["doubts"]} & {"email_not_valid", "first_key"}
    return say("about_online_if" if doubtful else "about_online", lang)


def _share_table(found: Facts, lang: str) -> str:
    whole, most = sum(found["routes"].values()), max(found["routes"].values())
    rows = "".join(
        _bar(
            _way(route, lang),
            _ROUTES[route][0],
            found["routes"][route],
            most,
            lang,
            _percent(found["routes"][route], whole, lang),
        )
        for route in documents.ROUTES
    )
    table = _bars(
        say("by_route", lang), (say("route", lang), say("rows", lang), say("part", lang)), rows
    )
    return (
        '<details class="govuk-details"><summary class="govuk-details__summary"><span class="govuk-details__summary-text">'
        f'{escape(say("as_table", lang))}</span></summary><div class="govuk-details__text">{table}</div></details>'
    )


def _bars(caption: str, heads: tuple[str, ...], rows: str) -> str:
    first, *others = (f'<th scope="col">{escape(head)}</th>' for head in heads)
    return (
        f'<table class="cl-bars"><caption>{escape(caption)}</caption><thead><tr>{first}<td aria-hidden="true"></td>{"".join(others)}'
        f"</tr></thead><tbody>{rows}</tbody></table>"
    )


def _bar(name: str, kind: str, number: int, most: int, lang: str, part: str = "") -> str:
    width = 100 * number / max(1, most)
    last = f"<td>{part}</td>" if part else ""
    return (
        f'<tr><th scope="row">{escape(name)}</th><td aria-hidden="true"><svg width="100%" height="22" focusable="false">'
        f'<rect {_fill(kind)} width="{width:.1f}%" height="22" rx="3"/></svg></td><td>{count(number, lang)}</td>{last}</tr>'
    )


# --- whom to call first ---------------------------------------------------------------------------


def call_first(found: Facts, lang: str, most: int, first: int = 0) -> str:
    """The rows that need something, the most urgent first, `most` of them from `first` on; a heading where they begin."""
    rows = found["urgent"][first : first + most]
    heading = f'<h2 class="govuk-heading-m">{escape(say("call_first", lang))}</h2>'
    if not found["urgent"]:
        return f'{heading}<p class="govuk-body">{escape(say("nobody", lang))}</p>'
    heads = "".join(
        f'<th role="columnheader" scope="col">{escape(say(f"col_{name}", lang))}</th>'
        for name in ("employer", "route", "found", "next", "ready")
    )
    table = (
        f'<table class="cl-table" role="table"><caption>{escape(say("by_urgency", lang))}</caption><thead role="rowgroup"><tr role="row">{heads}'
        f'</tr></thead><tbody role="rowgroup">{"".join(_row(each, found, lang) for each in rows)}</tbody></table>'
    )
    return table if first else heading + table


def _row(each: Mapping[str, Any], found: Facts, lang: str) -> str:
    today = date.fromisoformat(found["on"])
    first, last = (
        date.fromisoformat(each[name]) if each[name] else None for name in ("from", "to")
    )
    ready = documents.when(first, last, today, lang) + (
        f" ({say('late', lang)})" if each["late"] else ""
    )
    cells = (
        ("route", _tag(each["route"], lang)), ("found", _found(each, found, lang)),
        ("next", escape(_next(each, today, lang))), ("ready", escape(ready)),
    )  # fmt: skip
    drawn = "".join(
        f'<td role="cell" data-label="{escape(say(f"col_{name}", lang))}"><span>{markup}</span></td>'
        for name, markup in cells
    )
    return f'<tr role="row" data-row="{each["row"]}"><th role="rowheader" scope="row">{_who(each, lang)}</th>{drawn}</tr>'


def _next(each: Mapping[str, Any], today: date, lang: str) -> str:
    """What to do, and by which day."""
    action, by = words.say(f"next.{each['next']}", lang), each.get("act_by")
    if not by:
        return action
    day = date.fromisoformat(by)
    when = documents.when(day, day, today, lang)
    return f"{action}: {say('act_today' if day == today else 'act_by', lang, day=when)}"


def _tag(route: str, lang: str) -> str:
    kind, icon = _ROUTES[route]
    return (
        f'<span class="cl-tag cl-tag--{kind}">{svg(icon)}{escape(say(f"tag_{route}", lang))}</span>'
    )


def _who(each: Mapping[str, Any], lang: str) -> str:
    where = say("row", lang, row=count(each["row"], lang))
    domestic = f" {say('domestic', lang)}," if each["domestic"] else ""
    number = ", ".join(
        part for part in (_grouped(each["ruc"] or each["person"]), escape(each["sucursal"])) if part
    )
    name = escape(each["name"][:80]) or _grouped(each["ruc"] or each["person"]) or where
    return f"{name}<small>{where}.{domestic} {number}</small>"


def _grouped(value: str) -> str:
    """A number in groups made by margins, so that plain digits are copied; what cannot be read as it is."""
    spans, at = "", 0
    for size in groups(value):
        spans += f"<span>{escape(value[at : at + size])}</span>"
        at += size
    return f'<span class="cl-num">{spans}</span>' if value else ""


def _found(each: Mapping[str, Any], found: Facts, lang: str) -> str:
    """What was found: reasons and offers with what was written struck out, then notes; what was only cleaned, alone."""
    said = {
        code: escape(documents.reason_label(code, each["state"], lang)) for code in each["reasons"]
    }
    for _, code, written, _ in each["repairs"]:
        old = (
            f": <del>{escape(written)}</del>"
            if written.strip() and code != "columns.swapped"
            else ""
        )
        if (
            code in sheet.TO_ACCEPT
            or code == "email.domain_typo"
            or not (each["reasons"] or each["notes"])
        ):
            said[code] = escape(documents.label(code, lang)) + old
    notes = [
        escape(documents.note_label(Note(*note), lang, found["shared_most"]))
        for note in each["notes"]
    ]
    return "; ".join(dict.fromkeys([*said.values(), *notes])) or "–"


# --- dates, reasons, and what is beside -----------------------------------------------------------


def _when_and_why(found: Facts, lang: str) -> str:
    due = _long(found["due_on"], lang)
    return (
        f'<h2 class="govuk-heading-m">{escape(say("when_and_why", lang))}</h2><div class="cl-split">{_days(found, lang)}{_reasons(found, lang)}</div>'
        f'<p class="cl-source">{escape(say("source", lang, due=due))}</p>'
    )


def _days(found: Facts, lang: str) -> str:
    """When they can be ready: today, later, after the contributions are due, nobody knows."""
    today = date.fromisoformat(found["on"])
    held: Counter[tuple[str, str, str]] = Counter()
    for first, last, late, route, number in found["days"]:
        if last is None:
            held["9", say("not_known", lang), "unknown"] += number
        elif late:
            held["8", say("after_due", lang), "late"] += number
        else:
            name = documents.when(date.fromisoformat(first), date.fromisoformat(last), today, lang)
            kind = "online" if last == found["on"] else _ROUTES[route][0]
            held[last, name[:1].upper() + name[1:], kind] += number
    most = max(held.values(), default=1)
    rows = "".join(
        _bar(name, kind, number, most, lang) for (_, name, kind), number in sorted(held.items())
    )
    return _bars(say("ready", lang), (say("date", lang), say("rows", lang)), rows)


def _reasons(found: Facts, lang: str) -> str:
    held: Counter[tuple[str, str]] = Counter()
    for code, state, route, number in found["reasons"]:
        kind = "visit" if code in _VISITS else "fix" if route != "online" else "online"
        held[documents.reason_label(code, state, lang), kind] += number
    if not held:
        return f'<p class="govuk-body">{escape(say("nothing_stops", lang))}</p>'
    most = max(held.values())
    rows = "".join(
        _bar(name, kind, number, most, lang) for (name, kind), number in held.most_common(12)
    )
    return _bars(say("what_stops", lang), (say("reason", lang), say("rows", lang)), rows)


def _changes(found: Facts, lang: str) -> str:
    """What got better and what got worse since the earlier result."""
    if found["gone"] is None:
        return ""
    names = [
        (words.say(f"change.{code}", lang), found["changes"].get(code, 0))
        for code in ("worse", "better", "new", "same")
    ]
    names.append((say("gone", lang), found["gone"]))
    most = max((number for _, number in names), default=1)
    rows = "".join(
        _bar(name, "visit" if at == 0 else "online", number, most, lang)
        for at, (name, number) in enumerate(names)
    )
    return _bars(say("since", lang), (say("change", lang), say("rows", lang)), rows)


def _besides(found: Facts, lang: str) -> str:
    """What was cleaned, offered or noted, and stops nobody."""
    said = [(documents.label(code, lang), number) for code, number in found["repairs"]]
    said += [
        (say(f"note_{code}", lang, most=found["shared_most"]), number)
        for code, number in found["notes"]
    ]
    if found["empty"]:
        said.append((say("empty", lang), found["empty"]))
    if not said:
        return ""
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td class="govuk-table__cell--numeric">{count(number, lang)}</td></tr>'
        for name, number in said
    )
    return (
        '<details class="govuk-details"><summary class="govuk-details__summary"><span class="govuk-details__summary-text">'
        f'{escape(say("besides", lang))}</span></summary><div class="govuk-details__text"><table class="cl-bars"><caption>'
        f'{escape(say("besides_caption", lang))}</caption><thead><tr><th scope="col">{escape(say("what", lang))}</th><th scope="col">'
        f"{escape(say('rows', lang))}</th></tr></thead><tbody>{rows}</tbody></table></div></details>"
    )


def summary(found: Facts, lang: str) -> Iterable[tuple[str, str, int]]:
    """The counts as (group, name, number), for a workbook's second sheet and for a terminal."""
    for route in documents.ROUTES:
        yield say("route", lang), _way(route, lang), found["routes"][route]
    held: Counter[str] = Counter()
    for code, state, _, number in found["reasons"]:
        held[documents.reason_label(code, state, lang)] += number
    for name, number in held.most_common():
        yield say("reason", lang), name, number
    for code, number in found["repairs"]:
        yield say("cleaned", lang), documents.label(code, lang), number
    for code, number in found["notes"]:
        yield say("noted", lang), say(f"note_{code}", lang, most=found["shared_most"]), number
    for code, number in found["changes"].items():
        yield say("change", lang), words.say(f"change.{code}", lang), number
    if found["gone"]:
        yield say("change", lang), say("gone", lang), found["gone"]


# --- a file of its own ----------------------------------------------------------------------------


def others(found: Facts, lang: str) -> str:
    """The rows after the first ones, as far as they are kept, folded away; nothing where the first ones are all."""
    if len(found["urgent"]) <= CALL_FIRST:
        return ""
    text = escape(say("other_rows", lang, rows=count(found["needing"] - CALL_FIRST, lang)))
    rest = call_first(found, lang, tally.FIRST, first=CALL_FIRST)
    return (
        '<details class="govuk-details"><summary class="govuk-details__summary"><span class="govuk-details__summary-text">'
        f'{text}</span></summary><div class="govuk-details__text">{rest}</div></details>'
    )


def page(found: Facts, lang: str, institution: Institution) -> str:
    """The report as one file that needs nothing beside it: style and font inside, no script."""
    rest = others(found, lang)
    return (
        f'<!DOCTYPE html>\n<html class="govuk-template" lang="{"en" if lang == "en" else "es-EC"}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="color-scheme" content="light">\n'
        f"<title>{escape(title(found, lang))} – {escape(institution.service.say(lang))}</title>\n<style>{_style()}</style>\n</head>\n"
        f'<body class="govuk-template__body">\n<header>{_header(lang, institution)}</header>\n<div class="govuk-width-container">'
        f'<main class="govuk-main-wrapper" id="contenido">\n{body(found, lang, after=rest)}\n</main></div>\n<footer class="cl-footer"><div class="govuk-width-container">'
        f"<p>{escape(institution.disclaimer.say(lang))} {escape(say('made_here', lang))}</p></div></footer>\n</body>\n</html>\n"
    )


def _header(lang: str, institution: Institution) -> str:
    mark = (
        '<svg class="cl-header__mark" viewBox="0 0 42 42" aria-hidden="true" focusable="false"><path class="cl-mark-bow" '
        'd="M21.2 13.2a10.5 10.5 0 1 0 0 15.6"/><path class="cl-mark-blade" d="M13.5 18.4h26v10.2h-4.2v-5h-3.6V27h-4.2v-3.4h-14z"/></svg>'
    )
    return (
        f'<div class="cl-header"><div class="govuk-width-container cl-header__bar"><span class="cl-header__home">{mark}<span>'
        f'<span class="cl-header__service">{escape(institution.service.say(lang))}</span> '
        f'<span class="cl-header__institution">{escape(say("heading", lang))}</span></span></span></div></div>'
    )


def _style() -> str:
    """The style sheet with its two font files inside."""
    style = (STATIC / "clavero.css").read_text(encoding="utf-8")
    for font in sorted((STATIC / "fonts").glob("*.woff2")):
        data = base64.b64encode(font.read_bytes()).decode()
        style = style.replace(f"fonts/{font.name}", f"data:font/woff2;base64,{data}")
    return style.replace("</", "<\\/")
