"""Accounts and their keys, sessions, remembered devices and saved recovery codes."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils.crypto import salted_hmac

from clavero.privacy.fields import Sealed
from clavero.privacy.models import Row


class Accounts(BaseUserManager["Account"]):
    """Django's look-up by natural key; accounts are opened by `services`, never here."""


class Account(Row, AbstractBaseUser):
    """One person as representative of one employer number, or one member of staff.

    `username` is opaque: the keyed look-up of the numbers a person types (or a staff name). What
    `key_hash` holds is Argon2id of HMAC(pepper, account id ‖ key version ‖ NFC key), and `key_mac`
    binds the row, so that a hash copied from elsewhere opens nothing (ATTACKS 31). A `limited` key consults,
    pays and gives exit notices, no more (D17). While `frozen_until` lies ahead nobody signs in (I03).
    """

    EMPLOYER, STAFF = "employer", "staff"
    ACTIVE, BLOCKED, REVOKED = "active", "blocked", "revoked"
    FULL, LIMITED = "full", "limited"

    kind = models.CharField(max_length=8, default=EMPLOYER)
    username = models.CharField(max_length=64, unique=True)
    state = models.CharField(max_length=8, default=ACTIVE)
    employer = models.ForeignKey(
        "employers.Employer", models.PROTECT, null=True, related_name="accounts"
    )
    representative = models.ForeignKey("employers.Representative", models.PROTECT, null=True)
    branch = models.CharField(max_length=4, blank=True)
    role = models.CharField(max_length=16, blank=True)
    key_version = models.PositiveIntegerField(default=0)
    key_hash = models.CharField(max_length=160, blank=True)
    key_mac = models.CharField(max_length=64, blank=True)
    key_set_at = models.DateTimeField(null=True)
    must_change = models.BooleanField(default=False)
    scope = models.CharField(max_length=8, default=FULL)
    frozen_until = models.DateTimeField(null=True)
    last_access_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField()

    password = None  # type: ignore[assignment]  # the key stands in key_hash, written by services only
    last_login = None  # type: ignore[assignment]

    USERNAME_FIELD = "username"
    objects = Accounts()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="account_of_an_employer_or_staff",
                condition=models.Q(kind="staff", employer__isnull=True)
                | models.Q(kind="employer", employer__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"account {self.pk}"

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        return self.state != self.REVOKED

    @property
    def has_key(self) -> bool:
        return bool(self.key_hash)

    def get_session_auth_hash(self) -> str:
        """Every session dies when the key, its version or the account's state changes (S-091)."""
        return self._get_session_auth_hash()

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        key = f"{self.key_version}:{self.key_set_at}:{self.state}"
        return salted_hmac("clavero.keys.session", key, secret=secret).hexdigest()

    def check_password(self, raw_password: str | None) -> bool:
        """Refuses: a key is checked by `services.check` alone, counted first."""
        raise TypeError("keys are checked by keys.services.check")

    set_password = check_password  # type: ignore[assignment]


class Session(AbstractBaseSession):
    """A signed-in browser: known by account, so that a new key ends all of them at once."""

    account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="sessions")
    browser = models.CharField(max_length=60, blank=True)
    opened_at = models.DateTimeField()

    @classmethod
    def get_session_store_class(cls):  # type: ignore[no-untyped-def]
        from clavero.keys.session_store import SessionStore

        return SessionStore


class Device(Row):
    """A browser that has signed in to this account: its own budget of tries (S-042, S-045)."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="devices")
    token_hash = models.CharField(max_length=64, unique=True)
    browser = models.CharField(max_length=60, blank=True)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["last_seen_at"], name="device_age")]

    def __str__(self) -> str:
        return f"device {self.pk}"


class SavedCode(Row):
    """A recovery code the person keeps: hashed, used once, replaced by a new one (S-019)."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="saved_codes")
    code_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"saved code {self.pk}"


class FactorCode(Row):
    """A one-time code for the second step, for when the telephone is lost: hashed, used once (D11)."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="factor_codes")
    code_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"factor code {self.pk}"


class KeyEvent(Row):
    """A line of the key's history as its owner reads it; the proof is the audit entry it names."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="history")
    at = models.DateTimeField()
    event = models.CharField(max_length=40)
    where = Sealed(blank=True)
    audit_number = models.BigIntegerField(default=0)
    head12 = models.CharField(max_length=12, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["account", "-at"], name="key_history"),
            models.Index(fields=["at"], name="key_history_age"),
        ]

    def __str__(self) -> str:
        return f"{self.event} of {self.account_id}"


class SpentChallenge(models.Model):
    """A challenge that was answered: a second answer to it is refused."""

    token_hash = models.CharField(max_length=64, primary_key=True)
    spent_at = models.DateTimeField()

    def __str__(self) -> str:
        return "spent challenge"


# --- casework ---------------------------------------------------------------------------------------------
