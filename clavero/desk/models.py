"""The people behind the counter: who they are, where they are on duty, what they sign with."""

from django.db import models
from django.db.models import F, Q

from clavero.privacy.fields import Sealed
from clavero.privacy.models import Row


class Staff(Row):
    """A member of staff. The role stands at the account; there is no password anywhere.

    `number` is what records name a person by: small, never used again. A person has one place at a time:
    two roles would make one pair of eyes four (S-066).
    """

    account = models.OneToOneField("keys.Account", models.PROTECT, related_name="staff")
    number = models.PositiveIntegerField(unique=True)
    name = Sealed()
    identification = Sealed()
    identification_lookup = models.CharField(max_length=64, db_index=True)
    centre = models.CharField(max_length=24, blank=True)
    qualified_until = models.DateField(null=True)
    training = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="staff_one_place",
                fields=["identification_lookup"],
                condition=Q(left_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"staff {self.number}"

    @property
    def role(self) -> str:
        return self.account.role

    @property
    def sign_in_name(self) -> str:
        return self.account.username.removeprefix("staff:")


class Duty(Row):
    """Somebody at a counter, from when on, and when last seen. `until` is null while it lasts."""

    staff = models.ForeignKey(Staff, models.PROTECT, related_name="duties")
    centre = models.CharField(max_length=24)
    counter = models.CharField(max_length=8, blank=True)
    since = models.DateTimeField()
    seen_at = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="duty_one_each", fields=["staff"], condition=Q(until__isnull=True)
            ),
            models.UniqueConstraint(
                name="duty_one_a_counter",
                fields=["centre", "counter"],
                condition=Q(until__isnull=True) & ~Q(counter=""),
            ),
        ]

    def __str__(self) -> str:
        return f"duty {self.pk}"


class Enrolment(Row):
    """A code with which somebody adds two passkeys: asked for by one, handed over by another (S-066).

    `asked_by` is null for the first operator alone. `alone` says that the server had no second person yet.
    """

    FIRST, LOST = "first", "lost"

    staff = models.ForeignKey(Staff, models.PROTECT, related_name="enrolments")
    kind = models.CharField(max_length=8, default=FIRST)
    reason = Sealed(blank=True)
    asked_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    approved_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    alone = models.BooleanField(default=False)
    code_hash = models.CharField(max_length=64, unique=True, null=True)  # noqa: DJ001 (unique where there is one)
    expires_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="enrolment_by_two",
                condition=Q(alone=True)
                | Q(approved_by__isnull=True)
                | Q(asked_by__isnull=True)
                | ~Q(approved_by=F("asked_by")),
            ),
            models.CheckConstraint(
                name="enrolment_not_own",
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("staff")),
            ),
            models.CheckConstraint(
                name="enrolment_code_needs_approval",
                condition=Q(code_hash__isnull=True)
                | Q(approved_by__isnull=False)
                | Q(asked_by__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"enrolment {self.pk}"


class Assertion(Row):
    """What a member of staff signed, kept so that it can be checked again without this server (S-072).

    The challenge was SHA-256(nonce ‖ message_hash). `kind` is `passkey`, or `code` in the demonstration,
    where a code of six digits stands in and the rest is empty. Binary parts are base64url.
    """

    PASSKEY, CODE = "passkey", "code"

    staff = models.ForeignKey(Staff, models.PROTECT, related_name="assertions")
    at = models.DateTimeField()
    kind = models.CharField(max_length=8)
    message_hash = models.CharField(max_length=64)
    nonce = models.CharField(max_length=64, blank=True)
    credential_id = models.TextField(blank=True)
    public_key = models.TextField(blank=True)
    client_data = models.TextField(blank=True)
    authenticator_data = models.TextField(blank=True)
    signature = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["at"], name="assertion_age")]

    def __str__(self) -> str:
        return f"assertion {self.pk}"


class Visit(Row):
    """A case at a counter, from the code to the end: who attended, what was seen, what was decided (S-068).

    `marked` is JSON, item → its state and note, sealed: officers write in their own words. A closed visit is never
    changed again, and goes only when its case is over: a trigger refuses everything else.
    """

    case = models.ForeignKey("recovery.Case", models.PROTECT, related_name="visits")
    staff = models.ForeignKey(Staff, models.PROTECT)
    centre = models.CharField(max_length=24)
    counter = models.CharField(max_length=8)
    opened_at = models.DateTimeField()
    marked = Sealed(blank=True)
    third_party = models.BooleanField(default=False)
    reason = Sealed(blank=True)
    outcome = models.CharField(max_length=12, blank=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["opened_at"], name="visit_opened")]

    def __str__(self) -> str:
        return f"visit {self.pk}"


