"""The operator's page of limits: what blocks whom, in words; lifting it with a reason; by the command too (C14)."""

import json

import pytest
from click.testing import CliRunner
from django.db import transaction

from clavero import clock
from clavero.audit.models import Entry
from clavero.core.errors import Refused
from clavero.core.profile import BUCKETS
from clavero.desk import limits
from clavero.institution import profile
from clavero.keys import second
from clavero.keys import services as keys
from clavero.throttle import services
from clavero.throttle.blocks import (
    OF_AN_ACCOUNT,
    OF_AN_ADDRESS,
    OF_AN_EMPLOYER,
    OF_EVERYBODY,
    REASONS,
)
from clavero.throttle.models import Bucket
from clavero.throttle.services import OF_A_NETWORK, Charge
from clavero.words import SENTENCES
from tests import staff
from tests.cast import by_id
from tests.walk import Walker, sign_in

LUIS = by_id("tres_sucursales")


@pytest.fixture
def olga(cast, time) -> Walker:
    """The operator, at the page of limits."""
    return staff.enter(time, "olga").open("/mesa/limites/")


def fill(charge: Charge, more: int = 4) -> None:
    now = clock.now()
    for _ in range(charge.most + more):
        services.spend(charge, now=now)


def strangers_fill(member=LUIS) -> None:
    """Everything that strangers can fill of an employer whose numbers they know."""
    whose = limits.employer(member.ruc, member.branch, member.identification)
    for bucket in ("employer_open", "signin_unknown"):
        fill(limits._charge(whose, bucket))


def lift_first(walker: Walker, reason: str = "person_waits") -> Walker:
    """Press the first «Levantar», choose a reason, press."""
    held = walker.page.select_one("[data-blocks] [name=held]")["value"]
    walker._land(
        walker.client.post("/mesa/limites/levantar/", {"held": held}, follow=True),
        "/mesa/limites/levantar/",
    )
    return walker.press({"reason": reason})


def test_an_address_is_looked_up_and_what_blocks_it_is_said_in_words(olga, time):
    fill(Charge("asker_open", "198.51.100.0/24"))
    olga.press({"address": "198.51.100.77"})
    assert olga.h1 == "Red 198.51.100.0/24"
    card = olga.page.select_one("[data-bucket=asker_open][data-blocks]")
    assert "Casos abiertos desde esta red" in card.text and "Van 4 rechazos" in card.text
    assert "Rechaza desde el" in card.text and "hay otro intento a las" in card.text


def test_an_attack_is_seen_in_the_list_and_its_network_opens(olga):
    fill(Charge("signin_asker", "198.51.100.0/24"), more=50)
    olga.open("/mesa/limites/")
    row = olga.page.select_one("tbody tr")
    assert "198.51.100.0/24" in row.text and "50" in row.text and "ninguno" in row.text
    assert olga.open(row.select_one("a")["href"]).page.select("[data-blocks]")


def test_an_employer_is_found_by_the_numbers_alone_and_lifted_with_a_reason(olga, time):
    strangers_fill()
    olga.open("/mesa/limites/empleador/")
    olga.press({"ruc": LUIS.ruc, "branch": LUIS.branch, "identification": LUIS.identification})
    blocked = {each["data-bucket"] for each in olga.page.select("[data-blocks]")}
    assert blocked == {"employer_open", "signin_unknown"}
    assert lift_first(olga).path == "/mesa/limites/?hecho=lifted"
    assert "quedó registrado con su motivo" in olga.text
    entry = Entry.objects.get(event="block_lifted")
    assert entry.reason == "person_waits" and LUIS.ruc not in entry.body


def test_the_employer_reads_it_in_the_history(olga, time):
    owner = sign_in(Walker(time), LUIS, LUIS.key)
    strangers_fill()
    olga.open("/mesa/limites/empleador/")
    olga.press({"ruc": LUIS.ruc, "branch": LUIS.branch, "identification": LUIS.identification})
    lift_first(olga)
    assert "El instituto levantó un límite de intentos." in owner.open("/cuenta/historia/").text


def test_the_page_before_says_how_many_tries_it_gives_and_who_may_use_them(olga):
    strangers_fill()
    olga.open("/mesa/limites/empleador/").press({"ruc": LUIS.ruc, "branch": LUIS.branch})
    held = olga.page.select_one("[data-blocks] [name=held]")["value"]
    page = olga.client.post("/mesa/limites/levantar/", {"held": held}, follow=True).content.decode()
    assert (
        "Da 10 intentos más ahora" in page and "quien lo llenó" in page and "3 veces al día" in page
    )
    olga._land(
        olga.client.post("/mesa/limites/levantar/", {"held": held, "sure": "1"}, follow=True),
        "/mesa/limites/levantar/",
    )
    assert olga.errors == ["field.choose"] and not Entry.objects.filter(event="block_lifted")


