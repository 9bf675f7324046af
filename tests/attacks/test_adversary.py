"""Somebody without any evidence does what they like, from many networks; afterwards nothing is shut to the owner.

`make test` gives them some hundred requests, `make check-security` ten thousand on each database (CLAVERO_ADVERSARY=10000): S-045, C13.
"""

import os
import re

import pytest
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from clavero.institution import profile
from clavero.throttle.models import Bucket
from tests.cast import by_id
from tests.walk import NEW_KEY, Walker, deliver, sign_in

REQUESTS = int(os.environ.get("CLAVERO_ADVERSARY", "400"))
EXAMPLES = 3
LUIS = by_id("tres_sucursales")
ROAD = "/empleadores/recuperar-clave/"
MOVES = "key key key open open check check code code saved resend secret passkey not_me stop link record kiosk trial visit contact book hold desk wait"
pytestmark = pytest.mark.django_db

networks = st.integers(1, 40).map(lambda n: f"198.51.{n}.7")
moves = st.sampled_from(MOVES.split())
steps = st.lists(st.tuples(moves, networks, st.text("abcdef0123456789", min_size=6, max_size=9)), min_size=20, max_size=40)  # fmt: skip
generated = settings(
    max_examples=EXAMPLES,
    deadline=None,
    # a plan that locks the owner out is told as it is: making it smaller takes minutes
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class Adversary:
    """Knows every public number and the address of the owner, and has neither key, mailbox nor browser of theirs."""

    def __init__(self, time) -> None:
        self.time, self.sent = time, 0
        self.browsers: dict[str, Client] = {}
        self.cases: dict[str, str] = {}
        self.numbers = {"identification": LUIS.identification, "ruc": LUIS.ruc, "branch": LUIS.branch}  # fmt: skip

    def post(self, network: str, path: str, **typed: str):
        self.sent += 1
        client = self.browsers.setdefault(network, Client(REMOTE_ADDR=network))
        response = client.post(path, typed)
        assert response.status_code < 500, path
        where = response.headers.get("Location", "")
        if found := re.match(rf"{ROAD}caso/[^/]+/", where):
            self.cases[network] = found[0]
        return response

    def in_case(self, network: str, page: str, **typed: str) -> None:
        """A step of the case that this network opened last; a page of nobody's where it has none."""
        self.post(network, self.cases.get(network, f"{ROAD}caso/AAAAAAAA/") + page, **typed)

    def do(self, move: str, network: str, text: str) -> None:
        """One move, with `text` for whatever is guessed."""
        getattr(self, f"do_{move}")(network, text)

    def do_key(self, network: str, text: str) -> None:
        self.post(network, "/entrar/", key=f"{text}-{text}", **self.numbers)

    def do_open(self, network: str, text: str) -> None:
        self.post(network, f"{ROAD}identificacion/", identification=LUIS.identification)
        self.post(network, f"{ROAD}numero/", ruc=LUIS.ruc, branch=LUIS.branch)

    def do_check(self, network: str, text: str) -> None:
        self.time.wait(3)
        self.post(network, f"{ROAD}validar/")

    def do_code(self, network: str, text: str) -> None:
        self.in_case(network, "codigo/", code=text[:8].ljust(8, "A"))

    def do_saved(self, network: str, text: str) -> None:
        self.in_case(network, "codigo/", code=(text * 3)[:16])

    def do_resend(self, network: str, text: str) -> None:
        self.in_case(network, "otro-mensaje/")

    def do_secret(self, network: str, text: str) -> None:
        self.post(network, "/caso/", secret=(text * 5)[:26])

    def do_passkey(self, network: str, text: str) -> None:
        self.post(network, "/entrar/llave/", credential=text)

    def do_not_me(self, network: str, text: str) -> None:
        self.browsers.setdefault(network, Client(REMOTE_ADDR=network)).get(f"/no-fui-yo/{text}/")
        self.post(network, "/no-fui-yo/")

    def do_stop(self, network: str, text: str) -> None:
        self.browsers.setdefault(network, Client(REMOTE_ADDR=network)).get(f"/cancelar-pedido/{text}/")  # fmt: skip
        self.post(network, "/cancelar-pedido/")

    def do_link(self, network: str, text: str) -> None:
        self.browsers.setdefault(network, Client(REMOTE_ADDR=network)).get(f"{ROAD}enlace/{text}/")
        self.post(network, f"{ROAD}enlace/", identification=LUIS.identification)

    def do_record(self, network: str, text: str) -> None:
        self.post(network, "/es-de-verdad/", entry="1", seal=text)

    def do_kiosk(self, network: str, text: str) -> None:
        self.post(network, "/quiosco/ambato/numero/", continuation=(text * 3)[:16])

    def do_trial(self, network: str, text: str) -> None:
        self.post(network, "/guia/listo/", email=LUIS.email)

    def do_visit(self, network: str, text: str) -> None:
        self.in_case(network, "codigo/", no_access="1")
        self.in_case(network, "situacion/", situation="no_email")

    def do_contact(self, network: str, text: str) -> None:
        self.in_case(network, "sus-datos/", email=LUIS.email)

    def do_hold(self, network: str, text: str) -> None:
        page = self.browsers.setdefault(network, Client(REMOTE_ADDR=network)).get(
            self.cases.get(network, f"{ROAD}caso/AAAAAAAA/") + "turno/"
        )
        slots = re.findall(r'value="(ambato:\d+)"', page.content.decode())
        self.in_case(network, "turno/", slot=slots[len(text) % len(slots)] if slots else "ambato:1")

    def do_book(self, network: str, text: str) -> None:
        self.in_case(network, "turno/confirmar/", email=LUIS.email)
        self.in_case(network, "turno/codigo/", code=text[:8].ljust(8, "A"))

    def do_desk(self, network: str, text: str) -> None:
        self.post(network, "/mesa/entrar/", name="veronica", code=text[:6])

    def do_wait(self, network: str, text: str) -> None:
        self.time.wait(len(text))

    def follow(self, plan, requests: int) -> None:
        """The plan again and again, then every budget of the owner's that is known, to the brim."""
        while self.sent < requests:
            before = self.sent
            for move, network, text in plan:
                self.do(move, network, text + str(self.sent))
            self.sent += self.sent == before
        self.fill()

    def fill(self) -> None:
        """As many as every budget of the owner's holds and more: keys, openings, messages, codes."""
        buckets = profile().buckets
        for n in range(buckets["signin_unknown"].limit + 5):
            self.do_key(f"198.51.{n}.7", f"ultima-{n}")
        for n in range(buckets["employer_open"].limit + 5):
            network = f"198.52.{n}.7"
            self.do_open(network, "")
            self.do_check(network, "")
            for guess in ("AAAA2222", "BBBB2222"):
                self.do_code(network, guess)
            self.do_resend(network, "")


@pytest.fixture
def owner(cast, time) -> Walker:
    """The owner's browser, which has signed in before."""
    walker = sign_in(Walker(time), LUIS, LUIS.key)
    walker.client.post("/salir/")
    return walker


@generated
@given(steps)
def test_whatever_a_stranger_does_the_owner_signs_in_at_the_first_try(owner, time, plan):
    adversary = Adversary(time)
    adversary.follow(plan, REQUESTS // EXAMPLES)
    assert sign_in(owner, LUIS, LUIS.key).path == "/cuenta/", owner.text[:300]
    owner.client.post("/salir/")


def flooded(time) -> Adversary:
    """Every budget that strangers can reach is full, and they do not stop at the first refusal."""
    adversary = Adversary(time)
    for n in range(REQUESTS // 10):
        move = MOVES.split()[n % len(MOVES.split())]
        adversary.do(move, f"198.51.{n % 40}.7", f"abcdef{n}")
    adversary.fill()
    full = {key.partition(":")[0] for key in Bucket.objects.filter(full_at__isnull=False).values_list("key", flat=True)}  # fmt: skip
    assert {"signin_unknown", "employer_open", "employer_mail_hour"} <= full, full
    return adversary


def test_attack_18_strangers_do_not_keep_a_known_browser_from_recovering(owner, time):
    flooded(time)
    owner.validate(LUIS)
    assert owner.step == "code", owner.text[:300]
    owner.prove(LUIS)
    assert owner.step == "contact", owner.text[:300]
    owner.press()
    owner.finish()
    assert owner.h1 == "Acceso comprobado"


def test_the_owner_recovers_in_the_same_network_as_the_strangers_too(owner, time):
    adversary = flooded(time)
    for n in range(profile().buckets["ticket_asker"].limit + 5):
        adversary.do_open("127.0.0.99", str(n))
    assert Walker(time).to_check(LUIS).status == 429
    assert owner.validate(LUIS).step == "code"
    owner.prove(LUIS)
    assert owner.step == "contact"


def test_in_an_unknown_browser_the_owner_recovers_within_the_wait_that_is_stated(cast, time):
    flooded(time)
    walker = Walker(time).to_check(LUIS)
    time.wait(int(walker.page.select_one("[data-wait]")["data-wait"]))
    walker.press()
    if walker.status == 429:
        time.wait(int(walker.page.select_one("[data-wait]")["data-wait"]))
        walker = Walker(time).validate(LUIS)
    assert walker.step == "code", walker.text[:300]
    hours = int(re.search(r"espere unas (\d+) horas", walker.text)[1])
    time.wait(hours * 3600)
    walker = Walker(time).validate(LUIS)
    deliver()
    walker.prove(LUIS)
    assert walker.step == "contact", walker.text[:300]
    walker.press()
    assert walker.finish(NEW_KEY).h1 == "Acceso comprobado"


def test_whoever_reads_the_mailbox_may_use_the_message_that_a_stranger_asked_for(cast, time):
    """The flood itself sends what opens: at once, in a browser that nobody knows."""
    flooded(time)
    deliver()
    walker = Walker(time).open(Walker(time).mail(LUIS.email).link)
    walker.press({"identification": LUIS.identification})
    assert walker.step == "contact", walker.text[:300]


def test_the_road_by_a_centre_stays_open(counter, time):
    officer, _ = counter
    home = Walker(time, REMOTE_ADDR="203.0.113.5").validate(LUIS)
    home.press(button="no_access")
    home.to_visit("no_email")
    code = home.secret("continuation")
    flooded(time)
    officer.walker.open("/mesa/")
    officer.press("Abrir", continuation=code)
    assert "Qué decir" in officer.text


def test_a_saved_code_works_while_strangers_type_wrong_ones(owner, time):
    saved = saved_code(owner)
    walker = Walker(time).validate(LUIS)
    flooded(time)
    walker.press({"code": saved})
    assert walker.step in ("contact", "key"), walker.text[:300]


def saved_code(owner: Walker) -> str:
    from django.db import transaction

    from clavero import clock
    from clavero.keys import services as keys
    from clavero.keys.models import Account

    with transaction.atomic():
        return keys.save_code(Account.objects.get(employer__isnull=False, key_version__gt=0, last_access_at__isnull=False), case_id=None, now=clock.now())  # fmt: skip


def test_a_stranger_gets_nothing_of_a_known_browsers_budget_without_the_browser(owner, time):
    """A cookie made up, or of another account, is a stranger's."""
    device = owner.client.cookies["equipo"].value
    for value in ("x" * 43, device[:-1] + "_"):
        stranger = Walker(time)
        stranger.client.cookies["equipo"] = value
        flooded(time)
        assert stranger.validate(LUIS).status == 429 or stranger.errors == ["throttle.wait"]
    ana = by_id("en_orden")
    other = Walker(time)
    other.client.cookies["equipo"] = device
    from clavero.recovery.models import Case

    other.validate(ana)
    assert not Case.objects.latest("opened_at").known_browser
