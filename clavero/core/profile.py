"""What an institution may decide: numbers and words, read from its TOML profile into frozen dataclasses.

Conditions stay in code, secrets in the environment. A key that is unknown, missing, of another type
or out of range stops the start and names the place.
"""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from datetime import date
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from clavero.core import networks
from clavero.core.errors import Refused
from clavero.core.key_policy import KeyRules
from clavero.core.workdays import Calendar, Override


class BadProfile(Exception):
    """`place: what is wrong`, one line, whatever the name of the place is."""

    def __init__(self, text: str) -> None:
        super().__init__(" ".join(text.split()))


@dataclass(frozen=True)
class Words:
    """A text in both languages."""

    es: str
    """Spanish."""
    en: str
    """English."""

    def say(self, lang: str) -> str:
        return self.en if lang == "en" else self.es


@dataclass(frozen=True)
class Institution:
    """Who runs this server. `menu` is the official path of three steps."""

    name: str
    """The name in full, as letters and the printable record say it."""
    short_name: str
    """The name in the sender of a mail and in the header."""
    service: Words
    """What this service is called."""
    help_phone: str
    """The telephone for help, on every page."""
    help_hours: Words
    """When somebody answers it."""
    menu: tuple[Words, ...]
    """The official path to this service, three steps, shown so that a person can tell it from a copy (A18)."""
    disclaimer: Words
    """One sentence in the footer: whom this site does not belong to."""
    address: str = ""
    """Where it has its seat, for the page of personal data (LOPDP art. 12, 8)."""
    email: str = ""
    """Its address for e-mail, for the same page."""
    data_officer: str = ""
    """Its data protection officer, with address, telephone and e-mail, for the same page (LOPDP art. 12, 9)."""


@dataclass(frozen=True)
class Limits:
    """Lifetimes, tries and rests. The ceilings are the standards' own (S-016, S-026)."""

    code_minutes: int = field(metadata={"range": (5, 24 * 60)})
    """How long the link and the code of a message live. The ceiling is the standard's (S-016)."""
    code_tries: int = field(metadata={"range": (3, 10)})
    """Wrong tries after which a code is dead; the account is untouched (S-042)."""
    link_tries: int = field(metadata={"range": (3, 10)})
    """Wrong identification numbers, in another browser, after which a link is dead; its code lives on (S-021)."""
    idle_minutes: int = field(metadata={"range": (5, 60)})
    """How long a proof stands without use; after it another code is asked for (S-089)."""
    case_days: int = field(metadata={"range": (1, 90)})
    """How long a case waits for somebody to come back before it expires."""
    continuation_days: int = field(metadata={"range": (1, 30)})
    """How long the continuation code of a visit opens the case (S-026)."""
    contact_rest_hours: int = field(metadata={"range": (24, 120)})
    """How long a new contact rests before a code may go to it (S-075)."""
    shared_contact_employers: int = field(metadata={"range": (1, 50)})
    """An address that stands for more employers than this never suffices alone (A26)."""
    register_days: int = field(metadata={"range": (0, 366)})
    """How old the copy of the SRI's register may be and still say that a RUC is active; older, it says nothing (S-073). 0: any age."""
    risk_wait_hours: int = field(metadata={"range": (1, 72)})
    """How long a case with a signal of risk waits, every contact told, where no second proof answers it (D13)."""
    unproven_cases: int = field(metadata={"range": (1, 10)})
    """Cases of one employer number that may stand open with nothing proved (ATTACKS 37)."""
    wait_seconds: int = field(metadata={"range": (1, 60)})
    """The shortest wait of the human check without script; it grows with what the asker has spent."""
    ticket_minutes: int = field(metadata={"range": (5, 24 * 60)})
    """How long a waiting ticket is taken after its wait."""
    live_tickets: int = field(metadata={"range": (5, 1000)})
    """Waiting tickets of one network that may lie unspent; a newer one ends the oldest."""
    work_rounds: int = field(metadata={"range": (100, 100_000)})
    """Rounds of PBKDF2 in one try of the human check by work (ALTCHA), where script runs."""
    work_tries: int = field(metadata={"range": (10, 100_000)})
    """The most tries it takes an asker who has spent nothing lately; they grow as the wait does."""


