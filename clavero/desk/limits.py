"""Blocks as operators see them, at the desk and by the command: what is typed becomes buckets (C14).

No register is searched: an employer is found by the numbers that the person types at Validar, known or not.
"""

from dataclasses import dataclass
from datetime import datetime

from clavero.core import networks
from clavero.core.errors import Refused
from clavero.core.identifiers import cedula, foreign_id, ruc, sucursal
from clavero.core.identifiers.employer import DOMESTIC_BRANCH, DOMESTIC_SUFFIX, EmployerNumber
from clavero.employers import queries as employers
from clavero.employers.models import Employer
from clavero.keys import services as keys
from clavero.privacy import lookups
from clavero.recovery import services as recovery
from clavero.throttle import blocks, services
from clavero.throttle.blocks import OF_AN_ACCOUNT, Standing
from clavero.throttle.services import OF_A_NETWORK, Charge


@dataclass(frozen=True)
class Whose:
    """Whose buckets: a network, or an employer number with the person's identification where it was typed."""

    network: str = ""
    ruc: str = ""
    branch: str = ""
    person: str = ""

    @property
    def number(self) -> EmployerNumber:
        return EmployerNumber(self.person, self.ruc, self.branch)


def network(typed: str) -> Whose:
    """The network that counts as one asker, of one of its addresses. Raises `Refused("network.address")`."""
    address = typed.strip().partition("/")[0]
    networks.address(address)
    return Whose(network=services.prefix(address))


def employer(ruc_text: str, branch: str, person: str) -> Whose:
    """An employer number; without a RUC who employs at home. Raises what the readers of the three raise."""
    whose = identification(person) if person else ""
    if not ruc_text and not whose:
        raise Refused("ruc.empty")
    if not ruc_text or ruc_text.strip().upper() == whose + DOMESTIC_SUFFIX:
        return Whose(ruc=whose + DOMESTIC_SUFFIX, branch=DOMESTIC_BRANCH, person=whose)
    found = sucursal.parse(branch).value if branch else DOMESTIC_BRANCH
    return Whose(ruc=ruc.parse(ruc_text).value, branch=found, person=whose)


def identification(typed: str) -> str:
    """A cédula, or a foreigner's code."""
    reader = foreign_id if any(char.isalpha() for char in typed) else cedula
    return str(reader.parse(typed).value)


def standing(whose: Whose, now: datetime) -> list[Standing]:
    """Their buckets, those that block first."""
    if whose.network:
        return blocks.of_network(whose.network, now)
    return blocks.of(_charges(whose), now)


def _charges(whose: Whose) -> list[Charge]:
    """Of an employer number, known or not. Where the register has no address the number stands for it (`recovery.may_send`)."""
    key = recovery.employer_lookup(whose.number)
    contact = employers.gather(whose.number).contact
    account = keys.username(whose.number) if whose.person else ""
    return blocks.charges_of(key, contact.value_lookup if contact else key, account)


def lift(whose: Whose, bucket: str, reason: str, *, by: int, now: datetime) -> Standing:
    """Lift the block of one bucket of theirs. Raises `Refused` as `throttle.blocks.lift`, and block.what."""
    charge = _charge(whose, bucket)
    return blocks.lift(charge, reason, by=by, subject=_row(whose, charge.bucket), now=now)


def _charge(whose: Whose, bucket: str) -> Charge:
    if whose.network and bucket in OF_A_NETWORK:
        return Charge(bucket, whose.network)
    for charge in _charges(whose) if whose.ruc else ():
        if blocks.named(charge) == bucket:
            return charge
    raise Refused("block.what")


def _row(whose: Whose, bucket: str) -> int | None:
    """The row whose history says that a block was lifted: the account's, the employer's, or nobody's."""
    if bucket in OF_AN_ACCOUNT:
        account = keys.account_of(whose.number)
        return account.pk if account else None
    if whose.ruc:
        found = Employer.objects.filter(ruc_lookup__in=lookups.all_of("ruc", whose.ruc))
        return found.values_list("pk", flat=True).first()
    return None
