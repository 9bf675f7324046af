"""What an officer must see, what is still missing, and whether one person is enough: pure.

The items of identity are those of 63A §3.13 (STANDARDS S-069); the papers come from the profile's
catalogue. Whether a second person must decide is not said here: `core.evidence` is asked.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from clavero.core import evidence
from clavero.core.errors import Refused
from clavero.core.triage import Facts

SEEN, MISSING, OBSERVED = "seen", "missing", "observed"
MARKS = (SEEN, MISSING, OBSERVED)

IDENTITY = ("id_original", "id_untouched", "id_face", "id_data")
"""The document is the original and valid · no sign that it was altered · the face is the one of the photo ·
number and name are those of the case."""
THIRD_PARTY = ("holder_authorisation", "holder_card_copy")


@dataclass(frozen=True)
class Exemption:
    """Evidence of identity that somebody cannot show, and what stands in for it: never less than was asked (S-077)."""

    instead: tuple[str, ...]
    asks: tuple[str, ...]


EXCEPTIONS: dict[str, Exemption] = {
    "document_lost": Exemption(("id_original", "id_untouched"), ("x_report", "x_other_id")),
    "document_damaged": Exemption(("id_untouched",), ("x_other_id",)),
    "face_differs": Exemption(("id_face",), ("x_other_id", "x_apart")),
    "cannot_sign": Exemption((), ("x_fingerprint", "x_witness")),
}
"""The exceptions that a desk may ask for; there is no other. Ours, after 63A §3.15.1(2) and §3.15.2: each with what
corroborates it, and always with the second person (`make_exception.second` in `core.evidence`)."""
CORROBORATION = frozenset(item for one in EXCEPTIONS.values() for item in one.asks)
CORRECTIONS: dict[str, str] = {
    "email": "contact_replaced",
    "mobile": "contact_replaced",
    "landline": "contact_replaced",
    "representative": "representative_replaced",
    "register": "employer_registered",
    "ruc": "ruc_overridden",
    "exception": "exception_made",
}
"""What a desk may correct inside a case → the token of evidence that it leaves."""


@dataclass(frozen=True)
class Mark:
    """What an officer said of one item; `note` is what the person must do about it."""

    state: str
    note: str = ""


@dataclass(frozen=True)
class Standing:
    """Where a visit stands: what is missing before anybody may decide, and whether one person is enough.

    `rule` names the evidence rule that one person's attestation fulfils, "" where a second must decide.
    """

    missing: tuple[str, ...]
    rule: str

    @property
    def is_complete(self) -> bool:
        return not self.missing

    @property
    def needs_second(self) -> bool:
        return not self.rule


def items(papers: Sequence[str], *, third_party: bool = False, exception: str = "") -> tuple[str, ...]:  # fmt: skip
    """The items of a visit in the order in which they are asked for, each once; `exception` is one of `EXCEPTIONS`."""
    exempt = EXCEPTIONS.get(exception, Exemption((), ()))
    identity = (*(item for item in IDENTITY if item not in exempt.instead), *exempt.asks)
    return tuple(dict.fromkeys((*identity, *papers, *(THIRD_PARTY if third_party else ()))))


def exception(code: str) -> str:
    """`code`, where it is one of the list. Raises `Refused("counter.exception")`."""
    if code not in EXCEPTIONS:
        raise Refused("counter.exception")
    return code


def mark(state: str, note: str = "") -> Mark:
    """A mark. Raises `Refused`: counter.mark, counter.note_needed (an observation says what to do)."""
    if state not in MARKS:
        raise Refused("counter.mark")
    if state == OBSERVED and not note.strip():
        raise Refused("counter.note_needed")
    return Mark(state, note.strip()[:300])


def missing(asked: Sequence[str], marks: Mapping[str, Mark]) -> tuple[str, ...]:
    """The items that were not seen, in order: open, missing or observed."""
    return tuple(code for code in asked if marks.get(code, Mark("")).state != SEEN)


def required(facts: Facts, made: Collection[str]) -> tuple[str, ...]:
    """The corrections without which a key would have no owner, and that were not made yet.

    An employer whom the register does not hold is registered; a person who does not represent it is named.
    """
    if facts.known is not True:
        return () if "register" in made else ("register",)
    named = facts.representative == "match" or "representative" in made
    return () if named else ("representative",)


def standing(
    asked: Sequence[str],
    marks: Mapping[str, Mark],
    *,
    purpose: str,
    proofs: Collection[str],
    facts: Facts,
    made: Collection[str] = (),
) -> Standing:
    """What is missing, and the rule that would let this visit end without a second person, if there is one.

    `made` are the kinds of corrections that stand in the visit.
    """
    open_ = (*missing(asked, marks), *required(facts, made))
    return Standing(open_, _alone(purpose, frozenset(proofs), facts))


def _alone(purpose: str, proofs: frozenset[str], facts: Facts) -> str:
    """The rule that fires with a visit, both secrets and what was proved, without a second approval."""
    held = proofs - {"second_approval"} | {"visit", "case_secret", "binding_code"}
    try:
        return evidence.sufficient(purpose, held, facts).rule
    except Refused:
        return ""


# --- who decides ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OnDuty:
    """A member of staff at work: row id, centre, whether the role may approve, and what bars them from this case."""

    id: int
    centre: str
    may_approve: bool
    has_interest: bool = False


def drawable(
    staff: Sequence[OnDuty], *, acted: Collection[int], centre: str, same_centre: bool
) -> tuple[int, ...]:
    """Those who may be drawn as the second person: on duty, not acted, without interest, elsewhere unless allowed."""
    return tuple(
        one.id
        for one in staff
        if one.may_approve
        and not one.has_interest
        and one.id not in acted
        and (same_centre or one.centre != centre)
    )


def evidence_hash(case: str, action: str, seen: Mapping[str, Mark], corrected: Mapping[str, str]) -> str:  # fmt: skip
    """SHA-256 (hex) of what the second person agrees to: case, action, every mark and every correction.

    The assertion of the approver's passkey is made over it, so that it can be shown later what was approved.
    """
    text = json.dumps(
        {
            "case": case,
            "action": action,
            "seen": {code: [one.state, one.note] for code, one in sorted(seen.items())},
            "corrected": dict(sorted(corrected.items())),
        },
        sort_keys=True,
        ensure_ascii=False,
        separators=(",", ":"),
    )
    return hashlib.sha256(text.encode()).hexdigest()


# --- waiting ----------------------------------------------------------------------------------------------


def waiting_minutes(ahead: int, counters: int, recent: Sequence[float], usual: float) -> int:
    """How long somebody waits with `ahead` people before them, rounded up to 5: from the last measured services.

    `recent` are minutes of the last services here; with fewer than five, `usual` stands in (G12).
    """
    measured = sorted(recent)
    each = measured[len(measured) // 2] if len(measured) >= 5 else usual
    minutes = ahead * each / max(1, counters)
    return -int(-minutes // 5) * 5
