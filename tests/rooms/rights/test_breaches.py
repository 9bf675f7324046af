"""A breach: opened, counted from the record, told, reported; and the drill that leaves nothing (S-132)."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from click.testing import CliRunner
from django.utils import translation

from clavero import clock
from clavero.audit.models import Entry
from clavero.cli import breach as command
from clavero.cli.frame import Clavero
from clavero.core.errors import Refused
from clavero.demo.cast import CAST, WAITING
from clavero.desk.people import local_day
from clavero.employers.models import Employer
from clavero.notices import letters
from clavero.notices.models import Message
from clavero.rights import breaches, report, retention, services
from clavero.rights.models import Breach
from tests.cast import by_id
from tests.walk import Walker, sign_in

ANA, LUIS, JULIA = by_id("en_orden"), by_id("tres_sucursales"), by_id("sin_correo")


def facts(**more) -> breaches.Facts:
    now = clock.now()
    held = breaches.Facts("Se perdió un disco", now, now, now + timedelta(hours=1))  # fmt: skip
    return replace(held, **more)


def test_those_whose_accounts_were_used_in_those_days_are_counted_from_the_record(cast, time):
    """S-132"""
    sign_in(Walker(time), ANA, ANA.key)
    began = clock.now()
    sign_in(Walker(time), LUIS, LUIS.key)
    ended = clock.now() + timedelta(seconds=1)
    found = breaches.open_breach(facts(began_at=began, ended_at=ended), clock.now())
    assert [each.name for each in breaches.affected(found)] == [LUIS.name]


def test_a_failed_sign_in_is_no_use_of_an_account(cast, time):
    found = breaches.open_breach(facts(), clock.now())
    sign_in(Walker(time), ANA, "otra-clave-que-no-es")
    assert not breaches.affected(found).exists()
    sign_in(Walker(time), ANA, ANA.key)
    assert breaches.affected(found).count() == 1


def test_cases_and_everybody_are_counted_too(cast, time):
    by_case = breaches.open_breach(facts(scope="cases"), clock.now())
    Walker(time).validate(ANA)
    assert [each.name for each in breaches.affected(by_case)] == [ANA.name]
    everybody = breaches.open_breach(facts(scope="all"), clock.now())
    assert breaches.affected(everybody).count() == Employer.objects.count()
    reached, silent = breaches.reachable(everybody)
    assert reached + silent == Employer.objects.count() and silent >= 1


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"known_at": timedelta(hours=2)}, "breach.future"),
        ({"ended_at": timedelta(days=-3)}, "breach.interval"),
        ({"scope": "some"}, "breach.scope"),
        ({"tables": ("employers_friend",)}, "breach.table"),
        ({"tables": ()}, "breach.table"),
    ],
)
def test_what_cannot_be_is_refused(cast, more, code):
    moved = {name: clock.now() + value if isinstance(value, timedelta) else value for name, value in more.items()}  # fmt: skip
    with pytest.raises(Refused, match=code):
        breaches.open_breach(facts(**moved), clock.now())
    assert not Breach.objects.exists()


def test_nobody_is_written_to_before_a_risk_is_known_and_then_each_address_once(walker):
    found = breaches.open_breach(facts(), clock.now())
    sign_in(walker, ANA, ANA.key)
    with pytest.raises(Refused, match="breach.no_risk"):
        breaches.notify(found, clock.now())
    assert not Message.objects.filter(kind="breach").exists()
    breaches.know_risk(found, clock.now())
    breaches.notify(found, clock.now())
    breaches.notify(found, clock.now())
    assert Message.objects.filter(kind="breach").count() == 1
    mail = walker.mail(ANA.email)
    assert found.number in mail.text and "Correo y teléfonos" in mail.text
    assert "E-mail and telephones" in mail.text


def test_it_is_closed_when_everybody_was_told_and_not_before(cast):
    found, today = breaches.open_breach(facts(), clock.now()), local_day(clock.now())
    with pytest.raises(Refused, match="breach.not_told"):
        breaches.close(found, clock.now())
    for to in ("authority", "arcotel"):
        breaches.tell(found, to, today)
    with pytest.raises(Refused, match="breach.recipient"):
        breaches.tell(found, "controller", today)
    with pytest.raises(Refused, match="breach.future"):
        breaches.tell(found, "authority", today + timedelta(days=1))
    breaches.close(found, clock.now())
    assert Breach.objects.get().closed_at


def test_a_closed_breach_is_forgotten_after_its_period_and_an_open_one_is_not(cast, time):
    found = breaches.open_breach(facts(), clock.now())
    time.wait(86400 * 3000)
    retention.due(clock.now())
    assert Breach.objects.count() == 1
    Breach.objects.update(closed_at=found.made_at)
    retention.due(clock.now())
    assert not Breach.objects.exists()


@pytest.mark.parametrize("lang", ["es", "en"])
def test_the_report_of_a_drill_has_everything_in_both_languages_and_stores_nothing(
    cast, lang, time
):
    """S-132"""
    sign_in(Walker(time), ANA, ANA.key)
    with translation.override(lang):
        found = breaches.drill(clock.now())
        text = report.markdown(found, clock.now())
    assert "SIMULACRO" in text if lang == "es" else "DRILL" in text
    keys = sum(bool(member.key) for member in (*CAST, *WAITING))  # set as the cast was brought
    counted = f"Empleadores afectados: {keys}." if lang == "es" else f"Employers affected: {keys}."
    assert counted in text
    assert "LOPDP art. 43" in text and "LOPDP art. 46" in text
    for both in ("Alguien pudo ver datos suyos", "Somebody may have seen data of yours", "Superintendencia"):  # fmt: skip
        assert both in text
    assert "`value` (the address: codes and notices go there)" in text
    assert ANA.name not in text and ANA.email not in text and ANA.ruc not in text
    assert not Breach.objects.exists() and not Message.objects.filter(kind="breach").exists()
    assert Entry.objects.filter(event="breach_drilled").count() == 1


@pytest.fixture
def ready(monkeypatch):
    monkeypatch.setattr(command.database, "ready", lambda **_: None)


def run(*words: str):
    return CliRunner().invoke(command.command, words, obj=Clavero("es"), standalone_mode=False)


def test_the_command_opens_lists_tells_and_says_what_is_late(cast, ready, time):
    day = (clock.now() - timedelta(days=1)).strftime("%Y-%m-%d")
    done = run("open", "--what", "Un disco", "--known", day, "--from", "2026-01-01", "--until", day)
    assert done.exception is None, done.output
    number = Breach.objects.get().number
    assert number in done.output and "ARCOTEL" in done.output
    assert run("list").return_value == 0
    time.wait(86400 * 20)
    late = run("list")
    assert late.return_value == 1 and "venció" in late.output
    for to in ("authority", "arcotel"):
        assert "tarde" in run("told", number, to).output
    assert run("list").return_value == 0
    assert run("close", number).exception is None


def test_notify_without_yes_only_counts(cast, ready, time):
    found = breaches.open_breach(facts(risk_at=clock.now()), clock.now())
    sign_in(Walker(time), ANA, ANA.key)
    assert "Con correo registrado: 1" in run("notify", found.number).output
    assert not Message.objects.filter(kind="breach").exists()
    run("notify", found.number, "--yes")
    assert Message.objects.filter(kind="breach").count() == 1


def test_the_operators_are_reminded_of_each_term_once_and_a_working_day_before(cast, time, settings):  # fmt: skip
    """S-132: two recipients in five days; whom they told already they are not reminded of."""
    settings.OPERATORS_MAIL = ["una@instituto.example", "otro@instituto.example"]
    found = breaches.open_breach(facts(), clock.now())
    breaches.tell(found, "arcotel", local_day(clock.now()))
    reminded_on = []
    for _ in range(14):
        before = Entry.objects.filter(event="breach_reminded").count()
        for _ in range(2):
            services.due(clock.now())
        if Entry.objects.filter(event="breach_reminded").count() > before:
            reminded_on.append(local_day(clock.now()))
        time.wait(86400)
    (authority,) = [due for due in breaches.duties(found, reminded_on[0]) if due.to == "authority"]
    assert len(reminded_on) == 1 and authority.left == 1
    sent = Message.objects.filter(kind="breach_due")
    assert sorted(one.address for one in sent) == sorted(settings.OPERATORS_MAIL)
    written = letters.write("breach_due", json.loads(sent[0].payload), "es")
    assert found.number in written.subject and "a la autoridad" in str(written.blocks)
    assert "termina el" in str(written.blocks) and "Se perdió" not in sent[0].payload


def test_a_term_that_moves_is_another_term_and_one_that_lapsed_is_said_as_lapsed(cast, time):
    found = breaches.open_breach(facts(risk_at=clock.now()), clock.now())
    time.wait(20 * 86400)
    services.due(clock.now())
    late = Entry.objects.filter(event="breach_reminded", outcome="late")
    assert late.count() == 3
    breaches.know_risk(found, clock.now() - timedelta(days=10))
    services.due(clock.now())
    assert late.count() == 4
    for to in ("authority", "arcotel", "subjects"):
        breaches.tell(found, to, local_day(clock.now()))
    breaches.close(found, clock.now())
    time.wait(86400)
    services.due(clock.now())
    assert late.count() == 4
