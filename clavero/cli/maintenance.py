"""`clavero maintenance [ES EN] --until`: shuts the portal, with a page that needs neither portal nor database (K02)."""

from datetime import datetime

import click

from clavero import clock, dates, words
from clavero.cli import database
from clavero.cli.frame import DONE, Clavero, for_a_time, local
from clavero.core.errors import Refused


@click.command(
    help="Cierra el portal con una página que dice hasta cuándo, o lo abre. / Shuts the portal with a page that says until when, or opens it."
)
@for_a_time
@click.option("--end", is_flag=True, help="Lo abre. / Opens it.")
@click.pass_obj
def command(obj: Clavero, es: str, en: str, until: datetime | None, end: bool) -> int:
    database.settings_alone()
    from clavero.notices import offline

    offline.keep()
    if end:
        code = "offline.open" if offline.open_again() else "offline.was_open"
        click.echo(words.say(code, obj.lang))
    elif until or es:
        if until is None:
            raise Refused("offline.until", days=offline.LONGEST.days)
        offline.shut(local(until), clock.now(), (es, en))
        click.echo(words.say("offline.shut", obj.lang, until=_said(local(until), obj.lang)))
    elif standing := offline.closed(offline.folder()):
        click.echo(words.say("offline.stands", obj.lang, until=_said(standing.until, obj.lang)))
    else:
        click.echo(words.say("offline.kept", obj.lang))
    return DONE


def _said(until: datetime, lang: str) -> str:
    return f"{dates.long_date(until, lang)}, {dates.clock(until, lang)}"
