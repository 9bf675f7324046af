"""The SRI's public register of RUCs, as dated copies: one a province, of which one is live."""

from django.db import models


class Snapshot(models.Model):
    """One import of one province's file. Rows are found only through a live snapshot."""

    province = models.CharField(max_length=60)
    as_of = models.DateField(null=True)
    imported_at = models.DateTimeField()
    live = models.BooleanField(default=False)
    rucs = models.PositiveIntegerField(default=0)
    report = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["province"], condition=models.Q(live=True), name="one_live_copy_a_province"
            )
        ]

    def __str__(self) -> str:
        return f"{self.province} {self.as_of}"


class Ruc(models.Model):
    """One RUC of one snapshot. The number is public and stands as an integer, 8 bytes instead of 14.

    `name` is kept for societies only: a natural person's name is personal data that nobody here needs.
    """

    ACTIVE, SUSPENDED, CLOSED = 1, 2, 3

    pk = models.CompositePrimaryKey("ruc", "snapshot_id")
    ruc = models.BigIntegerField()
    # Rows come and go with their copy, in `services` alone: a check for each of millions would be the dearest part.
    snapshot = models.ForeignKey(Snapshot, models.CASCADE, db_index=False, db_constraint=False)
    status = models.PositiveSmallIntegerField()
    establishments = models.PositiveIntegerField()
    name = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"{self.ruc:013d}"