def test_the_fourth_time_a_day_it_says_what_to_do_instead(olga):
    charge = Charge("asker_open", "198.51.100.0/24")
    for _ in range(3):
        fill(charge)
        olga.open("/mesa/limites/").press({"address": "198.51.100.7"})
        lift_first(olga)
    fill(charge)
    olga.open("/mesa/limites/").press({"address": "198.51.100.7"})
    assert lift_first(olga).errors == ["block.too_often"]


def test_a_known_and_an_unknown_employer_look_the_same(olga):
    unknown = {"ruc": "1790016919001", "branch": "0001", "identification": "2458264187"}
    known = {"ruc": LUIS.ruc, "branch": LUIS.branch, "identification": LUIS.identification}
    pages = []
    for typed in (known, unknown):
        olga.open("/mesa/limites/empleador/").press(typed)
        pages.append(olga.text.replace(typed["ruc"], "RUC").replace(typed["branch"], "SUC"))
    assert pages[0] == pages[1] and "Nada de esto está gastado" in pages[0]


@pytest.mark.parametrize(
    ("path", "typed", "error"),
    [
        ("/mesa/limites/", {"address": "aquí"}, "network.address"),
        ("/mesa/limites/", {"address": ""}, "network.empty"),
        ("/mesa/limites/empleador/", {}, "ruc.empty"),
        ("/mesa/limites/empleador/", {"ruc": "12"}, "ruc.length"),
        ("/mesa/limites/empleador/", {"ruc": LUIS.ruc, "branch": "x"}, "sucursal.not_digits"),
        ("/mesa/limites/empleador/", {"identification": "2450000010"}, "cedula.checksum"),
    ],
)
def test_what_cannot_be_looked_up_says_why(olga, path, typed, error):
    assert olga.open(path).press(typed).errors == [error]


def test_who_employs_at_home_is_found_by_the_person_alone(olga):
    found = limits.employer("", "", "2458264187")
    assert (found.ruc, found.branch) == ("2458264187000", "0001")
    assert limits.employer("2458264187000", "", "2458264187") == found


def test_a_form_that_was_not_given_out_lifts_nothing(olga):
    answer = olga.client.post(
        "/mesa/limites/levantar/", {"held": "x", "reason": "own_test", "sure": "1"}
    )
    assert answer.status_code == 303 and not Entry.objects.filter(event="block_lifted")


def test_every_budget_and_every_reason_has_its_words():
    of_employers = {*OF_AN_EMPLOYER, *OF_AN_ADDRESS}
    shown = {*OF_A_NETWORK, *of_employers, *OF_AN_ACCOUNT, *(name for name, _ in OF_EVERYBODY)}
    named = shown | {f"{name}_known" for name in of_employers} | SECONDS
    assert {f"budget.{name}" for name in named} | {
        f"block.because.{name}" for name in REASONS
    } <= set(SENTENCES)
    assert shown <= set(BUCKETS)


SECONDS = {"signin_unknown_second", "signin_known_second", "signin_known_second_case"}


def try_codes(now, **how) -> None:
    """Wrong codes of the second step, until they are refused unlooked at."""
    account = keys.account_of(limits.employer(LUIS.ruc, LUIS.branch, LUIS.identification).number)
    for _ in range(profile().buckets["signin_unknown"].limit + 2):
        with pytest.raises(Refused):
            second.check(account, "000000", keys.Try("198.51.100.0/24", **how), now)


def test_the_limits_of_the_second_step_are_seen_and_lifted_with_a_reason_on_record(olga, time):
    """D11, C14. At sign-in from a browser known or not, and in a case: each apart."""
    now = clock.now()
    account = keys.account_of(limits.employer(LUIS.ruc, LUIS.branch, LUIS.identification).number)
    with transaction.atomic():
        known = keys.remember_device(account, "Firefox", now)
    for how in ({}, {"device_token": known}, {"case_id": 7}):
        try_codes(now, **how)
    olga.open("/mesa/limites/empleador/")
    typed = {"ruc": LUIS.ruc, "branch": LUIS.branch, "identification": LUIS.identification}
    olga.press(typed)
    assert {each["data-bucket"] for each in olga.page.select("[data-blocks]")} == SECONDS
    assert "Códigos del segundo paso, escritos en un caso" in olga.text
    for left in (2, 1, 0):
        lift_first(olga)
        olga.open("/mesa/limites/empleador/").press(typed)
        assert len(olga.page.select("[data-blocks]")) == left
    lifted = Entry.objects.filter(event="block_lifted")
    assert {json.loads(each.body)["data"]["bucket"] for each in lifted} == SECONDS
    assert {each.subject for each in lifted} == {account.pk}
    assert {each.reason for each in lifted} == {"person_waits"}
    for each in lifted:
        assert not any(text in each.body for text in (LUIS.ruc, LUIS.identification, account.username))  # fmt: skip


