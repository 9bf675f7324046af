"""Who counts as one asker: a household, or the narrower range that many people share."""

import pytest

from clavero.core import networks
from clavero.core.errors import Refused


@pytest.mark.parametrize(
    ("address", "shared", "asker"),
    [
        ("203.0.113.9", (), "203.0.113.0/24"),
        ("203.0.113.9", ("203.0.113.8/29",), "203.0.113.8/29"),
        ("203.0.113.99", ("203.0.113.8/29",), "203.0.113.0/24"),
        ("203.0.113.9", ("203.0.112.0/20",), "203.0.113.0/24"),
        ("2001:db8:1:2ff::9", (), "2001:db8:1:200::/56"),
        ("2001:db8:1:2ff::9", ("2001:db8:1:2ff::/64",), "2001:db8:1:2ff::/64"),
        ("2001:db8:1:2ff::9", ("2001:db8::/32", "203.0.113.8/29"), "2001:db8:1:200::/56"),
    ],
)
def test_a_shared_range_that_is_narrower_than_a_household_is_one_asker(address, shared, asker):
    assert networks.asker(networks.address(address), shared) == asker


def test_an_address_of_ipv4_in_the_clothes_of_ipv6_is_what_it_is():
    assert str(networks.address("::ffff:203.0.113.9")) == "203.0.113.9"
    assert str(networks.address("fe80::1%eth0")) == "fe80::1"


def test_an_asker_lies_in_the_range_that_holds_all_of_it():
    wide = ("100.64.0.0/12", "2001:db8::/32")
    assert networks.lies_in("100.64.7.0/24", wide) and networks.lies_in("2001:db8:7::/56", wide)
    assert not networks.lies_in("203.0.113.0/24", wide)
    assert not networks.lies_in("100.0.0.0/8", wide) and not networks.lies_in("account:7", wide)


@pytest.mark.parametrize("text", ["", "x", "203.0.113.0/33", "203.0.113.9.1"])
def test_what_is_no_range_is_refused(text):
    with pytest.raises(Refused, match="network.shape"):
        networks.parse(text)


def test_a_range_with_bits_of_a_host_says_what_is_meant():
    with pytest.raises(Refused) as refused:
        networks.parse("203.0.113.9/24")
    assert refused.value.details == {"meant": "203.0.113.0/24"}
