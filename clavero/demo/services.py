"""Bringing the cast, through the same importers that an institution uses; moving the demonstration's clock."""

import json
import os
import tempfile
from datetime import timedelta
from pathlib import Path

from django.db import transaction

from clavero import clock
from clavero.catastro import services as catastro
from clavero.catastro.models import Snapshot
from clavero.core.identifiers.employer import EmployerNumber
from clavero.demo import centres, staff
from clavero.demo.cast import CAST, NEIGHBOURS, WAITING, Member
from clavero.employers import imports, queries
from clavero.employers.models import Employer
from clavero.keys import services as keys
from clavero.privacy.sealing import Unreadable

HEADER = (
    "NUMERO_RUC RAZON_SOCIAL CODIGO_JURISDICCION ESTADO_CONTRIBUYENTE CLASE_CONTRIBUYENTE FECHA_INICIO_ACTIVIDADES "
    "FECHA_ACTUALIZACION FECHA_SUSPENSION_DEFINITIVA FECHA_REINICIO_ACTIVIDADES OBLIGADO TIPO_CONTRIBUYENTE "
    "NUMERO_ESTABLECIMIENTO NOMBRE_FANTASIA_COMERCIAL ESTADO_ESTABLECIMIENTO DESCRIPCION_PROVINCIA_EST "
    "DESCRIPCION_CANTON_EST DESCRIPCION_PARROQUIA_EST CODIGO_CIIU ACTIVIDAD_ECONOMICA AGENTE_RETENCION ESPECIAL"
).split()
COPY_DAYS = 25
"""How old the demonstration's copy of the SRI's register is when it is brought; a month later it is brought again."""


def bring_cast() -> None:
    """Import the made-up catastro and register, and set the keys that the cast knows. Once."""
    if Employer.objects.exists():
        refuse_strangers()
        _bring_register_again()
        staff.bring(clock.now())
        centres.bring_centres(clock.now())
        return
    with tempfile.TemporaryDirectory() as folder:
        register = Path(folder, "register.jsonl")
        register.write_text("\n".join(register_lines()) + "\n", encoding="utf-8")
        _bring_taxes(folder)
        imports.import_file(register, clock.now())
    for member in (*CAST, *WAITING):
        if member.key:
            _give_key(member)
    staff.bring(clock.now())
    centres.bring_centres(clock.now())


def _bring_register_again() -> None:
    """Whoever keeps a demonstration for months has a copy of the register that still counts."""
    copy = Snapshot.objects.filter(live=True).order_by("as_of").first()
    age = clock.now().date() - copy.as_of if copy and copy.as_of else timedelta.max
    if age > timedelta(days=2 * COPY_DAYS):
        with tempfile.TemporaryDirectory() as folder:
            _bring_taxes(folder)


def _bring_taxes(folder: str) -> None:
    taxes = Path(folder, "catastro.csv")
    taxes.write_text("\n".join(catastro_lines()) + "\n", encoding="utf-8")
    catastro.import_file(taxes, clock.now())


def catastro_lines() -> list[str]:
    """The SRI's format, of nobody: who employs at home is not in it, who does not exist is."""
    copied = (clock.now() - timedelta(days=COPY_DAYS)).date().isoformat()
    rows = ["|".join(HEADER)]
    for member in (*CAST, *NEIGHBOURS, *WAITING):
        if not member.domestic:
            kind = "PERSONA NATURAL" if member.kind == "natural" else "SOCIEDAD"
            name = member.name or "EMPLEADOR QUE NO CONSTA"
            rows.append(
                f"{member.ruc}|{name.upper()}|INVENTADA|{member.ruc_state}|GEN|2015-01-01 00:00:00|{copied} 00:00:00|||S|{kind}"
                "|1||ABI|INVENTADA|VILLA INVENTADA|CENTRO|G471100|COMERCIO INVENTADO|N|N"
            )
    return rows


def register_lines() -> list[str]:
    """The institution's register, one employer a line."""
    return [
        json.dumps(_record(member), ensure_ascii=False)
        for member in (*CAST, *NEIGHBOURS, *WAITING)
        if member.exists
    ]


def _record(member: Member) -> dict[str, object]:
    contacts = [("2024-05-02", member.former), (_since(member), member.email)]
    return {
        "ruc": member.ruc,
        "kind": member.kind,
        "name": member.name,
        "key": member.key_state,
        "as_of": "2026-10-31",
        "branches": [{"number": number} for number in member.branches],
        "representatives": [{"identification": member.representative, "name": "Persona Inventada"}],
        "contacts": [
            {"kind": "email", "value": value, "state": member.email_state, "as_of": as_of}
            for as_of, value in contacts
            if value
        ],
        "facts": {
            name: {"value": value, "as_of": "2026-10-31"} for name, value in member.facts.items()
        },
    }


def _since(member: Member) -> str:
    if not member.email_days:
        return "2024-05-02"
    return f"{clock.now() - timedelta(days=member.email_days):%Y-%m-%d}"


def _give_key(member: Member) -> None:
    number = EmployerNumber(member.identification, member.ruc, member.branch, member.domestic)
    dossier = queries.gather(number)
    assert dossier.employer is not None and dossier.representative is not None
    now = clock.now()
    account = keys.account_for(number, dossier.employer, dossier.representative.pk, now)
    prepared = keys.prepare(account.pk, account.key_version + 1, member.key)
    with transaction.atomic():
        keys.issue(account, prepared, how="demonstration", case_id=None, now=now)
        if member.key_state == "blocked":
            keys.block(account, reason="demonstration", now=now)


class Stranger(Exception):
    """An employer who is not of the cast stands in the demonstration's database."""


def refuse_strangers() -> None:
    """The demonstration shows nobody's data: it does not start beside a real employer (ATTACKS 34)."""
    known = {member.ruc for member in (*CAST, *NEIGHBOURS, *WAITING)}
    try:
        strange = any(employer.ruc not in known for employer in Employer.objects.all()[:1000])
    except Unreadable:
        strange = True
    if strange:
        raise Stranger("The database holds an employer that is not of the demonstration's cast.")


# --- the clock ------------------------------------------------------------------------------------


def _clock_file() -> Path:
    return Path(os.environ.get("CLAVERO_DEMO_DIR") or "var/demo") / "clock"


def offset() -> timedelta:
    """How far the demonstration's clock stands ahead; every process reads the same file."""
    try:
        return timedelta(minutes=float(_clock_file().read_text(encoding="ascii")))
    except (OSError, ValueError):
        return timedelta()


def move_clock(minutes: float) -> timedelta:
    """Move it on, never back beyond the real time."""
    total = max(timedelta(), offset() + timedelta(minutes=minutes))
    path = _clock_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(str(total.total_seconds() / 60), encoding="ascii")
    return total