@dataclass(frozen=True)
class Bucket:
    """At most `limit` in `per_seconds`."""

    limit: int = field(metadata={"range": (1, 10_000_000)})
    """How many."""
    per_seconds: int = field(metadata={"range": (1, 366 * 24 * 3600)})
    """In how many seconds; the bucket leaks evenly."""
    quick: int = field(default=0, metadata={"range": (0, 1000)})
    """How many come without a wait; beyond, waits between them double, from half a minute to an hour. 0: all (S-043)."""


@dataclass(frozen=True)
class HashCost:
    """Argon2id (S-037): 19 MiB, 2 passes and 1 lane are the floor."""

    time: int = field(metadata={"range": (2, 20)})
    """Passes over the memory."""
    memory_kib: int = field(metadata={"range": (19456, 4_194_304)})
    """Memory of one hash, in KiB."""
    lanes: int = field(metadata={"range": (1, 16)})
    """Lanes of one hash."""


@dataclass(frozen=True)
class Estimate:
    """How long a scenario takes: a range with its source and quality. Never a promise."""

    scenario: str
    """The scenario code that it is about."""
    min: int
    """The shortest."""
    max: int
    """The longest."""
    unit: str
    """`minutes` or `working_days`."""
    source: str
    """Who says so."""
    quality: str
    """How good the source is: `official page`, `news`, `reported, unverified`, `our choice`, `measured here`."""


@dataclass(frozen=True)
class Paper:
    """Something to bring for one or more cases; `handling` says what happens to it."""

    code: str
    """A short name."""
    cases: tuple[str, ...]
    """What it is for: scenario codes, kinds of employer, who goes; `a+b` where both must hold, `*` for every visit."""
    thing: Words
    """What to bring."""
    handling: Words
    """What happens to it at the counter."""
    source: str
    """Who asks for it."""
    quality: str
    """How good the source is."""
    valid_from: date
    """Since when it is asked for."""
    valid_until: date | None = None
    """Until when, where that is known."""
    checked_on: date | None = None
    """When somebody last read the source."""
    unless: tuple[str, ...] = ()
    """The cases in which it is not asked for."""
    required: bool = True
    """Whether no visit is approved before it was seen; otherwise it is only advised."""
    sheet: str = field(
        default="", metadata={"one_of": ("", "request", "agreement", "authorisation")}
    )
    """The paper to sign that is handed out filled in, where this line is one."""
    photo: bool = False
    """Whether a photo of it may be sent before the visit (F05). Never of a document of identity."""


@dataclass(frozen=True)
class Basis:
    """A check that cannot be bypassed, and why (B15)."""

    code: str
    """A short name."""
    check: Words
    """What is checked."""
    why: Words
    """Why nobody can skip it."""
    source: str
    """Where that is written."""


@dataclass(frozen=True)
class Network:
    """An address range: the province it stands for in notices."""

    cidr: str
    """The range, as in `203.0.113.0/24`."""
    province: str
    """What a notice calls it."""


@dataclass(frozen=True)
class SharedNetwork:
    """Addresses behind which many people stand: a centre's kiosk, an accountants' office, a provider's CGNAT (C12)."""

    name: str
    """What operators call it; each name once."""
    cidrs: tuple[str, ...]
    """Its ranges, IPv4 or IPv6, as in `203.0.113.16/28`. One that is narrower than `/24` (IPv6: `/56`) is an asker of its own;
    in a wider one every `/24` (`/56`) is."""
    factor: int = field(metadata={"range": (2, 100)})
    """How many households such an asker counts for: each of its buckets and its waiting tickets are so many times as large."""


