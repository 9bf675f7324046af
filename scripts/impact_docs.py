"""Writes docs/impact.md: the impact assessment of LOPDP arts. 40-42, derived parts filled in, the institution's own marked (S-133)."""

import hashlib
import sys
from collections import Counter

from generated import ROOT, keep, table

sys.path.insert(0, str(ROOT))
from clavero.core import evidence
from clavero.institution import load
from clavero.privacy import dictionary

OF_PERSONS = ("personal", "lookup", "secret", "trace")
"""Classes of the dictionary that say something of somebody, or lead to it."""
BLANKS = {
    "controller": "Name, seat, telephone and e-mail of the controller; who signs for it.",
    "officer": "The data protection officer's name, and their opinion on this assessment, with its date.",
    "heard": "Who was heard (employers, staff, their representatives), how, and what came of it.",
    "scale": "How many employers, representatives and members of staff; which provinces; since when.",
    "hosting": "Where the servers and the copies stand, who runs them, under which contract; whether anything leaves the country.",
    "processors": "Who delivers the mail, the text messages and the letters; their contracts.",
    "law": "Counsel's confirmation of each basis under «Bases», or the basis that stands instead.",
    "periods": "Confirmation of each period, and of the days of the profile in use, against the institution's retention schedule.",
    "weights": "Likelihood and gravity of each risk under «Risks», before and after the measures.",
    "left": "The risks that stay, who accepts them, and whether the authority is to be consulted before the start.",
    "review": "When this is looked at again: at a new version of Clavero whose fingerprint differs, and at the latest every year.",
}
"""What only the institution can say, by name: a test wants each marked in the document."""
RISKS = (
    ("Somebody else gets the key of an employer", "contact on record, questions, a wait where signals stand, two persons at the desk, every contact told", "security.md"),
    ("A stranger learns who is in the register, or with which e-mail", "one face before proof, a fixed mask or none, answers that take the same time", "security.md"),
    ("A member of staff looks without need, or decides alone", "a role for every page, every look on record, a second person drawn by chance, second looks", "security.md"),
    ("The database, or a copy of it, is taken", "personal columns sealed, found by keyed hashes, keys kept elsewhere and changed while it runs", "security.md"),
    ("The server's keys are taken too", "the record is sealed outside, `clavero breach` counts whom it touches and writes the notices", "operations.md"),
    ("Data are kept longer than needed", "every column has a period, the worker deletes each night, the record says how many", "data.md"),
    ("Somebody is kept out by a machine's decision", "every refusal says why and what to do, a visit is always open, a person reviews on request", "journey.md"),
    ("An owner is kept out by strangers who fill limits", "no limit of a stranger locks an owner, a visit spends none, an operator lifts with a reason", "security.md"),
    ("Somebody cannot use the pages", "WCAG 2.2 AA on every page, no script needed, no puzzle, centres and telephone", "design.md"),
)  # fmt: skip
"""A risk for the person, what Clavero does about it, and the document that tells how and by which test."""


def fingerprint() -> str:
    """SHA-256 of the data dictionary, its first 16 hex digits."""
    return hashlib.sha256(dictionary.SOURCE.read_bytes()).hexdigest()[:16]


def blank(name: str) -> str:
    return f"> **To be completed by the institution ({name}).** {BLANKS[name]}"


def treated(found: dictionary.Dictionary) -> str:
    """Every table that says something of somebody: how many columns of which class, on what basis, how long."""
    rows = []
    for held in found.tables:
        counted = Counter(column.kind for column in held.columns if column.kind in OF_PERSONS)
        if counted:
            rows.append((f"`{held.name}`", *(counted[kind] or "" for kind in OF_PERSONS), held.basis, held.keeps))  # fmt: skip
    return table(("table", *OF_PERSONS, "basis", "kept"), rows)


def days() -> str:
    """The days of both shipped profiles beside each period that reads them."""
    ours, other = load("iess"), load("example")
    names = sorted(ours.retention_days)
    return table(("`retention_days`", f"`{ours.name}`", f"`{other.name}`"), ((f"`{name}`", ours.retention_days[name], other.retention_days[name]) for name in names))  # fmt: skip


