"""Who asks: an address prefix, through trusted proxies only (ATTACKS 16)."""

import ipaddress
from functools import cache

from django.conf import settings
from django.http import HttpRequest

from clavero.core import networks
from clavero.core.errors import Refused
from clavero.institution import profile
from clavero.throttle.services import prefix

HONEYPOT = "website"


@cache
def _trusted() -> tuple[networks.Network, ...]:
    return tuple(ipaddress.ip_network(text, strict=False) for text in settings.TRUSTED_PROXIES)


def _is_trusted(address: str) -> bool:
    try:
        found = networks.address(address)
    except Refused:
        return False
    return any(found in network for network in _trusted())


def address(request: HttpRequest) -> str:
    """The client's address. `X-Forwarded-For` counts from the right, and only behind a trusted proxy."""
    found = request.META.get("REMOTE_ADDR") or "0.0.0.0"  # noqa: S104 (a name for "unknown")
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    while _is_trusted(found) and hops and hops[-1]:
        found = hops.pop()
    try:
        return str(networks.address(found))
    except Refused:
        return "0.0.0.0"  # noqa: S104


def asker(request: HttpRequest) -> str:
    """The network that asks."""
    return prefix(address(request))


def province(request: HttpRequest) -> str:
    """Where the profile says this address is, or ""."""
    found = networks.address(address(request))
    for network in profile().networks:
        if found in networks.parse(network.cidr):
            return network.province
    return ""


def is_bot(request: HttpRequest) -> bool:
    """Whether the field that people do not see was filled."""
    return bool(request.POST.get(HONEYPOT))