@dataclass(frozen=True)
class DeskRules:
    """How a centre works: who may be the second person, and how much is looked at again."""

    approver_same_centre: bool = False
    """Whether the second person may be of the same centre; otherwise the system draws from the others (S-066)."""
    second_look_percent: int = field(default=5, metadata={"range": (5, 100)})
    """Of a hundred approved cases, so many are drawn to be looked at again. The floor is the standard's (S-076)."""


@dataclass(frozen=True)
class Watch:
    """How much of the work of one member of staff is usual; more is a question to them, never an accusation (S-076)."""

    visits_an_hour: int = field(default=12, metadata={"range": (1, 200)})
    """Visits that one person opens within sixty minutes, in the last week."""
    out_of_hours: int = field(default=2, metadata={"range": (0, 1000)})
    """Visits and decisions of one person while the centre is closed, in the last thirty days."""
    same_employer: int = field(default=3, metadata={"range": (1, 100)})
    """Visits of one employer at one person, in the last thirty days."""
    not_approved_percent: int = field(default=30, metadata={"range": (1, 100)})
    """Of a hundred second decisions that one person asks for, those that are no approval; counted from ten on."""
    approved_percent: int = field(default=99, metadata={"range": (50, 100)})
    """Of a hundred second decisions that one person makes, those that are approvals; counted from fifty on. 100 asks nothing."""


@dataclass(frozen=True)
class LiveLookup:
    """Asking the SRI's public service about one RUC, where `CLAVERO_SRI_URL` turns it on (docs/operations.md)."""

    seconds: int = field(default=5, metadata={"range": (1, 20)})
    """The longest that an answer may take, from the name to the last byte; after it the state is unknown."""
    failures: int = field(default=3, metadata={"range": (1, 50)})
    """After so many failures in a row nobody is asked for a while."""
    rest_minutes: int = field(default=10, metadata={"range": (1, 24 * 60)})
    """How long that while is; then one try decides."""
    answer_days: int = field(default=7, metadata={"range": (1, 31)})
    """How long an answer counts beside the copy; then it is forgotten."""


@dataclass(frozen=True)
class Service:
    """Something one comes for, and how long it takes at a counter (G14)."""

    code: str
    """A short name; counters say which services they give."""
    name: Words
    """What the page calls it."""
    minutes: int = field(metadata={"range": (5, 240)})
    """How long it takes."""
    cases: tuple[str, ...]
    """The situations it is for; `*` for every other. Of several that fit, the longest is booked."""


