"""`clavero throttle`: which limits are full, since when and until when; lifting one with a reason (C14)."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from clavero import clock, words
from clavero.cli import database
from clavero.cli.frame import DONE, FOUND, Clavero, show_json
from clavero.core.errors import Refused

if TYPE_CHECKING:
    from clavero.desk.limits import Whose
    from clavero.throttle.blocks import Network, Standing


@click.command(
    help="Qué límites están llenos, y levantar uno con un motivo. / Which limits are full, and lifting one with a reason."
)
@click.option("--network", default="", help="Una dirección (IP). / An address (IP).")
@click.option("--ruc", default="", help="El RUC de un empleador. / An employer's RUC.")
@click.option(
    "--branch", default="", help="Su sucursal; vacía es 0001. / Its branch; empty is 0001."
)
@click.option(
    "--identification",
    default="",
    help="Quien representa; solo, empleo en casa. / Who represents; alone, domestic.",
)
@click.option("--lift", "bucket", default="", help="El límite que se levanta. / The limit to lift.")
@click.option("--reason", default="", help="shared_address person_waits attack_over own_test")
@click.option("--json", "machine", is_flag=True, help="Un documento JSON. / One JSON document.")
@click.pass_obj
def command(
    obj: Clavero,
    network: str,
    ruc: str,
    branch: str,
    identification: str,
    bucket: str,
    reason: str,
    machine: bool,
) -> int:
    database.ready(all_settings=True)
    whose = _whose(network, ruc, branch, identification)
    if bucket:
        return _lift(whose, bucket, reason, obj.lang)
    if whose is None:
        return _everything(obj.lang, machine)
    return _one(whose, obj.lang, machine)


def _whose(network: str, ruc: str, branch: str, identification: str) -> "Whose | None":
    from clavero.desk import limits

    if network:
        return limits.network(network)
    return limits.employer(ruc, branch, identification) if ruc or identification else None


def _lift(whose: "Whose | None", bucket: str, reason: str, lang: str) -> int:
    from clavero.desk import limits

    if whose is None:
        raise Refused("block.what")
    before = limits.lift(whose, bucket, reason, by=0, now=clock.now())
    click.echo(words.say("block.lifted", lang, gives=before.gives))
    return DONE


def _one(whose: "Whose", lang: str, machine: bool) -> int:
    from clavero.desk import limits

    found = limits.standing(whose, clock.now())
    if machine:
        show_json([_as_document(each) for each in found])
    else:
        for each in found:
            click.echo(_line(each, lang))
        if not found:
            click.echo(words.say("block.nothing", lang))
    return FOUND if any(each.blocks for each in found) else DONE


def _everything(lang: str, machine: bool) -> int:
    """The networks that are refused now, and what everybody spends together."""
    from clavero.throttle import blocks

    now = clock.now()
    networks, everybody = blocks.refusing(now), blocks.of_everybody(now)
    if machine:
        show_json({"networks": [_network(each) for each in networks], "everybody": [_as_document(each) for each in everybody]})  # fmt: skip
    else:
        for each in networks:
            click.echo(words.say("block.network_line", lang, network=each.name, refused=each.refused, employers=each.employers))  # fmt: skip
            for one in each.standing:
                click.echo(f"  {_line(one, lang)}")
        if not networks:
            click.echo(words.say("block.nobody", lang))
        for one in everybody:
            click.echo(_line(one, lang))
    return FOUND if networks or any(one.blocks for one in everybody) else DONE


def _line(one: "Standing", lang: str) -> str:
    budget = f"{words.say(one.code, lang)} ({one.name})"
    if not one.blocks or one.since is None:
        return words.say("block.line", lang, budget=budget, spent=one.spent, most=one.most)
    return words.say(
        "block.full_line", lang, budget=budget, since=_local(one.since), next=_local(one.next_at), refused=one.refused
    )  # fmt: skip


def _local(instant: datetime) -> str:
    return f"{instant.astimezone(words.ZONE):%Y-%m-%d %H:%M}"


def _as_document(one: "Standing") -> dict[str, Any]:
    return {
        "bucket": one.name,
        "spent": one.spent,
        "most": one.most,
        "blocks": one.blocks,
        "since": one.since.isoformat() if one.since else None,
        "next_at": one.next_at.isoformat(),
        "empty_at": one.empty_at.isoformat(),
        "refused": one.refused,
    }


def _network(each: "Network") -> dict[str, Any]:
    blocks = [_as_document(one) for one in each.standing]
    return {"network": each.name, "refused": each.refused, "employers": each.employers, "blocks": blocks}  # fmt: skip
