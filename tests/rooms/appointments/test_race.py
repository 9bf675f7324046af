"""A hundred people want the last slot at the same instant: one has it (G02, ATTACKS 26). On SQLite, in processes and threads."""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PROCESSES, THREADS = 4, 25
PREPARE = """
import django; django.setup()
from django.core.management import call_command; call_command("migrate", verbosity=0)
from clavero import clock
from clavero.appointments import queries
from clavero.appointments.models import Centre, Counter
from clavero.core import slots
week = {day: [["00:00", "23:30"]] for day in slots.WEEKDAYS}
centre = Centre.objects.create(code="ultimo", name="Último", province="Guayas", canton="Guayaquil",
                               zone="America/Guayaquil", hours=week)
Counter.objects.create(centre=centre, number=1)
print(queries.first_free(centre, queries.rules().services[0], clock.now()).timestamp() // 60)
"""
COUNT = """
import django; django.setup()
from clavero.appointments.models import Booking, Cell
print(Booking.objects.filter(state="firm").count(), Cell.objects.count(), Booking.objects.filter(state="held").count())
"""


def run(code: str, env: dict[str, str]) -> str:
    done = subprocess.run([sys.executable, "-c", code], env=env, cwd=ROOT, capture_output=True, text=True, timeout=120)  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_attack_26_of_a_hundred_at_once_one_has_the_last_slot(tmp_path):
    env = {name: value for name, value in os.environ.items() if name != "CLAVERO_TEST_DATABASE_URL"}
    env |= {
        "DJANGO_SETTINGS_MODULE": "clavero.project.settings_test",
        "CLAVERO_DATABASE_URL": f"sqlite:///{tmp_path / 'race.sqlite3'}",
        "PYTHONWARNINGS": "ignore",
    }
    at = run(PREPARE, env).split()[-1]
    start = str(time.time() + 6)
    race = [sys.executable, "-m", "tests.rooms.appointments.race", at]
    children = [
        subprocess.Popen(
            [*race, str(first * THREADS + 1), str(THREADS), start],
            env=env, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for first in range(PROCESSES)
    ]  # fmt: skip
    ended = [child.communicate(timeout=150) for child in children]
    answers = [line for out, _ in ended for line in out.split("\n") if line]
    assert len(answers) == PROCESSES * THREADS, ended
    assert answers.count("booked") == 1, answers
    assert set(answers) <= {"booked", "slot.gone", "slot.taken"}, set(answers)
    assert run(COUNT, env).split() == ["1", "6", "0"]
