"""A case: from the first form to a tested key. The row is the state; the browser carries only a handle."""

import json
from collections.abc import Mapping
from datetime import datetime

from django.db import models

from clavero.core import journey
from clavero.privacy import macs
from clavero.privacy.fields import Sealed
from clavero.privacy.models import Row

BOUND = (
    "training", "employer_id", "representative_id", "contact_id", "state", "proofs", "held", "facts", "link_hash",
    "secret_hash", "pickup_hash", "binding_typed_at", "purpose", "declared", "risks", "wait_until", "opened_at",
    "frozen_from", "frozen_until",
)  # fmt: skip
"""What decides about a key: whose case it is, where it stands, what was proved, what was found, and which link and
secrets open it. What a code is compared with names its case in its own hash."""


def parts(row: models.Model, changes: Mapping[str, object] | None = None) -> tuple[object, ...]:
    """What the MAC of a case is made over: the columns of `BOUND` as they stand, or as `changes` will have them."""
    return (row.pk, *(_as_text(_value(row, name, changes or {})) for name in BOUND))


def _value(row: models.Model, name: str, changes: Mapping[str, object]) -> object:
    """A column's value; a row that a change names stands for its id."""
    named = changes.get(name.removesuffix("_id"), changes.get(name, getattr(row, name)))
    return named.pk if isinstance(named, models.Model) else named


def _as_text(value: object) -> str:
    if isinstance(value, datetime):
        return str(round(value.timestamp() * 1_000_000))
    if isinstance(value, dict):
        return json.dumps(value, sort_keys=True)
    return ",".join(sorted(value)) if isinstance(value, (list, tuple)) else str(value)


