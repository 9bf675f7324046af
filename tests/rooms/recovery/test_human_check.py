"""The human check on its page: by work where script runs, by waiting where it does not; failing it counts against nobody."""

import json

import altcha
import pytest

from clavero.audit.models import Entry
from clavero.throttle.models import Bucket, Ticket
from tests.cast import by_id

LUIS = by_id("tres_sucursales")
pytestmark = pytest.mark.django_db


def answered(walker) -> str:
    """What script in this browser makes of the page's challenge."""
    challenge = altcha.Challenge.from_dict(
        json.loads(walker.page.select_one("[data-work]")["data-work"])
    )
    return altcha.Payload(challenge, altcha.solve_challenge(challenge)).to_base64()


def test_the_work_spares_the_wait(walker):
    walker.to_check(LUIS).press({"altcha": answered(walker)})
    assert walker.step == "code" and not Ticket.objects.exists()


def test_an_answer_serves_once_and_for_these_numbers_alone(walker, time):
    walker.to_check(LUIS)
    answer = answered(walker)
    other = type(walker)(time).to_check(by_id("en_orden"))
    assert other.press({"altcha": answer}).errors == ["human_check.too_early"]
    spent = walker.form
    walker.press({"altcha": answer})
    draft = spent.select_one("[name=draft]")["value"]
    third = type(walker)(time).to_check(LUIS)
    third.press({"altcha": answer, "draft": draft})
    assert third.step == "code", "a second press of the same browser finds its own case"
    time.wait(301)  # what was validated moments ago is answered from memory
    third.to_check(LUIS).press({"altcha": answer})
    assert third.errors == ["human_check.too_early"]


def test_failing_the_check_counts_against_no_employer(walker):
    walker.to_check(LUIS)
    before = Entry.objects.count()
    for made in ("", "x", answered(walker)[:-8]):
        assert walker.press({"altcha": made}).errors == ["human_check.too_early"]
    assert walker.press({"website": "x", "altcha": answered(walker)}).errors == [
        "human_check.spent"
    ]
    kinds = {bucket.key.partition(":")[0] for bucket in Bucket.objects.all()}
    assert kinds == {"ticket_asker", "global_ticket"} and Entry.objects.count() == before


def test_without_script_it_is_the_wait_as_ever(walker, time):
    walker.to_check(LUIS)
    time.wait(int(walker.page.select_one("[data-wait]")["data-wait"]))
    assert walker.press().step == "code"


def test_the_check_has_no_picture_no_sound_and_nobody_elses_address(walker):
    walker.to_check(LUIS)
    scripts = [tag["src"] for tag in walker.page.select("script[src]")]
    assert not walker.page.select("main img, audio, iframe, canvas")
    assert [src for src in scripts if not src.startswith("/static/")] == []
    assert walker.page.select_one("[data-work]")["data-worker"].startswith("/static/")


def test_a_loop_is_noticed_and_ends_in_advice_once_and_then_with_a_person(walker, time):
    """C04: change browser, network or device, once; then the telephone and the centre."""
    walker.to_check(LUIS)
    said = []
    assert not walker.press().press().press().press().page.select_one("[data-loop]"), "impatience"
    for n in range(5):
        walker.client.defaults["REMOTE_ADDR"] = (
            f"198.51.{n}.7"  # a network that changes its address
        )
        walker.press()
        found = walker.page.select_one("[data-loop]")
        said.append(found["data-loop"] if found else "")
    assert said == ["", "", "change", "person", "person"]
    assert walker.page.select_one("[data-loop] a[href='/citas/']")
    time.wait(60)
    assert walker.press().step == "code", "the check itself goes on working"
