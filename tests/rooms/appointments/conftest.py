"""Centres without cases: what the deeds on time need."""

import pytest

from clavero import clock
from clavero.appointments import queries, services
from clavero.appointments.models import Centre
from clavero.appointments.services import Holder, Reach


class Office:
    """A centre, and who books there. Every name is a case of its own."""

    def __init__(self, time, code: str = "ambato") -> None:
        self.time, self.code = time, code

    @property
    def centre(self) -> Centre:
        return Centre.objects.get(code=self.code)

    @property
    def wanted(self):
        return queries.rules().services[0]

    @property
    def now(self):
        return clock.now()

    def offer(self, **more):
        here = [(0, self.centre, self.centre.site)]
        today = queries.local_day(self.now, self.centre.zone)
        days = more.pop("days", queries.rules().horizon_days + 1)
        found = queries.free(
            queries.Place(), today, days, self.wanted, self.now, centres=here, most_days=more.pop("most_days", 30)
        )  # fmt: skip
        return found[0]

    def free(self) -> list[int]:
        """Every minute at which something can be booked."""
        return [slot.at for _, times in self.offer().days for slot in times]

    def holder(self, name: str, number: str = "") -> Holder:
        return Holder(abs(hash(name)) % 10**9, f"person {name}", number or f"number {name}")

    def hold(self, name: str, at: int | None = None):
        at = at if at is not None else self.free()[0]
        return services.hold(self.holder(name), self.centre, at, self.wanted, self.now)

    def book(self, name: str, at: int | None = None, *, told: bool = True):
        from django.db import transaction

        held = self.hold(name, at)
        reach = Reach("email", f"{name}@correo.example", f"lookup of {name}") if told else None
        with transaction.atomic():
            return services.book(held, self.now, reach)


@pytest.fixture
def office(db, time):
    from tests import brought
    from tests.conftest import BEGIN

    brought.bring_centres(BEGIN)
    return Office(time)
