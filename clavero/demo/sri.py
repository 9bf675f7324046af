"""The SRI's service of the demonstration: in this process, opens no connection, and answers in the real one's shape.

What it says of a RUC is a row that `/demo/` changes; without one, what the copy says. `""` is a service that does
not answer.
"""

import json

from clavero.catastro import queries
from clavero.catastro.sri import Silent
from clavero.demo.models import Taxpayer

WORDS = {"active": "ACTIVO", "suspended": "SUSPENDIDO", "closed": "PASIVO"}
STATES = (*WORDS.values(), "")


def state_of(ruc: str) -> str:
    """What the made-up SRI would say now."""
    row = Taxpayer.objects.filter(ruc=ruc).first()
    return row.state if row else WORDS.get(queries.status(ruc).status, "")


def fetch(ruc: str, seconds: float) -> bytes:
    """As `clavero.catastro.sri.fetch`. Raises `Silent` where the row says that nobody answers."""
    state = state_of(ruc)
    if not state:
        raise Silent("slow")
    return json.dumps([{"numeroRuc": ruc, "estadoContribuyenteRuc": state}]).encode()


def say(ruc: str, state: str) -> None:
    """From now on the made-up SRI says this of the RUC."""
    Taxpayer.objects.update_or_create(ruc=ruc, defaults={"state": state})
