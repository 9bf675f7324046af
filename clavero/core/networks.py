"""Who asks, as a network: the households behind one address, and the addresses that many people share (C05, C12)."""

import ipaddress
from collections.abc import Iterable
from functools import lru_cache

from clavero.core.errors import Refused

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

HOUSEHOLD = {4: 24, 6: 56}
"""Version → the prefix that counts as one asker: what a provider gives to one customer, or little more."""
WIDEST = {4: 12, 6: 24}
"""Version → the widest range that may be called shared: more would switch the limits off."""


@lru_cache(maxsize=4096)
def parse(text: str) -> Network:
    """A range. Raises `Refused("network.shape")`, with `meant` where only bits of a host stand beside it."""
    try:
        return ipaddress.ip_network(text.strip())
    except ValueError:
        pass
    try:
        meant = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        raise Refused("network.shape") from None
    raise Refused("network.shape", meant=str(meant))


def address(text: str) -> Address:
    """An address; one of IPv4 in IPv6's clothes is what it is, and a zone says nothing. Raises `Refused("network.address")`."""
    try:
        found = ipaddress.ip_address(text.strip())
    except ValueError:
        raise Refused("network.address") from None
    if isinstance(found, ipaddress.IPv4Address):
        return found
    return found.ipv4_mapped or ipaddress.IPv6Address(int(found))


def asker(found: Address, shared: Iterable[str]) -> str:
    """The network that counts as one asker: the household, or the shared range where that is narrower."""
    ranges = [each for each in map(parse, shared) if found in each]
    size = max([HOUSEHOLD[found.version], *(each.prefixlen for each in ranges)])
    return str(ipaddress.ip_network(f"{found}/{size}", strict=False))


def is_one(asker: str) -> bool:
    """Whether this asker is a network, and not an account or a kiosk that is counted apart."""
    try:
        parse(asker)
    except Refused:
        return False
    return True


def lies_in(asker: str, shared: Iterable[str]) -> bool:
    """Whether an asker's network lies in one of these ranges; False for a text that is no network."""
    try:
        here = parse(asker)
    except Refused:
        return False
    return any(_within(here, parse(text)) for text in shared)


def _within(here: Network, whole: Network) -> bool:
    if isinstance(here, ipaddress.IPv4Network) and isinstance(whole, ipaddress.IPv4Network):
        return here.subnet_of(whole)
    if isinstance(here, ipaddress.IPv6Network) and isinstance(whole, ipaddress.IPv6Network):
        return here.subnet_of(whole)
    return False
