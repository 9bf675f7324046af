"""What an institution may decide: numbers and words, read from its TOML profile into frozen dataclasses.

Conditions stay in code, secrets in the environment. A key that is unknown, missing, of another type
or out of range stops the start and names the place.
"""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from datetime import date
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from clavero.core.key_policy import KeyRules
from clavero.core.workdays import Calendar, Override


class BadProfile(Exception):
    """`place: what is wrong`, one line."""


@dataclass(frozen=True)
class Words:
    """A text in both languages."""

    es: str
    en: str

    def say(self, lang: str) -> str:
        return self.en if lang == "en" else self.es


@dataclass(frozen=True)
class Institution:
    """Who runs this server. `menu` is the official path of three steps."""

    name: str
    short_name: str
    service: Words
    help_phone: str
    help_hours: Words
    menu: tuple[Words, ...]
    disclaimer: Words


@dataclass(frozen=True)
class Limits:
    """Lifetimes, tries and rests. The ceilings are the standards' own (S-016, S-026)."""

    code_minutes: int = field(metadata={"range": (5, 24 * 60)})
    code_tries: int = field(metadata={"range": (3, 10)})
    link_tries: int = field(metadata={"range": (3, 10)})
    idle_minutes: int = field(metadata={"range": (5, 60)})
    case_days: int = field(metadata={"range": (1, 90)})
    continuation_days: int = field(metadata={"range": (1, 30)})
    contact_rest_hours: int = field(metadata={"range": (24, 120)})
    shared_contact_employers: int = field(metadata={"range": (1, 50)})
    unproven_cases: int = field(metadata={"range": (1, 10)})
    wait_seconds: int = field(metadata={"range": (1, 60)})
    ticket_minutes: int = field(metadata={"range": (5, 24 * 60)})


@dataclass(frozen=True)
class Bucket:
    """At most `limit` in `per_seconds`."""

    limit: int = field(metadata={"range": (1, 10_000_000)})
    per_seconds: int = field(metadata={"range": (1, 366 * 24 * 3600)})


@dataclass(frozen=True)
class HashCost:
    """Argon2id (S-037): 19 MiB, 2 passes and 1 lane are the floor."""

    time: int = field(metadata={"range": (2, 20)})
    memory_kib: int = field(metadata={"range": (19456, 4_194_304)})
    lanes: int = field(metadata={"range": (1, 16)})


@dataclass(frozen=True)
class Estimate:
    """How long a scenario takes: a range with its source and quality. Never a promise."""

    scenario: str
    min: int
    max: int
    unit: str
    source: str
    quality: str


@dataclass(frozen=True)
class Paper:
    """Something to bring for one or more cases; `handling` says what happens to it."""

    code: str
    cases: tuple[str, ...]
    thing: Words
    handling: Words
    source: str
    quality: str
    valid_from: date


@dataclass(frozen=True)
class Basis:
    """A check that cannot be bypassed, and why (B15)."""

    code: str
    check: Words
    why: Words
    source: str


@dataclass(frozen=True)
class Network:
    """An address range: the province it stands for in notices; `shared` for kiosks and CGNAT."""

    cidr: str
    province: str
    shared: bool = False


@dataclass(frozen=True)
class Profile:
    """Everything an institution decides."""

    name: str
    rules: str
    disclosure: str = field(metadata={"one_of": ("route", "nothing")})
    show_masked_contact: bool
    key_scope: str = field(metadata={"one_of": ("ruc", "branch")})
    ask_questions: bool
    codes_in_mail: bool
    calendar_file: str
    institution: Institution
    limits: Limits
    key: KeyRules
    hash: HashCost
    buckets: Mapping[str, Bucket]
    retention_days: Mapping[str, int]
    estimates: tuple[Estimate, ...] = ()
    papers: tuple[Paper, ...] = ()
    bases: tuple[Basis, ...] = ()
    networks: tuple[Network, ...] = ()
    deadline_overrides: tuple[Override, ...] = ()
    calendar: Calendar = field(default_factory=Calendar)

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


BUCKETS = (
    "asker_open employer_open global_open asker_try employer_try employer_mail_hour employer_mail_day "
    "destination_mail signin_unknown signin_known signin_asker ticket_asker"
).split()


def _refuse_contradictions(found: Profile, origin: str) -> None:
    if found.key.min_length < 15:
        raise BadProfile(f"{origin}: key.min_length: at least 15 while the key is the only factor.")
    if not 64 <= found.key.max_length <= 4096:
        raise BadProfile(f"{origin}: key.max_length: from 64 to 4096.")
    missing = [name for name in BUCKETS if name not in found.buckets]
    if missing:
        raise BadProfile(f"{origin}: buckets.{missing[0]}: missing.")
    unknown = [name for name in found.buckets if name not in BUCKETS]
    if unknown:
        raise BadProfile(f"{origin}: buckets.{unknown[0]}: not a bucket of this version.")


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