class Case(Row):
    """What was asked, where it stands and what has been proved. One row, no session.

    `binding_typed_at` says that the code of the desk was typed in the browser that holds the case; until it
    is null, no key can be set after a visit. `ref` stands in addresses and says nothing. `handle_version` goes up at every proof, so that an
    older handle is dead (S-088). Codes, links and secrets are keyed hashes; a try is counted in the
    row before the code is looked at. `risks` are the signals for which the case waits or waited (D13). A case of `training` is made up:
    it holds nothing that is real, and the flag never changes (a trigger refuses it; H13). `contact_data` is what was proposed for a
    visit, as JSON; empty until it was asked. `mac` binds what stands in `BOUND`: a row that another hand changed makes
    no move any more.
    """

    second_is_on: bool | None = None
    """No column: whether the account has a second step, as this reading of the row found it; None: not asked yet."""

    ref = models.CharField(max_length=8, unique=True)
    number = models.CharField(max_length=16)
    state = models.CharField(max_length=24)
    purpose = models.CharField(max_length=12, default="recover")
    language = models.CharField(max_length=2, default="es")
    opened_at = models.DateTimeField()
    moved_at = models.DateTimeField()
    handle_version = models.PositiveIntegerField(default=1)

    employer_key = models.CharField(max_length=64)
    identification = Sealed()
    ruc = Sealed()
    branch = models.CharField(max_length=4)
    domestic = models.BooleanField(default=False)
    employer = models.ForeignKey("employers.Employer", models.PROTECT, null=True)
    representative = models.ForeignKey("employers.Representative", models.PROTECT, null=True)
    contact = models.ForeignKey("employers.Contact", models.PROTECT, null=True)
    account = models.ForeignKey("keys.Account", models.PROTECT, null=True)

    facts = models.JSONField(default=dict)
    route = models.CharField(max_length=16)
    declared = models.JSONField(default=list)
    proofs = models.JSONField(default=list)
    grant_rule = models.CharField(max_length=60, blank=True)
    retry_left = models.BooleanField(default=True)
    browser = models.CharField(max_length=60, blank=True)
    province = models.CharField(max_length=60, blank=True)
    mask = Sealed(blank=True)
    contact_data = Sealed(blank=True)

    code_hash = models.CharField(max_length=64, blank=True)
    code_sent_at = models.DateTimeField(null=True)
    code_expires_at = models.DateTimeField(null=True)
    code_tries = models.PositiveSmallIntegerField(default=0)
    codes_sent = models.PositiveSmallIntegerField(default=0)
    past_codes = models.JSONField(default=list)
    used_code_hash = models.CharField(max_length=64, blank=True)
    known_browser = models.BooleanField(null=True)
    opened_with = models.CharField(max_length=64, unique=True, null=True)  # noqa: DJ001 (unique where there is one)
    link_hash = models.CharField(max_length=64, blank=True, db_index=True)
    link_tries = models.PositiveSmallIntegerField(default=0)

    questions = models.JSONField(default=list)
    answered = models.PositiveSmallIntegerField(default=0)
    answers_right = models.PositiveSmallIntegerField(default=0)

    secret_hash = models.CharField(max_length=64, blank=True, db_index=True)
    continuation_hash = models.CharField(max_length=64, blank=True, db_index=True)
    continuation_expires_at = models.DateTimeField(null=True)

    centre = models.CharField(max_length=24, blank=True)
    held = models.BooleanField(default=False)
    training = models.BooleanField(default=False)
    observed_until = models.DateField(null=True)
    binding_hash = models.CharField(max_length=64, blank=True)
    binding_expires_at = models.DateTimeField(null=True)
    binding_tries = models.PositiveSmallIntegerField(default=0)
    binding_typed_at = models.DateTimeField(null=True)
    pickup_hash = models.CharField(max_length=64, blank=True, db_index=True)
    pickup_expires_at = models.DateTimeField(null=True)
    frozen_from = models.CharField(max_length=24, blank=True)
    frozen_until = models.DateTimeField(null=True)
    risks = models.JSONField(default=list)
    wait_until = models.DateTimeField(null=True)

    proved_at = models.DateTimeField(null=True)
    key_set_at = models.DateTimeField(null=True)
    tested_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    mac = models.CharField(max_length=80, null=True)  # noqa: DJ001 (null: SQLite keeps the table and its triggers)

    class Meta:
        indexes = [
            models.Index(fields=["employer_key", "state"], name="case_of_employer"),
            models.Index(fields=["state", "moved_at"], name="case_by_state"),
            models.Index(
                fields=["closed_at"],
                condition=models.Q(closed_at__isnull=False),
                name="case_closed",
            ),
            models.Index(
                fields=["tested_at"],
                condition=models.Q(tested_at__isnull=False),
                name="case_tested",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="case_state_known", condition=models.Q(state__in=sorted(journey.STATES))
            ),
            models.CheckConstraint(
                name="case_practice_is_apart",
                condition=models.Q(training=False)
                | models.Q(
                    employer__isnull=True,
                    representative__isnull=True,
                    contact__isnull=True,
                    account__isnull=True,
                    key_set_at__isnull=True,
                    secret_hash="",
                    code_hash="",
                ),
            ),  # fmt: skip
            models.CheckConstraint(
                name="case_key_needs_proof",
                condition=models.Q(key_set_at__isnull=True) | models.Q(proved_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"case {self.number}"

    def seal(self) -> None:
        """Bind the row as it now stands: before it is stored for the first time."""
        self.mac = self.mac_with({})

    def mac_with(self, changes: Mapping[str, object]) -> str:
        """The MAC of the row with `changes` made."""
        return macs.make("case", *parts(self, changes))

    @property
    def is_genuine(self) -> bool:
        """Whether what decides stands as Clavero wrote it."""
        return macs.check("case", self.mac or "", *parts(self))

    def look_again(self) -> None:
        """Read what is bound anew, all of it: a mix of then and now would look like another hand's work."""
        self.refresh_from_db(fields=[*BOUND, "mac", "handle_version"])
        self.second_is_on = None


class ContactProof(Row):
    """The link that confirms a proposed address: hashed, once, and only for that address (S-025)."""

    contact = models.ForeignKey("employers.Contact", models.CASCADE)
    case = models.ForeignKey(Case, models.CASCADE)
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"contact proof {self.pk}"


class Objection(Row):
    """A contact on record said «no fui yo»: once per contact and case (I03)."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="objections")
    contact = models.ForeignKey("employers.Contact", models.CASCADE)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "contact"], name="objection_once")]

    def __str__(self) -> str:
        return f"objection {self.pk}"


class CaseContact(Row):
    """Where a case wants to be told of its appointment: typed, and confirmed by a code that went there (G04).

    It is no contact of the employer's: it opens nothing and receives no code of the road.
    """

    case = models.OneToOneField(Case, models.CASCADE, related_name="reach")
    kind = models.CharField(max_length=8)
    address = Sealed()
    lookup = models.CharField(max_length=43)
    code_hash = models.CharField(max_length=64, blank=True)
    code_sent_at = models.DateTimeField(null=True)
    code_expires_at = models.DateTimeField(null=True)
    code_tries = models.PositiveSmallIntegerField(default=0)
    codes_sent = models.PositiveSmallIntegerField(default=0)
    confirmed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"reach {self.pk}"


class ReadyPaper(Row):
    """A paper that the person says they have, with a photo of it where they sent one (F05): sealed, gone at the decision."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="ready")
    item = models.CharField(max_length=40)
    kind = models.CharField(max_length=12, blank=True)
    image = Sealed(blank=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "item"], name="ready_paper_once")]

    def __str__(self) -> str:
        return f"ready paper {self.pk}"
