"""Centres, counters, closures, and the time that is taken: bookings and their cells. No verbs."""

from django.db import models
from django.db.models import Q

from clavero.core import slots
from clavero.core.measures import Spread
from clavero.privacy.fields import Sealed
from clavero.privacy.models import Row


class Centre(models.Model):
    """A place where one is served. Hours and address are data with the day they were checked and their source.

    `training`: everything there is made up and the public is offered nothing (`desk.training`; H13).
    """

    DESK, VIDEO, PHONE = "desk", "video", "phone"

    code = models.SlugField(max_length=24, unique=True)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=8, default=DESK)
    province = models.CharField(max_length=60)
    canton = models.CharField(max_length=60)
    address = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    zone = models.CharField(max_length=40)
    hours = models.JSONField(default=dict)
    active = models.BooleanField(default=True)
    training = models.BooleanField(default=False)
    checked_on = models.DateField(null=True)
    source = models.CharField(max_length=200, blank=True)
    quality = models.CharField(max_length=40, blank=True)

    def __str__(self) -> str:
        return self.code

    @property
    def is_remote(self) -> bool:
        """Whether one is served by video or telephone there, and goes nowhere (G16)."""
        return self.kind != self.DESK

    @property
    def site(self) -> slots.Site:
        """The centre as the rules see it."""
        return slots.Site(
            self.zone,
            slots.parse_hours(self.hours),
            slots.place_key(self.province),
            slots.place_key(self.canton),
            self.active and not self.training,
        )


class Counter(models.Model):
    """Where one person is served at a time. `services` are codes of the profile; none means every one."""

    centre = models.ForeignKey(Centre, models.CASCADE, related_name="counters")
    number = models.PositiveSmallIntegerField()
    services = models.JSONField(default=list)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["centre", "number"], name="counter_once")]

    def __str__(self) -> str:
        return f"{self.centre_id}/{self.number}"


class Closure(models.Model):
    """Part of a day on which a centre, a canton or everybody is closed, or (`opens`) open in spite of a holiday.

    Without a centre it is of the canton, without a canton national. Minutes are local to each centre.
    """

    centre = models.ForeignKey(Centre, models.CASCADE, null=True, related_name="closures")
    canton = models.CharField(max_length=60, blank=True)
    day = models.DateField(db_index=True)
    first = models.PositiveSmallIntegerField(default=0)
    last = models.PositiveSmallIntegerField(default=slots.DAY)
    reason = models.CharField(max_length=24)
    opens = models.BooleanField(default=False)
    es = models.CharField(max_length=120, blank=True)
    en = models.CharField(max_length=120, blank=True)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.day} {self.reason}"

    @property
    def closing(self) -> slots.Closing:
        """The closure as the rules see it."""
        return slots.Closing(self.day, self.first, self.last, self.reason, self.opens)


