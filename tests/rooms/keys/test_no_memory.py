"""K07: a hash that gets no memory leaves every deed on a key undone and whole, and a try is counted all the same."""

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import HashingError, VerificationError

from clavero.institution import profile
from clavero.keys import services
from clavero.keys.models import KeyEvent
from clavero.notices.models import Message
from clavero.recovery.models import Case
from tests.rooms.keys.test_keys import ANA, account
from tests.walk import NEW_KEY, Walker, sign_in

AT_ONCE = profile().buckets["signin_unknown"].quick
KIB = 2**32 - 1
"""4 TiB: what Argon2 itself answers where the machine does not give it."""


class Hungry(PasswordHasher):
    """Has no memory: to hash, to check, or both."""

    def __init__(self, *without: str) -> None:
        super().__init__(time_cost=1, memory_cost=KIB if "hash" in without else 1024, parallelism=1)
        self.without = without

    def verify(self, *args):
        if "verify" in self.without:
            raise VerificationError("Memory allocation error")
        return super().verify(*args)


@pytest.fixture
def hungry(monkeypatch):
    """`hungry("hash")` starves from here on; `hungry()` feeds again."""
    services.matches(None, "una clave")  # what strangers are compared with is made
    fed = services._hasher

    def starve(*without: str) -> None:
        monkeypatch.setattr(services, "_hasher", (lambda: Hungry(*without)) if without else fed)

    return starve


def test_argon2_itself_says_that_it_has_no_memory(hungry):
    hungry("hash")
    with pytest.raises(HashingError):
        services.prepare(1, 1, NEW_KEY)


def met(walker: Walker) -> bool:
    """The page of what is missing for a while."""
    return walker.status == 503 and "El portal no responde por ahora" in walker.text


def test_setting_a_key_waits_and_the_case_is_where_it_was(walker, hungry):
    walker.client.raise_request_exception = False
    walker.to_key(ANA)
    before = (account(ANA).key_hash, Message.objects.count(), Case.objects.get().state)
    page, form = walker.path, walker.page
    hungry("hash")
    assert met(walker.press({"key": NEW_KEY}))
    assert (account(ANA).key_hash, Message.objects.count(), Case.objects.get().state) == before
    hungry()
    walker.path, walker.page = page, form  # back, and sent once more
    walker.finish()
    assert walker.h1 == "Acceso comprobado"
    assert sign_in(Walker(walker.time), ANA, NEW_KEY).path == "/cuenta/"


@pytest.mark.parametrize("without", ["hash", "verify"])
def test_changing_a_key_waits_and_the_former_one_opens(walker, hungry, without):
    walker.client.raise_request_exception = False
    sign_in(walker, ANA, ANA.key).open("/cuenta/clave/")
    before = (account(ANA).key_hash, Message.objects.count())
    typed = {"current": ANA.key, "key": NEW_KEY}
    hungry(without)
    assert met(walker.press(typed))
    assert (account(ANA).key_hash, Message.objects.count()) == before
    hungry()
    assert sign_in(Walker(walker.time), ANA, ANA.key).path == "/cuenta/"
    walker.open("/cuenta/clave/").press(typed)
    assert sign_in(Walker(walker.time), ANA, NEW_KEY).path == "/cuenta/"


def test_a_hash_that_cannot_be_renewed_lets_its_owner_in_and_is_renewed_the_next_time(
    walker, hungry, lines
):
    old = account(ANA).key_hash
    hungry("hash")  # of another cost, too: the hash would be made anew
    assert sign_in(walker, ANA, ANA.key).path == "/cuenta/"
    assert account(ANA).key_hash == old
    assert KeyEvent.objects.filter(account=account(ANA), event="signin").count() == 1
    said = lines()
    assert [line["error"] for line in said if line["event"] == "hash_not_renewed"] == ["HashingError"]  # fmt: skip
    assert ANA.identification not in str(said)
    hungry("nothing")  # fed, at another cost
    assert sign_in(Walker(walker.time), ANA, ANA.key).path == "/cuenta/"
    assert "m=1024" in account(ANA).key_hash


def test_a_try_without_memory_is_counted_before_it_is_checked(walker, hungry):
    """Counted or not is seen from outside: after as many as may come at once, it is said to wait."""
    walker.client.raise_request_exception = False
    hungry("verify")
    statuses = []
    for _ in range(AT_ONCE + 1):
        stranger = Walker(walker.time)
        stranger.client.raise_request_exception = False
        statuses.append(sign_in(stranger, ANA, "una clave que no es").status)
    assert statuses == [503] * AT_ONCE + [429]