def periods(found: dictionary.Dictionary) -> str:
    used = {column.keeps for held in found.tables for column in held.columns if column.kind in OF_PERSONS}  # fmt: skip
    return table(("name", "how long", "forgotten by"), ((f"`{name}`", each.says, each.by) for name, each in found.keeps.items() if name in used))  # fmt: skip


def signals() -> str:
    return table(("signal", "what it looks at", "source"), ((f"`{risk.signal}`", risk.because, risk.source) for risk in evidence.RISKS))  # fmt: skip


def text() -> str:
    found = dictionary.read()
    columns = sum(len(held.columns) for held in found.tables)
    bases = table(("name", "basis"), ((f"`{name}`", says) for name, says in found.bases.items()))
    risks = table(("risk for the person", "what Clavero does about it", "more in"), ((risk, measure, f"[{file}]({file})") for risk, measure, file in RISKS))  # fmt: skip
    return "\n\n".join([
        "# Impact assessment: a beginning that fits the data dictionary",
        "LOPDP arts. 40 to 42 want an assessment before personal data go in. This is **not** a finished one. It is written from the code, so that what it\n"
        "says of the data is so; what only the institution knows is marked, and nobody has signed it. Copy it, complete the marked parts, sign the copy.",
        f"**Fits**: the data dictionary with the fingerprint `{fingerprint()}` ({len(found.tables)} tables, {columns} columns; [data.md](data.md)). A copy with\n"
        "another fingerprint is about another version: compare it with this page, and decide again.",
        f"## Who answers\n\n{blank('controller')}\n\n{blank('officer')}\n\n{blank('heard')}",
        "## What is done with the data, and what for\n\nAn employer who cannot use its key gets a new one: online where a contact on record answers, at a centre where\n"
        "that is not enough. What every step does: [journey.md](journey.md); every page: [routes.md](routes.md). The number of columns of each class, by table\n"
        f"([what the classes mean](data.md#classes)):\n\n{treated(found)}\n\n{blank('scale')}",
        f"## Bases\n\n{bases}\n\nConsent is not asked, and nothing is used for anything else.\n\n{blank('law')}",
        "## Is it needed, and no more than needed\n\nEvery column has a purpose ([data.md](data.md#tables)), and a test fails for one without. No picture of an identity document is asked for;\n"
        "of a key only a slow hash is kept; addresses in the network are kept as keyed hashes of their range, and of those that are refused now the range itself, sealed. A copy of everything about a person leaves out what is\n"
        "somebody else's. What art. 12 wants told stands on the page of personal data, and every page that asks leads there.",
        f"## How long\n\n{periods(found)}\n\nDays of the two shipped profiles; the one in use decides:\n\n{days()}\n\n{blank('periods')}",
        "## Checks against fraud, signals of devices, automatic decisions\n\nWhether somebody goes on online, waits or visits is decided by rules, by no score and no learnt model\n"
        "([journey.md](journey.md)). These signals make a recovery wait; the person is told so, and a person can review it:\n\n"
        f"{signals()}\n\nOf a device are kept: a random mark in a cookie (its hash), the browser in two words, when it was seen (`keys_device`). No\n"
        "fingerprint of a device is taken, and nothing about it is asked of third parties. Limits of tries are kept by keyed hashes (`throttle_*`).",
        "## Who receives what\n\nThe SRI, where the profile asks it: the RUC. Who delivers mail, text messages and letters: address and text. Systems of the institution that\n"
        "read its changes: opaque numbers, and what was changed. Nobody else, and no part of Clavero calls anybody besides.\n\n"
        f"{blank('hosting')}\n\n{blank('processors')}",
        f"## Risks\n\n{risks}\n\nEach attack that was thought of, with the test that tries it: [security.md](security.md).\n\n{blank('weights')}\n\n{blank('left')}",
        f"## Decision\n\n{blank('review')}\n\n| | name | date | signature |\n|---|---|---|---|\n| for the controller | | | |\n| data protection officer | | | |",
    ]) + "\n"  # fmt: skip


if __name__ == "__main__":
    sys.exit(keep("impact.md", "impact_docs.py", text()))
