"""What may be run again (O05): every command, and every chore of the worker. docs/cli.md is written from here.

A kill leaves either a whole transaction or none of it; what stands here says what the next run makes of that.
`tests/rooms/cli/test_twice.py` runs each twice, `test_killed.py` kills those that write, statement by statement.
"""

from dataclasses import dataclass

READS, SAME, NOTED, ANEW = KINDS = ("reads", "same", "noted", "anew")
"""READS changes nothing at any time. SAME: a second run changes nothing. NOTED: nothing but one more entry of the record,
which says that it was done. ANEW: on purpose it does its work once more."""


@dataclass(frozen=True)
class Again:
    """What a second run does, what the next one finds after a kill, and what becomes of two at once.

    `records` are the events of the record that a second run may add.
    """

    kind: str
    twice: str = ""
    killed: str = "Nothing was begun."
    at_once: str = "Each reads for itself."
    records: tuple[str, ...] = ()


_READS = Again(READS)
_WHOLE = "All or nothing: run it again."
_IN_TURN = "One after the other."

COMMANDS: dict[str, Again] = {
    "identify": _READS,
    "precheck": Again(
        READS, "The result is written over.", "The result's file stands whole or not at all.",
        "The last one's file stands.",
    ),
    "deadline": _READS,
    "triage": _READS,
    "catastro import": Again(
        NOTED, "The same rows under a newer copy; the former one goes.",
        "The living copy answers as before; what was half read goes with an import a day later.",
        "The one that ends last is the living copy.", ("catastro_import",),
    ),
    "catastro show": _READS,
    "employers import": Again(
        NOTED, "Nothing differs, so nothing changes.", _WHOLE, _IN_TURN, ("employers_import",)
    ),
    "employers changes": _READS,
    "centres import": Again(
        NOTED, "Nothing differs, so nothing changes.", _WHOLE, _IN_TURN, ("centres_import",)
    ),
    "centres close": Again(
        SAME, "It is the same closure.",
        "The day is closed; appointments that were not moved yet are moved by the next run or by the worker.",
        "Each appointment is moved once.",
    ),
    "centres list": _READS,
    "audit verify": _READS,
    "audit publish": Again(
        ANEW, "One more head leaves, signed anew: more of them do no harm.",
        "A head may have left without its entry; the next one follows it.", "Two heads leave.",
        ("audit_published",),
    ),
    "audit export": _READS,
    "audit check": _READS,
    "migrate": Again(
        SAME, "Nothing is left to do.", "Each step is whole or not done: run it again.",
        "On PostgreSQL do not; stop the services first, as *Upgrade* says.",
    ),
    "operator create": Again(
        ANEW, "While the desk cannot enrol anybody: a new code, and the former one is void. Afterwards it is refused.",
        _WHOLE, _IN_TURN, ("enrolment_approved",),
    ),
    "backup": Again(
        ANEW, "A newer copy in the place of the former one.",
        "The former copy stands; what was half written is overwritten.",
        "Use two folders.", ("backup_made",),
    ),
    "restore": Again(
        SAME, "Refused: the database is not empty.", "The database is empty or whole: run it again.",
        "One is refused.",
    ),
    "rotate-keys": Again(
        NOTED, "Only what is still under an older key.", "The next run goes on with the rest.",
        "They share the rows.", ("keys_rotated",),
    ),
    "serve": Again(SAME, "Refused: the address is taken.", "Deeds are whole or not done.", "See *Upgrade*."),
    "letters count": _READS,
    "letters export": Again(
        SAME, "Nothing waits, so nothing is written; with `--batch` the same files again, on record.",
        "The batch has its letters; the next run says its name, and `--batch` writes it again. Its CSV is written last.",
        "Each letter leaves with one batch.", ("letters_exported",),
    ),
    "bounces": Again(
        SAME, "The address is closed already; of a Maildir nothing is left in `new`.",
        "All or nothing; a file stays in `new` until it is done.", "The state of the address decides who is first.",
    ),
    "subject export": Again(
        NOTED, "The same copy, on record each time.", "On record, perhaps without a file: run it again.",
        "Two copies, both on record.", ("data_exported",),
    ),
    "subject requests": _READS,
    "subject erase": Again(
        NOTED, "Nothing is left to erase.", "Whole or not done, each case by itself: run it again.",
        _IN_TURN, ("data_erased",),
    ),
    "subject correct": Again(SAME, "The name is that already.", _WHOLE, _IN_TURN),
    "breach open": Again(SAME, "It is the same breach, with the same number.", _WHOLE, "One breach."),
    "breach list": _READS,
    "breach told": Again(SAME, "The day that was noted stays.", _WHOLE, _IN_TURN),
    "breach risk": Again(SAME, "The moment that was noted stays.", _WHOLE, _IN_TURN),
    "breach report": Again(READS, "The file is written over."),
    "breach notify": Again(
        NOTED, "Nobody is written to twice.", "The next run writes to the rest, once an address.",
        "Once an address.", ("breach_notified",),
    ),
    "breach close": Again(SAME, "It is closed already.", _WHOLE, _IN_TURN),
    "breach drill": Again(NOTED, "Nothing is stored.", at_once="Two drills.", records=("breach_drilled",)),
    "announce": Again(SAME, "It stands already; `--end`: there is none.", _WHOLE, "The last one stands."),
    "maintenance": Again(SAME, "The same page; `--end`: it serves already.", "The former page stands, or the new one.", "The last one stands."),
    "throttle": Again(SAME, "Lifting again is refused: nothing blocks.", _WHOLE, "One lifts."),
    "watch": _READS,
    "send": Again(
        SAME, "Whatever was done is not due any more: see the chores.", "See the chores.",
        "Any number of workers: each row is taken by one.",
        ("audit_published", "retention_run"),
    ),
    "doctor": _READS,
}  # fmt: skip
"""By the words one types."""

