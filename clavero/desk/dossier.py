"""The evidence of a case as it leaves the house: a JSON document, its SHA-256, and a sheet that carries both (J05).

The document holds what the sealed record holds, with the seal before each entry, so that it can be checked
without this server (`clavero audit check`); the visits and the decisions with their signatures. No name, no
number of a person, nothing that somebody wrote by hand.
"""

import hashlib
import io
import json
import zipfile
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from clavero import dates
from clavero.audit import queries as audit
from clavero.desk import queries, texts
from clavero.desk.models import Approval, Assertion, Visit
from clavero.recovery import queries as cases
from clavero.recovery.models import Case
from clavero.ui.paper import Field, Fields, Heading, Part, Sheet, Steps, Table, Text, pdf
from clavero.ui.plain_html import language


def document(case: Case, now: datetime) -> dict[str, Any]:
    """What is known of a case and may be shown to whoever judges it, as plain data."""
    number, sealed = audit.head()
    return {
        "case": case.number,
        "state": case.state,
        "made_at": now.isoformat(timespec="seconds"),
        "head": {"number": number, "seal": sealed},
        "entries": audit.links(case.pk),
        "visits": [_visit(one) for one in case.visits.select_related("staff").order_by("pk")],
        "decisions": [_decision(one) for one in _approvals(case)],
    }


def _approvals(case: Case) -> list[Approval]:
    found = Approval.objects.filter(case=case).order_by("pk")
    return list(found.select_related("asked_by", "decided_by", "assertion"))


def _visit(visit: Visit) -> dict[str, Any]:
    return {
        "staff": visit.staff.number,
        "centre": visit.centre,
        "counter": visit.counter,
        "opened_at": _at(visit.opened_at),
        "closed_at": _at(visit.closed_at),
        "outcome": visit.outcome,
        "third_party": visit.third_party,
        "items": {code: mark.state for code, mark in sorted(queries.marks(visit).items())},
        "corrections": sorted(visit.corrections.values_list("kind", flat=True)),
    }


def _decision(approval: Approval) -> dict[str, Any]:
    return {
        "asked_by": approval.asked_by.number,
        "asked_at": _at(approval.asked_at),
        "decided_by": approval.decided_by.number if approval.decided_by else None,
        "decided_at": _at(approval.decided_at),
        "decision": approval.decision,
        "evidence_sha256": approval.evidence_hash,
        "signature": _signature(approval.assertion) if approval.assertion else None,
    }


def _signature(one: Assertion) -> dict[str, str]:
    fields = (
        "kind message_hash nonce credential_id public_key client_data authenticator_data signature"
    )
    return {name: getattr(one, name) for name in fields.split()}


def _at(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None


def text(found: dict[str, Any]) -> str:
    """The document as the file that is handed over: every byte of it counts."""
    return json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def digest(written: str) -> str:
    """SHA-256 of that file, in hexadecimal."""
    return hashlib.sha256(written.encode()).hexdigest()


def files(case: Case, now: datetime) -> dict[str, bytes]:
    """Name → content: the document, its sheet, and the sums of both as `sha256sum -c` reads them."""
    found = document(case, now)
    written = text(found)
    made = {
        f"{case.number}.json": written.encode(),
        f"{case.number}.pdf": pdf(sheet(case, found, digest(written), now)),
    }
    sums = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in made.items())
    return made | {f"{case.number}.sha256": sums.encode()}


def packed(made: dict[str, bytes], now: datetime) -> bytes:
    """The files in one, so that they are of one moment."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in made.items():
            archive.writestr(zipfile.ZipInfo(name, now.timetuple()[:6]), data)
    return target.getvalue()


# --- the sheet --------------------------------------------------------------------------------------------


def sheet(case: Case, found: dict[str, Any], sha256: str, now: datetime) -> Sheet:
    """The same for reading on paper: what happened, by which entries, and how to check it."""
    head, entries = found["head"], found["entries"]
    parts = (
        Fields(
            (
                Field(_("Estado del caso"), str(texts.STATES.get(case.state, case.state))),
                Field(_("Hecha"), _moment(now)),
                Field(_("Registros de este caso"), str(len(entries))),
                Field(_("Cabeza del registro"), f"{head['number']} · {head['seal'][:12]}"),
            )
        ),
        Text(sha256, f"SHA-256 {case.number}.json:", small=True),
        Heading(_("Qué pasó")),
        Table(
            (_("Registro"), _("Día y hora"), _("Hecho"), _("Quién"), _("Sello")),
            tuple(_row(entry) for entry in entries), (2, 4, 5, 4, 3),
        ),
        *_decided(found["decisions"]),
        Heading(_("Cómo se comprueba")),
        Steps(_checks(case.number)),
    )  # fmt: skip
    return Sheet(_("Evidencia del caso"), _("evidencia"), parts, language(), case.number)


def _moment(at: datetime) -> str:
    local = cases.local(at)
    return f"{dates.short_date(local.date(), language())}, {dates.clock(local)}"


def _row(entry: dict[str, Any]) -> tuple[str, ...]:
    body = json.loads(entry["body"])
    staff = body.get("data", {}).get("staff")
    who = f"{body['actor']} {staff}" if staff else body["actor"]
    return (
        str(entry["number"]), _moment(datetime.fromisoformat(body["at"])), body["event"], who,
        entry["seal"][:12],
    )  # fmt: skip


def _decided(decisions: list[dict[str, Any]]) -> tuple[Part, ...]:
    if not decisions:
        return ()
    head = (_("Pidió"), _("Decidió"), _("Decisión"), _("Firma"))
    return (Heading(_("Decisiones de una segunda persona")), Table(head, tuple(map(_said, decisions)), (3, 3, 3, 3)))  # fmt: skip


def _said(one: dict[str, Any]) -> tuple[str, ...]:
    signature = one["signature"]
    signed = {"passkey": _("llave de acceso"), "code": _("código de seis dígitos")}
    return (
        _("Personal %(n)s") % {"n": one["asked_by"]},
        _("Personal %(n)s") % {"n": one["decided_by"]} if one["decided_by"] else "–",
        str(texts.DECISIONS.get(one["decision"], _("pendiente"))),
        signed.get(signature["kind"], "–") if signature else "–",
    )


def _checks(number: str) -> tuple[str, ...]:
    name = {"file": f"{number}.json", "sums": f"{number}.sha256", "zone": settings.TIME_ZONE}
    return (
        _("Calcule el SHA-256 de %(file)s: debe ser el de esta hoja. sha256sum -c %(sums)s lo hace.") % name,
        _("clavero audit check %(file)s vuelve a sellar cada registro, sin servidor. Un solo byte cambiado se ve.") % name,
        _("En el servidor, clavero audit verify --head busca estos sellos en el registro entero."),
        _("Las horas de esta hoja son de %(zone)s; en el documento son UTC.") % name,
    )  # fmt: skip