class Correction(Row):
    """What the desk asks to be changed: nothing is, until a second person approves it (F10)."""

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="corrections")
    kind = models.CharField(max_length=16)
    value = Sealed()
    made_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["visit", "kind"], name="correction_once")]

    def __str__(self) -> str:
        return f"correction of {self.kind}"


class Approval(Row):
    """A second person's decision. `drawn` is whom the system drew; nobody else may decide (S-066, H03).

    `evidence_hash` is what was asked for; `assertion` the passkey's signature over it, kept.
    """

    case = models.ForeignKey("recovery.Case", models.PROTECT, related_name="approvals")
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, related_name="approvals")
    asked_by = models.ForeignKey(Staff, models.PROTECT, related_name="asked")
    asked_at = models.DateTimeField()
    drawn = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="drawn")
    drawn_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="decided")
    decided_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=12, blank=True)
    reason = Sealed(blank=True)
    evidence_hash = models.CharField(max_length=64)
    assertion = models.ForeignKey(Assertion, models.PROTECT, null=True)

    class Meta:
        indexes = [models.Index(fields=["decision", "drawn"], name="approvals_to_decide")]
        constraints = [
            models.CheckConstraint(
                name="approved_by_another",
                condition=models.Q(decided_by__isnull=True)
                | ~models.Q(decided_by=models.F("asked_by")),
            ),
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(decision=""), name="approval_open_once"
            ),
        ]

    def __str__(self) -> str:
        return f"approval {self.pk}"


class SecondLook(Row):
    """A decided case that chance drew to be looked at again, by somebody who had no hand in it (S-076).

    `outcome` is empty while it waits. A look changes no decision: it stops what was decided, or leaves it.
    """

    FINE, DOUBTFUL = "fine", "doubtful"

    case = models.ForeignKey("recovery.Case", models.PROTECT, related_name="second_looks")
    drawn_at = models.DateTimeField()
    looked_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    looked_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, blank=True)
    reason = Sealed(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(outcome=""), name="second_look_open_once"
            )
        ]

    def __str__(self) -> str:
        return f"second look {self.pk}"


class Answer(Row):
    """What somebody found out about a question on the work of another member of staff, at the count that it had (S-076).

    It accuses nobody and opens nothing. `about` never reads it.
    """

    code = models.CharField(max_length=24)
    about = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    count = models.PositiveIntegerField()
    answered_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    answered_at = models.DateTimeField()
    words = Sealed()

    class Meta:
        indexes = [models.Index(fields=["answered_at"], name="answer_age")]

    def __str__(self) -> str:
        return f"answer {self.pk}"

    @property
    def asks(self) -> str:
        """The code of the sentence that asked."""
        return f"watch.{self.code}.ask"


class Photo(Row):
    """A decisive paper as the second person sees it: sealed, gone at the decision or after 24 hours."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="photos")
    item = models.CharField(max_length=40)
    kind = models.CharField(max_length=12)
    image = Sealed()
    taken_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"photo {self.pk}"


class Ticket(models.Model):
    """A place in the queue of one day and centre: A for who has an appointment, B for who has none (G11)."""

    WAITING, CALLED, HELD, SERVED, LEFT = "waiting", "called", "held", "served", "left"

    centre = models.CharField(max_length=24)
    day = models.DateField()
    line = models.CharField(max_length=1)
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=8, default=WAITING)
    case_id = models.BigIntegerField(null=True)
    issued_at = models.DateTimeField()
    called_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    counter = models.CharField(max_length=8, blank=True)
    staff = models.ForeignKey(Staff, models.PROTECT, null=True)
    training = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["centre", "day", "line", "number"], name="ticket_once")
        ]
        indexes = [
            models.Index(fields=["centre", "day", "state"], name="ticket_queue"),
            models.Index(fields=["day"], name="ticket_age"),
        ]

    def __str__(self) -> str:
        return f"{self.line}{self.number:02d}"


class Interest(Row):
    """An employer of which a member of staff is owner, representative, delegate or worker (H06)."""

    staff = models.ForeignKey(Staff, models.CASCADE, related_name="interests")
    ruc_lookup = models.CharField(max_length=43)
    declared_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["staff", "ruc_lookup"], name="interest_once")
        ]

    def __str__(self) -> str:
        return f"interest {self.pk}"


class Training(Row):
    """A time in which a centre worked on made-up cases alone: who began it, why, and who ended it (H13)."""

    centre = models.CharField(max_length=24)
    reason = Sealed()
    begun_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    begun_at = models.DateTimeField()
    ended_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["centre"], condition=Q(ended_at__isnull=True), name="training_once_a_centre"
            )
        ]

    def __str__(self) -> str:
        return f"training {self.pk}"
