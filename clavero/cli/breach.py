"""`clavero breach open | list | told | risk | report | notify | close | drill`: what the law counts days for (S-132)."""

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from clavero import clock, words
from clavero.cli import database
from clavero.cli.frame import DONE, FOUND, Clavero, Stop, show_json
from clavero.core import breach as rules

if TYPE_CHECKING:
    from clavero.rights.models import Breach

MOMENT = click.DateTime(["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d"])


@click.group(help="Brechas de datos: plazos, avisos, simulacro. / Data breaches: terms, notices, drill.")  # fmt: skip
def command() -> None:
    pass


def _local(moment: datetime) -> datetime:
    from django.conf import settings

    return moment.replace(tzinfo=ZoneInfo(settings.TIME_ZONE))


@command.command("open", help="Abre una brecha: los plazos corren desde que se conoció. / Opens a breach.")  # fmt: skip
@click.option("--what", required=True, help="Qué pasó, en pocas palabras. / What happened, in few words.")  # fmt: skip
@click.option("--known", type=MOMENT, required=True, help="Cuándo se conoció, hora local. / When it was known, local time.")  # fmt: skip
@click.option("--from", "began", type=MOMENT, required=True, help="Desde cuándo. / Since when.")
@click.option("--until", "ended", type=MOMENT, required=True, help="Hasta cuándo. / Until when.")
@click.option("--risk", type=MOMENT, help="Cuándo se vio un riesgo para las personas. / When a risk for persons was seen.")  # fmt: skip
@click.option("--scope", default="used", type=click.Choice(["used", "cases", "all"]), help="De quién: cuentas usadas, casos, todos. / Whose: accounts used, cases, all.")  # fmt: skip
@click.option("--table", "tables", multiple=True, help="Tabla del diccionario; puede repetirse. / Table of the dictionary; may be repeated.")  # fmt: skip
@click.option("--measures", default="", help="Qué se hizo y se hará. / What was and will be done.")
@click.option("--processor", is_flag=True, help="Tratamos datos por encargo de otro. / We treat data for somebody else.")  # fmt: skip
@click.pass_obj
def open_command(obj: Clavero, what: str, known: datetime, began: datetime, ended: datetime, risk: datetime | None, scope: str, tables: tuple[str, ...], measures: str, processor: bool) -> int:  # fmt: skip
    database.ready(all_settings=True)
    from clavero.rights import breaches

    facts = breaches.Facts(
        what, _local(known), _local(began), _local(ended), scope, tables or breaches.Facts.tables,
        measures, _local(risk) if risk else None, processor,
    )  # fmt: skip
    made = breaches.open_breach(facts, clock.now())
    click.echo(made.number)
    _show(made, obj.lang)
    return DONE


def _show(breach: "Breach", lang: str) -> bool:
    """Its duties, a line each; whether one is late."""
    from django.utils import translation

    from clavero.rights import breaches, report, texts

    duties = breaches.duties(breach, _today())
    with translation.override(lang):
        for due in duties:
            click.echo(f"  {due.due_on}  {texts.RECIPIENTS[due.to]}: {report.left(due)} ({due.article})".replace("**", ""))  # fmt: skip
    return any(due.told_on is None and rules.is_late(due) for due in duties)


def _today() -> date:
    from clavero.desk.people import local_day

    return local_day(clock.now())


@command.command("list", help="Qué brecha vence cuándo. / Which breach is due when.")
@click.option("--json", "machine", is_flag=True, help="Un documento JSON. / One JSON document.")
@click.pass_obj
def list_command(obj: Clavero, machine: bool) -> int:
    """Exit 1 where a term has lapsed untold."""
    database.ready(all_settings=True)
    from clavero.rights import breaches
    from clavero.rights.models import Breach

    found = list(Breach.objects.filter(closed_at=None).order_by("known_at"))
    late = [due for one in found for due in breaches.duties(one, _today()) if due.told_on is None and rules.is_late(due)]  # fmt: skip
    if machine:
        show_json([_machine(one) for one in found])
    elif not found:
        click.echo(words.say("breach.none_open", obj.lang))
    else:
        for one in found:
            click.echo(one.number)
            _show(one, obj.lang)
    return FOUND if late else DONE


