"""A profile with a typo stops the start and names the place."""

import copy
import tomllib

import pytest

from clavero.core.profile import BadProfile, Profile
from clavero.institution import SHIPPED, load

TABLE = tomllib.loads((SHIPPED / "iess.toml").read_text(encoding="utf-8"))


def broken(path: str, value: object) -> str:
    table = copy.deepcopy(TABLE)
    place, *names = path.split(".")
    inner = table
    for name in [place, *names][:-1]:
        inner = inner[name]
    last = [place, *names][-1]
    if value is KeyError:
        del inner[last]
    else:
        inner[last] = value
    with pytest.raises(BadProfile) as refused:
        Profile.from_toml(table, "mine.toml")
    return str(refused.value)


@pytest.mark.parametrize("name", ["iess", "example"])
def test_the_shipped_profiles_load(name):
    assert load(name).name == name


def test_the_two_profiles_decide_otherwise():
    one, other = load("iess"), load("example")
    assert (one.disclosure, other.disclosure) == ("route", "nothing")
    assert (one.key_scope, other.key_scope) == ("ruc", "branch")
    assert one.ask_questions and not other.ask_questions


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("disclosure", "everything", "mine.toml: disclosure: one of route, nothing."),
        ("limits.code_minutes", 1441, "mine.toml: limits: code_minutes: from 5 to 1440."),
        ("limits.continuation_days", 31, "mine.toml: limits: continuation_days: from 1 to 30."),
        ("limits.code_tries", "five", "mine.toml: limits: code_tries: int is expected, not str."),
        ("limits.code_trys", 5, "mine.toml: limits: code_trys: not a setting of this version."),
        ("institution.help_phone", KeyError, "mine.toml: institution: help_phone: missing."),
        (
            "key.min_length",
            12,
            "mine.toml: key.min_length: at least 15 while the key is the only factor.",
        ),
        ("hash.memory_kib", 1024, "mine.toml: hash: memory_kib: from 19456 to 4194304."),
        ("buckets.asker_open", KeyError, "mine.toml: buckets.asker_open: missing."),
        (
            "buckets.asker_opne",
            {"limit": 1, "per_seconds": 1},
            "mine.toml: buckets.asker_opne: not a name of this version.",
        ),
        ("retention_days.messages", KeyError, "mine.toml: retention_days.messages: missing."),
        (
            "retention_days.throttle",
            1,
            "mine.toml: retention_days.throttle: a bucket would be forgotten half full.",
        ),
        ("ask_questions", "yes", "mine.toml: ask_questions: bool is expected, not str."),
    ],
)
def test_a_mistake_is_named_with_its_place(path, value, said):
    assert broken(path, value) == said


def test_a_file_that_is_no_profile_is_one_line(tmp_path):
    for name, raw in {"a.toml": b"name = ", "b.toml": b"\xff\xfe", "c.toml": b""}.items():
        path = tmp_path / name
        path.write_bytes(raw)
        with pytest.raises(BadProfile, match=name):
            load(str(path))
    with pytest.raises(BadProfile, match="cannot be read"):
        load(str(tmp_path / "none.toml"))


def test_every_line_of_practice_carries_source_and_quality():
    found = load("iess")
    for row in (*found.estimates, *found.papers):
        assert row.source and row.quality in (
            "official page",
            "news",
            "reported, unverified",
            "our choice",
        )
    assert all(basis.source and basis.check.en and basis.why.es for basis in found.bases)


KIOSK = {"name": "Quiosco", "cidrs": ["203.0.113.8/29"], "factor": 5}


@pytest.mark.parametrize(
    ("listed", "said"),
    [
        ([KIOSK | {"cidrs": ["203.0.113.9/29"]}], "[1]: cidrs[1]: '203.0.113.9/29': did you mean 203.0.113.8/29?"),
        ([KIOSK | {"cidrs": ["aquí"]}], "[1]: cidrs[1]: 'aquí': a range is 203.0.113.0/24 or 2001:db8::/48."),
        ([KIOSK | {"cidrs": []}], "[1]: cidrs: at least one range."),
        ([KIOSK | {"cidrs": ["0.0.0.0/0"]}], "[1]: cidrs[1]: 0.0.0.0/0 is too wide: /12 at most."),
        ([KIOSK | {"cidrs": ["2000::/3"]}], "[1]: cidrs[1]: 2000::/3 is too wide: /24 at most."),
        ([KIOSK, KIOSK], "[2]: name: each shared network has a name of its own."),
        ([KIOSK, KIOSK | {"name": "Otro", "cidrs": ["2001:db8::/48", "203.0.113.0/24"]}], "[2]: cidrs[2]: 203.0.113.0/24 overlaps 203.0.113.8/29 of Quiosco."),
        ([KIOSK | {"factor": 1}], "[1]: factor: from 2 to 100."),
    ],
)  # fmt: skip
def test_a_shared_network_that_cannot_be_meant_stops_the_start(listed, said):
    assert broken("shared_networks", listed) == f"mine.toml: shared_networks{said}"


def test_networks_that_notices_name_are_ranges_too():
    said = broken("networks", [{"cidr": "10.0.0.300/8", "province": "x"}])
    assert said.startswith("mine.toml: networks[1]: cidr: '10.0.0.300/8':")


def test_shared_networks_of_both_versions_load():
    listed = [
        KIOSK,
        {"name": "Operadora", "cidrs": ["100.64.0.0/12", "2001:db8::/32"], "factor": 50},
    ]
    found = Profile.from_toml(copy.deepcopy(TABLE) | {"shared_networks": listed}, "mine.toml")
    assert [each.factor for each in found.shared_networks] == [5, 50]
