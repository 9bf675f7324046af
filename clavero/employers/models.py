"""Who the institution knows: employers, branches, representatives, contacts, dated facts. No verbs."""

from django.db import models

from clavero.privacy import macs
from clavero.privacy.fields import Sealed
from clavero.privacy.models import Row
from clavero.privacy.sealing import Unreadable


class Employer(Row):
    """One RUC, or one domestic number. `key_state` is what the institution or Clavero last said of its key."""

    ruc = Sealed()
    ruc_lookup = models.CharField(max_length=43, unique=True)
    name = Sealed(blank=True)
    kind = models.CharField(max_length=12, default="unknown")
    key_state = models.CharField(max_length=10, default="unknown")
    key_changed_on = models.DateField(null=True)
    source = models.CharField(max_length=60, blank=True)
    as_of = models.DateField(null=True)

    def __str__(self) -> str:
        return f"employer {self.pk}"


class Branch(Row):
    """A sucursal: the institution's own number, never assumed to be the SRI's establishment."""

    employer = models.ForeignKey(Employer, models.CASCADE, related_name="branches")
    number = models.CharField(max_length=4)
    name = Sealed(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["employer", "number"], name="branch_once")]

    def __str__(self) -> str:
        return f"branch {self.number}"


class Representative(Row):
    """A person who acts for an employer: alone or jointly, perhaps through a company (`through`)."""

    CURRENT, ENDED = "current", "ended"

    employer = models.ForeignKey(Employer, models.CASCADE, related_name="representatives")
    identification = Sealed()
    identification_lookup = models.CharField(max_length=43)
    name = Sealed(blank=True)
    mode = models.CharField(max_length=8, default="alone")
    through = Sealed(blank=True)
    state = models.CharField(max_length=8, default=CURRENT)
    as_of = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["employer", "identification_lookup"], name="representative_once"
            )
        ]

    def __str__(self) -> str:
        return f"representative {self.pk}"


class Contact(Row):
    """An address or number on record, with its state, source and date.

    `mac` binds value, employer and state to this row: a value written by hand is no contact (ATTACKS 32).
    `usable_from`: codes go there only after its rest. `shared`: it stands for more employers than allowed.
    """

    EMAIL, MOBILE, LANDLINE, POSTAL = "email", "mobile", "landline", "postal"
    ON_RECORD, PROPOSED = "on_record", "proposed"
    GONE = ("bounced", "dead", "replaced", "frozen")

    employer = models.ForeignKey(Employer, models.CASCADE, related_name="contacts")
    kind = models.CharField(max_length=8)
    value = Sealed()
    value_lookup = models.CharField(max_length=43, db_index=True)
    state = models.CharField(max_length=10, default=ON_RECORD)
    shared = models.BooleanField(default=False)
    source = models.CharField(max_length=60, blank=True)
    as_of = models.DateField(null=True)
    usable_from = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    changed_on = models.DateField(null=True)
    mac = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["employer", "kind", "value_lookup"], name="contact_once"
            )
        ]

    def __str__(self) -> str:
        return f"contact {self.pk}"

    def parts(self) -> tuple[object, ...]:
        """What the MAC covers."""
        return (self.pk, self.employer_id, self.kind, self.value, self.state)

    def seal(self) -> None:
        """Bind the row as it now stands."""
        self.mac = macs.make("contact", *self.parts())

    @property
    def is_genuine(self) -> bool:
        """Whether the row is as Clavero wrote it: its value opens here, and its MAC holds."""
        try:
            return macs.check("contact", self.mac, *self.parts())
        except Unreadable:
            return False


class Fact(Row):
    """A dated fact of the institution's own records, for its questions."""

    employer = models.ForeignKey(Employer, models.CASCADE, related_name="facts")
    name = models.CharField(max_length=24)
    value = Sealed()
    as_of = models.DateField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["employer", "name"], name="fact_once")]

    def __str__(self) -> str:
        return self.name


class Change(Row):
    """Something that Clavero changed, for the institution's own systems (`employers changes`)."""

    employer = models.ForeignKey(Employer, models.CASCADE)
    on = models.DateTimeField(db_index=True)
    what = models.CharField(max_length=40)
    value = Sealed(blank=True)
    audit_number = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return self.what


class Conflict(Row):
    """What an import said against what Clavero changed: kept for a person to look at."""

    employer = models.ForeignKey(Employer, models.CASCADE)
    at = models.DateTimeField()
    what = models.CharField(max_length=40)
    line = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["at"], name="conflict_age")]

    def __str__(self) -> str:
        return self.what