def _machine(breach: "Breach") -> dict[str, object]:
    from clavero.rights import breaches

    return {
        "number": breach.number,
        "known_at": breach.known_at.isoformat(timespec="seconds"),
        "duties": [
            {"to": due.to, "due_on": due.due_on.isoformat(), "left": due.left, "article": due.article,
             "told_on": due.told_on.isoformat() if due.told_on else None, "calendar_known": due.sure}
            for due in breaches.duties(breach, _today())
        ],
    }  # fmt: skip


@command.command("told", help="Anota que se avisó a alguien. / Notes that somebody was told.")
@click.argument("number")
@click.argument("to", type=click.Choice(rules.RECIPIENTS))
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="Qué día; si falta, hoy o el ya anotado. / Which day; today if missing, or the day already noted.")  # fmt: skip
@click.pass_obj
def told(obj: Clavero, number: str, to: str, on: datetime | None) -> int:
    database.ready(all_settings=True)
    from clavero.rights import breaches

    breach = breaches.find(number)
    noted = breach.told.get(to)
    again = date.fromisoformat(noted) if noted else _today()
    breaches.tell(breach, to, on.date() if on else again)
    _show(breach, obj.lang)
    return DONE


@command.command("risk", help="Desde ahora hay riesgo para las personas. / From now on persons are at risk.")  # fmt: skip
@click.argument("number")
@click.option("--known", type=MOMENT, help="Cuándo se conoció el riesgo; si falta, ahora o el momento ya anotado. / When the risk was known; now if missing, or the moment already noted.")  # fmt: skip
@click.pass_obj
def risk_command(obj: Clavero, number: str, known: datetime | None) -> int:
    database.ready(all_settings=True)
    from clavero.rights import breaches

    breach = breaches.find(number)
    breaches.know_risk(breach, _local(known) if known else breach.risk_at or clock.now())
    _show(breach, obj.lang)
    return DONE


@command.command("report", help="El informe con los avisos, en Markdown. / The report with the notices, in Markdown.")  # fmt: skip
@click.argument("number")
@click.option("--to", type=click.Path(path_type=Path, dir_okay=False), help="Archivo. / File.")
@click.pass_obj
def report_command(obj: Clavero, number: str, to: Path | None) -> int:
    database.ready(all_settings=True)
    from clavero.rights import breaches

    _write(breaches.find(number), to, obj.lang)
    return DONE


def _write(breach: "Breach", to: Path | None, lang: str) -> None:
    from django.utils import translation

    from clavero.rights import report

    with translation.override(lang):
        written = report.markdown(breach, clock.now())
    if to is None:
        click.echo(written, nl=False)
        return
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_text(written, encoding="utf-8")
    except OSError as error:
        raise Stop(f"--to: {error.strerror}.") from None
    click.echo(str(to))


@command.command("notify", help="Escribe a los afectados; sin --yes solo cuenta. / Writes to the affected; without --yes it counts.")  # fmt: skip
@click.argument("number")
@click.option("--yes", is_flag=True, help="Enviar de verdad. / Really send.")
@click.pass_obj
def notify(obj: Clavero, number: str, yes: bool) -> int:
    database.ready(all_settings=True)
    from clavero.rights import breaches

    breach = breaches.find(number)
    if yes:
        sent = breaches.notify(breach, clock.now())
        click.echo(words.say("breach.queued", obj.lang, sent=sent))
        return DONE
    reached, silent = breaches.reachable(breach)
    click.echo(words.say("breach.would_queue", obj.lang, reached=reached, silent=silent))
    return DONE


@command.command("close", help="Nada más que avisar. / Nothing more to tell.")
@click.argument("number")
@click.pass_obj
def close(obj: Clavero, number: str) -> int:
    database.ready(all_settings=True)
    from clavero.rights import breaches

    breaches.close(breaches.find(number), clock.now())
    click.echo(words.say("breach.closed", obj.lang))
    return DONE


@command.command("drill", help="Un simulacro: escribe el informe de una brecha inventada. / A drill: the report of a made-up breach.")  # fmt: skip
@click.option("--to", type=click.Path(path_type=Path, dir_okay=False), help="Archivo. / File.")
@click.pass_obj
def drill(obj: Clavero, to: Path | None) -> int:
    """Counts what this server really holds; nothing is stored, nobody is written to."""
    database.ready(all_settings=True)
    from django.utils import translation

    from clavero.rights import breaches

    with translation.override(obj.lang):
        made = breaches.drill(clock.now())
    _write(made, to, obj.lang)
    return DONE