def test_the_command_lifts_a_limit_of_the_second_step(cast, lines):
    whose = limits.employer(LUIS.ruc, LUIS.branch, LUIS.identification)
    try_codes(clock.now(), case_id=7)
    numbers = ("--ruc", LUIS.ruc, "--branch", LUIS.branch, "--identification", LUIS.identification)
    status, said = ask(*numbers)
    assert status == 1 and "signin_known_second_case" in said
    assert ask(*numbers, "--lift", "signin_known_second_case", "--reason", "person_waits")[0] == 0
    assert not any(each.blocks for each in limits.standing(whose, clock.now()))
    logged = json.dumps(lines())
    assert LUIS.ruc not in logged and keys.username(whose.number) not in logged


# --- the command ----------------------------------------------------------------------------------------


def ask(*arguments: str):
    from clavero.cli.frame import Clavero
    from clavero.cli.throttle import command

    done = CliRunner().invoke(command, arguments, obj=Clavero("es"), standalone_mode=False)
    if done.exception:
        raise done.exception
    return done.return_value, done.output


def test_the_command_says_who_is_refused_and_lifts_with_a_reason(cast, time):
    fill(Charge("asker_open", "198.51.100.0/24"))
    status, said = ask("--json")
    assert status == 1
    assert json.loads(said)["networks"][0]["network"] == "198.51.100.0/24"
    status, said = ask("--network", "198.51.100.9")
    assert status == 1 and "Casos abiertos desde esta red (asker_open): lleno desde" in said
    status, said = ask(
        "--network", "198.51.100.9", "--lift", "asker_open", "--reason", "attack_over"
    )
    assert status == 0 and "quedan 30 intentos más" in said
    assert ask("--network", "198.51.100.9")[0] == 0
    assert Entry.objects.get(event="block_lifted").reason == "attack_over"


def test_the_command_finds_an_employer_and_refuses_what_is_not_theirs(cast):
    strangers_fill()
    status, said = ask(
        "--ruc", LUIS.ruc, "--branch", LUIS.branch, "--identification", LUIS.identification
    )
    assert status == 1 and "signin_unknown" in said and LUIS.ruc not in said
    for arguments in (
        ("--ruc", LUIS.ruc, "--lift", "asker_open"),
        ("--lift", "asker_open"),
        ("--ruc", LUIS.ruc, "--lift", "global_open"),
    ):
        with pytest.raises(Refused, match="block.what"):
            ask(*arguments, "--reason", "own_test")
    assert Bucket.objects.filter(full_at__isnull=False).count() == 2


def test_what_known_browsers_spent_and_what_went_to_the_address_is_shown_and_lifted_apart(olga):
    """A known browser has budgets of its own; the operator sees both, and which one is full."""
    from clavero.employers import queries as employers
    from clavero.recovery import services as recovery

    whose = limits.employer(LUIS.ruc, LUIS.branch, LUIS.identification)
    key = recovery.employer_lookup(whose.number)
    to = employers.gather(whose.number).contact.value_lookup
    fill(Charge("employer_open", recovery.apart(key, True)))
    fill(Charge("destination_mail", to))
    olga.open("/mesa/limites/empleador/")
    olga.press({"ruc": LUIS.ruc, "branch": LUIS.branch, "identification": LUIS.identification})
    blocked = {each["data-bucket"] for each in olga.page.select("[data-blocks]")}
    assert blocked == {"employer_open_known", "destination_mail"}
    assert "Casos abiertos para este empleador, desde navegadores conocidos" in olga.text
    assert "Mensajes al correo de este empleador en un día" in olga.text
    lift_first(olga)
    lifted = Entry.objects.get(event="block_lifted")
    assert lifted.subject and {each.name for each in limits.standing(whose, clock.now()) if each.blocks} < blocked  # fmt: skip