@dataclass(frozen=True)
class Appointments:
    """How the time of the counters is given out. Shares are per cent of each counter's day."""

    grain_minutes: int = field(metadata={"range": (5, 30)})
    """The cell into which a counter's time is cut; an hour is whole cells."""
    block_minutes: int = field(metadata={"range": (10, 120)})
    """The piece of a day that is kept or given out as one; not longer than the shortest service is best."""
    horizon_days: int = field(metadata={"range": (7, 180)})
    """How far ahead one can book; later days are *too early*."""
    lead_minutes: int = field(metadata={"range": (0, 24 * 60)})
    """The least time between booking and being there."""
    hold_minutes: int = field(metadata={"range": (5, 60)})
    """How long a chosen slot is kept while it is being confirmed (G03)."""
    confirm_hours: int = field(metadata={"range": (1, 168)})
    """Who confirms by coming back with the case secret does so this long before; else the slot is released (G04)."""
    unproven_percent: int = field(metadata={"range": (0, 100)})
    """Of a centre's day, at most so much to bookings without a confirmed e-mail or mobile."""
    tomorrow_percent: int = field(metadata={"range": (0, 60)})
    """Kept for who books the day before."""
    today_percent: int = field(metadata={"range": (0, 60)})
    """Kept for who books on the day itself."""
    walk_in_percent: int = field(metadata={"range": (0, 60)})
    """Never booked: for who comes without an appointment. `benchmarks/bad_month.py` says how much it should be."""
    changes: int = field(metadata={"range": (0, 10)})
    """How often a case may change its date."""
    reoffer_minutes_min: int = field(metadata={"range": (0, 24 * 60)})
    """A slot that was given back is offered again after a random time of at least so much (ATTACKS 27)."""
    reoffer_minutes_max: int = field(metadata={"range": (0, 7 * 24 * 60)})
    """And of at most so much; sooner where the slot itself is near."""
    offer_hours: int = field(metadata={"range": (1, 72)})
    """How long an earlier slot is kept for somebody on the waiting list (G15)."""
    remind_hours: int = field(metadata={"range": (1, 168)})
    """How long before the visit the reminder goes out (G07)."""
    move_days: int = field(metadata={"range": (0, 60)})
    """When a day closes, its bookings move to the next free time within so many days; else they are cancelled (G10)."""
    services: tuple[Service, ...]
    """What one comes for."""
    neighbours: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Province → the provinces beside it, for *nearest first*. Lower case, without accents."""
    measured_days: int = field(default=60, metadata={"range": (7, 365)})
    """How long a visit and the wait took is said from the numbers of so many days (G12)."""
    measured_least: int = field(default=20, metadata={"range": (5, 1000)})
    """From fewer nothing is said: a range of few would tell of persons."""


@dataclass(frozen=True)
class Lists:
    """How long a list of employers may be on the page, and how long it is kept (A20, C17)."""

    rows: int = field(default=300_000, metadata={"range": (1, 1_000_000)})
    """Rows of a list."""
    megabytes: int = field(default=20, metadata={"range": (1, 200)})
    """Its size as a file."""
    memory_megabytes: int = field(default=1024, metadata={"range": (256, 16_384)})
    """What the process that judges it may take."""
    minutes: int = field(default=60, metadata={"range": (5, 60)})
    """After so many minutes the list and its results are gone, fetched or not."""
    waiting: int = field(default=40, metadata={"range": (1, 1000)})
    """Lists that may wait at one time, of everybody together."""


@dataclass(frozen=True)
class Profile:
    """Everything an institution decides."""

    name: str
    """The profile's own name."""
    rules: str
    """The version of the triage rules that it was written for."""
    disclosure: str = field(metadata={"one_of": ("route", "nothing")})
    """What the page after Validar says before proof: the route, or the same page to everybody."""
    show_masked_contact: bool
    """Whether the fixed mask of the contact on record is shown (A16); only with `route`."""
    key_scope: str = field(metadata={"one_of": ("ruc", "branch")})
    """What one key opens: all branches of a RUC, or one branch."""
    ask_questions: bool
    """Whether the institution's questions are asked, after proof and never as proof (D06, D07)."""
    wait_for_only_contact: bool
    """Whether a code that went to the only e-mail on record, with no questions answered, is a signal of risk (D13)."""
    codes_in_mail: bool
    """Whether a message carries a code beside its link; without it a clone has nothing to relay (N17)."""
    post_letters: bool
    """Whether a letter goes by post where fewer than two e-mails on record can be told (A22); for who has postal addresses."""
    calendar_file: str
    """The dated rows of non-working days: a CSV beside the profile, or a shipped one."""
    institution: Institution
    """Who runs this server."""
    limits: Limits
    """Lifetimes, tries and rests."""
    key: KeyRules
    """What makes a good key."""
    hash: HashCost
    """What hashing a key costs."""
    buckets: Mapping[str, Bucket]
    """How often is too often: a table with every name of *Buckets* below."""
    appointments: Appointments
    """How the time of the counters is given out."""
    retention_days: Mapping[str, int]
    """Days after which things are forgotten: a table with every name of *Retention* below."""
    estimates: tuple[Estimate, ...] = ()
    """How long things take, each with its source."""
    papers: tuple[Paper, ...] = ()
    """What to bring to a visit."""
    agreement: tuple[Words, ...] = ()
    """What the responsibility agreement says, sentence by sentence (F16)."""
    bases: tuple[Basis, ...] = ()
    """The checks that cannot be bypassed, and why (B15)."""
    networks: tuple[Network, ...] = ()
    """Address ranges that notices name."""
    shared_networks: tuple[SharedNetwork, ...] = ()
    """Addresses that many people share, with budgets of their own (C12)."""
    deadline_overrides: tuple[Override, ...] = ()
    """Due days that an authority moved."""
    desk: DeskRules = field(default_factory=DeskRules)
    """How a centre works."""
    watch: Watch = field(default_factory=Watch)
    """How much of the work of staff is usual."""
    lists: Lists = field(default_factory=Lists)
    """How long a list of employers may be on the page, and how long it is kept."""
    live: LiveLookup = field(default_factory=LiveLookup)
    """Asking the SRI online."""
    calendar: Calendar = field(default_factory=Calendar)
    """Read from `calendar_file`; never written in the profile itself."""

    @classmethod
    def from_toml(
        cls, table: Mapping[str, Any], origin: str, calendar: Calendar | None = None
    ) -> "Profile":
        """The profile of a parsed TOML table. Raises `BadProfile`. `origin` is the name said in it."""
        given = dict(table)
        if "calendar" in given:
            raise BadProfile(f"{origin}: calendar: rows stand in calendar_file.")
        found = _build(cls, given | {"calendar": calendar or Calendar()}, origin)
        _refuse_contradictions(found, origin)
        return found


