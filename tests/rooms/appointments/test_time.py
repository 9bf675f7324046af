"""The deeds on time: what is held, booked, given back, closed and waited for; nobody twice on one cell."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from clavero.appointments import queries, services
from clavero.appointments.models import Booking, Cell, Centre, Closure, Counter, Waiting
from clavero.appointments.services import Reach
from clavero.core import slots
from clavero.core.errors import Refused


def refused(deed, *args, **more) -> str:
    with pytest.raises(Refused) as found, transaction.atomic():
        deed(*args, **more)
    return found.value.code


def one_counter(office) -> None:
    """So that a time is there once."""
    office.centre.counters.exclude(number=1).update(active=False)


# --- holds ------------------------------------------------------------------------------------------------


def test_a_held_time_is_nobody_elses_for_ten_minutes(office, time):
    one_counter(office)
    at = office.hold("ana").starts_at
    assert slots.minute(at) not in office.free()
    assert refused(office.hold, "luis", slots.minute(at)) == "slot.gone"
    time.wait(601)
    assert slots.minute(at) in office.free()
    assert office.hold("luis", slots.minute(at)).state == Booking.HELD


def test_a_lapsed_hold_frees_its_time_without_a_worker(office, time):
    one_counter(office)
    held = office.hold("ana")
    at = slots.minute(held.starts_at)
    time.wait(601)
    office.book("luis", at)
    held.refresh_from_db()
    assert held.state == Booking.RELEASED
    assert Cell.objects.filter(booking=held).count() == 0


def test_who_comes_late_keeps_the_time_while_nobody_took_it(office, time):
    held = office.hold("ana")
    time.wait(3600)
    with transaction.atomic():
        services.book(held, office.now, Reach("email", "ana@correo.example", "ana"))
    assert held.state == Booking.FIRM and held.cells.count() == 6


def test_who_comes_late_and_finds_it_taken_is_told(office, time):
    one_counter(office)
    held = office.hold("ana")
    time.wait(601)
    office.book("luis", slots.minute(held.starts_at))
    reach = Reach("email", "ana@correo.example", "ana")
    assert refused(services.book, held, office.now, reach) == "slot.taken"


def test_a_case_holds_one_time(office):
    first = office.hold("ana")
    office.hold("ana", office.free()[3])
    first.refresh_from_db()
    assert first.state == Booking.RELEASED and first.cells.count() == 0
    assert Booking.objects.filter(state=Booking.HELD).count() == 1


def test_only_a_time_that_the_page_offers_can_be_held(office):
    for at in (office.free()[0] + 5, office.free()[0] - 60 * 24 * 30, slots.minute(office.now)):
        assert refused(office.hold, "ana", at) == "slot.gone"


# --- cells ------------------------------------------------------------------------------------------------


def test_a_cell_cannot_be_stored_twice_whatever_the_code_does(office):
    booking = office.book("ana")
    cell = booking.cells.first()
    with pytest.raises(IntegrityError), transaction.atomic():
        Cell.objects.create(counter=cell.counter, at=cell.at, booking=booking)


def test_three_counters_take_three_at_one_time_and_no_fourth(office):
    at = max(office.offer().days[0][1], key=lambda slot: len(slot.counters))
    names = ["ana", "luis", "rosa", "marta"][: len(at.counters) + 1]
    for name in names[:-1]:
        office.book(name, at.at)
    assert refused(office.book, names[-1], at.at) == "slot.gone"
    assert len({b.counter_id for b in Booking.objects.filter(state=Booking.FIRM, centre=office.centre)}) == len(at.counters)  # fmt: skip


def test_a_race_is_decided_by_the_cells_not_by_the_page(office):
    one_counter(office)
    at = office.free()[0]
    counters = services._free_counters(office.centre, at, office.wanted, office.now)
    office.book("ana", at)
    booking = services._new(office.holder("luis"), office.centre, at, office.wanted, office.now)
    assert (
        refused(services._occupy, booking, counters, at, office.wanted, office.now) == "slot.taken"
    )
    assert Cell.objects.filter(booking_id=booking.pk).count() == 0


def test_a_counter_gives_only_its_services(office):
    Counter.objects.filter(centre=office.centre).update(services=["first_key"])
    assert office.free() == []
    longer = queries.service("first_key")
    here = [(0, office.centre, office.centre.site)]
    today = queries.local_day(office.now, office.centre.zone)
    assert queries.free(queries.Place(), today, 20, longer, office.now, centres=here)[0].days


# --- one each ---------------------------------------------------------------------------------------------


def test_a_case_and_a_contact_have_one_live_appointment(office):
    office.book("ana")
    reach = Reach("email", "ana@correo.example", "lookup of ana")
    held = office.hold("luis")
    assert refused(services.book, held, office.now, reach) == "booking.contact_has_one"
    again = office.hold("ana")
    other = Reach("email", "otra@correo.example", "otra")
    assert refused(services.book, again, office.now, other) == "booking.case_has_one"


def test_when_a_visit_is_over_its_contact_may_book_again(office):
    booking = office.book("ana")
    services.arrive(booking, office.now)
    services.done(booking, office.now)
    booking.refresh_from_db()
    assert (booking.state, booking.contact, booking.contact_lookup) == (Booking.DONE, "", "")
    assert office.book("ana").state == Booking.FIRM


def test_the_address_is_sealed_in_the_database(office):
    booking = office.book("ana")
    stored = Booking.objects.filter(pk=booking.pk).values_list("contact", flat=True)[0]
    assert "ana" not in str(getattr(stored, "text", stored))
    assert Booking.objects.get(pk=booking.pk).contact == "ana@correo.example"


def test_without_contact_a_day_has_a_smaller_budget(office, monkeypatch):
    rules = replace(queries.rules(), unproven_percent=1)
    monkeypatch.setattr(queries, "rules", lambda: rules)
    far = [at for at in office.free() if at > slots.minute(office.now) + 4 * slots.DAY]
    day = slots.local(far[0], office.centre.zone).date()
    same = [at for at in far if slots.local(at, office.centre.zone).date() == day]
    assert office.book("ana", same[0], told=False).state == Booking.BOOKED
    assert refused(office.book, "luis", same[1], told=False) == "booking.unproven_full"
    assert office.book("luis", same[1]).state == Booking.FIRM


def test_without_contact_a_near_day_cannot_be_booked(office):
    near = [at for at in office.free() if at < slots.minute(office.now) + 48 * 60]
    if near:
        assert refused(office.book, "ana", near[0], told=False) == "booking.too_near"
    far = [at for at in office.free() if at > slots.minute(office.now) + 4 * slots.DAY][0]
    booking = office.book("ana", far, told=False)
    assert booking.confirm_by == booking.starts_at - timedelta(hours=48)


# --- changing and giving back --------------------------------------------------------------------------------


def test_a_date_changes_twice_and_no_more(office):
    booking = office.book("ana")
    for turn in (1, 2):
        with transaction.atomic():
            booking = services.rebook(booking, office.centre, office.free()[turn + 2], office.now)
        assert (booking.changes, booking.state) == (turn, Booking.FIRM)
    at = office.free()[6]
    assert (
        refused(services.rebook, booking, office.centre, at, office.now) == "booking.changes_used"
    )
    assert Booking.objects.filter(state__in=Booking.LIVE, case_id=booking.case_id).count() == 1


def test_giving_back_and_booking_again_is_a_change_too(office):
    for turn in range(3):
        booking = office.book("ana", office.free()[turn])
        assert booking.changes == turn
        with transaction.atomic():
            services.release(booking, Booking.CANCELLED, office.now)
    assert refused(office.book, "ana") == "booking.changes_used"


def test_what_was_given_back_is_offered_again_later_by_the_worker(office, time):
    one_counter(office)
    far = [at for at in office.free() if at > slots.minute(office.now) + 4 * slots.DAY][0]
    booking = office.book("ana", far)
    with transaction.atomic():
        services.release(booking, Booking.CANCELLED, office.now)
    assert far not in office.free()
    services.due(office.now)
    assert far not in office.free()
    time.wait((booking.cells_until - office.now).total_seconds() + 1)
    assert far not in office.free(), "the waiting list comes first"
    services.due(office.now)
    assert far in office.free()


def test_ending_twice_is_refused(office):
    booking = office.book("ana")
    with transaction.atomic():
        services.release(booking, Booking.CANCELLED, office.now)
    assert refused(services.release, booking, Booking.CANCELLED, office.now) == "booking.over"
    assert refused(services.miss, booking, office.now) == "booking.over"


# --- closed days -----------------------------------------------------------------------------------------------


def local_day(booking):
    return Booking.objects.select_related("centre").get(pk=booking.pk).day


def test_a_closed_day_moves_its_appointments_to_the_next_free_time(office):
    booking = office.book("ana")
    affected = services.close(local_day(booking), "training", office.now, centre=office.centre)
    assert [one.pk for one in affected] == [booking.pk]
    with transaction.atomic():
        fresh = services.move(affected[0], office.now)
    booking.refresh_from_db()
    assert booking.state == Booking.MOVED and fresh.state == Booking.FIRM
    assert fresh.starts_at > booking.starts_at and fresh.changes == 0
    assert queries.stranded(office.now) == []


def test_a_decree_the_evening_before_closes_every_centre_at_once(office):
    booking = office.book("ana")
    day = local_day(booking)
    services.close(day, "decree", office.now)
    for centre in Centre.objects.all():
        assert queries.free_day(centre, day, office.wanted, office.now) == ()
    none = queries.why_none(office.centre, day, office.wanted, office.now)
    assert (none.reason, none.because) == (slots.CLOSED, "decree")


def test_a_canton_holiday_closes_that_canton_only(office):
    day = local_day(office.book("ana"))
    before = queries.free_day(office.centre, day, office.wanted, office.now)
    services.close(day, "local", office.now, canton="Santa Cruz")
    assert queries.free_day(office.centre, day, office.wanted, office.now) == before
    services.close(day, "local", office.now, canton="AMBATO")
    assert queries.free_day(office.centre, day, office.wanted, office.now) == ()


def test_some_hours_of_one_centre_strand_only_who_is_in_them(office):
    times = [slot.at for slot in office.offer().days[1][1]]
    early, late = office.book("ana", times[0]), office.book("luis", times[-1])
    first = slots.local(times[-1], office.centre.zone)
    minutes = first.hour * 60 + first.minute
    affected = services.close(
        local_day(early), "power_cut", office.now, centre=office.centre, first=minutes, last=minutes + 10
    )  # fmt: skip
    assert [one.pk for one in affected] == [late.pk]


def test_a_holiday_that_was_moved_opens_again(office):
    day = local_day(office.book("ana"))
    services.close(day, "decree", office.now)
    Closure.objects.all().delete()
    assert queries.free_day(office.centre, day, office.wanted, office.now)


def test_where_nothing_is_near_the_appointment_is_cancelled_not_lost(office):
    booking = office.book("ana")
    Centre.objects.filter(pk=office.centre.pk).update(active=False)
    stranded = queries.stranded(office.now)
    assert [one.pk for one in stranded] == [booking.pk]
    with transaction.atomic():
        assert services.move(stranded[0], office.now) is None
    booking.refresh_from_db()
    assert booking.state == Booking.RELEASED


def test_other_hours_from_an_import_strand_what_no_longer_fits(office, tmp_path):
    times = [slot.at for slot in office.offer().days[1][1]]
    late = office.book("ana", times[-1])
    record = {"code": "ambato", "name": "Centro Ambato", "province": "Tungurahua", "canton": "Ambato",
              "zone": "America/Guayaquil", "hours": "lun-vie 08:00-09:00", "counters": 3}  # fmt: skip
    file = tmp_path / "centres.jsonl"
    file.write_text(json.dumps(record), encoding="utf-8")
    report = services.import_centres(file, office.now)
    assert report.stranded == 1 and [b.pk for b in queries.stranded(office.now)] == [late.pk]


def test_a_counter_that_is_shut_strands_its_appointments(office):
    booking = office.book("ana")
    Counter.objects.filter(pk=booking.counter_id).update(active=False)
    assert [one.pk for one in queries.stranded(office.now)] == [booking.pk]
    with transaction.atomic():
        fresh = services.move(queries.stranded(office.now)[0], office.now)
    assert fresh.counter_id != booking.counter_id


# --- the waiting list --------------------------------------------------------------------------------------------


def waits(office, name: str) -> Waiting:
    return services.wait(
        office.holder(name).case_id, office.centre, office.wanted, office.now, told=True
    )


def test_an_earlier_time_is_kept_for_whoever_waits(office):
    one_counter(office)
    free = office.free()
    booking = office.book("ana", free[-1])
    line = waits(office, "ana")
    offer = services.offer_earlier(line, office.holder("ana"), office.now)
    assert offer.state == Booking.OFFERED and offer.starts_at < booking.starts_at
    assert slots.minute(offer.starts_at) not in office.free()
    with transaction.atomic():
        taken = services.take_offer(
            queries.waiting_of(booking.case_id), booking, Reach("email", "a@b.example", "ana"), office.now
        )  # fmt: skip
    booking.refresh_from_db()
    assert (booking.state, taken.state, taken.changes) == (Booking.MOVED, Booking.FIRM, 0)


def test_an_offer_that_nobody_takes_goes_to_the_next(office, time):
    office.book("ana", office.free()[-1])
    line = waits(office, "ana")
    offer = services.offer_earlier(line, office.holder("ana"), office.now)
    time.wait((offer.cells_until - office.now).total_seconds() + 1)
    services.due(office.now)
    line.refresh_from_db()
    assert (line.state, line.offer) == (Waiting.WAITING, None)
    waits(office, "luis")
    assert [one.case_id for one in queries.waiting()] == [
        office.holder("ana").case_id,
        office.holder("luis").case_id,
    ]
    assert refused(services.take_offer, line, None, Reach("email", "a@b.example", "a"), office.now) == "offer.gone"  # fmt: skip


def test_who_gives_the_appointment_back_no_longer_waits(office):
    booking = office.book("ana", office.free()[-1])
    line = waits(office, "ana")
    services.offer_earlier(line, office.holder("ana"), office.now)
    with transaction.atomic():
        services.release(booking, Booking.CANCELLED, office.now)
    line.refresh_from_db()
    assert line.state == Waiting.GONE
    services.due(office.now)
    assert not Booking.objects.filter(state=Booking.OFFERED).exists()


# --- reading -----------------------------------------------------------------------------------------------------


def test_reading_the_free_times_costs_the_same_however_many_centres(
    office, django_assert_num_queries
):
    with django_assert_num_queries(5):
        queries.free(queries.Place(), queries.local_day(office.now, "America/Guayaquil"), 10, office.wanted, office.now)  # fmt: skip


def test_a_full_centre_says_so_and_until_when(office, time):
    from tests.rooms.appointments.conftest import Office

    full = Office(time, "guayaquil").offer(days=61)
    assert full.is_full and full.why.reason in (slots.FULL, slots.TOO_EARLY)
    assert (full.first.date() - queries.local_day(office.now, "America/Guayaquil")).days > 14
    assert full.quota > 0


def test_the_agenda_has_the_day_in_order_and_no_held_times(office):
    times = [slot.at for slot in office.offer().days[1][1]]
    second, first = office.book("ana", times[1]), office.book("luis", times[0])
    office.hold("rosa", times[2])
    found = queries.agenda("ambato", local_day(first))
    assert [one.pk for one in found] == [first.pk, second.pk]


def test_the_load_counts_what_came_and_what_did_not(office):
    times = [slot.at for slot in office.offer().days[1][1]]
    came, missed = office.book("ana", times[0]), office.book("luis", times[1])
    services.arrive(came, office.now)
    services.miss(missed, office.now)
    found = queries.load("ambato", local_day(came), office.now)
    assert (found.booked, found.arrived, found.missed) == (2, 1, 1)
    assert found.capacity > found.walk_in_quota > 0
