"""Opening hours, closures and what is taken become free times; where there is none, one of four reasons."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from clavero.core import slots
from clavero.core.errors import Refused
from clavero.core.slots import Ask, Closing, Day, Site
from clavero.core.workdays import Calendar
from clavero.institution import load

RULES = load("iess").appointments
NOTHING_KEPT = replace(RULES, walk_in_percent=0, today_percent=0, tomorrow_percent=0, lead_minutes=0)  # fmt: skip
WEEK = slots.parse_hours({day: [["08:00", "12:00"]] for day in slots.WEEKDAYS[:5]})
QUITO = Site("America/Guayaquil", WEEK, "pichincha", "quito")
CALENDAR = Calendar(
    {date(2026, 12, 25): "christmas"},
    {"quito": {date(2026, 12, 7): "quito_day"}},
    frozenset({2026}),
)
FRIDAY = date(2026, 12, 4)


def at(day: date, hour: int, minute: int = 0, zone: str = "America/Guayaquil") -> int:
    from zoneinfo import ZoneInfo

    local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(zone))
    return slots.minute(local)


def day_of(site: Site, day: date, *closings: Closing, counters=((1, 1),), taken=None) -> Day:
    found = slots.grid(site, day, closings, CALENDAR, RULES.grain_minutes)
    return Day(
        found, counters, {row: bits_of(minutes, found) for row, minutes in (taken or {}).items()}
    )


def bits_of(minutes, grid: slots.Grid) -> int:
    """Taken minutes as the database puts them together."""
    pieces: dict[int, int] = {}
    for minute in minutes:
        piece, cell = divmod(minute // 5, slots.PIECE)
        pieces[piece] = pieces.get(piece, 0) | 1 << cell
    return slots.joined(pieces, grid, 5)


def ask(day: date, now: int, rules=NOTHING_KEPT, minutes: int = 30, zone="America/Guayaquil") -> Ask:  # fmt: skip
    return Ask(minutes, now, day, slots.local(now, zone).date(), rules)


def shown(found, zone: str = "America/Guayaquil") -> list[str]:
    return [f"{slots.local(slot.at, zone):%H:%M}" for slot in found]


MORNING = at(date(2026, 12, 1), 9)


def test_a_day_is_cut_into_appointments_without_gaps():
    found = slots.free(day_of(QUITO, FRIDAY), ask(FRIDAY, MORNING))
    assert shown(found) == ["08:00", "08:30", "09:00", "09:30", "10:00", "10:30", "11:00", "11:30"]


def test_what_is_taken_is_gone_at_its_counter_only():
    taken = {1: list(slots.cells(at(FRIDAY, 9), 30, 5))}
    day = day_of(QUITO, FRIDAY, counters=((1, 1), (2, 2)), taken=taken)
    found = {slot.at: slot.counters for slot in slots.free(day, ask(FRIDAY, MORNING))}
    assert found[at(FRIDAY, 9)] == (2,) and found[at(FRIDAY, 9, 30)] == (1, 2)


def test_one_taken_cell_is_enough():
    day = day_of(QUITO, FRIDAY, taken={1: [at(FRIDAY, 9, 25)]})
    assert "09:00" not in shown(slots.free(day, ask(FRIDAY, MORNING)))


def test_the_lead_time_and_the_past_are_not_offered():
    now = at(FRIDAY, 9, 10)
    rules = replace(NOTHING_KEPT, lead_minutes=60)
    assert shown(slots.free(day_of(QUITO, FRIDAY), ask(FRIDAY, now, rules)))[0] == "10:30"


@pytest.mark.parametrize(
    ("day", "closings", "reason", "because"),
    [
        (date(2026, 12, 5), (), slots.CLOSED, "weekday"),
        (date(2026, 12, 25), (), slots.CLOSED, "holiday:christmas"),
        (date(2026, 12, 7), (), slots.CLOSED, "local:quito_day"),
        (FRIDAY, (Closing(FRIDAY, reason="decree"),), slots.CLOSED, "decree"),
        (date(2027, 3, 1), (), slots.TOO_EARLY, ""),
    ],
)
def test_no_slot_says_which_it_is(day, closings, reason, because):
    here = day_of(QUITO, day, *closings)
    found = slots.why_none(QUITO, here, ask(day, MORNING), closings, CALENDAR)
    assert (found.reason, found.because) == (reason, because)


def test_none_left_and_an_inactive_centre_are_two_other_sentences():
    full = day_of(QUITO, FRIDAY, taken={1: range(at(FRIDAY, 8), at(FRIDAY, 12), 5)})
    assert slots.why_none(QUITO, full, ask(FRIDAY, MORNING), (), CALENDAR).reason == slots.FULL
    shut = replace(QUITO, active=False)
    here = day_of(shut, FRIDAY)
    assert slots.why_none(shut, here, ask(FRIDAY, MORNING), (), CALENDAR).reason == slots.INACTIVE


def test_times_kept_for_the_day_before_are_too_early_and_say_when_they_open():
    rules = replace(NOTHING_KEPT, tomorrow_percent=90)
    taken = {1: [one.at for one in slots.free(day_of(QUITO, FRIDAY), ask(FRIDAY, MORNING, rules))]}
    here = day_of(QUITO, FRIDAY, taken=taken)
    found = slots.why_none(QUITO, here, ask(FRIDAY, MORNING, rules), (), CALENDAR)
    assert (found.reason, found.because) == (slots.TOO_EARLY, "kept")
    assert slots.local(found.opens_at, QUITO.zone).date() == FRIDAY - timedelta(days=1)
    eve = at(FRIDAY - timedelta(days=1), 9)
    assert slots.free(here, ask(FRIDAY, eve, rules))


def test_the_shares_of_a_day_are_what_the_profile_says():
    seen: dict[str, int] = {}
    for day in range(60):
        for counter in (1, 2, 3):
            for block in range(17):
                name = slots.kept_for(block, counter, FRIDAY + timedelta(day), slots.shares(RULES))
                seen[name] = seen.get(name, 0) + 1
    share = {name: round(count * 100 / (60 * 3 * 17)) for name, count in seen.items()}
    assert abs(share[slots.WALK_IN] - RULES.walk_in_percent) <= 1
    assert abs(share[slots.TODAY] - RULES.today_percent) <= 1
    assert abs(share[slots.TOMORROW] - RULES.tomorrow_percent) <= 1


def test_a_closure_of_some_hours_takes_only_them():
    noon = Closing(FRIDAY, 9 * 60, 10 * 60 + 10, "power_cut")
    found = slots.free(day_of(QUITO, FRIDAY, noon), ask(FRIDAY, MORNING))
    assert shown(found) == ["08:00", "08:30", "10:10", "10:40", "11:10"]


def test_an_exception_opens_on_a_holiday_that_was_moved():
    christmas = date(2026, 12, 25)
    opened = Closing(christmas, 0, slots.DAY, "moved", opens=True)
    assert (
        shown(slots.free(day_of(QUITO, christmas, opened), ask(christmas, MORNING)))[0] == "08:00"
    )


def test_galapagos_has_its_own_clock():
    islands = replace(QUITO, zone="Pacific/Galapagos")
    found = slots.free(day_of(islands, FRIDAY), ask(FRIDAY, MORNING, zone="Pacific/Galapagos"))
    assert shown(found, "Pacific/Galapagos")[0] == "08:00"
    assert found[0].at == at(FRIDAY, 9)


NIGHT = slots.parse_hours({day: [["00:00", "06:00"]] for day in slots.WEEKDAYS})


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Madrid", date(2026, 3, 29), 5),
        ("Europe/Madrid", date(2026, 10, 25), 7),
        ("America/Santiago", date(2026, 9, 6), 5),
        ("Europe/Madrid", date(2026, 10, 26), 6),
    ],
)
def test_where_clocks_change_cells_are_real_minutes(zone, day, hours):
    site = Site(zone, NIGHT)
    here = day_of(site, day)
    now = at(day - timedelta(days=3), 9, zone=zone)
    found = slots.free(here, ask(day, now, zone=zone))
    assert len(found) == hours * 2
    assert [b.at - a.at for a, b in zip(found, found[1:], strict=False)] == [30] * (len(found) - 1)
    assert slots.covers(here.grid, found[-1].at, 30, 5)
    assert not slots.covers(here.grid, found[-1].at, 35, 5)


@pytest.mark.parametrize(
    "table",
    [
        {"lun": []},
        {"mon": [["8:00", "7:00"]]},
        {"mon": [["08:00", "12:00"], ["11:00", "13:00"]]},
        {"mon": "08:00-12:00"},
        {"mon": [["08:0", "12:00"]]},
        {"mon": [["08:00", "25:00"]]},
        {"mon": [["08:00"]]},
        [],
    ],
)
def test_hours_that_make_no_sense_are_refused(table):
    with pytest.raises(Refused) as found:
        slots.parse_hours(table)
    assert found.value.code == "centre.hours"


def test_a_zone_that_does_not_exist_is_refused():
    for name in ("America/Villa", "", "../etc/passwd", "Guayaquil\x00"):
        with pytest.raises(Refused):
            slots.parse_zone(name)


def test_what_was_given_back_comes_again_late_at_random_and_in_time():
    now, start = MORNING, at(FRIDAY, 9)
    seen = {slots.reoffer_at(now, start, RULES, n) for n in range(5000)}
    assert min(seen) == now + 60 and max(seen) == now + 1440 and len(seen) > 1000
    soon = {slots.reoffer_at(now, now + 90, RULES, n) for n in range(500)}
    assert max(soon) <= now + 45


def test_the_nearest_comes_first():
    near = RULES.neighbours
    assert slots.nearness(QUITO, "pichincha", "quito", near) == 0
    assert slots.nearness(QUITO, "pichincha", "cayambe", near) == 1
    assert slots.nearness(QUITO, "cotopaxi", "latacunga", near) == 2
    assert slots.nearness(QUITO, "loja", "loja", near) == 3


def test_the_longest_service_that_fits_is_booked():
    assert slots.service_for(["no_email"], RULES.services).code == "visit"
    assert slots.service_for(["no_email", "first_key"], RULES.services).code == "first_key"


def test_every_province_is_its_neighbours_neighbour():
    for name, beside in RULES.neighbours.items():
        for other in beside:
            assert name in RULES.neighbours[other] or name == "galapagos"
    assert len(RULES.neighbours) == 24


def test_the_days_of_a_month_never_overlap_when_booked_one_after_another():
    """Taking every offered time, one by one, never takes a cell twice and never leaves an opening longer than one."""
    taken: dict[int, list[int]] = {1: [], 2: []}
    now = at(FRIDAY, 7)
    while True:
        day = day_of(QUITO, FRIDAY, counters=((1, 1), (2, 2)), taken=taken)
        found = slots.free(day, ask(FRIDAY, now))
        if not found:
            break
        fresh = list(slots.cells(found[0].at, 30, 5))
        assert not set(fresh) & set(taken[found[0].counters[0]])
        taken[found[0].counters[0]] += fresh
    assert all(len(cells) == len(set(cells)) == 4 * 60 // 5 for cells in taken.values())


# --- to the edge -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["8:00", "08:59", "00:01", "24:00"])
def test_hours_are_read_to_the_last_minute(text):
    hour, minute = map(int, text.split(":"))
    found = slots.parse_hours({slots.WEEKDAYS[0]: [["00:00", text]]})
    assert found[0] == ((0, 60 * hour + minute),)


@pytest.mark.parametrize(
    "text",
    ["08:60", "24:01", "8", "8:0", "008:00", "ocho:00", "-1:00", "8:5x", "", "8:000", ":30", "8:"],
)
def test_what_is_no_hour_is_refused(text):
    with pytest.raises(Refused, match=r"centre\.hours"):
        slots.parse_hours({slots.WEEKDAYS[0]: [["00:00", text]]})


@pytest.mark.parametrize(
    ("ahead", "shut"),
    [(0, {slots.WALK_IN}), (1, {slots.WALK_IN, slots.TODAY}), (2, {slots.WALK_IN, slots.TODAY, slots.TOMORROW}),
     (9, {slots.WALK_IN, slots.TODAY, slots.TOMORROW})],
)  # fmt: skip
def test_what_is_kept_for_the_day_opens_on_the_day_and_for_tomorrow_the_day_before(ahead, shut):
    asked = Ask(30, 0, FRIDAY, FRIDAY - timedelta(ahead), RULES)
    assert slots._closed_to(asked) == shut
    assert slots._closed_to(replace(asked, extra=frozenset({slots.TODAY}))) == shut - {slots.TODAY}