BUCKETS: dict[str, str] = {
    "precheck_asker": "lists checked on the page for one network (C17)",
    "precheck_long_asker": "lists left for the worker by one network (C17)",
    "precheck_one_asker": "employers checked one at a time for one network (C17)",
    "asker_open": "openings of a case by one network",
    "employer_open": "openings of a case for one employer number, whether it exists or not",
    "global_open": "openings of a case by everybody together",
    "asker_try": "typed codes, case secrets and saved codes from one network",
    "employer_try": "typed codes for one employer number, over all its cases",
    "employer_mail_hour": "messages about one employer number; beyond it the page stays the same, nothing is sent",
    "employer_mail_day": "the same over a day",
    "destination_mail": "messages to one address",
    "signin_unknown": "tries to sign in to one account from browsers that never signed in to it",
    "signin_known": "tries to sign in to one account from a browser that did: nobody else can spend it",
    "signin_asker": "tries to sign in from one network, to any account",
    "ticket_asker": "waiting tickets for one network",
    "global_ticket": "waiting tickets for everybody together: never refuses, makes the human check longer under load",
    "staff_try": "typed codes for one member of staff: enrolment from one network, and in the demonstration sign-in",
    "desk_code": "continuation codes typed by one member of staff",
    "hold_asker": "slots that one network holds (ATTACKS 27)",
    "hold_case": "slots that one case holds",
    "booking_mail": "codes to one address or mobile that somebody typed to confirm a booking",
    "record_asker": "records at the foot of a message that one network asks about (A25)",
    "ready_asker": "trial messages and lists by mail that one network asks for, to any address (B10)",
    "ready_mail": "the same to one address; a bucket of its own, so that nobody can use up the messages of a recovery",
    "ready_all": "the same by everybody together",
    "ready_try": "codes typed for one trial message",
    "sms_day": "codes to mobiles by everybody together: what the institution pays for; e-mail and the case secret go on",
    "photo_asker": "photos of papers sent before a visit by one network (F05)",
    "booking_asker": "the same from one network, to any address",
    "sri_case": "questions to the SRI's service for one case",
    "sri_all": "the same for everybody together",
    "kiosk_try": "numbers of the queue taken at the kiosk of one centre, from one network (C12)",
    "clear_block": "how often staff lifts the block of one bucket (C14)",
    "clear_staff": "blocks that one operator lifts",
}
"""What each bucket counts."""

