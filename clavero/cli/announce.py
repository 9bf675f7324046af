"""`clavero announce ES EN --until`: tells everybody for a time, on the pages and in the mail."""

from datetime import datetime

import click

from clavero import clock, words
from clavero.cli import database
from clavero.cli.frame import DONE, Clavero, for_a_time, local
from clavero.core.errors import Refused


@click.command(
    help="Un aviso para todos, en las páginas y en los mensajes. / Tells everybody, on the pages and in the mail."
)
@for_a_time
@click.option("--end", is_flag=True, help="Lo retira. / Withdraws it.")
@click.pass_obj
def command(obj: Clavero, es: str, en: str, until: datetime | None, end: bool) -> int:
    database.ready(all_settings=True)
    from clavero.notices import announcing

    now = clock.now()
    if end:
        code = "announcement.ended" if announcing.withdraw(now) else "announcement.none"
        click.echo(words.say(code, obj.lang))
    elif es:
        if until is None:
            raise Refused("announcement.until", days=announcing.LONGEST.days)
        announcing.announce(es, en, local(until), now)
        click.echo(words.say("announcement.made", obj.lang))
    else:
        click.echo(_standing(now, obj.lang))
    return DONE


def _standing(now: datetime, lang: str) -> str:
    from clavero.notices import announcing

    found = announcing.standing(now)
    return f"{found.es}\n{found.en}" if found else words.say("announcement.none", lang)
