"""`clavero watch`: does an attack show, and what is out of the ordinary in the work of staff? (S-054, S-076)"""

import click

from clavero import clock, words
from clavero.cli import database
from clavero.cli.frame import DONE, FOUND, Clavero, show_json


@click.command(
    help="Señales de ataque y preguntas sobre el trabajo. / Signs of an attack, and questions about the work of staff."
)
@click.option("--json", "machine", is_flag=True, help="Un documento JSON. / One JSON document.")
@click.pass_obj
def command(obj: Clavero, machine: bool) -> int:
    """Exit 1 where an alarm rings or a question is open."""
    database.ready(all_settings=True)
    from clavero.desk import attacks, watching

    now = clock.now()
    numbers, ringing, asked = (
        attacks.numbers(now),
        attacks.ringing(now),
        watching.open_questions(now),
    )
    if machine:
        questions = [{"rule": one.code, "staff": one.staff, "count": one.count, "limit": one.limit, "days": one.days} for one in asked]  # fmt: skip
        show_json({"numbers": numbers, "alarms": [alarm.code for alarm, _ in ringing], "questions": questions})  # fmt: skip
    else:
        for alarm, count in ringing:
            click.echo(words.say(alarm.said, obj.lang, count=count))
        for one in asked:
            said = words.say(one.said, obj.lang, count=one.count, limit=one.limit, days=one.days)
            click.echo(f"{words.say('watch.staff_number', obj.lang, staff=one.staff)} {said} {words.say(one.asks, obj.lang)}")  # fmt: skip
        if not ringing and not asked:
            click.echo(words.say("watch.quiet", obj.lang))
    return FOUND if ringing or asked else DONE
