"""Letters for the post: printed in batches, each letter once, a batch as often as it is asked for by its name (A22).

A letter is one PDF; a CSV beside them says which goes where. Addresses are the register's at that moment. Whoever has no
postal address stays in the queue and is counted.
"""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Min, QuerySet

from clavero import dates
from clavero.audit import services as audit
from clavero.core import formulas
from clavero.core import staff as roles
from clavero.core.errors import Refused
from clavero.desk.models import Staff
from clavero.desk.people import local_day
from clavero.employers.models import Contact, Employer
from clavero.institution import profile
from clavero.notices import letters
from clavero.notices.letters import Block
from clavero.notices.models import PostLetter
from clavero.recovery.models import Case
from clavero.ui import paper
from clavero.ui.paper import Part, Sheet, Steps, Text

AT_ONCE = 200
"""Letters of one batch: as many as are set in half a minute or so."""
HEAD = ("file", "name", "address", "written_on")


@dataclass(frozen=True)
class Waiting:
    """What lies in the queue: `homeless` have no postal address in the register."""

    letters: int
    homeless: int


def waiting() -> Waiting:
    """How many letters wait, and for how many there is nowhere to send them."""
    owners = list(_queued().values_list("employer_id", flat=True))
    housed = _housed(owners)
    return Waiting(len(owners), sum(owner not in housed for owner in owners))


def _queued() -> QuerySet[PostLetter]:
    return PostLetter.objects.filter(batch="").order_by("made_at")


def _housed(owners: list[int]) -> set[int]:
    """Those of these employers that have a postal address on record, as it was written (ATTACKS 32)."""
    live = Contact.objects.filter(kind=Contact.POSTAL, state=Contact.ON_RECORD)
    return {found.employer_id for found in live.filter(employer_id__in=owners) if found.is_genuine}


def batches() -> list[Any]:
    """Name, day and size of what was printed, the newest first."""
    found = PostLetter.objects.exclude(batch="").values("batch")
    return list(found.annotate(n=Count("pk"), at=Min("exported_at")).order_by("-at"))


def export(staff: Staff | None, now: datetime) -> str:
    """Put what waits and has an address into a new batch; its name. Raises `Refused`: post.off, post.nothing."""
    if not profile().post_letters:
        raise Refused("post.off")
    with transaction.atomic():
        housed = _housed(list(_queued().values_list("employer_id", flat=True)))
        taken = list(_queued().filter(employer_id__in=housed).select_for_update()[:AT_ONCE])
        if not taken:
            raise Refused("post.nothing", homeless=waiting().homeless)
        entry = _record(staff, len(taken), "new")
        batch = f"P{now:%y}-{entry.number:06d}"
        ids = [letter.pk for letter in taken]
        PostLetter.objects.filter(pk__in=ids, batch="").update(batch=batch, exported_at=now)
    return batch


def again(batch: str, staff: Staff | None) -> dict[str, bytes]:
    """The files of a batch, on record each time. Raises `Refused("post.unknown")`."""
    found = list(PostLetter.objects.filter(batch=batch).exclude(batch="").order_by("made_at"))
    if not found:
        raise Refused("post.unknown")
    with transaction.atomic():
        _record(staff, len(found), "printed")
    return files(batch, found)


def _record(staff: Staff | None, count: int, how: str) -> audit.Entry:
    return audit.record(
        "letters_exported", actor=staff.role if staff else roles.OPERATOR, reason=how,
        data={"letters": count, "staff": staff.number if staff else 0},
    )  # fmt: skip


# --- the files ----------------------------------------------------------------------------------------------


def files(batch: str, found: Iterable[PostLetter]) -> dict[str, bytes]:
    """Name → content: a PDF a letter, and the CSV of addresses."""
    made: dict[str, bytes] = {}
    lines = []
    for n, letter in enumerate(found, start=1):
        name = f"{batch}-{n:03d}.pdf"
        who = Employer.objects.get(pk=letter.employer_id)
        made[name] = paper.pdf(sheet(letter, who))
        lines.append((name, who.name or "", address_of(who), f"{letter.made_at:%Y-%m-%d}"))
    return made | {f"{batch}.csv": _csv(lines)}


def address_of(who: Employer) -> str:
    """The newest postal address on record; "" where there is none any more."""
    live = Contact.objects.filter(employer=who, kind=Contact.POSTAL, state=Contact.ON_RECORD)
    genuine = [contact for contact in live.order_by("-usable_from") if contact.is_genuine]
    return genuine[0].value if genuine else ""


def _csv(lines: Sequence[tuple[str, ...]]) -> bytes:
    """UTF-8 with a mark, as spreadsheets want it; no cell of it is a formula."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(HEAD)
    writer.writerows(tuple(map(formulas.harmless, line)) for line in lines)
    return b"\xef\xbb\xbf" + target.getvalue().encode()


def sheet(letter: PostLetter, who: Employer) -> Sheet:
    """The letter on paper: the words of the mail, without its links, under the day on which they were said."""
    said = letters.write(letter.kind, json.loads(letter.payload), letter.language)
    case = Case.objects.filter(pk=letter.case_id).only("number").first() if letter.case_id else None
    day = dates.long_date(local_day(letter.made_at), letter.language)
    head: list[Part] = [Text(text) for text in (day, who.name or "", address_of(who)) if text]
    parts = [*head, *(part for part in map(_part, said.blocks) if part)]
    return Sheet(
        said.title, "carta", tuple(parts), letter.language, number=case.number if case else ""
    )


def _part(block: Block) -> Part | None:
    """A block of a message as a part of a sheet. What can only be pressed is left out; a code never gets here."""
    if block.kind in ("link", "button", "code"):
        return None
    if block.kind == "list":
        return Steps(block.items)
    return Text(block.text, small=block.kind == "small")