RETENTION: dict[str, str] = {
    "throttle": "buckets that nobody has touched since",
    "messages": "messages of the outbox that are sent, dropped or given up (address and text go at once)",
    "unproven_cases": "cases that ended and in which nothing was ever proved, and those of a centre in training",
    "finished_cases": "every other case that ended, with its visits, decisions and signatures; the sealed record stays",
    "appointments": "appointments, since their day, and places in the waiting list",
    "changes": "what Clavero changed, for the institution's own systems, and what its imports disagreed about",
    "sessions": "sessions that are over",
    "devices": "browsers that signed in and have stayed away since",
    "key_history": "lines of a key's history; the sealed record stays",
    "duties": "times of duty and of training, and codes of enrolment of staff",
    "requests": "requests about one's own data, since they were answered or refused (S-130)",
    "breaches": "breaches of personal data, since they were closed (S-132)",
    "tickets": "numbers of a centre's queue; what was measured from them stays as a range (G12)",
}
"""What each period is about."""


def _refuse_contradictions(found: Profile, origin: str) -> None:
    if found.key.min_length < 15:
        raise BadProfile(f"{origin}: key.min_length: at least 15 while the key is the only factor.")
    if not 64 <= found.key.max_length <= 4096:
        raise BadProfile(f"{origin}: key.max_length: from 64 to 4096.")
    _refuse_other_names("buckets", found.buckets, BUCKETS, origin)
    _refuse_other_names("retention_days", found.retention_days, RETENTION, origin)
    _refuse_odd_services(found.appointments, origin)
    _refuse_odd_networks(found, origin)
    if found.retention_days["tickets"] < found.appointments.measured_days:
        raise BadProfile(f"{origin}: retention_days.tickets: less than appointments.measured_days.")
    kept = found.retention_days
    if kept["finished_cases"] < max(kept["unproven_cases"], 31):
        raise BadProfile(
            f"{origin}: retention_days.finished_cases: not less than unproven_cases, nor than the 31 days of a «no fui yo»."
        )
    longest = max(bucket.per_seconds for bucket in found.buckets.values())
    if found.retention_days["throttle"] * 24 * 3600 < longest:
        raise BadProfile(
            f"{origin}: retention_days.throttle: a bucket would be forgotten half full."
        )


def _refuse_odd_services(found: Appointments, origin: str) -> None:
    place = f"{origin}: appointments"
    if not any("*" in service.cases for service in found.services):
        raise BadProfile(f'{place}.services: one must be for every case: cases = ["*"].')
    if 60 % found.grain_minutes:
        raise BadProfile(f"{place}.grain_minutes: an hour is not whole cells.")
    if found.block_minutes % found.grain_minutes:
        raise BadProfile(f"{place}.block_minutes: a multiple of grain_minutes.")
    if found.tomorrow_percent + found.today_percent + found.walk_in_percent > 90:
        raise BadProfile(f"{place}: the three shares leave less than a tenth to book.")
    if found.reoffer_minutes_max < found.reoffer_minutes_min:
        raise BadProfile(f"{place}.reoffer_minutes_max: not less than reoffer_minutes_min.")


def _refuse_odd_networks(found: Profile, origin: str) -> None:
    """Ranges that are none, too wide ones, names and ranges that stand twice."""
    for n, each in enumerate(found.networks, start=1):
        _range(each.cidr, f"{origin}: networks[{n}]: cidr")
    names: set[str] = set()
    taken: list[tuple[networks.Network, str]] = []
    for n, shared in enumerate(found.shared_networks, start=1):
        place = f"{origin}: shared_networks[{n}]"
        if not shared.name.strip() or shared.name in names:
            raise BadProfile(f"{place}: name: each shared network has a name of its own.")
        if not shared.cidrs:
            raise BadProfile(f"{place}: cidrs: at least one range.")
        names.add(shared.name)
        for m, text in enumerate(shared.cidrs, start=1):
            _refuse_taken(text, shared.name, taken, f"{place}: cidrs[{m}]")