_ROWS = "Each row is a deed of its own: those that were done are not due any more."
_WIPED = "In pieces of 500: the next round goes on."
_ONE = "The state of the row decides who is first."
_SKIP = "They never take the same rows."

CHORES: dict[str, Again] = {
    "notices": Again(
        SAME, "What was sent is not due.",
        "Its lease ends after two minutes; then it is sent again under the same Message-ID.",
        "A lease has one holder.",
    ),
    "sri": Again(
        SAME, "An answer stands.", "Its lease ends; it is asked once more.", "A lease has one holder."
    ),
    "lists": Again(
        SAME, "A judged list is not due.", "The next worker begins it again, three times at most.",
        "A list has one holder.",
    ),
    "heartbeat": Again(SAME, "The same instant.", "Nothing is lost.", "Each has its own row."),
    "audit": Again(
        SAME, "Once an hour.", "A head may have left without its entry; the next one follows it.",
        "Two heads may leave.",
    ),
    "employers": Again(SAME, "What is settled is not due.", _ROWS, _ONE),
    "refused addresses": Again(SAME, "What was taken is not due.", _ROWS, _ONE),
    "recovery": Again(SAME, "A case that ended is not due.", _ROWS, _ONE),
    "ready papers": Again(SAME, "What is gone is not due.", _WIPED, _SKIP),
    "visits": Again(SAME, "A case that moved is not due.", _ROWS, _ONE),
    "waits": Again(SAME, "A case that was released is not due.", _ROWS, _ONE),
    "passkeys": Again(SAME, "What is gone is not due.", _WIPED, _SKIP),
    "desk": Again(SAME, "What was drawn or ended is not due.", _ROWS, _ONE),
    "measured": Again(SAME, "Once a day.", _WHOLE, "The first one's ranges stand."),
    "watch": Again(SAME, "A message leaves once a day.", _WHOLE, "A message leaves once a day."),
    "appointments": Again(SAME, "Moved, reminded, ended: not due any more.", _ROWS, _ONE),
    "kept lists": Again(SAME, "What is gone is not due.", _WIPED, _SKIP),
    "folders": Again(SAME, "What is gone is not there.", "The next round sweeps it.", "One of them sweeps it."),
    "inquiries": Again(SAME, "What is gone is not due.", _WIPED, _SKIP),
    "rights": Again(SAME, "A reminder leaves once.", _ROWS, "A reminder leaves once."),
    **{
        f"retention of {room}": Again(SAME, "What is gone is not due.", _WIPED, _SKIP)
        for room in ("throttle", "notices", "appointments", "employers", "keys", "desk", "recovery", "rights")
    },
}  # fmt: skip
"""By the names of `cli.send`."""
