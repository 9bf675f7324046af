"""Somebody without any evidence does what they like, from many networks; afterwards the owner signs in at the first try.

`make test` gives them some hundred requests, `make check-security` ten thousand (CLAVERO_ADVERSARY=10000): S-045, C13.
"""

import os

import pytest
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.cast import by_id
from tests.walk import Walker, sign_in

REQUESTS = int(os.environ.get("CLAVERO_ADVERSARY", "400"))
EXAMPLES = 3
MORE_THAN_THE_BUDGET = 60
LUIS = by_id("tres_sucursales")
ROAD = "/empleadores/recuperar-clave/"
pytestmark = pytest.mark.django_db

networks = st.integers(1, 40).map(lambda n: f"198.51.{n}.7")
moves = st.sampled_from("key key key open check code secret passkey not_me wait".split())
steps = st.lists(st.tuples(moves, networks, st.text("abcdef0123456789", min_size=6, max_size=9)), min_size=20, max_size=40)  # fmt: skip


class Adversary:
    """Knows every public number of the owner, and has neither key, mailbox nor browser of theirs."""

    def __init__(self, time) -> None:
        self.time, self.sent = time, 0
        self.browsers: dict[str, Client] = {}

    def post(self, network: str, path: str, **typed: str):
        self.sent += 1
        client = self.browsers.setdefault(network, Client(REMOTE_ADDR=network))
        response = client.post(path, typed)
        assert response.status_code < 500, path
        return response

    def do(self, move: str, network: str, text: str) -> None:
        numbers = {"identification": LUIS.identification, "ruc": LUIS.ruc, "branch": LUIS.branch}
        if move == "key":
            self.post(network, "/entrar/", key=f"{text}-{text}", **numbers)
        elif move == "open":
            self.post(network, f"{ROAD}identificacion/", identification=LUIS.identification)
            self.post(network, f"{ROAD}numero/", ruc=LUIS.ruc, branch=LUIS.branch)
        elif move == "check":
            where = self.post(network, f"{ROAD}validar/").headers.get("Location", "")
            if "/caso/" in where:
                self.post(network, where, code=text)
        elif move == "code":
            self.post(network, "/mesa/entrar/", name="veronica", code=text[:6])
        elif move == "secret":
            self.post(network, "/caso/", secret=text * 3)
        elif move == "passkey":
            self.post(network, "/entrar/llave/", credential=text)
        elif move == "not_me":
            self.post(network, "/no-fui-yo/")
        else:
            self.time.wait(len(text))


@pytest.fixture
def owner(cast, time) -> Walker:
    """The owner's browser, which has signed in before."""
    walker = sign_in(Walker(time), LUIS, LUIS.key)
    walker.client.post("/salir/")
    return walker


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[
        Phase.generate
    ],  # a plan that locks the owner out is told as it is: making it smaller takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps)
def test_whatever_a_stranger_does_the_owner_signs_in_at_the_first_try(owner, time, plan):
    adversary = Adversary(time)
    while adversary.sent < REQUESTS // EXAMPLES:
        for move, network, text in plan:
            adversary.do(move, network, text + str(adversary.sent))
        adversary.sent += 1
    for n in range(MORE_THAN_THE_BUDGET):
        adversary.do("key", f"198.51.{n}.7", f"ultima-{n}")
    assert sign_in(owner, LUIS, LUIS.key).path == "/cuenta/", owner.text[:300]
    owner.client.post("/salir/")
