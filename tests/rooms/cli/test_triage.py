"""`clavero triage`: the promised document, lines in order, one clear line for what cannot be done."""

import json
import subprocess
import sys

import pytest

from tests.rooms.cli.test_commands import ROOT, run

PROMISED = {
    "scenario", "route", "reasons", "doubts", "next", "not_helpful", "bring", "time", "dates", "what_would_change", "rules", "wording",
}  # fmt: skip


def asked(*arguments, **more):
    done = run("triage", "--json", "--on", "2026-12-09", *arguments, **more)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_document_has_the_promised_form():
    found = asked(
        "--wording", "Usuario bloqueado por exceder los intentos", "--deadline", "2026-12-15"
    )
    assert set(found) >= PROMISED
    assert (
        found["scenario"]["best"] == found["wording"]["best"] == "key_blocked"
        and found["route"] == "online"
    )
    assert len(found["scenario"]["ranked"]) >= 3 and set(found["scenario"]["ranked"][0]) == {
        "scenario",
        "score",
        "because",
    }
    assert set(found["reasons"][0]) == {"code", "class", "rule", "because"} and set(
        found["next"]
    ) == {"code", "text"}
    assert set(found["time"]) == {"min", "max", "unit", "source", "quality"}
    assert found["dates"] == {
        "from": "2026-12-09",
        "to": "2026-12-09",
        "due_on": "2026-12-15",
        "slack_days": 4,
    }
    assert all(set(each) == {"if", "then"} for each in found["what_would_change"])


def test_answers_alone_are_enough_and_the_wording_is_null():
    found = asked("--answer", "first_key=yes", "--answer", "domestic=sí")
    assert (
        found["wording"] is None
        and found["scenario"]["best"] == "first_key"
        and found["route"] == "visit"
    )
    assert len(found["scenario"]["ranked"]) >= 3
    assert (
        all(set(each) == {"text", "source", "quality"} for each in found["bring"])
        and found["bring"]
    )


def test_what_if_shows_the_other_advice_beside_this_one():
    found = asked("--answer", "email=no", "--what-if", "email=yes")
    assert found["route"] == "visit" and found["what_if"]["route"] != "visit"


def test_one_line_of_text_one_object_in_order():
    texts = ["clave bloqueada por intentos", "", "hola", "RUC suspendido", 'ño\tñandú "comillas"']
    done = run("triage", "--wording", "-", "--json", stdin="\n".join(texts) + "\n")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each["wording"]["best"] for each in found] == [
        "key_blocked",
        "none",
        "none",
        "ruc_not_active",
        "none",
    ]
    assert all(len(each["wording"]["ranked"]) >= 3 for each in found)


def test_bytes_that_are_no_text_do_not_stop_the_stream():
    command = [sys.executable, "-m", "clavero.cli", "triage", "--wording", "-", "--json"]
    done = subprocess.run(
        command, cwd=ROOT, input=b"\xff\xfe\x00 clave\nhola\n", capture_output=True, timeout=120
    )
    assert done.returncode == 0 and len(done.stdout.splitlines()) == 2


@pytest.mark.parametrize(
    "arguments",
    [("--answer", "email"), ("--answer", "nada=1"), ("--answer", "email=quizas"), ("--deadline", "ayer"), ("--on", "2026-02-30"), ("--answer", "deadline=9999-12-31"), ("--scenario", "nada"),
     ("--what-if", "x=y")],
)  # fmt: skip
def test_what_cannot_be_read_is_one_line_and_exit_2(arguments):
    done = run("triage", *arguments)
    assert done.returncode == 2 and done.stdout == "" and len(done.stderr.strip().splitlines()) == 1


def test_people_read_the_answer_first_in_their_language():
    assert run("triage", "--wording", "clave bloqueada").stdout.startswith(
        "La clave está bloqueada"
    )
    assert run("--lang", "en", "triage", "--answer", "key=blocked").stdout.startswith(
        "The key is locked"
    )


def test_it_starts_without_django():
    code = (
        "import sys; sys.modules['django'] = None; from clavero.cli import main; "
        "sys.argv = ['clavero', 'triage', '--wording', 'clave bloqueada', '--json']; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