def _refuse_taken(
    text: str, name: str, taken: list[tuple[networks.Network, str]], place: str
) -> None:
    """`text` as a range that stands in no other shared network and is not half of the internet."""
    here = _range(text, place)
    if here.prefixlen < networks.WIDEST[here.version]:
        most = networks.WIDEST[here.version]
        raise BadProfile(f"{place}: {text} is too wide: /{most} at most.")
    for other, whose in taken:
        if other.version == here.version and other.overlaps(here):
            raise BadProfile(f"{place}: {text} overlaps {other} of {whose}.")
    taken.append((here, name))


def _range(text: str, place: str) -> networks.Network:
    try:
        return networks.parse(text)
    except Refused as refused:
        meant = refused.details.get("meant")
        why = f"did you mean {meant}?" if meant else "a range is 203.0.113.0/24 or 2001:db8::/48."
        raise BadProfile(f"{place}: {text!r}: {why}") from None


def _refuse_other_names(
    table: str, found: Mapping[str, Any], known: Mapping[str, str], origin: str
) -> None:
    for name in known:
        if name not in found:
            raise BadProfile(f"{origin}: {table}.{name}: missing.")
    for name in found:
        if name not in known:
            raise BadProfile(f"{origin}: {table}.{name}: not a name of this version.")


def _build(cls: Any, table: Any, place: str) -> Any:
    """A dataclass from a table; every key checked by the field of the same name."""
    if not isinstance(table, Mapping):
        raise BadProfile(f"{place}: a table is expected.")
    hints = get_type_hints(cls)
    known = {f.name: f for f in fields(cls)}
    for name in table:
        if name not in known:
            raise BadProfile(f"{place}: {name}: not a setting of this version.")
    values = {}
    for name, spec in known.items():
        if name in table:
            values[name] = _value(hints[name], table[name], f"{place}: {name}", spec.metadata)
        elif spec.default is MISSING and spec.default_factory is MISSING:
            raise BadProfile(f"{place}: {name}: missing.")
    return cls(**values)


def _value(hint: Any, given: Any, place: str, metadata: Mapping[str, Any]) -> Any:
    origin = get_origin(hint)
    if hint is Calendar:
        return given
    if is_dataclass(hint):
        return _build(hint, given, place)
    if origin is tuple:
        return _many(get_args(hint)[0], given, place)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _table_of(get_args(hint)[1], given, place)
    if origin is UnionType:
        hint = next(arg for arg in get_args(hint) if arg is not NoneType)
    return _scalar(hint, given, place, metadata)


def _many(hint: Any, given: Any, place: str) -> tuple[Any, ...]:
    if not isinstance(given, list):
        raise BadProfile(f"{place}: a list is expected.")
    return tuple(_value(hint, item, f"{place}[{n}]", {}) for n, item in enumerate(given, start=1))


def _table_of(hint: Any, given: Any, place: str) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise BadProfile(f"{place}: a table is expected.")
    return {name: _value(hint, item, f"{place}: {name}", {}) for name, item in given.items()}


def _scalar(hint: type, given: Any, place: str, metadata: Mapping[str, Any]) -> Any:
    if type(given) is not hint:
        raise BadProfile(f"{place}: {hint.__name__} is expected, not {type(given).__name__}.")
    if "one_of" in metadata and given not in metadata["one_of"]:
        raise BadProfile(f"{place}: one of {', '.join(metadata['one_of'])}.")
    if "range" in metadata:
        least, most = metadata["range"]
        if not least <= given <= most:
            raise BadProfile(f"{place}: from {least} to {most}.")
    return given