class Booking(Row):
    """Time at a counter for one case and one person; it cannot be handed to another (ATTACKS 27).

    `cells_until`: when its cells are free again (a hold that lapses, a slot given back); null while they are
    its own. `contact` is where it is told, wiped when the visit is over. `proven`: the case had proved a
    contact on record.
    """

    HELD, OFFERED, BOOKED, FIRM, ARRIVED = "held", "offered", "booked", "firm", "arrived"
    RELEASED, MOVED, CANCELLED, MISSED, DONE = "released", "moved", "cancelled", "missed", "done"
    LIVE = (BOOKED, FIRM, ARRIVED)
    STATES = (HELD, OFFERED, BOOKED, FIRM, ARRIVED, RELEASED, MOVED, CANCELLED, MISSED, DONE)

    centre = models.ForeignKey(Centre, models.PROTECT, related_name="bookings")
    counter = models.ForeignKey(Counter, models.PROTECT, related_name="bookings")
    service = models.CharField(max_length=24)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    state = models.CharField(max_length=10, default=HELD)
    case_id = models.BigIntegerField(db_index=True)
    person_lookup = models.CharField(max_length=43)
    number_key = models.CharField(max_length=64)
    contact = Sealed(blank=True)
    contact_kind = models.CharField(max_length=8, blank=True)
    contact_lookup = models.CharField(max_length=43, blank=True)
    cells_until = models.DateTimeField(null=True)
    confirm_by = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    changes = models.PositiveSmallIntegerField(default=0)
    network = models.CharField(max_length=43, blank=True)
    made_at = models.DateTimeField()
    proven = models.BooleanField(default=False)
    language = models.CharField(max_length=2, default="es")

    class Meta:
        indexes = [
            models.Index(fields=["centre", "starts_at"], name="booking_of_day"),
            models.Index(fields=["number_key", "state"], name="booking_of_number"),
            models.Index(fields=["state", "starts_at"], name="booking_due"),
            models.Index(
                fields=["cells_until"], name="booking_lapsing", condition=Q(cells_until__isnull=False)
            ),
        ]  # fmt: skip
        constraints = [
            models.CheckConstraint(
                name="booking_state_known",
                condition=Q(state__in=(
                    "held", "offered", "booked", "firm", "arrived", "released", "moved", "cancelled", "missed", "done",
                )),
            ),
            models.UniqueConstraint(
                fields=["case_id"], name="one_live_booking_a_case",
                condition=Q(state__in=("booked", "firm", "arrived")),
            ),
            models.UniqueConstraint(
                fields=["contact_lookup"], name="one_live_booking_a_contact",
                condition=Q(state__in=("booked", "firm")) & ~Q(contact_lookup=""),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"booking {self.pk}"

    @property
    def held_until(self):  # type: ignore[no-untyped-def]
        """Until when a hold or an offer is kept; None for anything else."""
        return self.cells_until if self.state in (self.HELD, self.OFFERED) else None

    @property
    def day(self):  # type: ignore[no-untyped-def]
        """Its day, as the clock of the centre has it."""
        return self.local_start.date()

    @property
    def local_start(self):  # type: ignore[no-untyped-def]
        """When it begins, in the centre's zone."""
        return slots.local(slots.minute(self.starts_at), self.centre.zone)


class Cell(models.Model):
    """A piece of a counter's time that is taken. `at` is the minute since 1970 at which it begins.

    The constraint is what makes double booking impossible, on both databases (G02, ATTACKS 26).
    """

    counter = models.ForeignKey(Counter, models.CASCADE, db_index=False, db_constraint=False)
    at = models.IntegerField()
    booking = models.ForeignKey(Booking, models.CASCADE, related_name="cells")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["counter", "at"], name="cell_once")]

    def __str__(self) -> str:
        return f"{self.counter_id}@{self.at}"


class Waiting(Row):
    """Somebody who would take a time, or an earlier one (G15). `offer` is the booking that is kept for them now.

    `new`: where to tell them is not confirmed yet. `before`: what was the first free time when they asked.
    """

    NEW, WAITING, OFFERED, TAKEN, GONE = "new", "waiting", "offered", "taken", "gone"

    case_id = models.BigIntegerField(unique=True)
    centre = models.ForeignKey(Centre, models.CASCADE)
    service = models.CharField(max_length=24)
    before = models.DateTimeField(null=True)
    state = models.CharField(max_length=8, default=WAITING)
    offer = models.ForeignKey(Booking, models.SET_NULL, null=True)
    offers = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["centre", "state", "made_at"], name="waiting_line"),
            models.Index(fields=["state", "made_at"], name="waiting_age"),
        ]

    def __str__(self) -> str:
        return f"waiting {self.pk}"


class Measured(models.Model):
    """How long visits of a centre took, as a range of many (G12): minutes and a count, no row of anybody.

    `service` is a code of the profile, "" for all of them together.
    """

    VISIT, BOOKED_WAIT, WALK_IN_WAIT = "visit", "booked_wait", "walk_in_wait"

    centre = models.ForeignKey(Centre, models.CASCADE, related_name="measured")
    what = models.CharField(max_length=12)
    service = models.CharField(max_length=24, blank=True)
    n = models.PositiveIntegerField()
    low = models.PositiveSmallIntegerField()
    high = models.PositiveSmallIntegerField()
    as_of = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["centre", "what", "service"], name="measured_once")
        ]

    def __str__(self) -> str:
        return f"{self.centre_id} {self.what}"

    @property
    def spread(self) -> Spread:
        """The range as the rules have it."""
        return Spread(self.n, self.low, self.high)
